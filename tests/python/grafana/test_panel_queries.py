"""The Executive dashboard's SQL gives the figures that stub marts hold, in each state of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from stub_marts import AS_OF, FILLED

from grafana.dashboards import find
from grafana.execute import Column, Frame, fetch
from grafana.lint import marts_of
from grafana.reader import PanelQuery, moment, queries
from grafana.shapes import check_shape
from warehouse.connection import WarehouseTarget, connect

# what reads other marts is tried on a built world, in test_panels_on_marts.py
QUERIES = [query for query in queries(find("executive").build()) if marts_of(query.sql) <= FILLED]
EACH_QUERY = pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)


def run(target: WarehouseTarget, query: PanelQuery, now: datetime = AS_OF) -> Frame:
    with connect(target) as connection:
        return fetch(connection, query.range(now).expand(query.sql))


@EACH_QUERY
@pytest.mark.parametrize("state", ["filled", "empty", "one row"])
def test_a_query_suits_its_panel(
    stub_warehouses: Callable[[str], WarehouseTarget], query: PanelQuery, state: str
) -> None:
    frame = run(stub_warehouses(state), query)
    assert check_shape(query.panel, frame) == []
    if state == "filled":
        assert frame.rows
        assert any(value is not None for row in frame.rows for value in row)
    if state == "empty":
        assert not frame.rows


def _frame(stub_warehouses: Callable[[str], WarehouseTarget], title: str) -> Frame:
    (query,) = (query for query in QUERIES if query.panel["title"] == title)
    return run(stub_warehouses("filled"), query)


def test_tiles_show_what_the_mart_says(
    stub_warehouses: Callable[[str], WarehouseTarget],
) -> None:
    shown = {title: _frame(stub_warehouses, title).rows[0][0] for title in _TILES}
    assert shown == _TILES


_TILES = {
    "MRR": Decimal("58213.50"),
    "Active users": 47,
    "Total channels": 231,
    "Videos today": 412,
    "Revenue of 30 days": Decimal("402118.75"),
    "Average cost a video": Decimal("2.691"),
    "YouTube reports up to": "2026-11-17",
    "Videos within cost target": Decimal("0.874"),
}


def test_mrr_growth_covers_twelve_months(
    stub_warehouses: Callable[[str], WarehouseTarget],
) -> None:
    times = _frame(stub_warehouses, "MRR growth").values("time")
    assert f"{times[0]:%Y-%m-%d}" == "2025-12-01"
    assert f"{times[-1]:%Y-%m-%d}" == "2026-11-01"
    assert len(times) == 12


def test_losses_of_mrr_point_downwards(
    stub_warehouses: Callable[[str], WarehouseTarget],
) -> None:
    frame = _frame(stub_warehouses, "MRR movements")
    assert all(value > 0 for value in frame.values("New"))
    assert all(value < 0 for value in frame.values("Churn") + frame.values("Contraction"))


def test_days_that_are_not_reported_have_no_revenue(
    stub_warehouses: Callable[[str], WarehouseTarget],
) -> None:
    frame = _frame(stub_warehouses, "Revenue trend")
    assert len(frame.rows) == 31
    assert [value is None for value in frame.values("Revenue")][-4:] == [False, True, True, True]


def test_the_top_channels_are_ten_and_ranked(
    stub_warehouses: Callable[[str], WarehouseTarget],
) -> None:
    revenue = _frame(stub_warehouses, "Top 10 channels").values("Revenue")
    assert len(revenue) == 10
    assert revenue == sorted(revenue, reverse=True)


def test_the_top_videos_name_their_channel(
    stub_warehouses: Callable[[str], WarehouseTarget],
) -> None:
    frame = _frame(stub_warehouses, "Top videos")
    assert len(frame.rows) == 20
    assert frame.values("Channel")[0] == "Everyday Finance with Channel 0"
    assert frame.values("Tier")[0] == "Top 10 Percent"


@pytest.mark.parametrize(
    ("kind", "columns", "rows", "finding"),
    [
        ("timeseries", ["time:text", "a:number"], [], "is not a time"),
        ("timeseries", ["day:time", "a:number"], [], "is not a time"),
        ("timeseries", ["time:time", "a:text"], [], "'a' is not a number"),
        ("timeseries", ["time:time"], [(2,), (1,)], "do not ascend"),
        ("timeseries", ["time:time"], [(None,)], "a time is missing"),
        ("timeseries", ["time:time", "a:number", "a:number"], [], "comes twice"),
        ("stat", ["a:text"], [], "one column, a number"),
        ("stat", ["a:number"], [(1,), (2,)], "at most one row"),
        ("piechart", ["a:number", "b:text"], [], "category's text"),
        ("barchart", ["a:text", "b:number", "c:number"], [], "exactly one"),
        ("table", ["a:text"], [], "no column 'b'"),
    ],
)
def test_rows_that_do_not_suit_a_panel_are_found(
    kind: str, columns: list[str], rows: list[tuple[object, ...]], finding: str
) -> None:
    override = {"matcher": {"id": "byName", "options": "b"}, "properties": []}
    panel = {
        "type": kind,
        "options": {"reduceOptions": {}},
        "fieldConfig": {"defaults": {}, "overrides": [override] if kind == "table" else []},
    }
    described = tuple(Column(*column.split(":")) for column in columns)  # type: ignore[arg-type]
    assert finding in "\n".join(check_shape(panel, Frame(described, tuple(rows))))


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("now", datetime(2024, 3, 31, 12, tzinfo=UTC)),
        ("now-30d", datetime(2024, 3, 1, 12, tzinfo=UTC)),
        ("now-1M", datetime(2024, 2, 29, 12, tzinfo=UTC)),
        ("now-4M", datetime(2023, 11, 30, 12, tzinfo=UTC)),
        ("now-1y", datetime(2023, 3, 31, 12, tzinfo=UTC)),
        ("now-15M", datetime(2022, 12, 31, 12, tzinfo=UTC)),
    ],
)
def test_relative_times(expression: str, expected: datetime) -> None:
    assert moment(expression, datetime(2024, 3, 31, 12, tzinfo=UTC)) == expected


def test_times_that_are_not_read_are_refused() -> None:
    with pytest.raises(ValueError, match="now/d"):
        moment("now/d", AS_OF)
