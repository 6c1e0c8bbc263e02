"""A user's Revenue tracker: how far it is to 10,000 USD a month."""

from __future__ import annotations

from collections.abc import Sequence

from grafana_foundation_sdk.builders import barchart, gauge, stat, table, timeseries

from grafana.about import About
from grafana.dashboards.frame import user_dashboard
from grafana.layout import Band, Section
from grafana.normalise import Json
from grafana.panels import (
    Column,
    Step,
    bar_panel,
    gauge_panel,
    row_field,
    stat_panel,
    table_panel,
    time_series_panel,
)

UID = "ytempire-my-revenue"
SOURCE = "marts.user_revenue_progress"
_LAG = "YouTube reports a day two to three days late and restates its revenue for weeks."
_GROWTH_STEPS = (Step(None, "red"), Step(0, "green"))
# The bounds of the statuses (seed revenue_status_thresholds) in USD a month; 10,000 is the target.
_STATUS_COLORS = (("orange", 0), ("yellow", 1_000), ("blue", 5_000), ("green", 10_000))
_STATUS_STEPS = tuple(Step(bound or None, color) for color, bound in _STATUS_COLORS)
_PROGRESS_STEPS = tuple(
    Step(bound / 10_000 if bound else None, color) for color, bound in _STATUS_COLORS
)


def build() -> Json:
    """Give the dashboard as Grafana's JSON."""
    return user_dashboard(
        UID,
        "Revenue tracker",
        "What your channels earn on YouTube, and how far it is to 10,000 USD a month. The mark "
        "beside a panel's title tells its definition.",
        [
            Section(
                "How far is it to the goal?",
                [Band(4, [(4, tile) for tile in _tiles()]), Band(8, [(6, _dial()), (18, _pace())])],
            ),
            Section("How does revenue develop?", [Band(9, [(15, _daily()), (9, _months())])]),
            Section("Which channels earn it?", [Band(9, [(9, _by_channel()), (15, _channels())])]),
        ],
        refresh="5m",
        from_="now-90d",
    )


def _tiles() -> list[stat.Panel]:
    return [
        _tile(
            "Revenue this month",
            "revenue_month_to_date_usd",
            "What all your channels have earned on YouTube in the running month.",
            f"Estimated revenue of this month's report days so far. {_LAG} Yellow from 1,000, "
            "blue from 5,000, green from 10,000 USD.",
            steps=_STATUS_STEPS,
        ),
        _tile(
            "Forecast for the month",
            "forecast_month_end_usd",
            "What this month comes to at the pace of the last 30 days.",
            "The month to date, and for each day not reported yet the average of the last 30 "
            "report days.",
            steps=_STATUS_STEPS,
            empty="No reports yet",
        ),
        _tile(
            "Growth",
            "revenue_growth_rate",
            "How revenue has changed over 30 days.",
            "The last 30 report days against the 30 before; empty while those are not wholly "
            "reported.",
            unit="percentunit",
            decimals=1,
            steps=_GROWTH_STEPS,
            empty="Not 60 days of reports yet",
        ),
        _tile(
            "Days to 10,000 a month",
            "days_to_goal",
            "When your target is reached, 10,000 USD a month unless you set another.",
            "At the growth of the last 30 days, going on as it is. 0 once it is reached; empty "
            "while revenue does not grow, or its growth is not known yet.",
            unit="locale",
            decimals=0,
            empty="No growth known yet",
        ),
        _tile(
            "Profit this month",
            "profit_month_to_date_usd",
            "What is left of this month's revenue after the cost of making videos.",
            "Revenue of the month to date less the cost of all videos worked on in it, failed "
            "ones included. Costs are known at once, revenue two to three days late.",
            steps=_GROWTH_STEPS,
        ),
        _report_day(),
    ]


def _tile(
    title: str,
    column: str,
    shows: str,
    definition: str,
    *,
    unit: str = "currencyUSD",
    decimals: int | None = 2,
    steps: Sequence[Step] = (),
    empty: str = "Not built yet",
) -> stat.Panel:
    about = About(title, shows, definition, (SOURCE,), unit, empty)
    sql = f'select {column} as "{title}" from {SOURCE}'
    return stat_panel(about, sql, steps=steps, decimals=decimals)


def _report_day() -> stat.Panel:
    title = "Reported up to"
    about = About(
        title,
        "The last day that YouTube has reported of your channels.",
        "Days are Pacific days; reports come two to three days late, so this is not a fault.",
        (SOURCE,),
        "string",
        "No reports yet",
    )
    sql = f"select to_char(last_report_date, 'YYYY-MM-DD') as \"{title}\" from {SOURCE}"
    return stat_panel(about, sql, text_field=title)


def _dial() -> gauge.Panel:
    about = About(
        "Progress to the target",
        "Revenue of the running month as a share of your target of 10,000 USD.",
        "Revenue of the month to date over the target. Yellow from 10%, blue from 50%, green when "
        "it is reached.",
        (SOURCE,),
        "percentunit",
        "No target is set",
    )
    sql = f'select progress_rate as "Progress" from {SOURCE}'
    return gauge_panel(about, sql, maximum=1, steps=_PROGRESS_STEPS, decimals=0)


def _pace() -> timeseries.Panel:
    about = About(
        "Revenue of the last 30 days, day by day",
        "A month's revenue at any day: what the 30 days up to it earned, against the target.",
        "Estimated revenue of the 30 Pacific days that end with the day; days that are not known "
        "add nothing. The target is 10,000 USD a month unless you set another.",
        ("marts.fct_user_days", SOURCE),
        "currencyUSD",
        "No 30 days of reports in this time range",
    )
    sql = """\
select
    days.date_day::timestamp as "time",
    days.revenue_trailing_30d_usd as "Last 30 days",
    progress.target_revenue_usd as "Target"
from marts.fct_user_days as days
inner join marts.user_revenue_progress as progress
    on days.user_id = progress.user_id
where $__timeFilter(days.date_day)
order by days.date_day"""
    return time_series_panel(
        about, sql, colors={"Last 30 days": "green", "Target": "text"}, decimals=0
    )


def _daily() -> timeseries.Panel:
    about = About(
        "Revenue by day",
        "What your channels earn a day, and what making videos costs.",
        f"Estimated revenue by report day (Pacific) beside the cost by day (UTC). {_LAG} A day "
        "whose revenue is not known is a gap.",
        ("marts.fct_user_days",),
        "currencyUSD",
        "No report days in this time range",
    )
    sql = """\
select
    date_day::timestamp as "time",
    revenue_usd as "Revenue",
    cost_usd as "Cost"
from marts.fct_user_days
where $__timeFilter(date_day)
order by date_day"""
    return time_series_panel(about, sql, colors={"Revenue": "green", "Cost": "orange"})


def _months() -> table.Panel:
    about = About(
        "Revenue by month",
        "The last twelve months, the running one on top.",
        "Revenue by Pacific report day, cost by UTC day, profit is their difference. Growth is "
        "on the month before; empty where one of the two is not wholly reported.",
        ("marts.fct_user_months",),
        "currencyUSD",
        "No reports yet",
    )
    sql = """\
select
    to_char(month_start, 'YYYY-MM') as "Month",
    revenue_usd as "Revenue",
    cost_usd as "Cost",
    profit_usd as "Profit",
    revenue_growth_rate as "Growth"
from marts.fct_user_months
order by month_start desc
limit 12"""
    money = Column(unit="currencyUSD", decimals=2)
    growth = Column(unit="percentunit", decimals=1, steps=_GROWTH_STEPS)
    return table_panel(
        about,
        sql,
        columns={"Revenue": money, "Cost": money, "Profit": money, "Growth": growth},
    )


def _by_channel() -> barchart.Panel:
    about = About(
        "Revenue of 30 days by channel",
        "Which channels earn most; a click opens the channel.",
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
limit 20"""
    link = ("Open on YouTube", f"https://www.youtube.com/channel/{row_field('YouTube id')}")
    return bar_panel(about, sql, category="Channel", color="green", link=link, decimals=2)


def _channels() -> table.Panel:
    about = About(
        "Channels compared",
        "What each channel earns and costs, how it grows, and how far its own target is.",
        "30 report days up to the last known; growth is on the 30 days before, empty while those "
        "are not wholly reported. RPM is revenue of 1,000 views, ROI profit over cost. Of target: "
        "revenue of this month over the channel's monthly target.",
        ("marts.channel_performance",),
        "currencyUSD",
        "No channel yet",
    )
    sql = """\
select
    channel_name as "Channel",
    revenue_30d_usd as "Revenue",
    revenue_growth_30d as "Growth",
    rpm_30d as "RPM",
    cost_30d_usd as "Cost",
    profit_30d_usd as "Profit",
    roi_30d as "ROI",
    target_progress_rate as "Of target"
from marts.channel_performance
order by revenue_30d_usd desc nulls last, channel_id"""
    money = Column(unit="currencyUSD", decimals=2, width=90)
    share = Column(unit="percentunit", decimals=0, width=90)
    return table_panel(
        about,
        sql,
        columns={
            "Revenue": money,
            "Growth": Column(unit="percentunit", decimals=1, width=90, steps=_GROWTH_STEPS),
            "RPM": Column(unit="currencyUSD", decimals=2, width=80),
            "Cost": money,
            "Profit": money,
            "ROI": share,
            "Of target": share,
        },
    )
