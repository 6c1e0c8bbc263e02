"""The Analytics extractor catches up: days asked for again, and videos that are found late."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from youtube_analytics_truth import STREAMS, check_against_world
from youtube_standin import AS_OF, START, TEN, fresh_lander, on_stage

from ingest.landing import Lander, Row
from ingest.streams import CHANNEL_DAY_CORE, PLAYLIST_ITEMS, VIDEO_DAY_CORE, VIDEOS
from simulator.http.faults import Fault
from warehouse.errors import QuotaError

DAY = timedelta(days=1)
lander = fresh_lander


class TestBackFill:
    def test_the_days_are_asked_for_whatever_was_landed(self, lander: Lander) -> None:
        with on_stage(lander) as stage:
            stage.read_data()
            stage.read_analytics()
            cursors = [lander.read_cursors(stream) for stream in STREAMS]
            channel = stage.channels[0].youtube_channel_id
            wrong, gone = START + DAY, START + 2 * DAY
            lander.query(
                """
                update raw_youtube.channel_day_core set payload = '{"views": -1}'
                where report_date = %s returning 1
                """,
                (wrong,),
            )
            # A row that YouTube does not report (any more).
            vanished = Row((channel, gone, "no_such_vid"), {"views": 5})
            lander.land(VIDEO_DAY_CORE, [vanished])
            stage.landed()
            stage.read_analytics(since=wrong, until=wrong)
            assert stage.landed()["channel_day_core"] == TEN
            assert len(stage.select(VIDEO_DAY_CORE, "1", "video_id = 'no_such_vid'")) == 1
            stage.read_analytics(since=gone, until=gone + DAY)
            assert stage.landed() == {"video_day_core": 1}
            check_against_world(stage)
            assert [lander.read_cursors(stream) for stream in STREAMS] == cursors

    def test_a_back_fill_before_the_first_run(self, lander: Lander) -> None:
        with on_stage(lander) as stage:
            stage.read_data()
            stage.read_analytics(since=START, until=START + DAY)
            days = {row[0] for row in stage.select(VIDEO_DAY_CORE, "report_date")}
            assert days == {START, START + DAY}
            stage.read_analytics()
            check_against_world(stage)

    def test_days_to_come_are_not_asked_for(self, lander: Lander) -> None:
        with on_stage(lander) as stage:
            stage.read_data()
            before = stage.calls()
            stage.read_analytics(since=date(2026, 12, 1), until=date(2026, 12, 31))
            assert stage.calls() == before


class TestDiscovery:
    def test_reports_of_videos_wait_until_all_videos_are_known(self, lander: Lander) -> None:
        with on_stage(lander, daily_quota=11) as stage, pytest.raises(QuotaError):
            stage.read_data(threads=1)
        with on_stage(lander) as stage:
            stage.landed()
            stage.read_analytics()
            landed = stage.landed()
            assert landed["channel_day_core"] > 0
            assert landed["video_day_core"] == 0
            stage.read_data()
            stage.read_analytics()  # on the same day, for what was left over
            check_against_world(stage)

    def test_a_video_that_is_found_late_gets_its_whole_history(self, lander: Lander) -> None:
        with on_stage(lander, faults={"youtube_data": Fault("malformed")}) as stage:
            stage.read_data(threads=1)
            assert len(stage.quarantine()) == 1
            stage.read_analytics()
            [(missing, channel)] = lander.query(
                """
                select items.video_id, items.channel_id
                from raw_youtube.playlist_items as items
                left join raw_youtube.videos as videos using (video_id)
                where videos.video_id is null
                """
            )
            assert not stage.select(VIDEO_DAY_CORE, "1", f"video_id = '{missing}'")
        # So late that its first days are no longer asked for again.
        with on_stage(lander, AS_OF + 12 * DAY) as stage:
            stage.read_data()
            stage.read_analytics()
            check_against_world(stage)
            assert stage.select(VIDEO_DAY_CORE, "1", f"video_id = '{missing}'")
            calls = stage.calls()
            stage.read_analytics()
            assert stage.calls() == calls
            assert channel in lander.read_cursors(VIDEO_DAY_CORE)

    def test_a_channel_without_videos(self, lander: Lander) -> None:
        with on_stage(lander) as stage:
            stage.read_data()
            name = stage.channels[0].youtube_channel_id
            for stream in (VIDEOS, PLAYLIST_ITEMS):
                lander.query(
                    f"delete from {stream.table} where channel_id = %s returning 1", (name,)
                )
            stage.read_analytics()
            assert stage.select(CHANNEL_DAY_CORE, "1", f"channel_id = '{name}'")
            assert not stage.select(VIDEO_DAY_CORE, "1", f"channel_id = '{name}'")
            calls = stage.calls()
            stage.read_analytics()
            assert stage.calls() == calls
