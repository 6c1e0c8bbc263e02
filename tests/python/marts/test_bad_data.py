"""Every data test of channels and videos finds the bad data that it is there for.

The test's SQL, as the demo compiled it, runs on a copy of the demo's warehouse, after its marts
were damaged in a transaction that is rolled back.
"""

from __future__ import annotations

import pytest
from commands import BuiltWarehouse
from damages import rows_found

ONE_DEVICE = "where ctid = (select ctid from marts.fct_channel_day_devices where views > 0 limit 1)"
ONE_VIDEO_DAY = "where ctid = (select ctid from marts.fct_video_days where clicks > 0 limit 1)"

DAMAGES = [
    ("audience_parts_keep_every_report", f"delete from marts.fct_channel_day_devices {ONE_DEVICE}"),
    (
        "audience_parts_keep_every_report",
        "update marts.fct_channel_day_devices set minutes_watched = minutes_watched + 1 "
        + ONE_DEVICE,
    ),
    (
        "audience_parts_keep_every_report",
        "delete from marts.channel_demographics where age_group = 'age18-24'",
    ),
    (
        "audience_shares_sum_to_one",
        f"update marts.fct_channel_day_devices set share_of_views = null {ONE_DEVICE}",
    ),
    ("audience_shares_sum_to_one", "delete from marts.channel_audiences where part = 'US'"),
    (
        "audience_shares_sum_to_one",
        "update marts.channel_demographics set viewer_ratio = viewer_ratio * 100",
    ),
    (
        "audience_parts_agree_with_channel_days",
        f"update marts.fct_channel_day_devices set views = views * 2 {ONE_DEVICE}",
    ),
    (
        "slots_and_bands_hold_every_video",
        "delete from marts.channel_upload_times where slot_type = 'weekday'",
    ),
    (
        "slots_and_bands_hold_every_video",
        "update marts.channel_retention_by_length_band set views = null",
    ),
    (
        "channel_trends_end_in_totals",
        "delete from marts.channel_day_trends"
        " where date_day = (select max(date_day) from marts.channel_day_trends)",
    ),
    (
        "channel_trends_end_in_totals",
        "update marts.channel_day_trends set subscribers_net_so_far = subscribers_net_so_far + 1",
    ),
    ("video_days_keep_every_report", f"delete from marts.fct_video_days {ONE_VIDEO_DAY}"),
    (
        "video_days_keep_every_report",
        f"update marts.fct_video_days set revenue_usd = revenue_usd + 0.000001 {ONE_VIDEO_DAY}",
    ),
    (
        "video_days_keep_every_report",
        "delete from marts.video_retention_curves where elapsed_ratio = 0.5",
    ),
    ("video_days_keep_every_report", "update marts.thumbnail_tests set clicks = clicks + 1"),
    (
        "health_scores_follow_their_rules",
        "update marts.channel_health_scores set roi_points = roi_points + 1",
    ),
    (
        "thumbnail_tests_follow_their_rules",
        "update marts.thumbnail_tests set clicks = impressions + 1",
    ),
    ("upload_times_follow_their_rules", "update marts.channel_upload_times set is_best = true"),
    (
        "length_bands_follow_their_rules",
        "update marts.channel_retention_by_length_band set videos_with_retention = videos + 1",
    ),
    (
        "retention_curves_follow_their_rules",
        "update marts.video_retention_curves set elapsed_ratio = elapsed_ratio + 1",
    ),
]


@pytest.mark.parametrize("test", sorted({test for test, _ in DAMAGES}))
def test_good_data_passes(damageable: BuiltWarehouse, test: str) -> None:
    assert rows_found(damageable, test) == []


@pytest.mark.parametrize(("test", "damage"), DAMAGES)
def test_bad_data_is_found(damageable: BuiltWarehouse, test: str, damage: str) -> None:
    assert rows_found(damageable, test, damage) != []
