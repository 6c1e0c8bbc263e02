"""The four daily reports, what is asked for in each, and how its answer is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Protocol

from ingest.landing import BadRow, Row
from ingest.payload import JsonObject
from ingest.shapes import AMOUNT, quoted
from ingest.sources.youtube.resources import UnreadableError, bad_row
from ingest.sources.youtube.windows import Days
from ingest.streams import (
    CHANNEL_DAY_CORE,
    CHANNEL_DAY_REVENUE,
    VIDEO_DAY_CORE,
    VIDEO_DAY_REVENUE,
    Stream,
)
from warehouse.errors import SourceUnavailableError

CORE_METRICS = (
    "views",
    "engagedViews",
    "estimatedMinutesWatched",
    "averageViewDuration",
    "averageViewPercentage",
    "likes",
    "dislikes",
    "comments",
    "shares",
    "subscribersGained",
    "subscribersLost",
)
REVENUE_METRICS = (
    "estimatedRevenue",
    "estimatedAdRevenue",
    "estimatedRedPartnerRevenue",
    "grossRevenue",
    "cpm",
    "playbackBasedCpm",
    "monetizedPlaybacks",
    "adImpressions",
)
# Everything that is counted; the others are averages and money.
WHOLE_METRICS = frozenset((*CORE_METRICS, "monetizedPlaybacks", "adImpressions")) - {
    "averageViewDuration",
    "averageViewPercentage",
}
_PERCENTAGES = frozenset({"averageViewPercentage", "viewerPercentage"})
_MOST_PERCENT = 10**5  # who watches a video again is counted again


class Question(Protocol):
    """What can be asked about a channel and landed in a stream."""

    @property
    def stream(self) -> Stream:
        """Return where the answer is landed."""

    @property
    def metrics(self) -> tuple[str, ...]:
        """Return the figures that are asked for."""

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Return what a row is about."""


@dataclass(frozen=True, slots=True)
class Report:
    """A daily report of a channel, or of each of its videos."""

    stream: Stream
    metrics: tuple[str, ...]
    is_revenue: bool
    is_by_video: bool

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Return what a row is about."""
        return ("day", "video") if self.is_by_video else ("day",)


CHANNEL_CORE = Report(CHANNEL_DAY_CORE, CORE_METRICS, is_revenue=False, is_by_video=False)
CHANNEL_REVENUE = Report(CHANNEL_DAY_REVENUE, REVENUE_METRICS, is_revenue=True, is_by_video=False)
VIDEO_CORE = Report(VIDEO_DAY_CORE, CORE_METRICS, is_revenue=False, is_by_video=True)
VIDEO_REVENUE = Report(VIDEO_DAY_REVENUE, REVENUE_METRICS, is_revenue=True, is_by_video=True)
# A channel's own reports come first: they tell how far YouTube has processed its days.
REPORTS = (CHANNEL_CORE, CHANNEL_REVENUE, VIDEO_CORE, VIDEO_REVENUE)


@dataclass
class Table:
    """The rows of one or several answers, and the last day that they have."""

    rows: list[Row | BadRow]
    seen: date | None = None

    @property
    def is_whole(self) -> bool:
        """Tell whether every row could be read."""
        return not any(isinstance(row, BadRow) for row in self.rows)


def parse_report(answer: JsonObject, report: Report, channel_id: str, days: Days) -> Table:
    """Return the rows of an answer; without data it has none.

    Columns are found by their name. Raises `SourceUnavailableError` where one is missing.
    """
    names, rows = columns_and_rows(answer, report)
    table = Table([])
    where = f"{report.stream.name} of {channel_id}, {days.first} to {days.last}"
    for number, values in enumerate(rows, start=1):
        try:
            day, row = _read(names, values, report, channel_id, days)
        except UnreadableError as error:
            table.rows.append(bad_row(f"{where}, row {number}", str(error), values))
            continue
        table.rows.append(row)
        table.seen = max(day, table.seen or day)
    return table


def columns_and_rows(answer: JsonObject, question: Question) -> tuple[list[str], list[Any]]:
    """Return the names of the columns and the rows of an answer; without data it has none.

    Raises `SourceUnavailableError` where a column that was asked for is missing.
    """
    rows = answer.get("rows") or []
    names = _column_names(answer)
    if not isinstance(rows, list) or len(set(names)) < len(names):
        what = "a column twice" if isinstance(rows, list) else "rows that are no list"
        raise SourceUnavailableError(
            f"The YouTube Analytics API answered {what}.",
            hint="Its report has changed, or something between us and it alters answers.",
        )
    missing = [name for name in (*question.dimensions, *question.metrics) if name not in names]
    if rows and missing:
        raise SourceUnavailableError(
            f"The YouTube Analytics API answered without the column {missing[0]}.",
            hint="Its report has changed, or something between us and it alters answers.",
        )
    return names, rows


def by_column(names: Sequence[str], values: Any) -> JsonObject:
    """Return a row's values by the names of their columns. Raises `UnreadableError`."""
    if not isinstance(values, list) or len(values) != len(names):
        msg = f"the row does not have the {len(names)} values of its columns"
        raise UnreadableError(msg)
    return dict(zip(names, values, strict=True))


def _column_names(answer: JsonObject) -> list[str]:
    headers = answer.get("columnHeaders")
    if not isinstance(headers, list):
        return []
    return [str(header.get("name", "")) for header in headers if isinstance(header, dict)]


def _read(
    names: Sequence[str], values: Any, report: Report, channel_id: str, days: Days
) -> tuple[date, Row]:
    payload = by_column(names, values)
    day = report_day(payload["day"], days)
    for name in report.metrics:
        check_number(name, payload[name])
    if not report.is_by_video:
        return day, Row((channel_id, day), payload)
    video = payload["video"]
    if not isinstance(video, str) or not video:
        msg = f"video is no id but {quoted(video)}"
        raise UnreadableError(msg)
    return day, Row((channel_id, day, video), payload)


def check_number(name: str, value: Any) -> None:
    """Raise `UnreadableError` where a metric's value is no number, or not whole but counted."""
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        msg = f"{name} is no number but {quoted(value)}"
        raise UnreadableError(msg)
    if abs(value) >= (_MOST_PERCENT if name in _PERCENTAGES else AMOUNT):
        msg = f"{name} is too large: {quoted(value)}"
        raise UnreadableError(msg)
    if name in WHOLE_METRICS and isinstance(value, Decimal):
        msg = f"{name} is no whole number but {value}"
        raise UnreadableError(msg)


def report_day(text: Any, days: Days) -> date:
    """Return the day of a row. Raises `UnreadableError` where it was not asked for."""
    try:
        day = date.fromisoformat(text)
    except (TypeError, ValueError):
        day = None
    if day is None or day.isoformat() != text:
        msg = f"day is no date but {quoted(text)}"
        raise UnreadableError(msg)
    if not days.first <= day <= days.last:
        msg = f"day {day} was not asked for"
        raise UnreadableError(msg)
    return day
