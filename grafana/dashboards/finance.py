"""Finance: recurring revenue, who stays, what a customer is worth and costs, what is left."""

from __future__ import annotations

from grafana.dashboards import (
    finance_customers,
    finance_headlines,
    finance_margin,
    finance_movements,
)
from grafana.dashboards.frame import staff_dashboard
from grafana.dashboards.house import FINANCE_UID
from grafana.normalise import Json


def build() -> Json:
    """Give the dashboard as Grafana's JSON."""
    return staff_dashboard(
        FINANCE_UID,
        "YTEMPIRE Finance",
        "What users pay for the platform: recurring revenue and its movements, how many stay, "
        "what a customer is worth and costs to win, gross margin, and whether the books agree.",
        [
            finance_headlines.section(),
            *finance_movements.sections(),
            *finance_customers.sections(),
            *finance_margin.sections(),
        ],
        refresh="1h",
        from_="now-1y",
    )
