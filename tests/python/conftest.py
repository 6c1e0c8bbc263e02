"""Fixtures for every Python test: a PostgreSQL server and databases on it.

- `postgres_server`: an embedded server of the test session, shared by all xdist workers and
  stopped by the last of them; or the server that the variables YTEMPIRE_TEST_PGHOST, ...PGPORT,
  ...PGUSER, ...PGPASSWORD name (its user must be able to create databases).
- `warehouse`: an empty database of the test's own, dropped afterwards.
- `migrated_warehouse`: the same with all migrations applied, copied from a template.
- `new_warehouse`, `new_migrated_warehouse`: functions that make more of them, for fixtures of a
  wider scope.
- `build_demo`, `built_warehouse`: warehouses with all marts, filled from a small world.
- `tenanted`: such a warehouse with a login for each user.

Tests may open connections to this machine only.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from commands import AS_OF, BuiltWarehouse, Ytempire, copy_database
from psycopg import sql
from pytest_socket import socket_allow_hosts
from tenanted import Tenanted

from warehouse.connection import WarehouseTarget, connect, ensure_database
from warehouse.migrate import migrate
from warehouse.postmaster import is_alive
from warehouse.server import EmbeddedServer
from warehouse.tenants import TenantSecrets, read_tenants, sync_roles
from warehouse.tenants.hardening import harden
from warehouse.tenants.roles import protect_marts

# Nothing a test writes needs to survive a power cut.
UNSAFE_BUT_FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "128MB",
    "autovacuum_naptime": "1min",
}
WarehouseMaker = Callable[[], WarehouseTarget]


def pytest_runtest_setup() -> None:
    """Allow connections to this machine, and to no other."""
    socket_allow_hosts(["127.0.0.1", "localhost", "::1"], allow_unix_socket=True)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _users(shared: Path) -> set[int]:
    """Return the processes that use the server and are alive."""
    users = shared / "users"
    pids = json.loads(users.read_text()) if users.exists() else []
    return {pid for pid in pids if is_alive(pid)}


def _set_users(shared: Path, users: set[int]) -> None:
    (shared / "users").write_text(json.dumps(sorted(users)))


def _remove(shared: Path) -> None:
    """Stop the server of a test session and delete its directory."""
    EmbeddedServer(shared / ".ytempire").stop()
    shutil.rmtree(shared, ignore_errors=True)


@pytest.fixture(scope="session")
def shared_directory(testrun_uid: str) -> Iterator[Path]:
    """Return a directory that all workers of the session share; the last one removes it.

    It is not pytest's, whose mode 700 keeps out the account that runs the server for root. What a
    killed session left behind is removed by the next one.
    """
    temporary = Path(tempfile.gettempdir())
    prefix = f"ytempire-tests-{os.getuid()}"
    shared = temporary / f"{prefix}-{testrun_uid}"
    lock = temporary / f"{prefix}.lock"
    with _locked(lock):
        for left in temporary.glob(f"{prefix}-*"):
            if not _users(left):
                _remove(left)
        shared.mkdir(exist_ok=True)
        shared.chmod(0o755)
        _set_users(shared, _users(shared) | {os.getpid()})
    yield shared
    with _locked(lock):
        others = _users(shared) - {os.getpid()}
        _set_users(shared, others)
        if not others:
            _remove(shared)


@pytest.fixture(scope="session")
def postgres_server(shared_directory: Path) -> Iterator[WarehouseTarget]:
    """Return the address of the database `postgres` on the test session's server."""
    if host := os.environ.get("YTEMPIRE_TEST_PGHOST"):
        yield WarehouseTarget(
            host=host,
            port=int(os.environ.get("YTEMPIRE_TEST_PGPORT", "5432")),
            user=os.environ.get("YTEMPIRE_TEST_PGUSER", "postgres"),
            password=os.environ.get("YTEMPIRE_TEST_PGPASSWORD", ""),
            database="postgres",
        )
        return
    server = EmbeddedServer(
        shared_directory / ".ytempire", usual_port=None, settings=UNSAFE_BUT_FAST, durable=False
    )
    yield server.start().target("postgres")


@pytest.fixture(scope="session")
def migrated_template(
    postgres_server: WarehouseTarget, shared_directory: Path, testrun_uid: str
) -> str:
    """Return the name of a migrated database that others are copied from."""
    target = replace(postgres_server, database=f"template_{testrun_uid[:12]}")
    with _locked(shared_directory / "template.lock"):
        if ensure_database(target):
            migrate(target)
    return target.database


@contextmanager
def _databases(server: WarehouseTarget, template: str) -> Iterator[WarehouseMaker]:
    made: list[str] = []

    def make() -> WarehouseTarget:
        made.append(f"test_{uuid4().hex[:16]}")
        with connect(server, autocommit=True) as connection:
            connection.execute(f'create database "{made[-1]}" template "{template}"'.encode())
        return replace(server, database=made[-1])

    yield make
    with connect(server, autocommit=True) as connection:
        for name in made:
            connection.execute(f'drop database if exists "{name}" with (force)'.encode())


@pytest.fixture(scope="session")
def new_warehouse(postgres_server: WarehouseTarget) -> Iterator[WarehouseMaker]:
    """Return a function that makes an empty database, dropped at the end of the session."""
    with _databases(postgres_server, "template0") as make:
        yield make


@pytest.fixture(scope="session")
def new_migrated_warehouse(
    postgres_server: WarehouseTarget, migrated_template: str
) -> Iterator[WarehouseMaker]:
    """Return a function that makes a migrated database, dropped at the end of the session."""
    with _databases(postgres_server, migrated_template) as make:
        yield make


@pytest.fixture
def warehouse(postgres_server: WarehouseTarget) -> Iterator[WarehouseTarget]:
    """Return an empty database of the test's own."""
    with _databases(postgres_server, "template0") as make:
        yield make()


@pytest.fixture
def migrated_warehouse(
    postgres_server: WarehouseTarget, migrated_template: str
) -> Iterator[WarehouseTarget]:
    """Return a migrated, empty warehouse of the test's own."""
    with _databases(postgres_server, migrated_template) as make:
        yield make()


@pytest.fixture(scope="session")
def build_demo(
    postgres_server: WarehouseTarget, shared_directory: Path
) -> Callable[[int], BuiltWarehouse]:
    """Return a function that gives the small demo's warehouse of a seed, made once a session.

    All workers share it: read it, and change only copies of it.
    """

    def build(seed: int) -> BuiltWarehouse:
        target = replace(postgres_server, database=f"demo_{shared_directory.name[-8:]}_{seed}")
        home = shared_directory / f"demo-{seed}"
        report = home / "report.json"
        with _locked(shared_directory / f"demo-{seed}.lock"):
            if not report.exists():
                command = Ytempire(target, home, {})
                arguments = ("--seed", str(seed), "--as-of", AS_OF.isoformat(), "--json")
                made = command("demo", *arguments, timeout=900)
                report.write_text(made.stdout)
        told = json.loads(report.read_text())
        return BuiltWarehouse(target, seed, told, home / "demo" / "truth")

    return build


@pytest.fixture(scope="session")
def built_warehouse(build_demo: Callable[[int], BuiltWarehouse]) -> WarehouseTarget:
    """Return the address of a warehouse with all marts built from a small world."""
    return build_demo(7).target


@pytest.fixture
def scratch_copy(
    postgres_server: WarehouseTarget,
) -> Iterator[Callable[[BuiltWarehouse], BuiltWarehouse]]:
    """Return a function that copies a built warehouse, so that a test may change it."""
    made: list[str] = []

    def copy(built: BuiltWarehouse) -> BuiltWarehouse:
        made.append(f"copy_{uuid4().hex[:16]}")
        copy_database(built.target, made[-1])
        return replace(built, target=replace(built.target, database=made[-1]))

    yield copy
    with connect(postgres_server, autocommit=True) as connection:
        for name in made:
            connection.execute(
                sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name))
            )


@pytest.fixture(scope="session")
def tenanted(build_demo: Callable[[int], BuiltWarehouse], shared_directory: Path) -> Tenanted:
    """Return the small demo's warehouse with its tenants, made once for all workers.

    Read it, change nothing.
    """
    built = build_demo(7)
    target = replace(built.target, database=f"{built.target.database}_tenants")
    passwords = shared_directory / "tenants" / "passwords.env"
    with _locked(shared_directory / "tenants.lock"):
        if not passwords.exists():
            copy_database(built.target, target.database)
            with connect(target, autocommit=True) as connection:
                sync_roles(target, connection, read_tenants(connection), TenantSecrets(passwords))
                protect_marts(connection)
                assert harden(connection) == []
    with connect(target, autocommit=True) as connection:
        tenants = read_tenants(connection)
    assert len(tenants) > 1
    return Tenanted(target, tenants, TenantSecrets(passwords))


@pytest.fixture(scope="session")
def damageable(
    build_demo: Callable[[int], BuiltWarehouse], postgres_server: WarehouseTarget
) -> Iterator[BuiltWarehouse]:
    """Return a copy of the small demo's warehouse, to be damaged in transactions and undone."""
    demo, name = build_demo(7), f"damaged_{uuid4().hex[:16]}"
    copy_database(demo.target, name)
    yield replace(demo, target=replace(demo.target, database=name))
    with connect(postgres_server, autocommit=True) as connection:
        connection.execute(
            sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name))
        )
