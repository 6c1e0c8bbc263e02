"""The extractor of expense files."""

from __future__ import annotations

import logging
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standins import AS_OF, Landed, extract, payloads, quarantine, query, raw_rows

from ingest.landing import BadRow, Row
from ingest.sources.files import extractor as module
from ingest.sources.files.amounts import parse_amount, plain
from ingest.sources.files.extractor import FilesConfig, expenses_extractor, parse_file
from ingest.sources.files.layouts import EXPENSE_FILES
from ingest.sources.files.rows import RefusedFileError
from simulator.world.synthetic import SyntheticWorld
from warehouse.connection import WarehouseTarget
from warehouse.errors import BadDataError, ConfigurationError, DirectoryError

HEADER = "date,department,category,vendor,description,amount,currency"
HOSTING = "2026-11-01,infrastructure,hosting,Hetzner,Servers,89.00,USD"
ADS = '2026-11-02,marketing,paid_ads,Google,"Ads, November","$1,234.50",USD'
KEY = "file_name, line_number"
TABLE = "raw_costs.expenses"


def write(directory: Path, name: str, *lines: str, encoding: str = "utf-8") -> Path:
    path = directory / name
    path.write_text("\n".join(lines) + "\n", encoding=encoding)
    return path


def land(directory: Path, target: WarehouseTarget, **days: Any) -> Landed:
    return extract(expenses_extractor(FilesConfig(directory)), target, **days)


def amounts(target: WarehouseTarget) -> dict[tuple[str, int], str]:
    return {key: row["amount_usd"] for key, row in payloads(target, TABLE, KEY).items()}


# ------------------------------------------------------------------ amounts


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("89", "89"),
        ("89.00", "89.00"),
        (" 1,234.50 ", "1234.50"),
        ("1,234,567", "1234567"),
        (".5", "0.5"),
        ("$89.00", "89.00"),
        ("$ 1,234.50", "1234.50"),
        ("-45", "-45"),
        ("\N{MINUS SIGN}45", "-45"),
        ("-$45.10", "-45.10"),
        ("$-45.10", "-45.10"),
        ("(45.00)", "-45.00"),
        ("($1,045.00)", "-1045.00"),
        ("0.000001", "0.000001"),
        ("12345678901234567890.12", "12345678901234567890.12"),
    ],
)
def test_amounts_are_read_exactly(written: str, amount: str) -> None:
    assert plain(parse_amount(written)) == amount


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("1234,50", "may be a decimal comma"),
        ("1.234,50", "may be a decimal comma"),
        ("1,23", "may be a decimal comma"),
        ("1,2345", "may be a decimal comma"),
        ("1234,567", "may be a decimal comma"),
        ("1,234,50", "is not a number"),
        ("(-45)", "negative twice"),
        ("--45", "negative twice"),
        ("-$-45", "negative twice"),
        ("", "is not a number"),
        ("$", "is not a number"),
        ("1e5", "is not a number"),
        ("NaN", "is not a number"),
        ("12.", "is not a number"),
        ("1 234.50", "is not a number"),
        ("€45", "is not a number"),
        ("٣", "is not a number"),
        ("45-", "is not a number"),
        ("(45", "is not a number"),
    ],
)
def test_amounts_that_are_none_or_could_be_two_are_refused(written: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_amount(written)


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=6, min_value=-(10**12), max_value=10**12
    )
)
def test_any_amount_written_plainly_or_with_commas_is_read_back(amount: Decimal) -> None:
    assert parse_amount(f"{amount:f}") == amount
    assert parse_amount(f"{amount:,f}") == amount
    assert parse_amount(f"(${abs(amount):,f})") == -abs(amount)


# ------------------------------------------------------------------ files


def parsed(*lines: str, name: str = "a.csv") -> list[Row | BadRow]:
    return list(parse_file(name, "\n".join(lines).encode(), EXPENSE_FILES))


def test_a_row_is_landed_as_it_is_written_with_its_amount_normalised() -> None:
    (row,) = parsed(HEADER, ADS)
    assert row == Row(
        ("a.csv", 2, date(2026, 11, 2)),
        {
            "expense_date": "2026-11-02",
            "department": "marketing",
            "category": "paid_ads",
            "vendor": "Google",
            "description": "Ads, November",
            "amount": "$1,234.50",
            "currency": "USD",
            "amount_usd": "1234.50",
        },
    )


def test_columns_go_by_name_and_further_ones_are_kept() -> None:
    header = "Amount, Currency ,NOTE,date,vendor,description,category,department"
    (row,) = parsed(header, "5,usd,paid,2026-11-01,,,hosting,infrastructure")
    assert isinstance(row, Row)
    assert (row.payload["amount_usd"], row.payload["note"]) == ("5", "paid")


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_marks_line_ends_and_blank_lines_do_not_matter(mark: bytes, end: bytes) -> None:
    content = mark + end.join(
        [HEADER.encode(), HOSTING.encode(), b"", "2026-11-03,ops,tools,Café,☕,1,USD".encode()]
    )
    rows = list(parse_file("a.csv", content, EXPENSE_FILES))
    assert [row.values[1] for row in rows if isinstance(row, Row)] == [2, 4]
    assert rows[1].payload["vendor"] == "Café"  # type: ignore[index]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("2026-11-01,infra,hosting,x,y,12", "6 values for 7 columns"),
        ("2026-11-01,infra,hosting,x,y,12,USD,z", "8 values for 7 columns"),
        ("2026-11-31,infra,hosting,x,y,12,USD", "there is no date 2026-11-31"),
        ("11/01/2026,infra,hosting,x,y,12,USD", "is not written as 2026-11-30"),
        ("20261101,infra,hosting,x,y,12,USD", "is not written as 2026-11-30"),
        (",infra,hosting,x,y,12,USD", "the date is missing"),
        ("2026-11-01,infra, ,x,y,12,USD", "the category is missing"),
        ("2026-11-01,infra,hosting,x,y,,USD", "the amount is missing"),
        ("2026-11-01,infra,hosting,x,y,12,EUR", "the currency is 'EUR'; only USD is read"),
        ('2026-11-01,infra,hosting,x,y,"12,5",USD', "may be a decimal comma"),
        ('2026-11-01,infra,"host"ing,x,y,12,USD', "not CSV"),
    ],
)
def test_a_bad_row_is_told_with_its_place_and_the_others_are_read(line: str, reason: str) -> None:
    rows = parsed(HEADER, HOSTING, line, ADS)
    assert [row.values[1] for row in rows if isinstance(row, Row)] == [2, 4]
    (bad,) = (row for row in rows if isinstance(row, BadRow))
    assert bad.location == "a.csv:3"
    assert reason in bad.reason
    assert bad.payload


def test_a_row_that_is_no_utf_8_is_told_alone() -> None:
    lines = [HEADER, HOSTING, "2026-11-01,infra,hosting,Café,y,12,USD", ADS]
    rows = list(parse_file("a.csv", "\n".join(lines).encode("latin-1"), EXPENSE_FILES))
    assert [type(row) for row in rows] == [Row, BadRow, Row]
    assert rows[1].reason == "the row is not UTF-8"  # type: ignore[union-attr]
    assert "Caf\\\\udce9" in rows[1].payload


def test_the_lines_that_a_stray_quote_swallowed_are_kept() -> None:
    stray = '2026-11-01,infra,hosting,"Hetzner,Servers,1,USD'
    rows = parsed(HEADER, stray, HOSTING, '2026-11-02,infra,hosting,"x",y,2,USD', ADS)
    bad = [row for row in rows if isinstance(row, BadRow)]
    assert bad
    assert HOSTING in bad[0].payload
    assert isinstance(rows[-1], Row)


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (["date,category,vendor,description,amount"], "lacks department, currency"),
        ([HEADER.replace(",", ";")], "lacks date"),
        ([""], "lacks date"),
        ([HEADER + ",amount"], "names amount twice"),
        (
            [HEADER, HOSTING, '2026-11-01,infra,hosting,"x,y,12,USD', ADS],
            "a quote in line 3 is never closed",
        ),
    ],
)
def test_a_file_that_cannot_be_read_at_all_is_refused(lines: list[str], reason: str) -> None:
    with pytest.raises(RefusedFileError, match=reason):
        parsed(*[line.replace('"Ads, November","$1,234.50"', "Ads,1") for line in lines])


# ------------------------------------------------------------------ extraction


def test_the_worlds_expenses_are_landed(clean_warehouse: WarehouseTarget, tmp_path: Path) -> None:
    SyntheticWorld(7, "small", AS_OF).write_expenses(tmp_path)
    written = sum(
        len(path.read_text("utf-8-sig").splitlines()) - 1 for path in tmp_path.glob("*.csv")
    )
    landed = land(tmp_path, clean_warehouse)
    assert written
    assert landed.read == {"expenses": written}
    assert landed.changed == {"expenses": written}
    before = raw_rows(clean_warehouse, TABLE)
    assert land(tmp_path, clean_warehouse).read == {}
    assert raw_rows(clean_warehouse, TABLE) == before


def test_only_a_changed_file_is_read_again_and_replaced_whole(
    clean_warehouse: WarehouseTarget, tmp_path: Path
) -> None:
    write(tmp_path, "a.csv", HEADER, HOSTING, ADS)
    write(tmp_path, "b.csv", HEADER, ADS)
    land(tmp_path, clean_warehouse)
    write(tmp_path, "a.csv", HEADER, HOSTING.replace("89.00", "90.00"))
    landed = land(tmp_path, clean_warehouse)
    assert landed.read == {"expenses": 1}
    assert amounts(clean_warehouse) == {("a.csv", 2): "90.00", ("b.csv", 2): "1234.50"}
    cursors = query(clean_warehouse, "select scope, (value->>'rows')::int from ops.cursors")
    assert sorted(cursors) == [("a.csv", 1), ("b.csv", 1)]
    assert land(tmp_path, clean_warehouse, since=date(2026, 1, 1)).read == {"expenses": 2}


def test_bad_rows_go_to_quarantine_once(clean_warehouse: WarehouseTarget, tmp_path: Path) -> None:
    write(tmp_path, "a.csv", HEADER, HOSTING, HOSTING.replace("89.00", "89,00x"), ADS)
    landed = land(tmp_path, clean_warehouse)
    assert (landed.quarantined, landed.changes) == (1, 2)
    assert land(tmp_path, clean_warehouse).quarantined == 0
    ((location, reason, _),) = quarantine(clean_warehouse)
    assert (location, reason) == ("a.csv:3", "8 values for 7 columns")


def test_refused_files_are_named_and_the_others_are_landed(
    clean_warehouse: WarehouseTarget, tmp_path: Path
) -> None:
    write(tmp_path, "a.csv", "date,amount", "2026-11-01,5")
    (tmp_path / "b.csv").symlink_to(tmp_path / "nowhere")
    write(tmp_path, "c.csv", HEADER, HOSTING)
    (tmp_path / "notes.txt").write_text("no expenses")
    (tmp_path / "~lock.csv").write_text("an editor's")
    (tmp_path / "older.csv").mkdir()
    with pytest.raises(BadDataError) as caught:
        land(tmp_path, clean_warehouse)
    said = str(caught.value)
    assert "2 of 3 expense files" in said
    assert "a.csv: its header lacks department, category, vendor, description, currency" in said
    assert "b.csv: No such file" in said
    assert set(amounts(clean_warehouse)) == {("c.csv", 2)}


def test_a_file_that_is_too_large_is_refused(
    clean_warehouse: WarehouseTarget, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_FILE_BYTES", 10)
    write(tmp_path, "a.csv", HEADER, HOSTING)
    with pytest.raises(BadDataError, match=r"a\.csv: it is larger than"):
        land(tmp_path, clean_warehouse)


def test_the_rows_of_a_file_that_is_gone_stay_with_a_warning(
    clean_warehouse: WarehouseTarget, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = write(tmp_path, "a.csv", HEADER, HOSTING)
    land(tmp_path, clean_warehouse)
    path.unlink()
    with caplog.at_level(logging.WARNING):
        assert land(tmp_path, clean_warehouse).read == {}
    assert "a.csv is gone; its landed rows (1) stay" in caplog.text
    assert set(amounts(clean_warehouse)) == {("a.csv", 2)}
    write(tmp_path, "a.csv", HEADER)  # as the warning says
    land(tmp_path, clean_warehouse)
    assert amounts(clean_warehouse) == {}


def test_the_rows_of_a_renamed_file_are_not_counted_twice(
    clean_warehouse: WarehouseTarget, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write(tmp_path, "a.csv", HEADER, HOSTING).rename(tmp_path / "b.csv")
    write(tmp_path, "a.csv", HEADER, HOSTING)
    (tmp_path / "b.csv").unlink()
    land(tmp_path, clean_warehouse)
    (tmp_path / "a.csv").rename(tmp_path / "b.csv")
    land(tmp_path, clean_warehouse)
    assert set(amounts(clean_warehouse)) == {("b.csv", 2)}
    with caplog.at_level(logging.WARNING):
        assert land(tmp_path, clean_warehouse).read == {}
    assert "is gone" not in caplog.text


@pytest.mark.parametrize("copy", ["0 copy of m.csv", "z.csv"])
def test_a_copy_of_a_file_is_refused(
    clean_warehouse: WarehouseTarget, tmp_path: Path, copy: str
) -> None:
    name = copy if copy.endswith(".csv") else f"{copy}.csv"
    write(tmp_path, "m.csv", HEADER, HOSTING)
    write(tmp_path, "empty.csv", HEADER)
    write(tmp_path, "empty-too.csv", HEADER)
    land(tmp_path, clean_warehouse)
    write(tmp_path, name, HEADER, HOSTING)
    with pytest.raises(BadDataError, match=r"it is a copy of m\.csv; remove one of them"):
        land(tmp_path, clean_warehouse)
    assert set(amounts(clean_warehouse)) == {("m.csv", 2)}


def test_a_directory_that_cannot_be_used_is_told(
    clean_warehouse: WarehouseTarget, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = expenses_extractor(FilesConfig(tmp_path / "missing"))
    with pytest.raises(ConfigurationError, match="EXPENSES_DIR"):
        missing.check()
    with pytest.raises(ConfigurationError, match="does not exist"):
        extract(missing, clean_warehouse)

    def refuse(_: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(DirectoryError, match="cannot be read: Permission denied"):
        land(tmp_path, clean_warehouse)


def test_the_check_counts_the_files(tmp_path: Path) -> None:
    write(tmp_path, "a.CSV", HEADER)
    assert "holds 1 expense file" in expenses_extractor(FilesConfig(tmp_path)).check()
