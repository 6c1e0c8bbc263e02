"""The whole way from the APIs to the marts, compared with the world's truth."""

from __future__ import annotations

import csv
from collections.abc import Callable
from decimal import Decimal

import pytest
from commands import BuiltWarehouse

from runner.truth import compare_with_truth
from warehouse.connection import connect

pytestmark = pytest.mark.slow

SEEDS = (7, 11)


@pytest.fixture(scope="module", params=SEEDS)
def demo(
    request: pytest.FixtureRequest, build_demo: Callable[[int], BuiltWarehouse]
) -> BuiltWarehouse:
    return build_demo(request.param)


def test_revenue_and_views_by_channel_and_day_equal_the_truth(demo: BuiltWarehouse) -> None:
    with (demo.truth_dir / "channel_days.csv").open(encoding="utf-8") as file:
        truth = {
            (row["youtube_channel_id"], row["date_day"]): (
                int(row["views"]),
                Decimal(row["revenue_usd"] or 0),
            )
            for row in csv.DictReader(file)
        }
    with connect(demo.target) as connection:
        rows = connection.execute(
            """
            select youtube_channel_id, date_day::text, coalesce(views, 0),
                coalesce(revenue_usd, 0)
            from marts.fct_channel_days
            inner join marts.dim_channels using (user_id, channel_id)
            """
        ).fetchall()
    marts = {(channel, day): (views, revenue) for channel, day, views, revenue in rows}
    assert len(rows) == len(marts)
    assert len(truth) >= 25 * 20
    assert sum(revenue for _, revenue in truth.values()) > 1000
    days_without_views = {key for key in marts.keys() - truth.keys() if marts[key] != (0, 0)}
    assert not days_without_views
    assert {key: marts.get(key) for key in truth} == truth


def test_mrr_by_user_and_month_equals_the_truth(demo: BuiltWarehouse) -> None:
    with (demo.truth_dir / "mrr.csv").open(encoding="utf-8") as file:
        truth = {
            (row["user_id"], row["month_start"]): (
                Decimal(row["base_mrr"]),
                Decimal(row["overage_mrr"]),
            )
            for row in csv.DictReader(file)
        }
    with connect(demo.target) as connection:
        rows = connection.execute(
            "select user_id::text, month_start::text, base_mrr, overage_mrr "
            "from marts.fct_mrr_movements"
        ).fetchall()
        movements = connection.execute(
            "select distinct mrr_movement from marts.fct_mrr_movements"
        ).fetchall()
    assert {(user, month): (base, overage) for user, month, base, overage in rows} == truth
    assert any(overage for _, overage in truth.values())
    assert {name for (name,) in movements} >= {
        "new", "expansion", "contraction", "churn", "reactivation"
    }  # fmt: skip


def test_cost_by_video_equals_the_truth(demo: BuiltWarehouse) -> None:
    with (demo.truth_dir / "video_costs.csv").open(encoding="utf-8") as file:
        truth = {row["platform_video_id"]: Decimal(row["cost_usd"]) for row in csv.DictReader(file)}
    with connect(demo.target) as connection:
        rows = connection.execute(
            "select video_id::text, sum(cost_usd) from marts.fct_video_costs group by video_id"
        ).fetchall()
        published = connection.execute(
            "select video_id::text, cost_usd from marts.video_performance where cost_usd > 0"
        ).fetchall()
    assert dict(rows) == truth
    assert len(truth) > 500
    assert len(published) > 500
    assert {video: truth[video] for video, _ in published} == dict(published)


def test_the_demo_reports_what_it_did(demo: BuiltWarehouse) -> None:
    assert demo.report["exit_code"] == 0
    assert {source["status"] for source in demo.report["sources"]} == {"landed"}
    assert all(source["rows_quarantined"] == 0 for source in demo.report["sources"])
    assert demo.report["build"]["tests"] > 50
    assert [item["differences"] for item in demo.report["truth"]] == [[]] * 5


def test_the_comparison_sees_a_cent_too_much(
    demo: BuiltWarehouse, scratch_copy: Callable[[BuiltWarehouse], BuiltWarehouse]
) -> None:
    spoilt = scratch_copy(demo)
    with connect(spoilt.target) as connection:
        connection.execute(
            """
            update marts.fct_channel_days set revenue_usd = revenue_usd + 0.01
            where (channel_id, date_day) = (
                select channel_id, date_day from marts.fct_channel_days
                where revenue_usd > 0 order by channel_id, date_day limit 1
            )
            """
        )
        connection.execute(
            """
            delete from marts.fct_video_costs where video_id = (
                select video_id from marts.fct_video_costs order by video_id limit 1
            )
            """
        )
        # A movement by another name is two differences: its figures are missing, and too many.
        connection.execute(
            """
            update marts.fct_mrr_movements set mrr_movement = 'new'
            where (user_id, month_start) = (
                select user_id, month_start from marts.fct_mrr_movements
                where mrr_movement = 'reactivation' order by user_id, month_start limit 1
            )
            """
        )
        connection.execute(
            """
            update marts.cac_monthly set sales_cost_usd = sales_cost_usd - 0.01
            where month_start = (select min(month_start) from marts.cac_monthly)
            """
        )
    found = {
        item.name: len(item.differences)
        for item in compare_with_truth(spoilt.target, demo.truth_dir)
    }
    assert found == {
        "views and revenue by channel and day": 1,
        "MRR by user and month": 0,
        "movement of MRR by user and month": 2,
        "cost of marketing by month and category": 1,
        "cost by video": 1,
    }
