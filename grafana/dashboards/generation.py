"""The Video generation dashboard: from the queue to the published video, and what it takes."""

from __future__ import annotations

from grafana.dashboards import generation_queue, generation_work
from grafana.dashboards.frame import staff_dashboard
from grafana.dashboards.staff_marks import pipeline_runs
from grafana.normalise import Json

UID = "ytempire-generation"


def build() -> Json:
    """Give the dashboard as Grafana's JSON."""
    return staff_dashboard(
        UID,
        "YTEMPIRE Video generation",
        "The queue, how many videos get through and where they stay, how long a video takes, what "
        "it costs, and which ways of making it do best.",
        [
            generation_queue.section(),
            generation_queue.outcomes(),
            generation_queue.stages(),
            generation_work.effort(),
            generation_work.methods(),
        ],
        annotations=[pipeline_runs()],
    )
