"""Which parts of the audience to ask for, channel by channel, decided from what was landed.

It comes after the channel's own days, which tell how far YouTube has processed them and what
their parts must sum to.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from ingest.landing import Lander
from ingest.sources.youtube.analytics_plan import KnownVideo
from ingest.sources.youtube.breakdowns import BREAKDOWNS, COUNTRY, DAILY, DEMOGRAPHICS, RETENTION
from ingest.sources.youtube.config import YouTubeAnalyticsConfig
from ingest.sources.youtube.reports import CHANNEL_CORE, VIDEO_CORE, Question
from ingest.sources.youtube.state import connected_channels
from ingest.sources.youtube.windows import (
    Asked,
    Days,
    is_final_pass_due,
    is_fresh,
    next_month,
    parse_day,
    window,
)

MONTHS_AT_FIRST = 2  # the running one and the one before; earlier ones are filled back
_WEEK = timedelta(days=7)
_DAY = timedelta(days=1)
_POPULAR_WITHIN = timedelta(days=28)


@dataclass
class BreakdownPlan:
    """What to ask about a channel's audience. `processed` is the last day that has figures."""

    channel_id: str
    user_id: UUID
    first_day: date
    processed: date
    cursors: dict[str, dict[str, Any]] = field(default_factory=dict)
    days: dict[str, Days] = field(default_factory=dict)
    country_days: list[date] | None = None
    months: list[date] | None = None
    videos: list[KnownVideo] | None = None

    def cursor(self, question: Question) -> dict[str, Any]:
        """Return how far a report was read."""
        return self.cursors.get(question.stream.name, {})

    @property
    def has_questions(self) -> bool:
        """Tell whether there is anything to ask, or to note."""
        return bool(self.days) or not (self.country_days is self.months is self.videos is None)


def plan_breakdowns(
    lander: Lander, asked: Asked, config: YouTubeAnalyticsConfig, left_out: Collection[str]
) -> list[BreakdownPlan]:
    """Return the channels about whose audience there is something to ask, but those left out."""
    plans = {
        plan.channel_id: plan
        for plan in _channels(lander, asked)
        if plan.channel_id not in left_out
    }
    for breakdown in BREAKDOWNS:
        for scope, value in lander.read_cursors(breakdown.stream).items():
            if scope in plans:
                plans[scope].cursors[breakdown.stream.name] = value
    for plan in plans.values():
        for breakdown in DAILY:
            days = _days(plan, breakdown, asked, config)
            if days is not None:
                plan.days[breakdown.stream.name] = days
        if not is_fresh(asked, plan.cursor(DEMOGRAPHICS)):
            plan.months = _months(plan, asked)
    _add_countries(lander, plans, asked, config)
    _add_videos(lander, plans, asked, config.retention_videos)
    return [plan for plan in plans.values() if plan.has_questions]


def country_since(plan: BreakdownPlan, country_days: int) -> date:
    """Return the first day whose countries are read without being filled back."""
    since = parse_day(plan.cursor(COUNTRY).get("since"))
    return since or max(plan.first_day, plan.processed - (country_days - 1) * _DAY)


def _channels(lander: Lander, asked: Asked) -> Iterator[BreakdownPlan]:
    """Yield the channels whose own days were read: today, or any that are filled back."""
    cursors = lander.read_cursors(CHANNEL_CORE.stream)
    users = connected_channels(lander)
    rows = lander.query(
        """
        select channel_id, min(report_date), max(report_date) from raw_youtube.channel_day_core
        where channel_id = any(%s)
        group by channel_id
        order by channel_id
        """,
        (list(users),),
    )
    for channel, first, last in rows:
        cursor = cursors.get(channel, {})
        if not asked.is_back_fill and (not is_fresh(asked, cursor) or "refused" in cursor):
            continue
        processed = parse_day(cursor.get("through")) or last
        yield BreakdownPlan(channel, users[channel], first, processed)


def _days(
    plan: BreakdownPlan, question: Question, asked: Asked, config: YouTubeAnalyticsConfig
) -> Days | None:
    """Return the days to ask for, as far as the channel's own were processed."""
    days = window(asked, plan.cursor(question), plan.first_day, config.core_restated_days)
    if days is None or days.first > plan.processed:
        return None
    return Days(days.first, min(days.last, plan.processed))


def _months(plan: BreakdownPlan, asked: Asked) -> list[date] | None:
    """Return the months whose viewers are due: once a week, and when a month is final."""
    running = plan.processed.replace(day=1)
    if asked.is_back_fill:
        first = max(asked.since or plan.first_day, plan.first_day)
        return list(_month_starts(first, min(asked.until or plan.processed, plan.processed)))
    cursor = plan.cursor(DEMOGRAPHICS)
    refreshed_on = parse_day(cursor.get("refreshed_on"))
    if (
        refreshed_on is not None
        and asked.today - refreshed_on < _WEEK
        and not is_final_pass_due(asked, cursor)
    ):
        return None
    done = parse_day(cursor.get("final_month"))
    first = running
    for _ in range(MONTHS_AT_FIRST - 1):
        first = (first - _DAY).replace(day=1)
    if done is not None:
        first = next_month(done)
    return list(_month_starts(max(first, plan.first_day), running))


def _month_starts(first: date, last: date) -> Iterator[date]:
    month = first.replace(day=1)
    while month <= last:
        yield month
        month = next_month(month)


def _add_countries(
    lander: Lander,
    plans: Mapping[str, BreakdownPlan],
    asked: Asked,
    config: YouTubeAnalyticsConfig,
) -> None:
    """Find the days whose countries do not sum to the day: the new and the restated ones.

    A call tells of one day alone, so that days are not asked for only because they are young.
    """
    wanted: dict[str, Days] = {}
    found: dict[str, list[date]] = {}
    for plan in plans.values():
        if not asked.is_back_fill and not config.country_days:
            continue
        days = _days(plan, COUNTRY, asked, config)
        if days is None:
            continue
        if not asked.is_back_fill:
            days = Days(max(days.first, country_since(plan, config.country_days)), days.last)
        wanted[plan.channel_id] = days
        plan.country_days = found[plan.channel_id] = []
    if not wanted:
        return
    rows = lander.query(
        _DIFFERENT_DAYS,
        (
            list(wanted),
            [days.first for days in wanted.values()],
            [days.last for days in wanted.values()],
            min(days.first for days in wanted.values()),
            max(days.last for days in wanted.values()),
        ),
    )
    for channel, day in rows:
        found[channel].append(day)


_DIFFERENT_DAYS = """
    with wanted as (
        select * from unnest(%s::text[], %s::date[], %s::date[]) as asked (channel_id, first, last)
    ),

    parts as (
        select
            channel_id,
            report_date,
            sum((payload ->> 'views')::numeric) as views,
            sum((payload ->> 'estimatedMinutesWatched')::numeric) as minutes
        from raw_youtube.channel_day_country
        where report_date between %s and %s
        group by channel_id, report_date
    )

    select core.channel_id, core.report_date
    from wanted
    inner join raw_youtube.channel_day_core as core
        on core.channel_id = wanted.channel_id
        and core.report_date between wanted.first and wanted.last
    left join parts
        on parts.channel_id = core.channel_id and parts.report_date = core.report_date
    where coalesce((core.payload ->> 'views')::numeric, 0) <> coalesce(parts.views, 0)
        or coalesce((core.payload ->> 'estimatedMinutesWatched')::numeric, 0)
            <> coalesce(parts.minutes, 0)
    order by core.channel_id, core.report_date
"""


def _add_videos(
    lander: Lander, plans: Mapping[str, BreakdownPlan], asked: Asked, most: int
) -> None:
    """Find the most viewed videos of each channel whose curves are a week old."""
    if asked.is_back_fill or not most:
        return
    read = lander.read_cursors(VIDEO_CORE.stream)
    due = [
        channel
        for channel, plan in plans.items()
        if is_fresh(asked, read.get(channel, {})) and _is_week_old(plan, asked)
    ]
    if not due:
        return
    found: dict[str, list[KnownVideo]] = {channel: [] for channel in due}
    since = min(plans[channel].processed for channel in due) - _POPULAR_WITHIN
    for channel, video, published_on in lander.query(_POPULAR_VIDEOS, (due, since, most)):
        found[channel].append(KnownVideo(video, published_on))
    for channel in due:
        plans[channel].videos = found[channel]


def _is_week_old(plan: BreakdownPlan, asked: Asked) -> bool:
    refreshed_on = parse_day(plan.cursor(RETENTION).get("refreshed_on"))
    return refreshed_on is None or asked.today - refreshed_on >= _WEEK


_POPULAR_VIDEOS = """
    with sums as (
        select channel_id, video_id, sum((payload ->> 'views')::bigint) as views
        from raw_youtube.video_day_core
        where channel_id = any(%s) and report_date > %s
        group by channel_id, video_id
    ),

    ranked as (
        select
            sums.channel_id,
            sums.video_id,
            ((videos.payload #>> '{snippet,publishedAt}')::timestamptz
                at time zone 'America/Los_Angeles')::date as published_on,
            row_number() over (
                partition by sums.channel_id order by sums.views desc, sums.video_id
            ) as place
        from sums
        inner join raw_youtube.videos as videos on videos.video_id = sums.video_id
        where sums.views > 0
    )

    select channel_id, video_id, published_on from ranked where place <= %s
    order by channel_id, place
"""
