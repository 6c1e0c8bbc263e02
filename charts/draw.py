"""One function a kind of chart. Axes come from `charts.page`, data as plain numbers and text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import matplotlib.dates as mdates
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, MaxNLocator

from charts.formats import UNKNOWN, Format, percent
from charts.theme import Theme

_BAR_SHARE = 0.7


@dataclass(frozen=True)
class Series:
    """Values over time, `None` where unknown.

    Bars that are `stacked` stand on each other; a `limit` is a dashed line.
    """

    name: str
    values: Sequence[float | None]
    color: str
    bars: bool = False
    stacked: bool = False
    limit: bool = False


def message(axes: Axes, text: str, theme: Theme) -> None:
    """Say why there is nothing to draw."""
    axes.set_axis_off()
    write(axes, 0.5, 0.5, text, theme.muted, theme.normal, ha="center", va="center", wrap=True)


def tile(axes: Axes, text: str, color: str, theme: Theme, *, size: float | None = None) -> None:
    """Show one figure in large type."""
    axes.set_axis_off()
    write(axes, 0.5, 0.45, text, color, size or theme.large, ha="center", va="center", bold=True)


def time_series(
    axes: Axes,
    times: Sequence[datetime],
    series: Sequence[Series],
    span: tuple[datetime, datetime],
    number: Format,
    theme: Theme,
    *,
    floor: float = 0.0,
) -> None:
    """Draw series over the time `span`: bars behind, lines before them, a legend below.

    The scale begins at `floor`, or below where a figure does.
    """
    restyled(axes, theme)
    width = _bar_width(times, span)
    tops = [0.0] * len(times)
    bottoms = [0.0] * len(times)
    for one in (one for one in series if one.bars):
        values = [value or 0.0 for value in one.values]
        bases = [tops[i] if value >= 0 else bottoms[i] for i, value in enumerate(values)]
        axes.bar(
            _x(times),
            values,
            width=width / timedelta(days=1),
            bottom=bases if one.stacked else None,
            color=one.color,
            alpha=0.85,
            label=one.name,
            linewidth=0,
        )
        for i, value in enumerate(values):
            tops[i], bottoms[i] = tops[i] + max(value, 0), bottoms[i] + min(value, 0)
    for one in (one for one in series if not one.bars):
        heights = [float("nan") if value is None else value for value in one.values]
        marker = "o" if len(times) <= 40 and not (one.limit and len(times) > 1) else None
        (line,) = axes.plot(
            _x(times), heights, color=one.color, lw=1.6, marker=marker, ms=3, label=one.name
        )
        if one.limit:
            line.set(linestyle="--", linewidth=1.2)
    slack = width / 2 if any(one.bars for one in series) else timedelta(0)
    axes.set_xlim(_x([span[0] - slack])[0], _x([span[1] + slack])[0])
    locator = mdates.AutoDateLocator(minticks=4, maxticks=9, tz=UTC)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    labels = mdates.ConciseDateFormatter(locator, tz=UTC, show_offset=False)  # type: ignore[no-untyped-call]
    labels.formats[1:3] = ["%b", "%d %b"]
    labels.zero_formats[1:3] = ["%b %Y", "%d %b"]
    axes.xaxis.set_major_formatter(labels)
    low, high = axes.get_ylim()
    axes.set_ylim(min(low, floor), max(high, floor + 1e-9))
    axes.yaxis.set_major_formatter(round_ticks(number))
    axes.yaxis.set_major_locator(MaxNLocator(6))
    axes.grid(axis="y", color=theme.grid, lw=0.8)
    axes.legend(
        loc="upper left",
        bbox_to_anchor=(0.0, -0.1),
        ncols=min(len(series), 5),
        fontsize=theme.small,
        frameon=False,
        labelcolor=theme.text,
        handlelength=1.2,
        borderaxespad=0.0,
    )


def ranking(
    axes: Axes,
    labels: Sequence[str],
    values: Sequence[float],
    color: str,
    number: Format,
    theme: Theme,
) -> None:
    """Draw a horizontal bar for each label, the first on top, its value at its end."""
    restyled(axes, theme)
    places = list(range(len(labels)))
    axes.barh(places, values, height=_BAR_SHARE, color=color, alpha=0.85)
    axes.set_yticks(places, [shortened(label, 28) for label in labels])
    axes.invert_yaxis()
    highest = max([*values, 1e-9])
    axes.set_xlim(min([*values, 0.0]), highest * 1.15)
    for place, value in zip(places, values, strict=True):
        at = max(value, 0.0) + highest * 0.01
        axes.text(
            at,
            place,
            number(value),
            color=theme.text,
            size=theme.small,
            va="center",
            parse_math=False,
        )
    axes.xaxis.set_major_formatter(round_ticks(number))
    axes.xaxis.set_major_locator(MaxNLocator(6))
    axes.grid(axis="x", color=theme.grid, lw=0.8)


def parts(
    axes: Axes,
    labels: Sequence[str],
    values: Sequence[float],
    colors: Sequence[str],
    number: Format,
    theme: Theme,
) -> None:
    """Draw a ring of shares with a table of names, values and percentages on its right."""
    axes.set_axis_off()
    # a ring has no room for less than nothing
    slices = [(max(value, 0.0), color) for value, color in zip(values, colors, strict=True)]
    whole = sum(value for value, _ in slices)
    if not whole:
        slices = [(1.0, theme.grid)]
    ring = axes.inset_axes((0.0, 0.02, 0.5, 0.96))
    edge = {"width": 0.42, "edgecolor": theme.card, "linewidth": 1.2}
    ring.pie(
        [value for value, _ in slices],
        colors=[color for _, color in slices],
        startangle=90,
        counterclock=False,
        wedgeprops=edge,
    )
    ring.text(0, 0, number(whole), color=theme.text, size=12, ha="center", va="center")
    ring.set_aspect("equal")
    step = min(0.085, 0.94 / max(len(labels), 1))
    y = 0.5 + step * (len(labels) - 1) / 2
    for label, value, color in zip(labels, values, colors, strict=True):
        corner = (0.54, y - 0.018)
        axes.add_patch(
            Rectangle(corner, 0.018, 0.036, color=color, transform=axes.transAxes, clip_on=False)
        )
        write(axes, 0.575, y, shortened(label, 18), theme.text, theme.small, va="center")
        write(axes, 0.87, y, number(value), theme.text, theme.small, ha="right", va="center")
        share = percent(value / whole) if whole and value >= 0 else UNKNOWN
        write(axes, 1.0, y, share, theme.muted, theme.small, ha="right", va="center")
        y -= step


def round_ticks(number: Format) -> FuncFormatter:
    """Write round figures roundly: `$60K`, where the same figure alone would be `$60.0K`."""
    return FuncFormatter(lambda value, _: re.sub(r"\.0+(?=\D*$)", "", number(value)))


def shortened(text: str, length: int) -> str:
    """Cut text that is longer than `length`, with an ellipsis."""
    return text if len(text) <= length else text[: max(length - 1, 0)].rstrip() + "…"


def restyled(axes: Axes, theme: Theme) -> None:
    """Give axes the theme's colours, without a frame."""
    axes.set_facecolor(theme.card)
    axes.set_axisbelow(True)
    axes.tick_params(colors=theme.muted, labelsize=theme.small, length=0)
    for side in axes.spines.values():
        side.set_visible(False)


def _x(times: Sequence[datetime]) -> list[float]:
    # matplotlib counts days from 1970
    return [time.timestamp() / 86_400 for time in times]


def _bar_width(times: Sequence[datetime], span: tuple[datetime, datetime]) -> timedelta:
    gaps = [later - earlier for earlier, later in pairwise(times)]
    return _BAR_SHARE * min(
        [gap for gap in gaps if gap > timedelta(0)] + [(span[1] - span[0]) / 13]
    )


def write(
    axes: Axes,
    x: float,
    y: float,
    text: str,
    color: str,
    size: float,
    *,
    bold: bool = False,
    **more: Any,
) -> None:
    """Write text as it is: a dollar begins no formula."""
    weight = "bold" if bold else "normal"
    axes.text(
        x,
        y,
        text,
        color=color,
        size=size,
        weight=weight,
        parse_math=False,
        transform=axes.transAxes,
        **more,
    )
