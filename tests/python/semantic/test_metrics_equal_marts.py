"""A metric asked of the semantic layer is the mart's figure, for every metric that has one."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from mart_figures import describe, differences, told_by_mart

from runner.metrics.asking import Question, Semantics, open_session
from warehouse.connection import Connection, WarehouseTarget

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def session(built_warehouse: WarehouseTarget) -> Iterator[Connection]:
    with open_session(built_warehouse) as session:
        yield session


def one(semantics: Semantics, session: Connection, metric: str, **asked: Any) -> Any:
    (row,) = semantics.ask_in(session, Question((metric,), **asked)).rows
    return row[-1]


def value(session: Connection, query: str) -> Any:
    row = session.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


def test_every_metric_with_a_mart_equals_it(semantics: Semantics, session: Connection) -> None:
    pairs = [
        (metric.name, equal)
        for metric in semantics.catalogue.metrics.values()
        for equal in metric.equals
    ]
    assert len(pairs) >= 100
    found = {
        pair: wrong for pair in pairs if (wrong := list(differences(session, semantics, *pair)))
    }
    assert not found, "\n".join(f"{len(lines)}: {lines[0]}" for lines in found.values())


def test_totals_are_sums_and_snapshots_are_the_last_month(
    semantics: Semantics, session: Connection
) -> None:
    checked = 0
    for name, metric in semantics.catalogue.metrics.items():
        over = [equal for equal in metric.equals if describe(session, equal).since is None]
        if not metric.formula.startswith("sum(") or not over:
            continue
        column = describe(session, over[0])
        figures = told_by_mart(session, column)
        place = column.key.index("month_start") if "month_start" in column.key else None
        if "at the period's" in metric.formula:
            assert place is not None
            choose = max if "end" in metric.formula else min
            month = choose(key[place] for key in figures)
            figures = {key: told for key, told in figures.items() if key[place] == month}
        told = sum(Decimal(told) for told in figures.values() if told is not None)
        total = one(semantics, session, name)
        # A column of rounded hours may be off in its last decimal, row by row.
        slack = len(figures) * Decimal(1).scaleb(-6) if name.endswith("hours") else 0
        assert abs(Decimal(total) - told) <= slack, name
        checked += 1
    assert checked >= 50


def test_a_snapshot_over_a_longer_period_is_its_last_value(
    semantics: Semantics, session: Connection
) -> None:
    years = semantics.ask_in(session, Question(("total_mrr", "opening_mrr"), ("year",))).rows
    assert len(years) == 2
    for year, closing, opening in years:
        months = f"from marts.mrr_monthly where date_trunc('year', month_start) = '{year}'"
        assert closing == value(
            session, f"select total_mrr {months} order by month_start desc limit 1"
        )
        assert opening == value(
            session, f"select opening_mrr {months} order by month_start limit 1"
        )


def test_ratios_are_recomputed_at_the_grain_asked(
    semantics: Semantics, session: Connection
) -> None:
    rows = semantics.ask_in(session, Question(("engagement_rate", "rpm"), ("niche",))).rows
    by_hand = session.execute(
        """
        select
            niche,
            sum(likes + comments + shares) / sum(views)::numeric,
            sum(revenue_usd) * 1000 / sum(views) filter (where revenue_usd is not null)
        from marts.fct_channel_days
        inner join marts.dim_channels using (user_id, channel_id)
        group by niche
        order by niche
        """
    ).fetchall()
    averaged = dict(
        session.execute(
            """
            select niche, avg(engagement_rate) from marts.fct_channel_days
            inner join marts.dim_channels using (user_id, channel_id)
            group by niche
            """
        ).fetchall()
    )
    assert len(rows) == len(by_hand) >= 3
    for told, wanted in zip(rows, by_hand, strict=True):
        assert told[0] == wanted[0]
        assert told[1:] == pytest.approx(wanted[1:])
        assert float(told[1]) != pytest.approx(float(averaged[told[0]]), rel=1e-6)


def test_money_ratios_are_exact_decimals(semantics: Semantics, session: Connection) -> None:
    told = one(semantics, session, "average_video_cost_usd")
    assert isinstance(told, Decimal)
    assert told == value(
        session, "select sum(cost_usd) / count(cost_usd) from marts.video_performance"
    )


def test_running_totals(semantics: Semantics, session: Connection) -> None:
    last = value(session, "select max(last_report_date) from marts.channel_performance")
    names = ("revenue_7d_usd", "revenue_month_to_date_usd", "views_28d", "subscribers_net_to_date")
    answer = semantics.ask_in(session, Question(names, ("day",)))
    told = {row[0]: row[1:] for row in answer.rows}[last]
    wanted = session.execute(
        """
        select
            sum(revenue_usd) filter (where date_day > %(last)s::date - 7),
            sum(revenue_usd) filter (where date_day >= date_trunc('month', %(last)s::date)),
            sum(views) filter (where date_day > %(last)s::date - 28),
            sum(subscribers_net)
        from marts.platform_days
        where date_day <= %(last)s
        """,
        {"last": last},
    ).fetchone()
    assert told == wanted
    as_of = value(session, "select max(date_day) from marts.time_spine")
    assert max(row[0] for row in answer.rows) <= as_of


def test_conditions_periods_order_and_limit(semantics: Semantics, session: Connection) -> None:
    last = value(session, "select max(last_report_date) from marts.channel_performance")
    niche = value(session, "select min(niche) from marts.dim_channels")
    question = Question(
        ("views", "revenue_usd"),
        ("channel_name", "day"),
        where=(f"niche = '{niche}'", f"day >= '{last}'"),
        until=last,
        order=("-views",),
        limit=2,
    )
    wanted = session.execute(
        """
        select channel_name, date_day, views, revenue_usd from marts.fct_channel_days
        inner join marts.dim_channels using (user_id, channel_id)
        where niche = %s and date_day = %s order by views desc limit 2
        """,
        [niche, last],
    ).fetchall()
    assert [tuple(row) for row in semantics.ask_in(session, question).rows] == wanted


def test_the_session_only_reads(session: Connection) -> None:
    assert value(session, "select current_setting('default_transaction_read_only')") == "on"
    assert value(session, "select current_setting('TimeZone')") == "UTC"
