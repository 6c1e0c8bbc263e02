"""What to ask YouTube Analytics for, channel by channel, decided from what was landed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from ingest.landing import Lander
from ingest.sources.youtube.config import YouTubeAnalyticsConfig
from ingest.sources.youtube.reports import CHANNEL_CORE, CHANNEL_REVENUE, REPORTS, Report
from ingest.sources.youtube.state import connected_channels
from ingest.sources.youtube.windows import Asked, Days, is_fresh, window
from ingest.streams import PLAYLIST_ITEMS, VIDEOS

# Where neither the channel's birth nor a video of it is known.
_HISTORY = timedelta(days=730)


@dataclass(frozen=True, slots=True)
class KnownVideo:
    """A video and the Pacific day on which it was published, before which it has no figures."""

    video_id: str
    published_on: date


@dataclass
class ChannelPlan:
    """What to ask about a channel: the days of each report, by the name of its stream."""

    channel_id: str
    user_id: UUID
    created_on: date | None = None
    videos: list[KnownVideo] = field(default_factory=list)
    cursors: dict[str, dict[str, Any]] = field(default_factory=dict)
    days: dict[str, Days] = field(default_factory=dict)
    found_at: dict[str, datetime] = field(default_factory=dict)

    def cursor(self, report: Report) -> dict[str, Any]:
        """Return how far a report was read."""
        return self.cursors.get(report.stream.name, {})

    def late_videos(self, report: Report) -> list[KnownVideo]:
        """Return the videos that were found after the report was last asked for."""
        refreshed_at = self.cursor(report).get("refreshed_at")
        if refreshed_at is None:
            return []
        before = datetime.fromisoformat(refreshed_at)
        return [
            video
            for video in self.videos
            if video.video_id in self.found_at and self.found_at[video.video_id] > before
        ]


def plan_channels(
    lander: Lander, asked: Asked, config: YouTubeAnalyticsConfig
) -> list[ChannelPlan]:
    """Return the channels about which there is something to ask.

    The reports by video wait until the channel's videos are known: their first days are asked for
    once.
    """
    plans = {
        channel: ChannelPlan(channel, user) for channel, user in connected_channels(lander).items()
    }
    for report in REPORTS:
        for scope, value in lander.read_cursors(report.stream).items():
            if scope in plans:
                plans[scope].cursors[report.stream.name] = value
    waiting = [plan for plan in plans.values() if not _is_done(plan, asked)]
    _add_births(lander, {plan.channel_id: plan for plan in waiting})
    known = _channels_with_known_videos(lander, [plan.channel_id for plan in waiting])
    _add_videos(lander, {plan.channel_id: plan for plan in waiting if plan.channel_id in known})
    for plan in waiting:
        for report in REPORTS:
            days = _days(plan, report, asked, config, plan.channel_id in known)
            if days is not None:
                plan.days[report.stream.name] = days
    return [plan for plan in waiting if plan.days]


def _is_done(plan: ChannelPlan, asked: Asked) -> bool:
    """Tell whether there is nothing to ask about a channel today."""
    if is_fresh(asked, plan.cursor(CHANNEL_CORE)) and "refused" in plan.cursor(CHANNEL_CORE):
        return True
    return all(_is_fresh(plan, report, asked) for report in REPORTS)


def _is_fresh(plan: ChannelPlan, report: Report, asked: Asked) -> bool:
    """Tell whether a report needs no asking; nobody pays for videos of an unpaid channel."""
    paid = plan.cursor(CHANNEL_REVENUE)
    if report.is_revenue and paid.get("monetised") is False and is_fresh(asked, paid):
        return True
    return is_fresh(asked, plan.cursor(report))


def _days(
    plan: ChannelPlan,
    report: Report,
    asked: Asked,
    config: YouTubeAnalyticsConfig,
    is_known: bool,
) -> Days | None:
    if _is_fresh(plan, report, asked) or (report.is_by_video and not is_known):
        return None
    first_video = min((video.published_on for video in plan.videos), default=None)
    if report.is_by_video:
        first_day = first_video or asked.today
    else:
        births = [day for day in (plan.created_on, first_video) if day is not None]
        first_day = min(births, default=asked.today - _HISTORY)
    restated = config.revenue_restated_days if report.is_revenue else config.core_restated_days
    return window(asked, plan.cursor(report), first_day, restated)


def _add_births(lander: Lander, plans: Mapping[str, ChannelPlan]) -> None:
    rows = lander.query(
        """
        select
            channel_id,
            ((payload #>> '{snippet,publishedAt}')::timestamptz
                at time zone 'America/Los_Angeles')::date
        from raw_youtube.channels
        where channel_id = any(%s)
        """,
        (list(plans),),
    )
    for channel, created_on in rows:
        plans[channel].created_on = created_on


def _channels_with_known_videos(lander: Lander, channels: list[str]) -> set[str]:
    """Return the channels whose uploads were read to the end, and every video of them.

    A video that was asked for and did not come does not hold the others up.
    """
    rows = lander.query(
        """
        select cursors.scope from ops.cursors as cursors
        where cursors.source = %s and cursors.stream = %s and cursors.scope = any(%s)
            and coalesce(cursors.value ->> 'completed_at', cursors.value ->> 'refused') is not null
        except
        select items.channel_id from raw_youtube.playlist_items as items
        where items.channel_id = any(%s)
            and not exists (
                select from raw_youtube.videos as videos where videos.video_id = items.video_id
            )
            and not exists (
                select from ops.cursors as missed
                where missed.source = %s and missed.stream = %s
                    and missed.scope = 'video:' || items.video_id
            )
        """,
        (
            PLAYLIST_ITEMS.source,
            PLAYLIST_ITEMS.name,
            channels,
            channels,
            VIDEOS.source,
            VIDEOS.name,
        ),
    )
    return {row[0] for row in rows}


def _add_videos(lander: Lander, plans: Mapping[str, ChannelPlan]) -> None:
    days: dict[date, date] = {}  # one object a day, however many videos were published on it
    rows = lander.query(
        """
        select
            videos.channel_id,
            videos.video_id,
            ((videos.payload #>> '{snippet,publishedAt}')::timestamptz
                at time zone 'America/Los_Angeles')::date as published_on,
            (marks.value ->> 'found_at')::timestamptz
        from raw_youtube.videos as videos
        left join ops.cursors as marks
            on marks.source = %s and marks.stream = %s
            and marks.scope = 'video:' || videos.video_id
        where videos.channel_id = any(%s)
        order by videos.channel_id, published_on, videos.video_id
        """,
        (VIDEOS.source, VIDEOS.name, list(plans)),
    )
    for channel, video, day, found_at in rows:
        plans[channel].videos.append(KnownVideo(video, days.setdefault(day, day)))
        if found_at is not None:
            plans[channel].found_at[video] = found_at
