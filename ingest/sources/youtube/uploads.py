"""Which playlists of uploads to read, and how far.

A playlist is in the order of uploading. Its newest pages are read when the channel's number of
videos has moved, and once a day in any case; the whole of it at first, when the newest pages do
not explain the new number (a video may become public long after it was uploaded), and once in a
while, for what no number tells.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from ingest.landing import BadRow, Cursor, Row
from ingest.sources.youtube import schedule
from ingest.sources.youtube.data_calls import MOST_IDS, DataCalls
from ingest.sources.youtube.failures import RefusedError
from ingest.sources.youtube.pages import Pages
from ingest.sources.youtube.resources import bad_row, items_of, parse_playlist_items
from ingest.sources.youtube.state import Uploads

_PAGES_A_BATCH = 40
_NOT_FOUND = 404


@dataclass(frozen=True, slots=True)
class Reading:
    """A playlist to read: to its end, or to one that is known once `growth` new ones were found."""

    uploads: Uploads
    is_full: bool
    growth: int
    completed_at: str | None

    @property
    def pages(self) -> int:
        """Return how many pages the reading takes, as far as can be told."""
        return max(1, -(-(self.uploads.video_count or 0) // MOST_IDS)) if self.is_full else 1


@dataclass(frozen=True, slots=True)
class UploadsPart:
    """Some of a playlist's entries; the last part has the cursor."""

    channel_id: str
    rows: list[Row | BadRow]
    cursors: list[Cursor]
    refusal: str | None = None


def plan_reading(
    uploads: Uploads, cursor: Mapping[str, Any] | None, as_of: datetime, reconcile_days: int
) -> Reading | None:
    """Return how to read a playlist now, None where there is no reason to."""
    if cursor is None:
        return Reading(uploads, True, 0, None)
    completed_at = cursor.get("completed_at")
    before, now = cursor.get("video_count"), uploads.video_count
    growth = now - before if before is not None and now is not None else 0
    if "refused" in cursor:
        is_due = schedule.is_older(cursor["read_at"], schedule.UPLOADS_LOOKED_AT_EVERY, as_of)
        return Reading(uploads, True, 0, completed_at) if is_due else None
    if schedule.is_older(completed_at, timedelta(days=reconcile_days), as_of):
        return Reading(uploads, True, growth, completed_at)
    moved = before != now
    if moved or schedule.is_older(cursor["read_at"], schedule.UPLOADS_LOOKED_AT_EVERY, as_of):
        return Reading(uploads, False, growth, completed_at)
    return None


def read_uploads(
    api: DataCalls, reading: Reading, known: set[str], as_of: datetime, user_id: UUID | None = None
) -> Iterator[UploadsPart]:
    """Yield what the playlist has, in parts that fit into memory."""
    uploads = reading.uploads
    rows: list[Row | BadRow] = []
    found: set[str] = set()  # a page may be told twice
    page, pages = 0, Pages()
    while True:
        page += 1
        where = f"channel {uploads.channel_id}, playlist {uploads.playlist_id}, page {page}"
        try:
            answer = api.playlist_items(uploads.playlist_id, pages.token, user_id)
        except RefusedError as error:
            yield _refused(reading, error, rows, where, as_of)
            return
        parsed = parse_playlist_items(items_of(answer), where, uploads.channel_id)
        rows += parsed.rows if reading.is_full else _unknown(parsed.rows, known)
        found |= parsed.ids - known
        has_more = pages.turn(answer)
        has_caught_up = bool(parsed.ids & known) and len(found) >= reading.growth
        if not has_more or (has_caught_up and not reading.is_full):
            break
        if page % _PAGES_A_BATCH == 0:
            yield UploadsPart(uploads.channel_id, rows, [])
            rows = []
    value = {
        "video_count": uploads.video_count,
        "read_at": as_of.isoformat(),
        "completed_at": reading.completed_at if has_more else as_of.isoformat(),
    }
    yield UploadsPart(uploads.channel_id, rows, [Cursor(uploads.channel_id, value)])


def _unknown(rows: list[Row | BadRow], known: set[str]) -> list[Row | BadRow]:
    """Return the entries that are new; of the others nothing but their position has changed."""
    return [row for row in rows if isinstance(row, BadRow) or row.values[1] not in known]


def _refused(
    reading: Reading, error: RefusedError, rows: list[Row | BadRow], where: str, as_of: datetime
) -> UploadsPart:
    """Return the last part of a playlist that may not be read, or that is not there."""
    uploads = reading.uploads
    value: dict[str, Any] = {
        "video_count": uploads.video_count,
        "read_at": as_of.isoformat(),
        "completed_at": reading.completed_at,
    }
    if error.status == _NOT_FOUND and not uploads.video_count:
        # A channel that never had a video has no playlist of uploads.
        value["completed_at"] = as_of.isoformat()
        return UploadsPart(uploads.channel_id, rows, [Cursor(uploads.channel_id, value)])
    value["refused"] = error.reason
    rows = [*rows, bad_row(where, str(error), None)]
    return UploadsPart(uploads.channel_id, rows, [Cursor(uploads.channel_id, value)], str(error))
