"""Grafana's units and named colours, for drawing outside Grafana what a panel would show."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any

from charts.formats import (
    UNKNOWN,
    Format,
    count,
    data_size,
    duration,
    percent,
    short,
    usd,
    with_suffix,
)
from charts.theme import Theme
from grafana.normalise import Json

_HUES = {
    "green": ("#37872D", "#56A64B", "#73BF69", "#96D98D", "#C8F2C2"),
    "yellow": ("#E0B400", "#F2CC0C", "#FADE2A", "#FFEE52", "#FFF899"),
    "red": ("#C4162A", "#E02F44", "#F2495C", "#FF7383", "#FFA6B0"),
    "blue": ("#1F60C4", "#3274D9", "#5794F2", "#8AB8FF", "#C0D8FF"),
    "orange": ("#FA6400", "#FF780A", "#FF9830", "#FFB357", "#FFCB7D"),
    "purple": ("#8F3BB8", "#A352CC", "#B877D9", "#CA95E5", "#DEB6F2"),
}
_SHADES = ("dark-", "semi-dark-", "", "light-", "super-light-")
NAMED_COLORS = {
    shade + hue: color
    for hue, colors in _HUES.items()
    for shade, color in zip(_SHADES, colors, strict=True)
}
CLASSIC = ("#7EB26D", "#EAB839", "#6ED0E0", "#EF843C", "#E24D42", "#1F78C1", "#BA43A9", "#705DA0")
_UNITS: dict[str, Callable[..., str]] = {
    "currencyUSD": usd,
    "percentunit": percent,
    "locale": count,
    "none": count,
    "short": short,
    "ms": partial(duration, seconds=0.001),
    "s": duration,
    "m": partial(duration, seconds=60.0),
    "h": partial(duration, seconds=3_600.0),
    "d": partial(duration, seconds=86_400.0),
    "percent": with_suffix("%"),
    "celsius": with_suffix(" °C"),
    "gbytes": with_suffix(" GB"),
    "decmbytes": partial(data_size, size=1e6),
    "decgbytes": partial(data_size, size=1e9),
    "string": count,
}


def number_format(unit: str, decimals: int | None) -> Format:
    """Give the way a unit writes a number; `KeyError` for a unit that no panel uses yet."""
    return partial(_UNITS[unit], decimals=decimals)


def shown(value: Any, unit: str, decimals: int | None) -> str:
    """Write one cell's value: text as it is, a time by the minute, a number in its unit."""
    if value is None:
        return UNKNOWN
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, str | bool | date):
        return str(value)
    return number_format(unit, decimals)(value)


def color(name: str, theme: Theme) -> str:
    """Give the `#rrggbb` of a colour that a dashboard names."""
    if name == "text":
        return theme.text
    return NAMED_COLORS.get(name, name)


def step_color(steps: Sequence[Json], value: Any, theme: Theme) -> str:
    """Give the colour that thresholds (`steps`, ascending) lend to a value."""
    chosen = theme.text
    for step in steps:
        if step["value"] is None or (value is not None and value >= step["value"]):
            chosen = color(step["color"], theme)
    return chosen


def overrides(panel: Json, name: str) -> dict[str, Any]:
    """Collect what the panel's overrides set for the field `name`."""
    return {
        item["id"]: item["value"]
        for override in panel["fieldConfig"]["overrides"]
        if override["matcher"] == {"id": "byName", "options": name}
        for item in override["properties"]
    }


def series_color(panel: Json, name: str, position: int, theme: Theme) -> str:
    """Give the colour of a series or slice: its own, else the palette's next."""
    own = overrides(panel, name).get("color", {}).get("fixedColor")
    return color(own, theme) if own else CLASSIC[position % len(CLASSIC)]


def plain(markdown: str) -> str:
    """Give the words of Markdown without the marks of links, lists and emphasis."""
    words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", markdown)
    return re.sub(r"^- ", "• ", re.sub(r"[*`]", "", words), flags=re.MULTILINE)


def mixed(one: str, other: str, share: float) -> str:
    """Give the `#rrggbb` that is `share` of the way from one colour to the other."""
    pairs = zip(_channels(one), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def _channels(hexadecimal: str) -> list[int]:
    return [int(hexadecimal[i : i + 2], 16) for i in (1, 3, 5)]
