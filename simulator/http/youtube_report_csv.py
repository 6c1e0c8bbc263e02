"""The CSV of a bulk report: its columns, and the rows that a channel's day gives.

Columns are those of YouTube's channel reports; dates are YYYYMMDD and dimensions such as the
traffic source are numbers. What the world knows nothing of (annotations, cards, YouTube Premium)
is 0. A click-through rate is a fraction; some channels get percentages, as happens.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from simulator.world import audience
from simulator.world.model import ReportDay
from simulator.world.random_streams import digest

_KEYS = ("date", "channel_id", "video_id")
_VIEWER = ("live_or_on_demand", "subscribed_status", "country_code")
_EXTRAS = (
    *("annotation_click_through_rate", "annotation_close_rate", "annotation_impressions"),
    *("annotation_clickable_impressions", "annotation_closable_impressions"),
    *("annotation_clicks", "annotation_closes", "card_click_rate", "card_teaser_click_rate"),
    *("card_impressions", "card_teaser_impressions", "card_clicks", "card_teaser_clicks"),
)
_RED = ("red_views", "red_watch_time_minutes")
_WATCHED = (
    *("engaged_views", "views", "watch_time_minutes", "average_view_duration_seconds"),
    "average_view_duration_percentage",
)
_SOURCES = {
    "NO_LINK_OTHER": "0", "SUBSCRIBER": "3", "YT_CHANNEL": "4", "YT_SEARCH": "5",
    "RELATED_VIDEO": "7", "YT_OTHER_PAGE": "8", "EXT_URL": "9", "PLAYLIST": "14",
    "NOTIFICATION": "17", "END_SCREEN": "20", "SHORTS": "24",
}  # fmt: skip
_DEVICES = {"DESKTOP": "101", "TV": "102", "GAME_CONSOLE": "103", "MOBILE": "104", "TABLET": "105"}
_SYSTEMS = {
    "WINDOWS": "2", "ANDROID": "4", "IOS": "5", "MACINTOSH": "9", "LINUX": "10",
    "PLAYSTATION": "12", "XBOX": "15", "WEBOS": "22", "TIZEN": "23",
}  # fmt: skip
_DIGITS = Decimal("0.00000001")

VideoDay = tuple[str, ReportDay]
Values = dict[str, object]


@dataclass(frozen=True, slots=True)
class ReportType:
    """A type of bulk report: its name, its columns, and the rows of a video's day."""

    name: str
    columns: tuple[str, ...]
    rows: Callable[[str, VideoDay], Iterator[Values]]


def report_csv(report_type: str, channel_id: str, day: date, figures: Sequence[VideoDay]) -> bytes:
    """Return the CSV of a channel's day; `figures` are the days of its videos."""
    kind = REPORT_TYPES[report_type]
    head = {"date": f"{day:%Y%m%d}", "channel_id": channel_id}
    lines = [",".join(kind.columns)]
    for figure in figures:
        for row in kind.rows(channel_id, figure):
            values = {**head, "video_id": figure[0], **row}
            lines.append(",".join(str(values.get(name, 0)) for name in kind.columns))
    return ("\n".join(lines) + "\n").encode()


def channel_row(channel_id: str, day: date) -> VideoDay | None:
    """Return what belongs to no video, now and then: an empty video id and a few views."""
    words = digest(3, "row without a video", channel_id, day)
    if words[0] >= 16:
        return None
    views = 1 + words[1] % 40
    nothing = (0,) * 12
    return "", ReportDay(day, views, views // 2, views * 2, Decimal(views * 5), *nothing)


def _reach(channel_id: str, figure: VideoDay) -> Iterator[Values]:
    reach = audience.reach(*figure)
    if reach.impressions == 0:
        return
    unit = 100 if digest(1, "percent", channel_id)[0] % 4 == 0 else 1
    rate = (Decimal(reach.clicks * unit) / reach.impressions).quantize(_DIGITS)
    yield {
        "video_thumbnail_impressions": reach.impressions,
        "video_thumbnail_impressions_ctr": format(rate.normalize(), "f"),
    }


def _basic(_: str, figure: VideoDay) -> Iterator[Values]:
    video_id, day = figure
    parts = audience.by_country(video_id, day)
    views = [part.views for part in parts]
    counted = {
        "comments": day.comments,
        "likes": day.likes,
        "dislikes": day.dislikes,
        "shares": day.shares,
        "subscribers_gained": day.subscribers_gained,
        "subscribers_lost": day.subscribers_lost,
    }
    split = {name: audience.apportion(total, views) for name, total in counted.items()}
    for place, part in enumerate(parts):
        own = {name: counts[place] for name, counts in split.items()}
        yield {**_viewer(part.name), **_watched(part, day), **own}


def _traffic_source(_: str, figure: VideoDay) -> Iterator[Values]:
    for part in audience.by_traffic_source(*figure):
        where = {"traffic_source_type": _SOURCES[part.name], "traffic_source_detail": ""}
        yield {**_viewer("ZZ"), **where, **_watched(part, figure[1])}


def _device_os(_: str, figure: VideoDay) -> Iterator[Values]:
    for part in audience.by_device_and_system(*figure):
        device = {
            "device_type": _DEVICES[part.device],
            "operating_system": _SYSTEMS[part.operating_system],
        }
        yield {**_viewer("ZZ"), **device, **_watched(part, figure[1])}


def _viewer(country: str) -> Values:
    return {
        "live_or_on_demand": "on_demand",
        "subscribed_status": "not_subscribed",
        "country_code": country,
    }


def _watched(part: audience.Part | audience.DevicePart, day: ReportDay) -> Values:
    """Return the views and the time watched of a part of a video's day."""
    seconds = Decimal(part.minutes_watched * 60) / part.views
    full = day.full_minutes * part.views / day.views
    share = part.minutes_watched * 100 / full if full else Decimal(0)
    return {
        "engaged_views": part.engaged_views,
        "views": part.views,
        "watch_time_minutes": part.minutes_watched,
        "average_view_duration_seconds": round(seconds, 4),
        "average_view_duration_percentage": round(share, 4),
    }


REPORT_TYPES = {
    "channel_basic_a3": ReportType(
        "User activity",
        (
            *(*_KEYS, *_VIEWER, "engaged_views", "views", "comments", "likes", "dislikes"),
            *("videos_added_to_playlists", "videos_removed_from_playlists", "shares"),
            *(*_WATCHED[2:], *_EXTRAS, "subscribers_gained", "subscribers_lost", *_RED),
        ),
        _basic,
    ),
    "channel_device_os_a3": ReportType(
        "Device type and operating system",
        (*_KEYS, *_VIEWER, "device_type", "operating_system", *_WATCHED, *_EXTRAS, *_RED),
        _device_os,
    ),
    "channel_reach_basic_a1": ReportType(
        "Reach basic",
        (*_KEYS, "video_thumbnail_impressions", "video_thumbnail_impressions_ctr"),
        _reach,
    ),
    "channel_traffic_source_a3": ReportType(
        "Traffic sources",
        (
            *(*_KEYS, *_VIEWER, "traffic_source_type", "traffic_source_detail"),
            *(*_WATCHED, *_EXTRAS, *_RED),
        ),
        _traffic_source,
    ),
}
