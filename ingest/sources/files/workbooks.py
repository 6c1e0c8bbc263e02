"""Read a sheet of a workbook (.xlsx): a header by name, cells as Excel keeps them.

A date is a cell that is formatted as one, or text such as 2026-11-30. An amount is a number or
text. Excel keeps numbers as floats of which 15 digits count; those are read, as its user saw them.
"""

from __future__ import annotations

import io
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any
from xml.etree.ElementTree import ParseError

from ingest.landing import BadRow, Row
from ingest.sources.bad_rows import as_text
from ingest.sources.files.amounts import plain
from ingest.sources.files.layouts import Layout
from ingest.sources.files.rows import (
    BadCellError,
    RefusedFileError,
    check_header,
    escaped,
    parse_row,
)

MAX_UNPACKED_BYTES = 500_000_000
_HEADER_WITHIN = 20  # rows: a title or a logo may stand above the header
_EXACT_BELOW = 10**15
_UNREADABLE = (
    zipfile.BadZipFile, zlib.error, ParseError, KeyError, ValueError, TypeError, AttributeError,
    IndexError, EOFError, OSError, NotImplementedError, RuntimeError,
)  # fmt: skip
Cells = Sequence[Any]


def parse_workbook(name: str, content: bytes, layout: Layout) -> Iterator[Row | BadRow]:
    """Yield the rows of the sheet named as the layout says, else of the first, and the bad ones.

    Empty rows are passed over. Raises `RefusedFileError` for what is no workbook, and where no
    header with all columns stands within the first rows.
    """
    title, sheet = _read_sheet(content, layout)
    top, header = _find_header(sheet, layout)
    for number, cells in enumerate(sheet[top:], start=top + 1):
        if any(not _is_empty(cell) for cell in cells):
            yield _parse_cells(name, f"{name}:{title}:{number}", number, header, cells, layout)


def _read_sheet(content: bytes, layout: Layout) -> tuple[str, list[Cells]]:
    """Return the sheet's title and its rows."""
    from openpyxl import load_workbook  # 0.2 s that directories without workbooks do without

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            unpacked = sum(part.file_size for part in packed.infolist())
        if unpacked > MAX_UNPACKED_BYTES:
            size = f"{MAX_UNPACKED_BYTES // 1_000_000} MB"
            raise RefusedFileError(f"it holds more than {size} when unpacked")
        with warnings.catch_warnings():  # of decorations that openpyxl does not know
            warnings.simplefilter("ignore")
            book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
            named = [s for s in book.worksheets if s.title.strip().casefold() == layout.sheet]
            sheet = (named or book.worksheets)[0]
            sheet.reset_dimensions()  # what a writer notes there need not be true
            return sheet.title, list(sheet.iter_rows(values_only=True))
    except RefusedFileError:
        raise
    except _UNREADABLE as error:
        said = escaped(f"{type(error).__name__}: {error}")[:200]
        raise RefusedFileError(
            f"it is no workbook that can be read ({said}); save it as .xlsx without a password"
        ) from error


def _find_header(sheet: Sequence[Cells], layout: Layout) -> tuple[int, list[str]]:
    """Return how many rows there are down to the header, and its columns.

    Of several rows the one that names most columns is taken for the header.
    """
    found: tuple[int, int, list[str]] | None = None
    for number, cells in enumerate(islice(sheet, _HEADER_WITHIN), start=1):
        header = [_text(cell).strip().casefold() for cell in _trimmed(cells)]
        named = len(set(header) & set(layout.columns))
        if found is None or named > found[0]:
            found = (named, number, header)
    named, top, header = found or (0, 0, [])
    check_header(header, layout)
    return top, header


def _parse_cells(
    name: str, place: str, number: int, header: Sequence[str], cells: Cells, layout: Layout
) -> Row | BadRow:
    cells = list(_trimmed(cells))
    cells += [None] * (len(header) - len(cells))
    try:
        values = [
            _read_cell(column, cell)
            for column, cell in zip([*header, *[""] * len(cells)], cells, strict=False)
        ]
    except BadCellError as error:
        return BadRow(place, str(error), as_text([escaped(str(cell)) for cell in cells]))
    return parse_row(name, place, number, header, values, layout)


def _read_cell(column: str, cell: Any) -> str:
    """Return a cell as the text of a CSV file would be."""
    if column == "date" and not isinstance(cell, str | date | None):
        raise BadCellError(f"the date {cell!r} is not formatted as a date, nor text 2026-11-30")
    if column == "amount":
        if isinstance(cell, bool) or not isinstance(cell, str | int | float | None):
            raise BadCellError(f"the amount {cell!s} is not a number")
        if isinstance(cell, int | float) and not abs(cell) < _EXACT_BELOW:
            raise BadCellError(f"the amount {cell} has more digits than Excel keeps: write text")
    return _text(cell)


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float):
        return plain(Decimal(f"{cell:.15g}"))
    return str(cell)


def _trimmed(cells: Cells) -> Cells:
    """Return the cells without the empty ones at their end."""
    last = max((n for n, cell in enumerate(cells) if not _is_empty(cell)), default=-1)
    return cells[: last + 1]


def _is_empty(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())
