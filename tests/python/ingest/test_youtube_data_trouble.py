"""The Data API's extractor in trouble: quota, refusals, faults, and what is missing."""

from __future__ import annotations

import logging
import socket
from datetime import timedelta
from typing import Any

import pytest
from youtube_data_truth import check_against_world
from youtube_standin import AS_OF, TEN, fresh_lander, on_stage

from ingest.landing import Cursor, Lander, Row
from ingest.streams import CHANNELS, PLAYLIST_ITEMS, VIDEO_DAY_CORE, VIDEOS
from simulator.http.faults import Fault
from warehouse.errors import CredentialsError, QuotaError, SourceUnavailableError

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
lander = fresh_lander


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
