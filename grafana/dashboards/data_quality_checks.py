"""The Data quality dashboard's reconciliation, anomalies, validation and isolation."""

from __future__ import annotations

from grafana_foundation_sdk.builders import table, timeseries

from grafana.about import About
from grafana.dashboards.house import HIDDEN, channel_column
from grafana.layout import Band, Section
from grafana.panels import Column, Step, table_panel, time_series_panel

_RECONCILED = "marts.revenue_views_reconciliation"
_RATE = Column(unit="percentunit", decimals=2, width=90)


def reconciliation() -> Section:
    """Give the section on agreement with others' totals."""
    return Section(
        "Do our figures agree with others'?",
        [
            Band(8, [(12, _agreement()), (12, _providers())]),
            Band(9, [(24, _differences())]),
        ],
    )


def anomalies() -> Section:
    """Give the section on what is unusual."""
    return Section(
        "What is unusual?",
        [Band(9, [(8, _anomalies_by_day()), (16, _anomalies())])],
    )


def validation_and_isolation() -> Section:
    """Give the section on checks of landed rows, and of what tenants see."""
    return Section(
        "Are rows as expected, and seen by their owners alone?",
        [Band(9, [(12, _validation()), (12, _isolation())])],
    )


def _agreement() -> timeseries.Panel:
    about = About(
        "Agreement with YouTube",
        "Share of the channels whose videos add up to YouTube's own total, by Pacific day.",
        "Channels that differ by less than 1% / channels with a total. YouTube keeps the views of "
        "deleted videos in its totals and leaves them out of its reports of videos.",
        (_RECONCILED,),
        "percentunit",
        "No totals in this time range",
    )
    sql = f"""\
select
    date_day::timestamp as "time",
    (count(*) filter (where is_views_reconciled))::numeric
    / nullif(count(is_views_reconciled), 0) as "Views",
    (count(*) filter (where is_revenue_reconciled))::numeric
    / nullif(count(is_revenue_reconciled), 0) as "Revenue"
from {_RECONCILED}
where $__timeFilter(date_day)
group by date_day
order by date_day"""
    colors = {"Views": "blue", "Revenue": "green"}
    return time_series_panel(about, sql, colors=colors, floor=0.8, decimals=0)


def _providers() -> timeseries.Panel:
    about = About(
        "Providers' bills beyond the ledger",
        "What the providers charged beyond our own ledger, as a share of their total, by UTC day.",
        "(provider's total - ledger) / provider's total; below zero the ledger has more. Days that "
        "are not over are left out.",
        ("marts.provider_cost_reconciliation",),
        "percentunit",
        "No bills in this time range",
    )
    sql = """\
select
    date_day::timestamp as "time",
    max(unallocated_rate) filter (where provider_name = 'openai') as "OpenAI",
    max(unallocated_rate) filter (where provider_name = 'elevenlabs') as "ElevenLabs"
from marts.provider_cost_reconciliation
where $__timeFilter(date_day) and is_complete_day
group by date_day
order by date_day"""
    colors = {"OpenAI": "green", "ElevenLabs": "purple"}
    return time_series_panel(about, sql, colors=colors, decimals=1)


def _differences() -> table.Panel:
    about = About(
        "Largest differences with YouTube",
        "Channels and Pacific days of the time range on which our figures and YouTube's totals "
        "differ by 1% or more, the largest first; a click opens the channel.",
        "Difference: (ours - YouTube's) / YouTube's. Not final: YouTube may restate the day's "
        "revenue still. At most 100.",
        (_RECONCILED, "marts.dim_channels"),
        "locale",
        "All figures of this time range agree",
    )
    sql = f"""\
select
    to_char(days.date_day, 'YYYY-MM-DD') as "Day",
    channels.channel_name as "Channel",
    days.our_views as "Our views",
    days.youtube_views as "YouTube's views",
    days.views_difference_rate as "Views by",
    days.our_revenue_usd as "Our revenue",
    days.youtube_revenue_usd as "YouTube's revenue",
    days.revenue_difference_rate as "Revenue by",
    case when days.is_revenue_final then 'final' else 'not final' end as "State",
    days.channel_id::text as "channel id"
from {_RECONCILED} as days
left join marts.dim_channels as channels
    on days.user_id = channels.user_id
    and days.channel_id = channels.channel_id
where
    $__timeFilter(days.date_day)
    and (not days.is_views_reconciled or not days.is_revenue_reconciled)
order by
    greatest(abs(days.views_difference_rate), abs(days.revenue_difference_rate)) desc nulls last,
    days.date_day desc,
    days.channel_id
limit 100"""
    money = Column(unit="currencyUSD", decimals=2)
    return table_panel(
        about,
        sql,
        columns={
            "Day": Column(width=110),
            "Channel": channel_column(width=None),
            "channel id": HIDDEN,
            "Views by": _RATE,
            "Our revenue": money,
            "YouTube's revenue": money,
            "Revenue by": _RATE,
            "State": Column(width=100),
        },
    )


def _anomalies_by_day() -> timeseries.Panel:
    about = About(
        "Anomalies by day",
        "How many of the channels' figures were unusual, by report day and metric.",
        "Figures with a robust z-score of 3.5 or more either way, measured against the same "
        "weekdays and the 28 days before. An anomaly is to be looked at; it is no error by itself.",
        ("marts.metric_anomalies",),
        "locale",
        "No figure of this time range can be judged yet",
    )
    sql = """\
select
    date_day::timestamp as "time",
    count(*) filter (where is_anomaly and metric_name = 'revenue') as "Revenue",
    count(*) filter (where is_anomaly and metric_name = 'views') as "Views",
    count(*) filter (where is_anomaly and metric_name = 'cost') as "Cost"
from marts.metric_anomalies
where $__timeFilter(date_day)
group by date_day
order by date_day"""
    colors = {"Revenue": "green", "Views": "blue", "Cost": "orange"}
    return time_series_panel(
        about, sql, colors=colors, bars=tuple(colors), stacked=True, decimals=0
    )


def _anomalies() -> table.Panel:
    about = About(
        "Anomalies",
        "Unusual figures of channels in the time range, the latest and most unusual first; a "
        "click opens the channel.",
        "Score: robust standard deviations from what is usual, by the weekday and the 28 days "
        "before. Empty: all days before were alike. At most 100.",
        ("marts.metric_anomalies", "marts.dim_channels"),
        "short",
        "Nothing unusual in this time range",
    )
    sql = """\
select
    to_char(anomalies.date_day, 'YYYY-MM-DD') as "Day",
    channels.channel_name as "Channel",
    anomalies.metric_name as "Metric",
    anomalies.anomaly_direction as "Direction",
    anomalies.metric_value as "Figure",
    anomalies.expected_value as "Usual",
    anomalies.robust_z as "Score",
    anomalies.channel_id::text as "channel id"
from marts.metric_anomalies as anomalies
left join marts.dim_channels as channels
    on anomalies.user_id = channels.user_id
    and anomalies.channel_id = channels.channel_id
where $__timeFilter(anomalies.date_day) and anomalies.is_anomaly
order by
    anomalies.date_day desc,
    abs(anomalies.robust_z) desc nulls first,
    anomalies.channel_id,
    anomalies.metric_name
limit 100"""
    return table_panel(
        about,
        sql,
        columns={
            "Day": Column(width=110),
            "Channel": channel_column(width=None),
            "channel id": HIDDEN,
            "Metric": Column(width=90),
            "Direction": Column(width=90, colors={"spike": "blue", "drop": "orange"}),
            "Figure": Column(decimals=2, width=110),
            "Usual": Column(decimals=2, width=110),
            "Score": Column(decimals=1, width=80),
        },
    )


def _validation() -> table.Panel:
    about = About(
        "Validation by source",
        "Expectations on the rows landed in the time range, by source, the worst first.",
        "Pass rate: expectations met / checked, target above 99%; warnings count like critical "
        "ones. A row counts once an expectation.",
        ("marts.validation_days",),
        "locale",
        "Nothing was checked in this time range",
    )
    sql = """\
select
    replace(source_name, '_', ' ') as "Source",
    sum(passed_expectations) / nullif(sum(expectations), 0) as "Pass rate",
    sum(expectations) as "Expectations",
    sum(expectations - passed_expectations) as "Missed",
    sum(failed_critical_expectations) as "Critical",
    sum(rows_checked) as "Rows checked",
    sum(rows_unexpected) as "Unexpected"
from marts.validation_days
where $__timeFilter(date_day)
group by source_name
order by sum(passed_expectations) / nullif(sum(expectations), 0), source_name"""
    bad = (Step(None, "text"), Step(1, "red"))
    return table_panel(
        about,
        sql,
        columns={
            "Pass rate": Column(
                unit="percentunit",
                decimals=1,
                width=90,
                steps=(Step(None, "red"), Step(0.99, "green")),
            ),
            "Expectations": Column(width=100),
            "Missed": Column(width=80, steps=(Step(None, "text"), Step(1, "yellow"))),
            "Critical": Column(width=80, steps=bad),
            "Rows checked": Column(width=110),
            "Unexpected": Column(width=100, steps=(Step(None, "text"), Step(1, "yellow"))),
        },
    )


def _isolation() -> table.Panel:
    about = About(
        "Isolation by relation",
        "What tenants' roles could see of others in each relation when it was last tried, "
        "breaches first. The time range does not matter.",
        "Each role of a tenant reads each relation and counts the rows of others; must be 0.",
        ("marts.isolation_checks",),
        "locale",
        "Not tried yet: run ytempire tenants check",
    )
    sql = """\
select
    relation_name as "Relation",
    count(distinct role_name) as "Roles tried",
    count(*) filter (where not is_isolated) as "Roles that saw others",
    sum(foreign_rows) as "Rows of others",
    max(checked_at) as "Last tried"
from marts.isolation_checks
where is_latest
group by relation_name
order by sum(foreign_rows) desc, relation_name"""
    bad = (Step(None, "green"), Step(1, "red"))
    return table_panel(
        about,
        sql,
        columns={
            "Roles tried": Column(width=90),
            "Roles that saw others": Column(width=180, steps=bad),
            "Rows of others": Column(width=110, steps=bad),
            "Last tried": Column(unit="time:YYYY-MM-DD HH:mm", width=150),
        },
    )
