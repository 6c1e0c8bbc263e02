"""What validation reads from and writes to the books: what is due, what was found.

Rows are checked once: a stream's rows that were landed since it last met all of its critical
expectations. So the cost follows what is new, and a bad row stays in the way until it is mended.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from psycopg import sql

from validation.outcomes import Outcome, Validation
from warehouse.connection import Connection

_NOTE = "validated_until"


def validated_until(connection: Connection) -> dict[str, datetime]:
    """Return for each table the instant until which its rows met what is critical."""
    noted = connection.execute("select value from ops.notes where name = %s", (_NOTE,)).fetchone()
    return {
        table: datetime.fromisoformat(instant)
        for table, instant in (noted[0] if noted else {}).items()
    }


def rows_to_check(
    connection: Connection, tables: Sequence[str], after: Mapping[str, datetime]
) -> dict[str, int]:
    """Return how many rows of each table were landed since; without an instant: all rows."""
    counts = [
        sql.SQL("select {}, count(*) from {} where {}").format(
            sql.Literal(table),
            sql.Identifier(*table.split(".")),
            sql.SQL("_loaded_at > {}").format(sql.Literal(after[table]))
            if table in after
            else sql.SQL("true"),
        )
        for table in tables
    ]
    return dict(connection.execute(sql.SQL(" union all ").join(counts)).fetchall())


def sources_read(connection: Connection) -> set[str]:
    """Return the sources that were read the last time they were asked."""
    found = connection.execute(
        """
        select source from (
            select distinct on (source) source, status
            from ops.source_results order by source, finished_at desc
        ) as latest where status = 'landed'
        """
    )
    return {source for (source,) in found}


def store(
    connection: Connection,
    run_id: UUID,
    validation: Validation,
    checked: Collection[str],
    now: datetime,
    began: datetime,
) -> None:
    """Write the outcomes of a run, and until when the rows of what passed are checked."""
    with connection.transaction(), connection.cursor() as cursor:
        cursor.executemany(
            "insert into ops.validation_results values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [(run_id, *_values(outcome), now) for outcome in validation.outcomes],
        )
        passed = {table: began.isoformat() for table in checked}
        for table in validation.failed_tables:
            passed.pop(table, None)
        cursor.execute(
            """
            insert into ops.notes (name, value) values (%s, %s)
            on conflict (name) do update
            set value = ops.notes.value || excluded.value, updated_at = now()
            """,
            (_NOTE, json.dumps(passed)),
        )


def _values(outcome: Outcome) -> tuple[str | int | bool | None, ...]:
    return (
        outcome.source,
        outcome.stream,
        outcome.expectation,
        outcome.is_critical,
        outcome.passed,
        outcome.rows_checked,
        outcome.rows_unexpected,
        outcome.detail or None,
    )
