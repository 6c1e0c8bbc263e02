"""Figures over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from grafana_foundation_sdk.builders import timeseries
from grafana_foundation_sdk.models import common as common_models
from grafana_foundation_sdk.models import dashboard as models

from grafana.about import About
from grafana.panels.basics import (
    all_series_tooltip,
    color_mode,
    field_property,
    fixed,
    legend,
    with_basics,
)


def time_series_panel(
    about: About,
    sql: str,
    *,
    colors: Mapping[str, str],
    bars: Sequence[str] = (),
    stacked: bool = False,
    limits: Sequence[str] = (),
    floor: float = 0,
    range_: str | None = None,
    decimals: int | None = None,
) -> timeseries.Panel:
    """Draw the series named in `colors` over time; those in `bars` as bars, stacked if asked.

    Those in `limits` are targets and thresholds, drawn dashed. The scale begins at `floor`, or
    below where a figure does. `range_` (such as `1y`) looks back so far whatever the dashboard's
    own relative range is.
    """
    panel = (
        with_basics(timeseries.Panel(), about, sql, "time_series")
        .line_width(2)
        .fill_opacity(8)
        .show_points(common_models.VisibilityMode.AUTO)
        .axis_soft_min(floor)
        .color_scheme(color_mode(models.FieldColorModeId.PALETTE_CLASSIC))
        .legend(legend("list"))
        .tooltip(all_series_tooltip())
    )
    for name, color in colors.items():
        properties = [fixed(color)]
        if name in bars:
            properties += _bar_properties(stacked)
        if name in limits:
            properties += _limit_properties()
        panel = panel.override_by_name(name, properties)
    if range_ is not None:
        panel = panel.time_from(range_).hide_time_override(False)
    return panel if decimals is None else panel.decimals(decimals)


def _limit_properties() -> list[models.DynamicConfigValue]:
    return [
        field_property("custom.lineStyle", {"fill": "dash", "dash": [8, 8]}),
        field_property("custom.lineWidth", 1),
        field_property("custom.fillOpacity", 0),
        field_property("custom.showPoints", "never"),
    ]


def _bar_properties(stacked: bool) -> list[models.DynamicConfigValue]:
    properties = [
        field_property("custom.drawStyle", common_models.GraphDrawStyle.BARS.value),
        field_property("custom.fillOpacity", 80),
        field_property("custom.lineWidth", 0),
    ]
    if stacked:
        properties.append(field_property("custom.stacking", {"mode": "normal", "group": "A"}))
    return properties
