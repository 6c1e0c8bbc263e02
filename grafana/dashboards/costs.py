"""Cost analysis: what videos cost, why, and whether the books agree."""

from __future__ import annotations

from grafana.dashboards import costs_parts, costs_videos
from grafana.dashboards.frame import staff_dashboard
from grafana.dashboards.house import COSTS_UID
from grafana.normalise import Json


def build() -> Json:
    """Give the dashboard as Grafana's JSON."""
    return staff_dashboard(
        COSTS_UID,
        "YTEMPIRE Cost analysis",
        "What making videos costs, what the money is spent on, how it keeps to the target of "
        "3.00 USD a video, which videos go beyond it, and what providers charge beyond the ledger.",
        [
            costs_videos.headlines(),
            *costs_parts.sections(),
            *costs_videos.sections(),
            costs_parts.providers(),
        ],
        refresh="15m",
    )
