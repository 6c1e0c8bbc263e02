"""Stripe's objects of a world by kind, in the order of its lists, and the expanding of ids."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any

from simulator.http import errors
from simulator.http import stripe_invoices as invoices
from simulator.http import stripe_resources as resources
from simulator.http.errors import ApiError
from simulator.http.stripe_events import events
from simulator.http.stripe_resources import Resource
from simulator.world.model import World

API_VERSION = "2026-10-28.endive"
_DEEPEST = 4


class Store:
    """The objects of each kind, newest first, and every object by its id."""

    def __init__(self, world: World) -> None:
        """Make every object once: a world does not change while it is served."""
        users = {user.stripe_customer_id: user for user in world.customers}
        products = {price.price_id: price.product_id for price in world.prices}
        self.lines: dict[str, list[Resource]] = {
            invoice.invoice_id: [
                invoices.invoice_line(line, invoice, products) for line in invoice.lines
            ]
            for invoice in world.invoices
        }
        latest: dict[str, str] = {}
        for invoice in sorted(world.invoices, key=lambda entry: entry.created_at):
            if invoice.subscription_id is not None:
                latest[invoice.subscription_id] = invoice.invoice_id
        self.items: dict[str, list[Resource]] = {
            entry.subscription_id: resources.subscription_items(entry, world)
            for entry in world.subscriptions
        }
        self.kinds: dict[str, list[Resource]] = {
            "customers": [resources.customer(user) for user in world.customers],
            "products": [resources.product(product) for product in world.products],
            "prices": [resources.price(price) for price in world.prices],
            "subscriptions": [
                resources.subscription(
                    entry, self.items[entry.subscription_id], latest.get(entry.subscription_id)
                )
                for entry in world.subscriptions
            ],
            "invoices": [
                invoices.invoice(entry, users.get(entry.customer_id), self.lines[entry.invoice_id])
                for entry in world.invoices
            ],
            "refunds": [resources.refund(entry) for entry in world.refunds],
        }
        self.by_id: dict[str, Resource] = {}
        for kind in self.kinds:
            self._file(kind)
        self.kinds["events"] = events(world, self.by_id, API_VERSION)
        self._file("events")
        self._file_parts(world)

    def _file(self, kind: str) -> None:
        """Put the objects of a kind in the order of its list, and note their ids."""
        objects = self.kinds[kind]
        objects.reverse()  # of two that were made in one second, the later one first
        objects.sort(key=lambda entry: -entry["created"])
        self.by_id.update((entry["id"], entry) for entry in objects)

    def _file_parts(self, world: World) -> None:
        """Note the ids of what has no list of its own here."""
        for items in self.items.values():
            self.by_id.update((item["id"], item) for item in items)
        for refund in world.refunds:
            self.by_id[refund.charge_id] = resources.charge(refund)
        coupons_since = min((price.created_at for price in world.prices), default=world.as_of)
        for holder in world.subscriptions:
            for discount in holder.discounts:
                self.by_id[discount.coupon_id] = resources.coupon(discount, coupons_since)
                self.by_id[discount.discount_id] = resources.discount(discount, holder)

    def expanded(self, body: Resource, paths: Iterable[str]) -> Resource:
        """Return `body` with the ids at `paths` replaced by their objects; 400 where it cannot."""
        wanted = list(paths)
        if not wanted:
            return body
        whole = copy.deepcopy(body)
        for path in wanted:
            steps = path.split(".")
            if len(steps) > _DEEPEST:
                raise errors.stripe(
                    400,
                    f"You cannot expand more than {_DEEPEST} levels of a property. "
                    f"Property: {path}",
                )
            self._expand(whole, steps, path)
        return whole

    def _expand(self, holder: Resource, steps: list[str], path: str) -> None:
        if steps[0] not in holder:
            raise _cannot(path)
        value = self._object(holder[steps[0]])
        holder[steps[0]] = value
        if len(steps) == 1:
            if isinstance(value, str | int):
                raise _cannot(path)
            return
        for entry in value if isinstance(value, list) else [value]:
            if isinstance(entry, dict):
                self._expand(entry, steps[1:], path)

    def _object(self, value: Any) -> Any:
        """Return the object an id stands for (each one of a list); anything else as it is."""
        if isinstance(value, list):
            return [self._object(entry) for entry in value]
        if isinstance(value, str) and value in self.by_id:
            return copy.deepcopy(self.by_id[value])
        return value


def _cannot(path: str) -> ApiError:
    return errors.stripe(400, f"This property cannot be expanded ({path}).", param="expand[0]")
