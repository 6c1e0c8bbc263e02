"""Reach the platform's database, which is read and never written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from ingest.retrying import Backoff
from warehouse.errors import ConfigurationError, CredentialsError, SourceUnavailableError

Connection = psycopg.Connection[tuple[Any, ...]]
_CONNECT_SECONDS = 10
# libpq settings that make a dead peer known within a minute or so, not after two hours
_KEEPALIVE = {
    "keepalives": 1,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}
_REFUSED = re.compile(
    r"password authentication failed|no password supplied|role \".*\" does not exist"
    r"|role \".*\" is not permitted|pg_hba\.conf|permission denied for database",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class PlatformConfig:
    """The database (its URL holds a password), and how it is read.

    `overlap_seconds` is how long a transaction of the platform may last: rows carry the time at
    which theirs began, and become visible when it ends.
    """

    database_url: str = field(repr=False)
    schema: str = "ytempire"
    overlap_seconds: int = 300
    page_rows: int = 20_000
    statement_timeout_seconds: int = 120
    backoff: Backoff = field(default_factory=Backoff)


def open_connection(config: PlatformConfig) -> Connection:
    """Connect, for reading alone. Raises what `_explained` makes of a failure."""
    try:
        given = conninfo_to_dict(config.database_url)
        conninfo = make_conninfo(
            "",
            **{
                "connect_timeout": _CONNECT_SECONDS,
                "application_name": "ytempire extract",
                **_KEEPALIVE,
                **given,
            },
        )
    except psycopg.ProgrammingError as error:
        # What libpq says of it may quote the password.
        raise ConfigurationError(
            "PLATFORM_DATABASE_URL is not the URL of a PostgreSQL database.",
            hint="Write it as postgresql://user:password@host:5432/database.",
        ) from error
    try:
        connection = psycopg.connect(conninfo, autocommit=True)
    except psycopg.OperationalError as error:
        raise _explained(given, error) from error
    connection.read_only = True
    return connection


@contextmanager
def reading(connection: Connection, config: PlatformConfig) -> Iterator[None]:
    """Begin a short transaction that can only read; times are told in UTC.

    The limit is set within the transaction, so that it also holds behind a pooler.
    """
    milliseconds = config.statement_timeout_seconds * 1000
    with connection.transaction():
        connection.execute(
            "select set_config('statement_timeout', %s, true), set_config('TimeZone', 'UTC', true)",
            [str(milliseconds)],
        )
        yield


def unavailable(config: PlatformConfig, why: str) -> SourceUnavailableError:
    """Return the error for a database that stopped answering."""
    return SourceUnavailableError(
        f"The platform database {place(config)} cannot be read: {why}.",
        hint="Check that it is up, and PLATFORM_DATABASE_URL, then run the command again.",
    )


def place(config: PlatformConfig) -> str:
    """Return which database it is, without the password."""
    return _place(conninfo_to_dict(config.database_url))


def first_line(error: BaseException) -> str:
    """Return the first line of an error's text, without a final full stop."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0].rstrip(".")


def _place(given: dict[str, Any]) -> str:
    host = given.get("host") or given.get("hostaddr") or "(local)"
    return f"{given.get('dbname') or ''} at {host}:{given.get('port') or 5432}".strip()


def _explained(given: dict[str, Any], error: psycopg.OperationalError) -> Exception:
    """Say which setting or person can help with a connection that failed."""
    where, said = _place(given), " ".join(str(error).split()).rstrip(".")
    if given.get("password"):
        said = said.replace(str(given["password"]), "***")
    if _REFUSED.search(said):
        return CredentialsError(
            f"The platform database {where} refused user {given.get('user', '(default)')}: {said}.",
            hint="Correct the user and password in PLATFORM_DATABASE_URL.",
        )
    if re.search(r"database \".*\" does not exist", said):
        return ConfigurationError(
            f"The platform database {where} does not exist.",
            hint="Correct the database's name in PLATFORM_DATABASE_URL.",
        )
    return SourceUnavailableError(
        f"The platform database {where} does not answer: {said}.",
        hint="Check that it is up, and PLATFORM_DATABASE_URL, then run the command again.",
    )
