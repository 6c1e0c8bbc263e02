"""The Reporting extractor against the stand-in: what its runs land, and the jobs they make."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from standins import extract, payloads, query, raw_rows
from youtube_reporting_standin import (
    AS_OF,
    DAY,
    REACH,
    extractor,
    read,
    some_channels,
    told,
    truth,
    world_of,
)
from youtube_standin import lander_of

from ingest.landing import Row
from ingest.sources.youtube.bulk_reports import BULK_REPORTS
from ingest.streams import platform_stream
from simulator.http.server import running
from warehouse.connection import WarehouseTarget

TABLES = ("raw_youtube.reporting_reach_basic", "raw_youtube.reporting_reports")


class TestTruth:
    def test_the_first_run_lands_what_the_world_knows(self, target: WarehouseTarget) -> None:
        landed = read(target)
        assert told(target) == truth(AS_OF)
        assert len(told(target)) > 100
        assert landed.quarantined == 0
        by_report = query(
            target,
            """
            select reports.report_date, (reports.payload ->> 'rows')::int, count(line_number)
            from raw_youtube.reporting_reports as reports
            left join raw_youtube.reporting_reach_basic using (channel_id, report_date)
            group by reports.report_id
            """,
        )
        assert all(told_rows == rows for _, told_rows, rows in by_report)
        addresses = query(
            target, "select 1 from raw_youtube.reporting_reports where payload ? 'downloadUrl'"
        )
        assert not addresses

    def test_a_row_may_belong_to_no_video(self, target: WarehouseTarget) -> None:
        read(target)
        empty = query(
            target,
            "select 1 from raw_youtube.reporting_reach_basic where payload ->> 'video_id' = ''",
        )
        assert empty

    def test_right_away_nothing_is_asked(self, target: WarehouseTarget) -> None:
        read(target)
        before = raw_rows(target, *TABLES, "raw_youtube.reporting_jobs")
        world = world_of(AS_OF)
        with running(world) as up:
            again = extract(extractor(up, world), target, AS_OF + timedelta(hours=2))
            assert not up.services["youtube_reporting"].calls
        assert again.changes == 0
        assert raw_rows(target, *TABLES, "raw_youtube.reporting_jobs") == before

    def test_a_listing_without_news_downloads_nothing(self, target: WarehouseTarget) -> None:
        read(target)
        before = raw_rows(target, *TABLES)
        world = world_of(AS_OF)
        with running(world) as up:
            extract(extractor(up, world), target, AS_OF + timedelta(hours=7))
            calls = up.services["youtube_reporting"].calls
        assert not any("/media/" in call for call in calls)
        assert not any(call.startswith("POST") for call in calls)
        assert sum(calls.values()) == 5
        assert raw_rows(target, *TABLES) == before

    def test_later_days_and_back_fills(self, target: WarehouseTarget) -> None:
        read(target)
        for later in (DAY, 3 * DAY, 9 * DAY):
            read(target, AS_OF + later)
            expected = truth(AS_OF + later)
            landed = told(target)
            assert {key: landed.get(key) for key in expected} == expected
        again = query(
            target,
            """
            select channel_id, report_date from raw_youtube.reporting_reports
            group by channel_id, report_date having count(*) > 1
            """,
        )
        assert again  # some days were told a second time

    def test_the_order_of_runs_does_not_matter(
        self, target: WarehouseTarget, new_migrated_warehouse: Callable[[], WarehouseTarget]
    ) -> None:
        statement = """
            select channel_id, report_date, line_number, payload
            from raw_youtube.reporting_reach_basic order by 1, 2, 3
        """
        for later in (0, 2, 5, 9):
            read(target, AS_OF + later * DAY)
        in_steps = query(target, statement)
        rows = query(target, "select id, updated_at, payload from raw_platform.channels")
        other = new_migrated_warehouse()
        with lander_of(other) as lander:
            lander.land(platform_stream("channels"), [Row((i, at), p) for i, at, p in rows])
        read(other, AS_OF + 9 * DAY)
        # The channel whose job we created has its first reports two days later.
        at_once = query(other, statement)
        channels = {row[0] for row in at_once}
        assert len(channels) == 4
        assert at_once == [row for row in in_steps if row[0] in channels]


class TestJobs:
    def test_a_job_is_created_once(self, target: WarehouseTarget) -> None:
        read(target)
        made = payloads(target, "raw_youtube.reporting_jobs", "channel_id, report_type_id")
        assert len(made) == 5
        (channel, *_) = some_channels(world_of(AS_OF))
        assert made[channel.youtube_channel_id, REACH]["createTime"] == "2026-11-14T12:05:00Z"
        world = world_of(AS_OF + 3 * DAY)
        with running(world) as up:
            extract(extractor(up, world), target, AS_OF + 3 * DAY)
            calls = up.services["youtube_reporting"].calls
        assert not any(call.startswith("POST") for call in calls)
        assert payloads(target, "raw_youtube.reporting_jobs", "channel_id, report_type_id") == made
        days = query(
            target,
            f"""
            select count(*) from raw_youtube.reporting_reports
            where channel_id = '{channel.youtube_channel_id}'
            """,
        )
        assert days[0][0] >= 10  # the history comes with the first reports

    def test_a_job_that_is_gone_is_created_anew(self, target: WarehouseTarget) -> None:
        read(target)
        query(
            target,
            """
            update ops.cursors set value = value || '{"job_id": "gone"}'
            where source = 'youtube_reporting' returning 1
            """,
        )
        before = raw_rows(target, *TABLES)
        world = world_of(AS_OF)
        with running(world) as up:
            landed = extract(extractor(up, world), target, AS_OF + timedelta(hours=7))
        assert landed.quarantined == 0
        assert raw_rows(target, *TABLES) == before

    def test_other_types_when_they_are_asked_for(self, target: WarehouseTarget) -> None:
        landed = read(target, report_types=tuple(BULK_REPORTS))
        world = world_of(AS_OF)
        assert landed.quarantined == 0
        for table, measure in (
            ("reporting_basic", "country_code"),
            ("reporting_traffic_source", "traffic_source_type"),
            ("reporting_device_os", "operating_system"),
        ):
            sums = query(
                target,
                f"""
                select channel_id, report_date, sum((payload ->> 'views')::int)
                from raw_youtube.{table}
                where payload ->> 'video_id' <> '' and payload ? '{measure}' group by 1, 2
                """,
            )
            assert len(sums) > 20
            for channel, day, views in sums:
                (figures,) = world.channel_days(channel, day, day)
                assert figures.views == views


class TestBackFill:
    def test_days_that_are_asked_for(self, target: WarehouseTarget) -> None:
        since, until = date(2026, 11, 5), date(2026, 11, 6)
        read(target, since=since, until=until)
        days = query(target, "select distinct report_date from raw_youtube.reporting_reach_basic")
        assert {day for (day,) in days} == {since, until}
        assert not query(target, "select 1 from ops.cursors where source = 'youtube_reporting'")
        read(target)
        assert told(target) == truth(AS_OF)
