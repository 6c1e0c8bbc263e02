"""The tiles on top of the Executive dashboard, most from the one row of `executive_overview`."""

from __future__ import annotations

from collections.abc import Sequence

from grafana_foundation_sdk.builders.stat import Panel

from grafana.about import About
from grafana.dashboards.executive_health import (
    channels_in_danger,
    missed_targets,
    revenue_of_last_day,
    system_health,
)
from grafana.dashboards.house import (
    CHANNELS_UID,
    COST_STEPS,
    COSTS_UID,
    FINANCE_UID,
    SIGN_STEPS,
    USERS_UID,
)
from grafana.layout import Band, Section
from grafana.panels import Step, stat_panel

SOURCE = "marts.executive_overview"
_NOW = "State at the last build of the marts; the time range does not matter."
_EMPTY = "Not built yet"

_FINANCE = ("Open Finance", f"/d/{FINANCE_UID}")
_CHANNELS = ("Open Channel performance", f"/d/{CHANNELS_UID}")
_COSTS = ("Open Cost analysis", f"/d/{COSTS_UID}")
_USERS = ("Open User success", f"/d/{USERS_UID}")
_DETAILS = {
    "total_mrr": _FINANCE,
    "last_month_mrr_growth_rate": _FINANCE,
    "paying_users": _FINANCE,
    "active_users": _USERS,
    "revenue_month_to_date_usd": _USERS,
    "active_channels": _CHANNELS,
    "revenue_30d_usd": _CHANNELS,
    "videos_today": ("Open Video generation", "/d/ytempire-generation"),
    "average_cost_per_video_30d_usd": _COSTS,
    "share_of_videos_at_target_cost_30d": _COSTS,
}
# The specification's scale for MRR.
_MRR_STEPS = (Step(None, "red"), Step(50_000, "yellow"), Step(100_000, "green"))


def section() -> Section:
    """Give the section: the figures that matter, and below each what explains it."""
    return Section(
        "Where do we stand?",
        [
            Band(4, [(3, panel) for panel in [*_headlines(), system_health()]]),
            Band(3, [(3, panel) for panel in [*_explanations(), missed_targets()]]),
        ],
    )


def _headlines() -> list[Panel]:
    return [
        _tile(
            "MRR",
            "total_mrr",
            "Monthly recurring revenue of the platform in the running month.",
            "Base subscriptions in force, normalised to a month and net of discounts, plus "
            "overage of the customers who have one. Read from invoice lines, never from today's "
            "prices. Red below 50,000, green from 100,000 USD.",
            unit="currencyUSD",
            decimals=0,
            steps=_MRR_STEPS,
        ),
        _tile(
            "Active users",
            "active_users",
            "Users of the platform whose account is active.",
            "Platform users with status active, beta users included, paying or not.",
        ),
        _tile(
            "Total channels",
            "active_channels",
            "YouTube channels that are run on the platform.",
            "Channels with status active, of all users.",
        ),
        _tile(
            "Videos today",
            "videos_today",
            "Videos published today.",
            "Videos on YouTube published since midnight UTC.",
        ),
        revenue_of_last_day(),
        _tile(
            "Revenue of 30 days",
            "revenue_30d_usd",
            "What all channels earned on YouTube.",
            "Estimated revenue of the 30 report days that end at the last report day known (see "
            "the tile YouTube reports up to). YouTube restates a day's revenue for weeks.",
            unit="currencyUSD",
        ),
        _tile(
            "Average cost a video",
            "average_cost_per_video_30d_usd",
            "What it costs to make a video, failed and retried jobs included.",
            "Whole cost, by the call ledger, of the videos published in the last 30 days, over "
            "those that have a cost. Yellow from 2.50, red from 3.00 USD, the most a video may "
            "cost.",
            unit="currencyUSD",
            decimals=2,
            steps=COST_STEPS,
        ),
    ]


def _explanations() -> list[Panel]:
    return [
        _tile(
            "MRR growth, last month",
            "last_month_mrr_growth_rate",
            "How MRR changed over the last month that is complete.",
            "(closing MRR - opening MRR) / opening MRR of that month. Empty when it opened with "
            "none.",
            unit="percentunit",
            decimals=1,
            steps=SIGN_STEPS,
            empty="No full month yet",
        ),
        _tile(
            "Paying users",
            "paying_users",
            "Users with a subscription in force that they pay for.",
            "Users whose MRR is above zero; a beta subscription of 0 USD does not count.",
        ),
        channels_in_danger(),
        _tile(
            "Videos of 7 days",
            "videos_7d",
            "Videos published in the last seven days.",
            "Videos on YouTube published in seven days (UTC), today included.",
        ),
        _report_day(),
        _tile(
            "Revenue this month",
            "revenue_month_to_date_usd",
            "What all channels have earned on YouTube in the running month.",
            "Estimated revenue of this month's report days so far; the last two or three are not "
            "reported yet.",
            unit="currencyUSD",
        ),
        _tile(
            "Videos within cost target",
            "share_of_videos_at_target_cost_30d",
            "Share of videos that cost at most 3.00 USD.",
            "Videos published in the last 30 days at or below 3.00 USD, over those that have a "
            "cost.",
            unit="percentunit",
            decimals=1,
            empty="No videos in 30 days",
        ),
    ]


def _tile(
    title: str,
    column: str,
    shows: str,
    definition: str,
    *,
    unit: str = "locale",
    decimals: int | None = None,
    steps: Sequence[Step] = (),
    empty: str = _EMPTY,
) -> Panel:
    about = About(title, f"{shows} {_NOW}", definition, (SOURCE,), unit, empty)
    sql = f'select {column} as "{title}" from {SOURCE}'
    return stat_panel(about, sql, steps=steps, decimals=decimals, link=_DETAILS.get(column))


def _report_day() -> Panel:
    title = "YouTube reports up to"
    about = About(
        title,
        f"The last day that YouTube has reported. {_NOW}",
        "Days are Pacific days; reports come two to three days late, so this is not a fault.",
        (SOURCE,),
        "string",
        "No reports yet",
    )
    sql = f"select to_char(last_report_date, 'YYYY-MM-DD') as \"{title}\" from {SOURCE}"
    return stat_panel(about, sql, text_field=title)
