"""The role that Grafana logs in as reads the marts, and nothing else."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
import stub_marts
from psycopg import sql

from grafana.dashboards import find
from grafana.execute import fetch
from grafana.lint import marts_of
from grafana.reader import queries
from warehouse.binaries import find_binaries
from warehouse.connection import WarehouseTarget, connect

SCRIPT = Path(__file__).parents[3] / "grafana" / "reader_role.sql"


def _run_script(target: WarehouseTarget, reader: WarehouseTarget) -> None:
    environment = {
        **os.environ,
        **target.environment(),
        "GRAFANA_PGUSER": reader.user,
        "GRAFANA_PGPASSWORD": reader.password,
    }
    psql = find_binaries(None).bindir / "psql"
    command = [str(psql), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", str(SCRIPT)]
    subprocess.run(command, env=environment, check=True, capture_output=True, text=True)


@pytest.fixture
def reader(warehouse: WarehouseTarget) -> Iterator[WarehouseTarget]:
    """Give the address of a warehouse as its reading role, which was made before the marts."""
    role = replace(warehouse, user=f"Reader {uuid4().hex[:8]}", password='it\'s \\ "secret"')
    _run_script(warehouse, role)
    with connect(warehouse, autocommit=True) as connection:
        connection.execute("drop schema marts")
        _run_script(warehouse, role)
        connection.execute("set client_min_messages = warning")
        connection.execute(stub_marts.DDL.replace("create schema marts;", "", 1).encode())
        stub_marts.fill(connection)
    yield role
    with connect(warehouse, autocommit=True) as connection:
        name = sql.Identifier(role.user)
        connection.execute(sql.SQL("drop owned by {}").format(name))
        connection.execute(sql.SQL("drop role {}").format(name))


def test_every_panel_may_be_read(reader: WarehouseTarget) -> None:
    with connect(reader, autocommit=True) as connection:
        for query in queries(find("executive").build()):
            if not marts_of(query.sql) <= stub_marts.FILLED:
                continue
            assert fetch(connection, query.range(stub_marts.AS_OF).expand(query.sql)).rows


@pytest.mark.parametrize(
    "statement",
    [
        "select payload from raw_platform.users",
        "delete from marts.platform_days",
        "set default_transaction_read_only = off; delete from marts.platform_days",
        "create table marts.mine (a int)",
        "set role postgres",
    ],
)
def test_nothing_else_may_be_done(reader: WarehouseTarget, statement: str) -> None:
    with connect(reader, autocommit=True) as connection, pytest.raises(psycopg.Error):
        connection.execute(statement.encode())


def test_the_script_can_be_run_again(warehouse: WarehouseTarget, reader: WarehouseTarget) -> None:
    changed = replace(reader, password="another")
    _run_script(warehouse, changed)
    with connect(changed) as connection:
        assert connection.execute("show statement_timeout").fetchone() == ("30s",)
