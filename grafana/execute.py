"""A panel's SQL run on the database, its rows kept with the kind of each column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import psycopg
from psycopg.postgres import types

Kind = Literal["time", "number", "text", "boolean"]

_KINDS: dict[str, Kind] = {
    **dict.fromkeys(("date", "timestamp", "timestamptz"), "time"),
    **dict.fromkeys(("int2", "int4", "int8", "float4", "float8", "numeric"), "number"),
    "bool": "boolean",
}


@dataclass(frozen=True)
class Column:
    """A column of a result: its name, and what Grafana takes its values for."""

    name: str
    kind: Kind


@dataclass(frozen=True)
class Frame:
    """The rows that a query gave, in their order."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]

    def index(self, name: str) -> int:
        """Give the position of the column `name`; `KeyError` when there is none."""
        for position, column in enumerate(self.columns):
            if column.name == name:
                return position
        raise KeyError(name)

    def values(self, name: str) -> list[Any]:
        """Give one column's values."""
        position = self.index(name)
        return [row[position] for row in self.rows]

    def of_kind(self, kind: Kind) -> list[str]:
        """Name the columns of a kind, from the left."""
        return [column.name for column in self.columns if column.kind == kind]


def fetch(connection: psycopg.Connection[Any], sql: str) -> Frame:
    """Run SQL whose macros have been expanded; errors are psycopg's."""
    with connection.cursor() as cursor:
        # The text comes from our own dashboards; no value of a user is in it.
        cursor.execute(sql.encode())
        described = cursor.description or []
        columns = tuple(Column(column.name, _kind(column.type_code)) for column in described)
        return Frame(columns, tuple(cursor.fetchall()))


def _kind(oid: int) -> Kind:
    info = types.get(oid)
    return _KINDS.get(info.name, "text") if info is not None else "text"
