"""The Pipeline runs dashboard's sources, and the figures that they have restated."""

from __future__ import annotations

from grafana_foundation_sdk.builders import table

from grafana.about import About
from grafana.layout import Band, Section
from grafana.panels import Column, Step, table_panel

OUTCOME_COLORS = {"landed": "green", "disabled": "text", "failed": "red"}


def section() -> Section:
    """Give the section on the sources."""
    return Section(
        "What did each source give?",
        [Band(10, [(12, _outcomes()), (12, _streams())])],
    )


def restated() -> Section:
    """Give the section on what was reported otherwise before."""
    return Section("What was restated?", [Band(9, [(24, restated_figures())])])


def _outcomes() -> table.Panel:
    about = About(
        "Sources",
        "How each source fared in the last run that looked at it. The time range does not matter.",
        "landed: read in full; disabled: not set up; failed: could not be read. Last changed: the "
        "last run that brought new or different rows.",
        ("marts.source_freshness",),
        "locale",
        "No source was read yet",
    )
    sql = """\
select
    replace(source_name, '_', ' ') as "Source",
    max(last_status) as "Outcome",
    max(last_read_at) as "Last read",
    max(last_changed_at) as "Last changed",
    count(*) filter (where stream_name <> 'none') as "Streams",
    sum(rows_quarantined) as "Set aside"
from marts.source_freshness
group by source_name
order by source_name"""
    return table_panel(
        about,
        sql,
        columns={
            "Outcome": Column(width=100, colors=OUTCOME_COLORS),
            "Last read": Column(unit="time:YYYY-MM-DD HH:mm", width=150),
            "Last changed": Column(unit="time:YYYY-MM-DD HH:mm", width=150),
            "Streams": Column(width=90),
            "Set aside": Column(width=90, steps=(Step(None, "text"), Step(1, "yellow"))),
        },
    )


def _streams() -> table.Panel:
    about = About(
        "Streams",
        "Each source's streams, those that were longest without a change first. The time range "
        "does not matter.",
        "Last changed: the as-of instant of the last run that landed new or different rows. Set "
        "aside: rows that could not be read, over all runs.",
        ("marts.source_freshness",),
        "locale",
        "No source was read yet",
    )
    sql = """\
select
    replace(source_name, '_', ' ') as "Source",
    replace(stream_name, '_', ' ') as "Stream",
    last_changed_at as "Last changed",
    rows_quarantined as "Set aside"
from marts.source_freshness
order by last_changed_at asc nulls first, rows_quarantined desc, source_name, stream_name"""
    return table_panel(
        about,
        sql,
        columns={
            "Last changed": Column(unit="time:YYYY-MM-DD HH:mm", width=150),
            "Set aside": Column(width=90, steps=(Step(None, "text"), Step(1, "yellow"))),
        },
    )


def restated_figures() -> table.Panel:
    """List the platform's figures that are known otherwise now than they were reported."""
    about = About(
        "Restated figures",
        "The platform's key figures that are known otherwise now than they were reported first, "
        "the most restated first. The time range does not matter.",
        "Restated by: known now less reported first, as a share of it. YouTube restates views for "
        "about 7 days and revenue for about 45. At most 50.",
        ("marts.figure_restatements",),
        "locale",
        "Nothing that was reported has been restated",
    )
    sql = """\
select
    replace(replace(metric, '_usd', ''), '_', ' ') as "Figure",
    replace(period, '_', ' ') as "Period",
    to_char(period_start, 'YYYY-MM-DD') as "From",
    to_char(period_end, 'YYYY-MM-DD') as "To",
    first_reported_at as "First reported",
    first_reported_value as "Reported first",
    last_reported_value as "Reported last",
    known_now_value as "Known now",
    restated_difference_rate as "Restated by"
from marts.figure_restatements
where is_restated and user_id = '00000000-0000-0000-0000-000000000000'
order by abs(restated_difference_rate) desc nulls last, period_start desc, metric
limit 50"""
    amount = Column(decimals=2, width=130)
    return table_panel(
        about,
        sql,
        columns={
            "First reported": Column(unit="time:YYYY-MM-DD HH:mm", width=150),
            "Reported first": amount,
            "Reported last": amount,
            "Known now": amount,
            "Restated by": Column(unit="percentunit", decimals=2, width=110),
        },
    )
