"""The Data API's extractor against the stand-in: what is landed, what is asked, what goes wrong."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from youtube_standin import AS_OF, SEED, START, TEN, Stage, lander_of, on_stage, small_world

from ingest.landing import Cursor, Lander, Row
from ingest.sources.youtube.config import YouTubeDataConfig
from ingest.sources.youtube.data import YouTubeDataExtractor
from ingest.streams import (
    CHANNEL_SNAPSHOTS,
    CHANNELS,
    PLAYLIST_ITEMS,
    VIDEO_DAY_CORE,
    VIDEO_SNAPSHOTS,
    VIDEOS,
)
from simulator.http.faults import Fault
from simulator.world.synthetic import SyntheticWorld
from warehouse.connection import WarehouseTarget
from warehouse.errors import CredentialsError, QuotaError, SourceUnavailableError

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def lander(migrated_warehouse: WarehouseTarget) -> Iterator[Lander]:
    with lander_of(migrated_warehouse) as lander:
        yield lander


def landed_titles(stage: Stage) -> dict[str, str]:
    return dict(stage.select(VIDEOS, "video_id, payload #>> '{snippet,title}'"))


def check_against_world(stage: Stage) -> None:
    """Hold what was landed against the world's truth."""
    public = stage.public_videos()
    assert landed_titles(stage) == {name: video.title for name, video in public.items()}
    owners = dict(stage.select(VIDEOS, "video_id, channel_id"))
    assert owners == {name: video.youtube_channel_id for name, video in public.items()}
    assert sorted(stage.select(PLAYLIST_ITEMS, "video_id, channel_id")) == sorted(owners.items())
    assert {row[0] for row in stage.select(CHANNELS, "channel_id")} == {
        channel.youtube_channel_id for channel in stage.channels
    }
    views = dict(
        stage.select(
            VIDEO_SNAPSHOTS, "video_id, payload ->> 'viewCount'", f"captured_at = '{stage.as_of}'"
        )
    )
    assert views == {name: str(stage.world.counters(public[name]).views) for name in views}


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


class TestLaterRuns:
    def test_right_away_nothing_is_asked_and_nothing_changes(self, lander: Lander) -> None:
        with on_stage(lander) as stage:
            stage.read_data()
            before, _ = stage.calls(), stage.landed()
            for later in (timedelta(0), MINUTE, 9 * MINUTE):
                stage.as_of = AS_OF + later
                stage.read_data()
            assert stage.calls() == before
            assert not stage.lander.results

    def test_in_the_next_slot_the_young_videos_are_counted(self, lander: Lander) -> None:
        with on_stage(lander) as stage:
            stage.read_data()
            stage.landed()
        later = AS_OF + 15 * MINUTE
        with on_stage(lander, later) as stage:
            stage.read_data()
            old = small_world(AS_OF)
            before = {
                name
                for name in stage.public_videos()
                if (found := old.find_video(name)) and found.status == "published"
            }
            young = {
                name
                for name, video in stage.public_videos().items()
                if video.published_at and later - video.published_at <= 72 * HOUR
            }
            counted = {
                row[0]
                for row in stage.select(VIDEO_SNAPSHOTS, "video_id", f"captured_at = '{later}'")
            }
            assert counted == young
            new = young - before
            assert stage.landed() == {
                "channel_snapshots": TEN,
                "video_snapshots": len(young),
                **({"videos": len(new), "playlist_items": len(new)} if new else {}),
            }
            check_against_world(stage)

    def test_a_day_later_only_what_is_new_is_fetched(self, lander: Lander) -> None:
        with on_stage(lander) as stage:
            stage.read_data()
            known = set(stage.public_videos())
            stage.landed()
        with on_stage(lander, AS_OF + DAY) as stage:
            stage.read_data()
            check_against_world(stage)
            new = set(stage.public_videos()) - known
            assert new
            landed = stage.landed()
            assert (landed["videos"], landed["playlist_items"]) == (len(new), len(new))
            assert landed["bad"] == 0
            calls = stage.calls()
            assert calls["playlistItems"] == TEN  # the newest page of each channel
            assert calls["videos"] == -(-len(new) // 50)

    def test_a_video_that_becomes_public_late_is_found(self, lander: Lander) -> None:
        """It stands among older uploads, where nobody looks who looks for new ones alone."""
        longer = SyntheticWorld(SEED, "small", AS_OF, date(2026, 10, 15))
        with on_stage(lander, world=longer) as stage:
            stage.read_data()
            [(channel, deepest), *_] = stage.select(
                PLAYLIST_ITEMS,
                "channel_id, video_id",
                "(payload #>> '{snippet,position}')::int = 55",
            )
            # As though it had been private when everything was read.
            lander.query(
                "delete from raw_youtube.playlist_items where video_id = %s returning 1", (deepest,)
            )
            lander.query(
                "delete from raw_youtube.videos where video_id = %s returning 1", (deepest,)
            )
            lander.query(
                """
                update ops.cursors
                set value = jsonb_set(value, '{video_count}',
                    to_jsonb((value ->> 'video_count')::int - 1))
                where stream = 'playlist_items' and scope = %s returning 1
                """,
                (channel,),
            )
            stage.read_data()
            check_against_world(stage)

    def test_metadata_is_read_again_after_some_days(self, lander: Lander) -> None:
        with on_stage(lander) as stage:
            stage.read_data()
            lander.query(
                """update raw_youtube.videos
                set payload = jsonb_set(payload, '{snippet,title}', '"old"') returning 1"""
            )
        with on_stage(lander, AS_OF + 6 * DAY) as stage:
            stage.read_data()
            assert "old" in landed_titles(stage).values()
        with on_stage(lander, AS_OF + 7 * DAY) as stage:
            stage.read_data()
            check_against_world(stage)
            calls = stage.calls()
            stage.read_data()
            assert stage.calls() == calls

    def test_a_run_that_was_cut_off_is_made_up_for(self, lander: Lander) -> None:
        """The quota ends after some calls; the next run, a day later, goes on from there."""
        for quota in (1, 4, 6):
            with on_stage(lander, daily_quota=quota) as stage, pytest.raises(QuotaError):
                stage.read_data(threads=2)
            lander.query(
                "update ops.api_calls set called_at = called_at - interval '1 day' returning 1"
            )
        with on_stage(lander) as stage:
            stage.read_data()
            check_against_world(stage)
            before = stage.calls()
            stage.read_data()
            assert stage.calls() == before


class TestTrouble:
    def test_quota(self, lander: Lander) -> None:
        """A bucket that is used up ends its part; the other bucket's part is read all the same."""
        with on_stage(lander) as stage:
            stage.read_data()
            stage.landed()
        with on_stage(lander, AS_OF + DAY, daily_quota=8) as stage:
            with pytest.raises(QuotaError) as caught:
                stage.read_data(threads=1)
            assert "bucket default" in str(caught.value)
            assert "midnight in California" in str(caught.value)
            landed = stage.landed()
            assert landed["playlist_items"] > 0
            assert landed["videos"] == 0
            assert landed["video_snapshots"] > 200
            stage.ledger.write(lander)
            assert lander.query(
                "select status_code, units from ops.api_calls where reason = 'quotaExceeded'"
            ) == [(403, 1)]

    def test_wrong_key(self, lander: Lander) -> None:
        with on_stage(lander) as stage:
            with pytest.raises(CredentialsError, match="API_KEY_INVALID") as caught:
                stage.read_data(api_key="wrong-key")
            assert "wrong-key" not in str(caught.value)
            assert "wrong-key" not in str(caught.value.__cause__)
            assert stage.calls() == {"channels": 1}

    @pytest.mark.parametrize(
        ("fault", "error", "said"),
        [
            (Fault("status", 503), SourceUnavailableError, "503"),
            (Fault("truncated"), SourceUnavailableError, "not JSON"),
            (Fault("status", 429), QuotaError, "limits the rate of calls"),
            (Fault("status", 401), CredentialsError, "401"),
            (Fault("status", 403), SourceUnavailableError, "refuses to answer"),
        ],
    )
    def test_a_service_out_of_order(
        self, lander: Lander, fault: Fault, error: type[Exception], said: str
    ) -> None:
        with on_stage(lander, faults={"youtube_data": fault}) as stage:
            with pytest.raises(error, match=said):
                stage.read_data()
            tries = 2 if fault.status not in (401, 403) else 1
            assert stage.calls() == {"channels": tries}

    def test_nobody_listens(self, lander: Lander) -> None:
        with socket.create_server(("127.0.0.1", 0)) as unused:
            endpoint = f"http://127.0.0.1:{unused.getsockname()[1]}"
        with on_stage(lander) as stage, pytest.raises(SourceUnavailableError, match=endpoint):
            stage.read_data(endpoint=endpoint)

    def test_a_malformed_video(self, lander: Lander) -> None:
        """One video has lost its id: the others are landed, it is asked for again in an hour."""
        faults = {"youtube_data": Fault("malformed")}
        with on_stage(lander, faults=faults) as stage:
            stage.read_data(threads=1)
            landed = stage.landed()
            videos = len(stage.public_videos())
            assert (landed["videos"], landed["bad"]) == (videos - 1, 1)
            [(stream, location, reason)] = stage.quarantine()
            assert (stream, reason) == ("videos", "there is no id")
            assert location.startswith("videos ")
            assert location.endswith(", item 1")
            before = stage.calls()
            stage.read_data()
            assert stage.calls() == before
        with on_stage(lander, AS_OF + HOUR) as stage:
            stage.read_data()
            check_against_world(stage)
            [missed] = lander.query("select value from ops.cursors where scope like 'video:%'")
            assert missed == ({"misses": 0},)

    def test_a_video_that_came_late_is_marked_for_its_reports(self, lander: Lander) -> None:
        with on_stage(lander, faults={"youtube_data": Fault("malformed")}) as stage:
            stage.read_data(threads=1)
            for channel in stage.channels:
                through = Cursor(channel.youtube_channel_id, {"through": "2026-11-13"})
                lander.land(VIDEO_DAY_CORE, [], cursors=[through])
        with on_stage(lander, AS_OF + 5 * DAY) as stage:
            stage.read_data()
            [mark] = lander.query("select value from ops.cursors where scope like 'video:%'")
            assert mark == ({"misses": 0, "found_at": (AS_OF + 5 * DAY).isoformat()},)

    def test_what_is_missing_is_counted_and_asked_for_ever_more_rarely(
        self, lander: Lander, caplog: pytest.LogCaptureFixture
    ) -> None:
        with on_stage(lander) as stage:
            owner = str(stage.channels[0].user_id)
            nobody = "UCxxxxxxxxxxxxxxxxxxxxxx"
            stage.connect_channels([("00000000-0000-0000-0000-000000000000", nobody, owner)])
            channel = stage.channels[0].youtube_channel_id
            lander.land(PLAYLIST_ITEMS, [Row((channel, "gone_video0"), {})])
            lander.land(
                VIDEOS,
                [
                    Row(
                        ("gone_video1", channel),
                        {"snippet": {"publishedAt": "2026-11-13T00:00:00Z"}},
                    )
                ],
            )
            asked: list[Any] = []
            for hours in (0, 0.1, 1.1, 2.2, 3.3, 4.4, 30):
                stage.as_of = AS_OF + hours * HOUR
                before = stage.calls()
                with caplog.at_level(logging.WARNING):
                    caplog.clear()
                    stage.read_data()
                called = stage.calls() - before
                asked.append((f"channel {nobody}" in caplog.text, called["videos"] > 0))
            # asked at 0, 1.1 and 2.2 hours; then a day's rest
            turns = [True, False, True, True, False, False, True]
            assert [turn[0] for turn in asked] == turns
            assert [turn[1] for turn in asked] == turns
            misses = lander.query(
                """
                select stream, scope, (value ->> 'misses')::int from ops.cursors
                where value ? 'misses' order by 1
                """
            )
            assert misses == [
                ("channels", nobody, 4),
                ("video_snapshots", "gone_video1", 4),
                ("videos", "video:gone_video0", 4),
            ]
            assert len(stage.select(CHANNELS, "channel_id")) == TEN

    def test_a_playlist_that_is_refused(
        self, lander: Lander, caplog: pytest.LogCaptureFixture
    ) -> None:
        with on_stage(lander) as stage:
            stage.read_data()
            channel = stage.channels[0].youtube_channel_id
            lander.query(
                """
                update raw_youtube.channels set payload = jsonb_set(
                    payload, '{contentDetails,relatedPlaylists,uploads}', '"UUunknown"')
                where channel_id = %s returning 1
                """,
                (channel,),
            )
            lander.query("delete from ops.cursors where stream = 'playlist_items' returning 1")
            stage.landed()
            before = stage.calls()
            with caplog.at_level(logging.WARNING):
                stage.read_data()
            assert f"the uploads of {channel}: 404" in caplog.text
            assert stage.calls()["playlistItems"] - before["playlistItems"] == TEN
            assert stage.landed() == {"bad": 1}
            before = stage.calls()
            stage.read_data()
            assert stage.calls() == before


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
