"""The colours and sizes that all charts share."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Theme:
    """Colours as `#rrggbb`; sizes of text in points."""

    page: str
    card: str
    border: str
    text: str
    muted: str
    grid: str
    small: float = 8.0
    normal: float = 9.0
    large: float = 22.0


DARK = Theme(
    page="#111217",
    card="#181b1f",
    border="#2b2f36",
    text="#d8d9da",
    muted="#9096a2",
    grid="#2a2d34",
)
LIGHT = Theme(
    page="#f4f5f5",
    card="#ffffff",
    border="#d9dbdf",
    text="#24292e",
    muted="#5f6670",
    grid="#e6e8eb",
)
