"""The Executive dashboard's channels, costs and best videos."""

from __future__ import annotations

from grafana_foundation_sdk.builders import barchart, piechart, table

from grafana.about import About
from grafana.dashboards.house import (
    COMPONENT_COLORS,
    COMPONENT_COLORS_EXPLAINED,
    COST_TEXT_STEPS,
    HIDDEN,
    channel_column,
    channel_link,
    watch_column,
)
from grafana.layout import Band, Section
from grafana.panels import Column, bar_panel, pie_panel, table_panel


def sections() -> list[Section]:
    """Give the sections on what does well and what it costs."""
    return [
        Section(
            "Who earns it, and what does it cost?",
            [Band(10, [(14, _top_channels()), (10, _cost_by_component())])],
        ),
        Section(
            "Which videos do best?",
            [Band(12, [(24, _top_videos())]), Band(9, [(24, _top_videos_of_the_day())])],
        ),
    ]


def _top_channels() -> barchart.Panel:
    about = About(
        "Top 10 channels",
        "The ten channels that earned most on YouTube in 30 days; a click opens the channel.",
        "Estimated revenue of the 30 report days up to the last known. The time range does not "
        "matter.",
        ("marts.channel_performance",),
        "currencyUSD",
        "No channel has reported revenue",
    )
    sql = """\
select
    channel_name as "Channel",
    revenue_30d_usd as "Revenue",
    channel_id::text as "channel id"
from marts.channel_performance
where revenue_30d_usd is not null
order by revenue_30d_usd desc, channel_id
limit 10"""
    return bar_panel(
        about,
        sql,
        category="Channel",
        color="blue",
        link=channel_link(),
    )


def _cost_by_component() -> piechart.Panel:
    about = About(
        "Cost by component",
        "What the money for making videos is spent on.",
        "Sum of the call ledger by component, failed and retried jobs included, by the day (UTC) "
        "of the call, within the dashboard's time range. " + COMPONENT_COLORS_EXPLAINED,
        ("marts.cost_days",),
        "currencyUSD",
        "No cost was booked in this time range",
    )
    sql = """\
select
    replace(component, '_', ' ') as "Component",
    sum(cost_usd) as "Cost"
from marts.cost_days
where $__timeFilter(date_day)
    and content_type <> 'unallocated'
group by component
order by sum(cost_usd) desc"""
    return pie_panel(about, sql, colors=COMPONENT_COLORS)


def _top_videos() -> table.Panel:
    about = About(
        "Top videos",
        "The twenty most viewed of the videos published in the time range; a click on a title "
        "opens the video, on a channel the channel.",
        "Views are the latest public counter. Engagement is likes, comments and shares over "
        "views. Revenue and cost are of the video's whole life. The tier compares its views with "
        "those of its niche's videos older than a week; a niche with fewer than five has none.",
        ("marts.video_performance", "marts.channel_performance"),
        "locale",
        "No video was published in this time range",
    )
    sql = """\
select
    videos.title as "Title",
    channels.channel_name as "Channel",
    videos.views as "Views",
    videos.engagement_rate as "Engagement",
    videos.revenue_usd as "Revenue",
    videos.cost_usd as "Cost",
    initcap(replace(videos.performance_tier, '_', ' ')) as "Tier",
    videos.published_at as "Published",
    videos.youtube_video_id as "YouTube id",
    videos.channel_id::text as "channel id"
from (
    select
        user_id,
        channel_id,
        video_id,
        youtube_video_id,
        title,
        views,
        engagement_rate,
        revenue_usd,
        cost_usd,
        performance_tier,
        published_at
    from marts.video_performance
    where $__timeFilter(published_at)
    order by views desc nulls last, video_id
    limit 20
) as videos
left join marts.channel_performance as channels
    on videos.user_id = channels.user_id
    and videos.channel_id = channels.channel_id
order by videos.views desc nulls last, videos.video_id"""
    return table_panel(
        about,
        sql,
        columns={
            "Title": watch_column(),
            "Channel": channel_column(),
            "Views": Column(width=110),
            "Engagement": Column(unit="percentunit", decimals=2, width=110),
            "Revenue": Column(unit="currencyUSD", decimals=2, width=110),
            "Cost": Column(unit="currencyUSD", decimals=2, width=90, steps=COST_TEXT_STEPS),
            "Tier": Column(width=150),
            "Published": Column(unit="time:YYYY-MM-DD HH:mm", width=150),
            "YouTube id": HIDDEN,
            "channel id": HIDDEN,
        },
    )


def _top_videos_of_the_day() -> table.Panel:
    about = About(
        "Top videos of the latest day",
        "The ten videos that were watched most on the latest day that YouTube has reported.",
        "Views on the last Pacific day reported of the video's channel; today's are not told for "
        "two to three days. An hour: over the hours of that day during which it was public. "
        "The time range does not matter.",
        ("marts.video_performance", "marts.channel_performance"),
        "locale",
        "No video was watched on the latest day",
    )
    sql = """\
select
    videos.title as "Title",
    channels.channel_name as "Channel",
    to_char(channels.last_report_date, 'YYYY-MM-DD') as "Day",
    videos.latest_day_views as "Views of the day",
    videos.view_velocity_per_hour as "An hour",
    videos.views as "Views so far",
    videos.revenue_usd as "Revenue so far",
    videos.published_at as "Published",
    videos.youtube_video_id as "YouTube id",
    videos.channel_id::text as "channel id"
from (
    select
        user_id,
        channel_id,
        video_id,
        youtube_video_id,
        title,
        latest_day_views,
        view_velocity_per_hour,
        views,
        revenue_usd,
        published_at
    from marts.video_performance
    where latest_day_views > 0
    order by latest_day_views desc, video_id
    limit 10
) as videos
inner join marts.channel_performance as channels
    on videos.user_id = channels.user_id
    and videos.channel_id = channels.channel_id
order by videos.latest_day_views desc, videos.video_id"""
    return table_panel(
        about,
        sql,
        columns={
            "Title": watch_column(),
            "Channel": channel_column(),
            "Day": Column(width=110),
            "Views of the day": Column(width=140),
            "An hour": Column(unit="none", decimals=0, width=90),
            "Views so far": Column(width=120),
            "Revenue so far": Column(unit="currencyUSD", decimals=2, width=130),
            "Published": Column(unit="time:YYYY-MM-DD HH:mm", width=150),
            "YouTube id": HIDDEN,
            "channel id": HIDDEN,
        },
    )
