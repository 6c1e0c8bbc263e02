"""Stripe's events: one whenever an object was made or changed, kept for 30 days.

They are told from what the world's subscriptions and invoices say of their own past. An event
carries its object cut to what names it: who follows events fetches the object.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from simulator.http.stripe_resources import Resource
from simulator.http.wire import unix
from simulator.world.model import Invoice, Subscription, World
from simulator.world.random_streams import base62

KEPT = timedelta(days=30)
# An open invoice makes its subscription past due a moment after this time.
_GRACE = timedelta(hours=3, seconds=1)
_TYPES = {
    "customers": "customer",
    "products": "product",
    "prices": "price",
    "subscriptions": "customer.subscription",
    "invoices": "invoice",
    "refunds": "refund",
}
_Change = tuple[datetime, str, str, str]  # when, kind of the object, its id, what happened


def events(world: World, by_id: dict[str, Resource], api_version: str) -> list[Resource]:
    """Return the events of the last 30 days before the world's instant, oldest first."""
    told = []
    for at, kind, identity, what in sorted(set(_changes(world))):
        if world.as_of - KEPT < at <= world.as_of and identity in by_id:
            told.append(_event(at, kind, identity, what, by_id[identity], api_version))
    return told


def _event(
    at: datetime, kind: str, identity: str, what: str, holder: Resource, api_version: str
) -> Resource:
    named = {
        name: holder[name] for name in ("id", "object", "created", "customer") if name in holder
    }
    return {
        "id": "evt_" + base62(24, kind, identity, what, at.isoformat()),
        "object": "event",
        "api_version": api_version,
        "created": unix(at),
        "data": {"object": named},
        "livemode": False,
        "pending_webhooks": 0,
        "request": {"id": None, "idempotency_key": None},
        "type": f"{_TYPES[kind]}.{what}",
    }


def _changes(world: World) -> Iterator[_Change]:
    for user in world.customers:
        yield user.signup_at, "customers", user.stripe_customer_id, "created"
    for product in world.products:
        yield product.created_at, "products", product.product_id, "created"
    for price in world.prices:
        yield price.created_at, "prices", price.price_id, "created"
    for refund in world.refunds:
        yield refund.created_at, "refunds", refund.refund_id, "created"
    yield from _billing_changes(world)


def _billing_changes(world: World) -> Iterator[_Change]:
    for subscription in world.subscriptions:
        for at, what in _subscription_changes(subscription):
            yield at, "subscriptions", subscription.subscription_id, what
    for invoice in world.invoices:
        for at, what in _invoice_changes(invoice):
            yield at, "invoices", invoice.invoice_id, what
        if invoice.subscription_id is not None:
            for at in _standing_changes(invoice):
                yield at, "subscriptions", invoice.subscription_id, "updated"


def _subscription_changes(entry: Subscription) -> Iterator[tuple[datetime, str]]:
    yield entry.created_at, "created"
    for at in (entry.canceled_at, entry.trial_end, entry.discounts_ended_at):
        if at is not None:
            yield at, "updated"
    for item in entry.items:
        yield item.current_period_start, "updated"
    if entry.ended_at is not None:
        yield entry.ended_at, "deleted"


def _invoice_changes(entry: Invoice) -> Iterator[tuple[datetime, str]]:
    yield entry.created_at, "created"
    yield entry.finalized_at, "finalized"
    if entry.paid_at is not None:
        yield entry.paid_at, "paid"
    if entry.settled_at is not None:
        yield entry.settled_at, "voided" if entry.status == "void" else "marked_uncollectible"


def _standing_changes(entry: Invoice) -> Iterator[datetime]:
    """Yield when an invoice changed its subscription: its latest invoice, or its status."""
    yield entry.created_at
    if entry.paid_at is None or entry.paid_at >= entry.created_at + _GRACE:
        yield entry.created_at + _GRACE
    for at in (entry.paid_at, entry.settled_at):
        if at is not None:
            yield at
