"""Read a CSV file: UTF-8 with or without a byte order mark, a header by name."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from ingest.landing import BadRow, Row
from ingest.sources.files.layouts import Layout
from ingest.sources.files.rows import RefusedFileError, check_header, escaped, parse_row


def parse_csv(name: str, content: bytes, layout: Layout) -> Iterator[Row | BadRow]:
    """Yield the rows of a file and those that are none.

    The header's columns may stand in any order, and further columns are kept in the payload. Raises
    `RefusedFileError` where the header lacks a column or has one twice, or where a quote is
    never closed: what stands behind it could not be told from its text.
    """
    # Bytes that are no UTF-8 become half surrogates, which no good row holds.
    text = content.decode("utf-8-sig", errors="surrogateescape")
    lines = list(io.StringIO(text, newline=""))
    reader = csv.reader(lines, strict=True)
    header = _read_header(reader, layout)
    line = reader.line_num + 1
    while True:
        try:
            values = next(reader, None)
        except csv.Error as error:
            if "unexpected end of data" in str(error):
                raise RefusedFileError(f"a quote in line {line} is never closed") from error
            passed = "".join(lines[line - 1 : reader.line_num])
            yield BadRow(f"{name}:{line}", f"not CSV: {error}", escaped(passed))
        else:
            if values is None:
                return
            if values:
                yield parse_row(name, f"{name}:{line}", line, header, values, layout)
        line = reader.line_num + 1


def _read_header(reader: Iterator[list[str]], layout: Layout) -> list[str]:
    try:
        header = [column.strip().casefold() for column in next(reader, [])]
    except csv.Error as error:
        raise RefusedFileError(f"its header is not CSV: {error}") from error
    check_header(header, layout)
    return header
