"""The marks on the time axis of dashboards on operations: runs of the pipeline, restated days."""

from __future__ import annotations

from grafana_foundation_sdk.builders.dashboard import AnnotationQuery

from grafana.selectors import marks

_RUNS = """\
select
    run_as_of_at as "time",
    'Pipeline run: ' || command || ', ' || run_status
    || coalesce(', without ' || failed_source_names, '') as text,
    run_status as tags
from marts.pipeline_runs
where $__timeFilter(run_as_of_at)
order by run_as_of_at"""

_RESTATED = """\
select
    period_start::timestamp as "time",
    'Restated: ' || replace(metric, '_usd', '') || ' of ' || period_start || ' by '
    || round(100 * restated_difference_rate, 1) || '% since it was reported first' as text,
    metric as tags
from marts.figure_restatements
where
    period = 'day'
    and user_id = '00000000-0000-0000-0000-000000000000'
    and abs(restated_difference_rate) >= 0.01
    and $__timeFilter(period_start)
order by period_start"""


def pipeline_runs() -> AnnotationQuery:
    """Mark each run of the pipeline at the instant that its data belong to."""
    return marks("Pipeline runs", _RUNS, color="blue")


def restatements() -> AnnotationQuery:
    """Mark report days whose revenue or views are known by 1% or more otherwise than at first."""
    return marks("Restated by 1% or more", _RESTATED, color="orange")
