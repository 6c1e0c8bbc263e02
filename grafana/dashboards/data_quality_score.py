"""The Data quality dashboard's scorecard, completeness and freshness."""

from __future__ import annotations

from collections.abc import Sequence

from grafana_foundation_sdk.builders import stat, table, timeseries

from grafana.about import About
from grafana.layout import Band, Section
from grafana.panels import Column, Step, stat_panel, table_panel, time_series_panel

_NO_DAYS = "Nothing was measured in this time range"
_DIMENSIONS = "marts.quality_dimension_days"


def section() -> Section:
    """Give the section: every dimension at a glance, and each source's."""
    tiles = [
        _rate("Completeness", "completeness", 0.95, "Channels with a figure / channels that "
              "should have one, over the days and sources."),
        _rate("Reconciliation", "reconciliation", 0.99, "Comparisons with YouTube's and the "
              "providers' own totals that agree within 1% / comparisons."),
        _rate("Freshness", "freshness", 0.95, "Part of the time during which the data were as "
              "fresh as promised."),
        _rate("Validation", "validation", 0.99, "Expectations on landed rows that were met / "
              "expectations."),
        _rate("No anomaly", "anomalies", 0.95, "Figures of channels that are no anomaly / figures "
              "judged."),
        _isolation(),
    ]  # fmt: skip
    return Section(
        "How good are the data?",
        [
            Band(4, [(4, tile) for tile in tiles]),
            Band(9, [(14, _scorecard()), (10, _score_trend())]),
        ],
    )


def completeness_and_freshness() -> Section:
    """Give the section on what is missing and what is late."""
    return Section(
        "Is everything there, and in time?",
        [Band(9, [(10, _completeness()), (14, _freshness())])],
    )


def _by_target(target: float) -> Sequence[Step]:
    return (Step(None, "red"), Step(target, "green"))


def _rate(title: str, dimension: str, target: float, definition: str) -> stat.Panel:
    about = About(
        title,
        f"Mean of the dimension {dimension} over the days and sources of the time range.",
        f"{definition} Green from the target of {target:.0%}.",
        (_DIMENSIONS,),
        "percentunit",
        "Not measured yet",
    )
    sql = f"""\
select avg(measured_rate) as "{title}"
from {_DIMENSIONS}
where $__timeFilter(date_day) and dimension = '{dimension}'"""
    return stat_panel(about, sql, steps=_by_target(target), decimals=1)


def _isolation() -> stat.Panel:
    about = About(
        "Rows seen of other tenants",
        "Rows of other tenants that roles of tenants could see when it was last tried. The time "
        "range does not matter.",
        "Sum over roles and relations of their latest check. Must be 0; red from 1.",
        ("marts.isolation_checks",),
        "locale",
        "Not tried yet",
    )
    sql = """\
select sum(foreign_rows) as "Rows of others"
from marts.isolation_checks
where is_latest"""
    return stat_panel(about, sql, steps=(Step(None, "green"), Step(1, "red")))


def _scorecard() -> table.Panel:
    about = About(
        "Scorecard",
        "The quality of each source on the last day of the time range on which each dimension was "
        "measured.",
        "Score: mean of the known dimensions, weighted by completeness 0.30, reconciliation 0.25, "
        "freshness 0.20, validation 0.15, anomalies 0.10, of the source's last day. Red below the "
        "target. Empty: not measured for that source.",
        ("marts.data_quality_scorecard",),
        "percentunit",
        _NO_DAYS,
    )
    latest = ",\n    ".join(
        f"(array_agg({column} order by date_day desc) filter (where {column} is not null))[1]\n"
        f'        as "{name}"'
        for name, column in (
            ("Completeness", "completeness_rate"),
            ("Reconciliation", "reconciliation_rate"),
            ("Freshness", "freshness_rate"),
            ("Validation", "validation_pass_rate"),
            ("No anomaly", "anomaly_free_rate"),
            ("Score", "data_quality_score"),
        )
    )
    sql = f"""\
select
    replace(source_name, '_', ' ') as "Source",
    {latest}
from marts.data_quality_scorecard
where $__timeFilter(date_day)
group by source_name
order by source_name"""
    columns = {
        name: Column(decimals=1, steps=_by_target(target))
        for name, target in (
            ("Completeness", 0.95),
            ("Reconciliation", 0.99),
            ("Freshness", 0.95),
            ("Validation", 0.99),
            ("No anomaly", 0.95),
        )
    }
    columns["Score"] = Column(decimals=1)
    return table_panel(about, sql, columns=columns)


def _score_trend() -> timeseries.Panel:
    about = About(
        "Quality score by day",
        "The score of the sources that are measured day by day.",
        "Mean of the dimensions known on the day, weighted; the platform's own score. Days: "
        "Pacific for reports, UTC otherwise.",
        ("marts.data_quality_scorecard",),
        "percentunit",
        _NO_DAYS,
    )
    sql = """\
select
    date_day::timestamp as "time",
    max(data_quality_score) filter (where source_name = 'youtube_analytics')
        as "YouTube Analytics",
    max(data_quality_score) filter (where source_name = 'platform') as "Platform",
    max(data_quality_score) filter (where source_name = 'openai') as "OpenAI",
    max(data_quality_score) filter (where source_name = 'elevenlabs') as "ElevenLabs"
from marts.data_quality_scorecard
where $__timeFilter(date_day)
group by date_day
order by date_day"""
    colors = {
        "YouTube Analytics": "orange",
        "Platform": "blue",
        "OpenAI": "green",
        "ElevenLabs": "purple",
    }
    return time_series_panel(about, sql, colors=colors, floor=0.8, decimals=0)


def _completeness() -> timeseries.Panel:
    about = About(
        "Completeness by day",
        "Share of the channels that have a figure for the day, by stream.",
        "Channels that have a figure / channels that should. Target: above 95%. Reports come two "
        "to three days late; those days are not expected yet. Days: Pacific for reports, UTC for "
        "snapshots.",
        ("marts.completeness_days",),
        "percentunit",
        _NO_DAYS,
    )
    sql = """\
select
    date_day::timestamp as "time",
    max(completeness_rate) filter (where stream_name = 'channel_day_core') as "Views",
    max(completeness_rate) filter (where stream_name = 'channel_day_revenue') as "Revenue",
    max(completeness_rate) filter (where stream_name = 'video_day_core') as "Videos",
    max(completeness_rate) filter (where stream_name = 'channel_snapshots') as "Snapshots",
    0.95 as "Target"
from marts.completeness_days
where $__timeFilter(date_day)
group by date_day
order by date_day"""
    colors = {
        "Views": "blue",
        "Revenue": "green",
        "Videos": "purple",
        "Snapshots": "orange",
        "Target": "red",
    }
    return time_series_panel(about, sql, colors=colors, limits=("Target",), floor=0.8, decimals=0)


def _freshness() -> table.Panel:
    about = About(
        "Freshness by source",
        "When each source was last read and how long that is fresh, the stalest first. The time "
        "range does not matter.",
        "Operational and critical sources are promised within 15 minutes, others within 6 hours. "
        "Age: at the last build of the marts.",
        ("marts.source_freshness",),
        "locale",
        "No source was read yet",
    )
    sql = """\
select distinct
    replace(source_name, '_', ' ') as "Source",
    freshness_tier as "Tier",
    promised_minutes as "Promised",
    last_status as "Outcome",
    last_read_at as "Last read",
    fresh_until_at as "Fresh until",
    age_minutes as "Age",
    case
        when last_status = 'disabled' then 'not set up'
        when is_fresh then 'fresh'
        else 'stale'
    end as "State"
from marts.source_freshness
order by "Fresh until" asc nulls first, "Source" asc"""
    return table_panel(
        about,
        sql,
        columns={
            "Tier": Column(width=90),
            "Promised": Column(unit="m", decimals=0, width=90),
            "Outcome": Column(width=80),
            "Last read": Column(unit="time:YYYY-MM-DD HH:mm", width=150),
            "Fresh until": Column(unit="time:YYYY-MM-DD HH:mm", width=150),
            "Age": Column(unit="m", decimals=0, width=80),
            "State": Column(width=80, colors={"fresh": "green", "stale": "red"}),
        },
    )
