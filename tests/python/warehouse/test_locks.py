"""One run at a time, and no lock outlives its holder."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import closing

import psycopg
import pytest

from warehouse.connection import WarehouseTarget, connect
from warehouse.errors import AlreadyRunningError
from warehouse.locks import run_lock


@pytest.mark.parametrize("autocommit", [True, False])
def test_the_second_is_told_who_runs(warehouse: WarehouseTarget, autocommit: bool) -> None:
    with (
        connect(warehouse, autocommit=autocommit, application_name="the first") as one,
        connect(warehouse, autocommit=autocommit) as two,
    ):
        with run_lock(one, "run", wait=False):
            assert one.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
            with (
                pytest.raises(AlreadyRunningError, match="the first since"),
                run_lock(two, "run", wait=False),
            ):
                pass
            with run_lock(two, "another", wait=False):
                pass
        with run_lock(two, "run", wait=False):
            pass


def test_waiting_ends_when_the_first_does(warehouse: WarehouseTarget) -> None:
    order: list[str] = []
    waiting = threading.Event()

    def second() -> None:
        with connect(warehouse) as two:
            waiting.set()
            with run_lock(two, "run", wait=True):
                order.append("second")

    with connect(warehouse) as one:
        thread = threading.Thread(target=second)
        with run_lock(one, "run", wait=False):
            thread.start()
            assert waiting.wait(10)
            thread.join(0.3)
            assert thread.is_alive()
            order.append("first")
        thread.join(10)
    assert order == ["first", "second"]


def _cut(connection: psycopg.Connection) -> None:
    connection.pgconn.finish()


def _end_in_error(connection: psycopg.Connection) -> None:
    with pytest.raises(psycopg.Error):
        connection.execute("select 1/0")


def _leave_open(connection: psycopg.Connection) -> None:
    connection.execute("create table ops_of_a_failed_run ()")


@pytest.mark.parametrize("ending", [_cut, _end_in_error, _leave_open])
def test_the_lock_is_released_however_the_run_ends(
    warehouse: WarehouseTarget, ending: Callable[[psycopg.Connection], None]
) -> None:
    with closing(connect(warehouse)) as one, closing(connect(warehouse)) as two:
        with run_lock(one, "run", wait=False):
            ending(one)
        with run_lock(two, "run", wait=True):
            row = two.execute("select to_regclass('ops_of_a_failed_run')").fetchone()
            assert row == (None,)


def test_a_lock_inside_a_transaction_is_a_mistake(warehouse: WarehouseTarget) -> None:
    with connect(warehouse) as connection:
        connection.execute("select 1")
        with pytest.raises(ValueError, match="outside"), run_lock(connection, "run", wait=False):
            pass
