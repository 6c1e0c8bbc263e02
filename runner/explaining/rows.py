"""The row that holds a figure, and the rows upstream that it is made of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from runner.explaining.finding import Choice, QuestionError
from runner.explaining.lineage import Ingredient, is_additive, is_mark, upstream
from runner.explaining.manifest import Model, Project
from warehouse.connection import Connection
from warehouse.errors import BuildError

Row = dict[str, Any]
_DAYS = ("date_day", "report_date", "cost_date")
_SHARED = (
    "user_id", "channel_id", "video_id", "youtube_channel_id", "youtube_video_id", "month_start",
    "cohort_month", "niche", "component", "goal", "week_start",
)  # fmt: skip
_LABELS = (
    ("user_id", "dim_users", "email", "user"),
    ("channel_id", "dim_channels", "channel_name", "channel"),
    ("video_id", "dim_videos", "title", "video"),
)


@dataclass(frozen=True, slots=True)
class RowsBehind:
    """The weightiest rows that a figure is made of, of `count`; `total` is None for rates."""

    model: Model
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    count: int
    total: Any


def read_row(connection: Connection, choice: Choice) -> Row:
    """Return the mart's row that a question asks for.

    Raises `QuestionError` where there is none, `BuildError` where the mart is not built.
    """
    mart = choice.mart
    query = sql.SQL("select * from {} where {} {} limit 2").format(
        _relation(mart), _conditions(choice.filters), _latest(choice.latest_of)
    )
    rows = _select(connection, mart, query, choice.filters)
    if not rows:
        raise QuestionError(_no_row(connection, choice))
    if len(rows) > 1 and not choice.latest_of:
        raise QuestionError(f"{mart.name} has several such rows: its key is {', '.join(mart.key)}.")
    return rows[0]


def rows_behind(
    connection: Connection, project: Project, mart: Model, metric: str, row: Row, limit: int
) -> RowsBehind | None:
    """Return the rows that a figure is made of: the nearest model upstream that splits it."""
    known = {name: row[name] for name in _SHARED if row.get(name) is not None}
    known |= _youtube_ids(connection, project, known)
    days = _window(metric, row)
    single: RowsBehind | None = None
    for ingredient in upstream(project, mart, metric):
        filters = {name: v for name, v in known.items() if name in ingredient.model.columns}
        if not _is_cut_alike(mart, filters):
            continue
        found = _read(connection, project, ingredient, filters, days, limit)
        if found is None or not found.count:
            continue
        if found.count > 1:
            return found
        single = single or found
    return single


def _read(
    connection: Connection,
    project: Project,
    ingredient: Ingredient,
    filters: Mapping[str, Any],
    days: tuple[date, date] | None,
    limit: int,
) -> RowsBehind | None:
    model = ingredient.model
    day = next((name for name in _DAYS if name in model.columns), None)
    if days is not None and day is None and "month_start" not in filters:
        return None
    condition = _conditions(filters)
    parameters = dict(filters)
    if days is not None and day is not None:
        condition += sql.SQL(" and {} between %(first_day)s and %(last_day)s").format(
            sql.Identifier(day)
        )
        parameters |= {"first_day": days[0], "last_day": days[1]}
    base = ingredient.columns[0]
    query = sql.SQL(
        "select {}, count(*) over () as _count, {} as _total from {} as base where {}"
        " order by {} desc nulls last limit {}"
    ).format(
        sql.SQL(", ").join(
            [*map(sql.Identifier, _shown(model, ingredient.columns)), *_labels(project, model)]
        ),
        _total(base),
        _relation(model),
        condition,
        sql.SQL("{}" if is_mark(base) else "abs({})").format(sql.Identifier(base)),
        sql.Literal(limit),
    )
    try:
        rows = _select(connection, model, query, parameters)
    except (BuildError, psycopg.DataError, psycopg.ProgrammingError):
        return None  # another model may still show it
    count = rows[0]["_count"] if rows else 0
    total = rows[0]["_total"] if rows else None
    cut = tuple({k: v for k, v in each.items() if k not in ("_count", "_total")} for each in rows)
    return RowsBehind(model, ingredient.columns, cut, count, total)


def _total(column: str) -> sql.Composable:
    if is_mark(column):
        return sql.SQL("count(*) filter (where {}) over ()").format(sql.Identifier(column))
    return (
        sql.SQL("sum({}) over ()").format(sql.Identifier(column))
        if is_additive(column)
        else sql.SQL("null")
    )


def _is_cut_alike(mart: Model, filters: Mapping[str, Any]) -> bool:
    """Return whether rows chosen so are those of the figure's user, channel, video and so on."""
    chosen = {name.removeprefix("youtube_") for name in filters}
    chosen |= {"channel_id", "user_id"} if "video_id" in chosen else set()
    chosen |= {"user_id"} if "channel_id" in chosen else set()
    return {n for n in mart.key if n in _SHARED and not n.endswith("_start")} <= chosen


def _shown(model: Model, figures: tuple[str, ...]) -> list[str]:
    """Return the columns that tell a row: its key, what kind it is, and the figures."""
    usual = (
        *_SHARED,
        *_DAYS,
        "opening_mrr",
        "mrr_movement",
        "invoice_id",
        "line_id",
        "is_reported",
    )
    keys = [*model.key, *(name for name in usual if name in model.columns)]
    return [name for name in dict.fromkeys([*keys, *figures[:6]]) if name in model.columns]


def _labels(project: Project, model: Model) -> Iterator[sql.Composable]:
    for key, dimension, label, name in _LABELS:
        found = project.mart(dimension)
        if key in model.columns and found is not None and model.name != dimension:
            yield sql.SQL(
                "(select {} from {} as named where named.{} = base.{} limit 1) as {}"
            ).format(
                sql.Identifier(label),
                _relation(found),
                sql.Identifier(key),
                sql.Identifier(key),
                sql.Identifier(name),
            )


def _window(metric: str, row: Row) -> tuple[date, date] | None:
    """Return the days that a figure is of, where its name or its row says so."""
    last = row.get("last_report_date") or row.get("date_day")
    if (match := re.search(r"_(\d+)d(_|$)", metric)) and isinstance(last, date):
        days = int(match[1])
        shift = days if "_previous_" in metric else 0
        return last - timedelta(days + shift - 1), last - timedelta(shift)
    if "month_to_date" in metric and isinstance(last, date):
        return row.get("current_month") or last.replace(day=1), last
    if isinstance(month := row.get("month_start"), date):
        return month, (month.replace(day=28) + timedelta(4)).replace(day=1) - timedelta(1)
    day = next((row[name] for name in _DAYS if isinstance(row.get(name), date)), None)
    return (day, day) if day else None


def _youtube_ids(
    connection: Connection, project: Project, known: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the names that YouTube has for what the platform's ids name."""
    found: dict[str, Any] = {}
    for key, dimension in (("channel_id", "dim_channels"), ("video_id", "dim_videos")):
        mart, column = project.mart(dimension), f"youtube_{key}"
        if key in known and mart is not None and column not in known:
            query = sql.SQL("select {} from {} where {}").format(
                sql.Identifier(column), _relation(mart), _conditions({key: known[key]})
            )
            rows = _select(connection, mart, query, {key: known[key]})
            if rows and rows[0][column] is not None:
                found[column] = rows[0][column]
    return found


def _no_row(connection: Connection, choice: Choice) -> str:
    mart = choice.mart
    asked = " and ".join(f"{name} {value}" for name, value in choice.filters.items())
    times = [
        name
        for name in choice.filters
        if name in mart.columns and mart.columns[name].data_type in ("date", "timestamptz")
    ]
    others = {k: v for k, v in choice.filters.items() if k not in times}
    if not times:
        return f"No data: {mart.name} has no row of {asked}."
    query = sql.SQL("select min({0}) as first, max({0}) as last from {1} where {2}").format(
        sql.Identifier(times[0]), _relation(mart), _conditions(others)
    )
    span = _select(connection, mart, query, others)[0]
    if span["first"] is None:
        return f"No data: {mart.name} has no row of {asked}."
    return (
        f"No data: {mart.name} has no row of {asked}; "
        f"it goes from {span['first']} to {span['last']}."
    )


def _select(
    connection: Connection, model: Model, query: sql.Composed, parameters: Mapping[str, Any]
) -> list[Row]:
    try:
        with connection.transaction(), connection.cursor(row_factory=dict_row) as cursor:
            rows: list[Row] = cursor.execute(query, parameters).fetchall()
            return rows
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
        raise BuildError(
            f"{model.relation} is not built yet.", hint="Run `ytempire build` or `ytempire demo`."
        ) from None
    except psycopg.errors.UndefinedColumn as error:
        raise BuildError(
            f"{model.relation} is built from an older model: {error.diag.message_primary}.",
            hint="Run `ytempire build`.",
        ) from None
    except psycopg.errors.InvalidTextRepresentation as error:
        raise QuestionError(f"{error.diag.message_primary}.") from None


def _relation(model: Model) -> sql.Identifier:
    return sql.Identifier(model.schema, model.table)


def _conditions(filters: Mapping[str, Any]) -> sql.Composed:
    return sql.SQL(" and ").join(
        [
            sql.SQL("true"),
            *(
                sql.SQL("{} = {}").format(sql.Identifier(name), sql.Placeholder(name))
                for name in filters
            ),
        ]
    )


def _latest(columns: tuple[str, ...]) -> sql.Composable:
    if not columns:
        return sql.SQL("")
    order = (sql.SQL("{} desc nulls last").format(sql.Identifier(name)) for name in columns)
    return sql.SQL("order by {}").format(sql.SQL(", ").join(order))
