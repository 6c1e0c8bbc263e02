"""The movements of MRR, tried on subscription periods worked out by hand."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from commands import PROJECT, Ytempire

from runner.periods import read_periods
from warehouse.connection import WarehouseTarget, connect
from warehouse.errors import BadDataError

HEADER = "subscription_id,customer_id,start_date,end_date,monthly_amount\n"

# a pays 100, then 150, leaves, and is back for a month of 80.
# b begins in mid-January, so it counts from February: 50, then 75 with a second subscription for
#   two months, then 50 again.
# c is first seen in February: 70, then 40. d pays nothing.
PERIODS = """\
1,a,2026-01-01,2026-03-01,100
2,a,2026-03-01,2026-04-01,150
3,a,2026-06-01,2026-07-01,80.00
4,b,2026-01-15,,50
5,b,2026-04-01,2026-06-01,25

6,c,2026-02-01,2026-05-01,70
7,c,2026-05-01,,40
8,d,2026-02-01,,0
"""


def run(target: WarehouseTarget, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "runner.mrr_check", *arguments],
        cwd=PROJECT,
        env=Ytempire(target, home, {}).environment(),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def words(text: str) -> list[list[str]]:
    return [line.split() for line in text.splitlines()]


@pytest.mark.slow
def test_each_movement_by_hand(migrated_warehouse: WarehouseTarget, tmp_path: Path) -> None:
    file = tmp_path / "periods.csv"
    file.write_text(HEADER + PERIODS)
    told = run(migrated_warehouse, tmp_path, str(file))
    assert told.returncode == 0, told.stderr
    lines = words(told.stdout)
    # month, opening, what moved, closing
    assert ["2026-01", "0.00", "100.00", "100.00"] in lines  # a is new
    assert ["2026-02", "100.00", "120.00", "220.00"] in lines  # b (50) and c (70) are new
    assert ["2026-03", "220.00", "50.00", "270.00"] in lines  # a: 150 - 100
    assert ["2026-04", "270.00", "25.00", "-150.00", "145.00"] in lines  # b: +25, a leaves
    assert ["2026-05", "145.00", "-30.00", "115.00"] in lines  # c: 40 - 70
    assert ["2026-06", "115.00", "80.00", "-25.00", "170.00"] in lines  # a is back, b: -25
    assert ["2026-07", "170.00", "-80.00", "90.00"] in lines  # a leaves again
    assert lines[-8:-2] == [
        ["movement", "count", "amount"],
        ["new", "3", "220.00"],
        ["reactivation", "1", "80.00"],
        ["expansion", "2", "75.00"],
        ["contraction", "2", "-55.00"],
        ["churn", "2", "-230.00"],
    ]
    assert "opening + movements = closing in each of 7 months" in told.stdout
    with connect(migrated_warehouse) as connection:  # nothing is left
        left = connection.execute("select 1 from pg_namespace where nspname like 'mrr\\_check%'")
        assert left.fetchall() == []

    # From April on a customer's history begins with April: b and c are new with 75 and 70.
    later = run(migrated_warehouse, tmp_path, str(file), "--from", "2026-04")
    assert ["2026-04", "0.00", "145.00", "145.00"] in words(later.stdout)
    assert ["new", "3", "225.00"] in words(later.stdout)  # and a, in June, with 80


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "has no periods"),
        (HEADER, "has no periods"),
        ("subscription_id,customer_id,start_date,end_date\n", "line 1: the column monthly_amount"),
        (HEADER + "1,a,2026-01-01,,100\n2,a,01/02/2026,,100\n", "line 3: the start_date '01/02"),
        (HEADER + "1,a,2026-01-01,2026-02-30,100\n", "line 2: the end_date '2026-02-30'"),
        (HEADER + "1,a,2026-02-01,2026-01-01,100\n", "line 2: the end_date 2026-01-01 is before"),
        (HEADER + "1,a,,2026-01-01,100\n", "line 2: the start_date ''"),
        (HEADER + "1,,2026-01-01,,100\n", "line 2: the customer_id is empty"),
        (HEADER + "1,a,2026-01-01,,a lot\n", "line 2: the monthly_amount 'a lot' is not a number"),
        (HEADER + "1,a,2026-01-01,,\n", "line 2: the monthly_amount '' is not a number"),
        (HEADER + "1,a,2026-01-01,,NaN\n", "line 2: the monthly_amount NaN is no amount"),
        (HEADER + "1,a,2026-01-01,,-5\n", "line 2: the monthly_amount -5 is no amount"),
        (HEADER + "1,a,2026-01-01,,9.999\n", "line 2: the monthly_amount 9.999 has parts"),
        (HEADER + "1,a,2026-01-01\n", "line 2: it has 3 fields where the first line has 5"),
        (HEADER + '1,"a,2026-01-01,,5\n', "line 2: unexpected end of data"),
    ],
)
def test_bad_files_are_refused_with_their_line(tmp_path: Path, text: str, complaint: str) -> None:
    file = tmp_path / "periods.csv"
    file.write_text(text)
    with pytest.raises(BadDataError) as refusal:
        read_periods(file)
    assert complaint in str(refusal.value)
    assert str(file) in str(refusal.value)


def test_a_refusal_is_a_sentence_and_an_exit_code(tmp_path: Path) -> None:
    latin = tmp_path / "latin.csv"
    latin.write_bytes(HEADER.encode() + b"1,M\xfcller,2026-01-01,,5\n")
    for file, complaint in ((latin, "is not UTF-8"), (tmp_path / "none.csv", "cannot be read")):
        told = subprocess.run(
            [sys.executable, "-m", "runner.mrr_check", str(file)],
            cwd=PROJECT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert told.returncode == BadDataError.exit_code
        assert complaint in told.stderr
        assert "Traceback" not in told.stderr


def test_order_of_columns_and_further_ones_do_not_matter(tmp_path: Path) -> None:
    file = tmp_path / "periods.csv"
    file.write_text(
        "\ufeffMonthly_Amount,plan,end_date,start_date,customer_id,subscription_id\n"
        "12.50,pro,,2026-01-31 00:00:00,Ünsal,s1\n",
        encoding="utf-8",
    )
    (period,) = read_periods(file)
    assert (period.customer_id, period.start.isoformat(), period.end) == (
        "Ünsal",
        "2026-01-31",
        None,
    )
    assert str(period.monthly_usd) == "12.50"
