"""What row-level security costs: a tenant's query against the same with the user named in it."""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from uuid import UUID

from psycopg import sql

from grafana.bench.questions import Question
from warehouse.connection import Connection, WarehouseTarget, connect
from warehouse.tenants.roles import SETTINGS

_PLANS_DEPEND_ON = ("jit", "work_mem")
_MART = re.compile(rb"\bmarts\.(\w+)")


@dataclass(frozen=True, slots=True)
class Compared:
    """A query's usual latency in milliseconds, with the policy and with a filter instead."""

    dashboard: str
    panel: str
    with_policy: float
    with_filter: float

    @property
    def ratio(self) -> float:
        """Return how many times as long it takes with the policy."""
        return self.with_policy / self.with_filter


def ratio(compared: Sequence[Compared]) -> float:
    """Return the ratio of the sums: that of opening all dashboards."""
    return sum(each.with_policy for each in compared) / sum(each.with_filter for each in compared)


def compare(
    owner: WarehouseTarget,
    tenants: Mapping[UUID, tuple[WarehouseTarget, Sequence[Question]]],
    *,
    rounds: int,
    seconds: float,
) -> list[Compared]:
    """Ask each tenant's questions in both ways by turns, and give the median of each.

    The owner of the marts, whom no policy holds back, asks them of temporary views, each a mart
    with `where user_id = '...'`, which PostgreSQL puts in as if it were written there. Ends early
    when `seconds` are over, but for the first round.
    """
    times: dict[tuple[str, str], tuple[list[float], list[float]]] = {}
    ends = time.perf_counter() + seconds
    with ExitStack() as stack:
        pairs = []
        for user_id, (target, questions) in tenants.items():
            own, other = (stack.enter_context(_open(each)) for each in (target, owner))
            marts = _name_user(other, user_id)
            named = [_MART.sub(_view(marts), question.sql) for question in questions]
            pairs += [(own, other, *both) for both in zip(questions, named, strict=True)]
        for number in range(rounds):
            for own, other, question, named_sql in pairs:
                if number and time.perf_counter() > ends:
                    break
                found = times.setdefault((question.dashboard, question.panel), ([], []))
                turns = [(own, question.sql, found[0]), (other, named_sql, found[1])]
                for connection, query, kept in turns if number % 2 else reversed(turns):
                    started = time.perf_counter()
                    connection.execute(query)
                    kept.append(1_000 * (time.perf_counter() - started))
    return [
        Compared(*name, statistics.median(first), statistics.median(second))
        for name, (first, second) in times.items()
    ]


def _open(target: WarehouseTarget) -> Connection:
    connection = connect(target, autocommit=True, application_name="ytempire-bench")
    connection.prepare_threshold = None
    for name in _PLANS_DEPEND_ON:
        connection.execute("select set_config(%s, %s, false)", [name, SETTINGS[name]])
    return connection


def _name_user(connection: Connection, user_id: UUID) -> frozenset[bytes]:
    """Make a temporary view of each mart with a user_id, of this user's rows; return the names."""
    rows = connection.execute(
        """
        select class.relname::text
        from pg_class as class
        inner join pg_attribute on attrelid = class.oid and attname = 'user_id'
        where class.relnamespace = 'marts'::regnamespace and class.relkind in ('r', 'p', 'v')
        """
    ).fetchall()
    for (name,) in rows:
        connection.execute(
            sql.SQL("create temporary view {} as select * from {} where user_id = {}").format(
                sql.Identifier(name), sql.Identifier("marts", name), sql.Literal(user_id)
            )
        )
    return frozenset(name.encode() for (name,) in rows)


def _view(marts: frozenset[bytes]) -> Callable[[re.Match[bytes]], bytes]:
    def replace(match: re.Match[bytes]) -> bytes:
        return b"pg_temp." + match[1] if match[1] in marts else match[0]

    return replace
