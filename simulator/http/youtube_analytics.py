"""YouTube Analytics v2 ``reports.query``: ``GET /v2/reports``, or POST where that is too long.

Which reports there are stands in `youtube_reports`. Days are Pacific days, and the answer stops at
the last one that is fully processed. Without data there are no ``rows``. A Bearer token of the
channel's owner is needed; a revenue metric of a channel that is not monetised is forbidden.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulator.http import errors, google, youtube_audience
from simulator.http.errors import ApiError
from simulator.http.oauth import Tokens
from simulator.http.service import Service
from simulator.http.wire import JsonResponse, Parameters, dumps
from simulator.http.wire import parameters as read_parameters
from simulator.http.youtube_metrics import DIMENSIONS, METRICS, total
from simulator.http.youtube_reports import AUDIENCE_METRICS, is_offered
from simulator.world.model import Channel, ReportDay, World

MOST_VIDEOS = 200
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_FLOATS = {"elapsedVideoTimeRatio": "FLOAT"}  # the one dimension that is a number
_LENGTHS = {"": 0, "month": 7}  # of the day's text: one total, or the month of YYYY-MM-DD
_NAMES = frozenset(
    (
        *("ids", "startDate", "endDate", "metrics", "dimensions", "filters", "sort"),
        *("maxResults", "startIndex", "currency", "includeHistoricalChannelData"),
    )
)


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
        errors.google_rate_limit,
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
    _check_known(metrics, dimensions)
    videos = _videos(params.get("filters"))
    sort, max_results = params.listed("sort"), _positive(params, "maxResults")
    if not is_offered(dimensions, metrics, videos, sort, max_results):
        raise _unsupported()
    if params.get("currency") not in (None, "USD"):
        raise _bad(f"Unsupported currency ({params.get('currency')}).")
    start, end = _dates(params, dimensions)
    is_paid = any(name in METRICS and METRICS[name].is_revenue for name in metrics)
    if is_paid and not channel.is_monetised:
        raise errors.google(403, "Insufficient permission to access this report.", "forbidden")
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
        max_results,
    )


def _check_known(metrics: list[str], dimensions: list[str]) -> None:
    for kind, names, known in (
        ("metrics", metrics, {**METRICS, **AUDIENCE_METRICS}),
        ("dimensions", dimensions, DIMENSIONS),
    ):
        for name in names:
            if name not in known:
                raise _bad(f"Unknown identifier ({name}) given in field parameters.{kind}.")


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
    rows = list(_rows(world, query))
    columns = [*query.dimensions, *query.metrics]
    for name in reversed(query.sort):
        column = columns.index(name.removeprefix("-"))
        rows.sort(key=lambda row: row[column], reverse=name.startswith("-"))
    first = query.start_index - 1
    last = None if query.max_results is None else first + query.max_results
    rows = rows[first:last]
    headers = [
        {"name": name, "columnType": "DIMENSION", "dataType": _FLOATS.get(name, "STRING")}
        for name in query.dimensions
    ] + [{"name": name, "columnType": "METRIC", "dataType": _type(name)} for name in query.metrics]
    table: dict[str, Any] = {"kind": "youtubeAnalytics#resultTable", "columnHeaders": headers}
    return {**table, "rows": rows} if rows else table


def _type(metric: str) -> str:
    return METRICS[metric].data_type if metric in METRICS else AUDIENCE_METRICS[metric]


def _rows(world: World, query: _Query) -> Iterator[list[Any]]:
    """Yield the rows, dimensions first, in the order asked for."""
    if "elapsedVideoTimeRatio" in query.dimensions:
        yield from _retention(world, query)
    elif "viewerPercentage" in query.metrics:
        yield from _demographics(world, query)
    else:
        values = [METRICS[name].value for name in query.metrics]
        for keys, day in _facts(world, query):
            yield [*keys, *(value(day) for value in values)]


def _retention(world: World, query: _Query) -> Iterator[list[Any]]:
    if not _days(world, query):
        return
    [video] = query.videos or [""]
    for elapsed, watching, relative in youtube_audience.retention(video):
        known = {"audienceWatchRatio": watching, "relativeRetentionPerformance": relative}
        yield [elapsed, *(known[name] for name in query.metrics)]


def _demographics(world: World, query: _Query) -> Iterator[list[Any]]:
    if not _days(world, query):
        return
    identity = ",".join(query.videos or (query.channel.youtube_channel_id,))
    sums: dict[tuple[str, ...], Decimal] = {}
    for names, percentage in youtube_audience.demographics(identity, query.start).items():
        known = dict(zip(("ageGroup", "gender"), names, strict=True))
        key = tuple(known[name] for name in query.dimensions)
        sums[key] = sums.get(key, Decimal(0)) + percentage
    for key, percentage in sums.items():
        yield [*key, percentage]


def _days(world: World, query: _Query) -> list[tuple[str, ReportDay]]:
    """Return the days of the channel, or of the videos of the filter, with whose day it is."""
    identity = query.channel.youtube_channel_id
    end = min(query.end, world.last_report_day)
    videos = query.videos
    if videos is None and query.dimensions != ["video"]:
        return [(identity, day) for day in world.channel_days(identity, query.start, end)]
    if videos is None:
        videos = [video.youtube_video_id or "" for video in world.videos(identity)]
    mine = [v for v in dict.fromkeys(videos) if _is_of(world, v, identity)]
    return list(world.video_days(identity, mine, query.start, end))


def _facts(world: World, query: _Query) -> Iterator[tuple[Sequence[str], ReportDay]]:
    """Yield the dimensions' values, in the order asked for, with the figures that belong."""
    days, dimensions = _days(world, query), query.dimensions
    if sorted(dimensions) == ["day", "video"]:
        for video, day in days:
            text = day.day.isoformat()
            yield ((video, text) if dimensions[0] == "video" else (text, video)), day
        return
    for name in dimensions:
        if name in youtube_audience.SPLITS:
            parts = youtube_audience.parts_of(
                name, days, is_by_day="day" in dimensions, metrics=query.metrics
            )
            for text, part, day in parts:
                yield [text if each == "day" else part for each in dimensions], day
            return
    groups: dict[str, list[ReportDay]] = {}
    for identity, day in days:
        key = identity if dimensions == ["video"] else day.day.isoformat()
        groups.setdefault(key[: _LENGTHS.get("".join(dimensions))], []).append(day)
    for key, group in groups.items():
        summed = group[0] if len(group) == 1 else total(group)
        if summed is not None:
            yield ((key,) if dimensions else ()), summed


def _is_of(world: World, youtube_video_id: str, youtube_channel_id: str) -> bool:
    video = world.find_video(youtube_video_id)
    return video is not None and video.youtube_channel_id == youtube_channel_id
