"""The kinds of Stripe's objects that are landed, and their rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ingest.landing import BadRow, Row
from ingest.payload import JsonObject
from ingest.shapes import SMALL, Field, a_list, boolean, fields, misfit, number, unix, whole
from ingest.sources.bad_rows import as_text
from ingest.streams import (
    STRIPE_CUSTOMERS,
    STRIPE_EVENTS,
    STRIPE_INVOICES,
    STRIPE_PRICES,
    STRIPE_PRODUCTS,
    STRIPE_REFUNDS,
    STRIPE_SUBSCRIPTIONS,
    Stream,
)

_PRICES_OF_A_LINE = ("pricing.price_details.price", "price")
_COUPONS = (
    *("discounts.*.source.coupon", "discounts.*.coupon"),
    *("discount.source.coupon", "discount.coupon"),
)
_PRICE = ("unit_amount", "unit_amount_decimal")
# What the models cast. An amount is in cents.
_SHAPES: Mapping[Stream, tuple[Field, ...]] = {
    STRIPE_CUSTOMERS: fields(boolean, "delinquent"),
    STRIPE_PRODUCTS: fields(boolean, "active"),
    STRIPE_PRICES: (
        *fields(boolean, "active"),
        *fields(number(), *_PRICE),
        *fields(whole(SMALL), "recurring.interval_count"),
    ),
    STRIPE_SUBSCRIPTIONS: (
        *fields(boolean, "cancel_at_period_end"),
        *fields(unix, "start_date", "trial_end", "canceled_at", "ended_at"),
        *fields(unix, *(f"{of}current_period_{end}" for of in ("", "items.data.*.")
                        for end in ("start", "end"))),
        *fields(number(), *(f"{of}.amount_off" for of in _COUPONS)),
        *fields(number(1000), *(f"{of}.percent_off" for of in _COUPONS)),
    ),
    STRIPE_INVOICES: (
        *fields(number(), "subtotal", "total", "amount_due", "amount_paid",
                "pre_payment_credit_notes_amount", "post_payment_credit_notes_amount"),
        *fields(unix, "status_transitions.finalized_at", "status_transitions.paid_at"),
        *fields(number(), "lines.data.*.amount", "lines.data.*.discount_amounts.*.amount"),
        *fields(a_list, "lines.data.*.discount_amounts"),
        *fields(whole(), "lines.data.*.quantity"),
        *fields(unix, "lines.data.*.period.start", "lines.data.*.period.end"),
        *fields(number(), "lines.data.*.pricing.unit_amount_decimal",
                *(f"lines.data.*.{of}.{name}" for of in _PRICES_OF_A_LINE for name in _PRICE)),
        *fields(whole(SMALL),
                *(f"lines.data.*.{of}.recurring.interval_count" for of in _PRICES_OF_A_LINE)),
        *fields(boolean, "lines.data.*.proration",
                "lines.data.*.parent.subscription_item_details.proration",
                "lines.data.*.parent.invoice_item_details.proration"),
    ),
    STRIPE_REFUNDS: fields(number(), "amount", "charge.amount"),
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Kind:
    """A kind of object: its stream, its name on the wire, and what is expanded within it."""

    stream: Stream
    object_name: str
    expand: tuple[str, ...] = ()
    listing: Mapping[str, Any] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """Return the path of the kind's list."""
        return f"/v1/{self.stream.name}"

    @property
    def list_parameters(self) -> dict[str, Any]:
        """Return what the list is asked for beside its pages."""
        expand = [f"data.{path}" for path in self.expand]
        return {**self.listing, **({"expand": expand} if expand else {})}

    @property
    def object_parameters(self) -> dict[str, Any]:
        """Return what a single object is asked for."""
        return {"expand": list(self.expand)} if self.expand else {}


INVOICES = Kind(STRIPE_INVOICES, "invoice")
# Without the expansion a discount is an id, and what it is worth is not told.
SUBSCRIPTIONS = Kind(
    STRIPE_SUBSCRIPTIONS, "subscription", ("discounts.source.coupon",), {"status": "all"}
)
CUSTOMERS = Kind(STRIPE_CUSTOMERS, "customer")
# A refund names its charge alone, and only the charge says whose it was.
REFUNDS = Kind(STRIPE_REFUNDS, "refund", ("charge",))
KINDS = (
    CUSTOMERS,
    Kind(STRIPE_PRODUCTS, "product"),
    Kind(STRIPE_PRICES, "price"),
    SUBSCRIPTIONS,
    INVOICES,
    REFUNDS,
)
_BY_NAME = {kind.object_name: kind for kind in KINDS}


def changed_object(event: JsonObject) -> tuple[Kind, str] | None:
    """Return which landed object an event speaks of; None where it is none of ours.

    A discount has no list of its own: its subscription, or its customer, is what changed.
    """
    data = event.get("data")
    told = data.get("object") if isinstance(data, dict) else None
    if not isinstance(told, dict):
        return None
    name, identity = told.get("object"), told.get("id")
    if name == "discount":
        kind = SUBSCRIPTIONS if told.get("subscription") else CUSTOMERS
        identity = told.get(kind.object_name)
    else:
        found = _BY_NAME.get(name) if isinstance(name, str) else None
        if found is None:
            return None
        kind = found
    return (kind, identity) if isinstance(identity, str) and identity else None


def parse_object(stream: Stream, found: Any) -> Row | BadRow:
    """Return the row of a Stripe object; a bad one without id, time or (an invoice) lines."""
    location = f"{stream.name} (no id)"
    reason = "the object has no id"
    if isinstance(found, dict) and isinstance(found.get("id"), str) and found["id"]:
        location = f"{stream.name} {found['id']}"
        created = found.get("created")
        if not isinstance(created, int) or isinstance(created, bool):
            reason = "the object has no time of creation"
        elif stream is STRIPE_INVOICES and not _has_list(found, "lines"):
            reason = "the invoice has no list of lines"
        elif stream is STRIPE_SUBSCRIPTIONS and not _has_list(found, "items"):
            reason = "the subscription has no list of items"
        elif stream is STRIPE_EVENTS and not isinstance(found.get("type"), str):
            reason = "the event has no type"
        elif (misfitting := misfit(found, _SHAPES.get(stream, ()))) is not None:
            reason = misfitting
        else:
            try:
                return Row((found["id"], datetime.fromtimestamp(created, UTC)), found)
            except (ValueError, OverflowError, OSError):
                reason = f"the time of creation is none: {created}"
    return BadRow(location, reason, as_text(found))


def _has_list(found: JsonObject, name: str) -> bool:
    held = found.get(name)
    return isinstance(held, dict) and isinstance(held.get("data"), list)
