"""ElevenLabs' workspace usage, as its API reference documents it (November 2026).

``POST /v1/workspace/analytics/query/usage-by-product-over-time`` with the header ``xi-api-key``.
The JSON body::

    {"start_time": 1764547200000,        milliseconds, inclusive; required; 2020-01-01 or later
     "end_time": 1764633600000,          milliseconds, exclusive; required
     "interval_seconds": 86400,          bucket size; 60 when left out, so always say 86400
     "group_by": ["product_type"],       when null or left out: ["product_type"]
     "filters": null,                    [{"column", "operation", "values"}]
     "time_zone": "UTC"}                 buckets of whole days start at its midnight

It answers with a table; columns are to be found by name, or by their type and unit, never by
position. Measures arrive as strings; a column without a unit has ``null`` or ``""`` there; a
bucket in which a product was not used has no row (but may have one of zeros)::

    {"columns":      ["timestamp", "product_type", "credits_used", "total_cost"],
     "column_types": ["DateTime", "String", "Float", "Float"],
     "column_units": [null, null, "credits", "usd"],
     "rows": [["2026-11-30T00:00:00Z", "text-to-speech", "125431", "27.594820"], ...]}

There is no paging. Errors: 401 ``{"detail": {"status": "invalid_api_key", "message": ...}}``
(``needs_authorization`` without a key) and 422 ``{"detail": [{"type", "loc", "msg", "input"}]}``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulator.http import errors
from simulator.http.errors import ApiError
from simulator.http.service import Service
from simulator.http.wire import JsonResponse, dumps, instant
from simulator.world.model import ElevenLabsUsage, World

PATH = "/v1/workspace/analytics/query/usage-by-product-over-time"
_EARLIEST = int(datetime(2020, 1, 1, tzinfo=UTC).timestamp() * 1000)
_DAY = 86_400
# What usage can be grouped by; the world knows the product, and one value of everything else.
_GROUPS: dict[str, str | None] = {
    "product_type": None,
    "model": "eleven_multilingual_v2",
    "fiat_currency": "usd",
    "fiat_charge_type": "usage",
    "region": "us",
    "request_source": "api",
    "surface": "api",
}


def service(world: World, api_key: str) -> Service:
    """Return the stand-in of ElevenLabs' workspace analytics over `world`."""

    async def usage(request: Request) -> Response:
        _authorise(request, api_key)
        query = _read(await request.body())
        return JsonResponse(_table(world, query))

    return Service(
        "elevenlabs", [Route(PATH, usage, methods=["POST"])], errors.elevenlabs_fault, _malform
    )


def _authorise(request: Request, api_key: str) -> None:
    given = request.headers.get("xi-api-key")
    if not given:
        raise errors.elevenlabs(
            401, "needs_authorization", "Neither authorization header nor xi-api-key received."
        )
    if given != api_key:
        raise errors.elevenlabs(401, "invalid_api_key", "Invalid API key")


def _invalid(field: str, kind: str, message: str, given: object) -> ApiError:
    item = {"type": kind, "loc": ["body", field], "msg": message, "input": given}
    return ApiError(422, {"detail": [item]})


def _read(body: bytes) -> dict[str, Any]:
    """Return the query with its defaults filled in; 422 where it is not one."""
    try:
        query = orjson.loads(body)
    except orjson.JSONDecodeError:
        query = None
    if not isinstance(query, dict):
        raise _invalid("", "json_invalid", "JSON decode error", {})
    for name in ("start_time", "end_time"):
        value = query.get(name)
        if name not in query:
            raise _invalid(name, "missing", "Field required", query)
        if not isinstance(value, int) or isinstance(value, bool):
            raise _invalid(name, "int_type", "Input should be a valid integer", value)
        if value < _EARLIEST:
            message = f"Input should be greater than or equal to {_EARLIEST}"
            raise _invalid(name, "greater_than_equal", message, value)
    if query["end_time"] <= query["start_time"]:
        message = "end_time must be after start_time"
        raise _invalid("end_time", "value_error", message, query["end_time"])
    interval = query.setdefault("interval_seconds", 60)
    if not isinstance(interval, int) or isinstance(interval, bool) or interval < 1:
        message = "Input should be a valid integer greater than 0"
        raise _invalid("interval_seconds", "int_type", message, interval)
    query["group_by"] = _groups(query.get("group_by"))
    query["time_zone"] = _zone(query.get("time_zone") or "UTC")
    if query.get("filters"):
        message = "filters are not supported by this stand-in"
        raise _invalid("filters", "value_error", message, query["filters"])
    return query


def _groups(given: object) -> list[str]:
    if given is None:
        return ["product_type"]
    if not isinstance(given, list) or not all(name in _GROUPS for name in given):
        allowed = ", ".join(f"'{name}'" for name in _GROUPS)
        raise _invalid("group_by", "enum", f"Input should be {allowed}", given)
    return given


def _zone(name: object) -> ZoneInfo:
    try:
        return ZoneInfo(str(name))
    except (ZoneInfoNotFoundError, ValueError):
        raise _invalid("time_zone", "value_error", "Invalid time zone", name) from None


def _bucket(at: datetime, interval: int, zone: ZoneInfo, start: datetime) -> datetime:
    """Return the beginning of the bucket `at` falls into.

    Whole days count from the local midnight of the range's first day, all else from the epoch.
    """
    if interval % _DAY == 0:
        first = start.astimezone(zone).date()
        days = (at.astimezone(zone).date() - first).days
        step = interval // _DAY
        begin = first + timedelta(days=days // step * step)
        return datetime.combine(begin, time(), zone).astimezone(UTC)
    seconds = int(at.timestamp())
    return datetime.fromtimestamp(seconds - seconds % interval, UTC)


def _table(world: World, query: Mapping[str, Any]) -> dict[str, Any]:
    """Return the table of columns and rows that answers the query."""
    start = datetime.fromtimestamp(query["start_time"] / 1000, UTC)
    end = datetime.fromtimestamp(query["end_time"] / 1000, UTC)
    groups: list[str] = query["group_by"]
    sums: dict[tuple[str, ...], list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for entry in world.elevenlabs_usage:
        # A day's usage is told at its beginning: that is as fine as the world knows it.
        at = datetime.combine(entry.day, time(), UTC)
        if start <= at < end:
            bucket = _bucket(at, query["interval_seconds"], query["time_zone"], start)
            key = (instant(bucket), *(_label(entry, name) for name in groups))
            sums[key][0] += entry.credits_used
            sums[key][1] += entry.usage_usd
    return {
        "columns": ["timestamp", *groups, "credits_used", "total_cost"],
        "column_types": ["DateTime", *("String" for _ in groups), "Float", "Float"],
        "column_units": [None, *(None for _ in groups), "credits", "usd"],
        "rows": [
            [*key, format(credits_used, "f"), format(cost, "f")]
            for key, (credits_used, cost) in sorted(sums.items())
        ],
    }


def _label(entry: ElevenLabsUsage, group: str) -> str:
    return _GROUPS[group] or entry.product


def _malform(body: bytes) -> bytes | None:
    """Break off the first row after its first value."""
    table = orjson.loads(body)
    if not table["rows"]:
        return None
    table["rows"][0] = table["rows"][0][:1]
    return dumps(table)
