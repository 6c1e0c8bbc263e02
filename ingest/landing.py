"""Land rows in the raw schemas exactly once.

A batch is one transaction: binary COPY into a temporary table, one statement that writes the
rows into the stream's table, the quarantined rows, the batch's row in `ops.batches` and the
cursor. A crash leaves all of it or nothing. When the answer to COMMIT is lost, the batch's id,
found or not found on a new connection, tells which.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from ingest.payload import dump_json
from ingest.streams import Stream, Write
from warehouse.errors import DatabaseError
from warehouse.partitions import ensure_partitions

Connection = psycopg.Connection[tuple[Any, ...]]
MAX_BATCH_ROWS = 50_000
_COMMIT_ATTEMPTS = 3

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Row:
    """A readable row: the values of the stream's columns in order, and the payload as it came."""

    values: tuple[Any, ...]
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be read: where it stands, why, and its text as it came."""

    location: str
    reason: str
    payload: str


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a stream was read within a scope; committed with the rows that it speaks of."""

    scope: str
    value: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Partition:
    """The part of a table that a batch replaces: equal columns, and an optional range of days."""

    equals: Mapping[str, Any]
    day_column: str | None = None
    first_day: date | None = None
    last_day: date | None = None


@dataclass(frozen=True, slots=True)
class BatchResult:
    """What became of a batch. `rows_landed` counts rows added, changed or removed."""

    batch_id: UUID
    rows_read: int
    rows_landed: int
    rows_quarantined: int


class Lander:
    """Writes batches of one run. Not for use by two threads at once."""

    def __init__(
        self, connect: Callable[[], Connection], run_id: UUID | None, clock: Callable[[], datetime]
    ) -> None:
        """Take a factory of connections, so that a lost one can be replaced, and the clock."""
        self._connect = connect
        self._connection: Connection | None = None
        self.run_id = run_id
        self.clock = clock
        self.results: list[tuple[Stream, BatchResult]] = []

    @property
    def connection(self) -> Connection:
        """Return the open connection to the warehouse, opened anew after a loss."""
        if self._connection is None or self._connection.closed:
            self._connection = self._connect()
        return self._connection

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()

    def __enter__(self) -> Lander:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def read_cursor(self, stream: Stream, scope: str = "") -> dict[str, Any] | None:
        """Return the cursor of a stream within a scope, None before its first batch."""
        return self.read_cursors(stream, scope).get(scope)

    def read_cursors(self, stream: Stream, scope: str | None = None) -> dict[str, dict[str, Any]]:
        """Return the cursors of a stream by scope: of all scopes, or of the one given."""
        rows = self.query(
            """
            select scope, value from ops.cursors
            where source = %s and stream = %s and (%s::text is null or scope = %s)
            """,
            (stream.source, stream.name, scope, scope),
        )
        return dict(rows)

    def query(self, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of a reading statement, in a transaction of its own."""
        with _database_errors(), self.connection.transaction():
            return self.connection.execute(statement, parameters).fetchall()

    def write(self, statement: str, rows: Sequence[Sequence[Any]]) -> None:
        """Execute a writing statement once a row, in a transaction of its own."""
        with (
            _database_errors(),
            self.connection.transaction(),
            self.connection.cursor() as cursor,
        ):
            cursor.executemany(statement, rows)

    def land(
        self,
        stream: Stream,
        rows: Iterable[Row | BadRow],
        *,
        cursors: Sequence[Cursor] = (),
        partitions: Sequence[Partition] = (),
    ) -> BatchResult:
        """Land the rows as one batch, together with the cursors that say how far they reach.

        `partitions`, for a stream whose partitions are replaced: the rows given are all there are
        in them. Keep batches at or below `MAX_BATCH_ROWS` rows: they are held in memory. Raises
        `DatabaseError` when the warehouse does not answer; nothing of the batch is there then.
        """
        batch = _Batch(uuid4(), stream, list(rows), tuple(cursors), tuple(partitions))
        result = self._commit(batch)
        self.results.append((stream, result))
        return result

    def _commit(self, batch: _Batch) -> BatchResult:
        for attempt in range(1, _COMMIT_ATTEMPTS + 1):
            try:
                with self.connection.transaction():
                    return self._write(batch)
            except psycopg.OperationalError as error:
                self.close()
                with _database_errors():
                    landed = self._find(batch.batch_id)
                if landed is not None:
                    return landed
                if attempt == _COMMIT_ATTEMPTS:
                    raise _lost(error) from error
                logger.info("batch %s is sent again: %s", batch.batch_id, error)
        raise AssertionError

    def _find(self, batch_id: UUID) -> BatchResult | None:
        found = self.query(
            """
            select rows_read, rows_landed, rows_quarantined from ops.batches where batch_id = %s
            """,
            (batch_id,),
        )
        return BatchResult(batch_id, *found[0]) if found else None

    def _write(self, batch: _Batch) -> BatchResult:
        now = self.clock()
        readable, bad = _split(batch.rows, batch.stream)
        connection = self.connection
        bad += _stage(connection, batch, readable, now)
        landed = _move(connection, batch)
        result = BatchResult(batch.batch_id, len(batch.rows), landed, len(bad))
        connection.execute(
            "insert into ops.batches values (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
            (
                batch.batch_id,
                self.run_id,
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


@dataclass(frozen=True, slots=True)
class _Batch:
    batch_id: UUID
    stream: Stream
    rows: list[Row | BadRow]
    cursors: tuple[Cursor, ...]
    partitions: tuple[Partition, ...]


_Encoded = tuple[tuple[Any, ...], str]


@contextmanager
def _database_errors() -> Iterator[None]:
    try:
        yield
    except psycopg.OperationalError as error:
        raise _lost(error) from error


def _lost(error: psycopg.OperationalError) -> DatabaseError:
    detail = str(error).strip().splitlines()
    return DatabaseError(
        f"The warehouse database stopped answering: {detail[0] if detail else 'connection lost'}.",
        hint="Nothing half-done is left; run the command again when the database is back.",
    )


def _split(rows: Iterable[Row | BadRow], stream: Stream) -> tuple[list[_Encoded], list[BadRow]]:
    """Encode the payloads; a row whose payload or key PostgreSQL could not hold is a bad one."""
    readable: list[_Encoded] = []
    bad: list[BadRow] = []
    for row in rows:
        if isinstance(row, BadRow):
            bad.append(row)
            continue
        try:
            text = dump_json(row.payload)
            if any(isinstance(value, str) and "\0" in value for value in row.values):
                bad.append(BadRow(_where(row, stream), "the key holds a NUL character", text))
                continue
        except (TypeError, ValueError) as error:
            bad.append(BadRow(_where(row, stream), str(error), ascii(dict(row.payload))))
            continue
        readable.append((row.values, text))
    return readable, bad


def _where(row: Row, stream: Stream) -> str:
    pairs = zip((column.name for column in stream.columns), row.values, strict=False)
    return ", ".join(f"{name}={value}" for name, value in pairs)


def _stage(
    connection: Connection, batch: _Batch, rows: list[_Encoded], now: datetime
) -> list[BadRow]:
    """Copy the rows into the temporary table `staged`; return those that the server refused."""
    stream = batch.stream
    columns = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(column.name), sql.SQL(column.type))
        for column in stream.columns
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
    if not rows:
        return []
    if stream.partition_column is not None:
        at = [column.name for column in stream.columns].index(stream.partition_column)
        values = [row[0][at] for row in rows]
        ensure_partitions(connection, stream.table, min(values), max(values))
    return _copy(connection, batch, rows, now)


def _copy(
    connection: Connection, batch: _Batch, rows: list[_Encoded], now: datetime
) -> list[BadRow]:
    """COPY the rows; where the server refuses the lot, halve it until the bad rows are found."""
    columns = [*batch.stream.columns]
    names = [column.name for column in columns] + ["payload", "_batch_id", "_loaded_at"]
    types = [column.type for column in columns] + ["jsonb", "uuid", "timestamptz"]
    statement = sql.SQL("copy staged ({}) from stdin (format binary)").format(
        sql.SQL(", ").join(map(sql.Identifier, names))
    )
    try:
        with (
            connection.transaction(),
            connection.cursor() as cursor,
            cursor.copy(statement) as copy,
        ):
            copy.set_types(types)
            for values, text in rows:
                copy.write_row((*values, Jsonb(text, dumps=str), batch.batch_id, now))
    except (psycopg.DataError, psycopg.IntegrityError) as error:
        if len(rows) > 1:
            middle = len(rows) // 2
            return _copy(connection, batch, rows[:middle], now) + _copy(
                connection, batch, rows[middle:], now
            )
        values, text = rows[0]
        location = _where(Row(values, {}), batch.stream)
        return [BadRow(location, str(error).splitlines()[0], text)]
    return []


def _move(connection: Connection, batch: _Batch) -> int:
    """Write the staged rows into the stream's table; return how many rows that changed."""
    stream = batch.stream
    removed = sum(_remove_absent(connection, stream, part) for part in batch.partitions)
    names = [column.name for column in stream.columns]
    updates = [name for name in names if name not in stream.keys] + ["payload"]
    table = sql.SQL(stream.table)  # type: ignore[arg-type]  # one of our own constants
    every = sql.SQL(", ").join(map(sql.Identifier, [*names, "payload", "_batch_id", "_loaded_at"]))
    keys = sql.SQL(", ").join(map(sql.Identifier, stream.keys))
    if stream.write is Write.APPEND:
        action = sql.SQL("nothing")
    else:
        action = sql.SQL("update set {} where ({}) is distinct from ({})").format(
            sql.SQL(", ").join(
                sql.SQL("{0} = excluded.{0}").format(sql.Identifier(name))
                for name in [*updates, "_batch_id", "_loaded_at"]
            ),
            sql.SQL(", ").join(
                sql.SQL("landed.{}").format(sql.Identifier(name)) for name in updates
            ),
            sql.SQL(", ").join(
                sql.SQL("excluded.{}").format(sql.Identifier(name)) for name in updates
            ),
        )
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
        ).format(table=table, every=every, keys=keys, action=action)
    )
    return removed + moved.rowcount


def _remove_absent(connection: Connection, stream: Stream, partition: Partition) -> int:
    """Delete the partition's rows that are not among the staged ones."""
    conditions = [
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
    ).format(
        sql.SQL(stream.table),  # type: ignore[arg-type]
        sql.SQL(" and ").join(conditions),
        same,
    )
    return connection.execute(statement).rowcount


def _quarantine(
    connection: Connection, batch: _Batch, bad: Sequence[BadRow], now: datetime
) -> None:
    stream = batch.stream
    with connection.cursor() as cursor:
        cursor.executemany(
            """
            insert into ops.quarantine
                (batch_id, source, stream, location, reason, payload, created_at)
            values (%s, %s, %s, %s, %s, %s, %s)
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


def _move_cursors(connection: Connection, batch: _Batch, now: datetime) -> None:
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
