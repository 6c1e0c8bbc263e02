"""Resources of the Data API, parsed: what is landed of each, or why it cannot be read.

Nothing here asks anything. The models cast what is checked here, so that one resource out of
order is set aside instead of breaking a build.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import simplejson

from ingest.landing import BadRow, Row
from ingest.payload import JsonObject
from ingest.shapes import SMALL, Field, boolean, fields, instant, misfit, quoted, whole
from ingest.sources.youtube.failures import PACIFIC

# Parts of so few digits that their seconds fit into 32 bits.
_DURATION = re.compile(
    r"P(?=.)(\d{1,3}W)?(\d{1,4}D)?(T(?=.)(\d{1,5}H)?(\d{1,7}M)?(\d{1,9}(\.\d{1,9})?S)?)?", re.ASCII
)
_MADE_FOR_KIDS = fields(boolean, "status.madeForKids")
_VIDEO = (*_MADE_FOR_KIDS, *fields(boolean, "contentDetails.caption"))
_PLAYLIST_ITEM = (
    *fields(instant, "snippet.publishedAt", "contentDetails.videoPublishedAt"),
    *fields(whole(SMALL), "snippet.position"),
)
_COUNT = re.compile(r"\d{1,18}", re.ASCII)


class UnreadableError(ValueError):
    """Why a resource, or an answer's row, cannot be read."""


@dataclass
class Parsed:
    """Rows of a kind of resource and of its counters, and the ids that came."""

    rows: list[Row | BadRow] = field(default_factory=list)
    snapshots: list[Row | BadRow] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)


def bad_row(location: str, reason: str, item: Any) -> BadRow:
    """Return a row for the quarantine."""
    return BadRow(location, reason, simplejson.dumps(item, use_decimal=True, default=repr))


def items_of(answer: JsonObject) -> list[Any]:
    """Return the items of an answer; Google leaves them out where there are none."""
    items = answer.get("items", [])
    return items if isinstance(items, list) else [items]


def parse_channels(items: Iterable[Any], location: str, as_of: datetime) -> Parsed:
    """Return channels (without counters) and snapshots of their counters."""
    parsed = Parsed()
    for number, item in enumerate(items, start=1):
        where = f"{location}, item {number}"
        try:
            identity = _identity(item, "id")
            _instant(item, "snippet", "publishedAt")
            _text(item, "snippet", "title")
            _check(item, _MADE_FOR_KIDS)
        except UnreadableError as error:
            parsed.rows.append(bad_row(where, str(error), item))
            continue
        parsed.ids.add(identity)
        parsed.rows.append(Row((identity,), _without_counters(item)))
        parsed.snapshots.append(_snapshot(identity, item, where, as_of))
    return parsed


def parse_videos(items: Iterable[Any], location: str, as_of: datetime) -> Parsed:
    """Return videos (without counters) and snapshots of their counters."""
    parsed = Parsed()
    for number, item in enumerate(items, start=1):
        where = f"{location}, item {number}"
        try:
            identity, channel = _identity(item, "id"), _identity(item, "snippet", "channelId")
            _text(item, "snippet", "title")
            _instant(item, "snippet", "publishedAt")
            _check_duration(item)
            _check(item, _VIDEO)
        except UnreadableError as error:
            parsed.rows.append(bad_row(where, str(error), item))
            continue
        parsed.ids.add(identity)
        parsed.rows.append(Row((identity, channel), _without_counters(item)))
        if "statistics" in item:
            parsed.snapshots.append(_snapshot(identity, item, where, as_of))
    return parsed


def parse_stats(items: Iterable[Any], location: str, as_of: datetime) -> Parsed:
    """Return snapshots of videos' counters (videos.batchGetStats)."""
    parsed = Parsed()
    for number, item in enumerate(items, start=1):
        where = f"{location}, item {number}"
        try:
            identity = _identity(item, "id")
        except UnreadableError as error:
            parsed.snapshots.append(bad_row(where, str(error), item))
            continue
        parsed.ids.add(identity)
        parsed.snapshots.append(_snapshot(identity, item, where, as_of))
    return parsed


def parse_playlist_items(items: Iterable[Any], location: str, channel_id: str) -> Parsed:
    """Return the entries of a channel's playlist of uploads."""
    parsed = Parsed()
    for number, item in enumerate(items, start=1):
        try:
            video = _identity(item, "contentDetails", "videoId")
            _check(item, _PLAYLIST_ITEM)
        except UnreadableError as error:
            parsed.rows.append(bad_row(f"{location}, item {number}", str(error), item))
            continue
        parsed.ids.add(video)
        parsed.rows.append(Row((channel_id, video), item))
    return parsed


def pacific_day(instant: datetime) -> date:
    """Return the day of an instant as YouTube's reports count days."""
    return instant.astimezone(PACIFIC).date()


def _snapshot(identity: str, item: Mapping[str, Any], where: str, as_of: datetime) -> Row | BadRow:
    statistics = item.get("statistics")
    if not isinstance(statistics, dict):
        return bad_row(where, "there are no statistics", item)
    for name, value in statistics.items():
        if name == "hiddenSubscriberCount" and isinstance(value, bool):
            continue
        if name.endswith("Count"):
            is_text = name != "hiddenSubscriberCount" and isinstance(value, str)
            if is_text and _COUNT.fullmatch(value):
                continue
            return bad_row(where, f"statistics.{name} is no count but {quoted(value)}", item)
    return Row((identity, as_of), statistics)


def _without_counters(item: Mapping[str, Any]) -> JsonObject:
    """Return a resource without its counters, and without the fingerprint that covers them."""
    return {name: value for name, value in item.items() if name not in ("statistics", "etag")}


def _get(item: Any, *path: str) -> Any:
    for name in path:
        if not isinstance(item, dict) or name not in item:
            msg = f"there is no {'.'.join(path)}"
            raise UnreadableError(msg)
        item = item[name]
    return item


def _text(item: Any, *path: str) -> str:
    value = _get(item, *path)
    if not isinstance(value, str):
        msg = f"{'.'.join(path)} is no text but {quoted(value)}"
        raise UnreadableError(msg)
    return value


def _identity(item: Any, *path: str) -> str:
    value = _text(item, *path)
    if not value:
        msg = f"{'.'.join(path)} is empty"
        raise UnreadableError(msg)
    return value


def _instant(item: Any, *path: str) -> None:
    reason = instant(_text(item, *path))
    if reason is not None:
        msg = f"{'.'.join(path)} {reason}"
        raise UnreadableError(msg)


def _check(item: Mapping[str, Any], shape: Iterable[Field]) -> None:
    """Raise `UnreadableError` where a field cannot be cast by the models."""
    reason = misfit(item, shape)
    if reason is not None:
        raise UnreadableError(reason)


def _check_duration(item: Any) -> None:
    """Refuse a duration that is none; a broadcast that has not begun has no duration at all."""
    details = item.get("contentDetails")
    duration = details.get("duration") if isinstance(details, dict) else None
    if duration is not None and not (isinstance(duration, str) and _DURATION.fullmatch(duration)):
        msg = f"contentDetails.duration is no duration but {quoted(duration)}"
        raise UnreadableError(msg)
