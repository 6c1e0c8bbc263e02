"""What the Analytics extractor landed, held against the world's truth."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from youtube_standin import Stage

from ingest.streams import (
    CHANNEL_DAY_CORE,
    CHANNEL_DAY_REVENUE,
    VIDEO_DAY_CORE,
    VIDEO_DAY_REVENUE,
    VIDEOS,
    Stream,
)
from simulator.world.truth import channel_days

STREAMS = (CHANNEL_DAY_CORE, CHANNEL_DAY_REVENUE, VIDEO_DAY_CORE, VIDEO_DAY_REVENUE)
DaysOf = dict[tuple[str, str], Decimal]


def by_day(stage: Stage, stream: Stream, metric: str) -> DaysOf:
    """Return the landed figures by channel and day; those of videos are summed."""
    found: DaysOf = defaultdict(Decimal)
    for channel, day, value in stage.select(
        stream, f"channel_id, report_date::text, (payload ->> '{metric}')::numeric"
    ):
        found[channel, day] += value
    return dict(found)


def truth_of(stage: Stage) -> list[tuple[str, ...]]:
    """Return channel, day, views and revenue of the connected channels."""
    connected = {channel.youtube_channel_id for channel in stage.channels}
    return [line for line in channel_days(stage.world) if line[0] in connected]


def check_against_world(stage: Stage) -> None:
    """Hold the landed views and revenue of each channel's days against the world's truth."""
    truth = truth_of(stage)
    views = {(channel, day): Decimal(count) for channel, day, count, _ in truth}
    paid = {(channel, day): Decimal(usd) for channel, day, _, usd in truth if usd}
    assert by_day(stage, CHANNEL_DAY_CORE, "views") == views
    assert by_day(stage, CHANNEL_DAY_REVENUE, "estimatedRevenue") == paid
    assert len(paid) < len(views)  # some channel is not monetised
    known = {row[0] for row in stage.select(VIDEOS, "video_id")}
    assert known >= set(stage.public_videos())  # some may be deleted by now
    expected: DaysOf = defaultdict(Decimal)
    earned: DaysOf = defaultdict(Decimal)
    for channel in stage.channels:
        name = channel.youtube_channel_id
        videos = sorted(
            video.youtube_video_id
            for video in stage.world.videos(name)
            if video.youtube_video_id in known
        )
        last = stage.world.last_report_day
        for _, day in stage.world.video_days(name, videos, stage.world.first_day, last):
            expected[name, day.day.isoformat()] += day.views
            if channel.is_monetised:
                earned[name, day.day.isoformat()] += Decimal(day.revenue_mills) / 1000
    assert by_day(stage, VIDEO_DAY_CORE, "views") == expected
    assert by_day(stage, VIDEO_DAY_REVENUE, "estimatedRevenue") == earned


def contents(stage: Stage) -> list[object]:
    """Return every landed row with the batch that landed it."""
    return [stage.select(stream, "report_date, payload::text, _batch_id") for stream in STREAMS]
