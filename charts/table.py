"""A table drawn as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from charts.draw import shortened
from charts.theme import Theme

ROW_PIXELS = 25
_PIXELS_A_CHARACTER = 6.4
_PADDING = 8


@dataclass(frozen=True)
class TableColumn:
    """A heading, its width in pixels (`None` shares what is left), and where its text stands."""

    heading: str
    width: float | None = None
    right: bool = False


@dataclass(frozen=True)
class Cell:
    """A value as text; `color` is the theme's when not given, `fill` colours what is behind it."""

    text: str
    color: str | None = None
    fill: str | None = None


def table(
    axes: Axes,
    columns: Sequence[TableColumn],
    rows: Sequence[Sequence[Cell]],
    size: tuple[float, float],
    theme: Theme,
) -> None:
    """Draw as many rows as fit on axes of `size` (pixels); text is cut to its column."""
    width, height = size
    axes.set_axis_off()
    axes.set_xlim(0, width)
    axes.set_ylim(height, 0)
    widths = _widths(columns, width)
    _line(axes, columns, [Cell(c.heading, theme.muted) for c in columns], widths, 0, theme)
    for number, row in enumerate(rows[: int(height // ROW_PIXELS) - 1], start=1):
        top = number * ROW_PIXELS
        axes.plot([0, width], [top, top], color=theme.grid, lw=0.8)
        _line(axes, columns, row, widths, top, theme)


def _widths(columns: Sequence[TableColumn], whole: float) -> list[float]:
    fixed = sum(column.width or 0 for column in columns)
    flexible = sum(column.width is None for column in columns)
    rest = max(whole - fixed, 0) / flexible if flexible else 0
    widths = [rest if column.width is None else column.width for column in columns]
    scale = whole / sum(widths) if sum(widths) else 1
    return [width * scale for width in widths]


def _line(
    axes: Axes,
    columns: Sequence[TableColumn],
    cells: Sequence[Cell],
    widths: Sequence[float],
    top: float,
    theme: Theme,
) -> None:
    left = 0.0
    for column, cell, width in zip(columns, cells, widths, strict=True):
        if cell.fill is not None:
            corner = (left + 1, top + 1)
            axes.add_patch(Rectangle(corner, width - 2, ROW_PIXELS - 2, color=cell.fill, lw=0))
        axes.text(
            left + width - _PADDING if column.right else left + _PADDING,
            top + ROW_PIXELS / 2,
            shortened(cell.text, int((width - 2 * _PADDING) / _PIXELS_A_CHARACTER)),
            color=cell.color or theme.text,
            size=theme.small,
            ha="right" if column.right else "left",
            va="center",
            parse_math=False,
        )
        left += width
