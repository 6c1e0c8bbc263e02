"""OpenAI's organisation costs: ``GET /v1/organization/costs`` with an admin key (Bearer).

Buckets are UTC days (`bucket_width=1d` and nothing else), `limit` of them on a page (1 to 180,
7 when left out), from the day of `start_time` to before `end_time`. Without `group_by` a day has
one result; `group_by[]` takes `project_id` and `line_item`. `amount.value` is a number on some
days and a string on others, as it is in real life.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulator.http import errors
from simulator.http.errors import ApiError
from simulator.http.service import Service
from simulator.http.wire import JsonResponse, Parameters, dumps, page_offset, page_token, unix
from simulator.http.wire import parameters as read_parameters
from simulator.world.model import OpenAICost, World

PATH = "/v1/organization/costs"
ORGANIZATION = "org-standin"
_DAY = 86_400
_MOST = 180
_GROUPS = ("project_id", "line_item", "api_key_id")
_NAMES = frozenset(
    (
        *("start_time", "end_time", "bucket_width", "limit", "page", "group_by"),
        *("project_ids", "api_key_ids"),
    )
)


def service(world: World, admin_key: str) -> Service:
    """Return the stand-in of OpenAI's costs over `world`."""

    @cache  # and not before the first call: a world may have to work its costs out
    def by_day() -> dict[date, list[OpenAICost]]:
        found: dict[date, list[OpenAICost]] = defaultdict(list)
        for cost in world.openai_costs:
            found[cost.day].append(cost)
        return found

    async def costs(request: Request) -> Response:
        _authorise(request, admin_key)
        params = await read_parameters(request)
        return JsonResponse(_answer(by_day(), params, unix(world.as_of)))

    return Service("openai", [Route(PATH, costs)], errors.openai_fault, _malform)


def _malform(body: bytes) -> bytes | None:
    """Make the first amount something that is no number."""
    answer = orjson.loads(body)
    for bucket in answer["data"]:
        if bucket["results"]:
            bucket["results"][0]["amount"]["value"] = "not a number"
            return dumps(answer)
    return None


def _authorise(request: Request, admin_key: str) -> None:
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not given:
        raise errors.openai(
            401,
            "You didn't provide an API key. You need to provide your API key in an Authorization "
            "header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).",
        )
    if given != admin_key:
        raise errors.openai(
            401,
            f"Incorrect API key provided: {given[:8]}****. You can find your API key at "
            "https://platform.openai.com/account/api-keys.",
            code="invalid_api_key",
        )


def _invalid(name: str, message: str, code: str = "invalid_value") -> ApiError:
    return errors.openai(400, message, param=name, code=code)


def _several(params: Parameters, name: str) -> list[str]:
    """Return the values of ``name`` and ``name[]``, commas understood."""
    return [*params.listed(name), *params.listed(f"{name}[]")]


def _integer(params: Parameters, name: str) -> int | None:
    text = params.get(name)
    if text is None:
        return None
    if not text.isdigit():
        message = f"Invalid type for '{name}': expected an integer, but got {text!r} instead."
        raise _invalid(name, message, "invalid_type")
    return int(text)


def _answer(
    by_day: Mapping[date, Sequence[OpenAICost]], params: Parameters, now: int
) -> dict[str, Any]:
    """Return the page of buckets that is asked for."""
    for name in params.names():
        if name.removesuffix("[]") not in _NAMES:
            raise _invalid(name, f"Unknown parameter: '{name}'.", "unknown_parameter")
    start = _integer(params, "start_time")
    if start is None:
        message = "Missing required parameter: 'start_time'."
        raise _invalid("start_time", message, "missing_required_parameter")
    end = _integer(params, "end_time")
    end = now if end is None else end
    if end <= start:
        raise _invalid("end_time", "Invalid 'end_time': it must be after 'start_time'.")
    if params.get("bucket_width") not in (None, "1d"):
        width = params.get("bucket_width")
        message = f"Invalid value: '{width}'. Supported values are: '1d'."
        raise _invalid("bucket_width", message)
    limit = _integer(params, "limit")
    limit = 7 if limit is None else limit
    if not 1 <= limit <= _MOST:
        message = f"Invalid 'limit': expected a value between 1 and {_MOST}, but got {limit}."
        raise _invalid("limit", message, "integer_out_of_range")
    groups = _several(params, "group_by")
    for name in groups:
        if name not in _GROUPS:
            allowed = ", ".join(f"'{group}'" for group in _GROUPS)
            message = f"Invalid value: '{name}'. Supported values are: {allowed}."
            raise _invalid("group_by", message)
    projects = _several(params, "project_ids")
    first = datetime.fromtimestamp(start - start % _DAY, UTC).date()
    days = -(-(end - start + start % _DAY) // _DAY)  # a day that has begun counts
    scope = f"costs:{start}:{end}:{groups}:{projects}"
    offset = _offset(params.get("page"), scope)
    data = [
        _bucket(first + timedelta(days=n), by_day, groups, projects)
        for n in range(offset, min(offset + limit, days))
    ]
    more = offset + limit < days
    next_page = "page_" + page_token(offset + limit, scope) if more else None
    return {"object": "page", "data": data, "has_more": more, "next_page": next_page}


def _offset(token: str | None, scope: str) -> int:
    if not token:
        return 0
    offset = page_offset(token.removeprefix("page_"), scope)
    if offset is None:
        raise _invalid("page", "Invalid 'page': it is not a cursor of this query.")
    return offset


def _bucket(
    day: date,
    by_day: Mapping[date, Sequence[OpenAICost]],
    groups: Sequence[str],
    projects: Sequence[str],
) -> dict[str, Any]:
    """Return the bucket of a day: a result for each group, none where nothing was spent."""
    begin = unix(datetime.combine(day, time(), UTC))
    sums: dict[tuple[str | None, str | None], Decimal] = defaultdict(Decimal)
    for cost in by_day.get(day, ()):
        if not projects or cost.project_id in projects:
            project = cost.project_id if "project_id" in groups else None
            line_item = cost.line_item if "line_item" in groups else None
            sums[project, line_item] += cost.amount_usd
    return {
        "object": "bucket",
        "start_time": begin,
        "end_time": begin + _DAY,
        "results": [
            {
                "object": "organization.costs.result",
                "amount": {
                    "value": format(amount, "f") if day.toordinal() % 2 else amount,
                    "currency": "usd",
                },
                "line_item": line_item,
                "project_id": project,
                "organization_id": ORGANIZATION,
            }
            for (project, line_item), amount in sums.items()
        ],
    }
