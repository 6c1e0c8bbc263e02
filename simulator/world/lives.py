"""Who subscribes when: scripted lives that every world has, random ones that fill the large ones.

The scripted lives end before the world's first report day, so that each kind of movement (new,
expansion, contraction, churn, reactivation) is in the books whatever the seed and the scale.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import numpy as np

from simulator.world.days import add_months, first_instant, month_start
from simulator.world.random_streams import generator
from simulator.world.stories import (
    MONTHS,
    TIERS,
    Change,
    Coupon,
    Ending,
    LifeStory,
    SubscriptionStory,
)

HISTORY_MONTHS = 14
HALF_FOR_THREE_MONTHS = Coupon("LAUNCH50", Decimal(50), 3)
FIFTH_FOR_GOOD = Coupon("FOUNDER20", Decimal(20), None)
UNPAID_DAYS = 21  # days of dunning before an unpaid subscription ends


class _Script:
    """Moments of a scripted life, counted in months before the world's start."""

    def __init__(self, seed: int, user_key: str, start: date) -> None:
        self.user_key = user_key
        self._stream = generator(seed, "script", user_key)
        self._month = first_instant(month_start(start))

    def moment(self, months_before: int, first_day: int, last_day: int) -> datetime:
        """Return a random working-hours moment between two days of a month."""
        base = add_months(self._month, -months_before)
        day = int(self._stream.integers(first_day, last_day + 1))
        seconds = int(self._stream.integers(8 * 3600, 21 * 3600))
        last = (add_months(base, 1) - timedelta(days=1)).day
        return base.replace(day=min(day, last)) + timedelta(seconds=seconds)

    def life(self, *subscriptions: SubscriptionStory) -> LifeStory:
        """Sign up an hour or two before the first subscription."""
        wait = timedelta(minutes=int(self._stream.integers(20, 150)))
        return LifeStory(self.user_key, subscriptions[0].started_at - wait, subscriptions)


def _renewal(start: datetime, months: int) -> datetime:
    return add_months(start, months)


def _grows_with_overage(script: _Script) -> LifeStory:
    """Starter, then growth in mid-period; one renewal invoice is voided and issued again."""
    start = script.moment(13, 6, 12)
    upgrade = Change(script.moment(7, 18, 24), "growth", "month")
    return script.life(
        SubscriptionStory(
            script.user_key,
            1,
            start,
            "starter",
            is_metered=True,
            changes=(upgrade,),
            reissued_periods=frozenset({3}),
        )
    )


def _grows_at_renewal_with_discount(script: _Script) -> LifeStory:
    """Anchored on the 31st, 20% off for good, growth to enterprise at a renewal."""
    start = add_months(script.moment(10, 31, 31), 0)
    upgrade = Change(_renewal(start, 6), "enterprise", "month")
    return script.life(
        SubscriptionStory(
            script.user_key,
            1,
            start,
            "growth",
            coupon=FIFTH_FOR_GOOD,
            is_metered=True,
            changes=(upgrade,),
        )
    )


def _comes_back(script: _Script) -> LifeStory:
    """A trial, some paid months, gone, back after a pause, then on to paying by the year."""
    start = script.moment(12, 3, 9)
    ends = _renewal(start + timedelta(days=14), 3)
    first = SubscriptionStory(
        script.user_key,
        1,
        start,
        "starter",
        trial_days=14,
        ending=Ending("period_end", ends - timedelta(days=9, hours=5), ends),
    )
    back = script.moment(5, 3, 9)
    yearly = Change(script.moment(2, 15, 25), "starter", "year", moves_interval=True)
    return script.life(
        first, SubscriptionStory(script.user_key, 2, back, "starter", changes=(yearly,))
    )


def _shrinks_and_pays_late(script: _Script) -> LifeStory:
    """Enterprise, down to growth in mid-period; pays its invoices weeks after they are due."""
    start = script.moment(11, 8, 14)
    downgrade = Change(script.moment(3, 18, 26), "growth", "month")
    return script.life(
        SubscriptionStory(
            script.user_key,
            1,
            start,
            "enterprise",
            is_metered=True,
            changes=(downgrade,),
            always_days_late=19,
        )
    )


def _stays_in_beta(script: _Script) -> LifeStory:
    return script.life(SubscriptionStory(script.user_key, 1, script.moment(6, 2, 25), "beta"))


def _leaves_after_a_year(script: _Script) -> LifeStory:
    start = script.moment(14, 3, 20)
    ends = _renewal(start, 12)
    ending = Ending("period_end", ends - timedelta(days=70), ends)
    return script.life(
        SubscriptionStory(script.user_key, 1, start, "starter", interval="year", ending=ending)
    )


def _leaves_at_once(script: _Script) -> LifeStory:
    """Half price for three months, then growth in full, then gone in the middle of a period."""
    start = script.moment(9, 4, 8)
    ended = script.moment(4, 18, 26)
    return script.life(
        SubscriptionStory(
            script.user_key,
            1,
            start,
            "growth",
            coupon=HALF_FOR_THREE_MONTHS,
            is_metered=True,
            ending=Ending("immediate", ended, ended),
        )
    )


def _stops_paying(script: _Script) -> LifeStory:
    start = script.moment(8, 3, 7)
    ended = _renewal(start, 4) + timedelta(days=UNPAID_DAYS)
    return script.life(
        SubscriptionStory(
            script.user_key, 1, start, "starter", ending=Ending("unpaid", ended, ended)
        )
    )


def _never_pays(script: _Script) -> LifeStory:
    ended = script.moment(2, 10, 20)
    return script.life(
        SubscriptionStory(
            script.user_key,
            1,
            script.moment(7, 3, 25),
            "beta",
            ending=Ending("immediate", ended, ended),
        )
    )


PRESENT_SCRIPTS: tuple[Callable[[_Script], LifeStory], ...] = (
    _grows_with_overage,
    _grows_at_renewal_with_discount,
    _comes_back,
    _shrinks_and_pays_late,
    _stays_in_beta,
)
FORMER_SCRIPTS: tuple[Callable[[_Script], LifeStory], ...] = (
    _leaves_after_a_year,
    _leaves_at_once,
    _stops_paying,
    _never_pays,
)


def present_life(seed: int, number: int, start: date, days: int, until: datetime) -> LifeStory:
    """Return the life of a user with channels; random lives are told up to `until`."""
    key = f"user {number}"
    if number < len(PRESENT_SCRIPTS):
        return PRESENT_SCRIPTS[number](_Script(seed, key, start))
    stream = generator(seed, "sign-up", key)
    span = HISTORY_MONTHS * 30
    back = int(stream.integers(20, span)) if stream.random() < 0.94 else -int(days * 0.6)
    offset = back if back > 0 else int(stream.integers(back, 0))
    return _random_life(seed, key, _signup(stream, start, offset), until, leaves_after=None)


def former_life(seed: int, number: int, start: date) -> LifeStory:
    """Return the life of a user who left before the world's start."""
    key = f"former {number}"
    if number < len(FORMER_SCRIPTS):
        return FORMER_SCRIPTS[number](_Script(seed, key, start))
    stream = generator(seed, "sign-up", key)
    days_before = int(stream.integers(120, HISTORY_MONTHS * 30))
    stays = int(stream.integers(1, (days_before - 60) // 30))
    signup = _signup(stream, start, days_before)
    return _random_life(seed, key, signup, first_instant(start), leaves_after=stays)


def _signup(stream: np.random.Generator, start: date, days_before: int) -> datetime:
    midnight = datetime(start.year, start.month, start.day, tzinfo=UTC)
    seconds = int(stream.integers(6 * 3600, 23 * 3600))
    return midnight + timedelta(days=-days_before, seconds=seconds)


def _random_life(
    seed: int, key: str, signup: datetime, until: datetime, leaves_after: int | None
) -> LifeStory:
    """Tell a life month by month. A later `until` continues it and changes nothing told before."""
    stream = generator(seed, "life", key)
    subscriptions: list[SubscriptionStory] = []
    start: datetime | None = signup + timedelta(minutes=int(stream.integers(10, 2_000)))
    while start is not None and start < until:
        story = _random_subscription(
            generator(seed, "subscription", key, len(subscriptions)),
            key,
            len(subscriptions) + 1,
            start,
            until,
            leaves_after,
        )
        subscriptions.append(story)
        away, returns = stream.random(), stream.random()
        start = None
        if story.ending is not None and leaves_after is None and returns < 0.5:
            start = story.ending.ended_at + timedelta(days=12 + int(away * 90), minutes=7)
    return LifeStory(key, signup, tuple(subscriptions))


def _random_subscription(
    stream: np.random.Generator,
    key: str,
    serial: int,
    start: datetime,
    until: datetime,
    leaves_after: int | None,
) -> SubscriptionStory:
    draws = stream.random(6)
    tier = TIERS[int(np.searchsorted([0.15, 0.55, 0.87, 1.0], draws[0], side="right"))]
    paid = tier != "beta"
    interval = "year" if paid and leaves_after is None and draws[1] < 0.1 else "month"
    monthly = paid and interval == "month"
    coupon = None
    if monthly and draws[2] < 0.16:
        coupon = HALF_FOR_THREE_MONTHS if draws[2] < 0.09 else FIFTH_FOR_GOOD
    plain = SubscriptionStory(
        key,
        serial,
        start,
        tier,
        interval,
        trial_days=14 if monthly and coupon is None and draws[3] < 0.2 else 0,
        coupon=coupon,
        is_metered=monthly and bool(draws[4] < 0.55),
    )
    return _Months(stream, plain, until, leaves_after).told()


class _Months:
    """What happens to a subscription period by period; draws are the same number each period."""

    def __init__(
        self,
        stream: np.random.Generator,
        plain: SubscriptionStory,
        until: datetime,
        leaves_after: int | None,
    ) -> None:
        self._stream, self._plain = stream, plain
        self._until, self._leaves_after = until, leaves_after
        self._changes: list[Change] = []
        self._late: list[tuple[int, int]] = []
        self._reissued: set[int] = set()
        self._ending: Ending | None = None

    def told(self) -> SubscriptionStory:
        """Return the story up to `until`, and what of it is settled for later."""
        plain, period = self._plain, 0
        while self._ending is None:
            start = add_months(plain.anchor, MONTHS[plain.interval] * period)
            if start >= self._until:
                break
            end = add_months(plain.anchor, MONTHS[plain.interval] * (period + 1))
            self._live(period, start, end)
            period += 1
        return SubscriptionStory(
            plain.user_key,
            plain.serial,
            plain.started_at,
            plain.tier,
            plain.interval,
            plain.trial_days,
            plain.coupon,
            plain.is_metered,
            tuple(self._changes),
            self._ending,
            tuple(self._late),
            0,
            frozenset(self._reissued),
        )

    def _live(self, period: int, start: datetime, end: datetime) -> None:
        draws = self._stream.random(6)
        moment = start + (end - start) * (0.15 + 0.7 * float(draws[5]))
        moment = moment.replace(microsecond=0)
        leaves = draws[2] < 0.022 * MONTHS[self._plain.interval] ** 0.5
        if self._leaves_after is not None:
            leaves = (period + 1) * MONTHS[self._plain.interval] > self._leaves_after
        if leaves and period > 0:
            self._leave(start, end, moment, float(draws[3]))
        elif draws[0] < 0.065 and period > 0:
            self._move(start, moment, +1 if draws[0] < 0.045 else -1, at_renewal=draws[3] < 0.3)
        if draws[1] < 0.05:
            self._late.append((period, 2 + int(draws[4] * 16)))
        elif draws[1] > 0.985:
            self._reissued.add(period)

    def _leave(self, start: datetime, end: datetime, moment: datetime, kind: float) -> None:
        unpaid_end = start + timedelta(days=UNPAID_DAYS)
        if kind < 0.15 and self._tier() != "beta" and unpaid_end < end:
            self._ending = Ending("unpaid", unpaid_end, unpaid_end)
        elif kind < 0.4:
            self._ending = Ending("immediate", moment, moment)
        else:
            self._ending = Ending("period_end", moment, end)

    def _move(self, start: datetime, moment: datetime, steps: int, *, at_renewal: bool) -> None:
        index = TIERS.index(self._tier()) + steps
        if not 0 < index < len(TIERS):
            return
        # A proration never meets a discount: Stripe's rounding of its parts would decide the cent.
        at = start if at_renewal or self._plain.coupon is not None else moment
        self._changes.append(Change(at, TIERS[index], self._plain.interval))

    def _tier(self) -> str:
        return self._changes[-1].tier if self._changes else self._plain.tier
