"""The reports of a small world behind the stand-in, and what they are to say when landed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from standins import IMPATIENT, Landed, extract, query
from youtube_standin import SEED, START

from ingest.sources.youtube.reporting import YouTubeReportingExtractor
from ingest.sources.youtube.reporting_plan import YouTubeReportingConfig
from ingest.sources.youtube.tokens import RefreshToken
from simulator.http import youtube_report_jobs as jobs
from simulator.http.faults import Fault
from simulator.http.server import Running, running
from simulator.world import audience
from simulator.world.model import Channel
from simulator.world.synthetic import SyntheticWorld
from warehouse.connection import WarehouseTarget

AS_OF = datetime(2026, 11, 14, 12, 5, tzinfo=UTC)
DAY = timedelta(days=1)
REACH, BASIC = "channel_reach_basic_a1", "channel_basic_a3"


@cache
def world_of(as_of: datetime) -> SyntheticWorld:
    """Return a small world of 12 days and more; making one takes a while."""
    return SyntheticWorld(SEED, "small", as_of, START)


def some_channels(world: SyntheticWorld) -> list[Channel]:
    """Return five channels, the first without a job."""
    without = [channel for channel in world.channels if not jobs.first_jobs(channel)][:1]
    with_jobs = [channel for channel in world.channels if jobs.first_jobs(channel)]
    return without + with_jobs[:4]


def extractor(
    up: Running, world: SyntheticWorld, sleep: Callable[[float], None] | None = None, **more: Any
) -> YouTubeReportingExtractor:
    settings = {
        "client_id": up.environment["GOOGLE_CLIENT_ID"],
        "client_secret": up.environment["GOOGLE_CLIENT_SECRET"],
        "token_uri": up.environment["GOOGLE_TOKEN_URI"],
        "endpoint": up.environment["YOUTUBE_REPORTING_ENDPOINT"],
        "backoff": IMPATIENT,
        **more,
    }
    tokens = {c.youtube_channel_id: RefreshToken(c.refresh_token) for c in some_channels(world)}
    config = YouTubeReportingConfig(**settings)
    return YouTubeReportingExtractor(config, lambda: tokens, sleep=sleep or (lambda _: None))


def read(
    target: WarehouseTarget,
    as_of: datetime = AS_OF,
    *,
    fault: str | None = None,
    since: date | None = None,
    until: date | None = None,
    **more: Any,
) -> Landed:
    """Read the reports of the world of an instant once."""
    world = world_of(as_of)
    faults = {"youtube_reporting": Fault(fault)} if fault else {}
    with running(world, faults=faults) as up:
        return extract(extractor(up, world, **more), target, as_of, since, until)


def told(target: WarehouseTarget) -> dict[tuple[str, str, str], tuple[int, Decimal]]:
    """Return impressions and clicks as landed, by channel, day and video."""
    rows = query(
        target,
        """
        select channel_id, report_date::text, payload ->> 'video_id',
            (payload ->> 'video_thumbnail_impressions')::int,
            (payload ->> 'video_thumbnail_impressions_ctr')::numeric
        from raw_youtube.reporting_reach_basic
        """,
    )
    percent = {channel for channel, _, _, _, rate in rows if rate > 1}
    return {
        (channel, day, video): (shown, round(shown * rate / (100 if channel in percent else 1)))
        for channel, day, video, shown, rate in rows
        if video
    }


def truth(as_of: datetime) -> dict[tuple[str, str, str], tuple[int, int]]:
    """Return impressions and clicks of the channels' videos that have a report at the instant."""
    world = world_of(as_of)
    found = {}
    for channel in some_channels(world):
        name = channel.youtube_channel_id
        listed = {
            report.day
            for job in jobs.first_jobs(channel)
            if job.report_type == REACH
            for report in jobs.reports_of(world, job)
        }
        videos = [v.youtube_video_id for v in world.videos(name) if v.youtube_video_id]
        for video, day in world.video_days(name, videos, world.first_day, world.last_report_day):
            reach = audience.reach(video, day)
            if day.day in listed and reach.impressions:
                found[name, day.day.isoformat(), video] = (reach.impressions, reach.clicks)
    return found
