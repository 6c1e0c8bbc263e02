"""The Data quality dashboard: how far the figures can be trusted."""

from __future__ import annotations

from grafana.dashboards import data_quality_checks, data_quality_score
from grafana.dashboards.frame import staff_dashboard
from grafana.dashboards.pipeline_runs_sources import restated_figures
from grafana.dashboards.staff_marks import pipeline_runs, restatements
from grafana.layout import Band, Section
from grafana.normalise import Json

UID = "ytempire-data-quality"


def build() -> Json:
    """Give the dashboard as Grafana's JSON."""
    return staff_dashboard(
        UID,
        "YTEMPIRE Data quality",
        "How far the figures can be trusted: whether they are complete, fresh, valid, in agreement "
        "with YouTube and the providers, what is unusual in them, and that tenants see only their "
        "own.",
        [
            data_quality_score.section(),
            data_quality_score.completeness_and_freshness(),
            data_quality_checks.reconciliation(),
            data_quality_checks.anomalies(),
            data_quality_checks.validation_and_isolation(),
            Section("What was restated?", [Band(8, [(24, restated_figures())])]),
        ],
        annotations=[pipeline_runs(), restatements()],
    )
