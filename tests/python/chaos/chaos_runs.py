"""Extractions in processes of their own, so that kill -9 means what it says; and what they left."""

from __future__ import annotations

import multiprocessing
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any
from uuid import uuid4

from commands import copy_database
from psycopg import sql

from ingest import streams
from ingest.registry import SourceConfigs
from ingest.retrying import Backoff
from ingest.streams import PLATFORM_TABLES, Stream, platform_stream
from runner.pipeline import Plan, run
from runner.progress import Silent
from runner.settings import Settings
from runner.wiring import Missing, source_configs
from simulator.postgres_faults import Fault, What, nth
from simulator.postgres_proxy import PostgresProxy
from warehouse.connection import WarehouseTarget, connect
from warehouse.errors import YtempireError

SOURCES = (
    *("platform", "youtube_data", "youtube_analytics", "youtube_reporting"),
    *("stripe", "openai", "elevenlabs", "expenses"),
)
QUICKLY = Backoff(attempts=2, max_seconds=1, first_wait_seconds=0.01)
EXPECTED_EXITS = {0, 7}  # the expenses hold a row that cannot be read
DEFECT = 70
_A_DAY = 1


@dataclass(frozen=True)
class Order:
    """An extraction to be made: where from, where to, at which instant, which days."""

    target: WarehouseTarget
    settings: Mapping[str, str]
    now: datetime
    only: tuple[str, ...] = SOURCES
    since: date | None = None
    log: Path | None = None


def carry_out(order: Order) -> None:
    """Extract once, as the command does; end the process with the command's exit code."""
    plan = Plan(
        command="extract",
        as_of=order.now,
        configs=_quick(source_configs(Settings(**order.settings))),  # type: ignore[arg-type]
        missing={source: Missing(source, (), False) for source in SOURCES},
        only=order.only,
        since=order.since,
        validates=False,
        builds=False,
        wait_seconds=20,
        clock=lambda: order.now,
    )
    try:
        code = run(order.target, plan, Silent()).exit_code
    except YtempireError as error:
        code = error.exit_code
    except BaseException:  # noqa: BLE001  (it is told by whoever waits for this process)
        if order.log is not None:
            order.log.write_text(traceback.format_exc())
        sys.exit(DEFECT)
    sys.exit(code)


def _quick(configs: SourceConfigs) -> SourceConfigs:
    """Return the sources with one thread each, so that the statements come in one order.

    What is read again after a week is read again after a day.
    """
    data, analytics = configs.youtube_data, configs.youtube_analytics
    reporting = configs.youtube_reporting
    assert data is not None
    assert analytics is not None
    assert reporting is not None
    return replace(
        configs,
        youtube_data=replace(
            data, threads=1, refresh_days=_A_DAY, reconcile_days=_A_DAY, backoff=QUICKLY
        ),
        youtube_analytics=replace(
            analytics, threads=1, country_days=2, retention_videos=1, backoff=QUICKLY
        ),
        youtube_reporting=replace(reporting, threads=1, backoff=QUICKLY),
    )


@cache
def _forks() -> ForkServerContext:
    """Return the maker of processes: they are forked off one that has imported everything."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["runner.pipeline", "runner.wiring", "ingest.registry"])
    return context


def start(order: Order) -> BaseProcess:
    """Start an extraction."""
    process = _forks().Process(target=carry_out, args=(order,), daemon=True)
    process.start()
    return process


def finish(process: BaseProcess, order: Order) -> int:
    """Return a process's exit code; -9: it was killed. A traceback is a failure."""
    process.join(60)
    if process.is_alive():
        process.kill()
        raise AssertionError("an extraction hangs")
    code = process.exitcode
    assert code is not None
    if code == DEFECT:
        raise AssertionError(order.log.read_text() if order.log else "a defect")
    return code


def extract(order: Order) -> int:
    """Extract undisturbed; return the exit code."""
    return finish(start(order), order)


def disturb(order: Order, proxy: PostgresProxy, number: int, fault: Fault) -> int:
    """Extract through the proxy with a fault at the nth statement; return the exit code."""
    started: list[BaseProcess] = []
    if fault.what is What.KILL:
        fault = replace(fault, act=lambda: started[0].kill())
    proxy.choose = nth(number, fault)
    through = replace(order, target=replace(order.target, host="127.0.0.1", port=proxy.port))
    started.append(start(through))
    try:
        return finish(started[0], through)
    finally:
        proxy.choose = None


@contextmanager
def copied(base: WarehouseTarget) -> Iterator[WarehouseTarget]:
    """Give a copy of a database while the context lasts."""
    name = f"chaos_{uuid4().hex[:16]}"
    copy_database(base, name)
    try:
        yield replace(base, database=name)
    finally:
        with connect(replace(base, database="postgres"), autocommit=True) as connection:
            connection.execute(f"drop database {name} with (force)".encode())


def landed_streams() -> list[Stream]:
    """Return every stream."""
    declared = [each for each in vars(streams).values() if isinstance(each, Stream)]
    return [*declared, *map(platform_stream, PLATFORM_TABLES)]


@dataclass(frozen=True)
class State:
    """What a warehouse holds, but for what differs from run to run: batches' ids and instants."""

    tables: dict[str, tuple[int, str]]
    cursors: dict[tuple[str, str, str], Any]
    quarantine: list[tuple[str, ...]]
    landed: dict[str, int]
    batches: dict[str, int]
    orphans: dict[str, int]
    runs: set[str]

    def differences(self, expected: State, *, with_batches: bool = False) -> dict[str, Any]:
        """Return what is not as expected, with both; `with_batches`: also how many there are."""
        found: dict[str, Any] = {}
        for name in ("tables", "cursors", "landed", *(["batches"] if with_batches else [])):
            mine, theirs = getattr(self, name), getattr(expected, name)
            for key in sorted(mine.keys() | theirs.keys()):
                if mine.get(key) != theirs.get(key):
                    found[f"{name} {key}"] = (mine.get(key), theirs.get(key))
        if self.quarantine != expected.quarantine:
            found["quarantine"] = (self.quarantine, expected.quarantine)
        if self.orphans:
            found["orphans"] = self.orphans
        if "running" in self.runs:
            found["runs"] = self.runs
        return found


@cache
def _tables_query() -> sql.Composed:
    parts = []
    for stream in landed_streams():
        columns = [*(column.name for column in stream.columns), "payload"]
        parts.append(
            sql.SQL(
                """
                select {name}, count(*), md5(coalesce(string_agg(line, chr(10) order by line), '')),
                    count(*) filter (where batch_id not in (select batch_id from ops.batches))
                from (select row({columns})::text as line, _batch_id as batch_id from {table})
                    as lines
                """
            ).format(
                name=stream.table,
                columns=sql.SQL(", ").join(map(sql.Identifier, columns)),
                table=sql.Identifier(*stream.table.split(".")),
            )
        )
    return sql.SQL(" union all ").join(parts)


def read_state(target: WarehouseTarget) -> State:
    """Return what a warehouse holds."""
    with connect(target) as connection:
        tables = connection.execute(_tables_query()).fetchall()
        cursors = connection.execute(
            "select source, stream, scope, value from ops.cursors"
        ).fetchall()
        quarantine = connection.execute(
            "select source, stream, location, reason, payload from ops.quarantine order by 1,2,3,4"
        ).fetchall()
        landed = connection.execute(
            """
            select source || '.' || stream, sum(rows_landed)::int, count(*) from ops.batches
            group by 1
            """
        ).fetchall()
        runs = connection.execute("select distinct status from ops.runs").fetchall()
    return State(
        {name: (count, digest) for name, count, digest, _ in tables},
        {(source, stream, scope): value for source, stream, scope, value in cursors},
        quarantine,
        {stream: rows for stream, rows, _ in landed if rows},
        {stream: batches for stream, _, batches in landed},
        {name: orphans for name, _, _, orphans in tables if orphans},
        {status for (status,) in runs},
    )
