"""Bringing tables of the platform database up to a given state, touching only what differs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import psycopg
from psycopg import sql

Row = Sequence[object]


@dataclass(frozen=True, slots=True)
class Table:
    """The rows that a table is to hold; the first column is its primary key."""

    name: str
    columns: tuple[str, ...]
    rows: Iterable[Row]


def replace_rows(connection: psycopg.Connection, table: Table) -> int:
    """Insert new rows and update those that differ; return how many. Others stay untouched."""
    target = sql.Identifier("ytempire", table.name)
    columns = [sql.Identifier(column) for column in table.columns]
    names = sql.SQL(", ").join(columns)
    with connection.cursor() as cursor:
        empty = sql.SQL("create temp table incoming as select {} from {} limit 0")
        cursor.execute(empty.format(names, target))
        with cursor.copy(sql.SQL("copy incoming ({}) from stdin").format(names)) as copy:
            for row in table.rows:
                copy.write_row(row)
        cursor.execute(_merge(target, columns))
        changed = cursor.rowcount
        cursor.execute("drop table incoming")
    return changed


def _merge(target: sql.Identifier, columns: list[sql.Identifier]) -> sql.Composed:
    """Compare first: an upsert of every row would rewrite or at least lock the unchanged ones."""
    key = columns[0]
    comma = sql.SQL(", ")
    return sql.SQL(
        "insert into {target} ({names}) "
        "select {incoming} from incoming left join {target} as present using ({key}) "
        "where present.{key} is null or ({incoming}) is distinct from ({present}) "
        "on conflict ({key}) do update set ({names}) = row({excluded})"
    ).format(
        target=target,
        key=key,
        names=comma.join(columns),
        incoming=comma.join(sql.SQL("incoming.{}").format(each) for each in columns),
        present=comma.join(sql.SQL("present.{}").format(each) for each in columns),
        excluded=comma.join(sql.SQL("excluded.{}").format(each) for each in columns),
    )
