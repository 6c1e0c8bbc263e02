"""Reads the reports of one channel: asks, parses, says what is to be landed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from ingest.extraction import batched
from ingest.landing import Cursor, Partition
from ingest.payload import JsonObject
from ingest.sources.youtube.analytics_plan import ChannelPlan, KnownVideo
from ingest.sources.youtube.failures import OwnerError, RefusedError
from ingest.sources.youtube.reports import (
    CHANNEL_CORE,
    CHANNEL_REVENUE,
    REPORTS,
    Question,
    Report,
    Table,
    parse_report,
)
from ingest.sources.youtube.resources import bad_row
from ingest.sources.youtube.windows import Asked, Days, final_month, parse_day, reached

MOST_VIDEOS = 200
CHANNEL_DAYS = 1830  # five years, a row each
VIDEO_DAYS = 366
ROWS_A_BATCH = 20_000
_FORBIDDEN = 403


# Asks one question on behalf of the channel's owner: the report, its days, at most
# `MOST_VIDEOS` videos.
Query = Callable[[Report, Days, Sequence[str]], JsonObject]


@dataclass(frozen=True, slots=True)
class Landing:
    """What to land as one batch."""

    report: Question
    table: Table
    partitions: Sequence[Partition] = ()
    cursors: Sequence[Cursor] = ()

    @property
    def is_worth_it(self) -> bool:
        """Tell whether landing it can change anything."""
        return bool(self.table.rows or self.partitions or self.cursors)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of a channel: all is read, the owner must reconnect, or YouTube refused it."""

    channel_id: str
    owner_error: OwnerError | None = None
    refusal: str | None = None


def days_a_question(videos: int) -> int:
    """Return how many days of so many videos are asked for at once, to fit into memory."""
    return max(1, min(VIDEO_DAYS, ROWS_A_BATCH // max(1, videos)))


@dataclass
class ChannelReading:
    """One channel in one extraction."""

    plan: ChannelPlan
    asked: Asked
    as_of: datetime
    query: Query
    # the last day that YouTube has processed: of the audience's figures, of money's
    _processed: dict[bool, date | None] = field(default_factory=dict)
    _is_monetised: bool = True
    _refusal: str | None = None

    def read(self) -> Iterator[Landing | Outcome]:
        """Yield what to land, report by report, then how it ended."""
        for report in (CHANNEL_CORE, CHANNEL_REVENUE):
            self._processed[report.is_revenue] = parse_day(self.plan.cursor(report).get("through"))
        self._is_monetised = self.plan.cursor(CHANNEL_REVENUE).get("monetised") is not False
        try:
            for report in REPORTS:
                days = self.plan.days.get(report.stream.name)
                if days is not None:
                    yield from self._read_report(report, days)
                if self._refusal and report is CHANNEL_CORE:
                    break
        except OwnerError as error:
            yield Outcome(self.plan.channel_id, owner_error=error)
            return
        yield Outcome(self.plan.channel_id, refusal=self._refusal)

    def _read_report(self, report: Report, days: Days) -> Iterator[Landing]:
        """Yield a report's batches; the last has the cursor."""
        if report.is_by_video and report.is_revenue and not self._is_monetised:
            return
        parts = (
            self._by_video(report, days) if report.is_by_video else self._by_channel(report, days)
        )
        held = Landing(report, Table([]))
        try:
            for part in parts:
                if held.is_worth_it:
                    yield held
                held = part
        except RefusedError as error:
            yield self._refused(report, error)
            return
        last = replace(held, cursors=self._cursors(report))
        if last.is_worth_it:
            yield last

    def _by_channel(self, report: Report, days: Days) -> Iterator[Landing]:
        seen: date | None = None
        for part in days.split(CHANNEL_DAYS):
            answer = self.query(report, part, ())
            table = parse_report(answer, report, self.plan.channel_id, part)
            seen = max((day for day in (seen, table.seen) if day), default=None)
            yield Landing(report, table, self._partitions(table, part, seen))
        self._processed[report.is_revenue] = reached(
            self.plan.cursor(report), seen, self.asked.today
        )
        if report is CHANNEL_REVENUE:
            self._is_monetised = True

    def _by_video(self, report: Report, days: Days) -> Iterator[Landing]:
        """Read the days latest first, so few at a time that their rows fit into memory."""
        processed = self._processed[report.is_revenue]
        videos = self.plan.videos
        for part in days.split(days_a_question(len(videos))):
            table = self._ask_about(report, videos, part)
            yield Landing(report, table, self._partitions(table, part, processed))
        late = [] if self.asked.is_back_fill else self.plan.late_videos(report)
        if not late:
            return
        # Their earlier days were asked for when they were not known yet.
        first = min(video.published_on for video in late)
        earlier = Days(first, days.first - timedelta(days=1))
        for part in earlier.split(days_a_question(len(late))):
            yield Landing(report, self._ask_about(report, late, part))

    def _ask_about(self, report: Report, videos: Sequence[KnownVideo], days: Days) -> Table:
        """Return the rows of all the videos that can have figures on the days."""
        table = Table([])
        able = [video.video_id for video in videos if video.published_on <= days.last]
        for chunk in batched(able, MOST_VIDEOS):
            answer = self.query(report, days, chunk)
            part = parse_report(answer, report, self.plan.channel_id, days)
            table.rows += part.rows
        return table

    def _partitions(self, table: Table, days: Days, processed: date | None) -> list[Partition]:
        """Return the part of the stream that the answer speaks of wholly.

        Beyond the last processed day it says nothing, and a row that cannot be read must not take
        away the one that was landed before.
        """
        if processed is None or processed < days.first or not table.is_whole:
            return []
        last = min(days.last, processed)
        return [Partition({"channel_id": self.plan.channel_id}, "report_date", days.first, last)]

    def _cursors(self, report: Report) -> list[Cursor]:
        """Return the cursor of a report that was read; days filled back do not move it."""
        if self.asked.is_back_fill:
            return []
        through = self._processed[report.is_revenue] or self.asked.today
        final = final_month(self.asked.today)
        value = {"through": through.isoformat(), "final_month": final.isoformat()}
        return [self._cursor(report, value)]

    def _cursor(self, report: Report, value: Mapping[str, Any]) -> Cursor:
        return Cursor(
            self.plan.channel_id,
            {
                **value,
                "refreshed_on": self.asked.today.isoformat(),
                "refreshed_at": self.as_of.isoformat(),
            },
        )

    def _refused(self, report: Report, error: RefusedError) -> Landing:
        """Return what is noted of a refusal; a channel that is not monetised is none."""
        through = {"through": self.plan.cursor(report).get("through")}
        if report is CHANNEL_REVENUE and error.status == _FORBIDDEN:
            unpaid = {**through, "monetised": False}
            self._is_monetised = False
            return Landing(report, Table([]), (), [self._cursor(report, unpaid)])
        self._refusal = str(error)
        where = f"{report.stream.name} of {self.plan.channel_id}"
        cursor = self._cursor(report, {**through, "refused": error.reason})
        return Landing(report, Table([bad_row(where, str(error), None)]), (), [cursor])
