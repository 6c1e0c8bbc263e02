"""YouTube's bulk reports: which there are, and how their CSV and its listing are read.

A report is a CSV about a channel's Pacific day. Columns are found by their names; values are kept
as they are told, as text. Facts: developers.google.com/youtube/reporting/v1/reports/channel_reports
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from ingest.landing import BadRow, Partition, Row
from ingest.payload import JsonObject
from ingest.shapes import AMOUNT, instant
from ingest.sources.youtube.resources import UnreadableError, bad_row, pacific_day
from ingest.streams import (
    REPORTING_BASIC,
    REPORTING_DEVICE_OS,
    REPORTING_REACH_BASIC,
    REPORTING_TRAFFIC_SOURCE,
    Stream,
)
from warehouse.errors import ConfigurationError

_KEYS = ("date", "channel_id", "video_id")
_WATCHED = ("views", "watch_time_minutes")
_COUNT = re.compile(r"\d{1,18}", re.ASCII)
_NUMBER = re.compile(r"-?\d{1,18}(\.\d{1,18})?([eE][+-]?\d{1,3})?", re.ASCII)
_RESOURCE = re.compile(r"[\w.~%/+=-]+(\?.*)?", re.ASCII)
_LONGEST = 200  # characters of an unreadable row's text that its reason quotes


@dataclass(frozen=True, slots=True)
class BulkReport:
    """A type of bulk report: its table, and the columns that it must have.

    `counts` are whole numbers, `numbers` may have a fraction or be empty.
    """

    type_id: str
    stream: Stream
    dimensions: tuple[str, ...]
    counts: tuple[str, ...]
    numbers: tuple[str, ...] = ()


_REACH = BulkReport(
    "channel_reach_basic_a1",
    REPORTING_REACH_BASIC,
    _KEYS,
    ("video_thumbnail_impressions",),
    ("video_thumbnail_impressions_ctr",),
)
BULK_REPORTS: Mapping[str, BulkReport] = {
    report.type_id: report
    for report in (
        _REACH,
        BulkReport(
            "channel_basic_a3", REPORTING_BASIC, (*_KEYS, "country_code"), ("views",), _WATCHED[1:]
        ),
        BulkReport(
            "channel_traffic_source_a3",
            REPORTING_TRAFFIC_SOURCE,
            (*_KEYS, "traffic_source_type"),
            ("views",),
            _WATCHED[1:],
        ),
        BulkReport(
            "channel_device_os_a3",
            REPORTING_DEVICE_OS,
            (*_KEYS, "device_type", "operating_system"),
            ("views",),
            _WATCHED[1:],
        ),
    )
}
DEFAULT_TYPES = (_REACH.type_id,)


def read_report_types(text: str | None) -> tuple[str, ...]:
    """Return the types that YOUTUBE_REPORT_TYPES lists with commas; reach where it is not set.

    Raises `ConfigurationError` for one that we cannot read.
    """
    names = tuple(dict.fromkeys(part.strip() for part in (text or "").split(",") if part.strip()))
    for name in names:
        if name not in BULK_REPORTS:
            raise ConfigurationError(
                f"YOUTUBE_REPORT_TYPES names {name!r}, which is no bulk report that can be read.",
                hint=f"It is a list of: {', '.join(BULK_REPORTS)}.",
            )
    return names or DEFAULT_TYPES


@dataclass(frozen=True, slots=True)
class Listed:
    """A report of a listing: which day it is about, when it was made, where it is."""

    report_id: str
    day: date
    created_at: datetime
    resource_name: str
    item: JsonObject

    @property
    def age(self) -> tuple[datetime, str]:
        """Return what says which of two reports of a day is the newer one."""
        return self.created_at, self.report_id

    def payload(self, rows: int) -> JsonObject:
        """Return what is landed of the report: all but the address, and its number of rows."""
        kept = {name: value for name, value in self.item.items() if name != "downloadUrl"}
        return {**kept, "rows": rows}


def read_listing(items: Iterable[Any], where: str) -> Iterator[Listed | BadRow]:
    """Yield the reports of a listing, and those that cannot be understood."""
    for number, item in enumerate(items, start=1):
        try:
            yield _read_listed(item)
        except UnreadableError as error:
            yield bad_row(f"{where}, report {number}", str(error), item)


def _read_listed(item: Any) -> Listed:
    text = {name: _text(item, name) for name in ("id", "startTime", "createTime", "downloadUrl")}
    begins, made = _instant(text["startTime"]), _instant(text["createTime"])
    _, _, resource = text["downloadUrl"].partition("/v1/media/")
    if not _RESOURCE.fullmatch(resource):
        msg = f"downloadUrl is no address of a report but {text['downloadUrl'][:_LONGEST]!r}"
        raise UnreadableError(msg)
    return Listed(text["id"], pacific_day(begins), made, resource.partition("?")[0], item)


def _text(item: Any, name: str) -> str:
    value = item.get(name) if isinstance(item, dict) else None
    if not isinstance(value, str) or not value:
        msg = f"there is no {name}"
        raise UnreadableError(msg)
    return value


def _instant(text: str) -> datetime:
    reason = instant(text)
    if reason is not None:
        msg = f"a time {reason}"
        raise UnreadableError(msg)
    return datetime.fromisoformat(text)


def newest_of_days(
    listed: Iterable[Listed], known: Mapping[date, tuple[datetime, str]]
) -> list[Listed]:
    """Return the newest report of each day, where it is newer than what is known of the day.

    A back-fill has an old day and a new instant of creation: it takes the place of what was there.
    """
    newest: dict[date, Listed] = {}
    for report in listed:
        held = newest.get(report.day)
        if held is None or held.age < report.age:
            newest[report.day] = report
    return [
        report
        for day, report in sorted(newest.items())
        if day not in known or known[day] < report.age
    ]


def parse_csv(
    content: bytes, kind: BulkReport, channel_id: str, report: Listed
) -> list[Row | BadRow]:
    """Return the rows of a report. An empty video id is kept: a row may belong to no video.

    Raises `UnreadableError` where the report lacks a column, so that none of it can be used.
    """
    # A byte that is no UTF-8 spoils its row and not the report.
    text = io.TextIOWrapper(
        io.BytesIO(content), encoding="utf-8-sig", errors="surrogateescape", newline=""
    )
    reader = csv.reader(text, strict=True)
    try:
        names = next(reader, [])
    except csv.Error as error:
        msg = f"its first line cannot be read ({error})"
        raise UnreadableError(msg) from error
    needed = (*kind.dimensions, *kind.counts, *kind.numbers)
    missing = [name for name in needed if name not in names]
    if missing or len(set(names)) < len(names):
        msg = f"there is no column {missing[0]}" if missing else "a column is there twice"
        raise UnreadableError(msg)
    rows: list[Row | BadRow] = []
    while True:
        values: Sequence[str] = ()
        try:
            values = next(reader)
            if values:
                rows.append(_read_row(names, values, kind, channel_id, report.day, reader.line_num))
        except StopIteration:
            return rows
        except (csv.Error, UnreadableError) as error:
            where = f"report {report.report_id}, line {reader.line_num}"
            rows.append(BadRow(where, str(error), ascii(",".join(values))))


def _read_row(
    names: Sequence[str],
    values: Sequence[str],
    kind: BulkReport,
    channel_id: str,
    day: date,
    line: int,
) -> Row:
    if len(values) != len(names):
        msg = f"the row has {len(values)} values for {len(names)} columns"
        raise UnreadableError(msg)
    payload = dict(zip(names, values, strict=True))
    if payload["date"] != f"{day:%Y%m%d}":
        msg = f"date is not the report's, {day:%Y%m%d}, but {payload['date'][:_LONGEST]!r}"
        raise UnreadableError(msg)
    if payload["channel_id"] != channel_id:
        msg = f"channel_id is not the report's but {payload['channel_id'][:_LONGEST]!r}"
        raise UnreadableError(msg)
    for name in kind.counts:
        if not _COUNT.fullmatch(payload[name]):
            msg = f"{name} is no count but {payload[name][:_LONGEST]!r}"
            raise UnreadableError(msg)
    for name in kind.numbers:
        told = payload[name]
        if told and not (_NUMBER.fullmatch(told) and abs(Decimal(told)) < AMOUNT):
            msg = f"{name} is no number but {payload[name][:_LONGEST]!r}"
            raise UnreadableError(msg)
    return Row((channel_id, day, line), payload)


def partitions_of(channel_id: str, days: Iterable[date]) -> list[Partition]:
    """Return the days of a channel as partitions, days in a row as one."""
    runs: list[list[date]] = []
    for day in sorted(days):
        if runs and (day - runs[-1][-1]).days == 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return [Partition({"channel_id": channel_id}, "report_date", run[0], run[-1]) for run in runs]
