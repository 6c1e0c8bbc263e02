"""Stripe's extractor against the stand-in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from standins import (
    A_DAY_LATER,
    AS_OF,
    IMPATIENT,
    dead_address,
    extract,
    payloads,
    quarantine,
    query,
    raw_rows,
    serving,
)

from ingest.landing import BadRow, Row
from ingest.sources.stripe import extractor as module
from ingest.sources.stripe.client import MissingObjectError, StripeConfig
from ingest.sources.stripe.extractor import EVENT_TYPES, StripeExtractor
from ingest.sources.stripe.objects import changed_object, parse_object
from ingest.streams import STRIPE_CUSTOMERS, STRIPE_EVENTS, STRIPE_INVOICES, STRIPE_SUBSCRIPTIONS
from simulator.http import stripe as standin
from simulator.http.service import Service
from simulator.world.model import Invoice
from simulator.world.synthetic import SyntheticWorld
from warehouse.connection import WarehouseTarget, connect
from warehouse.errors import (
    ConfigurationError,
    CredentialsError,
    QuotaError,
    SourceUnavailableError,
)

KEY = "sk_test_4eC39HqLyjWDarjtT1zdp7dc"
KINDS = ("customers", "products", "prices", "subscriptions", "invoices", "refunds")
TABLES = [f"raw_billing.{kind}" for kind in (*KINDS, "events")]
START = date(2026, 10, 17)


def world_at(as_of: datetime = AS_OF, scale: str = "small") -> SyntheticWorld:
    return SyntheticWorld(7, scale, as_of, START)


def extractor(base: str, key: str = KEY) -> StripeExtractor:
    return StripeExtractor(StripeConfig(key, base, IMPATIENT))


def land(world: SyntheticWorld, target: WarehouseTarget, as_of: datetime, **days: Any) -> Service:
    """Extract from the world's stand-in; return it with its calls counted."""
    service = standin.service(world, KEY)
    with serving(service) as base:
        extract(extractor(base), target, as_of, **days)
    return service


def test_everything_is_landed_as_it_is_in_the_world(clean_warehouse: WarehouseTarget) -> None:
    world = world_at(scale="mvp")  # 515 invoices: several pages
    land(world, clean_warehouse, AS_OF)
    landed = {table: payloads(clean_warehouse, table) for table in TABLES}
    assert set(landed["raw_billing.customers"]) == {u.stripe_customer_id for u in world.customers}
    assert set(landed["raw_billing.products"]) == {p.product_id for p in world.products}
    assert set(landed["raw_billing.prices"]) == {p.price_id for p in world.prices}
    assert set(landed["raw_billing.subscriptions"]) == {
        s.subscription_id for s in world.subscriptions
    }
    refunds = landed["raw_billing.refunds"]
    assert {key: (row["amount"], row["charge"]["customer"]) for key, row in refunds.items()} == {
        refund.refund_id: (refund.amount_cents, refund.customer_id) for refund in world.refunds
    }
    assert landed["raw_billing.events"]
    invoices = landed["raw_billing.invoices"]
    assert set(invoices) == {invoice.invoice_id for invoice in world.invoices}
    for invoice in world.invoices:
        lines = invoices[invoice.invoice_id]["lines"]["data"]
        assert [(line["id"], line["amount"], line["period"]["start"]) for line in lines] == [
            (line.line_id, line.amount_cents, int(line.period_start.timestamp()))
            for line in invoice.lines
        ]
    created = dict(query(clean_warehouse, "select id, created_at from raw_billing.invoices"))
    assert created == {i.invoice_id: i.created_at.replace(microsecond=0) for i in world.invoices}


def test_discounts_come_with_their_coupon_and_exact_percentage(
    clean_warehouse: WarehouseTarget,
) -> None:
    world = world_at(scale="mvp")
    discounted = [s for s in world.subscriptions if s.discounts]
    assert discounted
    first = discounted[0]
    first = replace(first, discounts=(replace(first.discounts[0], percent_off=Decimal("33.33")),))
    world.subscriptions = [first]
    land(world, clean_warehouse, AS_OF)
    (subscription,) = payloads(clean_warehouse, "raw_billing.subscriptions").values()
    coupon = subscription["discounts"][0]["source"]["coupon"]
    assert coupon["percent_off"] == Decimal("33.33")
    assert coupon["id"] == first.discounts[0].coupon_id


def test_all_lines_of_a_long_invoice_are_landed(clean_warehouse: WarehouseTarget) -> None:
    world = world_at()
    line = world.invoices[-1].lines[0]
    many = tuple(replace(line, line_id=f"il_{number:04}") for number in range(230))
    world.invoices = [replace(world.invoices[-1], lines=many)]
    land(world, clean_warehouse, AS_OF)
    before = raw_rows(clean_warehouse, *TABLES)
    (invoice,) = payloads(clean_warehouse, "raw_billing.invoices").values()
    assert [entry["id"] for entry in invoice["lines"]["data"]] == [x.line_id for x in many]
    assert invoice["lines"]["has_more"] is False
    land(world, clean_warehouse, AS_OF)
    assert raw_rows(clean_warehouse, *TABLES) == before


def test_all_items_of_a_long_subscription_are_landed(clean_warehouse: WarehouseTarget) -> None:
    world = world_at()
    item = world.subscriptions[-1].items[0]
    many = tuple(replace(item, item_id=f"si_{number:04}") for number in range(25))
    world.subscriptions = [replace(world.subscriptions[-1], items=many)]
    land(world, clean_warehouse, AS_OF)
    (subscription,) = payloads(clean_warehouse, "raw_billing.subscriptions").values()
    assert [entry["id"] for entry in subscription["items"]["data"]] == [x.item_id for x in many]
    assert subscription["items"]["has_more"] is False


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


def test_nothing_created_after_the_as_of_instant_is_landed(
    clean_warehouse: WarehouseTarget,
) -> None:
    earlier = AS_OF - timedelta(days=10)
    world = world_at()
    land(world, clean_warehouse, earlier)
    expected = {
        i.invoice_id for i in world.invoices if i.created_at.timestamp() <= int(earlier.timestamp())
    }
    assert set(payloads(clean_warehouse, "raw_billing.invoices")) == expected
    assert len(expected) < len(world.invoices)


def test_a_back_fill_reads_the_invoices_of_its_days_and_moves_no_cursor(
    clean_warehouse: WarehouseTarget,
) -> None:
    world = world_at(scale="mvp")
    day = world.invoices[len(world.invoices) // 2].created_at.date()
    land(world, clean_warehouse, AS_OF, since=day, until=day)
    expected = {i.invoice_id for i in world.invoices if i.created_at.date() == day}
    assert set(payloads(clean_warehouse, "raw_billing.invoices")) == expected
    cursors = query(clean_warehouse, "select stream from ops.cursors")
    assert ("invoices",) not in cursors


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


def test_a_malformed_object_goes_to_quarantine(clean_warehouse: WarehouseTarget) -> None:
    world = world_at()
    with serving(standin.service(world, KEY), "malformed") as base:
        landed = extract(extractor(base), clean_warehouse)
    assert landed.quarantined == 1
    ((location, reason, payload),) = quarantine(clean_warehouse)
    assert (location, reason) == ("invoices (no id)", "the object has no id")
    assert '"object":"invoice"' in payload
    rows = payloads(clean_warehouse, "raw_billing.invoices")
    assert len(rows) == len(world.invoices) - 1


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        ({"id": "cus_1"}, "the object has no time of creation"),
        ({"id": "cus_1", "created": True}, "the object has no time of creation"),
        ({"id": "cus_1", "created": 10**20}, f"the time of creation is none: {10**20}"),
        ({"id": 7, "created": 1}, "the object has no id"),
        ("cus_1", "the object has no id"),
        (None, "the object has no id"),
    ],
)
def test_objects_that_are_none(found: Any, reason: str) -> None:
    row = parse_object(STRIPE_CUSTOMERS, found)
    assert isinstance(row, BadRow)
    assert row.reason == reason


def test_an_invoice_without_lines_is_none() -> None:
    row = parse_object(STRIPE_INVOICES, {"id": "in_1", "created": 1})
    assert isinstance(row, BadRow)
    assert isinstance(parse_object(STRIPE_SUBSCRIPTIONS, {"id": "sub_1", "created": 1}), BadRow)
    assert isinstance(parse_object(STRIPE_EVENTS, {"id": "evt_1", "created": 1}), BadRow)
    assert isinstance(parse_object(STRIPE_CUSTOMERS, {"id": "cus_1", "created": 1}), Row)


@pytest.mark.parametrize(
    ("fault", "error", "said"),
    [
        ("401", CredentialsError, "Stripe refused the key"),
        ("403", CredentialsError, "Stripe refused the key"),
        ("429", QuotaError, "Stripe limits the rate"),
        ("503", SourceUnavailableError, "Stripe cannot be read at http://127"),
        ("400", SourceUnavailableError, "Stripe did not understand the request"),
        ("truncated", SourceUnavailableError, "Stripe cannot be read"),
    ],
)
def test_failures_are_told_in_a_sentence(
    clean_warehouse: WarehouseTarget, fault: str, error: type[Exception], said: str
) -> None:
    service = standin.service(world_at(), KEY)
    with serving(service, fault) as base, pytest.raises(error, match=said) as caught:
        extract(extractor(base), clean_warehouse)
    assert KEY not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 600
    tried = sum(service.calls.values())
    assert tried == (IMPATIENT.attempts if fault in ("429", "503", "truncated") else 1)


def test_a_wrong_key_is_told(clean_warehouse: WarehouseTarget) -> None:
    with serving(standin.service(world_at(), KEY)) as base:
        wrong = extractor(base, "sk_test_wrong")
        with pytest.raises(CredentialsError, match="STRIPE_API_KEY"):
            extract(wrong, clean_warehouse)
        with pytest.raises(CredentialsError):
            wrong.check()
        assert "accepts the key" in extractor(base).check()
    with pytest.raises(ConfigurationError, match="STRIPE_API_KEY"):
        extractor(base, "sk test\n").check()
    assert KEY not in repr(StripeConfig(KEY))


def test_a_dead_server_is_told(clean_warehouse: WarehouseTarget) -> None:
    with pytest.raises(SourceUnavailableError, match="Stripe cannot be read at http://127"):
        extract(extractor(dead_address()), clean_warehouse)
