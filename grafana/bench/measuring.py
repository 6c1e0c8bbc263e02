"""The whole measurement: each load, then row-level security."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from grafana.bench.clients import Load, Outcome, Viewer, run
from grafana.bench.logins import Logins, logins
from grafana.bench.questions import Dashboards, ask_list, dashboards
from grafana.bench.row_security import Compared, compare
from grafana.dashboards import CATALOGUE
from grafana.preview import latest_build
from warehouse.connection import Connection, WarehouseTarget, connect
from warehouse.errors import ConfigurationError
from warehouse.tenants import TenantSecrets

_SPARE_CONNECTIONS = 5
_COMPARED_TENANTS = 4
_ROUNDS = 9


@dataclass(frozen=True, slots=True)
class Measured:
    """All that was measured, and the machine's load average at the beginning of each step."""

    as_of: datetime
    tenants: int
    outcomes: tuple[Outcome, ...]
    compared: tuple[Compared, ...]
    machine_load: tuple[float, ...]


def measure(
    target: WarehouseTarget,
    secrets: TenantSecrets,
    loads: Sequence[Load],
    *,
    names: Sequence[str] = (),
    at_most: int | None = None,
    comparing_seconds: float = 20.0,
) -> Measured:
    """Open the dashboards (those of `names`, else all) with each load; compare row security.

    Raises what `logins` raises, and ConfigurationError when the server has not a connection left
    for each tenant. A query that fails is psycopg's error.
    """
    chosen = [entry for entry in CATALOGUE if not names or entry.name in names]
    with connect(target, autocommit=True) as connection:
        as_of = latest_build(connection)
    with logins(target, secrets, at_most) as known:
        viewers = [
            *_viewers([known.staff], dashboards(chosen, "staff"), as_of, is_staff=True),
            *_viewers(known.tenants.values(), dashboards(chosen, "user"), as_of, is_staff=False),
        ]
        with connect(target, autocommit=True) as connection:
            free = _free_connections(connection, len(viewers))
        machine, outcomes = [], []
        if loads:  # nobody pays for what is not in memory yet
            run(viewers, Load(4, max(load.queries for load in loads) // 4, loads[0].seconds), free)
        for load in loads:
            machine.append(os.getloadavg()[0])
            outcomes.append(run(viewers, load, free))
        machine.append(os.getloadavg()[0])
        compared = _compare(target, known, viewers, comparing_seconds)
    return Measured(as_of, len(known.tenants), tuple(outcomes), tuple(compared), tuple(machine))


def _viewers(
    targets: Iterable[WarehouseTarget], shown: Dashboards, now: datetime, *, is_staff: bool
) -> list[Viewer]:
    if not shown:
        return []
    found = []
    for target in targets:
        with connect(target, autocommit=True) as connection:
            lists = tuple(ask_list(name, each, connection, now) for name, each in shown)
        found.append(Viewer(target, lists, is_staff))
    return found


def _free_connections(connection: Connection, needed: int) -> int:
    row = connection.execute(
        """
        select
            current_setting('max_connections')::int
            - current_setting('superuser_reserved_connections')::int
            - coalesce(current_setting('reserved_connections', true)::int, 0)
            - (select count(*) from pg_stat_activity where backend_type = 'client backend')
        """
    ).fetchone()
    free = (int(row[0]) if row else 0) - _SPARE_CONNECTIONS
    if free < needed:
        raise ConfigurationError(
            f"The server has {max(free, 0)} connections left for {needed} logins.",
            hint="Raise max_connections, or measure fewer users with --tenants.",
        )
    return free


def _compare(
    target: WarehouseTarget, known: Logins, viewers: Sequence[Viewer], seconds: float
) -> list[Compared]:
    """Compare for some of the tenants, spread over all of them."""
    users = {viewer.target.user: viewer for viewer in viewers if not viewer.is_staff}
    if not users:
        return []
    step = max(1, len(known.tenants) // _COMPARED_TENANTS)
    some = {
        user_id: (login, [each for asked in users[login.user].openings for each in asked])
        for user_id, login in list(known.tenants.items())[::step][:_COMPARED_TENANTS]
    }
    return compare(target, some, rounds=_ROUNDS, seconds=seconds)
