"""YouTube Reporting v1: report types, jobs, their reports, and the reports' CSV.

A Bearer token of the channel's owner is needed and says which channel it is about. Quotas, a
minute's and a day's, are answered with 429. Which reports there are: `youtube_report_jobs`; what
is in them: `youtube_report_csv`.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulator.http import errors, google
from simulator.http.errors import ApiError
from simulator.http.oauth import Tokens
from simulator.http.service import Service
from simulator.http.wire import JsonResponse, Parameters, instant, page_offset, page_token
from simulator.http.wire import parameters as read_parameters
from simulator.http.youtube_report_csv import REPORT_TYPES, VideoDay, channel_row, report_csv
from simulator.http.youtube_report_jobs import (
    Job,
    Report,
    find_job,
    first_jobs,
    make_job,
    reports_of,
)
from simulator.world.days import pacific_midnight
from simulator.world.keeping import Recent
from simulator.world.model import Channel, World

PER_MINUTE, PER_DAY = 60, 20_000
MOST_ROWS = 100
_CHANNELS_KEPT = 8
_PAGED = frozenset(("pageSize", "pageToken", "onBehalfOfContentOwner", "includeSystemManaged"))
_LISTED = _PAGED | {"createdAfter", "startTimeAtOrAfter", "startTimeBefore"}


@dataclass(slots=True)
class Rate:
    """Calls within a minute and a day. A limit of 0: there is none."""

    per_minute: int = 0
    per_day: int = PER_DAY
    clock: Callable[[], float] = time.time
    _used: dict[str, tuple[int, int]] = field(default_factory=dict)

    def charge(self) -> None:
        """Count a call; 429 where it is one too many."""
        now = int(self.clock())
        counts: dict[str, tuple[int, int]] = {}
        for name, limit, seconds in (
            ("PerDay", self.per_day, 86_400),
            ("PerMinute", self.per_minute, 60),
        ):
            period, used = self._used.get(name, (0, 0))
            used = used + 1 if period == now // seconds else 1
            if limit and used > limit:
                raise errors.google_reporting_quota(name)
            counts[name] = (now // seconds, used)
        self._used = counts


class _Figures:
    """The days of a channel's videos, kept for the few channels that are being read."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._places = {
            channel.youtube_channel_id: place for place, channel in enumerate(world.channels)
        }
        self._kept = Recent(_CHANNELS_KEPT, self._days_of)

    def of(self, youtube_channel_id: str, day: date) -> list[VideoDay]:
        """Return a channel's day: its videos', and now and then what belongs to none."""
        extra = channel_row(youtube_channel_id, day)
        days = self._kept[self._places[youtube_channel_id]]
        return [*([extra] if extra else []), *days.get(day, [])]

    def _days_of(self, place: int) -> dict[date, list[VideoDay]]:
        world = self._world
        youtube_channel_id = world.channels[place].youtube_channel_id
        videos = [
            video.youtube_video_id
            for video in world.videos(youtube_channel_id)
            if video.youtube_video_id
        ]
        days: dict[date, list[VideoDay]] = defaultdict(list)
        found = world.video_days(youtube_channel_id, videos, world.first_day, world.last_report_day)
        for video_id, day in found:
            days[day.day].append((video_id, day))
        return dict(days)


@dataclass
class _Reporting:
    """The API over a world."""

    world: World
    tokens: Tokens
    rate: Rate
    figures: _Figures
    created: dict[str, list[Job]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    _reports: dict[str, list[Report]] = field(default_factory=dict)

    async def open(self, request: Request, known: frozenset[str]) -> tuple[Parameters, Channel]:
        """Return the parameters and on whose behalf the call is made; 401, 429, 400."""
        params = await read_parameters(request) if request.method == "GET" else Parameters([])
        channel = google.bearer_channel(request, params, self.tokens)
        self.rate.charge()
        google.check_names(params, known)
        return params, channel

    def jobs(self, channel: Channel) -> list[Job]:
        """Return the channel's jobs, the oldest first."""
        return [*first_jobs(channel), *self.created.get(channel.youtube_channel_id, [])]

    def job(self, channel: Channel, job_id: str) -> Job:
        """Return a job by its id; 404 where the channel has none such."""
        job = find_job(channel, job_id)
        if job is None or job.created_at > self.world.as_of:
            raise errors.google_fault(404)
        return job

    def shown(self, job: Job) -> dict[str, Any]:
        """Return a job as the API shows it, by the name that it was given."""
        told = _job(job)
        return {**told, "name": self.names.get(job.job_id, told["name"])}

    def reports(self, job: Job) -> list[Report]:
        """Return the job's reports that can be downloaded."""
        if job.job_id not in self._reports:
            self._reports[job.job_id] = reports_of(self.world, job)
        return self._reports[job.job_id]

    async def report_types(self, request: Request) -> Response:
        """Answer reportTypes.list."""
        params, _ = await self.open(request, _PAGED)
        types = [{"id": name, "name": kind.name} for name, kind in REPORT_TYPES.items()]
        return _page(params, "reportTypes", types)

    async def list_jobs(self, request: Request) -> Response:
        """Answer jobs.list."""
        params, channel = await self.open(request, _PAGED)
        return _page(params, "jobs", [self.shown(job) for job in self.jobs(channel)])

    async def create_job(self, request: Request) -> Response:
        """Answer jobs.create; 409 where the channel has a job of that type."""
        _, channel = await self.open(request, frozenset())
        try:
            asked = orjson.loads(await request.body())
        except orjson.JSONDecodeError:
            asked = None
        if not isinstance(asked, dict) or asked.get("reportTypeId") not in REPORT_TYPES:
            raise _bad("Request contains an invalid argument.")
        if not asked.get("name"):
            raise _bad("The name of a job must not be empty.")
        if any(job.report_type == asked["reportTypeId"] for job in self.jobs(channel)):
            raise errors.google(409, "Requested entity already exists", "alreadyExists")
        job = make_job(channel, asked["reportTypeId"], self.world.as_of)
        self.created.setdefault(channel.youtube_channel_id, []).append(job)
        self.names[job.job_id] = str(asked["name"])
        return JsonResponse(self.shown(job))

    async def get_job(self, request: Request) -> Response:
        """Answer jobs.get."""
        _, channel = await self.open(request, _PAGED)
        return JsonResponse(self.shown(self.job(channel, request.path_params["job"])))

    async def list_reports(self, request: Request) -> Response:
        """Answer jobs.reports.list."""
        params, channel = await self.open(request, _LISTED)
        job = self.job(channel, request.path_params["job"])
        after = _instant(params, "createdAfter")
        first, end = _instant(params, "startTimeAtOrAfter"), _instant(params, "startTimeBefore")
        reports = [
            _report(request, job, report)
            for report in self.reports(job)
            if (after is None or report.created_at > after)
            and (first is None or pacific_midnight(report.day) >= first)
            and (end is None or pacific_midnight(report.day) < end)
        ]
        return _page(params, "reports", reports, job.job_id)

    async def get_report(self, request: Request) -> Response:
        """Answer jobs.reports.get."""
        _, channel = await self.open(request, _PAGED)
        job, report = self._find(channel, request)
        return JsonResponse(_report(request, job, report))

    async def download(self, request: Request) -> Response:
        """Answer media.download with the CSV."""
        params, channel = await self.open(request, frozenset())
        if request.path_params["channel"] != channel.youtube_channel_id:
            raise errors.google_fault(403)
        job, report = self._find(channel, request)
        if params.get("alt") != "media":
            return JsonResponse({"resourceName": request.path_params["channel"]})
        figures = self.figures.of(channel.youtube_channel_id, report.day)
        body = report_csv(job.report_type, channel.youtube_channel_id, report.day, figures)
        return Response(body, media_type="application/octet-stream")

    def _find(self, channel: Channel, request: Request) -> tuple[Job, Report]:
        job = self.job(channel, request.path_params["job"])
        for report in self.reports(job):
            if report.report_id == request.path_params["report"]:
                return job, report
        raise errors.google_fault(404)


def service(world: World, tokens: Tokens, rate: Rate | None = None) -> Service:
    """Return the stand-in of the YouTube Reporting API over `world`."""
    api = _Reporting(world, tokens, rate or Rate(), _Figures(world))
    media = "/v1/media/CHANNEL/{channel}/jobs/{job}/reports/{report}"
    routes = [
        Route("/v1/reportTypes", api.report_types, methods=["GET"]),
        Route("/v1/jobs", api.list_jobs, methods=["GET"]),
        Route("/v1/jobs", api.create_job, methods=["POST"]),
        Route("/v1/jobs/{job}", api.get_job, methods=["GET"]),
        Route("/v1/jobs/{job}/reports", api.list_reports, methods=["GET"]),
        Route("/v1/jobs/{job}/reports/{report}", api.get_report, methods=["GET"]),
        Route(media, api.download, methods=["GET"]),
    ]
    return Service(
        "youtube_reporting",
        routes,
        errors.google_fault,
        _malform,
        errors.google_reporting_quota,
        errors.google_rate_limit,
    )


def _malform(body: bytes) -> bytes | None:
    """Break off the first row of a CSV before its last value."""
    lines = body.split(b"\n")
    if not body.startswith(b"date,") or len(lines) < 3:
        return None
    lines[1] = lines[1].rpartition(b",")[0]
    return b"\n".join(lines)


def _bad(message: str) -> ApiError:
    return errors.google(400, message, "badRequest")


def _instant(params: Parameters, name: str) -> datetime | None:
    text = params.get(name)
    if text is None:
        return None
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        value = None
    if value is None or value.tzinfo is None:
        raise _bad(f"Invalid value at '{name}': it is not in the format of RFC 3339.")
    return value.astimezone(UTC)


def _page(
    params: Parameters, name: str, items: Sequence[dict[str, Any]], scope: str = ""
) -> Response:
    """Return a page of a listing; without items the list is absent."""
    text, token = params.get("pageSize") or "0", params.get("pageToken")
    if not text.isdigit():
        raise _bad(f"Invalid value at 'page_size': {text}")
    size = min(int(text) or MOST_ROWS, MOST_ROWS)
    start = page_offset(token, name + scope) if token else 0
    if start is None:
        raise _bad("Request contains an invalid argument: page_token.")
    answer: dict[str, Any] = {name: items[start : start + size]} if items[start:] else {}
    if start + size < len(items):
        answer["nextPageToken"] = page_token(start + size, name + scope)
    return JsonResponse(answer)


def _job(job: Job) -> dict[str, Any]:
    return {
        "id": job.job_id,
        "reportTypeId": job.report_type,
        "name": f"{REPORT_TYPES[job.report_type].name} of {job.channel.handle}",
        "createTime": instant(job.created_at),
    }


def _report(request: Request, job: Job, report: Report) -> dict[str, Any]:
    path = f"CHANNEL/{job.channel.youtube_channel_id}/jobs/{job.job_id}/reports/{report.report_id}"
    return {
        "id": report.report_id,
        "jobId": job.job_id,
        "startTime": instant(pacific_midnight(report.day)),
        "endTime": instant(pacific_midnight(report.day + timedelta(days=1))),
        "createTime": instant(report.created_at),
        "downloadUrl": f"{request.base_url}v1/media/{path}?alt=media",
    }
