"""The Analytics extractor, run after run: the world's truth day by day, and who earns money."""

from __future__ import annotations

from datetime import timedelta

from youtube_analytics_truth import check_against_world, contents, truth_of
from youtube_standin import AS_OF, START, TEN, fresh_lander, on_stage

from ingest.landing import Cursor, Lander
from ingest.streams import CHANNEL_DAY_CORE, CHANNEL_DAY_REVENUE, VIDEO_DAY_REVENUE

DAY = timedelta(days=1)
lander = fresh_lander


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
