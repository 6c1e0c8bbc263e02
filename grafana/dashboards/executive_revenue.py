"""The Executive dashboard's revenue: subscriptions by month, YouTube revenue by day and tier."""

from __future__ import annotations

from grafana_foundation_sdk.builders import piechart, timeseries

from grafana.about import About
from grafana.dashboards.house import TIER_COLORS
from grafana.layout import Band, Section
from grafana.panels import pie_panel, time_series_panel


def sections() -> list[Section]:
    """Give the sections on the two kinds of revenue."""
    return [
        Section(
            "How does subscription revenue grow?",
            [Band(9, [(12, _mrr_growth()), (12, _mrr_movements())])],
        ),
        Section(
            "What do the channels earn?",
            [Band(9, [(14, _revenue_trend()), (10, _revenue_by_tier())])],
        ),
    ]


def _mrr_growth() -> timeseries.Panel:
    about = About(
        "MRR growth",
        "MRR of the last twelve months: subscriptions and overage, and their total.",
        "MRR in force at each month's end, for the running month now. Base is subscriptions "
        "normalised to a month, overage what customers used above their plan.",
        ("marts.mrr_monthly",),
        "currencyUSD",
        "No subscription has begun in these twelve months",
    )
    sql = """\
select
    month_start::timestamp as "time",
    base_mrr as "Base",
    overage_mrr as "Overage",
    total_mrr as "Total"
from marts.mrr_monthly
where $__timeFilter(month_start)
order by month_start"""
    return time_series_panel(
        about,
        sql,
        colors={"Base": "blue", "Overage": "orange", "Total": "text"},
        bars=("Base", "Overage"),
        stacked=True,
        range_="1y",
    )


def _mrr_movements() -> timeseries.Panel:
    about = About(
        "MRR movements",
        "What made MRR grow or shrink, month by month: gains upwards, losses downwards.",
        "Each user's change of MRR on the month before has one name: new, reactivation (back "
        "after a pause), expansion, contraction or churn. Opening MRR plus all movements is "
        "closing MRR. The running month is not over.",
        ("marts.mrr_monthly",),
        "currencyUSD",
        "No subscription has begun in these twelve months",
    )
    sql = """\
select
    month_start::timestamp as "time",
    new_mrr as "New",
    expansion_mrr as "Expansion",
    reactivation_mrr as "Reactivation",
    -contraction_mrr as "Contraction",
    -churned_mrr as "Churn"
from marts.mrr_monthly
where $__timeFilter(month_start)
order by month_start"""
    colors = {
        "New": "green",
        "Expansion": "blue",
        "Reactivation": "purple",
        "Contraction": "yellow",
        "Churn": "red",
    }
    return time_series_panel(
        about, sql, colors=colors, bars=tuple(colors), stacked=True, range_="1y"
    )


def _revenue_trend() -> timeseries.Panel:
    about = About(
        "Revenue trend",
        "What all channels earn on YouTube a day, and what making videos costs.",
        "Estimated revenue by report day (Pacific) beside the ledger's cost by day (UTC), up to "
        "the last day that YouTube has reported. A day's revenue is restated for weeks; one whose "
        "revenue is not known is a gap. Shows the dashboard's time range.",
        ("marts.platform_days",),
        "currencyUSD",
        "No report days in this time range",
    )
    sql = """\
select
    date_day::timestamp as "time",
    revenue_usd as "Revenue",
    cost_usd as "Cost"
from marts.platform_days
where $__timeFilter(date_day)
order by date_day"""
    return time_series_panel(about, sql, colors={"Revenue": "green", "Cost": "orange"})


def _revenue_by_tier() -> piechart.Panel:
    about = About(
        "Revenue by channel tier",
        "How the channels' revenue of 30 days is spread over their tiers.",
        "Tiers by a channel's own revenue of the 30 report days up to the last known: elite from "
        "10,000, growth from 5,000, established from 2,000, developing from 500 USD, struggling "
        "below. The time range does not matter.",
        ("marts.channel_performance",),
        "currencyUSD",
        "No channel has reported revenue",
    )
    sql = """\
select
    initcap(performance_tier) as "Tier",
    sum(revenue_30d_usd) as "Revenue"
from marts.channel_performance
where performance_tier is not null
group by performance_tier
having sum(revenue_30d_usd) is not null
order by sum(revenue_30d_usd) desc"""
    return pie_panel(about, sql, colors=TIER_COLORS)
