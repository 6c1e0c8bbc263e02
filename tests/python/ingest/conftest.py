"""Fixtures for the tests of the extractors."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from warehouse.connection import WarehouseTarget, connect


@pytest.fixture(scope="session")
def shared_warehouse(new_migrated_warehouse: Callable[[], WarehouseTarget]) -> WarehouseTarget:
    """Return a migrated warehouse that the tests of a worker use one after the other."""
    return new_migrated_warehouse()


@pytest.fixture
def clean_warehouse(shared_warehouse: WarehouseTarget) -> WarehouseTarget:
    """Return a migrated warehouse without rows: quicker than a database of the test's own."""
    with connect(shared_warehouse) as connection:
        connection.execute(
            """
            do $$
            begin
                execute (
                    select 'truncate ' || string_agg(format('%I.%I', schemaname, tablename), ', ')
                    from pg_tables
                    where schemaname ~ '^(raw_|ops$)' and tablename !~ 'version|migration'
                );
            end $$
            """
        )
    return shared_warehouse
