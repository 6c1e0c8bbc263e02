"""Who watched, as YouTube Analytics tells it: parts of days, percentages, retention curves.

The parts of a day sum to the day: see `simulator/world/audience.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import fields, replace
from decimal import Decimal
from math import exp
from typing import Any

from simulator.http.youtube_metrics import total
from simulator.world.audience import (
    Part,
    apportion,
    by_country,
    by_device,
    by_operating_system,
    by_traffic_source,
)
from simulator.world.model import ReportDay
from simulator.world.random_streams import digest

SPLITS: Mapping[str, Callable[[str, ReportDay], list[Part]]] = {
    "country": by_country,
    "deviceType": by_device,
    "operatingSystem": by_operating_system,
    "insightTrafficSourceType": by_traffic_source,
}
"""How a day is split, by the name of the dimension."""

AGES: Mapping[str, int] = {
    "age13-17": 60, "age18-24": 230, "age25-34": 290, "age35-44": 190, "age45-54": 120,
    "age55-64": 70, "age65-": 40,
}  # fmt: skip
GENDERS: Mapping[str, int] = {"female": 390, "male": 595, "user_specified": 15}
POINTS = 100
"""A retention curve has a point for each hundredth of the video."""

_TENTHS = 1000
_SPLIT = frozenset(("views", "engagedViews", "estimatedMinutesWatched", "averageViewDuration"))
_IN_PART = frozenset(("day", "views", "engaged_views", "minutes_watched", "full_minutes"))
_OTHERS = [field.name for field in fields(ReportDay) if field.name not in _IN_PART]


def parts_of(
    dimension: str,
    days: Iterable[tuple[str, ReportDay]],
    *,
    is_by_day: bool,
    metrics: Collection[str],
) -> Iterator[tuple[str, str, ReportDay]]:
    """Yield (day, part, figures) of the days of channels or videos; day "" for all together.

    Figures that no metric asks for are those of the whole.
    """
    is_whole = not _SPLIT.issuperset(metrics)
    groups: dict[tuple[str, str], list[ReportDay]] = {}
    for identity, day in days:
        key = day.day.isoformat() if is_by_day else ""
        for name, figures in _split(dimension, identity, day, is_whole):
            groups.setdefault((key, name), []).append(figures)
    for (key, name), group in groups.items():
        summed = group[0] if len(group) == 1 else total(group)
        if summed is not None:
            yield key, name, summed


def _split(
    dimension: str, identity: str, day: ReportDay, is_whole: bool
) -> Iterator[tuple[str, ReportDay]]:
    """Yield the parts of a day; `is_whole`: with all figures, those not split follow the views."""
    parts = SPLITS[dimension](identity, day)
    views = [part.views for part in parts]
    others: dict[str, list[int]] = {}
    if is_whole:
        others = {name: apportion(getattr(day, name), views) for name in _OTHERS}
    for number, part in enumerate(parts):
        figures: dict[str, Any] = {name: shares[number] for name, shares in others.items()}
        figures["views"], figures["engaged_views"] = part.views, part.engaged_views
        figures["minutes_watched"] = part.minutes_watched
        figures["full_minutes"] = day.full_minutes * part.views / day.views
        yield part.name, replace(day, **figures)


def demographics(identity: str, period: object) -> dict[tuple[str, str], Decimal]:
    """Return the percentages of the viewers by age group and gender: they sum to 100."""
    names = [(age, gender) for age in AGES for gender in GENDERS]
    bend = digest(len(names), "demographics", identity, period)
    weights = [
        AGES[age] * GENDERS[gender] * (160 + byte)
        for (age, gender), byte in zip(names, bend, strict=True)
    ]
    shares = apportion(_TENTHS, weights)
    return {name: Decimal(share) / 10 for name, share in zip(names, shares, strict=True) if share}


def retention(video_id: str) -> Iterator[tuple[Decimal, Decimal, Decimal]]:
    """Yield (elapsed share of the video, viewers by views, rank among videos of that length).

    The first seconds are watched more than once by some, then viewers leave, fast at first.
    """
    shape = digest(4, "retention", video_id)
    start, end = 1.0 + shape[0] / 1500, 0.15 + shape[1] / 900
    haste, rank = 2.0 + shape[2] / 64, 0.2 + shape[3] / 430
    for point in range(1, POINTS + 1):
        elapsed = point / POINTS
        watching = end + (start - end) * exp(-haste * elapsed)
        relative = min(max(rank + 0.1 * (elapsed - 0.5), 0.0), 1.0)
        yield Decimal(point) / 100, _rounded(watching), _rounded(relative)


def _rounded(value: float) -> Decimal:
    return Decimal(f"{value:.4f}").normalize()
