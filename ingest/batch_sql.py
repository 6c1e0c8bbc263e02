"""The statements that write a batch; they run within the transaction that the caller opened."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from ingest.batches import (
    BadRow,
    Batch,
    BatchResult,
    Encoded,
    Partition,
    encode,
    encode_row,
    partition_months,
    where,
)
from ingest.streams import Stream, Write
from warehouse.partitions import ensure_partitions

Connection = psycopg.Connection[tuple[Any, ...]]
_LOCK_SECONDS = 30


def claim(connection: Connection, batch_id: UUID) -> BatchResult | None:
    """Wait until no other transaction holds the batch; return its result if it was landed.

    The answer to a COMMIT may be lost while the server is still at it. Whoever sends the batch
    again waits here for the first sender's transaction to end, then knows how it ended.
    """
    connection.execute(f"set local lock_timeout = '{_LOCK_SECONDS}s'")
    number = int.from_bytes(batch_id.bytes[:8], signed=True)
    connection.execute("select pg_advisory_xact_lock(%s)", (number,))
    connection.execute("set local lock_timeout to default")
    found = connection.execute(
        "select rows_read, rows_landed, rows_quarantined from ops.batches where batch_id = %s",
        (batch_id,),
    ).fetchone()
    return BatchResult(batch_id, *found) if found else None


def write(connection: Connection, batch: Batch, run_id: UUID | None, now: datetime) -> BatchResult:
    """Write the batch's rows, its quarantined rows, its row in `ops.batches` and its cursors."""
    # Month by month, lest one date that is wrong make partitions for all the years between.
    for month in partition_months(batch):
        ensure_partitions(connection, batch.stream.table, month, month)
    bad = _append(connection, batch, now) if batch.stream.write is Write.APPEND else None
    if bad is None:
        readable, bad = encode(batch.rows, batch.stream)
        bad += _stage(connection, batch, readable, now)
        landed = _move(connection, batch)
    else:
        landed = len(batch.rows) - len(bad)
    result = BatchResult(batch.batch_id, len(batch.rows), landed, len(bad))
    connection.execute(
        """
        insert into ops.batches (
            batch_id, run_id, source, stream, scope, rows_read, rows_landed, rows_quarantined,
            committed_at
        ) values (%s, %s, %s, %s, %s, %s, %s, %s, %s)
        """,
        (
            batch.batch_id,
            run_id,
            batch.stream.source,
            batch.stream.name,
            batch.cursors[0].scope if batch.cursors else "",
            result.rows_read,
            result.rows_landed,
            result.rows_quarantined,
            now,
        ),
    )
    _quarantine(connection, batch, bad, now)
    _move_cursors(connection, batch, now)
    return result


def _append(connection: Connection, batch: Batch, now: datetime) -> list[BadRow] | None:
    """COPY the rows straight into the stream's table; return those that cannot be held.

    None, and nothing is written, where a row is there already or is refused. Snapshots are nearly
    always new, and the way through a temporary table costs the server more than twice as much.
    """
    bad: list[BadRow] = []

    def readable() -> Iterator[Encoded]:
        for row in batch.rows:
            encoded = encode_row(row, batch.stream)
            if isinstance(encoded, BadRow):
                bad.append(encoded)
            else:
                yield encoded

    try:
        with connection.transaction():
            _copy_rows(connection, _table(batch.stream), batch, readable(), now)
    except (psycopg.DataError, psycopg.IntegrityError):
        return None
    return bad


def _stage(
    connection: Connection, batch: Batch, rows: Sequence[Encoded], now: datetime
) -> list[BadRow]:
    """Copy the rows into the temporary table `staged`; return those that the server refused."""
    columns = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(column.name), sql.SQL(column.type))
        for column in batch.stream.columns
    )
    connection.execute(
        sql.SQL(
            """
            create temporary table staged (
                _line bigint generated always as identity, {}, payload jsonb not null,
                _batch_id uuid not null, _loaded_at timestamptz not null
            ) on commit drop
            """
        ).format(columns)
    )
    return _copy_readable(connection, batch, rows, now) if rows else []


def _copy_readable(
    connection: Connection, batch: Batch, rows: Sequence[Encoded], now: datetime
) -> list[BadRow]:
    """COPY the rows; where the server refuses the lot, halve it until the bad rows are found."""
    try:
        with connection.transaction():
            _copy_rows(connection, sql.Identifier("staged"), batch, rows, now)
    except (psycopg.DataError, psycopg.IntegrityError) as error:
        if len(rows) > 1:
            middle = len(rows) // 2
            return _copy_readable(connection, batch, rows[:middle], now) + _copy_readable(
                connection, batch, rows[middle:], now
            )
        location = where(rows[0].values, batch.stream)
        return [BadRow(location, str(error).splitlines()[0], rows[0].text)]
    return []


def _copy_rows(
    connection: Connection,
    table: sql.Composable,
    batch: Batch,
    rows: Iterable[Encoded],
    now: datetime,
) -> None:
    """COPY the rows as they come, so that the server works while the next ones are encoded."""
    columns = batch.stream.columns
    names = [*(column.name for column in columns), "payload", "_batch_id", "_loaded_at"]
    types = [*(column.type for column in columns), "jsonb", "uuid", "timestamptz"]
    statement = sql.SQL("copy {} ({}) from stdin (format binary)").format(
        table, sql.SQL(", ").join(map(sql.Identifier, names))
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types(types)
        for row in rows:
            copy.write_row((*row.values, Jsonb(row.text, dumps=str), batch.batch_id, now))


def _move(connection: Connection, batch: Batch) -> int:
    """Write the staged rows into the stream's table; return how many rows that changed."""
    stream = batch.stream
    keys = sql.SQL(", ").join(map(sql.Identifier, stream.keys))
    removed = 0
    if batch.partitions:
        # Without the index and the statistics the planner may compare all rows with all rows.
        connection.execute(sql.SQL("create index on staged ({})").format(keys))
        connection.execute("analyze staged")
        removed = sum(_remove_absent(connection, stream, part) for part in batch.partitions)
    names = [column.name for column in stream.columns]
    every = sql.SQL(", ").join(map(sql.Identifier, [*names, "payload", "_batch_id", "_loaded_at"]))
    # The last of several rows with one key wins: pages that shift while they are read repeat rows.
    moved = connection.execute(
        sql.SQL(
            """
            insert into {table} as landed ({every})
            select {every} from (
                select distinct on ({keys}) * from staged order by {keys}, _line desc
            ) as newest
            on conflict ({keys}) do {action}
            """
        ).format(table=_table(stream), every=every, keys=keys, action=_action(stream))
    )
    return removed + moved.rowcount


def _table(stream: Stream) -> sql.Composed:
    return sql.SQL(".").join(map(sql.Identifier, stream.table.split(".")))


def _action(stream: Stream) -> sql.Composable:
    """Return what becomes of a row that is there already."""
    if stream.write is Write.APPEND:
        return sql.SQL("nothing")
    updates = [column.name for column in stream.columns if not column.is_key] + ["payload"]
    return sql.SQL("update set {} where ({}) is distinct from ({})").format(
        sql.SQL(", ").join(
            sql.SQL("{0} = excluded.{0}").format(sql.Identifier(name))
            for name in [*updates, "_batch_id", "_loaded_at"]
        ),
        sql.SQL(", ").join(sql.SQL("landed.{}").format(sql.Identifier(name)) for name in updates),
        sql.SQL(", ").join(sql.SQL("excluded.{}").format(sql.Identifier(name)) for name in updates),
    )


def _remove_absent(connection: Connection, stream: Stream, partition: Partition) -> int:
    """Delete the partition's rows that are not among the staged ones."""
    conditions: list[sql.Composable] = [
        sql.SQL("landed.{} = {}").format(sql.Identifier(name), sql.Literal(value))
        for name, value in partition.equals.items()
    ]
    if partition.day_column is not None:
        conditions.append(
            sql.SQL("landed.{} between {} and {}").format(
                sql.Identifier(partition.day_column),
                sql.Literal(partition.first_day),
                sql.Literal(partition.last_day),
            )
        )
    same = sql.SQL(" and ").join(
        sql.SQL("landed.{0} = staged.{0}").format(sql.Identifier(key)) for key in stream.keys
    )
    statement = sql.SQL(
        "delete from {} as landed where {} and not exists (select from staged where {})"
    ).format(_table(stream), sql.SQL(" and ").join([sql.SQL("true"), *conditions]), same)
    return connection.execute(statement).rowcount


def _quarantine(connection: Connection, batch: Batch, bad: Sequence[BadRow], now: datetime) -> None:
    stream = batch.stream
    with connection.cursor() as cursor:
        cursor.executemany(
            """
            insert into ops.quarantine
                (batch_id, source, stream, location, reason, payload, created_at)
            values (%s, %s, %s, %s, %s, %s, %s)
            on conflict do nothing
            """,
            [(batch.batch_id, stream.source, stream.name, *_printable(row), now) for row in bad],
        )


def _printable(row: BadRow) -> tuple[str, str, str]:
    """Return the row's texts as PostgreSQL can hold them: NUL and half surrogates written out."""
    clean = [
        text.encode(errors="backslashreplace").decode().replace("\0", "\\x00")
        for text in (row.location, row.reason, row.payload)
    ]
    return clean[0], clean[1], clean[2]


def _move_cursors(connection: Connection, batch: Batch, now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(
            """
            insert into ops.cursors (source, stream, scope, value, batch_id, updated_at)
            values (%s, %s, %s, %s, %s, %s)
            on conflict (source, stream, scope) do update set
                value = excluded.value,
                batch_id = excluded.batch_id,
                updated_at = excluded.updated_at
            """,
            [
                (
                    batch.stream.source,
                    batch.stream.name,
                    moved.scope,
                    Jsonb(dict(moved.value)),
                    batch.batch_id,
                    now,
                )
                for moved in batch.cursors
            ],
        )
