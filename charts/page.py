"""A page of cards: a picture whose parts are placed in pixels from its upper left corner."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from charts.theme import Theme

_DPI = 100
_TITLE_PIXELS = 28


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels; `y` counts downwards."""

    x: float
    y: float
    width: float
    height: float

    def inside(self, left: float, top: float, right: float, bottom: float) -> Box:
        """Give the rectangle that is left within margins."""
        width, height = self.width - left - right, self.height - top - bottom
        return Box(self.x + left, self.y + top, width, height)


class Page:
    """A picture that cards are drawn on."""

    def __init__(self, width: int, height: int, theme: Theme) -> None:
        """Begin an empty page of so many pixels."""
        self.theme = theme
        self._width = width
        self._height = height
        self._figure = Figure(figsize=(width / _DPI, height / _DPI), dpi=_DPI, facecolor=theme.page)
        FigureCanvasAgg(self._figure)

    def text(self, x: float, y: float, text: str, *, size: float, bold: bool = False) -> None:
        """Write text whose middle line is at `y`."""
        self._figure.text(
            x / self._width,
            1 - y / self._height,
            text,
            color=self.theme.text,
            size=size,
            weight="bold" if bold else "normal",
            va="center",
            parse_math=False,
        )

    def card(self, box: Box, title: str) -> Box:
        """Draw a card with its title and give the room that is left for its content."""
        patch = FancyBboxPatch(
            (box.x / self._width, 1 - (box.y + box.height) / self._height),
            box.width / self._width,
            box.height / self._height,
            boxstyle="square,pad=0",
            facecolor=self.theme.card,
            edgecolor=self.theme.border,
            linewidth=1,
            transform=self._figure.transFigure,
            zorder=-1,
        )
        self._figure.add_artist(patch)
        self.text(box.x + 10, box.y + 16, title, size=self.theme.normal, bold=True)
        return box.inside(10, _TITLE_PIXELS, 10, 8)

    def axes(self, box: Box) -> Axes:
        """Give axes that fill the rectangle."""
        return self._figure.add_axes(
            (
                box.x / self._width,
                1 - (box.y + box.height) / self._height,
                box.width / self._width,
                box.height / self._height,
            )
        )

    def save(self, path: Path) -> None:
        """Write the page as PNG, without anything that differs from run to run."""
        with warnings.catch_warnings():
            # Titles may hold an emoji that the font lacks; a box stands in for it.
            warnings.filterwarnings("ignore", message="Glyph .* missing from font")
            self._figure.savefig(path, facecolor=self.theme.page, metadata={"Software": None})
