"""Warehouses with a role for each of their users."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from commands import BuiltWarehouse, copy_database
from tenanted import Tenanted

from warehouse.connection import WarehouseTarget, connect
from warehouse.tenants import TenantSecrets, read_tenants, remove_roles, sync_roles, tenant_roles
from warehouse.tenants.hardening import harden
from warehouse.tenants.roles import protect_marts


@pytest.fixture(scope="session")
def tenanted(build_demo: Callable[[int], BuiltWarehouse], shared_directory: Path) -> Tenanted:
    """Return the small demo's warehouse with its tenants, made once for all workers.

    Read it, change nothing.
    """
    built = build_demo(7)
    target = replace(built.target, database=f"{built.target.database}_tenants")
    passwords = shared_directory / "tenants" / "passwords.env"
    with (shared_directory / "tenants.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
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


@pytest.fixture
def tiny_marts(migrated_warehouse: WarehouseTarget) -> Iterator[WarehouseTarget]:
    """Return a warehouse with three users, a mart of theirs, one of the staff's and a calendar.

    The roles that the test makes of them are dropped after it.
    """
    users = [uuid4() for _ in range(3)]
    with connect(migrated_warehouse, autocommit=True) as connection:
        connection.execute(
            """
            create schema marts;
            create table marts.dim_users (user_id uuid primary key, email text, is_active boolean);
            create table marts.fct_days (user_id uuid, amount int, primary key (user_id, amount));
            create table marts.mrr_monthly (total int);
            create table marts.dim_dates (date_day date);
            insert into marts.mrr_monthly values (1), (2);
            insert into marts.dim_dates values ('2026-10-20');
            """
        )
        for number, user in enumerate(users):
            connection.execute(
                "insert into marts.dim_users values (%s, %s, true)", [user, f"{number}@example.com"]
            )
            connection.execute(
                "insert into marts.fct_days select %s, generate_series(1, %s)", [user, number + 1]
            )
        connection.execute(
            "select ops.protect_mart(oid, relname = 'dim_dates') from pg_class "
            "where relnamespace = 'marts'::regnamespace and relkind = 'r'"
        )
    yield migrated_warehouse
    with connect(migrated_warehouse, autocommit=True) as connection:
        forgotten = TenantSecrets(Path("/nonexistent"))
        forgotten.save = lambda: None  # type: ignore[method-assign]
        remove_roles(connection, tenant_roles(connection), forgotten)
