"""Who subscribes when: the scripted lives first, then random ones that fill the large worlds."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np

from simulator.world.days import add_months, first_instant
from simulator.world.random_streams import generator
from simulator.world.scripted_lives import (
    FIFTH_FOR_GOOD,
    FORMER_SCRIPTS,
    HALF_FOR_THREE_MONTHS,
    PRESENT_SCRIPTS,
    UNPAID_DAYS,
    Script,
)
from simulator.world.stories import (
    MONTHS,
    TIERS,
    Change,
    Ending,
    LifeStory,
    Plan,
    SubscriptionStory,
)

HISTORY_MONTHS = 14

_TIER_BOUNDS = (0.15, 0.55, 0.87, 1.0)  # cumulative shares of new subscriptions
_LEAVES = 0.013  # a month
_RETURNS = 0.6
_MOVES, _MOVES_UP = 0.065, 0.045  # a period
_PAYS_LATE, _REISSUED = 0.05, 0.015


def present_life(seed: int, number: int, start: date, days: int, until: datetime) -> LifeStory:
    """Return the life of a user with channels; random lives are told up to `until`."""
    key = f"user {number}"
    if number < len(PRESENT_SCRIPTS):
        return PRESENT_SCRIPTS[number](Script(seed, key, start))
    stream = generator(seed, "sign-up", key)
    days_before = int(stream.integers(20, HISTORY_MONTHS * 30))
    if stream.random() < 0.05:  # signs up while the world runs
        days_before = -int(stream.integers(1, max(int(days * 0.6), 2)))
    return _random_life(seed, key, _signup(stream, start, days_before), until, None)


def former_life(seed: int, number: int, start: date) -> LifeStory:
    """Return the life of a user who left before the world's start."""
    key = f"former {number}"
    if number < len(FORMER_SCRIPTS):
        return FORMER_SCRIPTS[number](Script(seed, key, start))
    stream = generator(seed, "sign-up", key)
    days_before = int(stream.integers(120, HISTORY_MONTHS * 30))
    months = int(stream.integers(1, (days_before - 60) // 30))
    return _random_life(
        seed, key, _signup(stream, start, days_before), first_instant(start), months
    )


def _signup(stream: np.random.Generator, start: date, days_before: int) -> datetime:
    midnight = datetime(start.year, start.month, start.day, tzinfo=UTC)
    seconds = int(stream.integers(6 * 3600, 23 * 3600))
    return midnight + timedelta(days=-days_before, seconds=seconds)


def _random_life(
    seed: int, key: str, signup: datetime, until: datetime, leaves_after: int | None
) -> LifeStory:
    """Tell a life. A later `until` continues it and changes nothing of what was told before.

    `leaves_after`: leave after so many months, and for good.
    """
    stream = generator(seed, "life", key)
    subscriptions: list[SubscriptionStory] = []
    start: datetime | None = signup + timedelta(minutes=int(stream.integers(10, 2_000)))
    while start is not None and start < until:
        serial = len(subscriptions) + 1
        teller = _Teller(generator(seed, "subscription", key, serial), until, leaves_after)
        story = teller.tell(key, serial, start)
        subscriptions.append(story)
        away, returns = stream.random(), stream.random()
        start = None
        if story.ending is not None and leaves_after is None and returns < _RETURNS:
            start = story.ending.ended_at + timedelta(days=12 + int(away * 90), minutes=7)
    return LifeStory(key, signup, tuple(subscriptions))


class _Teller:
    """Tells a random subscription period by period; each period draws the same number."""

    def __init__(
        self, stream: np.random.Generator, until: datetime, leaves_after: int | None
    ) -> None:
        self._stream, self._until, self._leaves_after = stream, until, leaves_after
        self._changes: list[Change] = []
        self._late: list[tuple[int, int]] = []
        self._reissued: set[int] = set()
        self._ending: Ending | None = None

    def tell(self, key: str, serial: int, start: datetime) -> SubscriptionStory:
        """Return the story up to `until`, and what of it is settled for later."""
        draws = self._stream.random(6)
        tier = TIERS[int(np.searchsorted(_TIER_BOUNDS, draws[0], side="right"))]
        yearly = tier != "beta" and self._leaves_after is None and draws[1] < 0.1
        monthly = tier != "beta" and not yearly
        self._plan = Plan(tier, "year" if yearly else "month")
        self._coupon = None
        if monthly and draws[2] < 0.16:
            self._coupon = HALF_FOR_THREE_MONTHS if draws[2] < 0.09 else FIFTH_FOR_GOOD
        trial_days = 14 if monthly and self._coupon is None and draws[3] < 0.2 else 0
        self._live(start + timedelta(days=trial_days))
        return SubscriptionStory(
            key,
            serial,
            start,
            self._plan,
            trial_days,
            self._coupon,
            monthly and bool(draws[4] < 0.55),
            tuple(self._changes),
            self._ending,
            tuple(self._late),
            reissued_periods=frozenset(self._reissued),
        )

    def _live(self, anchor: datetime) -> None:
        months, period = MONTHS[self._plan.interval], 0
        while self._ending is None:
            start = add_months(anchor, months * period)
            if start >= self._until:
                return
            self._live_period(period, start, add_months(anchor, months * (period + 1)))
            period += 1

    def _live_period(self, period: int, start: datetime, end: datetime) -> None:
        draws = self._stream.random(6)
        months = MONTHS[self._plan.interval]
        share = 0.15 + 0.7 * float(draws[5])
        moment = (start + (end - start) * share).replace(microsecond=0)
        leaves = draws[2] < _LEAVES * months
        if self._leaves_after is not None:
            leaves = (period + 1) * months > self._leaves_after
        if leaves and period > 0:
            self._leave(start, end, moment, float(draws[3]))
        elif draws[0] < _MOVES and period > 0:
            steps = +1 if draws[0] < _MOVES_UP else -1
            # A proration never meets a discount: Stripe's rounding of its parts would decide
            # the cent.
            at_renewal = draws[3] < 0.3 or self._coupon is not None
            self._move(start if at_renewal else moment, steps)
        if draws[1] < _PAYS_LATE:
            self._late.append((period, 2 + int(draws[4] * 16)))
        elif draws[1] > 1 - _REISSUED:
            self._reissued.add(period)

    def _leave(self, start: datetime, end: datetime, moment: datetime, kind: float) -> None:
        unpaid_end = start + timedelta(days=UNPAID_DAYS)
        if kind < 0.15 and self._present().tier != "beta":
            self._ending = Ending("unpaid", unpaid_end, unpaid_end)
        elif kind < 0.4:
            self._ending = Ending("immediate", moment, moment)
        else:
            self._ending = Ending("period_end", moment, end)

    def _move(self, at: datetime, steps: int) -> None:
        tier, interval = self._present()
        index = TIERS.index(tier) + steps
        if 0 < index < len(TIERS):
            self._changes.append(Change(at, Plan(TIERS[index], interval)))

    def _present(self) -> Plan:
        return self._changes[-1].plan if self._changes else self._plan
