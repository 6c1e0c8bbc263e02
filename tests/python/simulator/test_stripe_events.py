"""The events of the stand-in of Stripe: nothing changes without one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import http_calls
import pytest
from tiny_world import TinyWorld

from simulator.http.server import Running, running
from simulator.http.stripe_store import Store
from simulator.world.synthetic import SyntheticWorld

START = date(2026, 10, 17)
AS_OF = datetime(2026, 11, 16, 12, tzinfo=UTC)
KINDS = ("customers", "products", "prices", "subscriptions", "invoices", "refunds")
COUPON = ["discounts.source.coupon"]


def store_at(seed: int, as_of: datetime, scale: str = "small") -> Store:
    return Store(SyntheticWorld(seed, scale, as_of, START))


@pytest.mark.parametrize(
    ("seed", "scale", "step", "steps"),
    [
        (7, "small", timedelta(days=1), 12),
        (1, "small", timedelta(days=3, hours=7), 10),
        (23, "mvp", timedelta(hours=31), 3),
    ],
)
def test_whatever_changed_between_two_instants_has_an_event(
    seed: int, scale: str, step: timedelta, steps: int
) -> None:
    instant, before = AS_OF, store_at(seed, AS_OF, scale)
    changes = 0
    while instant < AS_OF + steps * step:
        later = store_at(seed, instant + step, scale)
        since = int(instant.timestamp())
        told = {
            event["data"]["object"]["id"]
            for event in later.kinds["events"]
            if event["created"] >= since
        }
        for kind in KINDS:
            paths = COUPON if kind == "subscriptions" else []
            for entry in later.kinds[kind]:
                known = before.by_id.get(entry["id"])
                now = later.expanded(entry, paths)
                if known is None or before.expanded(known, paths) != now:
                    changes += 1
                    assert entry["id"] in told, (kind, entry["id"])
        instant, before = instant + step, later
    assert changes > 0


def test_events_are_kept_for_thirty_days_and_never_change() -> None:
    early, late = store_at(7, AS_OF), store_at(7, AS_OF + timedelta(days=2))
    oldest = (AS_OF + timedelta(days=2) - timedelta(days=30)).timestamp()
    assert all(event["created"] >= int(oldest) for event in late.kinds["events"])
    known = {event["id"]: event for event in early.kinds["events"]}
    both = [event for event in late.kinds["events"] if event["id"] in known]
    assert both
    assert all(event == known[event["id"]] for event in both)
    assert len({event["id"] for event in late.kinds["events"]}) == len(late.kinds["events"])


def test_refunds_are_of_paid_invoices_and_stay() -> None:
    world = SyntheticWorld(7, "mvp", AS_OF, START)
    invoices = {invoice.invoice_id: invoice for invoice in world.invoices}
    assert world.refunds
    for refund in world.refunds:
        invoice = invoices[refund.invoice_id]
        assert invoice.paid_at is not None
        assert invoice.paid_at < refund.created_at <= AS_OF
        assert 0 < refund.amount_cents <= refund.charged_cents
    later = SyntheticWorld(7, "mvp", AS_OF + timedelta(days=5), START)
    assert set(world.refunds) <= set(later.refunds)


@pytest.fixture(scope="module")
def stand_ins() -> Iterator[Running]:
    with running(TinyWorld()) as up:
        yield up


def ask(up: Running, path: str) -> Any:
    url = f"{up.url('STRIPE_API_BASE')}/v1/{path}"
    return http_calls.get(url, auth=(up.url("STRIPE_API_KEY"), "")).json()


def test_events_by_type_newest_first(stand_ins: Running) -> None:
    every = ask(stand_ins, "events?limit=100")["data"]
    assert [e["created"] for e in every] == sorted((e["created"] for e in every), reverse=True)
    invoices = ask(stand_ins, "events?limit=100&type=invoice.*")["data"]
    assert {e["type"].partition(".")[0] for e in invoices} == {"invoice"}
    two = ask(stand_ins, "events?limit=100&types[]=invoice.created&types[]=invoice.paid")["data"]
    assert {e["type"] for e in two} == {"invoice.created", "invoice.paid"}
    first = every[-1]
    assert ask(stand_ins, f"events/{first['id']}") == first
    later = ask(stand_ins, f"events?limit=100&created[gt]={first['created']}")["data"]
    assert first not in later


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("&".join(f"types[]=t{n}" for n in range(21)), "up to 20 types"),
        ("type=a&types[]=b", "only specify one"),
        ("status=paid", "unknown parameter"),
    ],
)
def test_wrong_questions_for_events_are_refused(stand_ins: Running, query: str, said: str) -> None:
    assert said in ask(stand_ins, f"events?{query}")["error"]["message"]


def test_a_refund_names_its_charge_and_expands_it(stand_ins: Running) -> None:
    (refund,) = ask(stand_ins, "refunds")["data"]
    assert (refund["amount"], refund["charge"], refund["status"]) == (5000, "ch_1", "succeeded")
    (expanded,) = ask(stand_ins, "refunds?expand[]=data.charge")["data"]
    assert expanded["charge"]["customer"] == "cus_1"
    assert not ask(stand_ins, "refunds?charge=ch_2")["data"]


def test_items_are_listed_by_their_subscription(stand_ins: Running) -> None:
    items = ask(stand_ins, "subscription_items?subscription=sub_1&limit=1")
    assert ([item["id"] for item in items["data"]], items["has_more"]) == (["si_1"], True)
    assert "Missing required" in ask(stand_ins, "subscription_items")["error"]["message"]
    wrong = ask(stand_ins, "subscription_items?subscription=sub_x")
    assert "No such subscription" in wrong["error"]["message"]
