"""How a day's figures are split over its audience: exactly, and the same each time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from simulator.world import audience
from simulator.world.model import ReportDay

Split = Callable[[str, ReportDay], list[Any]]
SPLITS: tuple[Split, ...] = (
    audience.by_country,
    audience.by_device,
    audience.by_operating_system,
    audience.by_traffic_source,
    audience.by_device_and_system,
)


def day_of(views: int, engaged: int, minutes: int) -> ReportDay:
    counts = dict.fromkeys(
        (
            *("likes", "dislikes", "comments", "shares", "subscribers_gained"),
            *("subscribers_lost", "revenue_mills", "ad_revenue_mills", "ad_impressions"),
            *("red_partner_revenue_mills", "gross_revenue_mills", "monetized_playbacks"),
        ),
        0,
    )
    return ReportDay(date(2026, 9, 1), views, engaged, minutes, Decimal(minutes * 2), **counts)


@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize("views", [1, 2, 37, 12_345, 9_999_999])
def test_parts_sum_to_the_day(split: Split, views: int) -> None:
    day = day_of(views, views * 7 // 10, views * 3)
    parts = split("abc123DEF45", day)
    assert sum(part.views for part in parts) == day.views
    assert sum(part.engaged_views for part in parts) == day.engaged_views
    assert sum(part.minutes_watched for part in parts) == day.minutes_watched
    assert all(0 <= part.engaged_views <= part.views for part in parts)
    assert parts == split("abc123DEF45", day)


@pytest.mark.parametrize("split", SPLITS)
def test_a_day_without_views_has_no_parts(split: Split) -> None:
    assert split("abc123DEF45", day_of(0, 0, 0)) == []


def test_a_restated_day_keeps_its_proportions() -> None:
    before = audience.by_country("abc123DEF45", day_of(100_000, 70_000, 300_000))
    after = audience.by_country("abc123DEF45", day_of(102_000, 71_400, 306_000))
    assert [part.name for part in before] == [part.name for part in after]
    for old, new in zip(before, after, strict=True):
        assert abs(new.views - old.views * 102 / 100) <= 1


def test_days_and_videos_differ() -> None:
    day = day_of(100_000, 70_000, 300_000)
    other = replace(day, day=date(2026, 9, 2))
    assert audience.by_country("abc123DEF45", day) != audience.by_country("abc123DEF45", other)
    assert audience.by_country("abc123DEF45", day) != audience.by_country("abc123DEF46", day)


@pytest.mark.parametrize("views", [0, 1, 5, 400, 250_000])
def test_clicks_are_few_of_the_impressions(views: int) -> None:
    reach = audience.reach("abc123DEF45", day_of(views, 0, 0))
    assert 0 <= reach.clicks <= views
    assert reach.clicks * 9 <= reach.impressions
