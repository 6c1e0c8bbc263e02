"""Every panel shows something on marts that were built from a whole small world."""

from __future__ import annotations

from datetime import datetime

import pytest

from grafana.dashboards import CATALOGUE
from grafana.execute import Frame, fetch
from grafana.preview import latest_build
from grafana.reader import PanelQuery, queries
from grafana.shapes import check_shape
from warehouse.connection import WarehouseTarget, connect

QUERIES = [query for entry in CATALOGUE for query in queries(entry.build())]


@pytest.fixture(scope="module")
def as_of(built_warehouse: WarehouseTarget) -> datetime:
    with connect(built_warehouse) as connection:
        return latest_build(connection)


def _run(target: WarehouseTarget, query: PanelQuery, now: datetime) -> Frame:
    with connect(target) as connection:
        return fetch(connection, query.range(now).expand(query.sql))


@pytest.mark.slow
@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)
def test_a_panel_has_rows(
    built_warehouse: WarehouseTarget, as_of: datetime, query: PanelQuery
) -> None:
    frame = _run(built_warehouse, query, as_of)
    assert check_shape(query.panel, frame) == []
    assert any(value is not None for row in frame.rows for value in row)
