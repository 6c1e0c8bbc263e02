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


def short(value: Number, decimals: int | None = None) -> str:
    """Write a number shortened: `12.3 K`."""
    amount = float(value)
    size, suffix = next(((s, x) for s, x in _SCALES if abs(amount) >= s), (1.0, ""))
    scaled = amount / size
    if decimals is None:
        decimals = 0 if scaled == round(scaled) or abs(scaled) >= 100 else 1
    return f"{scaled:,.{decimals}f}{' ' + suffix if suffix else ''}"


def duration(value: Number, decimals: int | None = None, *, seconds: float = 1.0) -> str:
    """Write a time in its largest unit: `1.5 h`; `seconds` is the length of one."""
    amount = float(value) * seconds
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"), (0.001, "ms")):
        if abs(amount) >= size:
            return f"{amount / size:,.{1 if decimals is None else decimals}f} {unit}"
    return f"{amount * 1_000:,.{0 if decimals is None else decimals}f} ms"


def data_size(value: Number, decimals: int | None = None, *, size: float = 1.0) -> str:
    """Write an amount of data in its largest decimal unit: `3.7 TB`; `size` is the bytes of one."""
    amount = float(value) * size
    units = ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB"))
    scale, unit = next(((s, x) for s, x in units if abs(amount) >= s), (1.0, "B"))
    return f"{amount / scale:,.{1 if decimals is None else decimals}f} {unit}"


def with_suffix(suffix: str) -> Format:
    """Return the way of writing a number in full with a unit behind it."""

    def write(value: Number, decimals: int | None = None) -> str:
        return f"{short(value, decimals)}{suffix}"

    return write
