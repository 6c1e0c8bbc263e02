"""The Analytics extractor against the stand-in: the world's truth, day by day, and trouble."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest
from youtube_standin import AS_OF, START, TEN, Stage, lander_of, on_stage

from ingest.landing import Cursor, Lander, Row
from ingest.sources.youtube.tokens import RefreshToken
from ingest.streams import (
    CHANNEL_DAY_CORE,
    CHANNEL_DAY_REVENUE,
    PLAYLIST_ITEMS,
    VIDEO_DAY_CORE,
    VIDEO_DAY_REVENUE,
    VIDEOS,
    Stream,
)
from simulator.http.faults import Fault
from simulator.world.truth import channel_days
from warehouse.connection import WarehouseTarget
from warehouse.errors import CredentialsError, QuotaError, SourceUnavailableError

DAY = timedelta(days=1)
CHANNEL_TOTALS = "channel_id, report_date::text, payload ->> 'views', payload ->> %s"
STREAMS = (CHANNEL_DAY_CORE, CHANNEL_DAY_REVENUE, VIDEO_DAY_CORE, VIDEO_DAY_REVENUE)
DaysOf = dict[tuple[str, str], Decimal]


@pytest.fixture
def lander(migrated_warehouse: WarehouseTarget) -> Iterator[Lander]:
    with lander_of(migrated_warehouse) as lander:
        yield lander


def by_day(stage: Stage, stream: Stream, metric: str) -> DaysOf:
    """Return the landed figures by channel and day; those of videos are summed."""
    found: DaysOf = defaultdict(Decimal)
    for channel, day, value in stage.select(
        stream, f"channel_id, report_date::text, (payload ->> '{metric}')::numeric"
    ):
        found[channel, day] += value
    return dict(found)


def truth_of(stage: Stage) -> list[tuple[str, ...]]:
    """Return channel, day, views and revenue of the connected channels."""
    connected = {channel.youtube_channel_id for channel in stage.channels}
    return [line for line in channel_days(stage.world) if line[0] in connected]


def check_against_world(stage: Stage) -> None:
    """Hold the landed views and revenue of each channel's days against the world's truth."""
    truth = truth_of(stage)
    views = {(channel, day): Decimal(count) for channel, day, count, _ in truth}
    paid = {(channel, day): Decimal(usd) for channel, day, _, usd in truth if usd}
    assert by_day(stage, CHANNEL_DAY_CORE, "views") == views
    assert by_day(stage, CHANNEL_DAY_REVENUE, "estimatedRevenue") == paid
    assert len(paid) < len(views)  # some channel is not monetised
    known = {row[0] for row in stage.select(VIDEOS, "video_id")}
    assert known >= set(stage.public_videos())  # some may be deleted by now
    expected: DaysOf = defaultdict(Decimal)
    earned: DaysOf = defaultdict(Decimal)
    for channel in stage.channels:
        name = channel.youtube_channel_id
        videos = sorted(
            video.youtube_video_id
            for video in stage.world.videos(name)
            if video.youtube_video_id in known
        )
        last = stage.world.last_report_day
        for _, day in stage.world.video_days(name, videos, stage.world.first_day, last):
            expected[name, day.day.isoformat()] += day.views
            if channel.is_monetised:
                earned[name, day.day.isoformat()] += Decimal(day.revenue_mills) / 1000
    assert by_day(stage, VIDEO_DAY_CORE, "views") == expected
    assert by_day(stage, VIDEO_DAY_REVENUE, "estimatedRevenue") == earned


def contents(stage: Stage) -> list[object]:
    """Return every landed row with the batch that landed it."""
    return [stage.select(stream, "report_date, payload::text, _batch_id") for stream in STREAMS]


class TestTruth:
    def test_the_first_run_lands_the_whole_history(self, lander: Lander) -> None:
        with on_stage(lander) as stage:
            stage.read_data()
            stage.read_analytics()
            check_against_world(stage)
            assert not stage.quarantine()

    def test_right_away_nothing_is_asked_and_nothing_changes(self, lander: Lander) -> None:
        with on_stage(lander) as stage:
            stage.read_data()
            stage.read_analytics()
            calls, before = stage.calls(), contents(stage)
            stage.landed()
            for later in (timedelta(0), timedelta(hours=2)):
                stage.as_of = AS_OF + later
                stage.read_analytics()
            assert stage.calls() == calls
            assert not stage.lander.results
            assert contents(stage) == before

    def test_a_day_later_the_new_day_and_what_was_restated(self, lander: Lander) -> None:
        with on_stage(lander) as stage:
            stage.read_data()
            stage.read_analytics()
            old = {(channel, day): rest for channel, day, *rest in truth_of(stage)}
            first_calls = stage.calls()["reports"]
            stage.landed()
        with on_stage(lander, AS_OF + DAY) as stage:
            stage.read_data()
            stage.landed()
            stage.read_analytics()
            check_against_world(stage)
            new = {(channel, day): rest for channel, day, *rest in truth_of(stage)}
            changed = {key for key, rest in new.items() if old.get(key) != rest}
            assert {day for _, day in changed} >= {stage.world.last_report_day.isoformat()}
            landed = stage.landed()
            assert TEN <= landed["channel_day_core"] <= len(changed) + TEN
            assert landed["channel_day_revenue"] <= len(changed) + TEN
            # A question for each report of each channel; of the unpaid ones, two.
            unpaid = sum(not channel.is_monetised for channel in stage.channels)
            assert stage.calls()["reports"] == 4 * TEN - 2 * unpaid < first_calls

    def test_weeks_later_nothing_is_missing(self, lander: Lander) -> None:
        with on_stage(lander) as stage:
            stage.read_data()
            stage.read_analytics()
        with on_stage(lander, AS_OF + 20 * DAY) as stage:
            stage.read_data()
            stage.read_analytics()
            check_against_world(stage)

    def test_a_month_is_read_a_last_time_when_it_is_final(self, lander: Lander) -> None:
        def set_wrong() -> None:
            lander.query(
                """
                update raw_youtube.channel_day_core set payload = '{"views": -1}'
                where report_date = %s returning 1
                """,
                (START + DAY,),
            )

        def wrong() -> int:
            return len(stage.select(CHANNEL_DAY_CORE, "1", "payload ->> 'views' = '-1'"))

        with on_stage(lander) as stage:
            stage.read_data()
            stage.read_analytics()
            set_wrong()
        for later, expected in ((21, TEN), (28, 0), (29, TEN)):  # 5, 12 and 13 December
            with on_stage(lander, AS_OF + later * DAY) as stage:
                if later == 29:
                    set_wrong()
                stage.read_data()
                stage.read_analytics()
                assert wrong() == expected

    def test_calls_are_in_the_book_with_their_user(self, lander: Lander) -> None:
        with on_stage(lander) as stage:
            stage.read_data()
            stage.ledger.write(lander)
            stage.read_analytics()
            stage.ledger.write(lander)
            counts = lander.query(
                """
                select method, bucket, count(*), count(distinct user_id) from ops.api_calls
                where api = 'youtubeAnalytics' group by 1, 2
                """
            )
            users = len({channel.user_id for channel in stage.channels})
            assert counts == [("reports.query", "analytics", stage.calls()["reports"], users)]


class TestMoney:
    def test_an_unmonetised_channel_is_checked_once_a_week(self, lander: Lander) -> None:
        with on_stage(lander) as stage:
            stage.read_data()
            stage.read_analytics()
            unpaid = [c.youtube_channel_id for c in stage.channels if not c.is_monetised]
            assert unpaid
            cursors = lander.read_cursors(CHANNEL_DAY_REVENUE)
            assert [name for name, value in cursors.items() if value.get("monetised") is False] == (
                unpaid
            )
            assert not set(unpaid) & set(lander.read_cursors(VIDEO_DAY_REVENUE))
            asked = []
            for days in range(1, 9):
                stage.as_of = AS_OF + days * DAY
                stage.ledger._calls.clear()
                stage.read_analytics()
                asked.append(sum(call.status_code == 403 for call in stage.ledger._calls))
            assert asked == [0] * 6 + [len(unpaid)] + [0]

    def test_a_channel_that_is_monetised_now(self, lander: Lander) -> None:
        with on_stage(lander) as stage:
            stage.read_data()
            paid = next(c.youtube_channel_id for c in stage.channels if c.is_monetised)
            lander.land(
                CHANNEL_DAY_REVENUE,
                [],
                cursors=[
                    Cursor(
                        paid,
                        {"through": None, "monetised": False, "refreshed_on": "2026-11-07"},
                    )
                ],
            )
            stage.read_analytics()
            check_against_world(stage)


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


class TestTrouble:
    def test_an_owner_who_revoked_the_permission(self, lander: Lander) -> None:
        with on_stage(lander) as stage:
            stage.read_data()
            revoked, unconnected = sorted(stage.tokens)[:2]
            good = stage.tokens[revoked]
            stage.tokens[revoked] = RefreshToken("1//revoked")
            stored = stage.tokens.pop(unconnected)
            with pytest.raises(CredentialsError) as caught:
                stage.read_analytics()
            assert f"channels is not valid any more: {revoked}." in str(caught.value).replace(
                "these YouTube ", ""
            )
            assert "1//revoked" not in str(caught.value)
            landed = {row[0] for row in stage.select(CHANNEL_DAY_CORE, "channel_id")}
            assert landed == {c.youtube_channel_id for c in stage.channels} - {
                revoked,
                unconnected,
            }
            # Once they are connected (again), the same run's day is enough.
            stage.tokens |= {revoked: good, unconnected: stored}
            stage.read_analytics()
            check_against_world(stage)

    def test_a_channel_that_is_refused(
        self, lander: Lander, caplog: pytest.LogCaptureFixture
    ) -> None:
        """The token is of somebody who does not own the channel."""
        with on_stage(lander) as stage:
            stage.read_data()
            mine = stage.channels[0]
            other = next(each for each in stage.channels if each.user_id != mine.user_id)
            stage.tokens[mine.youtube_channel_id] = stage.tokens[other.youtube_channel_id]
            stage.landed()
            with caplog.at_level(logging.WARNING):
                stage.read_analytics()
            assert f"the reports of {mine.youtube_channel_id}: 403 forbidden" in caplog.text
            assert stage.quarantine() == [
                (
                    "channel_day_core",
                    f"channel_day_core of {mine.youtube_channel_id}",
                    "403 forbidden: Forbidden",
                )
            ]
            assert len({row[0] for row in stage.select(CHANNEL_DAY_CORE, "channel_id")}) == TEN - 1
            calls = stage.calls()
            stage.read_analytics()
            assert stage.calls() == calls

    def test_a_malformed_row(self, lander: Lander) -> None:
        with on_stage(lander) as stage:
            stage.read_data()
            stage.read_analytics()
            before = contents(stage)
        faults = {"youtube_analytics": Fault("malformed")}
        with on_stage(lander, AS_OF + DAY, faults=faults) as stage:
            stage.read_analytics(threads=1)
            [(stream, location, reason)] = stage.quarantine()
            assert stream == "channel_day_core"
            assert location.endswith(", row 1")
            assert reason == "the row does not have the 12 values of its columns"
            # The day's row that was landed before is still there.
            days = by_day(stage, CHANNEL_DAY_CORE, "views")
            assert len(days) == len(truth_of(stage))
            assert len(before[0]) < len(days)  # type: ignore[arg-type]

    @pytest.mark.parametrize(
        ("service", "fault", "error", "said"),
        [
            ("youtube_analytics", Fault("quota"), QuotaError, "midnight in California"),
            ("youtube_analytics", Fault("status", 503), SourceUnavailableError, "Analytics API"),
            ("youtube_analytics", Fault("truncated"), SourceUnavailableError, "not JSON"),
            ("oauth", Fault("truncated"), SourceUnavailableError, "token endpoint"),
        ],
    )
    def test_a_service_out_of_order(
        self, lander: Lander, service: str, fault: Fault, error: type[Exception], said: str
    ) -> None:
        with on_stage(lander) as stage:
            stage.read_data()
        with on_stage(lander, faults={service: fault}) as stage:
            with pytest.raises(error, match=said):
                stage.read_analytics()
            assert not stage.select(CHANNEL_DAY_CORE, "1")
        with on_stage(lander) as stage:
            stage.read_analytics()
            check_against_world(stage)

    def test_our_client_is_refused(self, lander: Lander) -> None:
        with (
            on_stage(lander) as stage,
            pytest.raises(CredentialsError, match="GOOGLE_CLIENT_ID") as caught,
        ):
            stage.read_analytics(client_secret="wrong-secret")
        assert "wrong-secret" not in str(caught.value)


class TestCheck:
    def test_it_works(self, lander: Lander) -> None:
        with on_stage(lander) as stage:
            assert f"{TEN} channels connected" in stage.analytics().check()
            assert stage.calls() == {"token": 1, "reports": 1}

    def test_no_permission_is_valid(self, lander: Lander) -> None:
        with on_stage(lander) as stage:
            stage.tokens = {name: RefreshToken("1//revoked") for name in stage.tokens}
            with pytest.raises(CredentialsError, match="not valid any more"):
                stage.analytics().check()

    def test_nobody_is_connected(self, lander: Lander) -> None:
        with on_stage(lander) as stage:
            stage.tokens = {}
            with pytest.raises(CredentialsError, match="No channel is connected"):
                stage.analytics().check()


def test_no_token_is_landed(lander: Lander) -> None:
    with on_stage(lander) as stage:
        stage.read_data()
        stage.read_analytics()
        secrets = [token.secret for token in stage.tokens.values()]
        tables = lander.query("""
            select table_schema || '.' || table_name from information_schema.tables
            where table_schema ~ '^(raw_|ops$)'
        """)
        for (table,) in tables:
            text = str(lander.query(f"select * from {table}"))
            assert not any(secret in text for secret in secrets), table
