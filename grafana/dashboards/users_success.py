"""The User success dashboard's goals by cohort, hours, and channels that need attention."""

from __future__ import annotations

from grafana_foundation_sdk.builders import table, timeseries

from grafana.about import About
from grafana.dashboards.house import HIDDEN, SEVERITY, channel_column
from grafana.dashboards.users_progress import THESE_USERS
from grafana.layout import Band, Section
from grafana.panels import Column, Step, table_panel, time_series_panel

_COHORTS = "marts.cohort_goals"
_GOALS = "marts.user_success_metrics"
_HOURS = "marts.fct_user_activity_weeks"
_ATTENTION = "marts.channels_needing_attention"
_COUNT = Column(unit="locale", width=90)
_DAYS = Column(unit="none", decimals=0, width=95)


def sections() -> list[Section]:
    """Give the sections on goals, on hours, and on channels."""
    return [
        Section(
            "Do they reach their goals in time?",
            [Band(10, [(12, _cohorts()), (12, _goals())])],
        ),
        Section(
            "What time does it take, and who needs help?",
            [Band(10, [(9, _hours()), (15, attention())])],
        ),
    ]


def _cohorts() -> table.Panel:
    about = About(
        "Goals by cohort",
        "Of the users who signed up in a month, the share that reached 5,000 USD a month by day "
        "45 and 10,000 by day 90. All users, whoever is chosen.",
        "Over the users of whom it is decided (their number stands before it). Successes are "
        "decided before failures, so a young cohort begins high. The aim by day 90 is 30%. The "
        "time range does not matter.",
        (_COHORTS,),
        "locale",
        "Nobody has signed up yet",
    )
    sql = f"""\
select
    to_char(cohort_month, 'YYYY-MM') as "Signed up",
    users as "Users",
    users_decided_5000 as "Decided",
    share_at_5000_by_day_45 as "5,000 by day 45",
    users_decided_10000 as "Decided too",
    share_at_10000_by_day_90 as "10,000 by day 90",
    average_revenue_30d_usd as "Revenue, 30 days"
from {_COHORTS}
order by cohort_month desc"""
    share = Column(unit="percentunit", decimals=0, width=130)
    aim = (Step(None, "red"), Step(0.3, "green"))
    return table_panel(
        about,
        sql,
        columns={
            "Signed up": Column(),
            "Users": Column(width=70),
            "Decided": _COUNT,
            "5,000 by day 45": share,
            "Decided too": Column(width=105),
            "10,000 by day 90": Column(unit="percentunit", decimals=0, width=140, steps=aim),
            "Revenue, 30 days": Column(unit="currencyUSD", width=140),
        },
    )


def _goals() -> table.Panel:
    about = About(
        "Goals by user",
        "When the chosen users were first at 5,000 and at 10,000 USD a month.",
        "The first Pacific day on which the revenue of 30 days was so much, and the days since "
        "signing up. Days are empty where it is not reached, and for who signed up before the "
        "first report that the warehouse has. The time range does not matter.",
        (_GOALS, "marts.dim_users"),
        "locale",
        "No users were chosen",
    )
    sql = f"""\
select
    users.email as "User",
    to_char(goals.signup_date, 'YYYY-MM-DD') as "Signed up",
    to_char(goals.reached_5000_date, 'YYYY-MM-DD') as "At 5,000",
    goals.days_to_5000_usd as "Days to it",
    to_char(goals.reached_10000_date, 'YYYY-MM-DD') as "At 10,000",
    goals.days_to_10000_usd as "Days to that",
    goals.revenue_30d_usd as "30 days"
from {_GOALS} as goals
inner join marts.dim_users as users on goals.user_id = users.user_id
where goals.{THESE_USERS}
order by goals.revenue_30d_usd desc nulls last, users.email"""
    date = Column(width=90)
    return table_panel(
        about,
        sql,
        columns={
            "Signed up": date,
            "At 5,000": date,
            "Days to it": _DAYS,
            "At 10,000": date,
            "Days to that": _DAYS,
            "30 days": Column(unit="currencyUSD", width=80),
        },
    )


def _hours() -> timeseries.Panel:
    about = About(
        "Hours a week",
        "What time the chosen users spend with the platform a week, on average and at most.",
        "Calls to the platform's API with no pause above 30 minutes are a session, with a minute "
        "for looking at what came last. Whole weeks, Monday to Sunday UTC; the average is over "
        "users with any call. The target is below 1 hour.",
        (_HOURS,),
        "none",
        "No whole week in this time range",
    )
    sql = f"""\
select
    week_start::timestamp as "time",
    avg(hours_spent) as "Average",
    max(hours_spent) as "Most"
from {_HOURS}
where is_complete_week and {THESE_USERS} and $__timeFilter(week_start)
group by week_start
order by week_start"""
    colors = {"Average": "blue", "Most": "orange"}
    return time_series_panel(about, sql, colors=colors, decimals=1)


def attention() -> table.Panel:
    """List the chosen users' channels that need attention."""
    about = About(
        "Channels needing attention",
        "The reasons to look at a channel, the gravest first; a click opens it.",
        "Active channels and rules with the thresholds of the seed attention_rules: views "
        "falling, subscribers lost, no upload, generation failing, cost above 3.00 USD, revenue "
        "below half the target, low health, no profit, reports missing. The time range does not "
        "matter.",
        (_ATTENTION, "marts.dim_users"),
        "string",
        "No channel needs attention",
    )
    sql = f"""\
select
    initcap(channels.severity) as "Severity",
    channels.channel_name as "Channel",
    replace(channels.reason, '_', ' ') as "Reason",
    channels.evidence as "Evidence",
    users.email as "User",
    channels.channel_id::text as "channel id"
from {_ATTENTION} as channels
inner join marts.dim_users as users on channels.user_id = users.user_id
where channels.{THESE_USERS}
order by
    array_position(array['high', 'medium', 'low'], channels.severity),
    channels.reason,
    channels.channel_id
limit 200"""
    return table_panel(
        about,
        sql,
        columns={
            "Severity": SEVERITY,
            "Channel": channel_column(190),
            "Reason": Column(width=160),
            "Evidence": Column(),
            "User": Column(width=210),
            "channel id": HIDDEN,
        },
    )
