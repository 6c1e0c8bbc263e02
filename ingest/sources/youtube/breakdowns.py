"""Who watched: what is asked for of each part of the audience, and how its answer is read.

Days are split by country, device, operating system and traffic source; the viewers of a month by
age group and gender; a video's own length by how many were still watching.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from ingest.landing import Row
from ingest.payload import JsonObject
from ingest.sources.youtube.reports import (
    Table,
    by_column,
    check_number,
    columns_and_rows,
    report_day,
)
from ingest.sources.youtube.resources import UnreadableError, bad_row
from ingest.sources.youtube.windows import Days
from ingest.streams import (
    CHANNEL_DAY_COUNTRY,
    CHANNEL_DAY_DEVICE,
    CHANNEL_DAY_OPERATING_SYSTEM,
    CHANNEL_DAY_TRAFFIC_SOURCE,
    CHANNEL_MONTH_DEMOGRAPHICS,
    VIDEO_RETENTION,
    Stream,
)


@dataclass(frozen=True, slots=True)
class Breakdown:
    """A report on parts of the audience; `parts` are the dimensions that tell them apart."""

    stream: Stream
    metrics: tuple[str, ...]
    parts: tuple[str, ...]
    is_by_day: bool = False

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Return what a row is about."""
        return ("day", *self.parts) if self.is_by_day else self.parts


_SMALL = ("views", "estimatedMinutesWatched")
COUNTRY = Breakdown(
    CHANNEL_DAY_COUNTRY, ("views", "engagedViews", "estimatedMinutesWatched"), ("country",)
)
DEVICE = Breakdown(CHANNEL_DAY_DEVICE, _SMALL, ("deviceType",), is_by_day=True)
OPERATING_SYSTEM = Breakdown(
    CHANNEL_DAY_OPERATING_SYSTEM, _SMALL, ("operatingSystem",), is_by_day=True
)
TRAFFIC_SOURCE = Breakdown(
    CHANNEL_DAY_TRAFFIC_SOURCE, _SMALL, ("insightTrafficSourceType",), is_by_day=True
)
DEMOGRAPHICS = Breakdown(CHANNEL_MONTH_DEMOGRAPHICS, ("viewerPercentage",), ("ageGroup", "gender"))
RETENTION = Breakdown(
    VIDEO_RETENTION,
    ("audienceWatchRatio", "relativeRetentionPerformance"),
    ("elapsedVideoTimeRatio",),
)
# One answer has all the days of these.
DAILY = (DEVICE, OPERATING_SYSTEM, TRAFFIC_SOURCE)
BREAKDOWNS = (*DAILY, COUNTRY, DEMOGRAPHICS, RETENTION)
_FRACTIONS = ("viewerPercentage", *RETENTION.metrics)


def parse_breakdown(
    answer: JsonObject, breakdown: Breakdown, channel_id: str, days: Days, video_id: str = ""
) -> Table:
    """Return the rows of an answer about a channel's days, or about a video of it.

    Without `day` among the dimensions they belong to the first of the days. Raises
    `SourceUnavailableError` where a column is missing.
    """
    names, rows = columns_and_rows(answer, breakdown)
    table = Table([])
    where = f"{breakdown.stream.name} of {video_id or channel_id}, {days.first} to {days.last}"
    for number, values in enumerate(rows, start=1):
        try:
            row = _read(by_column(names, values), breakdown, channel_id, days, video_id)
        except UnreadableError as error:
            table.rows.append(bad_row(f"{where}, row {number}", str(error), values))
            continue
        table.rows.append(row)
    return table


def _read(
    payload: JsonObject, breakdown: Breakdown, channel_id: str, days: Days, video_id: str
) -> Row:
    for name in breakdown.metrics:
        _check_metric(name, payload[name])
    if breakdown is RETENTION:
        return Row((channel_id, video_id, _elapsed(payload["elapsedVideoTimeRatio"])), payload)
    day: date = report_day(payload["day"], days) if breakdown.is_by_day else days.first
    return Row((channel_id, day, _part(payload, breakdown.parts)), payload)


def _check_metric(name: str, value: Any) -> None:
    check_number(name, value)
    if value is None:
        if name in _FRACTIONS:
            return
        msg = f"{name} is missing"
        raise UnreadableError(msg)
    if value < 0 or (name == "viewerPercentage" and value > 100):
        msg = f"{name} cannot be {value}"
        raise UnreadableError(msg)


def _part(payload: JsonObject, names: Sequence[str]) -> str:
    values = []
    for name in names:
        value = payload[name]
        if not isinstance(value, str) or not value:
            msg = f"{name} is no name but {value!r}"
            raise UnreadableError(msg)
        values.append(value)
    return "/".join(values)


def _elapsed(value: Any) -> Decimal:
    check_number("elapsedVideoTimeRatio", value)
    if value is None or not 0 <= value <= 1:
        msg = f"elapsedVideoTimeRatio is no share of the video but {value}"
        raise UnreadableError(msg)
    return Decimal(value)
