"""The Executive dashboard: where the business stands, and where it is going."""

from __future__ import annotations

from grafana.dashboards import (
    executive_attention,
    executive_channels,
    executive_overview,
    executive_revenue,
)
from grafana.dashboards.frame import staff_dashboard
from grafana.normalise import Json

UID = "ytempire-executive"


def build() -> Json:
    """Give the dashboard as Grafana's JSON."""
    return staff_dashboard(
        UID,
        "YTEMPIRE Executive",
        "Subscription revenue of the platform, what its users' channels earn on YouTube, what "
        "the videos cost. The mark beside a panel's title tells its definition and its source.",
        [
            executive_overview.section(),
            *executive_revenue.sections(),
            *executive_channels.sections(),
            *executive_attention.sections(),
        ],
    )
