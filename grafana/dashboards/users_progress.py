"""The User success dashboard's progress: where users stand, and where they are going."""

from __future__ import annotations

from grafana_foundation_sdk.builders import bargauge, piechart, stat, table, timeseries

from grafana.about import About
from grafana.dashboards.house import CHANNELS_UID, GROWTH, HIDDEN, tile
from grafana.layout import Band, Section
from grafana.panels import (
    Column,
    Step,
    bar_gauge_panel,
    pie_panel,
    row_field,
    table_panel,
    time_series_panel,
)

THESE_USERS = "user_id::text in (${user:sqlstring})"
_PROGRESS = "marts.user_revenue_progress"
_NOW = "Chosen users, the running month; the time range does not matter."
_NOBODY = "No users were chosen"
# The words and bounds of the seeds revenue_status_thresholds and success_tier_thresholds.
STATUS_COLORS = {
    "Target achieved": "green",
    "On track": "blue",
    "Needs optimization": "yellow",
    "Just started": "orange",
}
TIER_COLORS = {
    "Goal achieved": "green",
    "Almost there": "light-green",
    "On track": "blue",
    "Growing": "yellow",
    "Getting started": "orange",
}
_STATUS_STEPS = (Step(None, "orange"), Step(0.1, "yellow"), Step(0.5, "blue"), Step(1, "green"))


def words(column: str) -> str:
    """Write a status or tier of the marts in words."""
    return f"upper(left({column}, 1)) || lower(replace(substr({column}, 2), '_', ' '))"


def headlines() -> Section:
    """Give the section of the figures on top."""
    return Section("Where do the users stand?", [Band(4, [(4, panel) for panel in _tiles()])])


def sections() -> list[Section]:
    """Give the sections on users' progress."""
    return [
        Section(
            "How far are they from 10,000 USD?",
            [
                Band(10, [(10, _bars()), (7, _statuses()), (7, _tiers())]),
                Band(13, [(24, _users())]),
            ],
        ),
        Section("How do they get on?", [Band(8, [(12, _earning()), (12, _months())])]),
    ]


def _tiles() -> list[stat.Panel]:
    success = "marts.user_success_metrics"
    return [
        _tile("Users", "count(*)", "Users of the platform, whatever their account's state."),
        _tile(
            "At their target",
            "count(*) filter (where revenue_status = 'TARGET_ACHIEVED')",
            "Users whose channels have earned 10,000 USD or more this month.",
        ),
        _tile(
            "On track",
            "count(*) filter (where revenue_status = 'ON_TRACK')",
            "Users whose channels have earned 5,000 to 10,000 USD this month.",
        ),
        _tile(
            "Revenue this month",
            "sum(revenue_month_to_date_usd)",
            "Estimated YouTube revenue of the month's report days; the last two or three are not "
            "reported yet.",
            unit="currencyUSD",
        ),
        _tile(
            "Forecast of the month",
            "sum(forecast_month_end_usd)",
            "Run rate: the month to date, plus the average reported day of the last 30 for each "
            "day to come.",
            unit="currencyUSD",
        ),
        tile(
            "Within an hour a week",
            "select count(*) filter (where is_within_hours_target)::numeric / "
            f"nullif(count(is_within_hours_target), 0) as share from {success} "
            f"where {THESE_USERS}",
            "Share of the chosen users who spend less than an hour a week with the platform.",
            "Users whose average of the last four whole weeks is below 1 hour, over those of "
            "whom it is known.",
            (success,),
            "Not known",
            unit="percentunit",
            decimals=0,
        ),
    ]


def _tile(title: str, figure: str, definition: str, unit: str = "locale") -> stat.Panel:
    sql = f'select {figure} as "{title}" from {_PROGRESS} where {THESE_USERS}'
    return tile(title, sql, _NOW, definition, (_PROGRESS,), "Not known", unit=unit)


def _bars() -> bargauge.Panel:
    about = About(
        "Progress to the target",
        "How much of their monthly target the users have earned so far, the first 15.",
        "Estimated YouTube revenue of the month to date / the user's target (10,000 USD unless "
        "set otherwise). Yellow from 10%, blue from 50%, green when reached.",
        (_PROGRESS,),
        "percentunit",
        _NOBODY,
    )
    sql = f"""\
select
    email as "User",
    progress_rate as "Progress"
from {_PROGRESS}
where {THESE_USERS} and progress_rate is not null
order by progress_rate desc, email
limit 15"""
    return bar_gauge_panel(about, sql, maximum=1, steps=_STATUS_STEPS, decimals=0)


def _parts(title: str, column: str, bounds: str, colors: dict[str, str]) -> piechart.Panel:
    about = About(
        title,
        f"How many of the chosen users stand where, by their {title.split()[-1]}.",
        f"By the revenue of the month to date in USD: {bounds}. {_NOW}",
        (_PROGRESS,),
        "short",
        _NOBODY,
    )
    sql = f"""\
select
    {words(column)} as "Users by",
    count(*) as "Users"
from {_PROGRESS}
where {THESE_USERS}
group by {column}
order by min(revenue_month_to_date_usd) desc"""
    return pie_panel(about, sql, colors=colors)


def _statuses() -> piechart.Panel:
    bounds = "target achieved from 10,000, on track from 5,000, needs optimization from 1,000"
    return _parts("Users by status", "revenue_status", bounds, STATUS_COLORS)


def _tiers() -> piechart.Panel:
    bounds = "goal achieved from 10,000, almost there from 7,500, on track from 5,000, growing "
    bounds += "from 2,500"
    return _parts("Users by tier", "success_tier", bounds, TIER_COLORS)


def _users() -> table.Panel:
    about = About(
        "All users",
        "Every chosen user's way to the target, the furthest first; a click shows the channels.",
        "Growth: 30 report days against the 30 before, empty where those are not all reported. "
        "Months and days to the goal at that growth: 0 when reached, empty when not growing. "
        "Forecast: run rate of the running month. Profit: revenue less the ledger's cost. Hours "
        "a week: average of the last four whole weeks.",
        (_PROGRESS, "marts.user_success_metrics"),
        "currencyUSD",
        _NOBODY,
    )
    sql = f"""\
select
    progress.email as "User",
    {words("progress.revenue_status")} as "Status",
    {words("progress.success_tier")} as "Tier",
    progress.revenue_month_to_date_usd as "This month",
    progress.target_revenue_usd as "Target",
    progress.progress_rate as "Progress",
    progress.forecast_month_end_usd as "Forecast",
    progress.revenue_growth_rate as "Growth",
    progress.months_to_goal as "Months to go",
    progress.days_to_goal as "Days to go",
    progress.profit_month_to_date_usd as "Profit",
    progress.active_channels as "Channels",
    progress.videos_month_to_date as "Videos",
    success.weekly_hours_spent as "Hours a week",
    progress.user_id::text as "user id"
from {_PROGRESS} as progress
left join marts.user_success_metrics as success on progress.user_id = success.user_id
where progress.{THESE_USERS}
order by progress.revenue_month_to_date_usd desc nulls last, progress.email"""
    channels = f"/d/{CHANNELS_UID}?var-user={row_field('user id')}"
    hours = (Step(None, "green"), Step(1, "yellow"))
    money = Column(unit="currencyUSD", width=95)
    return table_panel(
        about,
        sql,
        columns={
            "User": Column(link=("Show the channels", channels)),
            "Status": Column(width=150, colors=STATUS_COLORS),
            "Tier": Column(width=125, colors=TIER_COLORS),
            "This month": money,
            "Target": money,
            "Progress": Column(unit="percentunit", decimals=0, width=85, steps=_STATUS_STEPS),
            "Forecast": money,
            "Growth": GROWTH,
            "Months to go": Column(unit="none", decimals=1, width=105),
            "Days to go": Column(unit="locale", width=90),
            "Profit": money,
            "Channels": Column(unit="locale", width=85),
            "Videos": Column(unit="locale", width=75),
            "Hours a week": Column(unit="none", decimals=1, width=110, steps=hours),
            "user id": HIDDEN,
        },
    )


def _earning() -> timeseries.Panel:
    source = "marts.fct_user_days"
    about = About(
        "Revenue and cost of the chosen users",
        "What their channels earn a day, and what their videos cost.",
        "Sums over the users by report day (Pacific). Revenue that is not known adds nothing and "
        "is restated for weeks; cost is the call ledger's.",
        (source,),
        "currencyUSD",
        "No report days in this time range",
    )
    sql = f"""\
select
    date_day::timestamp as "time",
    sum(revenue_usd) as "Revenue",
    sum(cost_usd) as "Cost"
from {source}
where {THESE_USERS} and $__timeFilter(date_day)
group by date_day
order by date_day"""
    return time_series_panel(about, sql, colors={"Revenue": "green", "Cost": "orange"})


def _months() -> timeseries.Panel:
    source = "marts.fct_user_days"
    about = About(
        "Users at 5,000 and 10,000 a month",
        "How many of the chosen users earned so much in the 30 days up to each day.",
        "Users whose revenue of the 30 Pacific days that end with the day is 5,000 or 10,000 USD "
        "or more; days that are not known add nothing, so that it is never too many.",
        (source,),
        "short",
        "No report days in this time range",
    )
    sql = f"""\
select
    date_day::timestamp as "time",
    count(*) filter (where revenue_trailing_30d_usd >= 5000) as "At 5,000",
    count(*) filter (where revenue_trailing_30d_usd >= 10000) as "At 10,000"
from {source}
where {THESE_USERS} and $__timeFilter(date_day)
group by date_day
order by date_day"""
    return time_series_panel(
        about, sql, colors={"At 5,000": "blue", "At 10,000": "green"}, decimals=0
    )
