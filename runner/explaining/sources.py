"""The raw tables that a figure rests on: when they were loaded, how they fared in validation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

import psycopg

from ingest import streams
from runner.explaining.manifest import Model, Project
from warehouse.connection import Connection


@dataclass(frozen=True, slots=True)
class SourceState:
    """A raw table; `checks` expectations were tried when it was last validated."""

    table: str
    source: str
    stream: str
    loaded_at: datetime | None
    rows_landed: int
    rows_quarantined: int
    checked_at: datetime | None = None
    checks: int = 0
    failures: tuple[str, ...] = field(default_factory=tuple)


def raw_tables(project: Project, model: Model) -> list[Model]:
    """Return the raw tables upstream of a model, without the pipeline's own books."""
    return [
        each
        for each in project.ancestors(model).values()
        if each.kind == "source" and each.schema.startswith("raw_")
    ]


def stream_of(table: str) -> tuple[str, str]:
    """Return (source, stream) that are landed in a raw table."""
    for value in vars(streams).values():
        each = value if isinstance(value, Iterable) and not isinstance(value, str | bytes) else ()
        for stream in (value, *(each.values() if isinstance(each, dict) else each)):
            if isinstance(stream, streams.Stream) and stream.table == table:
                return stream.source, stream.name
    schema, _, name = table.partition(".")
    return schema.removeprefix("raw_"), name


def read_states(connection: Connection, tables: Iterable[Model]) -> list[SourceState]:
    """Return the state of each raw table, by its name."""
    return sorted((_state(connection, table.relation) for table in tables), key=lambda s: s.table)


def _state(connection: Connection, table: str) -> SourceState:
    source, stream = stream_of(table)
    loaded = connection.execute(
        """
        select max(committed_at), coalesce(sum(rows_landed), 0)::bigint,
            coalesce(sum(rows_quarantined), 0)::bigint
        from ops.batches where source = %s and stream = %s
        """,
        (source, stream),
    ).fetchone()
    loaded_at, landed, quarantined = loaded or (None, 0, 0)
    try:
        with connection.transaction():
            checked = connection.execute(
                """
                select expectation, passed, detail, checked_at from ops.validation_results
                where source = %(source)s and stream = %(stream)s and run_id = (
                    select run_id from ops.validation_results
                    where source = %(source)s and stream = %(stream)s
                    order by checked_at desc limit 1
                )
                """,
                {"source": source, "stream": stream},
            ).fetchall()
    except psycopg.errors.UndefinedTable:
        checked = []
    return SourceState(
        table,
        source,
        stream,
        loaded_at,
        landed,
        quarantined,
        checked_at=max((at for *_, at in checked), default=None),
        checks=len(checked),
        failures=tuple(detail or name for name, passed, detail, _ in checked if not passed),
    )
