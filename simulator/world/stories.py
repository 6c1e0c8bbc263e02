"""The life of a subscription: what a customer did, from which invoices and truth both follow.

`simulator/world/billing.py` turns a story into invoices the way Stripe does;
`simulator/world/mrr.py` reads the revenue of a month off the story itself. Neither reads the other,
so that a warehouse that derives MRR from invoice lines is really checked.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from simulator.world.days import add_months
from simulator.world.random_streams import generator

TIERS = ("beta", "starter", "growth", "enterprise")
MONTHLY_CENTS = {"beta": 0, "starter": 29_700, "growth": 99_700, "enterprise": 299_700}
MONTHS = {"month": 1, "year": 12}
YEAR_COSTS_MONTHS = 10
OVERAGE_CENTS = Decimal("0.35")  # a render credit beyond those that the tier includes

_MEAN_OVERAGE = {"beta": 0, "starter": 9_000, "growth": 26_000, "enterprise": 70_000}


class Plan(NamedTuple):
    """What is subscribed to: a tier, by the month or by the year."""

    tier: str
    interval: str


@dataclass(frozen=True, slots=True)
class Coupon:
    """A percentage off, for some months from the first invoice on or (None) for good."""

    coupon_id: str
    percent_off: Decimal
    months: int | None


@dataclass(frozen=True, slots=True)
class Change:
    """A move to another price: at a renewal (without proration) or inside a period (with)."""

    at: datetime
    plan: Plan
    moves_interval: bool = False  # then it begins a new period at once


@dataclass(frozen=True, slots=True)
class Ending:
    """How a subscription ends: at its period's end, at once, or because nobody paid."""

    kind: str  # period_end | immediate | unpaid
    requested_at: datetime
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class SubscriptionStory:
    """One subscription from its start; changes in order, periods counted from 0."""

    user_key: str
    serial: int
    started_at: datetime
    plan: Plan
    trial_days: int = 0
    coupon: Coupon | None = None
    is_metered: bool = False
    changes: tuple[Change, ...] = ()
    ending: Ending | None = None
    days_late: tuple[tuple[int, int], ...] = ()  # (period, days until its invoice is paid)
    always_days_late: int = 0
    reissued_periods: frozenset[int] = frozenset()

    @property
    def trial_end(self) -> datetime | None:
        """Return when the trial ends; None without a trial."""
        return self.started_at + timedelta(days=self.trial_days) if self.trial_days else None

    @property
    def anchor(self) -> datetime:
        """Return the instant from which paid periods are counted."""
        return self.trial_end or self.started_at

    @property
    def discount_end(self) -> datetime | None:
        """Return the first instant without the coupon; None: there is none, or it is for good."""
        if self.coupon is None or self.coupon.months is None:
            return None
        return add_months(self.started_at, self.coupon.months)

    def is_discounted(self, invoiced_at: datetime) -> bool:
        """Say whether an invoice of that instant gets the coupon."""
        end = self.discount_end
        return self.coupon is not None and (end is None or invoiced_at < end)

    def lateness(self, period: int) -> int:
        """Return the days after which the period's invoice is paid (0: at once)."""
        return dict(self.days_late).get(period, self.always_days_late)

    def plan_at(self, instant: datetime) -> Plan:
        """Return the plan from that instant on."""
        plans = [change.plan for change in self.changes if change.at <= instant]
        return plans[-1] if plans else self.plan

    def plan_before(self, instant: datetime) -> Plan:
        """Return the plan until that instant."""
        plans = [change.plan for change in self.changes if change.at < instant]
        return plans[-1] if plans else self.plan

    def is_alive(self, instant: datetime) -> bool:
        """Say whether the subscription is in force just before that instant."""
        if self.started_at >= instant:
            return False
        return self.ending is None or instant <= self.ending.ended_at

    def periods(self) -> Iterator[tuple[datetime, datetime]]:
        """Yield (start, end) of the paid periods as they are invoiced, without end.

        A move to another interval begins a new period at once, before the end of the one it cuts
        short, and becomes the anchor.
        """
        anchor, interval, count = self.anchor, self.plan.interval, 0
        moves = [change for change in self.changes if change.moves_interval]
        while True:
            start = add_months(anchor, MONTHS[interval] * count)
            if moves and moves[0].at < start:
                move = moves.pop(0)
                anchor = start = move.at
                interval, count = move.plan.interval, 0
            yield start, add_months(anchor, MONTHS[interval] * (count + 1))
            count += 1


@dataclass(frozen=True, slots=True)
class LifeStory:
    """A customer from sign-up on, with subscriptions one after another, never two at a time."""

    user_key: str
    signup_at: datetime
    subscriptions: tuple[SubscriptionStory, ...]

    def known_at(self, instant: datetime) -> list[SubscriptionStory]:
        """Return the subscriptions that have started before the instant."""
        return [story for story in self.subscriptions if story.started_at < instant]

    def alive_at(self, instant: datetime) -> SubscriptionStory | None:
        """Return the subscription in force just before the instant."""
        alive = [story for story in self.subscriptions if story.is_alive(instant)]
        return alive[0] if alive else None


def price_cents(plan: Plan) -> int:
    """Return what a period of the plan costs before discounts."""
    return MONTHLY_CENTS[plan.tier] * (YEAR_COSTS_MONTHS if plan.interval == "year" else 1)


def overage_units(story: SubscriptionStory, tier: str, start: datetime, end: datetime) -> int:
    """Return the render credits used beyond the tier's own in a usage period."""
    stream = generator("overage", story.user_key, story.serial, start.isoformat())
    share, level = stream.random(), stream.lognormal(0.0, 0.5)
    if share < 0.2:
        return 0
    days = (end - start) / timedelta(days=30)
    return int(_MEAN_OVERAGE[tier] * level * min(days, 1.0))


def whole_cents(amount: Decimal) -> int:
    """Round to whole cents, halves up."""
    return int(amount.quantize(Decimal(1), ROUND_HALF_UP))


def discount_cents(story: SubscriptionStory, amount: int, invoiced_at: datetime) -> int:
    """Return what the coupon takes off an amount invoiced at that instant."""
    if story.coupon is None or not story.is_discounted(invoiced_at):
        return 0
    return whole_cents(amount * story.coupon.percent_off / 100)
