"""YouTube Analytics v2 ``reports.query``: ``GET /v2/reports``, or POST where that is too long.

Reports: totals (no dimensions), ``day``, ``month``, and ``day,video`` with a filter of at most
200 videos. Days are Pacific days, and the answer stops at the last one that is fully processed.
Without data there are no ``rows``. A Bearer token of the channel's owner is needed; a revenue
metric of a channel that is not monetised is forbidden.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulator.http import errors, google
from simulator.http.errors import ApiError
from simulator.http.oauth import Tokens
from simulator.http.service import Service
from simulator.http.wire import JsonResponse, Parameters, dumps
from simulator.http.wire import parameters as read_parameters
from simulator.http.youtube_metrics import DIMENSIONS, METRICS, total
from simulator.world.model import Channel, ReportDay, World

MOST_VIDEOS = 200
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_NAMES = frozenset(
    (
        *("ids", "startDate", "endDate", "metrics", "dimensions", "filters", "sort"),
        *("maxResults", "startIndex", "currency", "includeHistoricalChannelData"),
    )
)
_REPORTS = ((), ("day",), ("month",), ("day", "video"))


@dataclass(frozen=True, slots=True)
class _Query:
    """A query that is known to be supported."""

    channel: Channel
    start: date
    end: date
    metrics: list[str]
    dimensions: list[str]
    videos: list[str] | None
    sort: list[str]
    start_index: int
    max_results: int | None


def service(world: World, tokens: Tokens) -> Service:
    """Return the stand-in of the YouTube Analytics API over `world`."""
    channels = {channel.youtube_channel_id: channel for channel in world.channels}

    async def reports(request: Request) -> Response:
        override = request.headers.get("x-http-method-override", "").upper()
        if request.method == "POST" and override != "GET":
            raise errors.google_fault(404)
        params = await read_parameters(request)
        caller = google.bearer_channel(request, params, tokens)
        google.check_names(params, _NAMES)
        return JsonResponse(_report(world, _read(params, caller, channels)))

    return Service(
        "youtube_analytics",
        [Route("/v2/reports", reports, methods=["GET", "POST"])],
        errors.google_fault,
        _malform,
        errors.google_analytics_quota,
    )


def _malform(body: bytes) -> bytes | None:
    """Break off the first row before its last value."""
    answer = orjson.loads(body)
    if not answer.get("rows"):
        return None
    answer["rows"][0].pop()
    return dumps(answer)


def _bad(message: str) -> ApiError:
    return errors.google(400, message, "badRequest")


def _unsupported() -> ApiError:
    return _bad(
        "The query is not supported. Check the documentation at "
        "https://developers.google.com/youtube/analytics/v2/available_reports for supported "
        "queries."
    )


def _read(params: Parameters, caller: Channel, channels: dict[str, Channel]) -> _Query:
    """Return the query; 400 where it is wrong or unsupported, 403 where it is not allowed."""
    for name in ("ids", "startDate", "endDate", "metrics"):
        if not params.get(name):
            raise errors.google(400, f"Required parameter: {name}", "required", location=name)
    channel = _channel(str(params.get("ids")), caller, channels)
    metrics, dimensions = params.listed("metrics"), params.listed("dimensions")
    for kind, names, known in (
        ("metrics", metrics, METRICS.keys()),
        ("dimensions", dimensions, DIMENSIONS),
    ):
        for name in names:
            if name not in known:
                raise _bad(f"Unknown identifier ({name}) given in field parameters.{kind}.")
    videos = _videos(params.get("filters"))
    _check_report(params, dimensions, videos)
    start, end = _dates(params, dimensions)
    if any(METRICS[name].is_revenue for name in metrics) and not channel.is_monetised:
        raise errors.google(403, "Insufficient permission to access this report.", "forbidden")
    sort = params.listed("sort")
    for name in sort:
        if name.removeprefix("-") not in (*metrics, *dimensions):
            raise _bad(f"Invalid sort ({name}): it is neither a metric nor a dimension asked for.")
    return _Query(
        channel,
        start,
        end,
        metrics,
        dimensions,
        videos,
        sort,
        _positive(params, "startIndex") or 1,
        _positive(params, "maxResults"),
    )


def _channel(ids: str, caller: Channel, channels: dict[str, Channel]) -> Channel:
    kind, separator, name = ids.partition("==")
    if not separator or kind not in ("channel", "contentOwner") or not name:
        raise _bad(f"Invalid value ({ids}) given in field parameters.ids.")
    if ids == "channel==MINE":
        return caller
    channel = channels.get(name) if kind == "channel" else None
    if channel is None or channel.user_id != caller.user_id:
        raise errors.google(403, "Forbidden", "forbidden")
    return channel


def _videos(filters: str | None) -> list[str] | None:
    """Return the videos of the filter, None without one."""
    if not filters:
        return None
    name, separator, value = filters.partition("==")
    if not separator or ";" in filters:
        raise _unsupported()
    if name not in DIMENSIONS:
        raise _bad(f"Unknown identifier ({name}) given in field parameters.filters.")
    if name != "video":
        raise _unsupported()
    videos = [video for video in value.split(",") if video]
    if len(videos) > MOST_VIDEOS:
        raise _bad(
            f"Too many values ({len(videos)}) for the filter video in field parameters.filters: "
            f"at most {MOST_VIDEOS}."
        )
    return videos


def _check_report(params: Parameters, dimensions: list[str], videos: list[str] | None) -> None:
    """Refuse what no report offers."""
    if tuple(sorted(dimensions)) not in _REPORTS:
        raise _unsupported()
    if "video" in dimensions and (videos is None or "maxResults" in params):
        raise _unsupported()
    if params.get("currency") not in (None, "USD"):
        raise _bad(f"Unsupported currency ({params.get('currency')}).")


def _dates(params: Parameters, dimensions: list[str]) -> tuple[date, date]:
    """Return the first and the last day asked for."""
    days = []
    for name in ("startDate", "endDate"):
        text = str(params.get(name))
        try:
            day = date.fromisoformat(text) if _DATE.fullmatch(text) else None
        except ValueError:
            day = None
        if day is None:
            raise _bad(f"Invalid value ({text}) given in field parameters.{name}: YYYY-MM-DD.")
        days.append(day)
    start, end = days
    if end < start:
        raise _bad("The endDate is before the startDate.")
    if "month" in dimensions:
        if start.day != 1 or end.day != 1:
            raise _bad("With the dimension month both dates must be the first day of a month.")
        end = (end + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return start, end


def _positive(params: Parameters, name: str) -> int | None:
    text = params.get(name)
    if text is None:
        return None
    if not text.isdigit() or int(text) < 1:
        raise _bad(f"Invalid value ({text}) given in field parameters.{name}.")
    return int(text)


def _report(world: World, query: _Query) -> dict[str, Any]:
    """Return the table that answers a query."""
    values = [METRICS[name].value for name in query.metrics]
    rows: list[list[Any]] = [
        [*keys, *(value(day) for value in values)] for keys, day in _facts(world, query)
    ]
    columns = [*query.dimensions, *query.metrics]
    for name in reversed(query.sort):
        column = columns.index(name.removeprefix("-"))
        rows.sort(key=lambda row: row[column], reverse=name.startswith("-"))
    first = query.start_index - 1
    last = None if query.max_results is None else first + query.max_results
    rows = rows[first:last]
    headers = [
        {"name": name, "columnType": "DIMENSION", "dataType": "STRING"} for name in query.dimensions
    ] + [
        {"name": name, "columnType": "METRIC", "dataType": METRICS[name].data_type}
        for name in query.metrics
    ]
    table: dict[str, Any] = {"kind": "youtubeAnalytics#resultTable", "columnHeaders": headers}
    return {**table, "rows": rows} if rows else table


def _facts(world: World, query: _Query) -> Iterator[tuple[Sequence[str], ReportDay]]:
    """Yield the dimensions' values, in the order asked for, with the figures that belong."""
    identity = query.channel.youtube_channel_id
    end = min(query.end, world.last_report_day)
    if query.videos is None:
        days = world.channel_days(identity, query.start, end)
    else:
        mine = [v for v in dict.fromkeys(query.videos) if _is_of(world, v, identity)]
        pairs = world.video_days(identity, mine, query.start, end)
        if "video" in query.dimensions:
            video_first = query.dimensions[0] == "video"
            for video, day in pairs:
                text = day.day.isoformat()
                yield ((video, text) if video_first else (text, video)), day
            return
        days = [day for _, day in pairs]
    # 0: one total; 7: the month of YYYY-MM-DD; 10: the day
    length = {(): 0, ("month",): 7, ("day",): 10}[tuple(query.dimensions)]
    groups: dict[str, list[ReportDay]] = {}
    for day in days:
        groups.setdefault(day.day.isoformat()[:length], []).append(day)
    for key, group in groups.items():
        summed = group[0] if len(group) == 1 else total(group)
        if summed is not None:
            yield ((key,) if length else ()), summed


def _is_of(world: World, youtube_video_id: str, youtube_channel_id: str) -> bool:
    video = world.find_video(youtube_video_id)
    return video is not None and video.youtube_channel_id == youtube_channel_id
