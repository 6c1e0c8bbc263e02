"""How each kind of panel is drawn from the rows of its query, with the panel's own settings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from charts import draw, shapes
from charts.page import Box, Page
from charts.table import Cell, TableColumn, table
from grafana.execute import Frame
from grafana.looks import (
    color,
    mixed,
    number_format,
    overrides,
    plain,
    series_color,
    shown,
    step_color,
)
from grafana.normalise import Json
from grafana.reader import TimeRange

_AXIS_MARGINS = (48, 4, 8, 52)
_RANKING_MARGINS = (190, 4, 12, 24)


def draw_panel(page: Page, box: Box, panel: Json, frame: Frame, span: TimeRange) -> None:
    """Draw a panel's content into `box`; without rows, its text for the empty state."""
    if panel["type"] == "text":
        words = plain(panel["options"]["content"])
        shapes.words(page.axes(box.inside(8, 4, 24, 4)), words, page.theme)
        return
    known = [value for row in frame.rows for value in row if value is not None]
    if not known:
        draw.message(page.axes(box), panel["fieldConfig"]["defaults"]["noValue"], page.theme)
        return
    _KINDS[panel["type"]](page, box, panel, frame, span)


def _stat(page: Page, box: Box, panel: Json, frame: Frame, _: TimeRange) -> None:
    value = frame.rows[0][0]
    defaults = panel["fieldConfig"]["defaults"]
    text = shown(value, defaults["unit"], defaults.get("decimals"))
    # a text has no place on a scale
    on_scale = None if isinstance(value, str) else value
    tint = step_color(defaults["thresholds"]["steps"], on_scale, page.theme)
    size = min(page.theme.large, box.height / 3.2, 1.15 * box.width / max(len(text), 1))
    draw.tile(page.axes(box), text, tint, page.theme, size=size)


def _timeseries(page: Page, box: Box, panel: Json, frame: Frame, span: TimeRange) -> None:
    series = []
    for position, name in enumerate(frame.of_kind("number")):
        own = overrides(panel, name)
        series.append(
            draw.Series(
                name,
                [None if value is None else float(value) for value in frame.values(name)],
                series_color(panel, name, position, page.theme),
                bars=own.get("custom.drawStyle") == "bars",
                stacked="custom.stacking" in own,
                limit="custom.lineStyle" in own,
            )
        )
    times = [_utc(value) for value in frame.values("time")]
    axes = page.axes(box.inside(*_AXIS_MARGINS))
    floor = panel["fieldConfig"]["defaults"]["custom"].get("axisSoftMin", 0)
    draw.time_series(
        axes, times, series, (span.from_, span.to), _format(panel), page.theme, floor=floor
    )


def _barchart(page: Page, box: Box, panel: Json, frame: Frame, _: TimeRange) -> None:
    labels = [str(value) for value in frame.values(panel["options"]["xField"])]
    values = _numbers(frame)
    tint = color(panel["fieldConfig"]["defaults"]["color"]["fixedColor"], page.theme)
    axes = page.axes(box.inside(*_RANKING_MARGINS))
    draw.ranking(axes, labels, values, tint, _format(panel), page.theme)


def _piechart(page: Page, box: Box, panel: Json, frame: Frame, _: TimeRange) -> None:
    labels = [str(row[0]) for row in frame.rows]
    tints = [series_color(panel, label, i, page.theme) for i, label in enumerate(labels)]
    draw.parts(page.axes(box), labels, _numbers(frame), tints, _format(panel), page.theme)


def _table(page: Page, box: Box, panel: Json, frame: Frame, _: TimeRange) -> None:
    defaults = panel["fieldConfig"]["defaults"]
    hidden = [bool(overrides(panel, column.name).get("custom.hidden")) for column in frame.columns]
    frame = _without(frame, hidden)
    settings = [overrides(panel, column.name) for column in frame.columns]
    shade = _shades(panel, frame)
    columns = [
        TableColumn(column.name, own.get("custom.width"), column.kind == "number")
        for column, own in zip(frame.columns, settings, strict=True)
    ]
    rows = [
        [
            Cell(
                shown(
                    value,
                    own.get("unit", defaults["unit"]),
                    own.get("decimals", defaults.get("decimals")),
                ),
                _cell_color(own, value, page),
                shade(value),
            )
            for value, own in zip(row, settings, strict=True)
        ]
        for row in frame.rows
    ]
    table(page.axes(box), columns, rows, (box.width, box.height), page.theme)


def _without(frame: Frame, hidden: Sequence[bool]) -> Frame:
    return Frame(
        tuple(column for column, out in zip(frame.columns, hidden, strict=True) if not out),
        tuple(
            tuple(value for value, out in zip(row, hidden, strict=True) if not out)
            for row in frame.rows
        ),
    )


def _gauge(page: Page, box: Box, panel: Json, frame: Frame, _: TimeRange) -> None:
    defaults = panel["fieldConfig"]["defaults"]
    value, whole = frame.rows[0][0], float(defaults["max"])
    steps = defaults["thresholds"]["steps"]
    marks = [((step["value"] or 0.0) / whole, color(step["color"], page.theme)) for step in steps]
    text = shown(value, defaults["unit"], defaults.get("decimals"))
    tint = step_color(steps, value, page.theme)
    shapes.dial(page.axes(box), float(value) / whole, text, tint, marks, page.theme)


def _bargauge(page: Page, box: Box, panel: Json, frame: Frame, _: TimeRange) -> None:
    defaults = panel["fieldConfig"]["defaults"]
    values = _numbers(frame)
    whole = float(defaults.get("max") or max([*values, 1e-9]))
    rows = [
        (
            str(row[0]),
            value / whole,
            shown(value, defaults["unit"], defaults.get("decimals")),
            step_color(defaults["thresholds"]["steps"], value, page.theme),
        )
        for row, value in zip(frame.rows, values, strict=True)
    ]
    shapes.filled_bars(page.axes(box), rows, page.theme)


def _xychart(page: Page, box: Box, panel: Json, frame: Frame, _: TimeRange) -> None:
    across, *others = frame.of_kind("number")
    kinds = [
        shapes.Kind(
            name,
            [
                (float(a), float(b))
                for a, b in zip(frame.values(across), frame.values(name), strict=True)
                if a is not None and b is not None
            ],
            series_color(panel, name, position, page.theme),
            "lines" in panel["fieldConfig"]["defaults"]["custom"]["show"],
        )
        for position, name in enumerate(others)
    ]
    x, y = (_axis(panel, name) for name in (across, others[0]))
    axes = page.axes(box.inside(72, 4, 12, 44))
    shapes.points(axes, [kind for kind in kinds if kind.places], x, y, page.theme)


def _axis(panel: Json, name: str) -> shapes.Axis:
    own = overrides(panel, name)
    number = number_format(own.get("unit", "short"), None)
    return shapes.Axis(own.get("custom.axisLabel", name), number)


def _shades(panel: Json, frame: Frame) -> Callable[[Any], str | None]:
    """Return how a grid of figures colours its numbers, which other tables do not."""
    has_shades = any(
        item["id"] == "custom.cellOptions" and item["value"]["type"] == "color-background"
        for override in panel["fieldConfig"]["overrides"]
        if override["matcher"]["id"] == "byType"
        for item in override["properties"]
    )
    numbers = [
        float(value)
        for row in frame.rows
        for value in row
        if isinstance(value, int | float | Decimal) and not isinstance(value, bool)
    ]
    if not has_shades or not numbers:
        return lambda value: None
    low = float(panel["fieldConfig"]["defaults"].get("min", min(numbers)))
    high = float(panel["fieldConfig"]["defaults"].get("max", max(numbers)))

    def shade(value: Any) -> str | None:
        if not isinstance(value, int | float | Decimal):
            return None
        share = (float(value) - low) / (high - low) if high > low else 0.5
        return mixed("#5794F2", "#B877D9", min(max(share, 0.0), 1.0))

    return shade


def _cell_color(own: dict[str, Any], value: Any, page: Page) -> str | None:
    if "links" in own:
        return color("blue", page.theme)
    if "thresholds" in own and value is not None:
        return step_color(own["thresholds"]["steps"], value, page.theme)
    for mapping in own.get("mappings", []):
        if value in mapping["options"]:
            return color(mapping["options"][value]["color"], page.theme)
    return None


def _format(panel: Json) -> Callable[..., str]:
    defaults = panel["fieldConfig"]["defaults"]
    return number_format(defaults["unit"], defaults.get("decimals"))


def _numbers(frame: Frame) -> list[float]:
    return [float(value or 0) for value in frame.values(frame.of_kind("number")[0])]


def _utc(value: date | datetime) -> datetime:
    if not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


_KINDS: dict[str, Callable[[Page, Box, Json, Frame, TimeRange], None]] = {
    "stat": _stat,
    "timeseries": _timeseries,
    "barchart": _barchart,
    "piechart": _piechart,
    "table": _table,
    "gauge": _gauge,
    "bargauge": _bargauge,
    "xychart": _xychart,
}
