"""The Executive dashboard's channels, costs and videos."""

from __future__ import annotations

from grafana_foundation_sdk.builders import barchart, piechart, table

from grafana.about import About
from grafana.layout import Band, Section
from grafana.panels import Column, Step, bar_panel, pie_panel, row_field, table_panel

# One family of colours a cost group: AI blue to purple, data green, overhead yellow to red.
_COMPONENT_COLORS = {
    "openai": "blue",
    "elevenlabs": "purple",
    "stability ai": "super-light-blue",
    "pexels": "green",
    "other api": "light-green",
    "gpu compute": "dark-orange",
    "cpu compute": "orange",
    "storage": "yellow",
    "bandwidth": "light-red",
}


def sections() -> list[Section]:
    """Give the sections on what does well and what it costs."""
    return [
        Section(
            "Who earns it, and what does it cost?",
            [Band(10, [(14, _top_channels()), (10, _cost_by_component())])],
        ),
        Section("Which videos do best?", [Band(12, [(24, _top_videos())])]),
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
    youtube_channel_id as "YouTube id"
from marts.channel_performance
where revenue_30d_usd is not null
order by revenue_30d_usd desc, channel_id
limit 10"""
    return bar_panel(
        about,
        sql,
        category="Channel",
        color="blue",
        link=("Open on YouTube", f"https://www.youtube.com/channel/{row_field('YouTube id')}"),
    )


def _cost_by_component() -> piechart.Panel:
    about = About(
        "Cost by component",
        "What the money for making videos is spent on.",
        "Sum of the call ledger by component, failed and retried jobs included, by the day (UTC) "
        "of the call, within the dashboard's time range. AI is blue and purple, data green, "
        "overhead yellow to red.",
        ("marts.fct_video_costs",),
        "currencyUSD",
        "No cost was booked in this time range",
    )
    sql = """\
select
    replace(component, '_', ' ') as "Component",
    sum(cost_usd) as "Cost"
from marts.fct_video_costs
where $__timeFilter(cost_date)
group by component
order by sum(cost_usd) desc"""
    return pie_panel(about, sql, colors=_COMPONENT_COLORS)


def _top_videos() -> table.Panel:
    about = About(
        "Top videos",
        "The twenty most viewed of the videos published in the time range; a click on a title "
        "opens the video.",
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
    videos.youtube_video_id as "YouTube id"
from marts.video_performance as videos
left join marts.channel_performance as channels
    on videos.user_id = channels.user_id
    and videos.channel_id = channels.channel_id
where $__timeFilter(videos.published_at)
order by videos.views desc nulls last, videos.video_id
limit 20"""
    watch = f"https://www.youtube.com/watch?v={row_field('YouTube id')}"
    return table_panel(
        about,
        sql,
        columns={
            "Title": Column(link=("Watch on YouTube", watch)),
            "Channel": Column(width=200),
            "Views": Column(width=110),
            "Engagement": Column(unit="percentunit", decimals=2, width=110),
            "Revenue": Column(unit="currencyUSD", decimals=2, width=110),
            "Cost": Column(
                unit="currencyUSD",
                decimals=2,
                width=90,
                steps=(Step(None, "text"), Step(2.5, "yellow"), Step(3.0, "red")),
            ),
            "Tier": Column(width=150),
            "Published": Column(unit="time:YYYY-MM-DD HH:mm", width=150),
            "YouTube id": Column(width=130),
        },
    )
