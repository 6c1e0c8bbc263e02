"""The Channel performance dashboard's lines: the course of the chosen channel."""

from __future__ import annotations

from grafana_foundation_sdk.builders import timeseries

from grafana.about import About
from grafana.dashboards.channels_figures import THIS_CHANNEL
from grafana.layout import Band, Section
from grafana.panels import time_series_panel

_TRENDS = "marts.channel_day_trends"
_DAYS = "marts.fct_channel_days"


def section() -> Section:
    """Give the section on how the chosen channel develops."""
    return Section(
        "How does it develop?",
        [
            Band(8, [(12, _subscribers()), (12, _velocity())]),
            Band(8, [(12, _revenue_and_target()), (12, _revenue_and_cost())]),
            Band(8, [(12, _views()), (12, _click_through())]),
        ],
    )


def _line(
    about: About, columns: dict[str, str], colors: dict[str, str], *, bars: tuple[str, ...] = ()
) -> timeseries.Panel:
    """Draw columns of the chosen channel's days, from the one mart that `about` names."""
    chosen = ",\n".join(f'    {column} as "{name}"' for name, column in columns.items())
    sql = f"""\
select
    date_day::timestamp as "time",
{chosen}
from {about.sources[0]}
where {THIS_CHANNEL} and $__timeFilter(date_day)
order by date_day"""
    return time_series_panel(about, sql, colors=colors, bars=bars)


def _days(title: str, shows: str, definition: str, source: str, unit: str) -> About:
    days = "By report day (Pacific), within the time range."
    empty = "No report days in this time range"
    return About(title, f"{shows} {days}", definition, (source,), unit, empty)


def _subscribers() -> timeseries.Panel:
    about = _days(
        "Subscriber growth",
        "Subscribers that the channel has won since its first report.",
        "Gained less lost, added up. The public count is rounded and cannot draw the line.",
        _TRENDS,
        "short",
    )
    columns = {"Won since the first report": "subscribers_net_so_far"}
    return _line(about, columns, {"Won since the first report": "purple"})


def _velocity() -> timeseries.Panel:
    about = _days(
        "View velocity",
        "How fast the channel gathers views.",
        "Views of the seven days that end on the day / 168 hours: free of the rhythm of the "
        "week. Empty until seven days are known.",
        _TRENDS,
        "short",
    )
    return _line(about, {"Views an hour": "views_per_hour_7d"}, {"Views an hour": "blue"})


def _revenue_and_target() -> timeseries.Panel:
    about = _days(
        "Revenue against target",
        "Revenue of the month so far beside what the target asks for by that day.",
        "Both begin anew with each month. The target so far is the monthly target x days of the "
        "month so far / its days. Days whose revenue is not known are gaps.",
        _TRENDS,
        "currencyUSD",
    )
    columns = {"Revenue": "month_revenue_so_far_usd", "Target": "month_target_so_far_usd"}
    return _line(about, columns, {"Revenue": "green", "Target": "text"})


def _revenue_and_cost() -> timeseries.Panel:
    about = _days(
        "Revenue and cost",
        "What the channel earned a day, and what its videos cost.",
        "Estimated revenue, restated for weeks, beside the ledger's cost by UTC day, failed and "
        "retried videos included. A day whose revenue is not known is a gap.",
        _DAYS,
        "currencyUSD",
    )
    columns = {"Revenue": "revenue_usd", "Cost": "cost_usd"}
    return _line(about, columns, {"Revenue": "green", "Cost": "orange"})


def _views() -> timeseries.Panel:
    about = _days(
        "Views a day",
        "How much the channel was watched a day.",
        "Views as YouTube reports them, since August 2026 from the first frame on; engaged views "
        "keep the older meaning. The last days are restated.",
        _DAYS,
        "short",
    )
    columns = {"Views": "views", "Engaged views": "engaged_views"}
    return _line(about, columns, {"Views": "blue", "Engaged views": "orange"}, bars=("Views",))


def _click_through() -> timeseries.Panel:
    about = _days(
        "Click-through, engagement",
        "How many who see a thumbnail click, and how many who watch react.",
        "Click-through is thumbnail clicks / impressions, empty without a bulk report; "
        "engagement is (likes + comments + shares) / views.",
        _DAYS,
        "percentunit",
    )
    columns = {"Click-through": "click_through_rate", "Engagement": "engagement_rate"}
    return _line(about, columns, {"Click-through": "blue", "Engagement": "purple"})
