"""Run the `ytempire` command and the stand-in APIs as their users do: as processes."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from psycopg import sql

from warehouse.connection import WarehouseTarget, connect, ensure_database

PROJECT = Path(__file__).resolve().parents[2]
# Columns that say when a row was landed differ from run to run; nothing else may.
_VOLATILE = {"_batch_id", "_loaded_at", "loaded_at", "last_loaded_at", "dbt_updated_at"}


AS_OF = datetime(2026, 10, 20, 15, 30, tzinfo=UTC)
"""The instant at which the tests' worlds end."""


@dataclass(frozen=True)
class BuiltWarehouse:
    """A warehouse that `ytempire demo` filled and built, and what the demo reported."""

    target: WarehouseTarget
    seed: int
    report: dict[str, Any]
    truth_dir: Path


@dataclass(frozen=True)
class Ytempire:
    """The command, on a warehouse and with a working folder of its own."""

    target: WarehouseTarget
    home: Path
    settings: Mapping[str, str]

    def environment(self) -> dict[str, str]:
        """Return the whole environment: nothing of the developer's own settings gets in."""
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
        return {
            **kept,
            "HOME": str(self.home),
            "YTEMPIRE_HOME": str(self.home),
            "YTEMPIRE_ENV_FILE": str(self.home / ".env"),
            "DBT_TARGET_PATH": str(self.home / "target"),
            "DBT_LOG_PATH": str(self.home / "logs"),
            **self.target.environment(),
            **self.settings,
        }

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start the command and return its process."""
        self.home.mkdir(parents=True, exist_ok=True)
        return subprocess.Popen(
            [sys.executable, "-m", "runner.cli", *arguments],
            cwd=PROJECT,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def __call__(
        self, *arguments: str, exit_code: int | None = 0, timeout: float = 300
    ) -> subprocess.CompletedProcess[str]:
        """Run the command to its end; check its exit code unless that is None."""
        with self.start(*arguments) as process:
            try:
                output, errors = process.communicate(timeout=timeout)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
        assert exit_code is None or process.returncode == exit_code, f"{output}\n{errors}"
        return subprocess.CompletedProcess(arguments, process.returncode, output, errors)

    def report(self, *arguments: str, exit_code: int | None = 0) -> dict[str, Any]:
        """Run the command with --json and return its report."""
        report: dict[str, Any] = json.loads(self(*arguments, "--json", exit_code=exit_code).stdout)
        return report


@contextmanager
def serving(
    place: Path, platform: WarehouseTarget, as_of: datetime, *arguments: str
) -> Iterator[dict[str, Any]]:
    """Serve the stand-in APIs; give what they tell of themselves when they are ready."""
    place.mkdir(parents=True, exist_ok=True)
    ensure_database(platform)
    ready = place / "ready.json"
    ready.unlink(missing_ok=True)
    log = (place / "stand-ins.log").open("w")
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "simulator.serve", "--as-of", as_of.isoformat()),
            *("--ready-file", str(ready)),
            *("--expenses-dir", str(place / "expenses"), "--truth-dir", str(place / "truth")),
            *("--infrastructure-dir", str(place / "infrastructure")),
            *arguments,
        ],
        cwd=PROJECT,
        stdout=log,
        stderr=subprocess.STDOUT,
        env={**os.environ, "STANDIN_PLATFORM_DATABASE_URL": platform.url()},
    )
    try:
        deadline = time.monotonic() + 120
        while not ready.exists():
            assert process.poll() is None, (place / "stand-ins.log").read_text()
            assert time.monotonic() < deadline, "the stand-ins did not come up"
            time.sleep(0.05)
        yield json.loads(ready.read_text())
    finally:
        process.terminate()
        process.wait(timeout=20)
        log.close()


def contents(target: WarehouseTarget, schemas: Iterable[str]) -> dict[str, tuple[int, str]]:
    """Return, for each table of the schemas, its number of rows and a hash of their contents."""
    with connect(target) as connection:
        tables = connection.execute(
            """
            select table_schema, table_name, array_agg(column_name::text order by ordinal_position)
            from information_schema.columns
            inner join information_schema.tables using (table_schema, table_name)
            where table_schema = any(%s) and table_type = 'BASE TABLE'
            group by table_schema, table_name
            """,
            (list(schemas),),
        ).fetchall()
        found = {}
        for schema, table, columns in tables:
            kept = [column for column in columns if column not in _VOLATILE]
            query = sql.SQL(
                "select count(*), md5(string_agg(line, chr(10) order by line)) from ("
                "select row({})::text as line from {}) as lines"
            ).format(sql.SQL(", ").join(map(sql.Identifier, kept)), sql.Identifier(schema, table))
            row = connection.execute(query).fetchone()
            assert row is not None
            found[f"{schema}.{table}"] = (row[0], row[1] or hashlib.md5(b"").hexdigest())
    return found


def copy_database(source: WarehouseTarget, name: str) -> None:
    """Make a database that is a copy of another one, to which nobody is connected."""
    maintenance = WarehouseTarget(
        source.host, source.port, source.user, source.password, "postgres", source.sslmode
    )
    with connect(maintenance, autocommit=True) as connection:
        connection.execute(
            sql.SQL("create database {} template {}").format(
                sql.Identifier(name), sql.Identifier(source.database)
            )
        )
