"""Lives that every world has, so that its books hold each kind of movement and of invoice.

They all end their moves before the world's first report day: whatever the seed and the scale,
there are new, expanding, contracting, leaving and returning customers, prorations, discounts, a
trial, an invoice made void and issued again, one paid late and one never.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal

from simulator.world.days import add_months, first_instant, month_start
from simulator.world.random_streams import generator
from simulator.world.stories import Change, Coupon, Ending, LifeStory, Plan, SubscriptionStory

HALF_FOR_THREE_MONTHS = Coupon("LAUNCH50", Decimal(50), 3)
FIFTH_FOR_GOOD = Coupon("FOUNDER20", Decimal(20), None)
UNPAID_DAYS = 21  # days of dunning before an unpaid subscription ends

_BETA = Plan("beta", "month")
_STARTER = Plan("starter", "month")
_GROWTH = Plan("growth", "month")
_ENTERPRISE = Plan("enterprise", "month")


class Script:
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


def _grows_with_overage(script: Script) -> LifeStory:
    """Starter, then growth in mid-period; one renewal invoice is voided and issued again."""
    return script.life(
        SubscriptionStory(
            script.user_key,
            1,
            script.moment(13, 6, 12),
            _STARTER,
            is_metered=True,
            changes=(Change(script.moment(7, 18, 24), _GROWTH),),
            reissued_periods=frozenset({3}),
        )
    )


def _grows_at_renewal_with_discount(script: Script) -> LifeStory:
    """Anchored on a month's last day, 20% off for good, growth to enterprise at a renewal."""
    start = script.moment(10, 31, 31)
    return script.life(
        SubscriptionStory(
            script.user_key,
            1,
            start,
            _GROWTH,
            coupon=FIFTH_FOR_GOOD,
            is_metered=True,
            changes=(Change(add_months(start, 6), _ENTERPRISE),),
        )
    )


def _comes_back(script: Script) -> LifeStory:
    """A trial, some paid months, gone, back after a pause, then on to paying by the year."""
    start = script.moment(12, 3, 9)
    ends = add_months(start + timedelta(days=14), 3)
    first = SubscriptionStory(
        script.user_key,
        1,
        start,
        _STARTER,
        trial_days=14,
        ending=Ending("period_end", ends - timedelta(days=9, hours=5), ends),
    )
    back = script.moment(5, 3, 9)
    yearly = Change(script.moment(2, 15, 25), Plan("starter", "year"), moves_interval=True)
    second = SubscriptionStory(script.user_key, 2, back, _STARTER, changes=(yearly,))
    return script.life(first, second)


def _shrinks_and_pays_late(script: Script) -> LifeStory:
    """Enterprise, down to growth in mid-period; pays its invoices weeks after they are due."""
    return script.life(
        SubscriptionStory(
            script.user_key,
            1,
            script.moment(11, 8, 14),
            _ENTERPRISE,
            is_metered=True,
            changes=(Change(script.moment(3, 18, 26), _GROWTH),),
            always_days_late=19,
        )
    )


def _stays_in_beta(script: Script) -> LifeStory:
    """Uses the platform for nothing."""
    return script.life(SubscriptionStory(script.user_key, 1, script.moment(6, 2, 25), _BETA))


def _leaves_after_a_year(script: Script) -> LifeStory:
    """Pays a year ahead and does not renew."""
    start = script.moment(14, 3, 20)
    ends = add_months(start, 12)
    ending = Ending("period_end", ends - timedelta(days=70), ends)
    return script.life(
        SubscriptionStory(script.user_key, 1, start, Plan("starter", "year"), ending=ending)
    )


def _leaves_at_once(script: Script) -> LifeStory:
    """Half price for three months, then growth in full, then gone in the middle of a period."""
    start, ended = script.moment(9, 4, 8), script.moment(4, 18, 26)
    return script.life(
        SubscriptionStory(
            script.user_key,
            1,
            start,
            _GROWTH,
            coupon=HALF_FOR_THREE_MONTHS,
            is_metered=True,
            ending=Ending("immediate", ended, ended),
        )
    )


def _stops_paying(script: Script) -> LifeStory:
    """Leaves an invoice unpaid until the subscription is ended for it."""
    start = script.moment(8, 3, 7)
    ended = add_months(start, 4) + timedelta(days=UNPAID_DAYS)
    ending = Ending("unpaid", ended, ended)
    return script.life(SubscriptionStory(script.user_key, 1, start, _STARTER, ending=ending))


def _never_pays(script: Script) -> LifeStory:
    """Leaves while in beta."""
    start, ended = script.moment(7, 3, 25), script.moment(2, 10, 20)
    ending = Ending("immediate", ended, ended)
    return script.life(SubscriptionStory(script.user_key, 1, start, _BETA, ending=ending))


PRESENT_SCRIPTS: tuple[Callable[[Script], LifeStory], ...] = (
    _grows_with_overage,
    _grows_at_renewal_with_discount,
    _comes_back,
    _shrinks_and_pays_late,
    _stays_in_beta,
)
FORMER_SCRIPTS: tuple[Callable[[Script], LifeStory], ...] = (
    _leaves_after_a_year,
    _leaves_at_once,
    _stops_paying,
    _never_pays,
)
