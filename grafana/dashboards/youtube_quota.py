"""The YouTube quota dashboard: what is left of the day, and what it goes into."""

from __future__ import annotations

from grafana_foundation_sdk.builders import bargauge, stat, table, timeseries

from grafana.about import About
from grafana.dashboards.frame import staff_dashboard
from grafana.dashboards.operations_machines import ERROR_STEPS
from grafana.dashboards.operations_pipeline import quota_used
from grafana.dashboards.staff_marks import pipeline_runs
from grafana.layout import Band, Section
from grafana.normalise import Json
from grafana.panels import (
    Column,
    Step,
    bar_gauge_panel,
    stat_panel,
    table_panel,
    text_panel,
    time_series_panel,
)

UID = "ytempire-youtube-quota"

_SOURCE = "marts.youtube_quota_days"
_LAST_DAY = "the last Pacific day with a call"
_NOT_CALLED = "YouTube was not called yet"
_NO_CALLS = "YouTube was not called in this time range"
_BUCKET = """\
    case bucket
        when 'default' then 'Data API'
        when 'batch_get_stats' then 'Statistics in batches'
        when 'search_list' then 'Searches'
        when 'videos_insert' then 'Uploads'
        when 'analytics' then 'Analytics'
        when 'reporting' then 'Reporting'
        else bucket
    end"""
_RULES = """\
- YouTube grants **10,000 units** a Pacific day to the whole project: all users share it. \
Searches, uploads and statistics in batches have a grant of their own.
- The pipeline gives itself **8,500** and stops there; the rest is for uploads and for people.
- At **7,000** the gauge turns yellow, at **9,000** red, where an alert is sent.
- The day begins at midnight in Los Angeles. Analytics has no daily grant that is counted here."""


def build() -> Json:
    """Give the dashboard as Grafana's JSON."""
    return staff_dashboard(
        UID,
        "YTEMPIRE YouTube quota",
        "What the pipeline has used of YouTube's daily quota, what is left, what it went into, and "
        "how YouTube answered. Days are Pacific days, as YouTube counts them.",
        [
            Section(
                "What is left of the day?",
                [
                    Band(
                        7,
                        [(6, quota_used()), (4, _left()), (4, _exhausted()), (10, _buckets())],
                    )
                ],
            ),
            Section(
                "How does it go from day to day?",
                [Band(9, [(16, _trend()), (8, text_panel("How the quota works", _RULES))])],
            ),
            Section(
                "How does YouTube answer?",
                [
                    Band(8, [(12, _calls()), (12, _latency())]),
                    Band(9, [(12, _endpoints()), (12, _days())]),
                ],
            ),
        ],
        annotations=[pipeline_runs()],
    )


def _left() -> stat.Panel:
    about = About(
        "Left of our budget",
        f"Units that the pipeline may still use on {_LAST_DAY}.",
        "8,500, the pipeline's own budget, less the units used of the Data API's default bucket; "
        "0 once YouTube has answered that the quota is used up. Red below 500, yellow below "
        "1,500.",
        (_SOURCE,),
        "locale",
        _NOT_CALLED,
    )
    sql = f"""\
select greatest(0, least(8500 - quota_used_units, quota_remaining_units)) as "Units left"
from {_SOURCE}
where api_name = 'youtube' and bucket = 'default'
order by date_day desc
limit 1"""
    steps = (Step(None, "red"), Step(500, "yellow"), Step(1_500, "green"))
    return stat_panel(about, sql, steps=steps)


def _exhausted() -> stat.Panel:
    about = About(
        "Days used up",
        "Pacific days of the time range on which YouTube refused calls because a quota was used "
        "up.",
        "Days with an answer quotaExceeded or dailyLimitExceeded in any bucket. Red from 1.",
        (_SOURCE,),
        "locale",
        _NO_CALLS,
    )
    sql = f"""\
select count(distinct date_day) filter (where is_quota_exhausted) as "Days used up"
from {_SOURCE}
where $__timeFilter(date_day)"""
    return stat_panel(about, sql, steps=(Step(None, "green"), Step(1, "red")))


def _buckets() -> bargauge.Panel:
    about = About(
        "Quota used by bucket",
        f"Share of each bucket's daily grant used on {_LAST_DAY}.",
        "Units used / units granted. Yellow from 70%, red from 90%. Analytics has no daily grant.",
        (_SOURCE,),
        "percentunit",
        _NOT_CALLED,
    )
    sql = f"""\
select
{_BUCKET} as "Bucket",
    quota_used_rate as "Used"
from {_SOURCE}
where
    quota_daily_units is not null
    and date_day = (select max(days.date_day) from {_SOURCE} as days)
order by quota_used_rate desc, bucket"""
    steps = (Step(None, "green"), Step(0.70, "yellow"), Step(0.90, "red"))
    return bar_gauge_panel(about, sql, maximum=1, steps=steps, decimals=1)


def _trend() -> timeseries.Panel:
    about = About(
        "Quota used by day",
        "Units used by Pacific day, with the pipeline's own budget and YouTube's limit.",
        "Units of the Data API's default bucket and of the reports in bulk, failed calls included. "
        "The budget of 8,500 and the limit of 10,000 are the default bucket's.",
        (_SOURCE,),
        "locale",
        _NO_CALLS,
    )
    sql = f"""\
select
    date_day::timestamp as "time",
    sum(quota_used_units) filter (where bucket = 'default') as "Data API",
    sum(quota_used_units) filter (where bucket = 'reporting') as "Reporting",
    8500 as "Our budget",
    10000 as "YouTube's limit"
from {_SOURCE}
where $__timeFilter(date_day)
group by date_day
order by date_day"""
    colors = {
        "Data API": "blue",
        "Reporting": "purple",
        "Our budget": "yellow",
        "YouTube's limit": "red",
    }
    return time_series_panel(
        about, sql, colors=colors, bars=("Data API",), limits=("Our budget", "YouTube's limit")
    )


def _calls() -> timeseries.Panel:
    about = About(
        "Calls and errors by hour",
        "Calls of the pipeline to YouTube's APIs and how many failed, by UTC hour.",
        "Errors: status 400 or higher, or no answer. Retries are calls.",
        ("marts.api_endpoint_hours",),
        "locale",
        _NO_CALLS,
    )
    sql = """\
select
    hour_at as "time",
    sum(calls) filter (where service = 'youtube') as "Data API",
    sum(calls) filter (where service = 'youtubeAnalytics') as "Analytics",
    sum(calls) filter (where service = 'youtubereporting') as "Reporting",
    sum(errors) as "Errors"
from marts.api_endpoint_hours
where $__timeFilter(hour_at) and service like 'youtube%'
group by hour_at
order by hour_at"""
    colors = {"Data API": "blue", "Analytics": "green", "Reporting": "purple", "Errors": "red"}
    bars = ("Data API", "Analytics", "Reporting")
    return time_series_panel(about, sql, colors=colors, bars=bars, stacked=True, decimals=0)


def _latency() -> timeseries.Panel:
    about = About(
        "YouTube's response time",
        "95th percentile of the time until YouTube's answer, by Pacific day and API.",
        "Over all calls of the day to the bucket, failed ones included.",
        (_SOURCE,),
        "ms",
        _NO_CALLS,
    )
    sql = f"""\
select
    date_day::timestamp as "time",
    max(p95_latency_ms) filter (where bucket = 'default') as "Data API",
    max(p95_latency_ms) filter (where bucket = 'analytics') as "Analytics",
    max(p95_latency_ms) filter (where bucket = 'reporting') as "Reporting"
from {_SOURCE}
where $__timeFilter(date_day)
group by date_day
order by date_day"""
    colors = {"Data API": "blue", "Analytics": "green", "Reporting": "purple"}
    return time_series_panel(about, sql, colors=colors, decimals=0)


def _endpoints() -> table.Panel:
    about = About(
        "Methods called",
        "Which methods of YouTube's APIs the pipeline called in the time range, the most used "
        "first.",
        "Errors: status 400 or higher, or no answer. Average: total time / calls.",
        ("marts.api_endpoint_hours",),
        "locale",
        _NO_CALLS,
    )
    sql = """\
select
    service as "API",
    endpoint as "Method",
    sum(calls) as "Calls",
    sum(errors) as "Errors",
    sum(errors) / nullif(sum(calls), 0) as "Error rate",
    sum(total_latency_ms) / nullif(sum(calls), 0) as "Average"
from marts.api_endpoint_hours
where $__timeFilter(hour_at) and service like 'youtube%'
group by service, endpoint
order by sum(calls) desc, service, endpoint
limit 50"""
    columns = {
        "API": Column(width=150),
        "Error rate": Column(unit="percentunit", decimals=1, steps=ERROR_STEPS),
        "Average": Column(unit="ms", decimals=0),
    }
    return table_panel(about, sql, columns=columns)


def _days() -> table.Panel:
    about = About(
        "Quota by day and bucket",
        "Units used and left by Pacific day and bucket, the latest first.",
        "Left: granted - used, 0 once YouTube has refused; empty without a daily grant. Buckets "
        "that were not used are left out. At most 200 rows.",
        (_SOURCE,),
        "locale",
        _NO_CALLS,
    )
    sql = f"""\
select
    to_char(date_day, 'YYYY-MM-DD') as "Day",
{_BUCKET} as "Bucket",
    quota_used_units as "Used",
    quota_remaining_units as "Left",
    calls as "Calls",
    errors as "Errors",
    p95_latency_ms as "P95"
from {_SOURCE}
where $__timeFilter(date_day) and calls > 0
order by date_day desc, quota_used_units desc
limit 200"""
    return table_panel(about, sql, columns={"P95": Column(unit="ms", decimals=0)})
