"""Read a row of a file, whatever the kind of file: the date, the amount and the texts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from ingest.landing import BadRow, Row
from ingest.sources.bad_rows import as_text
from ingest.sources.files.amounts import parse_amount, plain
from ingest.sources.files.layouts import Layout

_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class RefusedFileError(ValueError):
    """The file as a whole cannot be read; the message says why and what to do."""


class BadCellError(ValueError):
    """A row cannot be read; the message says why."""


def check_header(header: Sequence[str], layout: Layout) -> None:
    """Raise `RefusedFileError` where the header lacks a column or has one twice."""
    missing = [column for column in layout.columns if column not in header]
    if missing:
        found = ascii(", ".join(header)[:200])
        raise RefusedFileError(
            f"its header lacks {', '.join(missing)} (it says {found}); "
            f"it must name {', '.join(layout.columns)}"
        )
    twice = sorted({column for column in header if column and header.count(column) > 1})
    if twice:
        raise RefusedFileError(f"its header names {', '.join(twice)} twice")


def parse_row(
    file: str, place: str, line: int, header: Sequence[str], values: Sequence[str], layout: Layout
) -> Row | BadRow:
    """Return the row that the texts of a line make; `place` names the line to a person."""
    try:
        if len(values) != len(header):
            raise BadCellError(f"{len(values)} values for {len(header)} columns")
        if any("\udc80" <= character <= "\udcff" for value in values for character in value):
            raise BadCellError("the row is not UTF-8")
        row = dict(zip(header, values, strict=True))
        day, amount = _parse_values(row, layout)
    except ValueError as error:
        return BadRow(place, str(error), as_text([escaped(value) for value in values]))
    row[layout.day_column] = row.pop("date")
    return Row((file, line, day), {**row, "amount_usd": plain(amount)})


def _parse_values(row: Mapping[str, str], layout: Layout) -> tuple[date, Decimal]:
    for column in layout.needed:
        if not row[column].strip():
            raise BadCellError(f"the {column} is missing")
    written = row["date"].strip()
    if not _ISO_DATE.fullmatch(written):
        raise BadCellError(f"the date {written!r} is not written as 2026-11-30")
    try:
        day = date.fromisoformat(written)
    except ValueError as error:
        raise BadCellError(f"there is no date {written}") from error
    if row["currency"].strip().upper() != "USD":
        raise BadCellError(f"the currency is {row['currency'].strip()!r}; only USD is read")
    return day, parse_amount(row["amount"])


def escaped(text: str) -> str:
    """Return a text that PostgreSQL can hold, what it cannot written as an escape."""
    return text.encode(errors="backslashreplace").decode().replace("\0", "\\x00")
