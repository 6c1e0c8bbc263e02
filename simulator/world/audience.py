"""Who watched: a report day split by country, device, operating system and traffic source.

Each split is exact: its parts sum to the views and minutes of the day. It is a function of whose
day it is and which day, so that a restated day is split anew in the same proportions, and the
same question has the same answer at every instant. Names are those of YouTube Analytics.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from simulator.world.model import ReportDay
from simulator.world.random_streams import digest

Name = TypeVar("Name")

COUNTRIES: Mapping[str, int] = {
    "US": 340, "IN": 130, "GB": 90, "CA": 70, "DE": 60, "AU": 45, "BR": 45, "PH": 35,
    "FR": 30, "MX": 30, "NL": 20, "ID": 20, "JP": 15, "PL": 15, "SE": 10, "ZZ": 5,
}  # fmt: skip
"""Views of a thousand by country; ZZ is one that is not known."""

DEVICES: Mapping[tuple[str, str], int] = {
    ("MOBILE", "ANDROID"): 340,
    ("MOBILE", "IOS"): 270,
    ("DESKTOP", "WINDOWS"): 130,
    ("DESKTOP", "MACINTOSH"): 55,
    ("DESKTOP", "LINUX"): 10,
    ("TV", "ANDROID"): 60,
    ("TV", "TIZEN"): 40,
    ("TV", "WEBOS"): 25,
    ("TABLET", "IOS"): 35,
    ("TABLET", "ANDROID"): 20,
    ("GAME_CONSOLE", "PLAYSTATION"): 10,
    ("GAME_CONSOLE", "XBOX"): 5,
}
"""Views of a thousand by device type and operating system."""

TRAFFIC_SOURCES: Mapping[str, int] = {
    "SUBSCRIBER": 270, "RELATED_VIDEO": 240, "YT_SEARCH": 190, "SHORTS": 80, "EXT_URL": 60,
    "YT_CHANNEL": 45, "NOTIFICATION": 35, "PLAYLIST": 30, "NO_LINK_OTHER": 25, "END_SCREEN": 15,
    "YT_OTHER_PAGE": 10,
}  # fmt: skip
"""Views of a thousand by traffic source; SUBSCRIBER is what YouTube calls browse features."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a day: its name, and what it has of the day's figures."""

    name: str
    views: int
    engaged_views: int
    minutes_watched: int


@dataclass(frozen=True, slots=True)
class DevicePart:
    """What one operating system on one type of device has of a day."""

    device: str
    operating_system: str
    views: int
    engaged_views: int
    minutes_watched: int


@dataclass(frozen=True, slots=True)
class Reach:
    """How often a video's thumbnail was shown on a day, and how often it was clicked."""

    impressions: int
    clicks: int


def by_country(identity: str, day: ReportDay) -> list[Part]:
    """Split the day of a video or channel by country; parts without views are left out."""
    return _named(_split("country", COUNTRIES, identity, day))


def by_traffic_source(identity: str, day: ReportDay) -> list[Part]:
    """Split the day of a video or channel by traffic source."""
    return _named(_split("traffic source", TRAFFIC_SOURCES, identity, day))


def by_device_and_system(identity: str, day: ReportDay) -> list[DevicePart]:
    """Split the day of a video or channel by device type and operating system."""
    return [
        DevicePart(*name, *figures)
        for name, figures in _split("device", DEVICES, identity, day).items()
    ]


def by_device(identity: str, day: ReportDay) -> list[Part]:
    """Split the day by device type: the sums of `by_device_and_system`."""
    return _summed(by_device_and_system(identity, day), lambda part: part.device)


def by_operating_system(identity: str, day: ReportDay) -> list[Part]:
    """Split the day by operating system: the sums of `by_device_and_system`."""
    return _summed(by_device_and_system(identity, day), lambda part: part.operating_system)


def reach(video_id: str, day: ReportDay) -> Reach:
    """Return a video day's thumbnail impressions and clicks: 2 to 10% of impressions are clicked.

    Some of the views come by a click on the thumbnail, the others by links, playlists and feeds.
    """
    words = digest(4, "reach", video_id, day.day)
    by_click = 450 + int.from_bytes(words[:2], "big") * 350 // 65_536  # of a thousand views
    per_click = 10_000 + int.from_bytes(words[2:], "big") * 40_000 // 65_536  # of a thousand clicks
    clicks = day.views * by_click // 1000
    unclicked = day.views * 3 + words[0] % 5
    return Reach(max(clicks * per_click // 1000, unclicked), clicks)


def apportion(total: int, weights: Sequence[int]) -> list[int]:
    """Share out a total in proportion to the weights, exactly: the largest remainders round up."""
    whole = sum(weights)
    if whole == 0:
        return [0 for _ in weights]
    shares = [divmod(total * weight, whole) for weight in weights]
    counts = [count for count, _ in shares]
    left = total - sum(counts)
    for index in sorted(range(len(shares)), key=lambda n: (-shares[n][1], n))[:left]:
        counts[index] += 1
    return counts


def _split(
    kind: str, shares: Mapping[Name, int], identity: str, day: ReportDay
) -> dict[Name, tuple[int, int, int]]:
    """Return views, engaged views and minutes by part."""
    bend = digest(2 * len(shares), kind, identity, day.day)
    weights = [share * (192 + byte) for share, byte in zip(shares.values(), bend, strict=False)]
    views = apportion(day.views, weights)
    engaged = apportion(day.engaged_views, views)
    lengths = [count * (192 + byte) for count, byte in zip(views, bend[len(shares) :], strict=True)]
    minutes = apportion(day.minutes_watched, lengths)
    return {
        name: (count, looked, watched)
        for name, count, looked, watched in zip(shares, views, engaged, minutes, strict=True)
        if count
    }


def _named(parts: Mapping[str, tuple[int, int, int]]) -> list[Part]:
    return [Part(name, *figures) for name, figures in parts.items()]


def _summed(parts: Sequence[DevicePart], name: Callable[[DevicePart], str]) -> list[Part]:
    sums: dict[str, Part] = {}
    for part in parts:
        before = sums.get(name(part), Part(name(part), 0, 0, 0))
        sums[before.name] = Part(
            before.name,
            before.views + part.views,
            before.engaged_views + part.engaged_views,
            before.minutes_watched + part.minutes_watched,
        )
    return list(sums.values())
