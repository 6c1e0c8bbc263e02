"""The Finance dashboard's margin: what is left of revenue, of a video, and the books."""

from __future__ import annotations

from grafana_foundation_sdk.builders import table, timeseries

from grafana.about import About
from grafana.dashboards.house import ROUND_USD, USD
from grafana.layout import Band, Section
from grafana.panels import Column, Step, table_panel, time_series_panel

_MARGIN = "marts.gross_margin_monthly"
_VIDEOS = "marts.video_unit_economics"
_BOOKS = "marts.revenue_reconciliation"
_NOTHING = "No revenue in this time range"


def sections() -> list[Section]:
    """Give the sections on margin and on the books."""
    return [
        Section(
            "What is left of it?",
            [
                Band(8, [(12, _profit()), (12, _margin())]),
                Band(7, [(24, _unit_economics())]),
            ],
        ),
        Section("Do the books agree?", [Band(11, [(24, _reconciliation())])]),
    ]


def _profit() -> timeseries.Panel:
    about = About(
        "Revenue and cost of delivery",
        "What the platform earned a month, and what it cost to deliver it.",
        "Revenue as it is earned, less refunds; the running month up to now. Cost of delivery is "
        "the whole call ledger, the platform's own servers and payment fees; it is not known "
        "before the ledger's first entry.",
        (_MARGIN,),
        "currencyUSD",
        _NOTHING,
    )
    sql = f"""\
select
    month_start::timestamp as "time",
    platform_revenue_usd as "Revenue",
    cost_of_delivery_usd as "Cost of delivery",
    gross_profit_usd as "Gross profit"
from {_MARGIN}
where $__timeFilter(month_start)
order by month_start"""
    return time_series_panel(
        about,
        sql,
        colors={"Revenue": "green", "Cost of delivery": "orange", "Gross profit": "text"},
        bars=("Revenue",),
    )


def _margin() -> timeseries.Panel:
    about = About(
        "Gross margin",
        "The share of revenue that is left after delivery.",
        "(platform revenue - cost of delivery) / platform revenue of the month, and of the 12 "
        "months that end with it, over those whose cost is known.",
        (_MARGIN,),
        "percentunit",
        "The cost of delivery is not known in this time range",
    )
    sql = f"""\
select
    month_start::timestamp as "time",
    gross_margin_rate as "Month",
    gross_margin_rate_12m as "12 months"
from {_MARGIN}
where $__timeFilter(month_start)
order by month_start"""
    colors = {"Month": "blue", "12 months": "text"}
    return time_series_panel(about, sql, colors=colors, bars=("Month",))


def _unit_economics() -> table.Panel:
    about = About(
        "Unit economics of a video",
        "What a video brings on YouTube, what it costs, and what is left, by how it is made.",
        "Videos published in the time range whose revenue and cost are both known: sums over "
        "their number. ROI is (revenue - cost) / cost of all of them.",
        (_VIDEOS,),
        "currencyUSD",
        "No video with known revenue and cost in this time range",
    )
    sql = f"""\
select
    replace(generation_method, '_', ' ') as "Method",
    count(*) as "Videos",
    sum(revenue_usd) / count(*) as "Revenue",
    sum(ai_cost_usd) / count(*) as "AI",
    sum(data_cost_usd) / count(*) as "Data",
    sum(overhead_cost_usd) / count(*) as "Overhead",
    sum(cost_usd) / count(*) as "Cost",
    sum(profit_usd) / count(*) as "Profit",
    sum(profit_usd) / nullif(sum(cost_usd), 0) as "ROI"
from {_VIDEOS}
where profit_usd is not null and $__timeFilter(published_date)
group by generation_method
order by sum(profit_usd) / count(*) desc, generation_method"""
    roi = (Step(None, "red"), Step(0, "green"))
    return table_panel(
        about,
        sql,
        columns={
            "Videos": Column(unit="locale", width=100),
            "Revenue": USD,
            "AI": USD,
            "Data": USD,
            "Overhead": USD,
            "Cost": USD,
            "Profit": USD,
            "ROI": Column(unit="percentunit", decimals=0, width=110, steps=roi),
        },
    )


def _reconciliation() -> table.Panel:
    about = About(
        "Revenue reconciliation",
        "What was invoiced, collected and earned, month by month, and whether it adds up.",
        "Difference: totals of Stripe's paid and open invoices - the sum of the lines that "
        "revenue is recognised from (recognised and deferred); 0 when every invoice is held with "
        "all its lines. The target is below 1%.",
        (_BOOKS,),
        "currencyUSD",
        "Nothing was invoiced in this time range",
    )
    sql = f"""\
select
    to_char(month_start, 'YYYY-MM') as "Month",
    currency as "Currency",
    invoices as "Invoices",
    invoiced_amount as "Invoiced",
    credit_notes_amount as "Credit notes",
    collected_amount as "Collected",
    refunded_amount as "Refunded",
    net_collected_amount as "Net collected",
    recognised_amount as "Recognised",
    deferred_amount as "Deferred",
    revenue_difference_amount as "Difference",
    revenue_difference_rate as "Rate",
    case when is_reconciled then 'yes' else 'no' end as "Agrees"
from {_BOOKS}
where $__timeFilter(month_start)
order by month_start desc, currency"""
    return table_panel(
        about,
        sql,
        columns={
            "Month": Column(width=100),
            "Currency": Column(width=90),
            "Invoices": Column(unit="locale", width=90),
            "Difference": ROUND_USD,
            "Rate": Column(unit="percentunit", decimals=2, width=80),
            "Agrees": Column(width=80, colors={"yes": "green", "no": "red"}),
        },
    )
