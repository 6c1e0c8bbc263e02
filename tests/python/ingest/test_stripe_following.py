"""How Stripe's extractor keeps up: by events, by reading all again weekly, through deletions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from standins import A_DAY_LATER, AS_OF, extract, payloads, raw_rows, serving
from stripe_standin import KEY, KINDS, START, TABLES, extractor, land, world_at

from ingest.sources.stripe import extractor as module
from ingest.sources.stripe.client import MissingObjectError
from ingest.sources.stripe.extractor import EVENT_TYPES
from ingest.sources.stripe.objects import changed_object
from simulator.http import stripe as standin
from simulator.world.model import Invoice
from simulator.world.synthetic import SyntheticWorld
from warehouse.connection import WarehouseTarget, connect


def test_a_second_run_changes_nothing_and_only_asks_for_events(
    clean_warehouse: WarehouseTarget,
) -> None:
    world = world_at(scale="mvp")
    land(world, clean_warehouse, AS_OF)
    before = raw_rows(clean_warehouse, *TABLES)
    service = land(world, clean_warehouse, AS_OF)
    assert raw_rows(clean_warehouse, *TABLES) == before
    assert dict(service.calls) == {"GET /v1/events": len(EVENT_TYPES)}


def _settled_next_day(world: SyntheticWorld) -> tuple[Invoice, SyntheticWorld]:
    """Return an open invoice of the past, and the next day's world in which it is paid."""
    past = [i for i in world.invoices if i.created_at < AS_OF - timedelta(days=3)]
    opened = replace(past[-1], status="open", paid_at=None)
    later = world_at(A_DAY_LATER, "mvp")
    for told, invoice in ((world, opened), (later, replace(opened, status="paid", paid_at=AS_OF))):
        told.invoices = [
            invoice if each.invoice_id == invoice.invoice_id else each for each in told.invoices
        ]
    return opened, later


def test_a_day_later_what_is_new_or_settled_is_landed(
    clean_warehouse: WarehouseTarget,
) -> None:
    world = world_at(scale="mvp")
    opened, later = _settled_next_day(world)
    land(world, clean_warehouse, AS_OF)
    before = payloads(clean_warehouse, "raw_billing.invoices")
    assert before[opened.invoice_id]["status"] == "open"
    service = land(later, clean_warehouse, A_DAY_LATER)
    after = payloads(clean_warehouse, "raw_billing.invoices")
    new = {i.invoice_id for i in later.invoices} - {i.invoice_id for i in world.invoices}
    assert new
    assert set(after) == {i.invoice_id for i in later.invoices}
    statuses = {i.invoice_id: i.status for i in later.invoices}
    for identity in new | {opened.invoice_id}:
        assert after[identity]["status"] == statuses[identity]
    lists = {call for call in service.calls if call.count("/") == 2}
    assert lists == {"GET /v1/events"}  # no full sweep
    fetched = {call.rpartition("/")[2] for call in service.calls} - {"events"}
    assert {i for i in fetched if i.startswith("in_")} == new | {opened.invoice_id}
    assert len(fetched) < len(later.invoices) / 5


@pytest.mark.parametrize("seed", [3, 7])
def test_following_events_gives_what_reading_everything_gives(
    clean_warehouse: WarehouseTarget, seed: int
) -> None:
    def told(target: WarehouseTarget) -> dict[str, Any]:
        return {kind: payloads(target, f"raw_billing.{kind}") for kind in KINDS}

    instant = AS_OF
    for hours in (0, 7, 24, 0, 49, 60):  # less than a week in all: nothing but events
        instant += timedelta(hours=hours)
        land(SyntheticWorld(seed, "small", instant, START), clean_warehouse, instant)
    followed = told(clean_warehouse)
    with connect(clean_warehouse) as connection:
        connection.execute("delete from ops.cursors")
    before = raw_rows(clean_warehouse, *TABLES)
    service = land(SyntheticWorld(seed, "small", instant, START), clean_warehouse, instant)
    assert service.calls["GET /v1/invoices"] > 0
    assert told(clean_warehouse) == followed
    assert raw_rows(clean_warehouse, *TABLES) == before


def test_after_a_week_every_invoice_is_read_again(clean_warehouse: WarehouseTarget) -> None:
    land(world_at(scale="mvp"), clean_warehouse, AS_OF)
    a_week_later = AS_OF + timedelta(days=7)
    later = world_at(a_week_later, "mvp")
    written_off = replace(later.invoices[0], status="uncollectible", paid_at=None)
    later.invoices = [written_off, *later.invoices[1:]]
    service = land(later, clean_warehouse, a_week_later)
    landed = payloads(clean_warehouse, "raw_billing.invoices")
    assert landed[written_off.invoice_id]["status"] == "uncollectible"
    assert service.calls["GET /v1/invoices"] > 1
    assert set(landed) == {i.invoice_id for i in later.invoices}


def test_a_deleted_draft_is_told_and_a_lost_invoice_stays(
    clean_warehouse: WarehouseTarget,
) -> None:
    world = world_at()
    draft, opened = (
        replace(invoice, status=status, paid_at=None)
        for invoice, status in zip(world.invoices[:2], ("draft", "open"), strict=True)
    )
    everything, world.invoices = world.invoices, [draft, opened, *world.invoices[2:]]
    land(world, clean_warehouse, AS_OF)
    world.invoices = everything[2:]
    land(world, clean_warehouse, AS_OF + timedelta(days=7))
    landed = payloads(clean_warehouse, "raw_billing.invoices")
    assert landed[draft.invoice_id]["status"] == "deleted"
    assert landed[opened.invoice_id]["status"] == "open"


@dataclass
class Answers:
    """Answers of an API that is none, by path."""

    found: dict[str, Any]

    def get(self, path: str, **_: Any) -> Any:
        if path not in self.found:
            raise MissingObjectError(path)
        return self.found[path]

    def pages(self, path: str, **parameters: Any) -> Any:
        wanted = self.found.get(path, [])
        types = parameters.get("types")
        yield [x for x in wanted if types is None or x["type"] in types]

    def close(self) -> None:
        pass


def test_what_was_deleted_is_told_as_it_was_known_last(
    clean_warehouse: WarehouseTarget, monkeypatch: pytest.MonkeyPatch
) -> None:
    since = int(AS_OF.timestamp()) - 100
    lines: dict[str, Any] = {"object": "list", "data": [], "has_more": False}
    customer = {"id": "cus_1", "object": "customer", "created": since, "email": "a@example.com"}
    draft = {"id": "in_1", "created": since, "status": "draft", "lines": lines}
    paid = {"id": "in_2", "created": since, "status": "paid", "lines": lines}
    lists = {"/v1/customers": [customer], "/v1/invoices": [draft, paid]}
    answers = Answers({**lists, "/v1/invoices/in_1": draft})
    monkeypatch.setattr(module, "StripeApi", lambda _: answers)
    extract(extractor("unused"), clean_warehouse)

    def event(n: int, kind: str, **holder: Any) -> dict[str, Any]:
        named = {"id": f"evt_{n}", "created": int(A_DAY_LATER.timestamp()) - n}
        return {**named, "type": kind, "data": {"object": holder}}

    answers.found["/v1/events"] = [
        event(1, "customer.deleted", object="customer", id="cus_1"),
        event(2, "invoice.deleted", object="invoice", id="in_1"),
        event(3, "invoice.updated", object="invoice", id="in_2"),
        event(4, "refund.created", object="refund", id="re_never_landed"),
    ]
    answers.found["/v1/customers/cus_1"] = {"id": "cus_1", "object": "customer", "deleted": True}
    del answers.found["/v1/invoices/in_1"]
    extract(extractor("unused"), clean_warehouse, A_DAY_LATER)
    customers = payloads(clean_warehouse, "raw_billing.customers")
    assert customers == {"cus_1": {**customer, "deleted": True}}
    invoices = payloads(clean_warehouse, "raw_billing.invoices")
    assert {key: row["status"] for key, row in invoices.items()} == {
        "in_1": "deleted",
        "in_2": "paid",
    }
    assert len(payloads(clean_warehouse, "raw_billing.events")) == 4


def test_an_extraction_that_fails_midway_follows_its_events_again(
    clean_warehouse: WarehouseTarget,
) -> None:
    world = world_at(scale="mvp")
    opened, later = _settled_next_day(world)
    land(world, clean_warehouse, AS_OF)
    calls = 0

    def stop() -> None:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise KeyboardInterrupt

    with serving(standin.service(later, KEY)) as base, pytest.raises(KeyboardInterrupt):
        extract(extractor(base), clean_warehouse, A_DAY_LATER, on_advance=stop)
    land(later, clean_warehouse, A_DAY_LATER)
    invoices = payloads(clean_warehouse, "raw_billing.invoices")
    assert invoices[opened.invoice_id]["status"] == "paid"
    assert set(invoices) == {i.invoice_id for i in later.invoices}


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"object": "invoice", "id": "in_1"}, ("invoices", "in_1")),
        ({"object": "refund", "id": "re_1"}, ("refunds", "re_1")),
        ({"object": "discount", "subscription": "sub_1"}, ("subscriptions", "sub_1")),
        ({"object": "discount", "customer": "cus_1"}, ("customers", "cus_1")),
        ({"object": "discount"}, None),
        ({"object": "charge", "id": "ch_1"}, None),
        ({"object": "invoice"}, None),
        ({"object": ["invoice"], "id": "in_1"}, None),
        ("in_1", None),
        (None, None),
    ],
)
def test_which_object_an_event_speaks_of(told: Any, expected: tuple[str, str] | None) -> None:
    found = changed_object({"data": {"object": told}})
    assert (found and (found[0].stream.name, found[1])) == expected
    assert changed_object({"data": told}) is None or isinstance(told, dict)
    assert changed_object({}) is None


def test_a_call_for_events_names_at_most_twenty_types() -> None:
    assert all(len(types) <= 20 for types in EVENT_TYPES)
    assert len({name for types in EVENT_TYPES for name in types}) == sum(map(len, EVENT_TYPES))
