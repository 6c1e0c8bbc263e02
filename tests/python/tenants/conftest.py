"""Warehouses with a role for each of their users."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from warehouse.connection import WarehouseTarget, connect
from warehouse.tenants import TenantSecrets, remove_roles, tenant_roles


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
