"""The synthetic world: the same from the same seed, continued by a later instant, consistent."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256

import pytest

from simulator.world.days import last_report_day, pacific_date
from simulator.world.model import ReportDay, Video, World
from simulator.world.synthetic import SyntheticWorld

AS_OF = datetime(2026, 3, 20, 9, 30, tzinfo=UTC)
LATER = AS_OF + timedelta(days=12, hours=5)
START = date(2026, 2, 18)
RESTATED = {"views", "engaged_views", "minutes_watched", "full_minutes"}
REVENUE = {
    "revenue_mills",
    "ad_revenue_mills",
    "red_partner_revenue_mills",
    "gross_revenue_mills",
    "monetized_playbacks",
    "ad_impressions",
}


@pytest.fixture(scope="module")
def world() -> SyntheticWorld:
    return SyntheticWorld(7, "small", AS_OF)


@pytest.fixture(scope="module")
def later(world: SyntheticWorld) -> SyntheticWorld:
    return SyntheticWorld(7, "small", LATER, start=world.first_day)


def all_videos(world: World) -> list[Video]:
    return [
        video for channel in world.channels for video in world.videos(channel.youtube_channel_id)
    ]


def video_ids(world: World, youtube_channel_id: str) -> list[str]:
    videos = world.videos(youtube_channel_id)
    return [video.youtube_video_id for video in videos if video.youtube_video_id]


def fingerprint(world: World) -> str:
    """Hash all that a world says."""
    heard = sha256()
    said: list[object] = [
        world.first_day, world.last_report_day, world.users, world.channels, world.products,
        world.prices, world.subscriptions, world.invoices, list(world.openai_costs),
        list(world.elevenlabs_usage), all_videos(world),
    ]  # fmt: skip
    for channel in world.channels:
        own = channel.youtube_channel_id
        said.append(world.channel_counters(channel))
        said.append([world.counters(video) for video in world.videos(own)])
        said += world.channel_days(own, world.first_day, world.last_report_day)
        said += world.video_days(own, video_ids(world, own), world.first_day, world.last_report_day)
    for each in said:
        heard.update(repr(each).encode())
    return heard.hexdigest()


def test_same_seed_gives_the_same_bytes(world: SyntheticWorld) -> None:
    again = SyntheticWorld(7, "small", AS_OF, start=START)
    assert fingerprint(world) == fingerprint(again)
    assert all_videos(world) != all_videos(SyntheticWorld(8, "small", AS_OF))


def test_small_scale(world: SyntheticWorld) -> None:
    assert world.first_day == START
    assert len([user for user in world.users if user.status == "active"]) == 5
    assert len(world.users) == 9
    assert len(world.channels) == 25
    assert 1_350 <= len(all_videos(world)) <= 1_850
    assert any(not channel.is_monetised for channel in world.channels)
    assert any(channel.hides_subscribers for channel in world.channels)


def test_large_scale_is_cheap_to_make() -> None:
    world = SyntheticWorld(7, "mvp", AS_OF)
    assert len(world.channels) == 250
    assert sum(user.status == "active" for user in world.users) >= 40
    videos = sum(len(world.videos(each.youtube_channel_id)) for each in world.channels[:25])
    assert 3_500 <= videos <= 5_500


def test_later_instant_keeps_what_was_told(world: SyntheticWorld, later: SyntheticWorld) -> None:
    kept = {video.platform_video_id: video for video in all_videos(later)}
    for video in all_videos(world):
        now = kept[video.platform_video_id]
        for name in ("title", "tags", "queued_at", "duration_seconds", "youtube_channel_id"):
            assert getattr(now, name) == getattr(video, name)
        if video.published_at is not None:
            assert (now.published_at, now.youtube_video_id) == (
                video.published_at, video.youtube_video_id,
            )  # fmt: skip
    assert {user.user_id for user in world.users} <= {user.user_id for user in later.users}
    assert [replace(each, updated_at=AS_OF) for each in later.channels[:25]] == [
        replace(each, updated_at=AS_OF) for each in world.channels
    ]


def test_later_instant_keeps_invoices_and_bills(
    world: SyntheticWorld, later: SyntheticWorld
) -> None:
    kept = {invoice.invoice_id: invoice for invoice in later.invoices}
    for invoice in world.invoices:
        now = kept[invoice.invoice_id]
        assert replace(now, status="", paid_at=None) == replace(invoice, status="", paid_at=None)
    today = AS_OF.date()
    assert [each for each in world.openai_costs if each.day < today] == [
        each for each in later.openai_costs if each.day < today
    ]
    assert [each for each in world.elevenlabs_usage if each.day < today] == [
        each for each in later.elevenlabs_usage if each.day < today
    ]


def test_later_instant_changes_figures_only_by_restatement(
    world: SyntheticWorld, later: SyntheticWorld
) -> None:
    changed: Counter[str] = Counter()
    days = 0
    for channel in world.channels:
        own = channel.youtube_channel_id
        then = world.channel_days(own, world.first_day, world.last_report_day)
        now = later.channel_days(own, world.first_day, world.last_report_day)
        for before, after in zip(then, now, strict=True):
            days += 1
            assert after.views >= before.views
            changed.update(
                field.name
                for field in fields(ReportDay)
                if getattr(before, field.name) != getattr(after, field.name)
            )
    assert set(changed) <= RESTATED | REVENUE
    assert 0 < changed["revenue_mills"] < days / 4
    assert 0 < changed["views"] < days / 10


def test_core_figures_settle_within_a_week(world: SyntheticWorld, later: SyntheticWorld) -> None:
    settled = AS_OF.date() - timedelta(days=9)
    for channel in world.channels:
        own = channel.youtube_channel_id
        pairs = zip(
            world.channel_days(own, world.first_day, settled),
            later.channel_days(own, world.first_day, settled),
            strict=True,
        )
        assert all(before.views == after.views for before, after in pairs)


def test_counters_run_ahead_and_never_back(world: SyntheticWorld, later: SyntheticWorld) -> None:
    for channel in world.channels[:8]:
        own = channel.youtube_channel_id
        reported: Counter[str] = Counter()
        likes: Counter[str] = Counter()
        for video_id, day in world.video_days(
            own, video_ids(world, own), world.first_day, world.last_report_day
        ):
            reported[video_id] += day.views
            likes[video_id] += day.likes
        for video_id in video_ids(world, own):
            video, after = world.find_video(video_id), later.find_video(video_id)
            assert video is not None
            assert after is not None
            counters, now = world.counters(video), later.counters(after)
            assert now.views >= counters.views >= reported[video_id]
            assert now.likes >= counters.likes >= likes[video_id]
            assert now.comments >= counters.comments


def test_channel_day_is_the_sum_of_its_video_days(world: SyntheticWorld) -> None:
    names = [field.name for field in fields(ReportDay) if field.name != "day"]
    for channel in world.channels[:6]:
        own = channel.youtube_channel_id
        sums: dict[date, dict[str, Decimal]] = {}
        for _, day in world.video_days(
            own, video_ids(world, own), world.first_day, world.last_report_day
        ):
            total = sums.setdefault(day.day, dict.fromkeys(names, Decimal(0)))
            for name in names:
                total[name] += getattr(day, name)
        told = world.channel_days(own, world.first_day, world.last_report_day)
        assert [day.day for day in told] == sorted(sums)
        for day in told:
            for name in names:
                assert abs(sums[day.day][name] - getattr(day, name)) < Decimal("1e-15")


def test_figures_are_sensible(world: SyntheticWorld) -> None:
    for channel in world.channels[:10]:
        own = channel.youtube_channel_id
        for _, day in world.video_days(
            own, video_ids(world, own), world.first_day, world.last_report_day
        ):
            assert day.views >= day.engaged_views >= 0
            assert day.views > 0
            assert day.minutes_watched <= day.full_minutes + 1
            assert day.revenue_mills == day.ad_revenue_mills + day.red_partner_revenue_mills
            assert channel.is_monetised or day.revenue_mills == day.ad_impressions == 0
            assert day.ad_impressions or not day.ad_revenue_mills


def test_ids_and_titles_look_like_youtubes(world: SyntheticWorld) -> None:
    assert all(
        re.fullmatch(r"UC[\w-]{21}[AQgw]", each.youtube_channel_id) for each in world.channels
    )
    videos = all_videos(world)
    found = [video.youtube_video_id for video in videos if video.youtube_video_id]
    assert all(re.fullmatch(r"[\w-]{10}[AEIMQUYcgkosw048]", each) for each in found)
    assert len(set(found)) == len(found)
    titles = {video.title for video in videos}
    assert len(titles) > len(videos) / 4
    assert max(map(len, titles)) <= 100
    for mark in ("&", "'", "“", "é"):
        assert any(mark in title for title in titles), mark
    assert any(ord(character) > 0xFFFF for title in titles for character in title)


def test_videos_are_found_by_their_id(world: SyntheticWorld) -> None:
    for video in all_videos(world)[::97]:
        if video.youtube_video_id:
            assert world.find_video(video.youtube_video_id) == video
    assert world.find_video("AAAAAAAAAAA") is None
    assert world.find_video("not an id") is None


def test_each_state_of_a_video_has_its_moments(world: SyntheticWorld) -> None:
    videos = all_videos(world)
    assert {"published", "failed", "processing"} <= {video.status for video in videos}
    for video in videos:
        published = video.status in ("published", "deleted")
        assert (video.published_at is not None) == published
        assert video.updated_at <= AS_OF
        moments = [
            moment
            for moment in (
                video.queued_at,
                video.generation_started_at,
                video.generation_completed_at,
                video.uploaded_at,
                video.published_at,
            )
            if moment is not None
        ]
        assert moments == sorted(moments)


@pytest.mark.parametrize("hours", range(0, 72, 7))
def test_reports_lag_two_or_three_days(hours: int) -> None:
    as_of = datetime(2026, 3, 7, 1, tzinfo=UTC) + timedelta(hours=hours)
    lag = pacific_date(as_of) - last_report_day(as_of)
    assert lag in (timedelta(days=2), timedelta(days=3))
    assert last_report_day(as_of) <= last_report_day(as_of + timedelta(hours=7))
