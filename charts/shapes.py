"""Charts that are not drawn over time: points, dials, filled bars, words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.patches import Wedge
from matplotlib.ticker import MaxNLocator

from charts.draw import restyled, round_ticks, shortened, write
from charts.formats import Format
from charts.theme import Theme

_SWEEP = 240.0
"""Degrees of a dial, from its lower left to its lower right."""


@dataclass(frozen=True)
class Axis:
    """The name of an axis and how its figures are written."""

    name: str
    number: Format


@dataclass(frozen=True)
class Kind:
    """Points of one kind: its name, places (x, y) and colour, and whether a line joins them."""

    name: str
    places: Sequence[tuple[float, float]]
    color: str
    joined: bool = False


def points(axes: Axes, kinds: Sequence[Kind], x: Axis, y: Axis, theme: Theme) -> None:
    """Draw a point a place; several kinds are told apart by a legend in the corner."""
    restyled(axes, theme)
    for kind in kinds:
        across, up = [a for a, _ in kind.places], [b for _, b in kind.places]
        axes.scatter(across, up, s=34, color=kind.color, alpha=0.75, lw=0, label=kind.name)
        if kind.joined:
            axes.plot(across, up, color=kind.color, lw=1.6)
    axes.set_xlim(left=min(0.0, axes.get_xlim()[0]))
    axes.set_ylim(bottom=min(0.0, axes.get_ylim()[0]))
    if len(kinds) > 1:
        axes.legend(loc="upper left", fontsize=theme.small, frameon=False, labelcolor=theme.text)
    axes.set_xlabel(x.name, color=theme.muted, size=theme.small)
    axes.set_ylabel(y.name, color=theme.muted, size=theme.small)
    for axis, number in ((axes.xaxis, x.number), (axes.yaxis, y.number)):
        axis.set_major_formatter(round_ticks(number))
        axis.set_major_locator(MaxNLocator(6))
    axes.grid(color=theme.grid, lw=0.8)


def dial(
    axes: Axes,
    share: float,
    text: str,
    color: str,
    steps: Sequence[tuple[float, str]],
    theme: Theme,
) -> None:
    """Show a figure on a dial: `share` of it is filled, `steps` (share, colour) mark its rim."""
    axes.set_axis_off()
    axes.set_aspect("equal")
    axes.set_xlim(-1.05, 1.05)
    axes.set_ylim(-0.75, 1.05)
    begin = 90 + _SWEEP / 2

    def arc(start: float, end: float, tint: str, radius: float, width: float) -> None:
        wedge = Wedge(
            (0, 0), radius, begin - end * _SWEEP, begin - start * _SWEEP, width=width, color=tint
        )
        axes.add_patch(wedge)

    arc(0.0, 1.0, theme.grid, 0.9, 0.22)
    filled = min(max(share, 0.0), 1.0)
    if filled:
        arc(0.0, filled, color, 0.9, 0.22)
    ends = [*[start for start, _ in steps[1:]], 1.0]
    for (start, tint), end in zip(steps, ends, strict=True):
        if start < 1.0:
            arc(max(start, 0.0), min(end, 1.0), tint, 1.0, 0.05)
    axes.text(0, -0.1, text, color=color, size=theme.large * 0.75, ha="center", parse_math=False)


def filled_bars(
    axes: Axes,
    rows: Sequence[tuple[str, float, str, str]],
    theme: Theme,
) -> None:
    """Draw a bar a row: name, the share of it that is filled, its text and its colour."""
    axes.set_axis_off()
    axes.set_xlim(0, 1)
    axes.set_ylim(len(rows), 0)
    for place, (name, share, text, color) in enumerate(rows):
        axes.barh(place + 0.5, 0.5, left=0.3, height=0.6, color=theme.grid)
        axes.barh(place + 0.5, 0.5 * min(max(share, 0.0), 1.0), left=0.3, height=0.6, color=color)
        style: dict[str, Any] = {"size": theme.small, "va": "center", "parse_math": False}
        axes.text(0.29, place + 0.5, shortened(name, 26), color=theme.text, ha="right", **style)
        axes.text(0.81, place + 0.5, text, color=color, ha="left", **style)


def words(axes: Axes, text: str, theme: Theme) -> None:
    """Show plain text from the upper left."""
    axes.set_axis_off()
    write(axes, 0.0, 1.0, text, theme.text, theme.normal, ha="left", va="top", wrap=True)
