"""The warehouse that the settings speak of: started, created and migrated as far as needed."""

from __future__ import annotations

import shutil
from dataclasses import replace

from psycopg import sql

from runner.settings import Settings, env_file
from warehouse.binaries import find_binaries
from warehouse.connection import WarehouseTarget, connect, ensure_database
from warehouse.errors import ConfigurationError, DatabaseError
from warehouse.migrate import migrate
from warehouse.server import EmbeddedServer
from warehouse.target import resolve_target


def is_own_server(settings: Settings) -> bool:
    """Return whether the user's own server is used, so that nothing is started or stopped."""
    return settings.pghost is not None


def embedded_server(settings: Settings) -> EmbeddedServer:
    """Return the embedded server of the settings, running or not."""
    return EmbeddedServer(
        settings.state_dir, port=settings.embedded_port, bindir=settings.pg_bindir
    )


def open_server(settings: Settings) -> WarehouseTarget:
    """Return the warehouse's address; the embedded server is started if it does not run."""
    return resolve_target(
        embedded_server(settings),
        dotenv=env_file(),
        host=settings.pghost,
        port=settings.pgport,
        user=settings.pguser,
        password=settings.pgpassword.get_secret_value() if settings.pgpassword else None,
        database=settings.pgdatabase,
        sslmode=settings.pgsslmode,
    )


def open_database(settings: Settings) -> WarehouseTarget:
    """Return the warehouse, its database created if it was not there."""
    target = open_server(settings)
    ensure_database(target)
    return target


def open_warehouse(settings: Settings) -> WarehouseTarget:
    """Return the warehouse, its database created and migrated as far as needed."""
    target = open_database(settings)
    migrate(target)
    return target


def running_warehouse(settings: Settings) -> WarehouseTarget | None:
    """Return the warehouse's address, None when the embedded server does not run."""
    if not is_own_server(settings) and not embedded_server(settings).status().running:
        return None
    return open_server(settings)


def has_database(target: WarehouseTarget) -> bool:
    """Return whether the warehouse's database exists on the running server."""
    try:
        connect(target).close()
    except DatabaseError as error:
        if "no database" in error.what:
            return False
        raise
    return True


def platform_target(target: WarehouseTarget) -> WarehouseTarget:
    """Return the address of the demo's platform database, beside the warehouse."""
    return replace(target, database=f"{target.database}_demo_platform")


def drop_database(target: WarehouseTarget) -> None:
    """Drop a database if it is there, whoever is connected to it."""
    statement = sql.SQL("drop database if exists {} with (force)")
    with connect(replace(target, database="postgres"), autocommit=True) as connection:
        connection.execute(statement.format(sql.Identifier(target.database)))


def stop_embedded(settings: Settings, *, delete_data: bool) -> bool:
    """Stop the embedded server; True when it was running. Its data may be deleted with it."""
    server = embedded_server(settings)
    if not delete_data:
        return server.stop()
    was_running = server.status().running
    server.destroy()
    shutil.rmtree(settings.state_dir / "demo", ignore_errors=True)
    return was_running


def find_psql(settings: Settings) -> str:
    """Return the path of psql: of the server's own programs, else the one on the PATH."""
    program = find_binaries(settings.pg_bindir).bindir / "psql"
    found = str(program) if program.exists() else shutil.which("psql")
    if found is None:
        raise ConfigurationError("There is no psql here.", hint="Install postgresql-client.")
    return found
