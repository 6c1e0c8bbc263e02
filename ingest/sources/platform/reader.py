"""Read pages of the platform's database, and open the connection anew where it was lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import psycopg
from psycopg import sql

from ingest.retrying import retrying
from ingest.sources.platform.connection import (
    Connection,
    PlatformConfig,
    first_line,
    open_connection,
    reading,
    unavailable,
)
from warehouse.errors import SourceUnavailableError

T = TypeVar("T")

_FETCHED_AT_ONCE = 2_000


class TableError(Exception):
    """A table cannot be read; the message says why."""


class Reader:
    """Reads pages, and opens the connection anew where it was lost."""

    def __init__(self, config: PlatformConfig) -> None:
        """Take the address; the first question connects."""
        self._config = config
        self._connection: Connection | None = None

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()

    def rows(self, query: sql.Composed, parse: Callable[[tuple[Any, ...]], T]) -> list[T]:
        """Return the rows of a query, each parsed. Raises `TableError` where it cannot be asked."""
        backoff = self._config.backoff
        policy = retrying(
            attempts=backoff.attempts,
            max_seconds=backoff.max_seconds,
            first_wait_seconds=backoff.first_wait_seconds,
            is_transient=_is_transient,
        )
        try:
            return policy(self._rows_once, query, parse)
        except psycopg.OperationalError as error:
            raise unavailable(self._config, first_line(error)) from error
        except (psycopg.ProgrammingError, psycopg.DataError) as error:
            raise TableError(first_line(error)) from error

    def _rows_once(self, query: sql.Composed, parse: Callable[[tuple[Any, ...]], T]) -> list[T]:
        if self._connection is None or self._connection.closed:
            self._connection = open_connection(self._config)
        connection = self._connection
        with reading(connection, self._config), connection.cursor("page") as cursor:
            cursor.itersize = _FETCHED_AT_ONCE
            cursor.execute(query)
            return [parse(values) for values in cursor]


def _is_transient(error: BaseException) -> bool:
    """Tell a lost connection, or one that cannot be opened yet, from what repeating cannot mend."""
    if isinstance(error, psycopg.errors.QueryCanceled):
        return False  # the statement timeout
    return isinstance(error, psycopg.OperationalError | SourceUnavailableError)
