"""The Operations dashboard: whether the platform runs, and what needs attention."""

from __future__ import annotations

from grafana.dashboards import operations_alerts, operations_machines, operations_pipeline
from grafana.dashboards.frame import staff_dashboard
from grafana.dashboards.staff_marks import pipeline_runs, restatements
from grafana.normalise import Json

UID = "ytempire-operations"


def build() -> Json:
    """Give the dashboard as Grafana's JSON."""
    return staff_dashboard(
        UID,
        "YTEMPIRE Operations",
        "How videos are being made, how the platform and its providers answer, how its machines "
        "bear it, and what needs attention. Vertical marks are runs of the pipeline.",
        [
            operations_pipeline.now(),
            operations_alerts.section(),
            operations_pipeline.trends(),
            operations_machines.interfaces(),
            operations_machines.machines(),
        ],
        from_="now-7d",
        annotations=[pipeline_runs(), restatements()],
    )
