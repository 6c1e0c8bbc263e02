"""The text of videos that vanished goes after a month; what counts stays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from youtube_standin import AS_OF, lander_of

from ingest.extraction import Extraction
from ingest.landing import Cursor, Lander, Row
from ingest.sources.youtube.config import YouTubeDataConfig
from ingest.sources.youtube.data import YouTubeDataExtractor
from ingest.sources.youtube.forgetting import forget_text
from ingest.streams import PLAYLIST_ITEMS, VIDEO_SNAPSHOTS, VIDEOS, platform_stream
from warehouse.connection import WarehouseTarget

DAY = timedelta(days=1)
KEPT = {"publishedAt": "2026-01-01T00:00:00Z", "channelId": "UC1", "categoryId": "22"}
TEXT = {"title": "T", "description": "D", "tags": ["a"], "thumbnails": {}, "localized": {}}
# video: its channel, misses in a row, days since its counters last came
VIDEO_STATES = {
    "gone": ("UC1", 3, 23),
    "gone_lately": ("UC1", 3, 22),
    "missed_twice": ("UC1", 2, 40),
    "there": ("UC1", 0, 40),
    "disconnected": ("UC2", 0, 31),
    "disconnected_lately": ("UC2", 0, 1),
}


@pytest.fixture
def lander(migrated_warehouse: WarehouseTarget) -> Iterator[Lander]:
    with lander_of(migrated_warehouse) as lander:
        for video, (channel, misses, days) in VIDEO_STATES.items():
            whole = {"id": video, "snippet": {**KEPT, **TEXT}, "contentDetails": {"duration": "P"}}
            lander.land(VIDEOS, [Row((video, channel), whole)])
            lander.land(PLAYLIST_ITEMS, [Row((channel, video), whole)])
            counted = Row((video, AS_OF - days * DAY), {"viewCount": "7"})
            cursors = [Cursor(video, {"misses": misses, "asked_at": AS_OF.isoformat()})]
            lander.land(VIDEO_SNAPSHOTS, [counted], cursors=cursors if misses else [])
        yield lander


def snippets(lander: Lander, table: str) -> dict[str, dict[str, Any]]:
    return dict(lander.query(f"select video_id, payload -> 'snippet' from {table}"))


def test_what_cannot_be_read_again_loses_its_text(lander: Lander) -> None:
    assert forget_text(lander, ["UC1"], AS_OF, refresh_days=7) == 2
    for table in (VIDEOS.table, PLAYLIST_ITEMS.table):
        found = snippets(lander, table)
        assert {video for video, snippet in found.items() if snippet == KEPT} == {
            "gone",
            "disconnected",
        }
        assert all(found[video] == {**KEPT, **TEXT} for video in ("gone_lately", "there"))
    [(duration,)] = lander.query(
        "select payload #>> '{contentDetails,duration}' from raw_youtube.videos"
        " where video_id = 'gone'"
    )
    assert duration == "P"
    assert len(lander.query("select 1 from raw_youtube.video_snapshots")) == len(VIDEO_STATES)


def test_it_is_looked_for_once_a_day_at_the_end_of_an_extraction(lander: Lander) -> None:
    channel = {"youtube_channel_id": "UC1", "user_id": str(AS_OF), "status": "closed"}
    lander.land(platform_stream("channels"), [Row(("1", AS_OF), channel)])
    extractor = YouTubeDataExtractor(YouTubeDataConfig("no key", "http://127.0.0.1:9"))
    extractor.extract(Extraction(lander, AS_OF))
    # No channel is connected any more: whatever was not seen for weeks is forgotten.
    assert {v for v, s in snippets(lander, VIDEOS.table).items() if s == KEPT} == {
        "gone",
        "missed_twice",
        "there",
        "disconnected",
    }
    lander.results.clear()
    assert forget_text(lander, [], AS_OF + DAY / 2, refresh_days=7) == 0
    assert not lander.results
    assert forget_text(lander, [], AS_OF + DAY, refresh_days=7) == 1
