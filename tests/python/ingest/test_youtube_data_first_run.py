"""The Data API's extractor on its first run: what is landed, what is asked."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

import pytest
from youtube_data_truth import check_against_world
from youtube_standin import SEED, START, TEN, fresh_lander, on_stage

from ingest.landing import Lander
from ingest.sources.youtube.config import YouTubeDataConfig
from ingest.sources.youtube.data import YouTubeDataExtractor
from ingest.streams import CHANNEL_SNAPSHOTS, CHANNELS, VIDEO_SNAPSHOTS, VIDEOS
from simulator.world.synthetic import SyntheticWorld

lander = fresh_lander


class TestFirstRun:
    def test_everything_public_is_landed(self, lander: Lander) -> None:
        with on_stage(lander) as stage:
            stage.read_data()
            check_against_world(stage)
            videos = len(stage.public_videos())
            assert stage.landed() == {
                "channels": TEN,
                "channel_snapshots": TEN,
                "playlist_items": videos,
                "videos": videos,
                "video_snapshots": videos,
            }
            assert stage.calls()["channels"] == 1
            assert stage.calls()["videos"] == -(-videos // 50)
            assert stage.calls()["videos:batchGetStats"] == 0

    def test_counters_are_as_youtube_tells_them(self, lander: Lander) -> None:
        with on_stage(lander) as stage:
            stage.read_data()
            public = stage.public_videos()
            for name, payload in stage.select(VIDEO_SNAPSHOTS, "video_id, payload"):
                counters = stage.world.counters(public[name])
                assert payload["viewCount"] == str(counters.views)
                assert ("likeCount" in payload) is not public[name].hides_likes
                assert ("commentCount" in payload) is not public[name].comments_disabled
            hiding = {each.youtube_channel_id: each.hides_subscribers for each in stage.channels}
            assert any(hiding.values())
            for name, payload in stage.select(CHANNEL_SNAPSHOTS, "channel_id, payload"):
                assert payload["hiddenSubscriberCount"] is hiding[name]
                assert ("subscriberCount" in payload) is not hiding[name]
            assert not stage.select(VIDEOS, "video_id", "payload ? 'statistics'")
            assert not stage.select(CHANNELS, "channel_id", "payload ? 'statistics'")

    def test_every_call_is_in_the_book(self, lander: Lander) -> None:
        with on_stage(lander) as stage:
            stage.read_data()
            stage.ledger.write(lander)
            book = lander.query(
                """
                select method, bucket, status_code, count(*), sum(units)
                from ops.api_calls where api = 'youtube' and reason is null group by 1, 2, 3
                """
            )
            told = stage.calls()
            assert sorted(book) == [
                (f"{name}.list", "default", 200, told[name], told[name])
                for name in ("channels", "playlistItems", "videos")
            ]
            # A playlist is one user's; a batch of channels or videos is of many.
            assert lander.query(
                "select distinct method from ops.api_calls where user_id is not null"
            ) == [("playlistItems.list",)]

    def test_without_channels_nothing_is_asked(
        self, lander: Lander, caplog: pytest.LogCaptureFixture
    ) -> None:
        with on_stage(lander) as stage:
            lander.query("delete from raw_platform.channels returning id")
            with caplog.at_level(logging.WARNING):
                stage.read_data()
            assert not stage.calls()
        assert "no channels are known" in caplog.text


def test_check(lander: Lander) -> None:
    with on_stage(lander) as stage:
        environment = stage.running.environment
        config = YouTubeDataConfig(
            environment["YOUTUBE_API_KEY"], environment["YOUTUBE_DATA_ENDPOINT"]
        )
        assert "accepted" in YouTubeDataExtractor(config).check()
        assert stage.calls() == {"channels": 1}
        assert environment["YOUTUBE_API_KEY"] not in repr(config)


def test_a_young_world_is_read_like_any_other(lander: Lander) -> None:
    as_of = datetime(2026, 11, 3, 9, tzinfo=UTC)
    with on_stage(lander, as_of, world=SyntheticWorld(SEED + 1, "small", as_of, START)) as stage:
        stage.read_data()
        check_against_world(stage)
