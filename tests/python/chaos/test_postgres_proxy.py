"""The proxy counts what the server is told to do, and breaks the line where it is told to."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from simulator.postgres_faults import Chooser, Fault, What, When, nth
from simulator.postgres_proxy import running
from simulator.postgres_wire import Statement
from warehouse.connection import Connection, WarehouseTarget, connect

PROJECT = Path(__file__).resolve().parents[3]


def _through(target: WarehouseTarget, port: int) -> Connection:
    return connect(replace(target, host="127.0.0.1", port=port))


def _work(connection: Connection) -> None:
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute("create table t (n int)")
        cursor.executemany("insert into t values (%s)", [(1,), (2,)])
        with cursor.copy("copy t from stdin") as copy:
            copy.write("3\n")
        cursor.execute("select count(*) from t where n > %s", (0,), prepare=True)


WORK = [
    ("query", "BEGIN"),
    ("query", "create table t (n int)"),
    ("execute", "insert into t values ($1)"),
    ("execute", "insert into t values ($1)"),
    ("query", "copy t from stdin"),
    ("copy_data", ""),
    ("copy_done", ""),
    ("execute", "select count(*) from t where n > $1"),
    ("query", "COMMIT"),
]


def test_every_statement_is_counted(warehouse: WarehouseTarget) -> None:
    seen: list[Statement] = []
    with running(warehouse.host, warehouse.port) as proxy:
        proxy.keeps = seen.append
        with _through(warehouse, proxy.port) as connection:
            _work(connection)
            assert connection.execute("select sum(n) from t").fetchone() == (6,)
    assert [(each.kind, each.text) for each in seen[: len(WORK)]] == WORK
    assert [each.number for each in seen] == list(range(1, len(seen) + 1))
    assert {each.connection for each in seen} == {1}


def _points() -> Iterator[tuple[int, When]]:
    return ((number, when) for number in range(1, len(WORK) + 1) for when in When)


def test_a_reset_at_any_statement_leaves_all_or_nothing(warehouse: WarehouseTarget) -> None:
    outcomes: dict[tuple[int, str], bool] = {}
    with running(warehouse.host, warehouse.port) as proxy:
        for number, when in _points():
            proxy.choose = nth(number, Fault(What.RESET, when))
            with pytest.raises(psycopg.OperationalError), _through(warehouse, proxy.port) as broken:
                _work(broken)
            with connect(warehouse, autocommit=True) as connection:
                dropped = "select to_regclass('t') is not null"
                found = connection.execute(dropped).fetchone()
                assert found is not None
                outcomes[number, when.value] = found[0]
                connection.execute("drop table if exists t")
    assert [point for point, is_there in outcomes.items() if is_there] == [(len(WORK), "after")]


def test_what_comes_too_late_still_counts(warehouse: WarehouseTarget) -> None:
    commit: Chooser = nth(1, Fault(What.LATE, seconds=0.1), lambda each: each.is_commit)
    with running(warehouse.host, warehouse.port, commit) as proxy:
        with pytest.raises(psycopg.OperationalError), _through(warehouse, proxy.port) as broken:
            _work(broken)
        with _through(warehouse, proxy.port) as connection:
            row = connection.execute(
                # waits until the late transaction is over
                "select pg_sleep(0.4), to_regclass('t') is not null"
            ).fetchone()
    assert row is not None
    assert row[1] is True


def test_the_command_line(warehouse: WarehouseTarget) -> None:
    options = ("--match", "^commit", "--when", "after", "--do", "reset", "--for-good")
    with subprocess.Popen(
        [
            *(sys.executable, "-m", "simulator.postgres_proxy"),
            *("--to", f"{warehouse.host}:{warehouse.port}", *options),
        ],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        with pytest.raises(psycopg.OperationalError), _through(warehouse, port) as broken:
            _work(broken)
        with pytest.raises(Exception, match=r"server closed the connection|reset"):
            _through(warehouse, port)
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=10)
    assert errors == f"{len(WORK)} statements of 1 connections\n"
