"""Panels placed on Grafana's grid: sections that answer one question each, made of bands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, Self

from grafana_foundation_sdk.builders.dashboard import Dashboard, Row
from grafana_foundation_sdk.models import dashboard as models

GRID_COLUMNS = 24


class PanelBuilder(Protocol):
    """What the builders of all the SDK's panel kinds have in common."""

    def build(self) -> models.Panel:
        """Give the panel."""

    def grid_pos(self, grid_pos: models.GridPos) -> Self:
        """Set where the panel stands."""


@dataclass(frozen=True)
class Band:
    """Panels of one height beside each other, from the left, each with its width in columns."""

    height: int
    panels: Sequence[tuple[int, PanelBuilder]]

    def __post_init__(self) -> None:
        """Refuse a band that is wider than the grid (`ValueError`)."""
        width = sum(width for width, _ in self.panels)
        if width > GRID_COLUMNS:
            raise ValueError(f"a band of {width} columns does not fit on {GRID_COLUMNS}")


@dataclass(frozen=True)
class Section:
    """A row of the dashboard: a title, then its bands below each other."""

    title: str
    bands: Sequence[Band]


def place(dashboard: Dashboard, sections: Sequence[Section]) -> Dashboard:
    """Add the sections to the dashboard from the top down."""
    y = 0
    for section in sections:
        dashboard.with_row(Row(section.title).grid_pos(_position(0, y, GRID_COLUMNS, 1)))
        y += 1
        for band in section.bands:
            x = 0
            for width, panel in band.panels:
                # The SDK's own type of builder is an abstract class that all of them derive from.
                dashboard.with_panel(panel.grid_pos(_position(x, y, width, band.height)))  # type: ignore[arg-type]
                x += width
            y += band.height
    return dashboard


def _position(x: int, y: int, width: int, height: int) -> models.GridPos:
    return models.GridPos(x=x, y=y, w=width, h=height)
