"""The bench of the dashboards: its arithmetic, its clients, and that it leaves nothing behind."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import psycopg
import pytest
from tenanted import Tenanted

from grafana.bench.clients import Viewer, _Pool, feeds, sizes
from grafana.bench.latencies import Asked, Summary, missed, percentile, summaries, summarise
from grafana.bench.logins import logins
from grafana.bench.questions import Question
from grafana.bench.row_security import Compared, compare, ratio
from grafana.dashboards import CATALOGUE
from warehouse.connection import WarehouseTarget, connect
from warehouse.errors import ConfigurationError
from warehouse.tenants import TenantSecrets
from warehouse.tenants.roles import ensure_groups, protect_marts

PROJECT = Path(__file__).resolve().parents[3]
NOWHERE = WarehouseTarget("127.0.0.1", 1, "nobody", "", "none")


def test_percentiles_lie_between_neighbours() -> None:
    # 5 values: p50 is the third; p95 is at 0.95 * 4 = 3.8, so 40 + 0.8 * (100 - 40) = 88
    values = [10.0, 20.0, 30.0, 40.0, 100.0]
    assert percentile(values, 0.5) == 30
    assert percentile(values, 0.95) == pytest.approx(88)
    assert percentile(values, 0) == 10
    assert percentile(values, 1) == 100
    assert percentile([7.0], 0.99) == 7
    with pytest.raises(ValueError, match="no values"):
        percentile([], 0.5)


def test_latencies_are_summed_up_in_milliseconds() -> None:
    # p50 of 1, 2, 3 ms is 2; p95 is at 1.9, so 2.9; p99 at 1.98, so 2.98
    summary = summarise([0.003, 0.001, 0.002])
    assert summary == Summary(
        3, pytest.approx(2), pytest.approx(2.9), pytest.approx(2.98), pytest.approx(3)
    )
    asked = [Asked("a", "x", 0.001), Asked("b", "y", 0.004), Asked("a", "z", 0.003)]
    by_dashboard = summaries(asked, lambda each: each.dashboard)
    assert [(name, one.count, one.p50) for name, one in by_dashboard.items()] == [
        ("a", 2, pytest.approx(2)),
        ("b", 1, pytest.approx(4)),
    ]


def test_what_misses_a_goal_is_named() -> None:
    good, slow, rare = (Summary(9, 1, *rest) for rest in ((99, 99, 499), (101, 2, 3), (9, 9, 501)))
    panels = {("a", "Good"): good, ("a", "Rare"): rare, ("b", "Slow"): slow}
    assert missed(panels, good) == ["b: Slow: p95 101 ms", "a: Rare: slowest 501 ms"]
    assert missed({}, slow) == ["p95 of all queries is 101 ms"]


def test_connections_fit_into_the_server() -> None:
    viewers = [Viewer(NOWHERE, (), number == 0) for number in range(51)]
    assert sizes(viewers, 1, 80) == [1] * 51
    assert sizes(viewers, 200, 1_000) == [10, *[4] * 50]
    tight = sizes(viewers, 200, 80)
    assert sum(tight) == 80
    assert tight[0] == 10
    assert set(tight[1:]) == {1, 2}
    assert sizes(viewers, 200, 55) == [5, *[1] * 50]


@pytest.mark.parametrize("clients", [1, 5])
def test_everybody_opens_all_that_is_theirs(clients: int) -> None:
    def viewer(names: str, *, is_staff: bool) -> Viewer:
        return Viewer(NOWHERE, tuple((Question(name, "p", b""),) for name in names), is_staff)

    viewers = [viewer("pqr", is_staff=True), *[viewer("xy", is_staff=False) for _ in range(3)]]
    turns = itertools.cycle(feeds(viewers, clients))
    opened = [next(next(turns)) for _ in range(60)]
    for number, names, each in ((0, "pqr", 4), (1, "xy", 8), (2, "xy", 8), (3, "xy", 8)):
        found = [questions[0].dashboard for who, questions in opened if who == number]
        assert {name: found.count(name) for name in names} == dict.fromkeys(names, each)


def test_who_waits_for_a_connection_gets_it_in_turn() -> None:
    order: list[str] = []

    async def client(pool: _Pool, name: str) -> None:
        for _ in range(3):
            connection = await pool.get()
            order.append(name)
            await asyncio.sleep(0)
            pool.put(connection)

    async def both() -> None:
        pool = _Pool()
        pool.put(cast(psycopg.AsyncConnection[Any], object()))
        await asyncio.gather(client(pool, "a"), client(pool, "b"))

    asyncio.run(both())
    assert "".join(order) == "ababab"


def test_a_ratio_is_that_of_the_sums() -> None:
    assert ratio([Compared("a", "x", 3, 1), Compared("a", "y", 7, 4)]) == 2


def test_the_filter_sees_what_the_policy_does(tenanted: Tenanted) -> None:
    tenant = tenanted.tenants[0]
    own = replace(
        tenanted.target, user=tenant.role, password=tenanted.secrets.get(tenant.user_id) or ""
    )
    # divides by zero where it sees no row, or one of another user
    sql = (
        "select 1 / (count(*) > 0 and count(distinct user_id) = 1)::int "
        "from marts.fct_channel_days inner join marts.dim_users using (user_id) "
        "cross join (select count(*) from marts.dim_dates) as calendar"
    )
    question = Question("d", "p", sql.encode())
    (found,) = compare(tenanted.target, {tenant.user_id: (own, [question])}, rounds=1, seconds=0)
    assert found.with_policy > 0
    assert found.with_filter > 0


def _roles(target: WarehouseTarget) -> list[tuple[Any, ...]]:
    with connect(target) as connection:
        return connection.execute(
            "select rolname, rolpassword from pg_authid where rolname like 'ytempire_bench_%' "
            "or shobj_description(oid, 'pg_authid') like '%' || current_database() order by 1"
        ).fetchall()


def test_logins_are_gone_afterwards(tiny_marts: WarehouseTarget, tmp_path: Path) -> None:
    with connect(tiny_marts, autocommit=True) as connection:
        ensure_groups(connection)
        protect_marts(connection)
    with logins(tiny_marts, TenantSecrets(tmp_path / "none.env"), at_most=2) as known:
        assert len(known.tenants) == 2
        assert len(_roles(tiny_marts)) == 3
        with connect(known.staff) as staff:
            seen = staff.execute("select count(distinct user_id) from marts.fct_days").fetchone()
        assert seen == (3,)
        for user_id, own in known.tenants.items():
            with connect(own) as connection:
                users = connection.execute("select distinct user_id from marts.fct_days").fetchall()
            assert users == [(user_id,)]
    assert _roles(tiny_marts) == []


def test_a_role_whose_password_is_not_known_is_left_alone(
    tenanted: Tenanted, tmp_path: Path
) -> None:
    before = _roles(tenanted.target)
    unknown = TenantSecrets(tmp_path / "none.env")
    with (
        pytest.raises(ConfigurationError, match="password is not known"),
        logins(tenanted.target, unknown),
    ):
        pass
    assert _roles(tenanted.target) == before


def test_the_command_asks_all_dashboards(tenanted: Tenanted) -> None:
    before = _roles(tenanted.target)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "runner.bench_dashboards", "--json", "--clients", "2"),
            *("--queries", "700", "--seconds", "60", "--tenants", "2"),
            *("--dsn", tenanted.target.conninfo()),
        ],
        cwd=PROJECT,
        env={**os.environ, "YTEMPIRE_HOME": str(tenanted.secrets.path.parent.parent)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout)
    (load,) = told["loads"]
    assert load["dashboards"].keys() == {"all", *(entry.name for entry in CATALOGUE)}
    assert load["dashboards"]["all"]["count"] == 700
    assert sum(panel["count"] for panel in load["panels"]) == 700
    assert told["row_level_security"]["ratio"] > 0
    assert told["goal"]["clients"] == 2
    assert _roles(tenanted.target) == before
