"""The Reporting extractor against the stand-in: what the world's thumbnails did, and trouble."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
from standins import IMPATIENT, Landed, dead_address, extract, payloads, quarantine, query, raw_rows
from youtube_standin import SEED, START, lander_of

from ingest.landing import BadRow, Row
from ingest.sources.youtube.bulk_reports import (
    BULK_REPORTS,
    Listed,
    newest_of_days,
    parse_csv,
    partitions_of,
    read_listing,
    read_report_types,
)
from ingest.sources.youtube.reporting import YouTubeReportingExtractor
from ingest.sources.youtube.reporting_plan import YouTubeReportingConfig
from ingest.sources.youtube.resources import UnreadableError
from ingest.sources.youtube.tokens import RefreshToken
from ingest.streams import platform_stream
from simulator.http import youtube_report_jobs as jobs
from simulator.http import youtube_reporting as stand_in
from simulator.http.faults import Fault
from simulator.http.server import Running, running
from simulator.world import audience
from simulator.world.model import Channel
from simulator.world.synthetic import SyntheticWorld
from warehouse.connection import WarehouseTarget
from warehouse.errors import (
    ConfigurationError,
    CredentialsError,
    QuotaError,
    SourceUnavailableError,
)

AS_OF = datetime(2026, 11, 14, 12, 5, tzinfo=UTC)
DAY = timedelta(days=1)
REACH, BASIC = "channel_reach_basic_a1", "channel_basic_a3"
TABLES = ("raw_youtube.reporting_reach_basic", "raw_youtube.reporting_reports")


@cache
def world_of(as_of: datetime) -> SyntheticWorld:
    """Return a small world of 12 days and more; making one takes a while."""
    return SyntheticWorld(SEED, "small", as_of, START)


def some_channels(world: SyntheticWorld) -> list[Channel]:
    """Return five channels, the first without a job."""
    without = [channel for channel in world.channels if not jobs.first_jobs(channel)][:1]
    with_jobs = [channel for channel in world.channels if jobs.first_jobs(channel)]
    return without + with_jobs[:4]


@pytest.fixture
def target(clean_warehouse: WarehouseTarget) -> WarehouseTarget:
    """Return a warehouse that knows five channels of the platform."""
    rows = [
        Row(
            (str(channel.platform_channel_id), AS_OF),
            {
                "youtube_channel_id": channel.youtube_channel_id,
                "user_id": str(channel.user_id),
                "status": "active",
            },
        )
        for channel in some_channels(world_of(AS_OF))
    ]
    with lander_of(clean_warehouse) as lander:
        lander.land(platform_stream("channels"), rows)
    return clean_warehouse


def extractor(
    up: Running, world: SyntheticWorld, sleep: Callable[[float], None] | None = None, **more: Any
) -> YouTubeReportingExtractor:
    settings = {
        "client_id": up.environment["GOOGLE_CLIENT_ID"],
        "client_secret": up.environment["GOOGLE_CLIENT_SECRET"],
        "token_uri": up.environment["GOOGLE_TOKEN_URI"],
        "endpoint": up.environment["YOUTUBE_REPORTING_ENDPOINT"],
        "backoff": IMPATIENT,
        **more,
    }
    tokens = {c.youtube_channel_id: RefreshToken(c.refresh_token) for c in some_channels(world)}
    config = YouTubeReportingConfig(**settings)
    return YouTubeReportingExtractor(config, lambda: tokens, sleep=sleep or (lambda _: None))


def read(
    target: WarehouseTarget,
    as_of: datetime = AS_OF,
    *,
    fault: str | None = None,
    since: date | None = None,
    until: date | None = None,
    **more: Any,
) -> Landed:
    """Read the reports of the world of an instant once."""
    world = world_of(as_of)
    faults = {"youtube_reporting": Fault(fault)} if fault else {}
    with running(world, faults=faults) as up:
        return extract(extractor(up, world, **more), target, as_of, since, until)


def told(target: WarehouseTarget) -> dict[tuple[str, str, str], tuple[int, Decimal]]:
    """Return impressions and clicks as landed, by channel, day and video."""
    rows = query(
        target,
        """
        select channel_id, report_date::text, payload ->> 'video_id',
            (payload ->> 'video_thumbnail_impressions')::int,
            (payload ->> 'video_thumbnail_impressions_ctr')::numeric
        from raw_youtube.reporting_reach_basic
        """,
    )
    percent = {channel for channel, _, _, _, rate in rows if rate > 1}
    return {
        (channel, day, video): (shown, round(shown * rate / (100 if channel in percent else 1)))
        for channel, day, video, shown, rate in rows
        if video
    }


def truth(as_of: datetime) -> dict[tuple[str, str, str], tuple[int, int]]:
    """Return impressions and clicks of the channels' videos that have a report at the instant."""
    world = world_of(as_of)
    found = {}
    for channel in some_channels(world):
        name = channel.youtube_channel_id
        listed = {
            report.day
            for job in jobs.first_jobs(channel)
            if job.report_type == REACH
            for report in jobs.reports_of(world, job)
        }
        videos = [v.youtube_video_id for v in world.videos(name) if v.youtube_video_id]
        for video, day in world.video_days(name, videos, world.first_day, world.last_report_day):
            reach = audience.reach(video, day)
            if day.day in listed and reach.impressions:
                found[name, day.day.isoformat(), video] = (reach.impressions, reach.clicks)
    return found


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


class TestTrouble:
    def test_a_day_quota_ends_it_at_once(self, target: WarehouseTarget) -> None:
        waits: list[float] = []
        with pytest.raises(QuotaError, match="midnight in California"):
            read(target, fault="quota", sleep=waits.append)
        assert not waits

    def test_a_minutes_quota_is_waited_for(
        self, target: WarehouseTarget, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        now = [1_000_020.0]
        rate = stand_in.Rate(per_minute=20, per_day=0, clock=lambda: now[0])
        monkeypatch.setattr(stand_in, "Rate", lambda: rate)

        def sleep(seconds: float) -> None:
            now[0] += seconds

        read(target, sleep=sleep)
        assert told(target) == truth(AS_OF)
        assert now[0] > 1_000_020 + 60

    def test_a_row_that_is_cut(self, target: WarehouseTarget) -> None:
        landed = read(target, fault="malformed")
        assert landed.quarantined == 1
        ((location, reason, _),) = quarantine(target)
        assert re.fullmatch(r"report \d+, line 2", location)
        assert reason == "the row has 4 values for 5 columns"
        expected = truth(AS_OF)
        assert told(target).items() <= expected.items()
        assert len(told(target)) >= len(expected) - 1

    def test_a_body_that_is_cut(self, target: WarehouseTarget) -> None:
        with pytest.raises(SourceUnavailableError):
            read(target, fault="truncated")
        assert not query(target, "select 1 from raw_youtube.reporting_reports")

    def test_a_dead_server(self, target: WarehouseTarget) -> None:
        with pytest.raises(SourceUnavailableError, match="YOUTUBE_REPORTING_ENDPOINT") as caught:
            read(target, endpoint=dead_address())
        assert caught.value.hint

    def test_an_owner_who_must_reconnect(self, target: WarehouseTarget) -> None:
        world = world_of(AS_OF)
        gone = some_channels(world)[2].youtube_channel_id
        with running(world) as up:
            reader = extractor(up, world)
            tokens = {c.youtube_channel_id: RefreshToken(c.refresh_token) for c in world.channels}
            tokens[gone] = RefreshToken("1//revoked")
            reader = YouTubeReportingExtractor(reader._config, lambda: tokens)
            with pytest.raises(CredentialsError, match=gone):
                extract(reader, target, AS_OF)
            assert "5 channels" in extractor(up, world).check()
        assert {key: v for key, v in truth(AS_OF).items() if key[0] != gone} == told(target)

    def test_check_says_who_must_reconnect(self, target: WarehouseTarget) -> None:
        world = world_of(AS_OF)
        with running(world) as up:
            config = extractor(up, world)._config
            with pytest.raises(CredentialsError, match="No channel is connected"):
                YouTubeReportingExtractor(config, dict).check()
            lost = {"UCx": RefreshToken("1//revoked")}
            with pytest.raises(CredentialsError, match="UCx"):
                YouTubeReportingExtractor(config, lambda: lost).check()


REPORT = Listed("77", date(2026, 11, 1), AS_OF, "CHANNEL/UC1/jobs/j/reports/77", {"id": "77"})
HEAD = "date,channel_id,video_id,video_thumbnail_impressions,video_thumbnail_impressions_ctr"


def parsed(*lines: str, head: str = HEAD) -> list[Row | BadRow]:
    content = "\n".join([head, *lines, ""]).encode("utf-8", "surrogateescape")
    return parse_csv(content, BULK_REPORTS[REACH], "UC1", REPORT)


class TestCsv:
    def test_values_are_kept_as_told(self) -> None:
        (row,) = parsed("20261101,UC1,,300,3.2E-2")
        assert isinstance(row, Row)
        assert row.values == ("UC1", date(2026, 11, 1), 2)
        assert list(row.payload.values()) == ["20261101", "UC1", "", "300", "3.2E-2"]

    def test_columns_are_found_by_name(self) -> None:
        turned = ",".join(["new_metric", *HEAD.split(",")[::-1]])
        (row,) = parsed("x,0.05,300,abc,UC1,20261101", head="\ufeff" + turned)
        assert isinstance(row, Row)
        assert row.payload["video_id"] == "abc"
        assert row.payload["new_metric"] == "x"

    @pytest.mark.parametrize(
        ("line", "reason"),
        [
            ("20261101,UC1,abc,300", "4 values for 5 columns"),
            ("20261102,UC1,abc,300,0.1", "date is not the report's"),
            ("20261101,UC2,abc,300,0.1", "channel_id is not the report's"),
            ("20261101,UC1,abc,many,0.1", "is no count"),
            ("20261101,UC1,abc,,0.1", "is no count"),
            ("20261101,UC1,abc,-3,0.1", "is no count"),
            ("20261101,UC1,abc,3.5,0.1", "is no count"),
            ("20261101,UC1,abc,300,NaN", "is no number"),
            ("20261101,UC1,abc,300,5%", "is no number"),
            ('20261101,UC1,"abc"x,300,0.1', "expected after"),
        ],
    )
    def test_bad_rows_are_set_aside(self, line: str, reason: str) -> None:
        rows = parsed("20261101,UC1,one,300,0.1", line, "20261101,UC1,two,300,")
        assert [type(row) for row in rows] == [Row, BadRow, Row]
        (bad,) = [row for row in rows if isinstance(row, BadRow)]
        assert bad.location == "report 77, line 3"
        assert reason in bad.reason

    def test_a_report_without_rows(self) -> None:
        assert parsed() == []

    @pytest.mark.parametrize("head", ["", "date,video_id", f"{HEAD},date"])
    def test_a_report_without_its_columns(self, head: str) -> None:
        with pytest.raises(UnreadableError, match="column"):
            parsed("20261101,UC1,abc,300,0.1", head=head)


class TestListing:
    def item(self, **changes: Any) -> dict[str, Any]:
        return {
            "id": "1",
            "startTime": "2026-11-01T07:00:00Z",
            "createTime": "2026-11-03T20:00:00.123456Z",
            "downloadUrl": "https://youtubereporting.googleapis.com/v1/media/CHANNEL/a/b?alt=media",
            **changes,
        }

    def test_a_report_is_of_a_pacific_day(self) -> None:
        (report,) = read_listing([self.item()], "job 1")
        assert isinstance(report, Listed)
        assert report.day == date(2026, 11, 1)
        assert report.resource_name == "CHANNEL/a/b"

    @pytest.mark.parametrize(
        "changes",
        [
            {"id": ""},
            {"startTime": "yesterday"},
            {"createTime": None},
            {"createTime": "2026-13-01T00:00:00Z"},
            {"downloadUrl": "https://elsewhere.example.com/x"},
        ],
    )
    def test_what_is_no_report(self, changes: dict[str, Any]) -> None:
        (bad,) = read_listing([self.item(**changes)], "job 1")
        assert isinstance(bad, BadRow)
        assert bad.location == "job 1, report 1"

    def test_the_newest_report_of_a_day_wins(self) -> None:
        older = replace(REPORT, report_id="1", created_at=AS_OF - DAY)
        other = replace(REPORT, report_id="2", day=date(2026, 11, 2))
        listed = [older, REPORT, other]
        assert newest_of_days(listed, {}) == [REPORT, other]
        assert newest_of_days(listed, {REPORT.day: REPORT.age}) == [other]
        assert newest_of_days([older], {REPORT.day: REPORT.age}) == []
        assert newest_of_days(listed, {REPORT.day: older.age}) == [REPORT, other]

    def test_days_in_a_row_are_one_partition(self) -> None:
        days = [date(2026, 11, day) for day in (3, 1, 2, 7)]
        spans = [(part.first_day, part.last_day) for part in partitions_of("UC1", days)]
        assert spans == [(days[1], days[0]), (days[3], days[3])]


class TestSettings:
    def test_types(self) -> None:
        assert read_report_types(None) == (REACH,)
        assert read_report_types(f" {BASIC}, {REACH},{BASIC}") == (BASIC, REACH)
        with pytest.raises(ConfigurationError, match="channel_basic_a2") as caught:
            read_report_types("channel_basic_a2")
        assert REACH in str(caught.value.hint)
