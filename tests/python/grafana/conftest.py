"""Warehouses whose marts are stubs, in each state that a panel may meet."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
import stub_marts

from warehouse.connection import WarehouseTarget, connect

STATES: dict[str, Callable[[psycopg.Connection[Any]], None]] = {
    "filled": stub_marts.fill,
    "empty": lambda _: None,
    "one row": stub_marts.fill_with_one_row,
}


@pytest.fixture(scope="session")
def stub_warehouses(
    new_warehouse: Callable[[], WarehouseTarget],
) -> Callable[[str], WarehouseTarget]:
    """Return a function that gives the warehouse in one of the `STATES`."""
    made: dict[str, WarehouseTarget] = {}

    def warehouse(state: str) -> WarehouseTarget:
        if state not in made:
            made[state] = new_warehouse()
            with connect(made[state], autocommit=True) as connection:
                stub_marts.create(connection)
                STATES[state](connection)
        return made[state]

    return warehouse


@pytest.fixture
def filled(
    stub_warehouses: Callable[[str], WarehouseTarget],
) -> Iterator[psycopg.Connection[Any]]:
    """Give a connection to the filled warehouse."""
    with connect(stub_warehouses("filled"), autocommit=True) as connection:
        yield connection
