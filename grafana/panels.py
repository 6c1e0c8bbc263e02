"""The panel kinds that dashboards are made of, each with one look.

Every builder demands an `About` (title, description, unit, empty state) and the SQL; the rest is
set here, so that panels of one kind look and behave alike on all dashboards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from grafana_foundation_sdk.builders import (
    barchart,
    common,
    dashboard,
    piechart,
    stat,
    table,
    timeseries,
)
from grafana_foundation_sdk.models import common as common_models
from grafana_foundation_sdk.models import dashboard as models
from grafana_foundation_sdk.models import piechart as piechart_models

from grafana.about import About
from grafana.query import PostgresQuery, ResultFormat, datasource

_Kind = TypeVar("_Kind", barchart.Panel, piechart.Panel, stat.Panel, table.Panel, timeseries.Panel)
_SdkStyle = common_models.GraphDrawStyle


@dataclass(frozen=True)
class Step:
    """From `value` on the figure is shown in `color`; `None` begins the scale."""

    value: float | None
    color: str


@dataclass(frozen=True)
class Column:
    """How one column of a table is shown; a `link` may use the row's other columns."""

    unit: str | None = None
    decimals: int | None = None
    width: int | None = None
    link: tuple[str, str] | None = None
    steps: Sequence[Step] = ()


def row_field(name: str) -> str:
    """Refer to another column of the clicked row within a link."""
    return f'${{__data.fields["{name}"]}}'


def stat_panel(
    about: About,
    sql: str,
    *,
    steps: Sequence[Step] = (),
    decimals: int | None = None,
    text_field: str | None = None,
) -> stat.Panel:
    """Show one figure, coloured by `steps`; `text_field` names a column of text to show as it is.

    Without `steps` the figure keeps a neutral colour: no judgement is meant.
    """
    panel = _with_basics(stat.Panel(), about, sql, "table")
    reducer = common.ReduceDataOptions().calcs(["lastNotNull"]).values(False)
    if text_field is not None:
        reducer = reducer.fields(f"/^{text_field}$/")
    panel = (
        panel.graph_mode(common_models.BigValueGraphMode.NONE)
        .color_mode(common_models.BigValueColorMode.VALUE)
        .text_mode(common_models.BigValueTextMode.VALUE)
        .reduce_options(reducer)
        .thresholds(_thresholds(steps or [Step(None, "text")]))
        .color_scheme(_color_mode(models.FieldColorModeId.THRESHOLDS))
    )
    return panel if decimals is None else panel.decimals(decimals)


def time_series_panel(
    about: About,
    sql: str,
    *,
    colors: Mapping[str, str],
    bars: Sequence[str] = (),
    stacked: bool = False,
    range_: str | None = None,
    decimals: int | None = None,
) -> timeseries.Panel:
    """Draw the series named in `colors` over time; those in `bars` as bars, stacked if asked.

    `range_` (such as `1y`) looks back so far whatever the dashboard's own relative range is.
    """
    panel = (
        _with_basics(timeseries.Panel(), about, sql, "time_series")
        .line_width(2)
        .fill_opacity(8)
        .show_points(common_models.VisibilityMode.AUTO)
        .axis_soft_min(0)
        .color_scheme(_color_mode(models.FieldColorModeId.PALETTE_CLASSIC))
        .legend(_legend("list"))
        .tooltip(_all_series_tooltip())
    )
    for name, color in colors.items():
        properties = [_fixed(color)]
        if name in bars:
            properties += _bar_properties(stacked)
        panel = panel.override_by_name(name, properties)
    if range_ is not None:
        panel = panel.time_from(range_).hide_time_override(False)
    return panel if decimals is None else panel.decimals(decimals)


def bar_panel(
    about: About,
    sql: str,
    *,
    category: str,
    color: str,
    link: tuple[str, str] | None = None,
    decimals: int | None = None,
) -> barchart.Panel:
    """Rank rows by one figure: a horizontal bar for each, the first row on top."""
    panel = (
        _with_basics(barchart.Panel(), about, sql, "table")
        .orientation(common_models.VizOrientation.HORIZONTAL)
        .x_field(category)
        .show_value(common_models.VisibilityMode.ALWAYS)
        .bar_width(0.75)
        .x_tick_label_max_length(28)
        .axis_soft_min(0)
        .legend(_legend("hidden"))
        .tooltip(_all_series_tooltip())
        .color_scheme(dashboard.FieldColor().mode(models.FieldColorModeId.FIXED).fixed_color(color))
    )
    if link is not None:
        panel = panel.data_links([_data_link(*link)])
    return panel if decimals is None else panel.decimals(decimals)


def pie_panel(about: About, sql: str, *, colors: Mapping[str, str]) -> piechart.Panel:
    """Show parts of a whole: a slice a row, labelled by the row's text column."""
    panel = (
        _with_basics(piechart.Panel(), about, sql, "table")
        .pie_type(piechart_models.PieChartType.DONUT)
        .display_labels([piechart_models.PieChartLabels.PERCENT])
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]).values(True))
        .color_scheme(_color_mode(models.FieldColorModeId.PALETTE_CLASSIC))
        .tooltip(_all_series_tooltip())
        .legend(
            piechart.PieChartLegendOptions()
            .display_mode(common_models.LegendDisplayMode.TABLE)
            .placement(common_models.LegendPlacement.RIGHT)
            .show_legend(True)
            .values(
                [
                    piechart_models.PieChartLegendValues.VALUE,
                    piechart_models.PieChartLegendValues.PERCENT,
                ]
            )
        )
    )
    for name, color in colors.items():
        panel = panel.override_by_name(name, [_fixed(color)])
    return panel


def table_panel(about: About, sql: str, *, columns: Mapping[str, Column]) -> table.Panel:
    """List rows as they come; `columns` says how single columns are shown."""
    panel = _with_basics(table.Panel(), about, sql, "table").cell_height(
        common_models.TableCellHeight.SM
    )
    for name, column in columns.items():
        panel = panel.override_by_name(name, _column_properties(column))
    return panel


def _with_basics(panel: _Kind, about: About, sql: str, result_format: ResultFormat) -> _Kind:
    panel = (
        panel.title(about.title)
        .description(about.description)
        .datasource(datasource())
        .with_target(PostgresQuery(sql, result_format))
        .unit(about.unit)
        .no_value(about.empty)
    )
    # Otherwise a channel that is called "360" is shown as $360.
    return panel.override_by_field_type("string", [_property("unit", "string")])


def _thresholds(steps: Sequence[Step]) -> dashboard.ThresholdsConfig:
    return (
        dashboard.ThresholdsConfig()
        .mode(models.ThresholdsMode.ABSOLUTE)
        .steps([models.Threshold(value=step.value, color=step.color) for step in steps])
    )


def _color_mode(mode: models.FieldColorModeId) -> dashboard.FieldColor:
    return dashboard.FieldColor().mode(mode)


def _legend(display: Literal["list", "hidden"]) -> common.VizLegendOptions:
    return (
        common.VizLegendOptions()
        .display_mode(common_models.LegendDisplayMode(display))
        .placement(common_models.LegendPlacement.BOTTOM)
        .show_legend(display != "hidden")
    )


def _all_series_tooltip() -> common.VizTooltipOptions:
    return (
        common.VizTooltipOptions()
        .mode(common_models.TooltipDisplayMode.MULTI)
        .sort(common_models.SortOrder.DESCENDING)
    )


def _data_link(title: str, url: str) -> dashboard.DashboardLink:
    return dashboard.DashboardLink(title).url(url).target_blank(True)


def _property(key: str, value: object) -> models.DynamicConfigValue:
    return models.DynamicConfigValue(id_val=key, value=value)


def _fixed(color: str) -> models.DynamicConfigValue:
    return _property("color", {"mode": "fixed", "fixedColor": color})


def _bar_properties(stacked: bool) -> list[models.DynamicConfigValue]:
    properties = [
        _property("custom.drawStyle", _SdkStyle.BARS.value),
        _property("custom.fillOpacity", 80),
        _property("custom.lineWidth", 0),
    ]
    if stacked:
        properties.append(_property("custom.stacking", {"mode": "normal", "group": "A"}))
    return properties


def _column_properties(column: Column) -> list[models.DynamicConfigValue]:
    properties = []
    if column.unit is not None:
        properties.append(_property("unit", column.unit))
    if column.decimals is not None:
        properties.append(_property("decimals", column.decimals))
    if column.width is not None:
        properties.append(_property("custom.width", column.width))
    if column.link is not None:
        title, url = column.link
        properties.append(_property("links", [{"title": title, "url": url, "targetBlank": True}]))
    if column.steps:
        steps = [{"value": step.value, "color": step.color} for step in column.steps]
        properties.append(_property("thresholds", {"mode": "absolute", "steps": steps}))
        properties.append(_property("color", {"mode": "thresholds"}))
        properties.append(_property("custom.cellOptions", {"type": "color-text"}))
    return properties
