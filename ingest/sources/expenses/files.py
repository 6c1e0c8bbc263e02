"""Read a file of expenses: CSV, UTF-8 with or without a byte order mark, a header by name."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal

from ingest.landing import BadRow, Row
from ingest.sources.bad_rows import as_text
from ingest.sources.expenses.amounts import parse_amount, plain

COLUMNS = ("date", "department", "category", "vendor", "description", "amount", "currency")
_NEEDED = ("date", "department", "category", "amount", "currency")  # vendor may be unknown
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class RefusedFileError(ValueError):
    """The file as a whole cannot be read; the message says why and what to do."""


def parse_file(name: str, content: bytes) -> Iterator[Row | BadRow]:
    """Yield the expenses of a file and the rows that are none.

    The header's columns may stand in any order, and further columns are kept in the payload. Raises
    `RefusedFileError` where the header lacks a column or has one twice, or where a quote is
    never closed: what stands behind it could not be told from its text.
    """
    # Bytes that are no UTF-8 become half surrogates, which no good row holds.
    text = content.decode("utf-8-sig", errors="surrogateescape")
    lines = list(io.StringIO(text, newline=""))
    reader = csv.reader(lines, strict=True)
    header = _read_header(reader)
    line = reader.line_num + 1
    while True:
        try:
            values = next(reader, None)
        except csv.Error as error:
            if "unexpected end of data" in str(error):
                raise RefusedFileError(f"a quote in line {line} is never closed") from error
            passed = "".join(lines[line - 1 : reader.line_num])
            yield BadRow(f"{name}:{line}", f"not CSV: {error}", _escaped(passed))
        else:
            if values is None:
                return
            if values:
                yield _parse_row(name, line, header, values)
        line = reader.line_num + 1


def _read_header(reader: Iterator[list[str]]) -> list[str]:
    try:
        header = [column.strip().casefold() for column in next(reader, [])]
    except csv.Error as error:
        raise RefusedFileError(f"its header is not CSV: {error}") from error
    missing = [column for column in COLUMNS if column not in header]
    if missing:
        found = ascii(", ".join(header)[:200])
        raise RefusedFileError(
            f"its header lacks {', '.join(missing)} (it says {found}); "
            f"it must name {', '.join(COLUMNS)}, separated by commas"
        )
    twice = sorted({column for column in header if column and header.count(column) > 1})
    if twice:
        raise RefusedFileError(f"its header names {', '.join(twice)} twice")
    return header


def _parse_row(name: str, line: int, header: list[str], values: list[str]) -> Row | BadRow:
    try:
        if len(values) != len(header):
            raise ValueError(f"{len(values)} values for {len(header)} columns")
        if any("\udc80" <= character <= "\udcff" for value in values for character in value):
            raise ValueError("the row is not UTF-8")
        row = dict(zip(header, values, strict=True))
        day, amount = _parse_values(row)
    except ValueError as error:
        return BadRow(f"{name}:{line}", str(error), as_text([_escaped(v) for v in values]))
    row["expense_date"] = row.pop("date")
    return Row((name, line, day), {**row, "amount_usd": plain(amount)})


def _parse_values(row: Mapping[str, str]) -> tuple[date, Decimal]:
    for column in _NEEDED:
        if not row[column].strip():
            raise ValueError(f"the {column} is missing")
    written = row["date"].strip()
    if not _ISO_DATE.fullmatch(written):
        raise ValueError(f"the date {written!r} is not written as 2026-11-30")
    try:
        day = date.fromisoformat(written)
    except ValueError as error:
        raise ValueError(f"there is no date {written}") from error
    if row["currency"].strip().upper() != "USD":
        raise ValueError(f"the currency is {row['currency'].strip()!r}; only USD is read")
    return day, parse_amount(row["amount"])


def _escaped(text: str) -> str:
    return text.encode(errors="backslashreplace").decode().replace("\0", "\\x00")
