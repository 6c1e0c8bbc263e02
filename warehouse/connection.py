"""How to reach a warehouse: its address, a connection that never hangs, the database itself."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote, urlencode

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from warehouse.errors import DatabaseError

Connection = psycopg.Connection[tuple[Any, ...]]

DEFAULT_TIMEOUT_SECONDS = 10
# libpq settings that make a dead peer known within a minute or so, not after two hours
_KEEPALIVE: dict[str, Any] = {
    "keepalives": 1,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}


@dataclass(frozen=True)
class WarehouseTarget:
    """The address of a database and who connects to it; `connect_timeout` is in seconds.

    `host` may be a directory, which libpq takes for that of a Unix socket. An empty `password`
    leaves it to libpq (~/.pgpass).
    """

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    database: str
    sslmode: str = "prefer"
    connect_timeout: int = DEFAULT_TIMEOUT_SECONDS

    def __str__(self) -> str:
        return f"database {self.database} at {self.host}:{self.port} as {self.user}"

    def conninfo(self, **more: Any) -> str:
        """Return the libpq connection string, with the password."""
        return make_conninfo(
            host=self.host,
            port=self.port,
            user=self.user,
            dbname=self.database,
            sslmode=self.sslmode,
            connect_timeout=self.connect_timeout,
            **({"password": self.password} if self.password else {}),
            **_KEEPALIVE,
            **more,
        )

    def url(self) -> str:
        """Return the address as a `postgresql://` URL, with the password."""
        login = quote(self.user, safe="")
        if self.password:
            login += ":" + quote(self.password, safe="")
        options = {"sslmode": self.sslmode, "connect_timeout": str(self.connect_timeout)}
        place = f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"
        if self.host.startswith("/"):
            place = ""
            options |= {"host": self.host, "port": str(self.port)}
        return f"postgresql://{login}@{place}/{quote(self.database, safe='')}?{urlencode(options)}"

    def environment(self) -> dict[str, str]:
        """Return the PG* variables for a program that is started on this target."""
        variables = {
            "PGHOST": self.host,
            "PGPORT": str(self.port),
            "PGUSER": self.user,
            "PGDATABASE": self.database,
            "PGSSLMODE": self.sslmode,
            "PGCONNECT_TIMEOUT": str(self.connect_timeout),
        }
        if self.password:
            variables["PGPASSWORD"] = self.password
        return variables


def connect(
    target: WarehouseTarget, *, autocommit: bool = False, application_name: str = "ytempire"
) -> Connection:
    """Connect to `target`, within its `connect_timeout` or not at all.

    Raises DatabaseError with what is wrong (nobody listens, no answer, wrong password, no such
    database) and what to do about it.
    """
    try:
        return psycopg.connect(
            target.conninfo(application_name=application_name), autocommit=autocommit
        )
    except psycopg.OperationalError as error:
        raise _explained(target, error) from error


def _explained(target: WarehouseTarget, error: psycopg.OperationalError) -> DatabaseError:
    """Say in a sentence why a connection failed; libpq gives no code, only its message."""
    said = " ".join(str(error).split())
    where = f"the PostgreSQL server at {target.host}:{target.port}"
    for pattern, what, hint in (
        (
            r"timeout",
            f"There is no answer within {target.connect_timeout} s from {where}.",
            "Check PGHOST and PGPORT, the network and the server's load.",
        ),
        (
            r"refused|No such file",
            f"Nothing listens for {where}.",
            "Start the server, or correct PGHOST and PGPORT (unset PGHOST: the embedded server).",
        ),
        (
            r"resolve|translate host name|Name or service not known",
            f"The name of {where} is not known.",
            "Correct PGHOST.",
        ),
        (
            r"password authentication failed|no password supplied|\brole \".*\" does not exist",
            f"The password of {target.user} is not accepted by {where}.",
            "Correct PGUSER and PGPASSWORD.",
        ),
        (
            r"pg_hba\.conf",
            f"{target.user} may not connect to database {target.database} of {where} from here.",
            "Add a line to the server's pg_hba.conf, or set PGSSLMODE=require.",
        ),
        (
            r"database \".*\" does not exist",
            f"There is no database {target.database} on {where}.",
            "Correct PGDATABASE, or create it with `createdb`.",
        ),
        (
            r"too many (clients|connections)|connection slots are reserved",
            f"All connections of {where} are taken.",
            "Close some, or raise max_connections.",
        ),
        (
            r"starting up|shutting down|recovery mode",
            f"{where[0].upper()}{where[1:]} is starting or stopping.",
            "Try again in a moment.",
        ),
        (
            r"SSL|certificate",
            f"{where[0].upper()}{where[1:]} and we do not agree on encryption ({said}).",
            "Correct PGSSLMODE.",
        ),
    ):
        if re.search(pattern, said, re.IGNORECASE):
            return DatabaseError(what, hint=hint)
    return DatabaseError(
        f"The connection to database {target.database} of {where} failed: {said}",
        hint="Check the PG* variables and the server's log.",
    )


def ensure_database(target: WarehouseTarget, *, maintenance_database: str = "postgres") -> bool:
    """Create the target's database if it is not there; True when it was created.

    Raises DatabaseError when it is not there and the user may not create it.
    """
    try:
        connect(target).close()
    except DatabaseError as refusal:
        if isinstance(refusal.__cause__, psycopg.errors.ConnectionTimeout):
            raise  # the second attempt would only be another wait
        server = replace(target, database=maintenance_database)
        # the server may speak any language, so its catalogue is asked and not its message
        try:
            connection = connect(server, autocommit=True)
        except DatabaseError:
            raise refusal from None
        with connection:
            known = "select from pg_database where datname = %s"
            if connection.execute(known, [target.database]).fetchone():
                raise
            return _create_database(connection, target)
    return False


def _create_database(connection: Connection, target: WarehouseTarget) -> bool:
    create = sql.SQL("create database {} encoding 'UTF8' template template0").format(
        sql.Identifier(target.database)
    )
    try:
        connection.execute(create)
    except (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
        return False  # another command was faster
    except psycopg.Error as error:
        raise DatabaseError(
            f"Database {target.database} is not on the server at {target.host}:{target.port} "
            f"and cannot be created: {error}",
            hint=f"Create it as an administrator: createdb -O {target.user} {target.database}",
        ) from error
    return True
