"""Which days of a report to ask for. Days are Pacific days, both ends inclusive."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

# A channel without any figures is taken to be read up to so many days ago; processing has never
# lagged so far behind.
SILENT_DAYS = 30
MONETISATION_CHECKED_EVERY = timedelta(days=7)
# A month's figures are taken to be final so long after its end, and read a last time then.
FINAL_AFTER = timedelta(days=10)


@dataclass(frozen=True, slots=True)
class Days:
    """Some days in a row."""

    first: date
    last: date

    def split(self, length: int) -> Iterator[Days]:
        """Yield parts of at most `length` days, the latest first."""
        last = self.last
        while last >= self.first:
            first = max(self.first, last - timedelta(days=length - 1))
            yield Days(first, last)
            last = first - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person asked for: days to fill back, or None for what is new."""

    today: date
    since: date | None = None
    until: date | None = None

    @property
    def is_back_fill(self) -> bool:
        """Tell whether particular days were asked for."""
        return self.since is not None or self.until is not None


def window(
    asked: Asked, cursor: Mapping[str, Any], first_day: date, restated_days: int
) -> Days | None:
    """Return the days to ask a report for, None where there are none.

    Figures of `restated_days` days may still change and are asked for again, once a Pacific day;
    those of a month, a last time when they are final. `first_day` is the first that can have any.
    """
    if asked.is_back_fill:
        first = max(asked.since or first_day, first_day)
        last = min(asked.until or asked.today, asked.today)
    else:
        if is_fresh(asked, cursor):
            return None
        through = parse_day(cursor.get("through"))
        known = through + timedelta(days=1 - restated_days) if through else first_day
        if is_final_pass_due(asked, cursor):
            done = parse_day(cursor.get("final_month"))
            known = min(known, next_month(done) if done else final_month(asked.today))
        first, last = max(known, first_day), asked.today
    return Days(first, last) if first <= last else None


def is_fresh(asked: Asked, cursor: Mapping[str, Any]) -> bool:
    """Tell whether the report was asked for today, or needs no asking: not monetised lately."""
    refreshed_on = parse_day(cursor.get("refreshed_on"))
    if refreshed_on is None or asked.is_back_fill:
        return False
    if cursor.get("monetised") is False:
        return asked.today - refreshed_on < MONETISATION_CHECKED_EVERY
    return refreshed_on >= asked.today


def final_month(today: date) -> date:
    """Return the first day of the latest month whose figures are final."""
    month = (today - FINAL_AFTER).replace(day=1)
    return (month - timedelta(days=1)).replace(day=1)


def next_month(month: date) -> date:
    """Return the first day of the month after the one that begins on a day."""
    return (month + timedelta(days=31)).replace(day=1)


def is_final_pass_due(asked: Asked, cursor: Mapping[str, Any]) -> bool:
    """Tell whether a month was not read since its figures are final."""
    done = parse_day(cursor.get("final_month"))
    return done is None or done < final_month(asked.today)


def reached(cursor: Mapping[str, Any], seen: date | None, today: date) -> date:
    """Return the last day that counts as processed, after an answer whose last day was `seen`."""
    silent = today - timedelta(days=SILENT_DAYS)
    through = parse_day(cursor.get("through"))
    return max(day for day in (silent, through, seen) if day is not None)


def parse_day(text: str | None) -> date | None:
    """Return the day that a cursor holds."""
    return None if text is None else date.fromisoformat(text)
