"""What a dashboard asks the database when it is opened, word for word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from grafana.dashboards import Entry
from grafana.execute import fetch
from grafana.normalise import Json
from grafana.reader import TimeRange, moment, queries
from grafana.selectors import annotation_queries, first_choice, variable_queries
from grafana.variables import interpolate
from warehouse.connection import Connection


@dataclass(frozen=True, slots=True)
class Question:
    """A query as it reaches the database, and what on the dashboard asks it."""

    dashboard: str
    panel: str
    sql: bytes


Dashboards = Sequence[tuple[str, Json]]


def dashboards(catalogue: Sequence[Entry], audience: str) -> Dashboards:
    """Return the dashboards of an audience, each with its name."""
    return [(entry.name, entry.build()) for entry in catalogue if entry.audience == audience]


def ask_list(
    name: str, dashboard: Json, connection: Connection, now: datetime
) -> tuple[Question, ...]:
    """Return what the dashboard asks at `now`: selectors, marks on the time axis, panels.

    The selectors stand where they do when it is opened, for the role of the `connection`.
    """
    time = dashboard["time"]
    span = TimeRange(moment(time["from"], now), now)
    chosen = first_choice(dashboard, lambda sql: fetch(connection, span.expand(sql)))
    asked = [
        Question(name, f"(selector {each})", span.expand(interpolate(sql, chosen)).encode())
        for each, sql in variable_queries(dashboard).items()
    ]
    asked += [
        Question(name, f"(marks: {each})", span.expand(sql).encode())
        for each, sql in annotation_queries(dashboard).items()
    ]
    asked += [
        Question(name, query.panel["title"], query.range(now).expand(query.sql, chosen).encode())
        for query in queries(dashboard)
    ]
    return tuple(asked)
