"""Reads who watched one channel: asks, parses, says what is to be landed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from ingest.extraction import batched
from ingest.landing import BadRow, Cursor, Partition, Row
from ingest.payload import JsonObject
from ingest.sources.youtube.analytics_reading import Landing, Outcome
from ingest.sources.youtube.breakdown_plan import BreakdownPlan, country_since
from ingest.sources.youtube.breakdowns import (
    COUNTRY,
    DAILY,
    DEMOGRAPHICS,
    RETENTION,
    Breakdown,
    parse_breakdown,
)
from ingest.sources.youtube.failures import OwnerError, RefusedError
from ingest.sources.youtube.reports import Question, Table
from ingest.sources.youtube.resources import bad_row
from ingest.sources.youtube.windows import Asked, Days, final_month, next_month

DAYS_A_QUESTION = 730  # a dozen rows each
COUNTRY_DAYS_A_BATCH = 31
MONTHS_A_BATCH = 12


@dataclass
class BreakdownReading:
    """The audience of one channel in one extraction."""

    plan: BreakdownPlan
    asked: Asked
    as_of: datetime
    query: Callable[[Question, Days, Sequence[str]], JsonObject]
    country_days: int
    _refusal: str | None = None

    def read(self) -> Iterator[Landing | Outcome]:
        """Yield what to land, report by report, then how it ended."""
        plan = self.plan
        try:
            for breakdown in DAILY:
                days = plan.days.get(breakdown.stream.name)
                if days is not None:
                    yield from self._ending(breakdown, self._daily(breakdown, days))
            if plan.country_days is not None:
                yield from self._ending(COUNTRY, self._countries(plan.country_days))
            if plan.months is not None:
                yield from self._ending(DEMOGRAPHICS, self._demographics(plan.months))
            if plan.videos is not None:
                yield from self._ending(RETENTION, self._retention())
        except OwnerError as error:
            yield Outcome(plan.channel_id, owner_error=error)
            return
        yield Outcome(plan.channel_id, refusal=self._refusal)

    def _ending(self, breakdown: Breakdown, parts: Iterable[Landing]) -> Iterator[Landing]:
        """Yield the batches, the cursor with the last of them; a refusal is noted."""
        held = Landing(breakdown, Table([]))
        cursor = self._cursor(breakdown)
        try:
            for part in parts:
                if held.is_worth_it:
                    yield held
                held = part
        except RefusedError as error:
            if held.is_worth_it:
                yield held
            self._refusal = str(error)
            where = f"{breakdown.stream.name} of {self.plan.channel_id}"
            held = Landing(breakdown, Table([bad_row(where, str(error), None)]))
            # Nothing more was read than before; it is tried again, but not today.
            value = {**self.plan.cursor(breakdown), **self._now(), "refused": error.reason}
            cursor = Cursor(self.plan.channel_id, value)
        cursors = [] if self.asked.is_back_fill else [cursor]
        last = Landing(breakdown, held.table, held.partitions, cursors)
        if last.is_worth_it:
            yield last

    def _cursor(self, breakdown: Breakdown) -> Cursor:
        value: dict[str, Any] = self._now()
        if breakdown is not RETENTION:
            value["final_month"] = final_month(self.asked.today).isoformat()
        if breakdown.stream.name in self.plan.days or breakdown is COUNTRY:
            value["through"] = self.plan.processed.isoformat()
        if breakdown is COUNTRY:
            value["since"] = country_since(self.plan, self.country_days).isoformat()
        return Cursor(self.plan.channel_id, value)

    def _now(self) -> dict[str, Any]:
        return {
            "refreshed_on": self.asked.today.isoformat(),
            "refreshed_at": self.as_of.isoformat(),
        }

    def _ask(self, breakdown: Breakdown, days: Days, video_id: str = "") -> Table:
        answer = self.query(breakdown, days, [video_id] if video_id else [])
        return parse_breakdown(answer, breakdown, self.plan.channel_id, days, video_id)

    def _daily(self, breakdown: Breakdown, days: Days) -> Iterator[Landing]:
        for part in days.split(DAYS_A_QUESTION):
            table = self._ask(breakdown, part)
            yield Landing(breakdown, table, self._days(table, "report_date", part))

    def _countries(self, asked_days: Iterable[date]) -> Iterator[Landing]:
        for some in batched(asked_days, COUNTRY_DAYS_A_BATCH):
            rows: list[Row | BadRow] = []
            partitions: list[Partition] = []
            for day in some:
                days = Days(day, day)
                table = self._ask(COUNTRY, days)
                rows += table.rows
                partitions += self._days(table, "report_date", days)
            yield Landing(COUNTRY, Table(rows), partitions)

    def _demographics(self, asked_months: Iterable[date]) -> Iterator[Landing]:
        for some in batched(asked_months, MONTHS_A_BATCH):
            rows: list[Row | BadRow] = []
            partitions: list[Partition] = []
            for month in some:
                end = next_month(month) - timedelta(days=1)
                table = self._ask(DEMOGRAPHICS, Days(month, min(end, self.asked.today)))
                rows += table.rows
                partitions += self._days(table, "report_month", Days(month, month))
            yield Landing(DEMOGRAPHICS, Table(rows), partitions)

    def _days(self, table: Table, column: str, days: Days) -> list[Partition]:
        """Return the part of the stream that the answer speaks of; none where a row is bad."""
        if not table.is_whole:
            return []
        return [Partition({"channel_id": self.plan.channel_id}, column, days.first, days.last)]

    def _retention(self) -> Iterator[Landing]:
        """Read the curves of some videos; one without a curve keeps the one that it had."""
        rows: list[Row | BadRow] = []
        partitions: list[Partition] = []
        for video in self.plan.videos or ():
            if video.published_on > self.plan.processed:
                continue
            days = Days(video.published_on, self.plan.processed)
            try:
                table = self._ask(RETENTION, days, video.video_id)
            except RefusedError as error:
                where = f"{RETENTION.stream.name} of {video.video_id}"
                rows.append(bad_row(where, str(error), None))
                continue
            rows += table.rows
            if table.rows and table.is_whole:
                equals = {"channel_id": self.plan.channel_id, "video_id": video.video_id}
                partitions.append(Partition(equals))
        yield Landing(RETENTION, Table(rows), partitions)
