"""The Finance dashboard's recurring revenue: its movements, its rates, whose it is."""

from __future__ import annotations

from grafana_foundation_sdk.builders import table, timeseries

from grafana.about import About
from grafana.dashboards.house import GROWTH, SHARE, USD, user_link
from grafana.layout import Band, Section
from grafana.panels import Column, table_panel, time_series_panel

_MRR = "marts.mrr_monthly"
_EMPTY = "No subscription has begun in this time range"
_MOVEMENTS = {
    "New": ("new_mrr", "green"),
    "Expansion": ("expansion_mrr", "blue"),
    "Reactivation": ("reactivation_mrr", "purple"),
    "Contraction": ("-contraction_mrr", "yellow"),
    "Churn": ("-churned_mrr", "red"),
}


def sections() -> list[Section]:
    """Give the sections on recurring revenue."""
    return [
        Section(
            "How does recurring revenue move?",
            [
                Band(9, [(12, _movements()), (12, _mrr())]),
                Band(8, [(12, _rates()), (12, _churn())]),
                Band(11, [(24, _months())]),
            ],
        ),
        Section("Whose revenue moved?", [Band(9, [(24, _users())])]),
    ]


def _series(about: About, columns: dict[str, str]) -> str:
    listed = ",\n".join(f'    {column} as "{name}"' for name, column in columns.items())
    return f"""\
select
    month_start::timestamp as "time",
{listed}
from {about.sources[0]}
where $__timeFilter(month_start)
order by month_start"""


def _movements() -> timeseries.Panel:
    about = About(
        "MRR movements",
        "What made MRR grow or shrink, month by month: gains upwards, losses downwards.",
        "Each user's change of MRR on the month before has one name: new, reactivation (back "
        "after a pause), expansion, contraction or churn. Opening MRR plus all movements is "
        "closing MRR. The running month is not over.",
        (_MRR,),
        "currencyUSD",
        _EMPTY,
    )
    sql = _series(about, {name: column for name, (column, _) in _MOVEMENTS.items()})
    colors = {name: color for name, (_, color) in _MOVEMENTS.items()}
    return time_series_panel(about, sql, colors=colors, bars=tuple(colors), stacked=True)


def _mrr() -> timeseries.Panel:
    about = About(
        "MRR by month",
        "Subscriptions and overage, and their total, at each month's end.",
        "Base is subscriptions in force, normalised to a month and net of discounts; overage "
        "what customers used above their plan. The running month as it stands.",
        (_MRR,),
        "currencyUSD",
        _EMPTY,
    )
    sql = _series(about, {"Base": "base_mrr", "Overage": "overage_mrr", "Total": "total_mrr"})
    return time_series_panel(
        about,
        sql,
        colors={"Base": "blue", "Overage": "orange", "Total": "text"},
        bars=("Base", "Overage"),
        stacked=True,
    )


def _rates() -> timeseries.Panel:
    about = About(
        "Revenue retention",
        "How much of the revenue that a month began with it ended with, new users apart.",
        "Net: (opening + expansion - contraction - churned MRR) / opening MRR, which may exceed "
        "100%. Gross: the same without expansion. Empty where the month opened with none.",
        (_MRR,),
        "percentunit",
        _EMPTY,
    )
    sql = _series(about, {"Net": "net_revenue_retention", "Gross": "gross_revenue_retention"})
    return time_series_panel(about, sql, colors={"Net": "green", "Gross": "blue"})


def _churn() -> timeseries.Panel:
    about = About(
        "Churn",
        "How much of its revenue and of its customers a month lost.",
        "Revenue: (churned + contraction MRR) / opening MRR. Customers: users who ceased to pay "
        "/ users who paid at its beginning. Empty where there was nothing to lose.",
        (_MRR,),
        "percentunit",
        _EMPTY,
    )
    sql = _series(about, {"Revenue": "gross_churn_rate", "Customers": "logo_churn_rate"})
    return time_series_panel(about, sql, colors={"Revenue": "red", "Customers": "orange"})


def _months() -> table.Panel:
    about = About(
        "Month by month",
        "Opening MRR, every movement and closing MRR, with the rates that follow from them.",
        "Opening + new + reactivation + expansion - contraction - churn = closing, to the cent. "
        "ARPA is MRR / paying users; the quick ratio what was won over what was lost. The "
        "running month is marked: it is not over.",
        (_MRR,),
        "currencyUSD",
        _EMPTY,
    )
    sql = f"""\
select
    to_char(month_start, 'YYYY-MM') || case when is_complete_month then '' else ' *' end
        as "Month",
    opening_mrr as "Opening",
    new_mrr as "New",
    reactivation_mrr as "Reactivation",
    expansion_mrr as "Expansion",
    contraction_mrr as "Contraction",
    churned_mrr as "Churn",
    closing_mrr as "Closing",
    mrr_growth_rate as "Growth",
    net_revenue_retention as "NRR",
    gross_revenue_retention as "GRR",
    logo_churn_rate as "Left",
    quick_ratio as "Quick ratio",
    paying_users as "Paying",
    arpa as "ARPA"
from {_MRR}
where $__timeFilter(month_start)
order by month_start desc"""
    rate = Column(unit="percentunit", decimals=1)
    return table_panel(
        about,
        sql,
        columns={
            "Month": Column(width=100),
            "Growth": GROWTH,
            "NRR": rate,
            "GRR": rate,
            "Left": SHARE,
            "Quick ratio": Column(unit="none", decimals=2),
            "Paying": Column(unit="locale"),
        },
    )


def _users() -> table.Panel:
    about = About(
        "Movements by user",
        "Who came, grew, shrank or left, the latest first; a click opens the user.",
        "One movement a user and month, of the user's whole MRR, overage included. Months "
        "without a change are left out; the latest 100.",
        ("marts.fct_mrr_movements", "marts.dim_users"),
        "currencyUSD",
        "Nobody's MRR moved in this time range",
    )
    sql = """\
select
    to_char(movements.month_start, 'YYYY-MM') as "Month",
    users.email as "User",
    users.subscription_tier as "Plan now",
    initcap(movements.mrr_movement) as "Movement",
    movements.opening_mrr as "Opening",
    movements.mrr_change as "Change",
    movements.closing_mrr as "Closing",
    movements.user_id::text as "user id"
from marts.fct_mrr_movements as movements
inner join marts.dim_users as users on movements.user_id = users.user_id
where movements.mrr_movement <> 'none' and $__timeFilter(movements.month_start)
order by movements.month_start desc, abs(movements.mrr_change) desc, movements.user_id
limit 100"""
    colors = {name: color for name, (_, color) in _MOVEMENTS.items()}
    return table_panel(
        about,
        sql,
        columns={
            "Month": Column(width=100),
            "User": Column(link=user_link()),
            "Plan now": Column(width=120),
            "Movement": Column(width=130, colors=colors),
            "Opening": USD,
            "Change": USD,
            "Closing": USD,
            "user id": Column(hidden=True),
        },
    )
