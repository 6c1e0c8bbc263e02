"""The Video generation dashboard's effort a video, and its ways of making one."""

from __future__ import annotations

from grafana_foundation_sdk.builders import table, timeseries

from grafana.about import About
from grafana.dashboards.operations_pipeline import NO_JOBS, cost_trend
from grafana.layout import Band, Section
from grafana.panels import Column, Step, table_panel, time_series_panel


def effort() -> Section:
    """Give the section on what a video takes."""
    return Section(
        "What does a video take?",
        [
            Band(8, [(8, cost_trend()), (8, _within_target()), (8, _quality())]),
            Band(8, [(8, _machine_seconds()), (8, _memory()), (8, _retries())]),
        ],
    )


def methods() -> Section:
    """Give the section on the ways of making videos."""
    return Section("Which ways of making videos do best?", [Band(10, [(24, _methods())])])


def _daily(
    title: str,
    shows: str,
    definition: str,
    unit: str,
    columns: dict[str, tuple[str, str]],
    decimals: int | None = None,
    floor: float = 0,
) -> timeseries.Panel:
    about = About(title, shows, definition, ("marts.generation_days",), unit, NO_JOBS)
    series = "".join(f',\n    {column} as "{name}"' for name, (column, _) in columns.items())
    sql = f"""\
select
    date_day::timestamp as "time"{series}
from marts.generation_days
where $__timeFilter(date_day)
order by date_day"""
    colors = {name: color for name, (_, color) in columns.items()}
    return time_series_panel(about, sql, colors=colors, decimals=decimals, floor=floor)


def _within_target() -> timeseries.Panel:
    return _daily(
        "Videos within cost target by day",
        "Share of the generated videos that cost at most 3.00 USD, by the UTC day of their first "
        "job.",
        "Generated videos at or below 3.00 USD / generated videos.",
        "percentunit",
        {"Within target": ("share_of_generated_videos_at_target_cost", "green")},
        decimals=0,
        floor=0.6,
    )


def _quality() -> timeseries.Panel:
    return _daily(
        "Quality score",
        "The platform's own score of the generated videos, 0 to 100, by UTC day.",
        "Mean over the succeeded jobs that have one.",
        "locale",
        {"Quality": ("average_quality_score", "purple")},
        decimals=0,
        floor=50,
    )


def _machine_seconds() -> timeseries.Panel:
    return _daily(
        "Machine time a job",
        "CPU and GPU time that a job takes, by the UTC day on which it was created.",
        "Mean over the ended jobs that tell it; a job that failed before it came to the GPU is "
        "not counted there.",
        "s",
        {"CPU": ("average_cpu_seconds", "blue"), "GPU": ("average_gpu_seconds", "purple")},
        decimals=0,
    )


def _memory() -> timeseries.Panel:
    return _daily(
        "Memory a job",
        "Highest use of memory of a job, by UTC day: the mean, and the most of any.",
        "Peak of each ended job, megabytes.",
        "decmbytes",
        {
            "Average peak": ("average_peak_memory_mb", "blue"),
            "Highest": ("peak_memory_mb", "orange"),
        },
        decimals=1,
    )


def _retries() -> timeseries.Panel:
    return _daily(
        "Retries",
        "Share of the jobs that are a further attempt at their video, by UTC day.",
        "Retried jobs / jobs.",
        "percentunit",
        {"Retries": ("retry_rate", "orange")},
        decimals=0,
    )


def _methods() -> table.Panel:
    about = About(
        "Ways of making videos",
        "Jobs of the time range by content type and generation method, the most used first.",
        "Success rate: succeeded / (succeeded + failed) jobs. Minutes: mean of the succeeded "
        "jobs. Cost a video: cost of the generated videos, their failed attempts included, over "
        "their number; yellow from 2.50, red from 3.00 USD.",
        ("marts.generation_method_days",),
        "locale",
        NO_JOBS,
    )
    sql = """\
select
    initcap(content_type) as "Content",
    replace(generation_method, '_', ' ') as "Method",
    sum(jobs) as "Jobs",
    sum(generated_videos) as "Videos",
    sum(succeeded_jobs) / nullif(sum(succeeded_jobs + failed_jobs), 0) as "Success rate",
    sum(retried_jobs) / nullif(sum(jobs), 0) as "Retries",
    sum(average_generation_minutes * succeeded_jobs) / nullif(sum(succeeded_jobs), 0) as "Minutes",
    sum(cost_per_generated_video_usd * generated_videos) / nullif(sum(generated_videos), 0)
        as "Cost a video",
    sum(share_of_generated_videos_at_target_cost * generated_videos)
    / nullif(sum(generated_videos), 0) as "Within target",
    sum(generation_cost_usd) as "Cost"
from marts.generation_method_days
where $__timeFilter(date_day)
group by content_type, generation_method
order by sum(jobs) desc, content_type, generation_method"""
    return table_panel(
        about,
        sql,
        columns={
            "Success rate": Column(
                unit="percentunit",
                decimals=1,
                steps=(Step(None, "red"), Step(0.90, "yellow"), Step(0.95, "green")),
            ),
            "Retries": Column(unit="percentunit", decimals=1),
            "Minutes": Column(unit="m", decimals=1),
            "Cost a video": Column(
                unit="currencyUSD",
                decimals=2,
                steps=(Step(None, "text"), Step(2.5, "yellow"), Step(3.0, "red")),
            ),
            "Within target": Column(unit="percentunit", decimals=1),
            "Cost": Column(unit="currencyUSD", decimals=2),
        },
    )
