"""Which of what is due is asked for in this run, when the day's budget does not do for all."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import TypeVar
from uuid import UUID

from ingest.sources.youtube.day_plan import ROWS_A_UNIT, DayPlan
from ingest.sources.youtube.quota import Budget, BudgetSpentError
from ingest.sources.youtube.shares import Ask, choose

T = TypeVar("T")

logger = logging.getLogger(__name__)


class Rations:
    """Hands out the rest of the day's budget in fair shares of the users.

    What each user will need for the rest of the day is kept for them, so that a run in the morning
    cannot spend what another user needs in the evening.
    """

    def __init__(
        self,
        budget: Budget,
        plan: DayPlan,
        due_counters: Callable[[], Mapping[UUID, int]],
        pace: Fraction,
    ) -> None:
        """Take the budget, the plan of the day and how to count the counters due now, by user.

        `pace` is the part of a share that a run may use of what is spread over the day.
        """
        self._pace = pace
        self._budget = budget
        self._plan = plan
        self._due_counters = due_counters
        self._put_off: Counter[str] = Counter()

    def has_enough_for(self, rows: int) -> bool:
        """Tell whether so many rows and all that the rest of the day may ask for fit."""
        return rows + self._plan.at_most <= self._budget.left * ROWS_A_UNIT

    def grant(self, kind: str, asks: Sequence[Ask[UUID, T]], *, is_paced: bool = False) -> list[T]:
        """Return what may be asked for now; each user's most urgent comes first.

        Paced is what may come at any time of the day: the counters of videos.
        """
        if self.has_enough_for(sum(ask.cost for ask in asks)):
            return [ask.item for ask in asks]
        later = Counter(self._plan.by_user())
        if not is_paced:
            later.update(self._due_counters())
        capacity = self._budget.left * ROWS_A_UNIT
        capacity -= min(self._plan.waste, capacity // 10)
        granted = choose(asks, capacity, later, self._pace if is_paced else Fraction(1))
        self.put_off(kind, len(asks) - len(granted))
        return [ask.item for ask in granted]

    def put_off(self, kind: str, count: int) -> None:
        """Note what has to wait for a later run."""
        self._put_off[kind] += count

    def spent(self, error: BudgetSpentError) -> None:
        """Note that the budget ended before what was granted was read."""
        logger.warning("%s", error)

    def tell(self) -> None:
        """Say in one line what was put off."""
        parts = [f"{count:,} {kind}" for kind, count in self._put_off.items() if count]
        if parts:
            logger.warning(
                "The budget of %s units a day does not do for all that is due: %s wait for a "
                "later run. See `ytempire quota`.",
                f"{self._budget.daily_units:,}",
                ", ".join(parts),
            )
