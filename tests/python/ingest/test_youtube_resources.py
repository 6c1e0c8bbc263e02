"""Resources of the Data API: what can be read is, what cannot is set aside with its reason."""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ingest.landing import BadRow, Row
from ingest.sources.youtube.resources import (
    parse_channels,
    parse_playlist_items,
    parse_stats,
    parse_videos,
)
from ingest.sources.youtube.schedule import slot_start
from ingest.sources.youtube.state import Uploads
from ingest.sources.youtube.uploads import plan_reading

AS_OF = datetime(2026, 11, 20, 12, 7, 30, tzinfo=UTC)
VIDEO: dict[str, Any] = {
    "kind": "youtube#video",
    "etag": "x",
    "id": "video000001",
    "snippet": {"publishedAt": "2026-11-01T10:00:00Z", "channelId": "UC1", "title": ""},
    "contentDetails": {"duration": "PT1H2M3S"},
    "statistics": {"viewCount": "123", "likeCount": "4"},
}


def without(*path: str) -> dict[str, Any]:
    item = copy.deepcopy(VIDEO)
    at = item
    for name in path[:-1]:
        at = at[name]
    del at[path[-1]]
    return item


def changed(value: Any, *path: str) -> dict[str, Any]:
    item = copy.deepcopy(VIDEO)
    at = item
    for name in path[:-1]:
        at = at[name]
    at[path[-1]] = value
    return item


def test_a_video() -> None:
    parsed = parse_videos([VIDEO], "here", AS_OF)
    [row], [snapshot] = parsed.rows, parsed.snapshots
    assert isinstance(row, Row)
    assert row.values == ("video000001", "UC1")
    assert set(row.payload) == {"kind", "id", "snippet", "contentDetails"}
    assert snapshot == Row(("video000001", AS_OF), {"viewCount": "123", "likeCount": "4"})
    assert parsed.ids == {"video000001"}


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (without("id"), "there is no id"),
        (changed("", "id"), "id is empty"),
        (changed(7, "id"), "id is no text but 7"),
        (without("snippet"), "there is no snippet.channelId"),
        (without("snippet", "channelId"), "there is no snippet.channelId"),
        (without("snippet", "title"), "there is no snippet.title"),
        (without("snippet", "publishedAt"), "there is no snippet.publishedAt"),
        (changed("yesterday", "snippet", "publishedAt"), "snippet.publishedAt is no instant"),
        (changed("2026-13-01T00:00:00Z", "snippet", "publishedAt"), "is no instant"),
        (changed("2026-11-01", "snippet", "publishedAt"), "is no instant"),
        (changed("2 minutes", "contentDetails", "duration"), "is no duration"),
        (changed("P", "contentDetails", "duration"), "is no duration"),
        (changed(120, "contentDetails", "duration"), "is no duration"),
        ("a text", "there is no id"),
        (None, "there is no id"),
    ],
)
def test_a_video_that_cannot_be_read(item: Any, reason: str) -> None:
    parsed = parse_videos([VIDEO, item, VIDEO], "videos a to b", AS_OF)
    good, bad, again = parsed.rows
    assert isinstance(good, Row)
    assert isinstance(again, Row)
    assert isinstance(bad, BadRow)
    assert reason in bad.reason
    assert bad.location == "videos a to b, item 2"


@pytest.mark.parametrize("duration", ["PT0S", "P0D", "P1DT2H", "PT61S", "PT1.5S", "P1W"])
def test_durations(duration: str) -> None:
    item = changed(duration, "contentDetails", "duration")
    assert isinstance(parse_videos([item], "", AS_OF).rows[0], Row)


def test_a_broadcast_that_has_not_begun_has_no_duration() -> None:
    item = without("contentDetails", "duration")
    assert isinstance(parse_videos([item], "", AS_OF).rows[0], Row)


@pytest.mark.parametrize("count", ["", "-1", "1e3", 12, None, "9" * 19, "١٢", "1 000"])
def test_a_count_that_is_none(count: Any) -> None:
    parsed = parse_videos([changed(count, "statistics", "viewCount")], "here", AS_OF)
    assert isinstance(parsed.rows[0], Row)  # the video itself can be read
    [bad] = parsed.snapshots
    assert isinstance(bad, BadRow)
    assert "statistics.viewCount is no count" in bad.reason


def test_statistics() -> None:
    good = {"id": "a", "statistics": {"viewCount": "1"}}
    parsed = parse_stats(
        [good, {"id": "b"}, {"statistics": {}}, {"id": "c", "statistics": {}}], "here", AS_OF
    )
    reasons = [row.reason for row in parsed.snapshots if isinstance(row, BadRow)]
    assert reasons == ["there are no statistics", "there is no id"]
    assert parsed.ids == {"a", "b", "c"}


def test_a_channel() -> None:
    channel = {
        "id": "UC1",
        "snippet": {"title": "one", "publishedAt": "2020-01-01T00:00:00.123456Z"},
        "statistics": {"viewCount": "1", "videoCount": "2", "hiddenSubscriberCount": True},
    }
    parsed = parse_channels([channel, {"id": "UC2", "snippet": {}}], "here", AS_OF)
    assert [type(row) for row in parsed.rows] == [Row, BadRow]
    assert [type(row) for row in parsed.snapshots] == [Row]


def test_a_playlist() -> None:
    items = [
        {"contentDetails": {"videoId": "a", "videoPublishedAt": "2026-11-01T10:00:00Z"}},
        {"contentDetails": {}},
        {},
        {"contentDetails": {"videoId": "b"}, "snippet": {"publishedAt": "once"}},
    ]
    parsed = parse_playlist_items(items, "page 1", "UC1")
    assert [type(row) for row in parsed.rows] == [Row, BadRow, BadRow, BadRow]
    assert parsed.ids == {"a"}


@pytest.mark.parametrize(
    ("minutes", "start"),
    [
        (15, "2026-11-20T12:00+00:00"),
        (60, "2026-11-20T12:00+00:00"),
        (24 * 60, "2026-11-20T00:00+00:00"),
        (7 * 24 * 60, "2026-11-19T00:00+00:00"),
    ],
)
def test_slots(minutes: int, start: str) -> None:
    assert slot_start(AS_OF, timedelta(minutes=minutes)) == datetime.fromisoformat(start)


class TestUploads:
    @staticmethod
    def reading(count: int | None, **cursor: Any) -> Any:
        known = {
            "video_count": 10,
            "read_at": (AS_OF - timedelta(hours=1)).isoformat(),
            "completed_at": (AS_OF - timedelta(days=2)).isoformat(),
            **cursor,
        }
        return plan_reading(Uploads("UC1", "UU1", count), known, AS_OF, reconcile_days=7)

    def test_nothing_has_happened(self) -> None:
        assert self.reading(10) is None

    def test_the_number_has_moved(self) -> None:
        assert (self.reading(12).is_full, self.reading(12).growth) == (False, 2)
        assert (self.reading(9).is_full, self.reading(9).growth) == (False, -1)
        assert self.reading(None).growth == 0

    def test_once_a_day_in_any_case(self) -> None:
        day_ago = (AS_OF - timedelta(days=1)).isoformat()
        assert self.reading(10, read_at=day_ago).is_full is False

    def test_the_whole_list_once_in_a_while(self) -> None:
        week_ago = (AS_OF - timedelta(days=7)).isoformat()
        assert self.reading(10, completed_at=week_ago).is_full
        assert self.reading(10, completed_at=None).is_full

    def test_at_first(self) -> None:
        first = plan_reading(Uploads("UC1", "UU1", 10), None, AS_OF, reconcile_days=7)
        assert first is not None
        assert first.is_full

    def test_a_refusal_rests_for_a_day(self) -> None:
        day_ago = (AS_OF - timedelta(days=1)).isoformat()
        assert self.reading(12, refused="forbidden") is None
        assert self.reading(12, refused="forbidden", read_at=day_ago).is_full
