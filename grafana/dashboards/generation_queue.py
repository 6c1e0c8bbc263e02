"""The Video generation dashboard's queue, outcomes and stages."""

from __future__ import annotations

from grafana_foundation_sdk.builders import bargauge, stat, timeseries

from grafana.about import About
from grafana.dashboards.operations_pipeline import (
    NO_JOBS,
    average_time,
    processing_rate,
    queue_depth,
    success_rate,
    success_trend,
)
from grafana.layout import Band, Section
from grafana.panels import Step, bar_gauge_panel, stat_panel, time_series_panel

_OUTCOMES = {"Succeeded": "green", "Failed": "red", "Open": "blue"}


def section() -> Section:
    """Give the section on the queue."""
    return Section(
        "How does the queue stand?",
        [
            Band(
                6,
                [
                    (5, queue_depth()),
                    (4, running()),
                    (5, processing_rate()),
                    (5, average_time()),
                    (5, success_rate()),
                ],
            ),
            Band(8, [(12, _queue()), (12, _finished())]),
        ],
    )


def outcomes() -> Section:
    """Give the section on what succeeds."""
    return Section(
        "How many succeed, and how fast?",
        [Band(8, [(8, _outcomes()), (8, success_trend()), (8, _times())])],
    )


def stages() -> Section:
    """Give the section on the stages."""
    return Section(
        "Where do videos stay?",
        [Band(9, [(12, funnel()), (12, _stage_minutes())])],
    )


def running() -> stat.Panel:
    """Show how many jobs run."""
    about = About(
        "Running jobs",
        "Generation jobs that run at the last build of the marts.",
        "Jobs started and not ended. The time range does not matter.",
        ("marts.queue_hours",),
        "locale",
        "No generation job yet",
    )
    sql = """\
select running_jobs as "Running jobs"
from marts.queue_hours
order by hour_at desc
limit 1"""
    return stat_panel(about, sql)


def _queue() -> timeseries.Panel:
    about = About(
        "Queue and workers",
        "Jobs that wait and workers that are busy, by UTC hour. Shows 7 days.",
        "Waiting: at the end of the hour. Busy workers: minutes that jobs ran within the hour "
        "/ 60.",
        ("marts.queue_hours",),
        "locale",
        NO_JOBS,
    )
    sql = """\
select
    hour_at as "time",
    queue_depth as "Waiting",
    worker_minutes / 60 as "Busy workers"
from marts.queue_hours
where $__timeFilter(hour_at)
order by hour_at"""
    colors = {"Waiting": "orange", "Busy workers": "blue"}
    return time_series_panel(about, sql, colors=colors, range_="7d", decimals=1)


def _finished() -> timeseries.Panel:
    about = About(
        "Jobs finished an hour",
        "Jobs that ended within the UTC hour, by outcome. Shows 7 days.",
        "A job that was tried again as a new job has failed all the same.",
        ("marts.queue_hours",),
        "locale",
        NO_JOBS,
    )
    sql = """\
select
    hour_at as "time",
    succeeded_jobs as "Succeeded",
    failed_jobs as "Failed"
from marts.queue_hours
where $__timeFilter(hour_at)
order by hour_at"""
    colors = {name: _OUTCOMES[name] for name in ("Succeeded", "Failed")}
    return time_series_panel(
        about, sql, colors=colors, bars=tuple(colors), stacked=True, range_="7d", decimals=0
    )


def _outcomes() -> timeseries.Panel:
    about = About(
        "Jobs by outcome",
        "Generation jobs by the UTC day on which they were created, retries included.",
        "Open jobs wait or run at the last build of the marts.",
        ("marts.generation_days",),
        "locale",
        NO_JOBS,
    )
    sql = """\
select
    date_day::timestamp as "time",
    succeeded_jobs as "Succeeded",
    failed_jobs as "Failed",
    open_jobs as "Open"
from marts.generation_days
where $__timeFilter(date_day)
order by date_day"""
    return time_series_panel(
        about, sql, colors=_OUTCOMES, bars=tuple(_OUTCOMES), stacked=True, decimals=0
    )


def _times() -> timeseries.Panel:
    about = About(
        "Generation time",
        "Minutes from start to completion of a job, by the UTC day on which it was created.",
        "Mean, median and 95th percentile of the succeeded jobs; the wait in the queue is not in "
        "it.",
        ("marts.generation_days",),
        "m",
        NO_JOBS,
    )
    sql = """\
select
    date_day::timestamp as "time",
    average_generation_minutes as "Average",
    median_generation_minutes as "Median",
    p95_generation_minutes as "P95"
from marts.generation_days
where $__timeFilter(date_day)
order by date_day"""
    colors = {"Average": "blue", "Median": "green", "P95": "orange"}
    return time_series_panel(about, sql, colors=colors, decimals=0)


def funnel() -> bargauge.Panel:
    """Show how far the videos queued in the time range came."""
    about = About(
        "Video pipeline",
        "How far the videos queued in the time range have come, a bar a stage.",
        "Videos that came at least as far as the stage by the last build of the marts. Those of "
        "the last day are still under way.",
        ("marts.generation_funnel_days",),
        "locale",
        "No video was queued in this time range",
    )
    sql = """\
select
    initcap(funnel_stage) as "Stage",
    sum(videos) as "Videos"
from marts.generation_funnel_days
where $__timeFilter(date_day)
group by funnel_stage, stage_position
order by stage_position"""
    return bar_gauge_panel(about, sql, maximum=None, steps=(Step(None, "blue"),), decimals=0)


def _stage_minutes() -> bargauge.Panel:
    about = About(
        "Minutes by stage",
        "How long each stage of making a video takes.",
        "The days' means over the attempts that completed the stage, weighted by the videos that "
        "came so far. Stages without a timing (queued, uploaded, published) are left out.",
        ("marts.generation_funnel_days",),
        "m",
        "No stage was completed in this time range",
    )
    sql = """\
select
    initcap(funnel_stage) as "Stage",
    sum(average_stage_minutes * videos)
    / nullif(sum(videos) filter (where average_stage_minutes is not null), 0) as "Minutes"
from marts.generation_funnel_days
where $__timeFilter(date_day)
group by funnel_stage, stage_position
having sum(average_stage_minutes) is not null
order by stage_position"""
    return bar_gauge_panel(about, sql, maximum=None, steps=(Step(None, "purple"),), decimals=1)
