"""Figures written for people: short, with the unit, `–` for what is not known."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

Number = int | float | Decimal
Format = Callable[[Number], str]

UNKNOWN = "–"
_SCALES = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K"))


def usd(value: Number, decimals: int | None = None) -> str:
    """Write an amount of USD, thousands and more shortened: `$12.3K`."""
    amount = float(value)
    size, suffix = next(((s, x) for s, x in _SCALES if abs(amount) >= s), (1.0, ""))
    scaled = abs(amount) / size
    if decimals is None:
        decimals = 0 if scaled == 0 or scaled >= 100 else 1 if scaled >= 10 else 2
    return f"{'-' if amount < 0 else ''}${scaled:,.{decimals}f}{suffix}"


def count(value: Number, decimals: int | None = None) -> str:
    """Write a number in full, with separators: `45,012`."""
    return f"{float(value):,.{decimals or 0}f}"


def percent(value: Number, decimals: int | None = None) -> str:
    """Write a fraction of one as percent: `0.031` is `3.1%`."""
    return f"{float(value):.{1 if decimals is None else decimals}%}"
