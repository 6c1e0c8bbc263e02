"""The Pipeline runs dashboard's runs: at a glance, over time, and one by one."""

from __future__ import annotations

from grafana_foundation_sdk.builders import stat, table, timeseries

from grafana.about import About
from grafana.layout import Band, Section
from grafana.panels import Column, Step, stat_panel, table_panel, time_series_panel

_SOURCE = "marts.pipeline_runs"
_NO_RUN = "No run in this time range"
_STATUS_COLORS = {
    "succeeded": "green",
    "running": "blue",
    "interrupted": "yellow",
    "failed": "red",
}
_BAD = (Step(None, "green"), Step(1, "red"))
_BUILDING = "The run that builds the marts stands in them as running."


def section() -> Section:
    """Give the section: the last runs at a glance."""
    tiles = [
        _last("Last run", "run_status", "How the last run ended.", _BUILDING),
        _last(
            "Data as of",
            "to_char(run_as_of_at, 'YYYY-MM-DD HH24:MI')",
            "The instant (UTC) that the last run's data belong to.",
            "The as-of instant of the last run that read at least one source.",
            "landed_sources > 0",
        ),
        _count(
            "Failed runs",
            "count(*) filter (where run_status in ('failed', 'interrupted'))",
            "Runs of the time range that failed or were interrupted.",
            "Runs with status failed or interrupted.",
        ),
        _count(
            "Sources not read",
            "sum(failed_sources)",
            "How often a source could not be read in the time range.",
            "Failed sources, summed over the runs.",
        ),
        _count(
            "Rows not readable",
            "sum(rows_quarantined)",
            "Rows of the time range's runs that could not be read and were set aside.",
            "Quarantined rows, summed over the runs.",
        ),
        _count(
            "Critical expectations missed",
            "sum(failed_critical_expectations)",
            "Checks on landed rows that kept models from being built, in the time range.",
            "Critical expectations not met, summed over the runs.",
        ),
    ]
    return Section("How did the last runs end?", [Band(4, [(4, tile) for tile in tiles])])


def runs() -> Section:
    """Give the section: the runs one by one."""
    return Section(
        "How long did they take, and what did they read?",
        [
            Band(8, [(8, _durations()), (8, _rows()), (8, _calls())]),
            Band(11, [(24, _table())]),
        ],
    )


def _last(
    title: str, column: str, shows: str, definition: str, condition: str = "true"
) -> stat.Panel:
    about = About(
        title,
        f"{shows} The time range does not matter.",
        definition,
        (_SOURCE,),
        "string",
        "No run yet",
    )
    sql = f"""\
select {column} as "{title}"
from {_SOURCE}
where {condition}
order by run_as_of_at desc, started_at desc
limit 1"""
    return stat_panel(about, sql, text_field=title)


def _count(title: str, figure: str, shows: str, definition: str) -> stat.Panel:
    about = About(title, shows, f"{definition} Red from 1.", (_SOURCE,), "locale", _NO_RUN)
    sql = f"""\
select {figure} as "{title}"
from {_SOURCE}
where $__timeFilter(run_as_of_at)"""
    return stat_panel(about, sql, steps=_BAD)


def _durations() -> timeseries.Panel:
    about = About(
        "Duration of runs",
        "How long the runs took, by the instant that their data belong to.",
        "From the run's start to its end, by the machine's clock. Runs that have not ended are "
        "left out. Red line: the 30 minutes that a daily build may take.",
        (_SOURCE,),
        "s",
        "No run of this time range has ended yet",
    )
    sql = f"""\
select
    run_as_of_at as "time",
    duration_seconds as "Duration",
    1800 as "At most"
from {_SOURCE}
where $__timeFilter(run_as_of_at) and duration_seconds is not null
order by run_as_of_at"""
    colors = {"Duration": "blue", "At most": "red"}
    return time_series_panel(about, sql, colors=colors, limits=("At most",), decimals=0)


def _rows() -> timeseries.Panel:
    about = About(
        "Rows read and landed",
        "Rows that the sources gave to each run, and how many were new or different.",
        "A second reading of the same data lands nothing.",
        (_SOURCE,),
        "short",
        _NO_RUN,
    )
    sql = f"""\
select
    run_as_of_at as "time",
    rows_read as "Read",
    rows_landed as "Landed"
from {_SOURCE}
where $__timeFilter(run_as_of_at)
order by run_as_of_at"""
    return time_series_panel(about, sql, colors={"Read": "blue", "Landed": "green"})


def _calls() -> timeseries.Panel:
    about = About(
        "Calls to APIs by run",
        "Calls to metered APIs that each run made.",
        "Calls that the pipeline has written down, failed ones and retries included.",
        (_SOURCE,),
        "locale",
        _NO_RUN,
    )
    sql = f"""\
select
    run_as_of_at as "time",
    api_calls as "Calls"
from {_SOURCE}
where $__timeFilter(run_as_of_at)
order by run_as_of_at"""
    return time_series_panel(about, sql, colors={"Calls": "purple"})


def _table() -> table.Panel:
    about = About(
        "Runs",
        "The runs of the time range, the latest first.",
        f"Landed: rows new or different. Set aside: rows that could not be read. {_BUILDING} "
        "At most 200.",
        (_SOURCE,),
        "locale",
        _NO_RUN,
    )
    sql = f"""\
select
    run_as_of_at as "As of",
    command as "Command",
    run_status as "Status",
    duration_seconds as "Duration",
    landed_sources as "Sources",
    failed_sources as "Failed",
    rows_read as "Rows read",
    rows_landed as "Landed",
    rows_quarantined as "Set aside",
    api_calls as "Calls",
    failed_expectations as "Missed checks",
    coalesce(message, failed_source_names) as "What went wrong"
from {_SOURCE}
where $__timeFilter(run_as_of_at)
order by run_as_of_at desc, started_at desc
limit 200"""
    return table_panel(
        about,
        sql,
        columns={
            "As of": Column(unit="time:YYYY-MM-DD HH:mm", width=150),
            "Command": Column(width=100),
            "Status": Column(width=110, colors=_STATUS_COLORS),
            "Duration": Column(unit="s", decimals=0, width=100),
            "Sources": Column(width=80),
            "Failed": Column(width=80, steps=(Step(None, "text"), Step(1, "red"))),
            "Rows read": Column(width=100),
            "Landed": Column(width=100),
            "Set aside": Column(width=90, steps=(Step(None, "text"), Step(1, "yellow"))),
            "Calls": Column(width=80),
            "Missed checks": Column(width=120, steps=(Step(None, "text"), Step(1, "yellow"))),
        },
    )
