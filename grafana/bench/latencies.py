"""Latencies summed up."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)
GOAL_P95_MS = 100.0
GOAL_SLOWEST_MS = 500.0
GOAL_CLIENTS = 50


@dataclass(frozen=True, slots=True)
class Asked:
    """A query that was answered; `waited` for a free connection is a part of `seconds`."""

    dashboard: str
    panel: str
    seconds: float
    waited: float = 0.0


@dataclass(frozen=True, slots=True)
class Summary:
    """What a number of queries took, in milliseconds."""

    count: int
    p50: float
    p95: float
    p99: float
    slowest: float


def percentile(values: Sequence[float], fraction: float) -> float:
    """Return the percentile of sorted `values` as `percentile_cont` does: between two neighbours.

    Raises `ValueError` when there are no values.
    """
    if not values:
        raise ValueError("no values, no percentile")
    position = (len(values) - 1) * fraction
    below = math.floor(position)
    above = min(below + 1, len(values) - 1)
    return values[below] + (values[above] - values[below]) * (position - below)


def summarise(seconds: Iterable[float]) -> Summary:
    """Sum up latencies given in seconds; raises `ValueError` when there are none."""
    values = sorted(1_000 * each for each in seconds)
    return Summary(
        len(values),
        percentile(values, 0.5),
        percentile(values, 0.95),
        percentile(values, 0.99),
        values[-1] if values else 0.0,
    )


def summaries(asked: Iterable[Asked], key: Callable[[Asked], Key]) -> dict[Key, Summary]:
    """Sum up by `key`, in the order in which the keys come first."""
    groups: dict[Key, list[float]] = defaultdict(list)
    for each in asked:
        groups[key(each)].append(each.seconds)
    return {name: summarise(values) for name, values in groups.items()}


def missed(by_panel: dict[tuple[str, str], Summary], overall: Summary) -> list[str]:
    """Say what misses the goals, the panels by name; nothing when all is met."""
    told = []
    if overall.p95 > GOAL_P95_MS:
        told.append(f"p95 of all queries is {overall.p95:.0f} ms")
    for (dashboard, panel), one in sorted(by_panel.items(), key=lambda item: -item[1].p95):
        parts = []
        if one.p95 > GOAL_P95_MS:
            parts.append(f"p95 {one.p95:.0f} ms")
        if one.slowest > GOAL_SLOWEST_MS:
            parts.append(f"slowest {one.slowest:.0f} ms")
        if parts:
            told.append(f"{dashboard}: {panel}: {', '.join(parts)}")
    return told
