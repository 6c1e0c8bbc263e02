"""Which reports YouTube Analytics offers: dimensions, metrics, filters and what they demand.

A combination that no report offers is refused as a whole, whatever of it is known elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from simulator.http.youtube_metrics import METRICS

MOST_ROWS = 200
AUDIENCE_METRICS = {
    "viewerPercentage": "FLOAT",
    "audienceWatchRatio": "FLOAT",
    "relativeRetentionPerformance": "FLOAT",
}
"""Metrics that are no figures of a day, with their types."""

_FIGURES = frozenset(METRICS)
_VIEWS_AND_MINUTES = frozenset(("views", "estimatedMinutesWatched"))
_RETENTION = frozenset(("audienceWatchRatio", "relativeRetentionPerformance"))


@dataclass(frozen=True, slots=True)
class Offer:
    """A report: its metrics, how many videos its filter may name, and whether it has a top."""

    metrics: frozenset[str] = _FIGURES
    videos: tuple[int, int | None] = (0, None)  # at least, at most; 0: no filter
    is_top: bool = False  # sorted descending, at most `MOST_ROWS` rows
    has_pages: bool = True


_SMALL = Offer(_VIEWS_AND_MINUTES)
_WHO = Offer(frozenset(("viewerPercentage",)))
OFFERS: dict[tuple[str, ...], Offer] = {
    (): Offer(),
    ("day",): Offer(),
    ("month",): Offer(),
    ("day", "video"): Offer(videos=(1, None), has_pages=False),
    ("video",): Offer(is_top=True),
    ("country",): Offer(),
    ("deviceType",): _SMALL,
    ("day", "deviceType"): _SMALL,
    ("operatingSystem",): _SMALL,
    ("day", "operatingSystem"): _SMALL,
    ("insightTrafficSourceType",): _SMALL,
    ("day", "insightTrafficSourceType"): _SMALL,
    ("ageGroup", "gender"): _WHO,
    ("ageGroup",): _WHO,
    ("gender",): _WHO,
    ("elapsedVideoTimeRatio",): Offer(_RETENTION, videos=(1, 1)),
}
"""Reports by their dimensions in the order of the alphabet."""


def is_offered(
    dimensions: Sequence[str],
    metrics: Sequence[str],
    videos: Sequence[str] | None,
    sort: Sequence[str],
    max_results: int | None,
) -> bool:
    """Tell whether there is such a report."""
    offer = OFFERS.get(tuple(sorted(dimensions)))
    if offer is None or not offer.metrics.issuperset(metrics):
        return False
    named = 0 if videos is None else len(videos)
    least, most = offer.videos
    if named < least or (most is not None and named > most):
        return False
    if max_results is not None and not offer.has_pages:
        return False
    if not offer.is_top:
        return True
    return bool(sort) and sort[0].startswith("-") and 0 < (max_results or 0) <= MOST_ROWS
