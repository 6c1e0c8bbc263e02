"""Read the objects of one kind whole, and land them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from urllib.parse import quote

from ingest.extraction import Extraction
from ingest.landing import BadRow, Cursor, Row
from ingest.payload import parse_json
from ingest.sources.stripe.client import MissingObjectError, StripeApi
from ingest.sources.stripe.objects import INVOICES, SUBSCRIPTIONS, Kind, parse_object
from ingest.streams import Stream

_BATCH_OBJECTS = 1_000
_LISTED_WITHIN = {SUBSCRIPTIONS.object_name: "items", INVOICES.object_name: "lines"}


class Reading:
    """The reading of one kind."""

    def __init__(self, api: StripeApi, kind: Kind, extraction: Extraction) -> None:
        """Take the API and the kind."""
        self._api, self._kind, self._extraction = api, kind, extraction
        self._seen: set[str] = set()

    def listed(self, created: dict[str, int]) -> Iterator[Any]:
        """Yield the objects of the kind's list that were created in that time."""
        for page in self._api.pages(self._kind.path, created=created, **self._kind.list_parameters):
            for found in page:
                yield self._completed(found)

    def single(self, identities: Iterable[str]) -> Iterator[Any]:
        """Yield the objects of those ids as they are now, by a call each.

        One that was deleted is told as it was known last, with `deleted`; so Stripe tells deleted
        objects. An invoice can be deleted as a draft alone: one that is not there for another
        reason stays as it was landed.
        """
        for identity in identities:
            try:
                found = self._api.get(
                    f"{self._kind.path}/{quote(identity, safe='')}", **self._kind.object_parameters
                )
            except MissingObjectError:
                found = {"deleted": True}
            if found.get("deleted") is True:
                yield from self._deleted(identity)
            else:
                yield self._completed(found)

    def unsettled(self) -> Iterator[Any]:
        """Yield the landed drafts and open invoices that the list did not tell, as they are now."""
        landed = self._extraction.lander.query(
            """
            select id from raw_billing.invoices
            where payload ->> 'status' in ('draft', 'open') order by id
            """
        )
        yield from self.single(row[0] for row in landed if row[0] not in self._seen)

    def _deleted(self, identity: str) -> Iterator[Any]:
        landed = self._extraction.lander.query(
            f"select payload::text from {self._kind.stream.table} where id = %s", (identity,)
        )
        for (payload,) in landed:
            last_known = parse_json(payload)
            if self._kind is not INVOICES:
                yield {**last_known, "deleted": True}
            elif last_known.get("status") == "draft":
                yield {**last_known, "status": "deleted", "deleted": True}

    def _completed(self, found: Any) -> Any:
        """Return an object with all of its lines or items: it embeds the first ones only."""
        within = _LISTED_WITHIN.get(self._kind.object_name)
        if within is None or not isinstance(found, dict) or not isinstance(found.get("id"), str):
            return found
        part = found.get(within)
        if not isinstance(part, dict) or not part.get("has_more"):
            return found
        if self._kind is INVOICES:
            pages = self._api.pages(f"/v1/invoices/{quote(found['id'], safe='')}/lines")
        else:
            pages = self._api.pages("/v1/subscription_items", subscription=found["id"])
        try:
            every = [entry for page in pages for entry in page]
        except MissingObjectError:
            return {**found, within: None}  # the first ones alone would be wrong: quarantine
        return {**found, within: {**part, "data": every, "has_more": False}}

    def land(self, objects: Iterable[Any], reached: Cursor | None = None) -> None:
        """Land the objects that were created by the as-of instant, and the cursor."""
        self._seen |= land_objects(self._extraction, self._kind.stream, objects, reached)


def land_objects(
    extraction: Extraction, stream: Stream, objects: Iterable[Any], reached: Cursor | None
) -> set[str]:
    """Land objects in batches, the cursor with the last: lists begin with the newest.

    Returns the ids that were read.
    """
    extraction.progress.start(stream.source, stream.name, None)
    seen: set[str] = set()
    rows: list[Row | BadRow] = []
    for found in objects:
        row = parse_object(stream, found)
        if isinstance(row, Row):
            seen.add(row.values[0])
            if row.values[1] > extraction.as_of:
                continue
        rows.append(row)
        extraction.progress.advance(stream.source, stream.name)
        if len(rows) >= _BATCH_OBJECTS:
            extraction.lander.land(stream, rows)
            rows = []
    if rows or reached is not None:
        extraction.lander.land(stream, rows, cursors=[] if reached is None else [reached])
    return seen


def created_within(first: datetime | None = None, last: datetime | None = None) -> dict[str, int]:
    """Return the filter of Stripe's lists for a time of creation, both ends included."""
    bounds = {"gte": first, "lte": last}
    return {name: int(at.timestamp()) for name, at in bounds.items() if at is not None}
