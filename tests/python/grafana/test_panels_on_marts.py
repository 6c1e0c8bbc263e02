"""Every query of every dashboard, run as Grafana would on marts built from a whole small world.

The staff's dashboards run as the staff's role, a user's as each tenant; on marts that are full,
that are empty, and that hold one row each.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import pytest
from tenanted import Tenanted

from grafana.dashboards import CATALOGUE, Entry
from grafana.execute import Frame, fetch
from grafana.normalise import Json
from grafana.preview import latest_build
from grafana.reader import TimeRange, moment, queries
from grafana.selectors import annotation_queries, first_choice
from grafana.shapes import check_shape
from warehouse.connection import Connection, WarehouseTarget, connect

EACH = pytest.mark.parametrize("entry", CATALOGUE, ids=lambda entry: entry.name)
MAY_BE_EMPTY: set[tuple[str, str]] = {
    ("finance", "Quick ratio"),  # nothing was lost in the last month
    ("channels", "Subscribers"),  # the owner of the channel that earns most hides them
    ("user_revenue", "Growth"),  # the small world has 30 days, not 60
    # calls are stamped by the machine's clock, which is not the world's
    ("youtube_quota", "Quota used by day"),
    ("youtube_quota", "Calls and errors by hour"),
    ("youtube_quota", "YouTube's response time"),
    ("youtube_quota", "Methods called"),
    ("youtube_quota", "Quota by day and bucket"),
    # one run only, which builds the marts and has not ended; nothing was tried or restated since
    ("pipeline_runs", "Duration of runs"),
    ("pipeline_runs", "Restated figures"),
    ("data_quality", "Freshness"),
    ("data_quality", "Rows seen of other tenants"),
    ("data_quality", "Isolation by relation"),
    ("data_quality", "Restated figures"),
}
"""Dashboard and title of panels that a healthy small world has nothing for, such as breaches."""


@pytest.fixture(scope="module")
def as_of(tenanted: Tenanted) -> datetime:
    with connect(tenanted.target) as connection:
        return latest_build(connection)


@contextmanager
def _staff(target: WarehouseTarget) -> Iterator[Connection]:
    with connect(target, autocommit=True) as connection:
        connection.execute("set role ytempire_staff")
        yield connection


def _look(connection: Connection, dashboard: Json, now: datetime) -> Iterator[tuple[str, Frame]]:
    """Run everything on a dashboard; give each panel with its rows. Errors are psycopg's."""
    time = dashboard["time"]
    span = TimeRange(moment(time["from"], now), now)
    chosen = first_choice(dashboard, lambda sql: fetch(connection, span.expand(sql)))
    for sql in annotation_queries(dashboard).values():
        names = [column.name for column in fetch(connection, span.expand(sql)).columns]
        assert "time" in names
    for query in queries(dashboard):
        frame = fetch(connection, query.range(now).expand(query.sql, chosen))
        assert check_shape(query.panel, frame) == [], query.name
        yield query.panel["title"], frame


def _empty(found: Iterator[tuple[str, Frame]]) -> set[str]:
    return {
        title
        for title, frame in found
        if not any(value is not None for row in frame.rows for value in row)
    }


@EACH
def test_every_panel_shows_something(tenanted: Tenanted, as_of: datetime, entry: Entry) -> None:
    dashboard = entry.build()
    allowed = {title for name, title in MAY_BE_EMPTY if name == entry.name}
    if entry.audience == "staff":
        with _staff(tenanted.target) as connection:
            assert _empty(_look(connection, dashboard, as_of)) <= allowed
        return
    seen = []
    for tenant in tenanted.tenants:
        with tenanted.login(tenant) as connection:
            seen.append(_empty(_look(connection, dashboard, as_of)))
    # a user who has just begun has little to look at, but somebody has something everywhere
    assert set.intersection(*seen) <= allowed


@EACH
@pytest.mark.parametrize("state", ["emptied", "thinned"])
def test_no_panel_fails_on_few_rows(
    request: pytest.FixtureRequest, as_of: datetime, entry: Entry, state: str
) -> None:
    target: WarehouseTarget = request.getfixturevalue(state)
    with _staff(target) as connection:
        list(_look(connection, entry.build(), as_of))
