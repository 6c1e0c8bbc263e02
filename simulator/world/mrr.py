"""The truth of monthly recurring revenue, read off the life stories and never off invoices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from simulator.world.days import first_instant, month_start, months_between, next_month
from simulator.world.stories import (
    MONTHS,
    OVERAGE_CENTS,
    LifeStory,
    SubscriptionStory,
    discount_cents,
    overage_units,
    price_cents,
    whole_cents,
)

_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class MonthlyRevenue:
    """Recurring revenue of a customer at a month's end, or at `as_of` in the running month."""

    month: date
    has_subscription: bool
    base_usd: Decimal
    overage_usd: Decimal


def monthly_revenue(life: LifeStory, as_of: datetime) -> list[MonthlyRevenue]:
    """Return a customer's months, from the first with a subscription to `as_of`'s."""
    known = life.known_at(as_of)
    if not known:
        return []
    months = months_between(known[0].started_at.date(), month_start(as_of.date()))
    return [_month(life, month, as_of) for month in months]


@dataclass(frozen=True, slots=True)
class Movement:
    """How a customer's recurring revenue moved in a month: from what, to what, and its name."""

    month: date
    opening_usd: Decimal
    closing_usd: Decimal
    name: str


def movements(life: LifeStory, as_of: datetime) -> list[Movement]:
    """Return how each of the customer's months moved, as the state of the life has it."""
    moved: list[Movement] = []
    opening, has_left, pays = Decimal("0.00"), False, False
    for each in monthly_revenue(life, as_of):
        closing = each.base_usd + each.overage_usd
        name = "none"
        if closing and not pays:
            name = "reactivation" if has_left else "new"
        elif pays and not closing:
            name = "churn"
        elif closing != opening:
            name = "expansion" if closing > opening else "contraction"
        has_left, pays = has_left or name == "churn", bool(closing)
        moved.append(Movement(each.month, opening, closing, name))
        opening = closing
    return moved


def _month(life: LifeStory, month: date, as_of: datetime) -> MonthlyRevenue:
    end = min(first_instant(next_month(month)), as_of)
    alive = life.alive_at(end)
    if alive is None:
        return MonthlyRevenue(month, False, Decimal("0.00"), Decimal("0.00"))
    cents = sum(_overage_cents(story, first_instant(month), end) for story in life.known_at(end))
    return MonthlyRevenue(month, True, _base_usd(alive, end), (cents * _CENT).quantize(_CENT))


def _base_usd(story: SubscriptionStory, instant: datetime) -> Decimal:
    """Return a month's worth of the plan in force just before the instant, less its coupon."""
    if story.trial_end is not None and instant <= story.trial_end:
        return Decimal("0.00")
    plan = story.plan_before(instant)
    cents = price_cents(plan)
    period_start = max(start for start, _ in _periods_before(story, instant))
    cents -= discount_cents(story, cents, period_start)
    return (Decimal(cents) / MONTHS[plan.interval] / 100).quantize(_CENT, ROUND_HALF_UP)


def _overage_cents(story: SubscriptionStory, since: datetime, until: datetime) -> int:
    """Return the overage, less its coupon, of the usage periods that end in [since, until)."""
    if not story.is_metered:
        return 0
    total = 0
    for start, until_renewal in _periods_before(story, until):
        end = until_renewal
        if story.ending is not None and story.ending.ended_at < end:
            if story.ending.kind == "unpaid":
                continue
            end = story.ending.ended_at
        if since <= end < until:
            units = overage_units(story, story.plan_before(end).tier, start, end)
            amount = whole_cents(units * OVERAGE_CENTS)
            total += amount - discount_cents(story, amount, end)
    return total


def _periods_before(story: SubscriptionStory, instant: datetime) -> list[tuple[datetime, datetime]]:
    """Return the periods that began before the instant and before the subscription's end."""
    periods: list[tuple[datetime, datetime]] = []
    for start, end in story.periods():
        if start >= instant or (story.ending is not None and start >= story.ending.ended_at):
            return periods
        periods.append((start, end))
    raise AssertionError("periods never end")
