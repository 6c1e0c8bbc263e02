"""What a mart says, to be held against what the semantic layer answers.

A metric names columns of marts that it equals (`meta.equals`). The grain is the mart's primary
key; a column such as `views_28d` is over the days that end with the mart's last day.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from runner.metrics.asking import Question, Semantics
from warehouse.connection import Connection

WORDS = {
    "month_start": "month",
    "date_day": "day",
    "cost_date": "day",
    "week_start": "week",
    "cohort_month": "month",
    "user_id": "user",
    "channel_id": "channel",
    "video_id": "video",
}
"""How the catalogue calls a mart's key; other keys have a dimension of their own name."""
EMPTY_IN_THE_SMALL_WORLD = {"cohort_goals"}
"""Its users' first days were before their channels were reported, so that nothing is decided."""
_LAST_DAY = {
    "channel_performance": "select max(last_report_date) from marts.channel_performance",
    "executive_overview": "select (as_of at time zone 'utc')::date from marts.executive_overview",
}


@dataclass(frozen=True)
class Column:
    """A column of a mart: its key, its decimals, and the days it is over, if it is."""

    mart: str
    name: str
    key: tuple[str, ...]
    scale: int | None
    since: date | None = None
    until: date | None = None

    def rounded(self, value: Any) -> Any:
        """Return a value with the column's decimals, as PostgreSQL rounds."""
        if value is None or self.scale is None:
            return value
        return Decimal(value).quantize(Decimal(1).scaleb(-self.scale), ROUND_HALF_UP)


def describe(session: Connection, equal: str) -> Column:
    """Return what is to be known of `mart.column`."""
    mart, name = equal.split(".")
    key = session.execute(
        """
        select attribute.attname::text from pg_index as keys
        cross join unnest(keys.indkey) with ordinality as parts (attnum, place)
        inner join pg_attribute as attribute
            on keys.indrelid = attribute.attrelid and parts.attnum = attribute.attnum
        where keys.indisprimary and keys.indrelid = %s::regclass
        order by parts.place
        """,
        [f"marts.{mart}"],
    ).fetchall()
    found = session.execute(
        "select data_type, numeric_scale from information_schema.columns "
        "where table_schema = 'marts' and table_name = %s and column_name = %s",
        [mart, name],
    ).fetchone()
    assert found is not None, f"There is no column {equal}."
    scale = found[1] if found[0] == "numeric" else 0
    columns = tuple(column for (column,) in key if column != "as_of")
    over = re.search(r"_(\d+)d(_usd)?$", name)
    if over is None or mart not in _LAST_DAY:
        return Column(mart, name, columns, scale)
    row = session.execute(_LAST_DAY[mart].encode()).fetchone()
    assert row is not None
    return Column(mart, name, columns, scale, row[0] - timedelta(int(over[1]) - 1), row[0])


def told_by_mart(session: Connection, column: Column) -> dict[tuple[Any, ...], Any]:
    """Return the column's figures by the mart's key."""
    names = ", ".join([*column.key, column.name])
    rows = session.execute(f"select {names} from marts.{column.mart}".encode()).fetchall()
    return {tuple(row[:-1]): row[-1] for row in rows}


def told_by_metric(
    session: Connection, semantics: Semantics, metric: str, column: Column
) -> dict[tuple[Any, ...], Any]:
    """Return the metric's figures by the mart's key, over the column's days."""
    by = tuple(WORDS.get(name, name) for name in column.key)
    question = Question((metric,), by, since=column.since, until=column.until)
    answer = semantics.ask_in(session, question)
    return {tuple(row[:-1]): row[-1] for row in answer.rows}


def differences(
    session: Connection, semantics: Semantics, metric: str, equal: str
) -> Iterator[str]:
    """Say where a metric and a mart's column differ. Where either is silent, nothing is known."""
    column = describe(session, equal)
    mart = told_by_mart(session, column)
    answer = told_by_metric(session, semantics, metric, column)
    if column.mart not in EMPTY_IN_THE_SMALL_WORLD:
        assert any(value for value in mart.values()), f"{equal} is empty: nothing is compared."
    for key in mart.keys() | answer.keys():
        told, wanted = column.rounded(answer.get(key)), mart.get(key)
        silent = key not in answer and not wanted
        if told != wanted and not silent:
            yield f"{metric} {key}: {told}, but {equal} {wanted}"
