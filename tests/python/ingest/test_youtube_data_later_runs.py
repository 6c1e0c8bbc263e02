"""The Data API's extractor on later runs: only what is new or due is asked for."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from youtube_data_truth import check_against_world, landed_titles
from youtube_standin import AS_OF, SEED, TEN, fresh_lander, on_stage, small_world

from ingest.landing import Lander
from ingest.streams import PLAYLIST_ITEMS, VIDEO_SNAPSHOTS
from simulator.world.synthetic import SyntheticWorld
from warehouse.errors import QuotaError

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
lander = fresh_lander


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
