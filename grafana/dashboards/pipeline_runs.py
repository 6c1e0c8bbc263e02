"""The Pipeline runs dashboard: how the runs ended, what they read, and what each source gave."""

from __future__ import annotations

from grafana.dashboards import pipeline_runs_sources, pipeline_runs_table
from grafana.dashboards.frame import staff_dashboard
from grafana.dashboards.staff_marks import pipeline_runs, restatements
from grafana.normalise import Json

UID = "ytempire-pipeline-runs"


def build() -> Json:
    """Give the dashboard as Grafana's JSON."""
    return staff_dashboard(
        UID,
        "YTEMPIRE Pipeline runs",
        "Runs of the data pipeline: how they ended, how long they took, what they read from each "
        "source, what they could not read, and what was restated since. A run stands at the "
        "instant that its data belong to.",
        [
            pipeline_runs_table.section(),
            pipeline_runs_table.runs(),
            pipeline_runs_sources.section(),
            pipeline_runs_sources.restated(),
        ],
        from_="now-7d",
        annotations=[pipeline_runs(), restatements()],
    )
