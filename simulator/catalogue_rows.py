"""Reading a CSV of trending videos, with what spreadsheets have done to such files.

Columns: video_id, title, channel_title, category_id, tags, views, likes, dislikes, comment_total,
thumbnail_link, date; one row a video and day. What is known to go wrong, and what is done:

- An id that begins with ``-`` became ``#NAME?``: the thumbnail's address still holds it.
- The date ``1.10`` (day.month) became ``1.1``: good months have two figures, so a month of one
  figure has lost its zero. A date that says nothing (``100``) is that of the row before it, for
  the file is in the order of its days.
- A video may have two rows for one day: the later row was taken later, and counts.
- A count that is no number is left out; the video keeps what its other rows say.
- A row with too few columns, or whose video cannot be told, is rejected, with its reason.
"""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from operator import attrgetter
from pathlib import Path

COLUMNS = (
    *("video_id", "title", "channel_title", "category_id", "tags", "views", "likes"),
    *("dislikes", "comment_total", "thumbnail_link", "date"),
)
YEAR = 2017
_VIDEO_ID = re.compile(r"[A-Za-z0-9_-]{11}")
_THUMBNAIL = re.compile(r"/vi/([A-Za-z0-9_-]{11})/")
_DATE = re.compile(r"(\d{1,2})\.(\d{1,2})")


class CatalogueError(ValueError):
    """A file that is no catalogue of videos."""


@dataclass(frozen=True, slots=True)
class Row:
    """A video on a day. A count that could not be read is None."""

    line: int
    youtube_video_id: str
    title: str
    channel_title: str
    category_id: str
    tags: tuple[str, ...]
    views: int | None
    likes: int | None
    dislikes: int | None
    comments: int | None
    day: date


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that could not be used: the line it ends on, and why."""

    line: int
    reason: str


def read_day(text: str, previous: date | None, year: int = YEAR) -> date | None:
    """Return the day that ``day.month`` means, the previous row's where it means none."""
    match = _DATE.fullmatch(text.strip())
    if match is None:
        return previous
    month = int(match[2]) if len(match[2]) == 2 else int(match[2]) * 10
    try:
        return date(year, month, int(match[1]))
    except ValueError:
        return previous


def read_id(video_id: str, thumbnail_link: str) -> str | None:
    """Return the video's id, out of its thumbnail's address where it is spoilt."""
    if _VIDEO_ID.fullmatch(video_id):
        return video_id
    match = _THUMBNAIL.search(thumbnail_link)
    return match[1] if match else None


def _count(text: str) -> int | None:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() else None


def _decoded(path: Path) -> str:
    """Return the file's text: UTF-8, with or without a mark, else Windows' western alphabet."""
    content = path.read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def read_rows(path: Path) -> Iterator[Row | Rejected]:
    """Yield the file's rows in order, rejected ones among them."""
    reader = csv.reader(io.StringIO(_decoded(path), newline=""))
    header = [name.strip() for name in next(reader, [])]
    missing = [name for name in COLUMNS if name not in header]
    if missing:
        raise CatalogueError(f"{path} is no catalogue of videos: no column {', '.join(missing)}.")
    previous: date | None = None
    for values in reader:
        if not values:
            continue
        if len(values) != len(header):
            reason = f"{len(values)} columns instead of {len(header)}"
            yield Rejected(reader.line_num, reason)
            continue
        row = _row(dict(zip(header, values, strict=True)), reader.line_num, previous)
        if isinstance(row, Row):
            previous = row.day
        yield row


def _row(cells: dict[str, str], line: int, previous: date | None) -> Row | Rejected:
    identity = read_id(cells["video_id"].strip(), cells["thumbnail_link"])
    if identity is None:
        return Rejected(line, f"no video id ({cells['video_id']!r})")
    day = read_day(cells["date"], previous)
    if day is None:
        return Rejected(line, f"no date ({cells['date']!r})")
    if not cells["channel_title"]:
        return Rejected(line, "no channel")
    tags = cells["tags"]
    return Row(
        line=line,
        youtube_video_id=identity,
        title=cells["title"],
        channel_title=cells["channel_title"],
        category_id=cells["category_id"].strip(),
        tags=() if tags in ("", "[none]") else tuple(tag for tag in tags.split("|") if tag),
        views=_count(cells["views"]),
        likes=_count(cells["likes"]),
        dislikes=_count(cells["dislikes"]),
        comments=_count(cells["comment_total"]),
        day=day,
    )


def histories(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """Return each video's rows by day: of a day the last row, of a count the last known."""
    by_video: dict[str, dict[date, Row]] = defaultdict(dict)
    for row in sorted(rows, key=attrgetter("day")):  # stable: of a day, the file's order
        days = by_video[row.youtube_video_id]
        before = next(reversed(days.values()), None)
        days[row.day] = _filled(row, before) if before else row
    return {identity: list(days.values()) for identity, days in by_video.items()}


def _filled(row: Row, before: Row) -> Row:
    """Return the row with the counts that could not be read taken from the row before."""
    if None not in (row.views, row.likes, row.dislikes, row.comments):
        return row
    return replace(
        row,
        views=before.views if row.views is None else row.views,
        likes=before.likes if row.likes is None else row.likes,
        dislikes=before.dislikes if row.dislikes is None else row.dislikes,
        comments=before.comments if row.comments is None else row.comments,
    )
