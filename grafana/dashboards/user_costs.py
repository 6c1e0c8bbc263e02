"""A user's Cost analysis: what videos cost and bring, and when they have paid for themselves."""

from __future__ import annotations

from collections.abc import Sequence

from grafana_foundation_sdk.builders import piechart, stat, timeseries

from grafana.about import About
from grafana.dashboards import user_costs_videos
from grafana.dashboards.frame import user_dashboard
from grafana.dashboards.user_costs_videos import COST_STEPS, PROFIT_STEPS
from grafana.layout import Band, Section
from grafana.normalise import Json
from grafana.panels import (
    Step,
    pie_panel,
    stat_panel,
    time_series_panel,
)

UID = "ytempire-my-costs"
SOURCE = "marts.user_costs"
_DAYS = "marts.fct_user_days"
_GROUP_COLORS = {"AI": "blue", "Data": "green", "Overhead": "orange"}


def build() -> Json:
    """Give the dashboard as Grafana's JSON."""
    return user_dashboard(
        UID,
        "Cost analysis",
        "What your videos cost, what they bring, and when they have paid for themselves. The mark "
        "beside a panel's title tells its definition.",
        [
            Section(
                "Do the videos pay?",
                [
                    Band(4, [(4, tile) for tile in _tiles()]),
                    Band(9, [(12, _break_even()), (12, _margin())]),
                ],
            ),
            Section(
                "What does a video cost?",
                [Band(9, [(14, _cost_by_week()), (10, _cost_groups())])],
            ),
            user_costs_videos.section(),
        ],
        refresh="1h",
        from_="now-90d",
    )


def _tiles() -> list[stat.Panel]:
    return [
        _tile(
            "Cost a video",
            "cost_per_video_usd",
            "What it costs you to make a video.",
            "All costs by the call ledger, failed videos included / videos published. Yellow from "
            "2.50, red from 3.00 USD, the most a video may cost.",
            decimals=2,
            steps=COST_STEPS,
        ),
        _tile(
            "Revenue a video",
            "revenue_total_usd / nullif(videos_published, 0)",
            "What a video has brought so far.",
            "Estimated revenue of all your channels / videos published on the platform.",
            decimals=2,
        ),
        _tile(
            "Profit so far",
            "profit_total_usd",
            "What your channels have earned less what the videos have cost.",
            "Estimated revenue of all your channels less all costs, failed videos included.",
            decimals=2,
            steps=PROFIT_STEPS,
        ),
        _tile(
            "ROI",
            "roi_total",
            "What a dollar spent has brought beyond itself.",
            "(revenue - cost) / cost, of all your videos.",
            unit="percentunit",
            steps=PROFIT_STEPS,
        ),
        _break_even_day(),
        _tile(
            "Views to break even",
            "break_even_views",
            "How many views pay for all that the videos have cost.",
            "Cost x views / revenue, at what a view of yours brings.",
            unit="locale",
            empty="No revenue yet",
        ),
    ]


def _tile(
    title: str,
    figure: str,
    shows: str,
    definition: str,
    *,
    unit: str = "currencyUSD",
    decimals: int | None = 0,
    steps: Sequence[Step] = (),
    empty: str = "No video published yet",
) -> stat.Panel:
    about = About(
        title, f"{shows} The time range does not matter.", definition, (SOURCE,), unit, empty
    )
    sql = f'select {figure} as "{title}" from {SOURCE}'
    return stat_panel(about, sql, steps=steps, decimals=decimals)


def _break_even_day() -> stat.Panel:
    title = "Break-even"
    about = About(
        title,
        "The day on which your revenue had paid for all costs, or in how many days it will have.",
        "The first Pacific day at whose end revenue so far covers cost so far; before it, the "
        "days until then at the profit of the last 30 report days. Empty while those bring no "
        "profit.",
        (SOURCE,),
        "string",
        "Not in sight yet",
    )
    sql = f"""\
select
    coalesce(
        to_char(break_even_date, 'YYYY-MM-DD'),
        'in ' || days_to_break_even || ' days'
    ) as "{title}"
from {SOURCE}"""
    return stat_panel(about, sql, text_field=title)


def _break_even() -> timeseries.Panel:
    about = About(
        "Revenue and cost so far",
        "Break-even is where the lines cross.",
        "Sum of all estimated revenue (Pacific report days) and of all costs (UTC days) from the "
        "beginning to the day.",
        (_DAYS,),
        "currencyUSD",
        "No report days in this time range",
    )
    sql = f"""\
select
    date_day::timestamp as "time",
    cumulative_revenue_usd as "Revenue so far",
    cumulative_cost_usd as "Cost so far"
from {_DAYS}
where $__timeFilter(date_day)
order by date_day"""
    return time_series_panel(
        about, sql, colors={"Revenue so far": "green", "Cost so far": "orange"}, decimals=0
    )


def _margin() -> timeseries.Panel:
    about = About(
        "Profit margin by week",
        "What part of the revenue is left after the cost of making videos.",
        "(revenue - cost) / revenue of the week's days whose revenue is known; the week is the "
        "one that begins on the Monday shown. Empty for a week without revenue.",
        (_DAYS, "marts.dim_dates"),
        "percentunit",
        "No report days in this time range",
    )
    sql = f"""\
select
    dates.week_start::timestamp as "time",
    sum(days.profit_usd) / nullif(sum(days.revenue_usd), 0) as "Profit margin"
from {_DAYS} as days
inner join marts.dim_dates as dates
    on days.date_day = dates.date_day
where $__timeFilter(days.date_day)
    and days.revenue_usd is not null
group by dates.week_start
order by dates.week_start"""
    return time_series_panel(
        about, sql, colors={"Profit margin": "green"}, bars=("Profit margin",), decimals=0
    )


def _cost_by_week() -> timeseries.Panel:
    about = About(
        "Cost and revenue a video, by week of publication",
        "What the videos published in a week cost on average, and have brought since.",
        "Cost and estimated revenue of the videos' whole life, averaged over those published in "
        "the week that begins on the Monday shown. Young videos have most of their revenue before "
        "them.",
        ("marts.video_unit_economics", "marts.dim_dates"),
        "currencyUSD",
        "No video was published in this time range",
    )
    sql = """\
select
    dates.week_start::timestamp as "time",
    avg(videos.cost_usd) as "Cost a video",
    avg(videos.revenue_usd) as "Revenue a video"
from marts.video_unit_economics as videos
inner join marts.dim_dates as dates
    on videos.published_date = dates.date_day
where $__timeFilter(videos.published_date)
group by dates.week_start
order by dates.week_start"""
    return time_series_panel(
        about, sql, colors={"Cost a video": "orange", "Revenue a video": "green"}, decimals=2
    )


def _cost_groups() -> piechart.Panel:
    about = About(
        "What the money is spent on",
        "AI (texts, voices, pictures), data (stock footage, other services), overhead (computing, "
        "storage, traffic).",
        "Sum of the call ledger by group, failed and retried jobs included, by the day (UTC) of "
        "the call. Of 3.00 USD a video, 1.50 are meant for AI, 0.65 for data, 0.85 for overhead.",
        ("marts.fct_video_costs",),
        "currencyUSD",
        "No cost was booked in this time range",
    )
    sql = """\
select
    case cost_group when 'ai' then 'AI' else initcap(cost_group) end as "Group",
    sum(cost_usd) as "Cost"
from marts.fct_video_costs
where $__timeFilter(cost_date)
group by cost_group
order by sum(cost_usd) desc"""
    return pie_panel(about, sql, colors=_GROUP_COLORS)
