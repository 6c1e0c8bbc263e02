"""Bring a database to the schema this version of the code expects; safe to run at any time.

Alembic keeps the order of the revisions (in `migrations/versions`, their SQL in `migrations/sql`)
and the table `ops.schema_version`. Importing it takes longer than the usual answer ("nothing to
do"), so that the table is looked at first.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from warehouse.connection import Connection, WarehouseTarget, connect
from warehouse.errors import ConfigurationError, DatabaseError
from warehouse.locks import run_lock

if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

HEAD = "0006"  # the newest revision; a test compares it with the files
VERSION_SCHEMA = "ops"
VERSION_TABLE = "schema_version"
_MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(target: WarehouseTarget) -> list[str]:
    """Apply what is missing, in one transaction; return the revisions applied, oldest first.

    Two at once take turns, and the second finds nothing to do. The user needs no more rights than
    to create schemas in the database. Raises DatabaseError, or ConfigurationError when the
    database is newer than this code.
    """
    if current_revision(target) == HEAD:
        return []
    with (
        connect(target, autocommit=True, application_name="ytempire migrate") as connection,
        run_lock(connection, "migrate", wait=True),
    ):
        missing = _missing(_current(connection))
        if missing:
            with connect(target, application_name="ytempire migrate") as worker:
                _upgrade(worker, target)
        return missing


def current_revision(target: WarehouseTarget) -> str | None:
    """Return the revision the database is at; None for one that was never migrated."""
    with connect(target, autocommit=True) as connection:
        return _current(connection)


def pending(target: WarehouseTarget) -> list[str]:
    """Return the revisions that `migrate` would apply, oldest first."""
    return _missing(current_revision(target))


def run_sql_file(name: str) -> None:
    """Run a file of `migrations/sql` inside the revision that is being applied.

    It goes to psycopg as it is: SQLAlchemy would take its colons and percent signs for parameters.
    """
    from alembic import op

    driver = op.get_bind().connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        raise TypeError("migrations run on psycopg")
    driver.execute((_MIGRATIONS / "sql" / name).read_bytes())


def _current(connection: Connection) -> str | None:
    table = sql.Identifier(VERSION_SCHEMA, VERSION_TABLE)
    found = connection.execute(
        "select to_regclass(%s)", [f"{VERSION_SCHEMA}.{VERSION_TABLE}"]
    ).fetchone()
    if found is None or found[0] is None:
        return None
    row = connection.execute(sql.SQL("select version_num from {}").format(table)).fetchone()
    return str(row[0]) if row else None


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    return config


def _scripts() -> ScriptDirectory:
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(_config())


def _missing(current: str | None) -> list[str]:
    if current == HEAD:
        return []
    from alembic.script.revision import RevisionError
    from alembic.util import CommandError

    try:
        scripts = list(_scripts().iterate_revisions("head", current or "base"))
    except (CommandError, RevisionError) as error:
        raise ConfigurationError(
            f"The database is at revision {current}, which this version does not know.",
            hint="It was migrated by a newer version: update this one.",
        ) from error
    return [script.revision for script in reversed(scripts)]


def _upgrade(worker: Connection, target: WarehouseTarget) -> None:
    from alembic import command
    from sqlalchemy import create_engine
    from sqlalchemy.exc import DBAPIError
    from sqlalchemy.pool import StaticPool

    engine = create_engine("postgresql+psycopg://", creator=lambda: worker, poolclass=StaticPool)
    config = _config()
    try:
        with engine.begin() as connection:
            connection.exec_driver_sql(f"create schema if not exists {VERSION_SCHEMA}")
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except (psycopg.Error, DBAPIError) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        raise DatabaseError(
            f"The {target} could not be migrated, nothing was changed: {str(cause).strip()}",
            hint=f"{target.user} must own the database, or be granted `create` on it.",
        ) from error
    finally:
        engine.dispose()
