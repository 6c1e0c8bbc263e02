"""A user's Cost analysis: which channels and videos are worth what they cost."""

from __future__ import annotations

from grafana_foundation_sdk.builders import barchart, table

from grafana.about import About
from grafana.layout import Band, Section
from grafana.panels import Column, Step, bar_panel, row_field, table_panel

# The most a video may cost, and where it is warned before (seed cost_alert_levels), in USD.
COST_STEPS = (Step(None, "green"), Step(2.5, "yellow"), Step(3.0, "red"))
PROFIT_STEPS = (Step(None, "red"), Step(0, "green"))


def section() -> Section:
    """Give the section on channels and videos."""
    return Section(
        "Which channels and videos are worth it?",
        [
            Band(9, [(9, _roi_by_channel()), (15, _channels())]),
            Band(11, [(24, _videos())]),
        ],
    )


def _roi_by_channel() -> barchart.Panel:
    about = About(
        "ROI by channel",
        "What a dollar spent on a channel brings beyond itself.",
        "(revenue - cost) / cost of the 30 report days up to the last known; a channel without "
        "cost has none. The time range does not matter.",
        ("marts.channel_performance",),
        "percentunit",
        "No channel has costs yet",
    )
    sql = """\
select
    channel_name as "Channel",
    roi_30d as "ROI"
from marts.channel_performance
where roi_30d is not null
order by roi_30d desc, channel_id
limit 20"""
    return bar_panel(about, sql, category="Channel", color="purple", decimals=0)


def _channels() -> table.Panel:
    about = About(
        "Channels by profit",
        "What each channel has brought and cost in 30 days.",
        "The 30 report days up to the last known. Margin is profit / revenue, cost a video the "
        "channel's cost / videos published in them. The time range does not matter.",
        ("marts.channel_performance",),
        "currencyUSD",
        "No channel yet",
    )
    sql = """\
select
    channel_name as "Channel",
    videos_30d as "Videos",
    revenue_30d_usd as "Revenue",
    cost_30d_usd as "Cost",
    profit_30d_usd as "Profit",
    profit_30d_usd / nullif(revenue_30d_usd, 0) as "Margin",
    cost_30d_usd / nullif(videos_30d, 0) as "Cost a video"
from marts.channel_performance
order by profit_30d_usd desc nulls last, channel_id"""
    money = Column(unit="currencyUSD", decimals=2, width=95)
    return table_panel(
        about,
        sql,
        columns={
            "Videos": Column(unit="locale", width=70),
            "Revenue": money,
            "Cost": money,
            "Profit": Column(unit="currencyUSD", decimals=2, width=95, steps=PROFIT_STEPS),
            "Margin": Column(unit="percentunit", decimals=0, width=90),
            "Cost a video": Column(unit="currencyUSD", decimals=2, width=110, steps=COST_STEPS),
        },
    )


def _videos() -> table.Panel:
    about = About(
        "Videos by profit",
        "The fifty videos of the time range that brought most; turn the order around by a click "
        "on Profit.",
        "Cost by the call ledger, failed attempts included; revenue estimated by YouTube; both of "
        "the video's whole life. RPM is revenue of 1,000 views, ROI profit over cost.",
        ("marts.video_performance", "marts.dim_channels"),
        "currencyUSD",
        "No video was published in this time range",
    )
    sql = """\
select
    videos.title as "Title",
    channels.channel_name as "Channel",
    videos.published_at as "Published",
    videos.views as "Views",
    videos.cost_usd as "Cost",
    videos.revenue_usd as "Revenue",
    videos.profit_usd as "Profit",
    videos.roi as "ROI",
    videos.rpm as "RPM",
    videos.youtube_video_id as "YouTube id"
from marts.video_performance as videos
inner join marts.dim_channels as channels
    on videos.user_id = channels.user_id
    and videos.channel_id = channels.channel_id
where $__timeFilter(videos.published_at)
order by videos.profit_usd desc nulls last, videos.video_id
limit 50"""
    watch = f"https://www.youtube.com/watch?v={row_field('YouTube id')}"
    money = Column(unit="currencyUSD", decimals=2, width=100)
    return table_panel(
        about,
        sql,
        columns={
            "Title": Column(link=("Watch on YouTube", watch)),
            "Channel": Column(width=200),
            "Published": Column(unit="time:YYYY-MM-DD HH:mm", width=150),
            "Views": Column(unit="locale", width=100),
            "Cost": Column(unit="currencyUSD", decimals=2, width=90, steps=COST_STEPS),
            "Revenue": money,
            "Profit": Column(unit="currencyUSD", decimals=2, width=100, steps=PROFIT_STEPS),
            "ROI": Column(unit="percentunit", decimals=0, width=90),
            "RPM": money,
            "YouTube id": Column(hidden=True),
        },
    )
