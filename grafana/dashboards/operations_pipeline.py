"""The Operations dashboard's video pipeline: the queue now, success and cost over time."""

from __future__ import annotations

from grafana_foundation_sdk.builders import gauge, stat, timeseries

from grafana.about import About
from grafana.layout import Band, Section
from grafana.panels import Step, gauge_panel, stat_panel, time_series_panel

GENERATION = "/d/ytempire-generation"
QUOTA = "/d/ytempire-youtube-quota"
NO_JOBS = "No video was generated in this time range"
SUCCESS_STEPS = (Step(None, "red"), Step(0.90, "yellow"), Step(0.95, "green"))
QUOTA_STEPS = (Step(None, "green"), Step(7_000, "yellow"), Step(9_000, "red"))


def now() -> Section:
    """Give the section: the pipeline at a glance."""
    return Section(
        "How does the pipeline stand?",
        [
            Band(
                6,
                [
                    (5, queue_depth()),
                    (5, quota_used()),
                    (4, success_rate()),
                    (5, average_time()),
                    (5, processing_rate()),
                ],
            )
        ],
    )


def trends() -> Section:
    """Give the section: success and cost by day."""
    return Section(
        "Are videos made, and at what cost?",
        [Band(9, [(12, success_trend()), (12, cost_trend())])],
    )


def queue_depth() -> gauge.Panel:
    """Show how many jobs wait, on a dial."""
    about = About(
        "Queue depth",
        "Generation jobs that wait for a worker at the last build of the marts.",
        "Jobs created and neither started nor ended. Yellow from 25, red from 40. The time range "
        "does not matter.",
        ("marts.queue_hours",),
        "locale",
        "No generation job yet",
    )
    sql = """\
select queue_depth as "Queue depth"
from marts.queue_hours
order by hour_at desc
limit 1"""
    steps = (Step(None, "green"), Step(25, "yellow"), Step(40, "red"))
    link = ("Video generation", GENERATION)
    return gauge_panel(about, sql, maximum=50, steps=steps, link=link)


def quota_used() -> gauge.Panel:
    """Show the units used of YouTube's daily quota, on a dial."""
    about = About(
        "YouTube quota usage",
        "Units that the pipeline has used of YouTube's 10,000 on the last Pacific day with a call.",
        "Sum over the calls of the Data API's default bucket, failed ones included. Yellow from "
        "7,000, red from 9,000; the pipeline stops by itself at 8,500.",
        ("marts.youtube_quota_days",),
        "locale",
        "YouTube was not called yet",
    )
    sql = """\
select quota_used_units as "Units used"
from marts.youtube_quota_days
where api_name = 'youtube' and bucket = 'default'
order by date_day desc
limit 1"""
    link = ("YouTube quota", QUOTA)
    return gauge_panel(about, sql, maximum=10_000, steps=QUOTA_STEPS, link=link)


def success_rate() -> stat.Panel:
    """Show the share of jobs that succeeded in the time range."""
    about = About(
        "Success rate",
        "Share of generation jobs that succeeded, of those created in the time range.",
        "Succeeded jobs / (succeeded + failed jobs); jobs that still wait or run are left out. "
        "Every attempt is a job. Red below 90%, where an alert is sent; green from 95%.",
        ("marts.generation_days",),
        "percentunit",
        NO_JOBS,
    )
    sql = """\
select sum(succeeded_jobs) / nullif(sum(succeeded_jobs + failed_jobs), 0) as "Success rate"
from marts.generation_days
where $__timeFilter(date_day)"""
    link = ("Video generation", GENERATION)
    return stat_panel(about, sql, steps=SUCCESS_STEPS, decimals=1, link=link)


def average_time() -> stat.Panel:
    """Show the minutes that a job takes."""
    about = About(
        "Average time",
        "Minutes from start to completion of a generation job, over the time range.",
        "Mean over the succeeded jobs created in the range; the wait in the queue is not in it. "
        "Yellow from 30 minutes, red from an hour.",
        ("marts.generation_days",),
        "m",
        NO_JOBS,
    )
    sql = """\
select
    sum(average_generation_minutes * succeeded_jobs) / nullif(sum(succeeded_jobs), 0)
        as "Average time"
from marts.generation_days
where $__timeFilter(date_day)"""
    steps = (Step(None, "green"), Step(30, "yellow"), Step(60, "red"))
    return stat_panel(about, sql, steps=steps, decimals=1, link=("Video generation", GENERATION))


def processing_rate() -> stat.Panel:
    """Show how many videos are finished an hour."""
    about = About(
        "Processing rate, videos an hour",
        "Videos finished an hour, over the whole hours of the time range.",
        "Succeeded jobs / hours. The running hour is left out.",
        ("marts.queue_hours",),
        "locale",
        NO_JOBS,
    )
    sql = """\
select avg(succeeded_jobs) as "Videos an hour"
from marts.queue_hours
where
    $__timeFilter(hour_at)
    and hour_at < (select max(hours.hour_at) from marts.queue_hours as hours)"""
    return stat_panel(about, sql, decimals=2, link=("Video generation", GENERATION))


def success_trend() -> timeseries.Panel:
    """Draw the share of jobs that succeeded by day."""
    about = About(
        "Generation success rate",
        "Share of generation jobs that succeeded, by the UTC day on which they were created.",
        "Succeeded jobs / (succeeded + failed jobs). The last day's jobs are not all over yet. "
        "Shows 30 days.",
        ("marts.generation_days",),
        "percentunit",
        NO_JOBS,
    )
    sql = """\
select
    date_day::timestamp as "time",
    generation_success_rate as "Success rate",
    0.90 as "Alert below"
from marts.generation_days
where $__timeFilter(date_day)
order by date_day"""
    colors = {"Success rate": "blue", "Alert below": "red"}
    return time_series_panel(
        about, sql, colors=colors, limits=("Alert below",), floor=0.6, range_="30d", decimals=0
    )


def cost_trend() -> timeseries.Panel:
    """Draw the cost of a video by day, with the target."""
    about = About(
        "Cost per video trend",
        "What a generated video has cost, by the UTC day on which its first job was created.",
        "Cost of the generated videos by the call ledger, their failed attempts included, over "
        "their number. Target: at most 3.00 USD. Shows 30 days.",
        ("marts.generation_days",),
        "currencyUSD",
        NO_JOBS,
    )
    sql = """\
select
    date_day::timestamp as "time",
    cost_per_generated_video_usd as "Average cost",
    3.00 as "Target"
from marts.generation_days
where $__timeFilter(date_day)
order by date_day"""
    colors = {"Average cost": "orange", "Target": "red"}
    return time_series_panel(
        about, sql, colors=colors, limits=("Target",), floor=1, range_="30d", decimals=2
    )
