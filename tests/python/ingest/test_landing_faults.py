"""Landing under kills and lost connections: each batch is there wholly and once, or not at all."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from ingest.extraction import ApiCall, CallLedger
from ingest.landing import Cursor, Lander, Row
from ingest.retrying import Backoff
from ingest.streams import CHANNELS
from simulator.postgres_faults import Chooser, Fault, What, When, nth
from simulator.postgres_proxy import PostgresProxy, running
from warehouse.connection import WarehouseTarget, connect
from warehouse.errors import DatabaseError

PROJECT = Path(__file__).resolve().parents[3]
ROWS = 1000
QUICKLY = Backoff(attempts=3, max_seconds=3, first_wait_seconds=0.05)
NOT_SENT = Fault(What.CUT, When.BEFORE)
ANSWER_LOST = Fault(What.RESET, When.AFTER)


def clock() -> datetime:
    return datetime(2026, 11, 20, 12, tzinfo=UTC)


def rows(batch: int) -> list[Row]:
    return [Row((f"UC{batch:03}-{n:05}",), {"batch": batch}) for n in range(ROWS)]


def counts(target: WarehouseTarget) -> tuple[int, int, int, int]:
    """Return rows, batches, the rows that the batches claim, and the cursor's batch (0: none)."""
    with connect(target) as connection:
        found = connection.execute(
            """
            select
                (select count(*) from raw_youtube.channels),
                (select count(*) from ops.batches),
                (select coalesce(sum(rows_landed), 0)::int from ops.batches),
                (select coalesce(max((value->>'batch')::int), 0) from ops.cursors)
            """
        ).fetchone()
    assert found is not None
    return found


@pytest.fixture
def proxy(migrated_warehouse: WarehouseTarget) -> Iterator[PostgresProxy]:
    with running(migrated_warehouse.host, migrated_warehouse.port) as proxy:
        yield proxy


def at_commit(fault: Fault, number: int = 1) -> Chooser:
    return nth(number, fault, lambda statement: statement.is_commit)


@pytest.fixture
def lander(migrated_warehouse: WarehouseTarget, proxy: PostgresProxy) -> Iterator[Lander]:
    target = replace(migrated_warehouse, port=proxy.port, sslmode="disable", connect_timeout=3)
    with Lander(lambda: connect(target), None, clock, QUICKLY) as lander:
        yield lander


@pytest.mark.parametrize(
    "fault",
    [
        NOT_SENT,
        Fault(What.RESET, When.HALFWAY),
        ANSWER_LOST,
        Fault(What.LATE, seconds=1),
        Fault(What.STALL, When.BEFORE, seconds=0.2),
        Fault(What.STALL, When.AFTER, seconds=0.2),
    ],
    ids=lambda fault: f"{fault.what.value} {fault.when.value}",
)
def test_a_line_that_is_cut_at_commit(
    lander: Lander, proxy: PostgresProxy, migrated_warehouse: WarehouseTarget, fault: Fault
) -> None:
    lander.land(CHANNELS, rows(1), cursors=[Cursor("", {"batch": 1})])
    proxy.choose = at_commit(fault)
    result = lander.land(CHANNELS, rows(2), cursors=[Cursor("", {"batch": 2})])
    assert proxy.connections == (1 if fault.what is What.STALL else 2)
    assert (result.rows_read, result.rows_landed) == (ROWS, ROWS)
    assert counts(migrated_warehouse) == (2 * ROWS, 2, 2 * ROWS, 2)


def test_a_line_that_is_cut_in_mid_copy(
    lander: Lander, proxy: PostgresProxy, migrated_warehouse: WarehouseTarget
) -> None:
    proxy.choose = nth(1, NOT_SENT, lambda statement: statement.kind == "copy_data")
    lander.land(CHANNELS, rows(1), cursors=[Cursor("", {"batch": 1})])
    assert proxy.connections == 2
    assert counts(migrated_warehouse) == (ROWS, 1, ROWS, 1)


def test_a_backend_that_is_terminated_between_batches(
    lander: Lander, migrated_warehouse: WarehouseTarget
) -> None:
    lander.land(CHANNELS, rows(1), cursors=[Cursor("", {"batch": 1})])
    with connect(migrated_warehouse, autocommit=True) as other:
        other.execute("select pg_terminate_backend(%s)", [lander.connection.info.backend_pid])
    lander.land(CHANNELS, rows(2), cursors=[Cursor("", {"batch": 2})])
    assert counts(migrated_warehouse) == (2 * ROWS, 2, 2 * ROWS, 2)


@pytest.mark.parametrize("fault", [NOT_SENT, ANSWER_LOST])
def test_a_database_that_does_not_come_back(
    lander: Lander, proxy: PostgresProxy, migrated_warehouse: WarehouseTarget, fault: Fault
) -> None:
    lander.land(CHANNELS, rows(1), cursors=[Cursor("", {"batch": 1})])

    proxy.choose = at_commit(replace(fault, for_good=True))
    with pytest.raises(DatabaseError) as caught:
        lander.land(CHANNELS, rows(2), cursors=[Cursor("", {"batch": 2})])
    assert "\n" not in str(caught.value)
    # All of the batch or nothing of it: whoever goes on from the cursor loses and doubles nothing.
    proxy.is_up = True
    cursor = lander.read_cursor(CHANNELS)
    assert cursor is not None
    reached = 1 if fault is NOT_SENT else 2
    assert counts(migrated_warehouse) == (reached * ROWS, reached, reached * ROWS, reached)
    for batch in range(cursor["batch"] + 1, 4):
        lander.land(CHANNELS, rows(batch), cursors=[Cursor("", {"batch": batch})])
    assert counts(migrated_warehouse) == (3 * ROWS, 3, 3 * ROWS, 3)


def test_the_book_of_calls_is_kept_while_the_database_is_away(
    lander: Lander, proxy: PostgresProxy, migrated_warehouse: WarehouseTarget
) -> None:
    calls = CallLedger(None)
    calls.add(ApiCall(clock(), "youtube", "videos.list", "default", 1, 200, None, 5))
    proxy.choose = at_commit(replace(NOT_SENT, for_good=True))
    with pytest.raises(DatabaseError):
        calls.write(lander)
    proxy.is_up = True
    calls.write(lander)
    calls.write(lander)
    with connect(migrated_warehouse) as connection:
        booked = connection.execute("select sum(units)::int from ops.api_calls").fetchone()
    assert booked == (1,)


def test_a_refusal_of_the_server_is_told(
    lander: Lander, migrated_warehouse: WarehouseTarget
) -> None:
    def in_a_hurry() -> psycopg.Connection:
        connection = connect(migrated_warehouse)
        connection.execute("set statement_timeout = '1ms'")
        connection.commit()
        return connection

    with (
        Lander(in_a_hurry, None, clock, QUICKLY) as hurried,
        pytest.raises(
            DatabaseError, match=r"cannot go on: canceling statement due to statement timeout"
        ),
    ):
        hurried.query("select pg_sleep(1)")


LOADER = """
import sys
from datetime import UTC, datetime
from ingest.landing import Cursor, Lander, Row
from ingest.streams import CHANNELS
from warehouse.connection import WarehouseTarget, connect

host, port, user, password, database, rows, last = sys.argv[1:]
target = WarehouseTarget(host, int(port), user, password, database)
with Lander(lambda: connect(target), None, lambda: datetime.now(UTC)) as lander:
    cursor = lander.read_cursor(CHANNELS) or {"batch": 0}
    for batch in range(cursor["batch"] + 1, int(last) + 1):
        found = [
            Row((f"UC{batch:03}-{n:05}",), {"batch": batch}) for n in range(int(rows))
        ]
        print(batch, flush=True)
        lander.land(CHANNELS, found, cursors=[Cursor("", {"batch": batch})])
"""


def start_loader(target: WarehouseTarget, last: int) -> subprocess.Popen[bytes]:
    place = (target.host, str(target.port), target.user, target.password, target.database)
    return subprocess.Popen(
        [sys.executable, "-c", LOADER, *place, str(ROWS), str(last)],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
    )


def wait_until_alone(target: WarehouseTarget) -> None:
    """Wait until the server has noticed that the killed client is gone."""
    deadline = time.monotonic() + 10
    with connect(target, autocommit=True) as connection:
        while time.monotonic() < deadline:
            others = connection.execute(
                """
                select from pg_stat_activity
                where datname = current_database() and backend_type = 'client backend'
                    and pid <> pg_backend_pid()
                """
            ).fetchall()
            if not others:
                return
            time.sleep(0.02)
    pytest.fail("a killed client's session stays")


def test_kills_at_any_moment(migrated_warehouse: WarehouseTarget) -> None:
    chance = random.Random(7)
    last = 300
    for _ in range(6):
        with start_loader(migrated_warehouse, last) as loader:
            assert loader.stdout is not None
            loader.stdout.readline()  # it has begun
            time.sleep(chance.uniform(0, 0.15))
            loader.kill()
        wait_until_alone(migrated_warehouse)
        there, batches, claimed, reached = counts(migrated_warehouse)
        assert there == claimed == reached * ROWS
        assert batches == reached
    assert 0 < reached < last
    with start_loader(migrated_warehouse, reached + 2) as loader:
        loader.communicate()
    assert loader.returncode == 0
    assert counts(migrated_warehouse)[0] == (reached + 2) * ROWS


@pytest.mark.parametrize("arrives", [True, False])
def test_a_kill_at_commit(
    proxy: PostgresProxy, migrated_warehouse: WarehouseTarget, arrives: bool
) -> None:
    loaders: list[subprocess.Popen[bytes]] = []

    target = replace(migrated_warehouse, port=proxy.port, sslmode="disable")
    # The first COMMIT ends the reading of the cursor, the second belongs to the batch.
    when = When.AFTER if arrives else When.BEFORE
    proxy.choose = at_commit(Fault(What.KILL, when, act=lambda: loaders[0].kill()), 2)
    with start_loader(target, 1) as loader:
        loaders.append(loader)
        loader.communicate()
    wait_until_alone(migrated_warehouse)
    expected = (ROWS, 1, ROWS, 1) if arrives else (0, 0, 0, 0)
    assert counts(migrated_warehouse) == expected
