"""Land rows in the raw schemas exactly once.

A batch is one transaction: binary COPY into a temporary table, one statement that writes the
rows into the stream's table, the quarantined rows, the batch's row in `ops.batches` and the
cursor. A crash leaves all of it or nothing. When the connection is lost, the batch is sent again
with the same id; the id, found or not found, settles a COMMIT whose answer was lost.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID, uuid4

import psycopg

from ingest import batch_sql
from ingest.batch_sql import Connection
from ingest.batches import BadRow, Batch, BatchResult, Cursor, Partition, Row
from ingest.retrying import Backoff, retrying
from ingest.streams import Stream
from warehouse.errors import DatabaseError

__all__ = [
    "MAX_BATCH_ROWS",
    "BadRow",
    "BatchResult",
    "Connection",
    "Cursor",
    "Lander",
    "Partition",
    "Row",
]

MAX_BATCH_ROWS = 50_000
RECONNECTION = Backoff(attempts=5, max_seconds=10.0, first_wait_seconds=0.2)
T = TypeVar("T")

logger = logging.getLogger(__name__)


class Lander:
    """Writes batches of one run. Not for use by two threads at once."""

    def __init__(
        self,
        connect: Callable[[], Connection],
        run_id: UUID | None,
        clock: Callable[[], datetime],
        backoff: Backoff = RECONNECTION,
    ) -> None:
        """Take a factory of connections, so that a lost one can be replaced, and the clock."""
        self._connect = connect
        self._connection: Connection | None = None
        self._backoff = backoff
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

        def read(connection: Connection) -> list[tuple[Any, ...]]:
            return connection.execute(statement, parameters or None).fetchall()

        return self._transact(read)

    def write(self, statement: str, rows: Sequence[Sequence[Any]]) -> None:
        """Execute a writing statement once a row, in a transaction of its own.

        For the books alone: where the answer to COMMIT is lost it is done a second time.
        """

        def execute(connection: Connection) -> None:
            with connection.cursor() as cursor:
                cursor.executemany(statement, rows)

        self._transact(execute)

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
        batch = Batch(uuid4(), stream, list(rows), tuple(cursors), tuple(partitions))

        def write(connection: Connection) -> BatchResult:
            landed = batch_sql.claim(connection, batch.batch_id)
            return landed or batch_sql.write(connection, batch, self.run_id, self.clock())

        result = self._transact(write)
        self.results.append((stream, result))
        return result

    def _transact(self, work: Callable[[Connection], T]) -> T:
        """Do the work in a transaction, again from the start where the connection is lost."""
        policy = retrying(
            attempts=self._backoff.attempts,
            max_seconds=self._backoff.max_seconds,
            first_wait_seconds=self._backoff.first_wait_seconds,
            is_transient=self._is_transient,
        )
        with database_errors():
            result: T = policy(self._attempt, work)
        return result

    def _attempt(self, work: Callable[[Connection], T]) -> T:
        connection = self.connection
        try:
            with connection.transaction():
                return work(connection)
        except psycopg.OperationalError as error:
            logger.info("the connection to the warehouse is opened anew: %s", error)
            connection.close()
            raise

    def _is_transient(self, error: BaseException) -> bool:
        """Tell a lost connection, also one that cannot be opened anew yet, from other errors."""
        if isinstance(error, DatabaseError):
            return self._connection is not None
        return isinstance(error, psycopg.OperationalError)


@contextmanager
def database_errors() -> Iterator[None]:
    """Turn psycopg's error of a server that is gone, or cannot go on, into `DatabaseError`."""
    try:
        yield
    except psycopg.OperationalError as error:
        lines = str(error).strip().splitlines()
        said = "stopped answering" if error.sqlstate is None else "cannot go on"
        raise DatabaseError(
            f"The warehouse database {said}: {lines[0] if lines else 'connection lost'}.",
            hint="Nothing half-done is left; run the command again when the database is back.",
        ) from error
