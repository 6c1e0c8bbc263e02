"""`ytempire metrics` as its users meet it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable

import pytest
from commands import BuiltWarehouse, Ytempire

from warehouse.connection import connect

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def ytempire(build_demo: Callable[[int], BuiltWarehouse]) -> Ytempire:
    built = build_demo(7)
    return Ytempire(built.target, built.truth_dir.parents[1], {})


def test_json_and_csv_have_the_marts_figures(ytempire: Ytempire) -> None:
    asked = ("metrics", "query", "total_mrr,net_revenue_retention", "--by", "month")
    rows = json.loads(ytempire(*asked, "--json").stdout)
    with connect(ytempire.target) as connection:
        wanted = connection.execute(
            "select month_start::text, total_mrr::text, net_revenue_retention "
            "from marts.mrr_monthly order by 1"
        ).fetchall()
    assert [(row["month"], row["total_mrr"]) for row in rows] == [row[:2] for row in wanted]
    assert rows[0]["net_revenue_retention"] is None
    assert float(rows[-1]["net_revenue_retention"]) == pytest.approx(float(wanted[-1][2]), abs=1e-6)

    text = ytempire(*asked, "--csv", "--since", "2026-10-01", "--limit", "1").stdout
    header, *lines = csv.reader(io.StringIO(text))
    assert header == ["month", "total_mrr", "net_revenue_retention"]
    assert [line[:2] for line in lines] == [list(wanted[-1][:2])]


def test_wrong_use_has_the_exit_code_of_wrong_use(ytempire: Ytempire) -> None:
    refused = ytempire("metrics", "query", "total_mmr", exit_code=2)
    assert "Did you mean total_mrr" in " ".join(refused.stderr.split())
    refused = ytempire("metrics", "list", "nothing_like_it", exit_code=2)
    assert "No metric is like" in refused.stderr


def test_the_list(ytempire: Ytempire) -> None:
    told = json.loads(ytempire("metrics", "list", "--json").stdout)
    assert len(told) >= 100
    arpa = next(metric for metric in told if metric["name"] == "arpa")
    assert arpa["formula"] == "total_mrr / paying_users"
    assert "month" in arpa["dimensions"]
    shown = ytempire("metrics", "list", "arpa").stdout
    assert "NULL without paying users" in " ".join(shown.split())
