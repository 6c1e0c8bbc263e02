"""The Data API's quota: what a day has, what was used of it, and what may still be asked.

YouTube keeps a bucket for `videos.batchGetStats`, one each for `search.list` and `videos.insert`
(neither is used here), and one that everything else shares; a call of ours costs one unit. A day
begins at midnight in California. On top of that we keep to a budget of our own over all buckets,
so that a part of the quota is left for the platform itself.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

from ingest.sources.youtube.failures import DAY_QUOTA, PACIFIC, next_pacific_midnight
from warehouse.errors import QuotaError

API = "youtube"
DEFAULT_BUCKET = "default"
STATS_BUCKET = "batch_get_stats"
# Units a day of each bucket, as Google grants them to a new project.
BUCKETS = {DEFAULT_BUCKET: 10_000, STATS_BUCKET: 10_000, "search_list": 100, "videos_insert": 100}
DAILY_UNITS = 8_500
_TICK = timedelta(microseconds=1)

Query = Callable[[str, Sequence[Any]], list[tuple[Any, ...]]]


class BudgetSpentError(QuotaError):
    """Our own budget of the day is spent: what is left over waits for a later run."""


def pacific_midnight(now: datetime) -> datetime:
    """Return, in UTC, when the quota's present day began."""
    today = now.astimezone(PACIFIC).date()
    return datetime(today.year, today.month, today.day, tzinfo=PACIFIC).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Usage:
    """What was used since the quota's day began, by bucket, and which buckets YouTube closed."""

    day_start: datetime
    resets_at: datetime
    units: Mapping[str, int] = field(default_factory=dict)
    closed: frozenset[str] = frozenset()
    last_call_at: datetime | None = None

    @property
    def total(self) -> int:
        """Return the units of all buckets."""
        return sum(self.units.values())

    def pace(self, now: datetime) -> Fraction:
        """Return which part of the rest of the day's budget a run may use that is to last.

        That is as much as the time since the last call is of the time that is left.
        """
        since = max(now - (self.last_call_at or self.day_start), _TICK)
        left = max(self.resets_at - now, _TICK)
        return min(Fraction(1), Fraction(since // _TICK, left // _TICK))


def read_usage(query: Query, now: datetime, api: str = API) -> Usage:
    """Return the present day's usage of an API by the book of calls."""
    day_start = pacific_midnight(now)
    rows = query(
        """
        select
            bucket,
            sum(units)::bigint,
            coalesce(bool_or(reason = any(%s)), false),
            max(called_at)
        from ops.api_calls
        where api = %s and called_at >= %s
        group by bucket
        """,
        (sorted(DAY_QUOTA), api, day_start),
    )
    return Usage(
        day_start,
        next_pacific_midnight(now),
        {bucket: units for bucket, units, *_ in rows},
        frozenset(bucket for bucket, _, is_closed, _ in rows if is_closed),
        max((last for *_, last in rows), default=None),
    )


class Budget:
    """Lets calls through as long as there are units for them. For use by several threads."""

    def __init__(self, daily_units: int, usage: Usage) -> None:
        """Take our budget of the day and what was used of it."""
        self.daily_units = daily_units
        self.resets_at = usage.resets_at
        self._left = max(0, daily_units - usage.total)
        self._closed = set(usage.closed)
        self._lock = threading.Lock()

    @property
    def left(self) -> int:
        """Return the units that may still be used today."""
        return self._left

    def admit(self, bucket: str, units: int) -> None:
        """Count a call that is about to be made.

        Raises `QuotaError` where YouTube has closed the bucket, `BudgetSpentError` where our own
        budget does not allow it: the call is not to be made then.
        """
        with self._lock:
            if bucket in self._closed:
                raise used_up("YouTube Data API", bucket, self.resets_at)
            if units > self._left:
                raise BudgetSpentError(
                    f"Our budget of {self.daily_units:,} units a day for the YouTube Data API is "
                    f"spent until midnight in California, {self.resets_at:%Y-%m-%d %H:%M} UTC.",
                    hint="What is left over is read after that; see YOUTUBE_DAILY_UNITS.",
                )
            self._left -= units

    def refund(self, units: int) -> None:
        """Take back the units of a call that never reached YouTube."""
        with self._lock:
            self._left += units

    def close(self, bucket: str) -> None:
        """Let nothing more through to a bucket that YouTube says is used up."""
        with self._lock:
            self._closed.add(bucket)


def used_up(title: str, bucket: str, resets_at: datetime) -> QuotaError:
    """Return what it means that a bucket's units of the day are used up."""
    return QuotaError(
        f"The day's quota of the {title} (bucket {bucket}) is used up until "
        f"midnight in California, {resets_at:%Y-%m-%d %H:%M} UTC.",
        hint="What was landed stays; run the command again after that.",
    )
