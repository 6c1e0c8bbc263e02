"""Workbooks of expenses and of infrastructure costs."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from standins import AS_OF, Landed, extract, payloads, quarantine, raw_rows

from ingest.landing import BadRow, Row
from ingest.sources.files import workbooks
from ingest.sources.files.extractor import (
    FilesConfig,
    expenses_extractor,
    infrastructure_extractor,
    parse_file,
)
from ingest.sources.files.layouts import EXPENSE_FILES, INFRASTRUCTURE_FILES, Layout
from ingest.sources.files.rows import RefusedFileError
from simulator.world.synthetic import SyntheticWorld
from warehouse.connection import WarehouseTarget
from warehouse.errors import BadDataError

HEADER = ("date", "department", "category", "vendor", "description", "amount", "currency")
INFRASTRUCTURE = ("date", "service", "resource", "component", "amount", "currency")
KEY = "file_name, line_number"
DAY = date(2026, 11, 2)


def book(**sheets: list[tuple[Any, ...]]) -> bytes:
    """Return a workbook with these sheets."""
    made = Workbook()
    made.remove(made.worksheets[0])
    for title, rows in sheets.items():
        sheet = made.create_sheet(title)
        for row in rows:
            sheet.append(row)
    content = io.BytesIO()
    made.save(content)
    return content.getvalue()


def parsed(content: bytes, layout: Layout = EXPENSE_FILES) -> list[Row | BadRow]:
    return list(parse_file("a.xlsx", content, layout))


def line(day: Any = DAY, amount: Any = 5, currency: Any = "USD", **others: Any) -> tuple[Any, ...]:
    values = {"department": "marketing", "category": "paid_ads", "vendor": None, **others}
    return (day, *values.values(), "Ads", amount, currency)


@pytest.mark.parametrize(
    ("amount", "read"),
    [
        (5, "5"),
        (89.0, "89"),
        (1234.5, "1234.5"),
        (0.1 + 0.2, "0.3"),
        (-45.1, "-45.1"),
        (0, "0"),
        (1e-06, "0.000001"),
        (123456789012.25, "123456789012.25"),
        ("1,234.50", "1234.50"),
        ("$1,234.50", "1234.50"),
        (" (45.00) ", "-45.00"),
        ("-$45", "-45"),
        ("\N{MINUS SIGN}45", "-45"),
        ("12345678901234567890.12", "12345678901234567890.12"),
    ],
)
def test_amounts_are_numbers_or_text(amount: Any, read: str) -> None:
    (row,) = parsed(book(Sheet1=[HEADER, line(amount=amount)]))
    assert isinstance(row, Row)
    assert row.payload["amount_usd"] == read
    assert row.values == ("a.xlsx", 2, DAY)
    assert row.payload["vendor"] == ""


@pytest.mark.parametrize(
    "day",
    [
        DAY,
        datetime.combine(DAY, time()),
        datetime.combine(DAY, time(17, 30)),
        "2026-11-02",
        " 2026-11-02 ",
    ],
)
def test_dates_are_excels_or_text(day: Any) -> None:
    (row,) = parsed(book(Sheet1=[HEADER, line(day)]))
    assert isinstance(row, Row)
    assert row.values[2] == DAY
    assert row.payload["expense_date"].strip() == "2026-11-02"


ODD = [
    (line("2026-11-31"), "there is no date 2026-11-31"),
    (line("02.11.2026"), "is not written as 2026-11-30"),
    (line("11/02/2026"), "is not written as 2026-11-30"),
    (line("2026-11-2"), "is not written as 2026-11-30"),
    (line("20261102"), "is not written as 2026-11-30"),
    (line("yesterday"), "is not written as 2026-11-30"),
    (line("2026-11-02T00:00:00"), "is not written as 2026-11-30"),
    (line("٢٠٢٦-١١-٠٢"), "is not written as 2026-11-30"),
    (line(None), "the date is missing"),
    (line("  "), "the date is missing"),
    (line(46328), "the date 46328 is not formatted as a date"),
    (line(46328.5), "is not formatted as a date"),
    (line(True), "the date True is not formatted as a date"),
    (line(time(12, 0)), "is not formatted as a date"),
    (line("#VALUE!"), "is not written as 2026-11-30"),
    (line(amount=None), "the amount is missing"),
    (line(amount=" "), "the amount is missing"),
    (line(amount=True), "the amount True is not a number"),
    (line(amount=DAY), "the amount 2026-11-02 00:00:00 is not a number"),
    (line(amount=1e15), "has more digits than Excel keeps"),
    (line(amount=-(10**18)), "has more digits than Excel keeps"),
    (line(amount="=1+"), "the amount is missing"),  # a formula without its value
    (line(amount="#DIV/0!"), "is not a number"),
    (line(amount="n/a"), "is not a number"),
    (line(amount="NaN"), "is not a number"),
    (line(amount="inf"), "is not a number"),
    (line(amount="1e3"), "is not a number"),
    (line(amount="0x10"), "is not a number"),
    (line(amount="1_000"), "is not a number"),
    (line(amount="1 000"), "is not a number"),
    (line(amount="12,50"), "may be a decimal comma"),
    (line(amount="1.234,50"), "may be a decimal comma"),
    (line(amount="1,23,456"), "is not a number"),
    (line(amount="(-5)"), "is negative twice"),
    (line(amount="5-"), "is not a number"),
    (line(amount="€5"), "is not a number"),
    (line(amount="5 USD"), "is not a number"),
    (line(amount="five"), "is not a number"),
    (line(amount="５"), "is not a number"),
    (line(amount="1.2.3"), "is not a number"),
    (line(currency=None), "the currency is missing"),
    (line(currency="EUR"), "the currency is 'EUR'; only USD is read"),
    (line(currency="US$"), "only USD is read"),
    (line(currency=840), "only USD is read"),
    (line(category=None), "the category is missing"),
    (line(department="\t"), "the department is missing"),
    ((*line(), "more"), "8 values for 7 columns"),
    ((DAY, "marketing"), "the category is missing"),
]


@pytest.mark.parametrize(("row", "reason"), ODD, ids=[str(n) for n in range(len(ODD))])
def test_an_odd_row_is_told_with_its_place_and_the_others_are_read(
    row: tuple[Any, ...], reason: str
) -> None:
    rows = parsed(book(Costs=[HEADER, line(), row, line(amount=7)]))
    assert [found.values[1] for found in rows if isinstance(found, Row)] == [2, 4]
    (bad,) = (found for found in rows if isinstance(found, BadRow))
    assert bad.location == "a.xlsx:Costs:3"
    assert reason in bad.reason
    assert bad.payload


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([], "its header lacks date, department"),
        ([(None,)], "its header lacks date"),
        ([("date", "amount"), (DAY, 5)], "lacks department, category, vendor"),
        ([(*HEADER, "Amount")], "names amount twice"),
        ([(1, 2, 3)], "it says '1, 2, 3'"),
        ([(",".join(HEADER),)], "lacks date"),
        ([*[("title",)] * 30, HEADER, line()], "lacks date"),
    ],
)
def test_a_sheet_without_its_header_is_refused(rows: list[tuple[Any, ...]], reason: str) -> None:
    with pytest.raises(RefusedFileError, match=reason):
        parsed(book(Sheet1=rows))


def test_a_header_may_stand_below_a_title_in_any_order_and_case() -> None:
    mixed = tuple(name.title() + " " for name in reversed(HEADER))
    rows = [("Expenses of November",), (), mixed, tuple(reversed(line())), (None,) * 7, (" ",)]
    (row,) = parsed(book(Sheet1=rows))
    assert isinstance(row, Row)
    assert row.values == ("a.xlsx", 4, DAY)


@pytest.mark.parametrize(("titles", "expected"), [(("A", "B"), 1), (("A", " Expenses "), 2)])
def test_the_sheet_named_for_them_is_read_else_the_first(
    titles: tuple[str, str], expected: int
) -> None:
    sheets = {title: [HEADER, line(amount=n)] for n, title in enumerate(titles, start=1)}
    (row,) = parsed(book(**sheets))
    assert isinstance(row, Row)
    assert Decimal(row.payload["amount_usd"]) == expected


def _packed(**parts: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as packed:
        for name, part in parts.items():
            packed.writestr(name, part)
    return content.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"date,department,category,vendor,description,amount,currency\n",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,  # the old format, or a password
        _packed(),
        _packed(a=b"not a workbook"),
        book(Sheet1=[HEADER, line()])[:3000],
        book(Sheet1=[HEADER, line()]).replace(b"xl/workbook.xml", b"xl/nowhere_.xml"),
        bytes(200) + b"PK",
    ],
)
def test_what_is_no_workbook_is_refused(content: bytes) -> None:
    with pytest.raises(RefusedFileError, match="it is no workbook that can be read"):
        parsed(content)


def test_a_workbook_that_unpacks_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "MAX_UNPACKED_BYTES", 1_000)
    with pytest.raises(RefusedFileError, match="when unpacked"):
        parsed(book(Sheet1=[HEADER, line()]))


def land(directory: Path, target: WarehouseTarget) -> Landed:
    return extract(expenses_extractor(FilesConfig(directory)), target)


def test_workbooks_and_csv_files_are_landed_side_by_side_and_once(
    clean_warehouse: WarehouseTarget, tmp_path: Path
) -> None:
    (tmp_path / "a.xlsx").write_bytes(book(Sheet1=[HEADER, line(amount=1.5), line("nonsense")]))
    (tmp_path / "b.csv").write_text(",".join(HEADER) + "\n2026-11-01,a,b,c,d,2,USD\n")
    (tmp_path / "~$a.xlsx").write_bytes(b"Excel's lock")
    landed = land(tmp_path, clean_warehouse)
    assert (landed.changes, landed.quarantined) == (2, 1)
    before = raw_rows(clean_warehouse, "raw_costs.expenses")
    rows = payloads(clean_warehouse, "raw_costs.expenses", KEY)
    assert {key: row["amount_usd"] for key, row in rows.items()} == {
        ("a.xlsx", 2): "1.5",
        ("b.csv", 2): "2",
    }
    ((location, _, payload),) = quarantine(clean_warehouse)
    assert location == "a.xlsx:Sheet1:3"
    assert "nonsense" in payload
    assert land(tmp_path, clean_warehouse).read == {}
    assert raw_rows(clean_warehouse, "raw_costs.expenses") == before


def test_other_spreadsheets_are_refused_not_passed_over(
    clean_warehouse: WarehouseTarget, tmp_path: Path
) -> None:
    (tmp_path / "old.xls").write_bytes(b"\xd0\xcf\x11\xe0")
    (tmp_path / "new.xlsx").write_bytes(book(Sheet1=[HEADER, line()]))
    with pytest.raises(BadDataError, match=r"old\.xls: \.xls files are not read; save it as"):
        land(tmp_path, clean_warehouse)
    assert len(payloads(clean_warehouse, "raw_costs.expenses", KEY)) == 1


def test_infrastructure_costs_have_columns_of_their_own() -> None:
    rows = [INFRASTRUCTURE, (DAY, "compute", "render-01", "rendering", "$3.20", "usd")]
    (row,) = parsed(book(infrastructure=rows), INFRASTRUCTURE_FILES)
    assert isinstance(row, Row)
    assert row.payload == {
        "cost_date": "2026-11-02",
        "service": "compute",
        "resource": "render-01",
        "component": "rendering",
        "amount": "$3.20",
        "currency": "usd",
        "amount_usd": "3.20",
    }
    with pytest.raises(RefusedFileError, match="lacks department, category"):
        parsed(book(infrastructure=rows))


def test_the_worlds_infrastructure_costs_are_landed_exactly_and_once(
    clean_warehouse: WarehouseTarget, tmp_path: Path
) -> None:
    world = SyntheticWorld(7, "small", AS_OF)
    world.write_infrastructure_costs(tmp_path)
    kinds = {path.suffix for path in tmp_path.iterdir()}
    assert kinds == {".csv", ".xlsx"}
    extractor = infrastructure_extractor(FilesConfig(tmp_path))
    assert f"holds {len(list(tmp_path.iterdir()))} infrastructure cost" in extractor.check()
    landed = extract(extractor, clean_warehouse)
    assert landed.quarantined == 0
    table = "raw_costs.infrastructure_costs"
    rows = payloads(clean_warehouse, table, KEY)
    told = sorted((day.isoformat(), cost) for day, *_, cost in world.infrastructure_costs())
    read = sorted((row["cost_date"], Decimal(row["amount_usd"])) for row in rows.values())
    assert read == told
    before = raw_rows(clean_warehouse, table)
    world.write_infrastructure_costs(tmp_path)
    assert extract(extractor, clean_warehouse).read == {}
    assert raw_rows(clean_warehouse, table) == before


def _mutated(content: bytes, random: Random) -> bytes:
    """Return the bytes with a few of them changed, taken away or added."""
    changed = bytearray(content)
    for _ in range(random.randint(1, 6)):
        at, kind = random.randrange(len(changed)), random.random()
        if kind < 0.4:
            changed[at] = random.randrange(256)
        elif kind < 0.7:
            del changed[at : at + random.randint(1, 40)]
        else:
            changed[at:at] = random.randbytes(random.randint(1, 10))
    return bytes(changed)


def test_two_hundred_damaged_workbooks_are_read_or_refused_never_fatal() -> None:
    random = Random(7)
    whole = book(Sheet1=[HEADER, *[line(amount=n) for n in range(20)]])
    with zipfile.ZipFile(io.BytesIO(whole)) as packed:
        parts = {part.filename: packed.read(part) for part in packed.infolist()}
    refused = read = 0
    for number in range(200):
        victim = random.choice(list(parts))
        damaged = {**parts, victim: _mutated(parts[victim], random)}
        content = _mutated(whole, random) if number % 3 == 0 else _packed(**damaged)
        try:
            rows = parsed(content)
        except RefusedFileError:
            refused += 1
        else:
            assert all(row.reason for row in rows if isinstance(row, BadRow))
            read += 1
    assert refused > 20
    assert read > 20


CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(allow_nan=False, allow_infinity=False),
    st.dates(date(1950, 1, 1), date(2100, 1, 1)),
    st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"]), max_size=12),
    st.sampled_from(["2026-11-02", "12.50", "(3)", "USD", "=1/0", "#N/A", "x" * 700]),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(CELLS, max_size=9), max_size=6))
def test_no_row_of_any_sheet_is_lost(grid: list[list[Any]]) -> None:
    rows = parsed(book(Sheet1=[HEADER, *map(tuple, grid), line()]))
    assert isinstance(rows[-1], Row)
    assert rows[-1].values[1] == len(grid) + 2
    told = {
        row.values[1] if isinstance(row, Row) else int(row.location.rpartition(":")[2])
        for row in rows
    }
    formulas = {n for n, cells in enumerate(grid, start=2) if any(_is_formula(c) for c in cells)}
    filled = {n for n, cells in enumerate(grid, start=2) if any(map(_is_filled, cells))}
    assert filled - formulas <= told
    assert len(told) == len(rows)


def _is_filled(cell: Any) -> bool:
    return cell is not None and (not isinstance(cell, str) or bool(cell.strip()))


def _is_formula(cell: Any) -> bool:
    return isinstance(cell, str) and cell.startswith("=")  # without a value until Excel opens it
