"""Simulated clients that open dashboards one after another over persistent connections.

A client has one query under way and asks the next as soon as it is answered. The connections of a
role are shared by its clients, as Grafana shares those of a datasource, up to its maxOpenConns.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import psycopg

from grafana.bench.latencies import Asked
from grafana.bench.questions import Question
from warehouse.connection import WarehouseTarget

STAFF_CONNECTIONS = 10
"""As grafana/provisioning/datasources/marts.yaml has it."""
TENANT_CONNECTIONS = 4
"""As the datasources of the users' organisations have it; a tenant's role may have ten."""
_A_STAFF_CLIENT_IN = 5


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody with a login: all they may open, each dashboard with what it asks."""

    target: WarehouseTarget
    openings: tuple[tuple[Question, ...], ...]
    is_staff: bool


@dataclass(frozen=True, slots=True)
class Load:
    """How many clients ask, how many queries at most and for how long at most."""

    clients: int
    queries: int
    seconds: float
    pause: float = 0.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a load came to."""

    load: Load
    asked: tuple[Asked, ...]
    connections: int
    seconds: float


def sizes(viewers: Sequence[Viewer], clients: int, free: int) -> list[int]:
    """Return how many connections each viewer's datasource may open.

    All of them must fit into the server's `free` connections, as whoever sizes a Grafana must see
    to: the users' give way first; each has one at least. No more are opened than there are clients
    to use them.
    """
    wanted = [
        min(STAFF_CONNECTIONS if viewer.is_staff else TENANT_CONNECTIONS, clients)
        for viewer in viewers
    ]
    while sum(wanted) > free and max(wanted) > 1:
        give = [n for n, viewer in enumerate(viewers) if not viewer.is_staff and wanted[n] > 1]
        most = max(give or range(len(wanted)), key=wanted.__getitem__)
        wanted[most] -= 1
    return wanted


Opening = tuple[int, tuple[Question, ...]]


def feeds(viewers: Sequence[Viewer], clients: int, seed: int = 7) -> list[Iterator[Opening]]:
    """Return for each client what it opens: the number of a viewer, and what is asked then.

    One client in five is of the staff, the others are users, who take turns. Fewer than five
    clients do as five would, one after another. Everybody opens each of their dashboards equally
    often, in an order of their own.
    """
    chance = random.Random(seed)  # noqa: S311
    staff = _turn_about(viewers, [n for n, each in enumerate(viewers) if each.is_staff], chance)
    users = _turn_about(viewers, [n for n, each in enumerate(viewers) if not each.is_staff], chance)
    if all(viewer.is_staff for viewer in viewers):
        users = staff
    if not any(viewer.is_staff for viewer in viewers):
        staff = users
    if clients < _A_STAFF_CLIENT_IN:
        both = _mixed(staff, users)
        return [both] * clients
    return [users if number % _A_STAFF_CLIENT_IN else staff for number in range(clients)]


def _turn_about(
    viewers: Sequence[Viewer], numbers: Sequence[int], chance: random.Random
) -> Iterator[Opening]:
    turns = {number: _turns(viewers[number], chance) for number in numbers}
    for number in itertools.cycle(numbers):
        yield number, next(turns[number])


def _turns(viewer: Viewer, chance: random.Random) -> Iterator[tuple[Question, ...]]:
    while True:
        yield from chance.sample(viewer.openings, len(viewer.openings))


def _mixed(staff: Iterator[Opening], users: Iterator[Opening]) -> Iterator[Opening]:
    while True:
        yield next(staff)
        yield from itertools.islice(users, _A_STAFF_CLIENT_IN - 1)


def run(viewers: Sequence[Viewer], load: Load, free: int) -> Outcome:
    """Let clients ask until the load's queries are asked or its time is over."""
    return asyncio.run(_run(viewers, load, sizes(viewers, load.clients, free)))


async def _run(viewers: Sequence[Viewer], load: Load, connections: Sequence[int]) -> Outcome:
    async with AsyncExitStack() as stack:
        pools = [
            await _pool(stack, viewer.target, size)
            for viewer, size in zip(viewers, connections, strict=True)
        ]
        asked: list[Asked] = []
        started = time.perf_counter()
        ends = started + load.seconds
        clients = [_client(pools, feed, load, asked, ends) for feed in feeds(viewers, load.clients)]
        await asyncio.gather(*clients)
        took = time.perf_counter() - started
    return Outcome(load, tuple(asked[: load.queries]), sum(connections), took)


class _Pool:
    """Connections of one login; who waits for one gets it in turn, as in Grafana's."""

    def __init__(self) -> None:
        self._free: list[psycopg.AsyncConnection[Any]] = []
        self._turn = asyncio.Semaphore(0)

    async def get(self) -> psycopg.AsyncConnection[Any]:
        await self._turn.acquire()
        return self._free.pop()

    def put(self, connection: psycopg.AsyncConnection[Any]) -> None:
        self._free.append(connection)
        self._turn.release()


async def _pool(stack: AsyncExitStack, target: WarehouseTarget, size: int) -> _Pool:
    pool = _Pool()
    for _ in range(size):
        # Grafana's driver does not prepare statements: each query is planned anew
        connection = await psycopg.AsyncConnection.connect(
            target.conninfo(application_name="ytempire-bench"),
            autocommit=True,
            prepare_threshold=None,
        )
        stack.push_async_callback(connection.close)
        pool.put(connection)
    return pool


async def _client(
    pools: Sequence[_Pool],
    feed: Iterator[Opening],
    load: Load,
    asked: list[Asked],
    ends: float,
) -> None:
    while True:
        number, questions = next(feed)
        for question in questions:
            if len(asked) >= load.queries or time.perf_counter() > ends:
                return
            asked.append(await _ask(pools[number], question))
        if load.pause:
            await asyncio.sleep(load.pause)


async def _ask(pool: _Pool, question: Question) -> Asked:
    begins = time.perf_counter()
    connection = await pool.get()
    got = time.perf_counter()
    try:
        # the rows are here with the answer; they are not made into Python's values
        await connection.execute(question.sql)
    finally:
        pool.put(connection)
    ended = time.perf_counter()
    return Asked(question.dashboard, question.panel, ended - begins, got - begins)
