"""The panel kinds that dashboards are made of, each with one look.

Every builder demands an `About` (title, description, unit, empty state) and the SQL; the rest is
set here, so that panels of one kind look and behave alike on all dashboards.
"""

from grafana.panels.basics import Step
from grafana.panels.comparisons import bar_gauge_panel, bar_panel, pie_panel, scatter_panel
from grafana.panels.series import time_series_panel
from grafana.panels.single import gauge_panel, stat_panel, text_panel
from grafana.panels.tables import Column, heat_table_panel, row_field, table_panel

__all__ = [
    "Column",
    "Step",
    "bar_gauge_panel",
    "bar_panel",
    "gauge_panel",
    "heat_table_panel",
    "pie_panel",
    "row_field",
    "scatter_panel",
    "stat_panel",
    "table_panel",
    "text_panel",
    "time_series_panel",
]
