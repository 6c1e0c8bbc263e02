"""What a batch is made of, and which rows PostgreSQL can hold.

A row that cannot be held is not an error: it becomes a `BadRow` with the reason, and the others
of its batch are landed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from ingest.payload import dump_json
from ingest.streams import Column, Stream

MAX_KEY_BYTES = 600  # an index entry of PostgreSQL holds 2,704 bytes for all of its columns
FIRST_YEAR, LAST_YEAR = 2005, 2099  # a date beyond is a mistake; YouTube opened in 2005


@dataclass(frozen=True, slots=True)
class Row:
    """A readable row: the values of the stream's columns in order, and the payload as it came."""

    values: tuple[Any, ...]
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be read: where it stands, why, and its text as it came."""

    location: str
    reason: str
    payload: str


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a stream was read within a scope; committed with the rows that it speaks of."""

    scope: str
    value: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Partition:
    """The part of a table that a batch replaces: equal columns, and an optional range of days."""

    equals: Mapping[str, Any]
    day_column: str | None = None
    first_day: date | None = None
    last_day: date | None = None


@dataclass(frozen=True, slots=True)
class BatchResult:
    """What became of a batch. `rows_landed` counts rows added, changed or removed."""

    batch_id: UUID
    rows_read: int
    rows_landed: int
    rows_quarantined: int


@dataclass(frozen=True, slots=True)
class Batch:
    """The rows of one stream that are committed together, with cursors and replaced partitions."""

    batch_id: UUID
    stream: Stream
    rows: list[Row | BadRow]
    cursors: tuple[Cursor, ...]
    partitions: tuple[Partition, ...]


class Encoded(NamedTuple):
    """A row that is ready to be copied: the columns' values and the payload's JSON text."""

    values: tuple[Any, ...]
    text: str


def encode(rows: Iterable[Row | BadRow], stream: Stream) -> tuple[list[Encoded], list[BadRow]]:
    """Return the rows with their payloads as JSON, and those that PostgreSQL could not hold."""
    readable: list[Encoded] = []
    bad: list[BadRow] = []
    for row in rows:
        encoded = encode_row(row, stream)
        if isinstance(encoded, BadRow):
            bad.append(encoded)
        else:
            readable.append(encoded)
    return readable, bad


def encode_row(row: Row | BadRow, stream: Stream) -> Encoded | BadRow:
    """Return the row with its payload as JSON, or why PostgreSQL could not hold it."""
    if isinstance(row, BadRow):
        return row
    reason = _misfit(row.values, stream.columns)
    try:
        text = dump_json(row.payload)
    except (TypeError, ValueError, RecursionError) as error:
        place = where(row.values, stream)
        return BadRow(place, reason or str(error), ascii(dict(row.payload)))
    if reason is None:
        return Encoded(row.values, text)
    return BadRow(where(row.values, stream), reason, text)


def partition_months(batch: Batch) -> set[date]:
    """Return the first days of the UTC months that the batch's rows belong in."""
    column = batch.stream.partition_column
    if column is None:
        return set()
    at = [each.name for each in batch.stream.columns].index(column)
    fits = _FITS[batch.stream.columns[at].type]
    moments = {
        row.values[at]
        for row in batch.rows
        if isinstance(row, Row) and len(row.values) > at and isinstance(row.values[at], date)
    }
    return {_month(moment) for moment in moments if fits(moment) is None}


def _month(moment: date | datetime) -> date:
    if isinstance(moment, datetime):
        moment = moment.astimezone(UTC).date()
    return moment.replace(day=1)


def where(values: tuple[Any, ...], stream: Stream) -> str:
    """Return the row's place as a person would name it: its columns and their values."""
    pairs = zip((column.name for column in stream.columns), values, strict=False)
    return ", ".join(f"{name}={value}" for name, value in pairs)


def _misfit(values: tuple[Any, ...], columns: tuple[Column, ...]) -> str | None:
    """Return why the values are none of the columns' types, None where all of them fit."""
    if len(values) != len(columns):
        return f"{len(values)} values for {len(columns)} columns"
    for column, value in zip(columns, values, strict=True):
        reason = _FITS[column.type](value)
        if reason is not None:
            return f"{column.name} {reason}"
    return None


def _text(value: Any) -> str | None:
    if not isinstance(value, str):
        return f"is not a text but {value!r}"
    if "\0" in value:
        return "holds a NUL character"
    try:
        size = len(value.encode())
    except UnicodeEncodeError:
        return "holds half a surrogate pair"
    return f"is {size} bytes long" if size > MAX_KEY_BYTES else None


def _date(value: Any) -> str | None:
    if not isinstance(value, date) or isinstance(value, datetime):
        return f"is not a date but {value!r}"
    return _year(value)


def _timestamp(value: Any) -> str | None:
    if not isinstance(value, datetime) or value.tzinfo is None:
        return f"is not an instant with its time zone but {value!r}"
    return _year(value)


def _year(value: date) -> str | None:
    if FIRST_YEAR <= value.year <= LAST_YEAR:
        return None
    return f"lies outside {FIRST_YEAR} to {LAST_YEAR}: {value}"


def _integer(value: Any) -> str | None:
    if not isinstance(value, int) or isinstance(value, bool):
        return f"is not an integer but {value!r}"
    return None if -(2**31) <= value < 2**31 else f"is beyond 32 bits: {value}"


def _decimal(value: Any) -> str | None:
    if isinstance(value, Decimal) and value.is_finite():
        return None
    return f"is not a decimal but {value!r}"


_FITS = {
    "text": _text,
    "date": _date,
    "timestamptz": _timestamp,
    "int4": _integer,
    "numeric": _decimal,
}
