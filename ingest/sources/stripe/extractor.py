"""What Stripe knows of customers, prices, subscriptions, invoices and refunds, into `raw_billing`.

Stripe's lists can be filtered by when an object was created, not by when it changed. So all lists
are read once; from then on the events are followed, and what they speak of is fetched again, one
object a call. Once a week all lists are read again: events reach 30 days back, and need not come
in order or at all.

The events are landed last, together with how far they were followed: after a crash they are new
again. Nothing that was created after the as-of instant is landed.
"""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from typing import Any

from ingest.extraction import Extraction
from ingest.landing import Cursor
from ingest.sources.stripe.client import StripeApi, StripeConfig
from ingest.sources.stripe.objects import INVOICES, KINDS, REFUNDS, changed_object
from ingest.sources.stripe.reading import Reading, created_within, land_objects
from ingest.streams import STRIPE_EVENTS

SWEEP_DAYS = 7
OVERLAP_SECONDS = 3600
# What may change an object that is landed; a call takes 20 names at most.
EVENT_TYPES = (
    (
        *(f"customer.{what}" for what in ("created", "updated", "deleted")),
        *(f"customer.discount.{what}" for what in ("created", "updated", "deleted")),
        *(f"customer.subscription.{what}" for what in ("created", "updated", "deleted")),
        *(f"customer.subscription.{what}" for what in ("paused", "resumed")),
        *(f"product.{what}" for what in ("created", "updated", "deleted")),
        *(f"price.{what}" for what in ("created", "updated", "deleted")),
    ),
    (
        *(f"invoice.{what}" for what in ("created", "updated", "finalized", "deleted")),
        *(f"invoice.{what}" for what in ("paid", "payment_failed", "voided")),
        *(f"invoice.{what}" for what in ("marked_uncollectible", "overdue", "overpaid")),
        *(f"refund.{what}" for what in ("created", "updated", "failed")),
    ),
)


class StripeExtractor:
    """Lands the streams of `stripe`."""

    name = "stripe"

    def __init__(self, config: StripeConfig) -> None:
        """Take the credentials and the address."""
        self._config = config

    def extract(self, extraction: Extraction) -> None:
        """Land what is new or changed; a back-fill reads what was billed on its days."""
        with closing(StripeApi(self._config)) as api:
            if extraction.since is not None or extraction.until is not None:
                _back_fill(api, extraction)
                return
            cursor = extraction.lander.read_cursor(STRIPE_EVENTS)
            if cursor is None or _is_sweep_due(cursor, extraction.as_of):
                _sweep(api, extraction)
            else:
                _follow(api, extraction, cursor)

    def check(self) -> str:
        """Ask for a product."""
        with closing(StripeApi(self._config)) as api:
            api.get("/v1/products", limit=1)
            return f"Stripe answers at {api.base} and accepts the key."


def _is_sweep_due(cursor: dict[str, Any], as_of: datetime) -> bool:
    return as_of - datetime.fromisoformat(cursor["swept_at"]) >= timedelta(days=SWEEP_DAYS)


def _back_fill(api: StripeApi, extraction: Extraction) -> None:
    """Read the invoices and refunds created on the days asked for, and everything else whole."""
    as_of = extraction.as_of
    first = _midnight(extraction.since) if extraction.since else None
    last = _midnight(extraction.until, 1) - timedelta(seconds=1) if extraction.until else as_of
    for kind in KINDS:
        reading = Reading(api, kind, extraction)
        is_dated = kind in (INVOICES, REFUNDS)
        days = created_within(first, min(last, as_of)) if is_dated else created_within(last=as_of)
        reading.land(reading.listed(days))


def _sweep(api: StripeApi, extraction: Extraction) -> None:
    """Read every list; events are followed from the as-of instant on, not from the sweep's end."""
    as_of = extraction.as_of
    for kind in KINDS:
        reading = Reading(api, kind, extraction)
        reading.land(reading.listed(created_within(last=as_of)))
        if kind is INVOICES:
            reading.land(reading.unsettled())
    reached = {"created": int(as_of.timestamp()), "swept_at": as_of.isoformat()}
    ((newest,),) = extraction.lander.query("select max(created_at) from raw_billing.events")
    first = None if newest is None else newest - timedelta(seconds=OVERLAP_SECONDS)
    events = _new_events(api, extraction, first)
    land_objects(extraction, STRIPE_EVENTS, events, Cursor("", reached))


def _follow(api: StripeApi, extraction: Extraction, cursor: dict[str, Any]) -> None:
    """Fetch what the new events speak of."""
    first = datetime.fromtimestamp(cursor["created"] - OVERLAP_SECONDS, UTC)
    events = _new_events(api, extraction, first)
    changed = {changed_object(event) for event in events if isinstance(event, dict)}
    for kind in KINDS:
        identities = sorted(one[1] for one in changed if one is not None and one[0] is kind)
        if identities:
            reading = Reading(api, kind, extraction)
            reading.land(reading.single(identities))
    created = max(cursor["created"], int(extraction.as_of.timestamp()))
    reached = {"created": created, "swept_at": cursor["swept_at"]}
    if events or reached != cursor:
        land_objects(extraction, STRIPE_EVENTS, events, Cursor("", reached))


def _new_events(api: StripeApi, extraction: Extraction, first: datetime | None) -> list[Any]:
    """Return the events from an instant on that were not landed yet."""
    days = created_within(first, extraction.as_of)
    told = [
        event
        for types in EVENT_TYPES
        for page in api.pages("/v1/events", created=days, types=list(types))
        for event in page
    ]
    landed = extraction.lander.query(
        "select id from raw_billing.events where %s::timestamptz is null or created_at >= %s",
        (first, first),
    )
    known = {row[0] for row in landed}
    return [e for e in told if not isinstance(e, dict) or str(e.get("id")) not in known]


def _midnight(day: date, days_later: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=days_later)
