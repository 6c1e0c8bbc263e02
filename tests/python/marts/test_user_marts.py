"""The data tests of users and of reported figures find bad data; the record of figures lasts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from commands import AS_OF, BuiltWarehouse, Ytempire
from damages import rows_found

from warehouse.connection import WarehouseTarget, connect

pytestmark = pytest.mark.slow

A_DAY = "where ctid = (select ctid from marts.fct_user_days where revenue_usd > 0 limit 1)"
A_MONTH = "where ctid = (select ctid from marts.fct_user_months where cost_usd > 0 limit 1)"

DAMAGES = [
    (
        "user_figures_add_up",
        f"update marts.fct_user_days set revenue_usd = revenue_usd + 0.000001 {A_DAY}",
    ),
    ("user_figures_add_up", f"delete from marts.fct_user_days {A_DAY}"),
    (
        "user_figures_add_up",
        f"update marts.fct_user_months set cost_usd = cost_usd + 0.01 {A_MONTH}",
    ),
    ("user_figures_add_up", "update marts.user_costs set revenue_total_usd = 0"),
    (
        "cohorts_hold_every_user",
        "delete from marts.cohort_goals where cohort_month in "
        "(select min(cohort_month) from marts.cohort_goals)",
    ),
    ("cohorts_hold_every_user", "delete from marts.fct_user_goals where goal = 'usd_5000'"),
    (
        "user_days_follow_their_rules",
        f"update marts.fct_user_days set revenue_trailing_30d_usd = null {A_DAY}",
    ),
    (
        "user_months_follow_their_rules",
        f"update marts.fct_user_months set is_break_even = null, profit_usd = 1 {A_MONTH}",
    ),
    (
        "user_goals_follow_their_rules",
        "update marts.fct_user_goals set is_reached_in_time = true, reached_date = null",
    ),
    (
        "activity_weeks_follow_their_rules",
        "update marts.fct_user_activity_weeks set hours_spent = 0",
    ),
    (
        "success_metrics_follow_their_rules",
        "update marts.user_success_metrics set reached_10000_date = '2026-01-01', "
        "reached_5000_date = null",
    ),
    (
        "cohort_goals_follow_their_rules",
        "update marts.cohort_goals set users_at_5000_by_day_45 = users + 1",
    ),
    ("user_costs_follow_their_rules", "update marts.user_costs set profit_total_usd = -1"),
    (
        "what_is_reported_is_what_the_marts_say",
        "update marts.figure_restatements set known_now_value = known_now_value + 0.01",
    ),
    (
        "what_is_reported_is_what_the_marts_say",
        "delete from marts.fct_reported_figures where period = '30d'",
    ),
]


@pytest.mark.parametrize("test", sorted({test for test, _ in DAMAGES}))
def test_good_data_passes(damageable: BuiltWarehouse, test: str) -> None:
    assert rows_found(damageable, test) == []


@pytest.mark.parametrize(("test", "damage"), DAMAGES)
def test_bad_data_is_found(damageable: BuiltWarehouse, test: str, damage: str) -> None:
    assert rows_found(damageable, test, damage) != []


def _rows(target: WarehouseTarget, query: str) -> list[tuple[Any, ...]]:
    with connect(target) as connection:
        return connection.execute(query.encode()).fetchall()


def test_a_restatement_shows_what_was_reported_and_outlives_a_full_refresh(
    build_demo: Callable[[int], BuiltWarehouse],
    scratch_copy: Callable[[BuiltWarehouse], BuiltWarehouse],
    tmp_path: Path,
) -> None:
    target = scratch_copy(build_demo(7)).target
    command = Ytempire(target, tmp_path, {})
    models = ("--select", "fct_reported_figures", "--select", "figure_restatements")
    record = "select * from marts.fct_reported_figures order by 1, 2, 3, 4, 5, 6"
    before = _rows(target, record)
    assert before
    with connect(target) as connection:
        (day,) = connection.execute(
            "update marts.platform_days set revenue_usd = revenue_usd + 1.5 where date_day = "
            "(select max(date_day) - 5 from marts.platform_days) returning date_day"
        ).fetchone() or (None,)
        connection.execute(
            "update marts.executive_overview set revenue_30d_usd = revenue_30d_usd + 1.5, "
            "revenue_month_to_date_usd = revenue_month_to_date_usd + 1.5"
        )
    later = (AS_OF + timedelta(days=1)).isoformat()
    command("build", *models, "--full-refresh", "--as-of", later)
    after = _rows(target, record)
    assert {*before} < {*after}
    assert len({row[5] for row in after}) == 2  # days of reporting
    restated = _rows(
        target,
        "select period_start, restated_difference, days_reported from "
        "marts.figure_restatements where is_restated and metric = 'revenue_usd' "
        "and period = 'day'",
    )
    assert [(start, float(by), days) for start, by, days in restated] == [(day, 1.5, 2)]

    # As of an earlier instant nothing is added, nothing is lost.
    command("build", *models, "--as-of", (AS_OF - timedelta(days=3)).isoformat())
    assert _rows(target, record) == after
