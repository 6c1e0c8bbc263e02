"""Monthly partitions of the raw tables, made when rows for them arrive."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

from psycopg import sql

from warehouse.connection import Connection
from warehouse.errors import BadDataError
from warehouse.locks import lock_key

_MOST_MONTHS = 600


def ensure_partitions(
    connection: Connection, table: str, first: date | datetime, last: date | datetime
) -> list[str]:
    """Create the monthly partitions of `table` that are missing from `first` to `last`.

    `table` is named with its schema. Months are UTC months; a datetime must know its zone. Works
    inside the caller's transaction, for which readers and writers of the table need not wait; two
    who miss the same month take turns. Returns the names created. Raises BadDataError for a span
    that can only come from a wrong date.
    """
    begin, end = _month(first), _month(last)
    months = list(_months(begin, end))
    if len(months) > _MOST_MONTHS:
        raise BadDataError(f"Rows for {table} span {first} to {last}: a date must be wrong.")
    schema, name = table.split(".")
    wanted = {f"{name}_{month:%Y_%m}": month for month in months}
    missing = _missing(connection, schema, list(wanted))
    if missing:
        connection.execute("select pg_advisory_xact_lock(%s)", [lock_key(f"partitions {table}")])
        missing = _missing(connection, schema, missing)
    for partition in missing:
        _create(connection, schema, name, partition, wanted[partition])
    return missing


def _missing(connection: Connection, schema: str, names: list[str]) -> list[str]:
    """Return those of the names that are no tables.

    The catalogue is read like any table: `to_regclass` may answer from a cache that has not heard
    yet of what another transaction has just committed.
    """
    found = connection.execute(
        """
        select wanted.name
        from unnest(%s::text[]) with ordinality as wanted (name, position)
        where not exists (
            select from pg_class as relation
            inner join pg_namespace as schema on schema.oid = relation.relnamespace
            where relation.relname = wanted.name and schema.nspname = %s
        )
        order by wanted.position
        """,
        [names, schema],
    )
    return [row[0] for row in found]


def _create(connection: Connection, schema: str, name: str, partition: str, month: date) -> None:
    """Make the table, then attach it: `create ... partition of` would lock out the readers."""
    parent, child = sql.Identifier(schema, name), sql.Identifier(schema, partition)
    connection.execute(
        sql.SQL("create table {} (like {} including all)").format(child, parent),
    )
    connection.execute(
        sql.SQL("alter table {} attach partition {} for values from ({}) to ({})").format(
            parent, child, _bound(month), _bound(_next(month))
        )
    )


def _bound(month: date) -> sql.Literal:
    """Return the month's first instant, as a text that suits date and timestamptz columns."""
    return sql.Literal(f"{month:%Y-%m-%d} 00:00:00+00")


def _month(moment: date | datetime) -> date:
    if isinstance(moment, datetime):
        if moment.tzinfo is None:
            raise ValueError("a datetime without a time zone belongs to no month")
        moment = moment.astimezone(UTC).date()
    return moment.replace(day=1)


def _next(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _months(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first = _next(first)
