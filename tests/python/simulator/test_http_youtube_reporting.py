"""The stand-in of YouTube Reporting, through the real client: jobs, reports, CSVs, quotas."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from discovery import check
from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError
from tiny_world import TinyWorld

from simulator.http import youtube_report_jobs as jobs
from simulator.http.oauth import Tokens
from simulator.http.server import Running, running
from simulator.http.youtube_report_csv import REPORT_TYPES
from simulator.http.youtube_reporting import Rate
from simulator.world import audience
from simulator.world.model import Channel
from simulator.world.synthetic import SyntheticWorld

REACH = "channel_reach_basic_a1"
AS_OF = datetime(2026, 11, 20, 12, tzinfo=UTC)
API = "youtubereporting.v1"


@pytest.fixture(scope="module")
def world() -> SyntheticWorld:
    return SyntheticWorld(7, "small", AS_OF, date(2026, 10, 20))


@pytest.fixture(scope="module")
def stand_ins(world: SyntheticWorld) -> Iterator[Running]:
    with running(world) as up:
        yield up


def client(up: Running, channel: Channel) -> Any:
    credentials = Credentials(  # type: ignore[no-untyped-call]
        None,
        refresh_token=channel.refresh_token,
        token_uri=up.url("GOOGLE_TOKEN_URI"),
        client_id=up.url("GOOGLE_CLIENT_ID"),
        client_secret=up.url("GOOGLE_CLIENT_SECRET"),
    )
    return build(
        "youtubereporting",
        "v1",
        credentials=credentials,
        static_discovery=True,
        client_options={"api_endpoint": up.url("YOUTUBE_REPORTING_ENDPOINT")},
    )


@pytest.fixture(scope="module")
def old(world: SyntheticWorld) -> Channel:
    """Return a channel that was connected long before, with jobs."""
    channels = (each for each in world.channels if jobs.first_jobs(each))
    return min(channels, key=lambda channel: channel.connected_at)


@pytest.fixture(scope="module")
def new(world: SyntheticWorld) -> Channel:
    """Return a channel for which no job was created."""
    return next(channel for channel in world.channels if not jobs.first_jobs(channel))


def job_of(api: Any, report_type: str = REACH) -> str:
    listed = api.jobs().list().execute()
    return str(next(job["id"] for job in listed["jobs"] if job["reportTypeId"] == report_type))


def reports_of(api: Any, job: str, **asked: object) -> list[dict[str, Any]]:
    """Return every report of a job, page by page."""
    found: list[dict[str, Any]] = []
    request = api.jobs().reports().list(jobId=job, **asked)
    while request is not None:
        answer = request.execute()
        check(API, "ListReportsResponse", answer)
        found += answer.get("reports", [])
        request = api.jobs().reports().list_next(request, answer)
    return found


def rows_of(api: Any, report: dict[str, Any]) -> list[dict[str, str]]:
    name = report["downloadUrl"].partition("/v1/media/")[2].partition("?")[0]
    body: bytes = api.media().download_media(resourceName=name).execute()
    return list(csv.DictReader(io.StringIO(body.decode())))


def day_of(report: dict[str, Any]) -> date:
    begins, ends = map(datetime.fromisoformat, (report["startTime"], report["endTime"]))
    assert ends - begins in (timedelta(hours=23), timedelta(hours=24), timedelta(hours=25))
    return (begins - timedelta(hours=7)).date()


class TestLists:
    def test_report_types_page_by_page(self, stand_ins: Running, old: Channel) -> None:
        api = client(stand_ins, old)
        names, token = [], None
        while True:
            answer = api.reportTypes().list(pageSize=3, pageToken=token).execute()
            check(API, "ListReportTypesResponse", answer)
            names += [entry["id"] for entry in answer["reportTypes"]]
            if (token := answer.get("nextPageToken")) is None:
                break
        assert names == list(REPORT_TYPES)

    def test_jobs(self, stand_ins: Running, old: Channel) -> None:
        api = client(stand_ins, old)
        answer = api.jobs().list().execute()
        check(API, "ListJobsResponse", answer)
        assert {job["reportTypeId"] for job in answer["jobs"]} == set(REPORT_TYPES)
        one = api.jobs().get(jobId=answer["jobs"][0]["id"]).execute()
        check(API, "Job", one)
        assert one == answer["jobs"][0]

    def test_a_job_is_created_once(self, stand_ins: Running, new: Channel) -> None:
        api = client(stand_ins, new)
        assert api.jobs().list().execute() == {}
        body = {"reportTypeId": REACH, "name": "reach"}
        made = api.jobs().create(body=body).execute()
        check(API, "Job", made)
        assert datetime.fromisoformat(made["createTime"]) == AS_OF
        with pytest.raises(HttpError, match="already exists"):
            api.jobs().create(body=body).execute()
        assert [job["id"] for job in api.jobs().list().execute()["jobs"]] == [made["id"]]
        # The first report comes within 48 hours, not at once.
        assert reports_of(api, made["id"]) == []

    def test_wrong_questions(self, stand_ins: Running, old: Channel, new: Channel) -> None:
        api = client(stand_ins, old)
        for body in ({"reportTypeId": "channel_basic_a1", "name": "x"}, {"reportTypeId": REACH}):
            with pytest.raises(HttpError) as caught:
                api.jobs().create(body=body).execute()
            assert caught.value.status_code == 400
        for job in ("no-job", job_of(api)[:-1] + "0"):
            with pytest.raises(HttpError) as caught:
                api.jobs().reports().list(jobId=job).execute()
            assert caught.value.status_code == 404
        with pytest.raises(HttpError) as caught:
            client(stand_ins, new).jobs().reports().list(jobId=job_of(api)).execute()
        assert caught.value.status_code == 404
        with pytest.raises(HttpError) as caught:
            api.jobs().reports().list(jobId=job_of(api), createdAfter="yesterday").execute()
        assert caught.value.status_code == 400


class TestReports:
    def test_one_a_day_and_back_fills(
        self, stand_ins: Running, world: SyntheticWorld, old: Channel
    ) -> None:
        api = client(stand_ins, old)
        job = job_of(api)
        reports = reports_of(api, job, pageSize=7)
        days = Counter(map(day_of, reports))
        expected = (world.last_report_day - world.first_day).days + 1
        assert len(days) == expected
        assert max(days) == world.last_report_day
        assert len({report["id"] for report in reports}) == len(reports)
        assert all(report["jobId"] == job for report in reports)
        for report in reports:
            told = datetime.fromisoformat(report["createTime"])
            assert told <= AS_OF
            ends = datetime.fromisoformat(report["endTime"])
            assert told - ends >= timedelta(days=1)

    def test_restated_days_come_again(self, stand_ins: Running, world: SyntheticWorld) -> None:
        found = 0
        for channel in world.channels[:8]:
            if not jobs.first_jobs(channel):
                continue
            api = client(stand_ins, channel)
            reports = reports_of(api, job_of(api))
            days = Counter(map(day_of, reports))
            again = {day for day, count in days.items() if count > 1}
            restated = world.restatements(channel.youtube_channel_id)
            assert again <= {day for day, moment in restated.items() if moment <= AS_OF}
            found += len(again)
        assert found > 0

    def test_what_is_asked_for(self, stand_ins: Running, old: Channel) -> None:
        api = client(stand_ins, old)
        job = job_of(api)
        every = reports_of(api, job)
        middle = sorted(report["createTime"] for report in every)[len(every) // 2]
        later = reports_of(api, job, createdAfter=middle)
        assert [r["id"] for r in later] == [r["id"] for r in every if r["createTime"] > middle]
        first, end = "2026-10-30T00:00:00Z", "2026-11-02T00:00:00-08:00"
        some = reports_of(api, job, startTimeAtOrAfter=first, startTimeBefore=end)
        assert {day_of(report) for report in some} == {date(2026, 10, day) for day in (30, 31)} | {
            date(2026, 11, 1)
        }

    def test_a_job_has_30_days_of_history_and_reports_expire(self, world: SyntheticWorld) -> None:
        channel = world.channels[0]
        job = jobs.make_job(channel, REACH, AS_OF - timedelta(days=20))
        days = {report.day for report in jobs.reports_of(world, job)}
        assert min(days) == world.first_day  # the world is no older
        later = SyntheticWorld(7, "small", AS_OF + timedelta(days=60), date(2026, 10, 20))
        kept = {report.day for report in jobs.reports_of(later, job)}
        assert min(kept) >= (AS_OF - timedelta(days=5)).date()
        assert jobs.find_job(channel, job.job_id) == job
        assert jobs.find_job(world.channels[1], job.job_id) is None


class TestCsv:
    def test_reach_is_the_worlds(
        self, stand_ins: Running, world: SyntheticWorld, old: Channel
    ) -> None:
        api = client(stand_ins, old)
        day = world.last_report_day
        report = next(r for r in reports_of(api, job_of(api)) if day_of(r) == day)
        rows = rows_of(api, report)
        assert set(rows[0]) == set(REPORT_TYPES[REACH].columns)
        videos = sorted(
            v.youtube_video_id for v in world.videos(old.youtube_channel_id) if v.youtube_video_id
        )
        truth = {
            video: audience.reach(video, figures)
            for video, figures in world.video_days(old.youtube_channel_id, videos, day, day)
        }
        told = {row["video_id"]: row for row in rows if row["video_id"]}
        assert {row["date"] for row in rows} == {f"{day:%Y%m%d}"}
        assert told.keys() == {video for video, reach in truth.items() if reach.impressions}
        for video, row in told.items():
            assert int(row["video_thumbnail_impressions"]) == truth[video].impressions

    def test_rates_are_fractions_or_percentages(
        self, stand_ins: Running, world: SyntheticWorld
    ) -> None:
        highest = {}
        for channel in world.channels[:12]:
            if jobs.first_jobs(channel):
                api = client(stand_ins, channel)
                reports = reports_of(api, job_of(api))
                rates = [
                    Decimal(row["video_thumbnail_impressions_ctr"])
                    for report in reports[:2]
                    for row in rows_of(api, report)
                ]
                highest[channel.youtube_channel_id] = max(rates)
        assert any(rate > 1 for rate in highest.values())
        assert any(0 < rate < 1 for rate in highest.values())

    @pytest.mark.parametrize(
        "report_type", ["channel_basic_a3", "channel_traffic_source_a3", "channel_device_os_a3"]
    )
    def test_parts_add_up_to_the_day(
        self, stand_ins: Running, world: SyntheticWorld, old: Channel, report_type: str
    ) -> None:
        api = client(stand_ins, old)
        reports = reports_of(api, job_of(api, report_type))
        day = day_of(reports[0])
        rows = rows_of(api, reports[0])
        kind = REPORT_TYPES[report_type]
        keys = [column for column in kind.columns if column != "channel_id"][:7]
        assert list(rows[0]) == list(kind.columns)
        assert len({tuple(row[key] for key in keys) for row in rows}) == len(rows)
        (truth,) = world.channel_days(old.youtube_channel_id, day, day)
        told = [row for row in rows if row["video_id"]]
        assert sum(int(row["views"]) for row in told) == truth.views
        assert sum(int(row["watch_time_minutes"]) for row in told) == truth.minutes_watched
        if report_type == "channel_basic_a3":
            assert sum(int(row["likes"]) for row in told) == truth.likes

    def test_now_and_then_a_row_belongs_to_no_video(
        self, stand_ins: Running, world: SyntheticWorld
    ) -> None:
        days, empty = 0, 0
        for channel in world.channels[:4]:
            api = client(stand_ins, channel)
            if jobs.first_jobs(channel):
                for report in reports_of(api, job_of(api)):
                    days += 1
                    empty += sum(not row["video_id"] for row in rows_of(api, report))
        assert 0 < empty <= days // 4


class TestQuota:
    def test_a_minute_and_a_day(self) -> None:
        now = 1_000_020.0
        rate = Rate(per_minute=2, per_day=3, clock=lambda: now)
        rate.charge()
        rate.charge()
        with pytest.raises(Exception, match="429") as caught:
            rate.charge()
        assert _limit(caught.value) == "FreeQuotaRequestsPerMinutePerProject"
        now += 60
        rate.charge()
        with pytest.raises(Exception, match="429") as caught:
            rate.charge()
        assert _limit(caught.value) == "FreeQuotaRequestsPerDayPerProject"

    def test_without_a_token(self, stand_ins: Running) -> None:
        tokens = Tokens(TinyWorld())
        assert tokens.issue("1//nobody") is None
        api = build(
            "youtubereporting",
            "v1",
            developerKey="key",
            static_discovery=True,
            client_options={"api_endpoint": stand_ins.url("YOUTUBE_REPORTING_ENDPOINT")},
        )
        with pytest.raises(HttpError) as caught:
            api.jobs().list().execute()
        assert caught.value.status_code == 401


def _limit(error: Any) -> str:
    return str(error.body["error"]["details"][0]["metadata"]["quota_limit"])
