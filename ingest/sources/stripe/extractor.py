"""Stripe's customers, products, prices, subscriptions and invoices into `raw_billing`.

Stripe's lists can be filtered by when an object was created, not by when it changed, so:

- customers, products, prices and subscriptions (hundreds) are read whole each time; the merge
  writes those that differ;
- invoices (many, and settled ones rarely change) are read from shortly before the last
  extraction on, those that were landed as draft or open are read again one by one, and once a
  week all of them are, because a settled invoice can still be credited or written off.

Nothing that was created after the as-of instant is landed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from typing import Any

from ingest.extraction import Extraction
from ingest.landing import BadRow, Cursor, Row
from ingest.payload import JsonObject, parse_json
from ingest.sources.bad_rows import as_text
from ingest.sources.stripe.client import MissingObjectError, StripeApi, StripeConfig
from ingest.streams import (
    STRIPE_CUSTOMERS,
    STRIPE_INVOICES,
    STRIPE_PRICES,
    STRIPE_PRODUCTS,
    STRIPE_SUBSCRIPTIONS,
    Stream,
)

ENTITIES: tuple[tuple[Stream, dict[str, Any]], ...] = (
    (STRIPE_CUSTOMERS, {}),
    (STRIPE_PRODUCTS, {}),
    (STRIPE_PRICES, {}),
    # Without the expansion a discount is an id, and what it is worth is not told.
    (STRIPE_SUBSCRIPTIONS, {"status": "all", "expand": ["data.discounts.source.coupon"]}),
)
SWEEP_DAYS = 7
OVERLAP_SECONDS = 3600
_BATCH_OBJECTS = 1_000


class StripeExtractor:
    """Lands the streams of `stripe`."""

    name = "stripe"

    def __init__(self, config: StripeConfig) -> None:
        """Take the credentials and the address."""
        self._config = config

    def extract(self, extraction: Extraction) -> None:
        """Land what is new or changed; a back-fill reads the invoices created on its days."""
        with closing(StripeApi(self._config)) as api:
            for stream, parameters in ENTITIES:
                reading = _Reading(api, stream, extraction)
                reading.land(
                    reading.listed(_created(last=extraction.as_of), **parameters),
                    Cursor("", {"swept_at": extraction.as_of.isoformat()}),
                )
            _extract_invoices(api, extraction)

    def check(self) -> str:
        """Ask for a product."""
        with closing(StripeApi(self._config)) as api:
            api.get("/v1/products", limit=1)
            return f"Stripe answers at {api.base} and accepts the key."


def _extract_invoices(api: StripeApi, extraction: Extraction) -> None:
    reading, as_of = _Reading(api, STRIPE_INVOICES, extraction), extraction.as_of
    if extraction.since is not None or extraction.until is not None:
        first = _midnight(extraction.since) if extraction.since else None
        last = _midnight(extraction.until, 1) - timedelta(seconds=1) if extraction.until else as_of
        reading.land(reading.listed(_created(first, min(last, as_of))), None)
        return
    cursor = extraction.lander.read_cursor(STRIPE_INVOICES)
    swept_at = datetime.fromisoformat(cursor["swept_at"]) if cursor else None
    if cursor is None or swept_at is None or as_of - swept_at >= timedelta(days=SWEEP_DAYS):
        reached = Cursor("", {"created": int(as_of.timestamp()), "swept_at": as_of.isoformat()})
        reading.land(reading.listed(_created(last=as_of)), reached)
        return
    first = datetime.fromtimestamp(cursor["created"] - OVERLAP_SECONDS, UTC)
    created = max(cursor["created"], int(as_of.timestamp()))
    reached = Cursor("", {"created": created, "swept_at": cursor["swept_at"]})
    reading.land(reading.listed(_created(first, as_of)), None)
    reading.land(reading.unsettled(), reached)


class _Reading:
    """The reading of one stream."""

    def __init__(self, api: StripeApi, stream: Stream, extraction: Extraction) -> None:
        self._api = api
        self._stream = stream
        self._extraction = extraction
        self._seen: set[str] = set()
        extraction.progress.start(stream.source, stream.name, None)

    def listed(self, created: dict[str, int], **parameters: Any) -> Iterator[JsonObject]:
        """Yield the objects of the stream's list that were created in that time."""
        path = f"/v1/{self._stream.name}"
        for page in self._api.pages(path, created=created, **parameters):
            for found in page:
                yield self._completed(found)

    def unsettled(self) -> Iterator[JsonObject]:
        """Yield the invoices that were landed as draft or open, as they are now.

        A draft can be deleted, and is then told as Stripe tells deleted objects; an invoice that
        is not there for another reason stays as it was landed.
        """
        landed = self._extraction.lander.query(
            """
            select id, payload::text from raw_billing.invoices
            where payload ->> 'status' in ('draft', 'open') order by id
            """
        )
        for identity, payload in landed:
            if identity in self._seen:
                continue
            try:
                yield self._completed(self._api.get(f"/v1/invoices/{identity}"))
            except MissingObjectError:
                last_known = parse_json(payload)
                if last_known["status"] == "draft":
                    yield {**last_known, "status": "deleted", "deleted": True}

    def _completed(self, found: Any) -> Any:
        """Return an invoice with all of its lines: a list embeds the first ones only."""
        if not isinstance(found, dict):
            return found
        lines = found.get("lines")
        if isinstance(lines, dict) and lines.get("has_more") and isinstance(found.get("id"), str):
            pages = self._api.pages(f"/v1/invoices/{found['id']}/lines")
            every = [line for page in pages for line in page]
            return {**found, "lines": {**lines, "data": every, "has_more": False}}
        return found

    def land(self, objects: Iterable[Any], reached: Cursor | None) -> None:
        """Land the objects in batches, the cursor with the last: lists begin with the newest."""
        stream, lander = self._stream, self._extraction.lander
        rows: list[Row | BadRow] = []
        for found in objects:
            row = parse_object(stream, found)
            if isinstance(row, Row):
                self._seen.add(row.values[0])
                if row.values[1] > self._extraction.as_of:
                    continue
            rows.append(row)
            self._extraction.progress.advance(stream.source, stream.name)
            if len(rows) >= _BATCH_OBJECTS:
                lander.land(stream, rows)
                rows = []
        if rows or reached is not None:
            lander.land(stream, rows, cursors=[] if reached is None else [reached])


def parse_object(stream: Stream, found: Any) -> Row | BadRow:
    """Return the row of a Stripe object; a bad one without id, time or (an invoice) lines."""
    location = f"{stream.name} (no id)"
    reason = "the object has no id"
    if isinstance(found, dict) and isinstance(found.get("id"), str) and found["id"]:
        location = f"{stream.name} {found['id']}"
        created = found.get("created")
        if not isinstance(created, int) or isinstance(created, bool):
            reason = "the object has no time of creation"
        elif stream is STRIPE_INVOICES and not _has_lines(found):
            reason = "the invoice has no list of lines"
        else:
            try:
                return Row((found["id"], datetime.fromtimestamp(created, UTC)), found)
            except (ValueError, OverflowError, OSError):
                reason = f"the time of creation is none: {created}"
    return BadRow(location, reason, as_text(found))


def _has_lines(invoice: JsonObject) -> bool:
    lines = invoice.get("lines")
    return isinstance(lines, dict) and isinstance(lines.get("data"), list)


def _created(first: datetime | None = None, last: datetime | None = None) -> dict[str, int]:
    """Return Stripe's filter by creation, both ends included."""
    ends = {"gte": first, "lte": last}
    return {name: int(at.timestamp()) for name, at in ends.items() if at is not None}


def _midnight(day: date, days_later: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=days_later)
