"""What the panels of every kind have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from grafana_foundation_sdk.builders import (
    barchart,
    bargauge,
    common,
    dashboard,
    gauge,
    piechart,
    stat,
    table,
    timeseries,
    xychart,
)
from grafana_foundation_sdk.models import common as common_models
from grafana_foundation_sdk.models import dashboard as models

from grafana.about import About
from grafana.query import PostgresQuery, ResultFormat, datasource

Kind = TypeVar(
    "Kind",
    barchart.Panel,
    bargauge.Panel,
    gauge.Panel,
    piechart.Panel,
    stat.Panel,
    table.Panel,
    timeseries.Panel,
    xychart.Panel,
)


@dataclass(frozen=True)
class Step:
    """From `value` on the figure is shown in `color`; `None` begins the scale."""

    value: float | None
    color: str


def with_basics(panel: Kind, about: About, sql: str, result_format: ResultFormat) -> Kind:
    """Give a panel its words, unit, query and text for the empty state."""
    panel = (
        panel.title(about.title)
        .description(about.description)
        .datasource(datasource())
        .with_target(PostgresQuery(sql, result_format))
        .unit(about.unit)
        .no_value(about.empty)
    )
    # Otherwise a channel that is called "360" is shown as $360.
    return panel.override_by_field_type("string", [field_property("unit", "string")])


def thresholds(steps: Sequence[Step]) -> dashboard.ThresholdsConfig:
    """Colour by absolute steps."""
    return (
        dashboard.ThresholdsConfig()
        .mode(models.ThresholdsMode.ABSOLUTE)
        .steps([models.Threshold(value=step.value, color=step.color) for step in steps])
    )


def color_mode(mode: models.FieldColorModeId) -> dashboard.FieldColor:
    """Choose how a field gets its colour."""
    return dashboard.FieldColor().mode(mode)


def legend(display: Literal["list", "hidden"]) -> common.VizLegendOptions:
    """List the series below the chart, or hide them."""
    return (
        common.VizLegendOptions()
        .display_mode(common_models.LegendDisplayMode(display))
        .placement(common_models.LegendPlacement.BOTTOM)
        .show_legend(display != "hidden")
    )


def all_series_tooltip() -> common.VizTooltipOptions:
    """Show all series of the point, the largest first."""
    return (
        common.VizTooltipOptions()
        .mode(common_models.TooltipDisplayMode.MULTI)
        .sort(common_models.SortOrder.DESCENDING)
    )


def data_link(title: str, url: str) -> dashboard.DashboardLink:
    """Link a figure to the next level of detail: what is outside opens in a tab of its own."""
    return dashboard.DashboardLink(title).url(url).target_blank(not url.startswith("/d/"))


def field_property(key: str, value: object) -> models.DynamicConfigValue:
    """Set one property in an override."""
    return models.DynamicConfigValue(id_val=key, value=value)


def fixed(color: str) -> models.DynamicConfigValue:
    """Give a field a colour of its own."""
    return field_property("color", {"mode": "fixed", "fixedColor": color})
