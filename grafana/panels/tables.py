"""Tables: rows as they come, and grids of figures that are coloured by their size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from grafana_foundation_sdk.builders import table
from grafana_foundation_sdk.models import common as common_models
from grafana_foundation_sdk.models import dashboard as models

from charts.formats import UNKNOWN
from grafana.about import About
from grafana.panels.basics import Step, field_property, with_basics


@dataclass(frozen=True)
class Column:
    """How one column of a table is shown; a `link` may use the row's other columns.

    Numbers are coloured by `steps`, words by `colors`.
    """

    unit: str | None = None
    decimals: int | None = None
    width: int | None = None
    link: tuple[str, str] | None = None
    steps: Sequence[Step] = ()
    colors: Mapping[str, str] = field(default_factory=dict)
    hidden: bool = False
    """Not shown, but there for the links of other columns."""


def row_field(name: str) -> str:
    """Refer to another column of the clicked row within a link."""
    return f'${{__data.fields["{name}"]}}'


def table_panel(about: About, sql: str, *, columns: Mapping[str, Column]) -> table.Panel:
    """List rows as they come; `columns` says how single columns are shown."""
    panel = _table(about, sql)
    for name, column in columns.items():
        panel = panel.override_by_name(name, _column_properties(column))
    return panel


def heat_table_panel(
    about: About, sql: str, *, labels: Mapping[str, int], decimals: int | None = None
) -> table.Panel:
    """Show a grid of figures, such as weekdays by hours, each coloured by its size.

    `labels` names the columns of text on the left with their widths. Grafana's own heatmap has
    time on its axis, which hours of the day are not.
    """
    panel = _table(about, sql).override_by_field_type(
        "number",
        [
            field_property("custom.cellOptions", {"type": "color-background", "mode": "basic"}),
            field_property("color", {"mode": "continuous-BlPu"}),
            field_property("custom.align", "center"),
            field_property("custom.minWidth", 30),
        ],
    )
    for name, width in labels.items():
        panel = panel.override_by_name(name, [field_property("custom.width", width)])
    return panel if decimals is None else panel.decimals(decimals)


def _table(about: About, sql: str) -> table.Panel:
    # The text for the empty state is for a table without rows; Grafana would write it into every
    # empty cell too.
    return (
        with_basics(table.Panel(), about, sql, "table")
        .cell_height(common_models.TableCellHeight.SM)
        .override_by_regexp("/.*/", [field_property("noValue", UNKNOWN)])
    )


def _column_properties(column: Column) -> list[models.DynamicConfigValue]:
    properties = []
    if column.unit is not None:
        properties.append(field_property("unit", column.unit))
    if column.decimals is not None:
        properties.append(field_property("decimals", column.decimals))
    if column.width is not None:
        properties.append(field_property("custom.width", column.width))
    if column.hidden:
        properties.append(field_property("custom.hidden", True))
    if column.link is not None:
        title, url = column.link
        outside = not url.startswith("/d/")
        properties.append(
            field_property("links", [{"title": title, "url": url, "targetBlank": outside}])
        )
    if column.steps:
        steps = [{"value": step.value, "color": step.color} for step in column.steps]
        properties.append(field_property("thresholds", {"mode": "absolute", "steps": steps}))
        properties.append(field_property("color", {"mode": "thresholds"}))
    if column.colors:
        words = {
            word: {"color": color, "index": index}
            for index, (word, color) in enumerate(column.colors.items())
        }
        properties.append(field_property("mappings", [{"type": "value", "options": words}]))
    if column.steps or column.colors:
        properties.append(field_property("custom.cellOptions", {"type": "color-text"}))
    return properties
