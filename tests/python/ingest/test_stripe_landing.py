"""What Stripe's extractor lands of the stand-in's objects, whole and of chosen days."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from standins import AS_OF, payloads, query, raw_rows
from stripe_standin import TABLES, land, world_at

from warehouse.connection import WarehouseTarget


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
