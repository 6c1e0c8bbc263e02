"""The metrics and dimensions of YouTube Analytics that the stand-in knows, derived exactly.

Money is dollars in whole thousandths; averages are of the sums, never averages of averages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from decimal import ROUND_HALF_UP, Decimal
from operator import attrgetter
from typing import Any

from simulator.world.model import ReportDay

Number = int | Decimal
_MILLS = Decimal(1000)


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric: the type it has in `columnHeaders`, and its value on a day (or sum of days)."""

    data_type: str
    value: Callable[[ReportDay], Number]
    is_revenue: bool = False


def _plain(value: Decimal) -> Number:
    """Return a decimal without trailing zeros, as a JSON number is written."""
    whole = value.to_integral_value()
    return int(whole) if whole == value else value.normalize()


def _ratio(numerator: Number, denominator: Number, places: str) -> Decimal:
    """Return a ratio rounded half up, 0 where there is nothing to divide by."""
    if not denominator:
        return Decimal(0)
    return (Decimal(numerator) / Decimal(denominator)).quantize(Decimal(places), ROUND_HALF_UP)


def _count(field: str) -> Metric:
    return Metric("INTEGER", attrgetter(field))


def _money(field: str) -> Metric:
    mills = attrgetter(field)
    return Metric("FLOAT", lambda day: _plain(mills(day) / _MILLS), is_revenue=True)


def _per_thousand(field: str) -> Metric:
    """Return gross revenue by thousand of `field`: mills by one are dollars by a thousand."""
    base = attrgetter(field)
    return Metric(
        "FLOAT",
        lambda day: _plain(_ratio(day.gross_revenue_mills, base(day), "0.001")),
        is_revenue=True,
    )


METRICS: dict[str, Metric] = {
    "views": _count("views"),
    "engagedViews": _count("engaged_views"),
    "estimatedMinutesWatched": _count("minutes_watched"),
    "averageViewDuration": Metric(
        "INTEGER", lambda day: int(_ratio(day.minutes_watched * 60, day.views, "1"))
    ),
    "averageViewPercentage": Metric(
        "FLOAT", lambda day: _plain(_ratio(day.minutes_watched * 100, day.full_minutes, "0.01"))
    ),
    "likes": _count("likes"),
    "dislikes": _count("dislikes"),
    "comments": _count("comments"),
    "shares": _count("shares"),
    "subscribersGained": _count("subscribers_gained"),
    "subscribersLost": _count("subscribers_lost"),
    "estimatedRevenue": _money("revenue_mills"),
    "estimatedAdRevenue": _money("ad_revenue_mills"),
    "estimatedRedPartnerRevenue": _money("red_partner_revenue_mills"),
    "grossRevenue": _money("gross_revenue_mills"),
    "cpm": _per_thousand("ad_impressions"),
    "playbackBasedCpm": _per_thousand("monetized_playbacks"),
    "monetizedPlaybacks": Metric("INTEGER", attrgetter("monetized_playbacks"), is_revenue=True),
    "adImpressions": Metric("INTEGER", attrgetter("ad_impressions"), is_revenue=True),
}

# Every dimension that exists: one that is missing here is unknown, one that is not supported
# together with the others makes the query unsupported.
DIMENSIONS = frozenset(
    (
        *("ageGroup", "channel", "city", "continent", "country", "creatorContentType", "day"),
        *("deviceType", "elapsedVideoTimeRatio", "gender", "insightPlaybackLocationType"),
        *("insightTrafficSourceDetail", "insightTrafficSourceType", "liveOrOnDemand", "month"),
        *("operatingSystem", "playlist", "province", "sharingService", "subscribedStatus"),
        *("video", "youtubeProduct"),
    )
)

_SUMMED = [field.name for field in fields(ReportDay) if field.name != "day"]


def total(days: Iterable[ReportDay]) -> ReportDay | None:
    """Return the sum of some days, dated as the first of them; None where there are none."""
    first: ReportDay | None = None
    sums: dict[str, Any] = dict.fromkeys(_SUMMED, 0)
    for day in days:
        first = first or day
        for name in _SUMMED:
            sums[name] += getattr(day, name)
    return None if first is None else ReportDay(day=first.day, **sums)
