"""Which days of a daily cost report to ask for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from ingest.extraction import Extraction
from ingest.landing import Cursor, Partition
from ingest.streams import Stream

FIRST_DAYS = 180
LOOK_BACK_DAYS = 3


@dataclass(frozen=True, slots=True)
class Window:
    """Days (UTC, inclusive) to ask for, and the cursors to commit with them."""

    first: date
    last: date
    cursors: tuple[Cursor, ...]

    @property
    def days(self) -> int:
        """Return how many days the window has."""
        return (self.last - self.first).days + 1

    @property
    def start(self) -> datetime:
        """Return the instant at which the window begins."""
        return _midnight(self.first)

    @property
    def end(self) -> datetime:
        """Return the instant at which the window ends (exclusive)."""
        return _midnight(self.last + timedelta(days=1))

    def partition(self, day_column: str) -> Partition:
        """Return the part of the raw table that an answer for these days replaces."""
        return Partition({}, day_column, self.first, self.last)


def find_window(
    extraction: Extraction, stream: Stream, not_before: date = date.min
) -> Window | None:
    """Return the days to ask for, None where there are none.

    From `LOOK_BACK_DAYS` before the day reached (providers restate the last days) to the day of
    the as-of instant; that day is still running and is replaced next time. The first time from
    `FIRST_DAYS` back. A back-fill moves the cursor only where it leaves no gap behind it: it must
    reach the as-of day, and begin at most a day after the day reached. No day lies before
    `not_before`.
    """
    today = extraction.as_of.astimezone(UTC).date()
    cursor = extraction.lander.read_cursor(stream)
    reached = date.fromisoformat(cursor["through"]) if cursor else None
    if extraction.since is not None:
        first = extraction.since
    elif reached is not None:
        first = min(reached, today) - timedelta(days=LOOK_BACK_DAYS)
    else:
        first = today - timedelta(days=FIRST_DAYS)
    last = min(extraction.until or today, today)
    if extraction.until is not None and extraction.since is None:
        first = min(first, last)
    first = max(first, not_before)
    if first > last:
        return None
    leaves_gap = last < today or (reached is not None and first > reached + timedelta(days=1))
    through = max(today, reached or today)
    moved = () if leaves_gap else (Cursor("", {"through": through.isoformat()}),)
    return Window(first, last, moved)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
