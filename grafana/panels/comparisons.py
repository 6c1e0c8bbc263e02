"""Rows compared: rankings, parts of a whole, and two figures against each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from grafana_foundation_sdk.builders import barchart, bargauge, common, dashboard, piechart, xychart
from grafana_foundation_sdk.models import common as common_models
from grafana_foundation_sdk.models import dashboard as models
from grafana_foundation_sdk.models import piechart as piechart_models
from grafana_foundation_sdk.models import xychart as xychart_models

from grafana.about import About
from grafana.panels.basics import (
    Step,
    all_series_tooltip,
    color_mode,
    data_link,
    field_property,
    fixed,
    legend,
    thresholds,
    with_basics,
)

_LINES = xychart_models.XYShowMode.POINTS_AND_LINES


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
        with_basics(barchart.Panel(), about, sql, "table")
        .orientation(common_models.VizOrientation.HORIZONTAL)
        .x_field(category)
        .show_value(common_models.VisibilityMode.ALWAYS)
        .bar_width(0.75)
        .x_tick_label_max_length(28)
        .axis_soft_min(0)
        .legend(legend("hidden"))
        .tooltip(all_series_tooltip())
        .color_scheme(dashboard.FieldColor().mode(models.FieldColorModeId.FIXED).fixed_color(color))
    )
    if link is not None:
        panel = panel.data_links([data_link(*link)])
    return panel if decimals is None else panel.decimals(decimals)


def pie_panel(about: About, sql: str, *, colors: Mapping[str, str]) -> piechart.Panel:
    """Show parts of a whole: a slice a row, labelled by the row's text column."""
    panel = (
        with_basics(piechart.Panel(), about, sql, "table")
        .pie_type(piechart_models.PieChartType.DONUT)
        .display_labels([piechart_models.PieChartLabels.PERCENT])
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]).values(True))
        .color_scheme(color_mode(models.FieldColorModeId.PALETTE_CLASSIC))
        .tooltip(all_series_tooltip())
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
        panel = panel.override_by_name(name, [fixed(color)])
    return panel


def bar_gauge_panel(
    about: About,
    sql: str,
    *,
    maximum: float | None,
    steps: Sequence[Step],
    decimals: int | None = None,
) -> bargauge.Panel:
    """Show a filled bar a row, coloured by `steps`, up to `maximum`; the first column names it."""
    panel = (
        with_basics(bargauge.Panel(), about, sql, "table")
        .min(0)
        .orientation(common_models.VizOrientation.HORIZONTAL)
        .display_mode(common_models.BarGaugeDisplayMode.BASIC)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]).values(True))
        .thresholds(thresholds(steps))
        .color_scheme(color_mode(models.FieldColorModeId.THRESHOLDS))
    )
    if maximum is not None:
        panel = panel.max(maximum)
    return panel if decimals is None else panel.decimals(decimals)


def scatter_panel(
    about: About,
    sql: str,
    *,
    x: tuple[str, str],
    y: tuple[str, str],
    colors: Mapping[str, str],
    joined: bool = False,
    link: tuple[str, str] | None = None,
) -> xychart.Panel:
    """Draw a point a row: `x` and `y` are each an axis' name and its unit.

    The points of a kind may be `joined` by a line, in the order of the rows.

    The columns are some text, then x, then a column of y for each of `colors`, which are kinds of
    points: a row has its y in the column of its kind. Without being told a mapping, which Grafana
    10 to 12 write each in their own way, all of them take the first number for x and every other
    one for a series of y.
    """
    panel = (
        with_basics(xychart.Panel(), about, sql, "table")
        .show(_LINES if joined else xychart_models.XYShowMode.POINTS)
        .point_size(xychart.XychartFieldConfigPointSize().fixed(7))
        .mapping(xychart_models.SeriesMapping.AUTO)
        .legend(legend("list" if len(colors) > 1 else "hidden"))
        .tooltip(all_series_tooltip())
        .color_scheme(color_mode(models.FieldColorModeId.PALETTE_CLASSIC))
        .override_by_name(x[0], _axis(x))
    )
    for name, color in colors.items():
        panel = panel.override_by_name(name, [*_axis(y), fixed(color)])
    if link is not None:
        panel = panel.data_links([data_link(*link)])
    return panel


def _axis(name_and_unit: tuple[str, str]) -> list[models.DynamicConfigValue]:
    name, unit = name_and_unit
    return [
        field_property("unit", unit),
        field_property("custom.axisLabel", name),
        field_property("custom.axisSoftMin", 0),
    ]
