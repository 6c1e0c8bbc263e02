"""Warehouses in each state that a panel may meet."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
import stub_marts
from commands import copy_database
from psycopg import sql
from tenanted import Tenanted

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


def _emptier(
    tenanted: Tenanted, shared_directory: Path, name: str, statement: str
) -> WarehouseTarget:
    """Copy a built warehouse once for all workers, and take rows out of each of its marts."""
    target = replace(tenanted.target, database=f"{tenanted.target.database}_{name}")
    with (shared_directory / f"{name}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = shared_directory / f"{name}.done"
        if not done.exists():
            copy_database(tenanted.target, target.database)
            with connect(target, autocommit=True) as connection:
                marts = connection.execute(
                    "select relname from pg_class where relnamespace = 'marts'::regnamespace "
                    "and relkind = 'r' and relname not in ('dim_dates', 'time_spine')"
                ).fetchall()
                for (mart,) in marts:
                    table = sql.Identifier("marts", mart)
                    connection.execute(sql.SQL(statement).format(table=table))
            done.touch()
    return target


@pytest.fixture(scope="session")
def emptied(tenanted: Tenanted, shared_directory: Path) -> WarehouseTarget:
    """Return a warehouse whose marts are built and empty. Read it only."""
    return _emptier(tenanted, shared_directory, "emptied", "truncate {table}")


@pytest.fixture(scope="session")
def thinned(tenanted: Tenanted, shared_directory: Path) -> WarehouseTarget:
    """Return a warehouse whose marts have a row each. Read it only."""
    return _emptier(
        tenanted,
        shared_directory,
        "thinned",
        "delete from {table} where ctid <> (select ctid from {table} limit 1)",
    )
