"""Life stories, the invoices made of them, and the truth of MRR."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal

import pytest

from simulator.world.billing import SubscriptionBook
from simulator.world.days import first_instant, month_start, next_month
from simulator.world.model import Invoice, InvoiceLine, Price, Subscription
from simulator.world.mrr import MonthlyRevenue, monthly_revenue, movements
from simulator.world.price_list import PriceList
from simulator.world.scripted_lives import FIFTH_FOR_GOOD, HALF_FOR_THREE_MONTHS
from simulator.world.stories import Change, Ending, LifeStory, Plan, SubscriptionStory
from simulator.world.synthetic import SyntheticWorld

CENT = Decimal("0.01")
STARTER, GROWTH = Plan("starter", "month"), Plan("growth", "month")
PRICES = PriceList(7, datetime(2025, 1, 1, tzinfo=UTC))


def at(month: int, day: int, hour: int = 12, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)


def life(*subscriptions: SubscriptionStory) -> LifeStory:
    return LifeStory("customer", subscriptions[0].started_at, subscriptions)


def book(story: SubscriptionStory) -> SubscriptionBook:
    return SubscriptionBook(7, PRICES, "cus_1", story)


def base(rows: Iterable[MonthlyRevenue]) -> list[str]:
    return [str(row.base_usd) for row in rows]


# A customer by hand: starter on 10 January, growth from 20 March, gone at once on 15 May.
UPGRADED = SubscriptionStory(
    "customer",
    1,
    at(1, 10),
    STARTER,
    changes=(Change(at(3, 20), GROWTH),),
    ending=Ending("immediate", at(5, 15), at(5, 15)),
)


def test_mrr_of_a_customer_by_hand() -> None:
    rows = monthly_revenue(life(UPGRADED), at(6, 20))
    assert base(rows) == ["297.00", "297.00", "997.00", "997.00", "0.00", "0.00"]
    assert [row.month for row in rows][::5] == [date(2026, 1, 1), date(2026, 6, 1)]
    assert [row.has_subscription for row in rows] == [True, True, True, True, False, False]


def test_movements_of_a_customer_by_hand() -> None:
    trial = SubscriptionStory(
        "customer",
        1,
        at(1, 25),
        STARTER,
        trial_days=14,
        changes=(Change(at(3, 20), GROWTH), Change(at(4, 20), STARTER)),
        ending=Ending("immediate", at(6, 15), at(6, 15)),
    )
    back = SubscriptionStory("customer", 2, at(8, 1), STARTER)
    told = [
        (each.name, str(each.opening_usd), str(each.closing_usd))
        for each in movements(life(trial, back), at(9, 20))
    ]
    assert told == [
        ("none", "0.00", "0.00"),
        ("new", "0.00", "297.00"),
        ("expansion", "297.00", "997.00"),
        ("contraction", "997.00", "297.00"),
        ("none", "297.00", "297.00"),
        ("churn", "297.00", "0.00"),
        ("none", "0.00", "0.00"),
        ("reactivation", "0.00", "297.00"),
        ("none", "297.00", "297.00"),
    ]


def test_running_month_is_told_as_of_the_instant() -> None:
    assert base(monthly_revenue(life(UPGRADED), at(3, 15)))[-1] == "297.00"
    assert base(monthly_revenue(life(UPGRADED), at(3, 25)))[-1] == "997.00"
    assert base(monthly_revenue(life(UPGRADED), at(5, 15)))[-1] == "997.00"
    assert base(monthly_revenue(life(UPGRADED), at(5, 16)))[-1] == "0.00"
    assert monthly_revenue(life(UPGRADED), at(1, 10)) == []


def test_upgrade_is_invoiced_at_once_with_prorations() -> None:
    invoices = book(UPGRADED).invoices(at(6, 20))
    reasons = [(invoice.billing_reason, invoice.created_at) for invoice in invoices]
    assert reasons == [
        ("subscription_create", at(1, 10)),
        ("subscription_cycle", at(2, 10)),
        ("subscription_cycle", at(3, 10)),
        ("subscription_update", at(3, 20)),
        ("subscription_cycle", at(4, 10)),
        ("subscription_cycle", at(5, 10)),
    ]
    unused, remaining = invoices[3].lines
    # 21 of 31 days are left: 297 x 21/31 = 201.19, 997 x 21/31 = 675.39.
    assert (unused.amount_cents, remaining.amount_cents) == (-20_119, 67_539)
    assert unused.is_proration
    assert remaining.is_proration
    assert (unused.period_start, unused.period_end) == (at(3, 20), at(4, 10))
    assert [line.amount_cents for line in invoices[4].lines] == [99_700]


def test_nothing_of_the_future_is_told() -> None:
    subscription = book(UPGRADED).subscription(at(3, 19))
    assert subscription.status == "active"
    assert subscription.ended_at is None
    assert subscription.canceled_at is None
    assert subscription.items[0].price_id == PRICES.licensed(STARTER).price_id
    assert len(book(UPGRADED).invoices(at(3, 19))) == 3


def test_anchor_on_the_31st_clamps_to_the_months_end() -> None:
    story = SubscriptionStory("customer", 1, at(1, 31), STARTER)
    starts = [invoice.created_at for invoice in book(story).invoices(at(5, 1))]
    assert starts == [at(1, 31), at(2, 28), at(3, 31), at(4, 30)]


def test_discounts_trials_and_years() -> None:
    half = SubscriptionStory("customer", 1, at(1, 10), STARTER, coupon=HALF_FOR_THREE_MONTHS)
    # The periods that begin on 10 January, February and March are at half price.
    assert base(monthly_revenue(life(half), at(4, 30))) == ["148.50", "148.50", "148.50", "297.00"]
    invoices = book(half).invoices(at(4, 30))
    assert [each.lines[0].discount_cents for each in invoices] == [14_850, 14_850, 14_850, 0]
    fifth = SubscriptionStory("customer", 1, at(1, 10), GROWTH, coupon=FIFTH_FOR_GOOD)
    assert base(monthly_revenue(life(fifth), at(2, 20))) == ["797.60", "797.60"]
    trial = SubscriptionStory("customer", 1, at(1, 25), STARTER, trial_days=14)
    assert base(monthly_revenue(life(trial), at(2, 20))) == ["0.00", "297.00"]
    assert monthly_revenue(life(trial), at(2, 1))[0].has_subscription
    assert book(trial).subscription(at(2, 1)).status == "trialing"
    yearly = SubscriptionStory("customer", 1, at(1, 10), Plan("growth", "year"))
    assert base(monthly_revenue(life(yearly), at(2, 20))) == ["830.83", "830.83"]


def test_move_to_a_year_begins_a_new_period_at_once() -> None:
    move = Change(at(2, 25), Plan("starter", "year"), moves_interval=True)
    story = SubscriptionStory("customer", 1, at(1, 10), STARTER, changes=(move,))
    assert base(monthly_revenue(life(story), at(4, 1))) == ["297.00", "247.50", "247.50", "247.50"]
    invoice = book(story).invoices(at(4, 1))[-1]
    # 13 of the 28 days from 10 February are left: 297 x 13/28 = 137.89.
    assert [line.amount_cents for line in invoice.lines] == [-13_789, 297_000]
    assert invoice.lines[1].period_end == at(2, 25, year=2027)
    assert book(story).subscription(at(4, 1)).billing_cycle_anchor == at(2, 25)


def test_unpaid_subscription_is_past_due_then_ends() -> None:
    ended = at(3, 31)
    story = SubscriptionStory(
        "customer", 1, at(1, 10), STARTER, ending=Ending("unpaid", ended, ended)
    )
    assert book(story).subscription(at(3, 20)).status == "past_due"
    assert book(story).invoices(at(3, 20))[-1].status == "open"
    assert base(monthly_revenue(life(story), at(3, 20)))[-1] == "297.00"
    assert book(story).subscription(at(4, 2)).status == "canceled"
    assert book(story).invoices(at(4, 2))[-1].status == "uncollectible"
    assert base(monthly_revenue(life(story), at(4, 2))) == ["297.00", "297.00", "0.00", "0.00"]


def test_reissued_invoice_counts_once() -> None:
    story = SubscriptionStory("customer", 1, at(1, 10), STARTER, reissued_periods=frozenset({1}))
    invoices = book(story).invoices(at(2, 20))
    assert [invoice.status for invoice in invoices] == ["paid", "void", "paid"]
    lines = [line.line_id for invoice in invoices for line in invoice.lines]
    assert len(set(lines)) == 3
    assert [invoice.status for invoice in book(story).invoices(at(2, 10, 13))] == ["paid", "open"]


def by_customer(world: SyntheticWorld) -> dict[str, list[InvoiceLine]]:
    lines: dict[str, list[InvoiceLine]] = defaultdict(list)
    for invoice in world.invoices:
        if invoice.status != "void":
            lines[invoice.customer_id] += invoice.lines
    return lines


def in_force(line: InvoiceLine, instant: datetime, ended: Mapping[str, datetime | None]) -> bool:
    end = ended.get(line.subscription_id or "") or line.period_end
    return line.period_start < instant <= min(line.period_end, end)


def monthly_amount(line: InvoiceLine, price: Price) -> Decimal:
    cents = Decimal(line.amount_cents - line.discount_cents)
    if line.is_proration:
        cents = Decimal(price.unit_amount_cents or 0) * (1 if line.amount_cents > 0 else -1)
    months = 12 if price.interval == "year" else 1
    return (cents / months / 100).quantize(CENT, ROUND_HALF_UP)


def derived(
    lines: list[InvoiceLine],
    prices: Mapping[str, Price],
    ended: Mapping[str, datetime | None],
    month: date,
    as_of: datetime,
) -> tuple[bool, Decimal, Decimal]:
    """Return (has a subscription, base, overage) of a month, from invoice lines alone."""
    instant = min(first_instant(next_month(month)), as_of)
    base_usd = overage_usd = Decimal("0.00")
    has_subscription = False
    for line in lines:
        price = prices[line.price_id or ""]
        if price.usage_type == "metered":
            if month_start(line.period_end.date()) == month:
                overage_usd += Decimal(line.amount_cents - line.discount_cents) / 100
        elif in_force(line, instant, ended):
            has_subscription = True
            base_usd += monthly_amount(line, price)
    return has_subscription, base_usd, overage_usd if has_subscription else Decimal(0)


@pytest.mark.parametrize("scale", ["small", "mvp"])
@pytest.mark.parametrize("seed", [1, 7])
@pytest.mark.parametrize(
    "as_of",
    [at(11, 20), first_instant(date(2026, 3, 1)), datetime(2027, 1, 31, 23, 59, 59, tzinfo=UTC)],
)
def test_mrr_follows_from_invoice_lines(scale: str, seed: int, as_of: datetime) -> None:
    world = SyntheticWorld(seed, scale, as_of)
    prices = {price.price_id: price for price in world.prices}
    ended = {each.subscription_id: each.ended_at for each in world.subscriptions}
    lines = by_customer(world)
    for person in world.people:
        for row in monthly_revenue(person.life, as_of):
            own = lines[person.user.stripe_customer_id]
            assert derived(own, prices, ended, row.month, as_of) == (
                row.has_subscription, row.base_usd, row.overage_usd,
            )  # fmt: skip


def moves(rows: Iterable[MonthlyRevenue]) -> Iterable[str]:
    before, ever = Decimal(0), False
    for row in rows:
        total = row.base_usd + row.overage_usd
        if total > 0 == before:
            yield "reactivation" if ever else "new"
        elif total == 0 < before:
            yield "churn"
        elif total != before:
            yield "expansion" if total > before else "contraction"
        before, ever = total, ever or total > 0


@pytest.mark.parametrize("scale", ["small", "mvp"])
@pytest.mark.parametrize("seed", [1, 2, 3, 7])
def test_every_movement_is_in_the_books(seed: int, scale: str) -> None:
    world = SyntheticWorld(seed, scale, at(4, 3))
    counted: Counter[str] = Counter()
    for person in world.people:
        told = list(moves(monthly_revenue(person.life, at(4, 3))))
        moved = [each.name for each in movements(person.life, at(4, 3)) if each.name != "none"]
        assert moved == told
        counted.update(told)
    assert set(counted) == {"new", "reactivation", "expansion", "contraction", "churn"}


def test_books_hold_each_kind_of_invoice() -> None:
    worlds = [SyntheticWorld(seed, "small", at(4, 3)) for seed in (1, 7)]
    for world in worlds:
        invoices: list[Invoice] = list(world.invoices)
        subscriptions: list[Subscription] = list(world.subscriptions)
        lines = [line for invoice in invoices for line in invoice.lines]
        assert {"paid", "void", "uncollectible"} <= {invoice.status for invoice in invoices}
        assert {"active", "canceled"} <= {each.status for each in subscriptions}
        assert any(line.discount_cents for line in lines)
        assert any(line.is_proration and line.amount_cents < 0 for line in lines)
        assert any(line.description.startswith("Trial period") for line in lines)
        assert any(line.quantity > 1 for line in lines)
        assert not any(line.is_proration and line.discount_cents for line in lines)
        assert len({line.line_id for line in lines}) == len(lines)
        assert len({invoice.number for invoice in invoices}) == len(invoices)
        assert all(invoice.created_at <= world.as_of for invoice in invoices)
