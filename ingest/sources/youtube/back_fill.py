"""The books of back-fills: which days were asked for, how far each channel is, when it will end.

A back-fill of years takes more calls than a day allows. It is noted in `ops.back_fills` and worked
off in pieces, a channel's month each, the latest month first. The piece that is done is marked by
a cursor, so that whatever ends a run, the next one goes on there.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from ingest.landing import Cursor, Lander
from ingest.sources.youtube.failures import PACIFIC
from ingest.sources.youtube.quota import Query, Usage, read_usage
from ingest.sources.youtube.windows import Asked, Days
from ingest.streams import CHANNEL_DAY_CORE, CHANNEL_DAY_COUNTRY, Stream

SOURCE = "youtube_analytics"
API = "youtubeAnalytics"
BUCKET = "analytics"
BACK_FILL_BUCKET = "analytics_back_fill"
# The cursors of these two streams mark what is done of the channel's own days, of its audience.
OWN_DAYS, AUDIENCE = CHANNEL_DAY_CORE, CHANNEL_DAY_COUNTRY
# Calls a channel-day as long as none were made: above all a call for the countries of each day.
_USUAL_CALLS = 1.3
EARLIEST = date(2005, 1, 1)  # YouTube opened in this year
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class BackFill:
    """A row of `ops.back_fills`; the days are Pacific days, both ends inclusive."""

    source: str
    since: date
    until: date
    is_open_ended: bool
    days_total: int
    days_done: int
    asked_at: datetime
    finished_at: datetime | None = None

    def months(self) -> Iterator[Days]:
        """Yield the days month by month, the latest first."""
        last = self.until
        while last >= self.since:
            first = max(self.since, last.replace(day=1))
            yield Days(first, last)
            last = first - _DAY

    def mark(self, channel_id: str, reached: date) -> Cursor:
        """Return the cursor that says which day of a channel was reached, back from the last."""
        return Cursor(self._prefix + channel_id, {"reached": reached.isoformat()})

    def reached(self, lander: Lander, stream: Stream) -> dict[str, date]:
        """Return the day that was reached of each channel."""
        return {
            scope.removeprefix(self._prefix): date.fromisoformat(value["reached"])
            for scope, value in lander.read_cursors(stream).items()
            if scope.startswith(self._prefix)
        }

    @property
    def _prefix(self) -> str:
        return f"back-fill {self.since}..{self.until} "


_COLUMNS = "source, since, until, is_open_ended, days_total, days_done, asked_at, finished_at"


def unfinished(query: Query) -> list[BackFill]:
    """Return the back-fills that are still at work, the oldest first."""
    rows = query(
        f"""
        select {_COLUMNS} from ops.back_fills
        where source = %s and finished_at is null order by asked_at, since, until
        """,
        (SOURCE,),
    )
    return [BackFill(*row) for row in rows]


def ask_for(lander: Lander, asked: Asked) -> BackFill:
    """Return the back-fill of the days asked for: the one that is at work, else a new one.

    Without a last day it goes to today; asked for again on a later day it is the same one, for the
    days since are read anyway. Without a first day it begins with YouTube.
    """
    since, until = asked.since or EARLIEST, min(asked.until or asked.today, asked.today)
    for found in unfinished(lander.query):
        is_same_end = found.is_open_ended if asked.until is None else found.until == until
        if found.since == since and is_same_end:
            return found
    made = BackFill(SOURCE, since, until, asked.until is None, 0, 0, lander.clock())
    lander.write(
        f"insert into ops.back_fills ({_COLUMNS}, updated_at)"
        " values (%s, %s, %s, %s, 0, 0, %s, null, %s) on conflict do nothing",
        [(SOURCE, since, until, made.is_open_ended, made.asked_at, made.asked_at)],
    )
    return made


def note_progress(
    lander: Lander,
    back_fill: BackFill,
    windows: Mapping[str, Days],
    streams: Sequence[Stream],
) -> bool:
    """Note how many channel-days are done; return whether all of them are.

    `windows` are the days of each channel that can have figures. The marks of a finished
    back-fill are not needed any more.
    """
    marks = [back_fill.reached(lander, stream) for stream in streams]
    done = 0
    for channel, days in windows.items():
        # In a mark's place while there is none: the day after the last one.
        reached = max(found.get(channel, days.last + _DAY) for found in marks)
        done += max(0, (days.last - max(reached, days.first)).days + 1)
    total = sum((days.last - days.first).days + 1 for days in windows.values())
    now = lander.clock()
    key = (back_fill.source, back_fill.since, back_fill.until)
    if done == total:
        lander.write(
            "delete from ops.cursors where source = %s and starts_with(scope, %s)",
            [(back_fill.source, back_fill._prefix)],
        )
    lander.write(
        """
        update ops.back_fills set days_total = %s, days_done = %s, updated_at = %s, finished_at = %s
        where source = %s and since = %s and until = %s and finished_at is null
        """,
        [(total, done, now, now if done == total else None, *key)],
    )
    return done == total


def todays_usage(query: Query, now: datetime) -> Usage:
    """Return the Analytics API's calls since midnight in California, by bucket."""
    return read_usage(query, now, API)


@dataclass(frozen=True, slots=True)
class Outlook:
    """How far a back-fill is, and when it will end at the present pace."""

    back_fill: BackFill
    calls_to_go: int
    calls_a_day: int
    days_to_go: int
    ends_on: date

    def __str__(self) -> str:
        fill = self.back_fill
        days = f"{fill.days_done:,} of {fill.days_total:,} channel-days"
        name = f"back-fill of {fill.source}, {fill.since} to {fill.until}: {days}"
        if fill.finished_at is not None:
            return f"{name}, finished {fill.finished_at:%Y-%m-%d %H:%M} UTC"
        share = fill.days_done / fill.days_total if fill.days_total else 0.0
        end = "today"
        if self.days_to_go:
            unit = "day" if self.days_to_go == 1 else "days"
            end = f"about {self.days_to_go} {unit}, until {self.ends_on}"
        return (
            f"{name} ({math.floor(share * 100)}%); about {self.calls_to_go:,} calls to go: {end} "
            f"at {self.calls_a_day:,} calls a day"
        )

    def as_json(self) -> dict[str, Any]:
        """Return the outlook as plain values."""
        fill = self.back_fill
        return {
            "source": fill.source,
            "since": fill.since.isoformat(),
            "until": fill.until.isoformat(),
            "channel_days_total": fill.days_total,
            "channel_days_done": fill.days_done,
            "finished_at": fill.finished_at.isoformat() if fill.finished_at else None,
            "calls_to_go": self.calls_to_go,
            "calls_a_day": self.calls_a_day,
            "ends_on": self.ends_on.isoformat(),
        }


def outlooks(query: Query, daily_calls: int, now: datetime) -> list[Outlook]:
    """Return how the back-fills at work are getting on, and the one that was finished last."""
    rows = query(
        f"""
        (select {_COLUMNS} from ops.back_fills where finished_at is null)
        union all
        (
            select {_COLUMNS} from ops.back_fills where finished_at is not null
            order by finished_at desc limit 1
        )
        order by asked_at, since, until
        """,
        (),
    )
    return [_outlook(query, BackFill(*row), daily_calls, now) for row in rows]


def _outlook(query: Query, fill: BackFill, daily_calls: int, now: datetime) -> Outlook:
    """Estimate the end from the calls so far, and from what the day's own work leaves of a day."""
    [(made,)] = query(
        "select count(*) from ops.api_calls where api = %s and bucket = %s and called_at >= %s",
        (API, BACK_FILL_BUCKET, fill.asked_at),
    )
    a_channel_day = made / fill.days_done if made and fill.days_done else _USUAL_CALLS
    to_go = math.ceil((fill.days_total - fill.days_done) * a_channel_day)
    used = todays_usage(query, now)
    a_day = max(1, daily_calls - used.units.get(BUCKET, 0))
    elapsed = (now - fill.asked_at) / _DAY
    if made and elapsed >= 1:
        a_day = max(1, min(a_day, round(made / elapsed)))
    left_today = max(0, min(daily_calls - used.total, a_day))
    days = math.ceil(max(0, to_go - left_today) / a_day)
    today = now.astimezone(PACIFIC).date()
    return Outlook(fill, to_go, a_day, days, today + days * _DAY)
