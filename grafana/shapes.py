"""Whether the rows of a query suit the panel that shows them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from grafana.execute import Frame
from grafana.normalise import Json

_ROW_FIELD = re.compile(r'\$\{__data\.fields\["([^"]+)"\]')


def check_shape(panel: Json, frame: Frame) -> list[str]:
    """Say what is wrong with `frame` for `panel`; an empty list when it can be drawn."""
    names = [column.name for column in frame.columns]
    found = [f"column {name!r} comes twice" for name in sorted(set(names)) if names.count(name) > 1]
    checks = {
        "timeseries": _check_time_series,
        "stat": _check_stat,
        "barchart": _check_categories,
        "piechart": _check_categories,
        "bargauge": _check_categories,
        "gauge": _check_gauge,
        "xychart": _check_points,
    }
    if panel["type"] in checks:
        found += checks[panel["type"]](panel, frame)
    for wanted in _columns_named_by(panel):
        if wanted not in names:
            found.append(f"there is no column {wanted!r}")
    return found


def _check_time_series(_: Json, frame: Frame) -> Iterator[str]:
    if not frame.columns or frame.columns[0].name != "time" or frame.columns[0].kind != "time":
        yield 'the first column is not a time called "time"'
        return
    for column in frame.columns[1:]:
        if column.kind != "number":
            yield f"column {column.name!r} is not a number"
    times = frame.values("time")
    if None in times:
        yield "a time is missing"
    elif times != sorted(times):
        yield "the times do not ascend"


def _check_stat(panel: Json, frame: Frame) -> Iterator[str]:
    wanted = "text" if panel["options"]["reduceOptions"].get("fields") else "number"
    if [column.kind for column in frame.columns] != [wanted]:
        yield f"a stat wants one column, a {wanted}"
    if len(frame.rows) > 1:
        yield f"a stat wants at most one row, there are {len(frame.rows)}"


def _check_gauge(_: Json, frame: Frame) -> Iterator[str]:
    if [column.kind for column in frame.columns] != ["number"]:
        yield "a gauge wants one column, a number"
    if len(frame.rows) > 1:
        yield f"a gauge wants at most one row, there are {len(frame.rows)}"


def _check_points(_: Json, frame: Frame) -> Iterator[str]:
    kinds = [column.kind for column in frame.columns]
    if "text" not in kinds or len(frame.of_kind("number")) < 2:
        yield "points want a text and two numbers"


def _check_categories(_: Json, frame: Frame) -> Iterator[str]:
    if not frame.columns or frame.columns[0].kind != "text":
        yield "the first column is not the category's text"
    if len(frame.of_kind("number")) != 1:
        yield "there is not exactly one column of numbers"


def _columns_named_by(panel: Json) -> set[str]:
    """Collect the columns that overrides, links and options of the panel rely on."""
    config = panel["fieldConfig"]
    values_are_rows = panel["type"] in ("piechart", "bargauge")
    named = {
        override["matcher"]["options"]
        for override in config["overrides"]
        if override["matcher"]["id"] == "byName" and not values_are_rows
    }
    links = list(config["defaults"].get("links", []))
    for override in config["overrides"]:
        for item in override["properties"]:
            links += item["value"] if item["id"] == "links" else []
    for link in links:
        named.update(_ROW_FIELD.findall(link["url"]))
    if "xField" in panel.get("options", {}):
        named.add(panel["options"]["xField"])
    return named
