"""Stripe, API version 2026-10-28: what is sold, to whom, what was billed, and the events.

``GET /v1/KIND`` (newest first; `limit`, `starting_after`, `ending_before`, `created[gte]` ...),
``GET /v1/KIND/ID`` and ``GET /v1/invoices/ID/lines``; ``expand[]`` on each. An invoice embeds its
first ten lines, a subscription its first ten items: ``GET /v1/subscription_items?subscription=ID``
tells all. Events take `type` and `types[]` and go 30 days back. The secret key goes into Bearer or
basic authorization.
"""

from __future__ import annotations

import base64
import binascii
import itertools
import operator
import re
from collections.abc import Callable
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulator.http import errors
from simulator.http.service import Service
from simulator.http.stripe_resources import Resource
from simulator.http.stripe_store import API_VERSION, Store
from simulator.http.wire import JsonResponse, Parameters, dumps
from simulator.http.wire import parameters as read_parameters
from simulator.world.model import World

_PAGING = frozenset(("limit", "starting_after", "ending_before", "expand"))
_FILTERS: dict[str, frozenset[str]] = {
    "customers": frozenset(("created", "email")),
    "products": frozenset(("created", "active", "ids")),
    "prices": frozenset(("created", "active", "product", "currency", "type")),
    "subscriptions": frozenset(("created", "status", "customer", "price")),
    "invoices": frozenset(("created", "status", "customer", "subscription")),
    "refunds": frozenset(("created", "charge", "payment_intent")),
    "events": frozenset(("created", "type", "types")),
}
_STATUSES = {
    "subscriptions": (
        *("active", "all", "canceled", "ended", "incomplete", "incomplete_expired"),
        *("past_due", "paused", "trialing", "unpaid"),
    ),
    "invoices": ("draft", "open", "paid", "uncollectible", "void"),
}
_COMPARISONS: dict[str, Callable[[int, int], bool]] = {
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
    "": operator.eq,
}
_MOST_TYPES = 20
_INDEXED = re.compile(r"([a-z_]+)\[([a-z0-9_]*)\]")


def service(world: World, secret_key: str) -> Service:
    """Return the stand-in of Stripe over `world`."""
    store = Store(world)
    requests = itertools.count(1)

    def answer(body: Resource) -> Response:
        headers = {"request-id": f"req_{next(requests):014d}", "stripe-version": API_VERSION}
        return JsonResponse(body, headers=headers)

    async def listing(request: Request) -> Response:
        _authorise(request, secret_key)
        kind = request.path_params["kind"]
        if kind not in _FILTERS:
            raise errors.stripe(404, f"Unrecognized request URL (GET: /v1/{kind}).")
        params = await read_parameters(request)
        _check_names(params, _FILTERS[kind] | _PAGING)
        rows = _filtered(store, kind, params)
        return answer(_page(store, rows, params, f"/v1/{kind}", kind[:-1]))

    async def single(request: Request) -> Response:
        _authorise(request, secret_key)
        kind = request.path_params["kind"]
        params = await read_parameters(request)
        _check_names(params, {"expand"})
        return answer(store.expanded(_found(store, kind, request), _expansions(params)))

    async def lines(request: Request) -> Response:
        _authorise(request, secret_key)
        invoice = _found(store, "invoices", request)
        params = await read_parameters(request)
        _check_names(params, _PAGING)
        url = f"/v1/invoices/{invoice['id']}/lines"
        return answer(_page(store, store.lines[invoice["id"]], params, url, "line item"))

    async def items(request: Request) -> Response:
        _authorise(request, secret_key)
        params = await read_parameters(request)
        _check_names(params, _PAGING | {"subscription"})
        holder = params.get("subscription")
        if holder is None:
            message = "Missing required param: subscription."
            raise errors.stripe(400, message, param="subscription", code="parameter_missing")
        if holder not in store.items:
            message = f"No such subscription: '{holder}'"
            raise errors.stripe(400, message, param="subscription", code="resource_missing")
        url = "/v1/subscription_items"
        return answer(_page(store, store.items[holder], params, url, "subscription item"))

    routes = [
        Route("/v1/subscription_items", items),
        Route("/v1/invoices/{identity}/lines", lines),
        Route("/v1/{kind}/{identity}", single),
        Route("/v1/{kind}", listing),
    ]
    return Service("stripe", routes, errors.stripe_fault, _malform)


def _malform(body: bytes) -> bytes | None:
    """Take the id away from the first invoice."""
    answer = orjson.loads(body)
    if answer.get("url") != "/v1/invoices" or not answer["data"]:
        return None
    # not the last one of its page: its id is where the next page begins
    del answer["data"][0]["id"]
    return dumps(answer)


def _authorise(request: Request, secret_key: str) -> None:
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            given = base64.b64decode(given).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            given = ""
    if not given:
        raise errors.stripe(
            401,
            "You did not provide an API key. You need to provide your API key in the "
            "Authorization header, using Bearer auth (e.g. 'Authorization: Bearer "
            "YOUR_SECRET_KEY').",
        )
    if given != secret_key:
        shown = given[:8] + "*" * max(4, len(given) - 12) + given[-4:]
        raise errors.stripe(401, f"Invalid API Key provided: {shown}")


def _check_names(params: Parameters, known: frozenset[str] | set[str]) -> None:
    """Refuse parameters that the method does not have."""
    for name in params.names():
        if name.partition("[")[0] not in known:
            message = f"Received unknown parameter: {name}"
            raise errors.stripe(400, message, param=name, code="parameter_unknown")


def _indexed(params: Parameters, name: str) -> list[tuple[str, str]]:
    """Return the (index, value) pairs of ``name[index]=value``; a bare name's index is ""."""
    pairs = [("", value) for value in params.all(name)]
    for given in params.names():
        match = _INDEXED.fullmatch(given)
        if match and match[1] == name:
            pairs += [(match[2], value) for value in params.all(given)]
    return pairs


def _expansions(params: Parameters) -> list[str]:
    return [value for _, value in _indexed(params, "expand")]


def _integer(name: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        message = f"Invalid integer: {text}"
        raise errors.stripe(400, message, param=name, code="parameter_invalid_integer") from None


def _found(store: Store, kind: str, request: Request) -> Resource:
    identity = request.path_params["identity"]
    found = store.by_id.get(identity)
    if kind not in _FILTERS:
        raise errors.stripe(404, f"Unrecognized request URL (GET: {request.url.path}).")
    if found is None or found["object"] != kind[:-1]:
        message = f"No such {kind[:-1]}: '{identity}'"
        raise errors.stripe(404, message, param="id", code="resource_missing")
    return found


def _filtered(store: Store, kind: str, params: Parameters) -> list[Resource]:
    """Return the objects of a kind that pass the filters."""
    rows = store.kinds[kind]
    for index, text in _indexed(params, "created"):
        if index not in _COMPARISONS:
            name = f"created[{index}]"
            message = f"Received unknown parameter: {name}"
            raise errors.stripe(400, message, param=name, code="parameter_unknown")
        bound, compare = _integer("created", text), _COMPARISONS[index]
        rows = [row for row in rows if compare(row["created"], bound)]
    ids = [value for _, value in _indexed(params, "ids")]
    if ids:
        rows = [row for row in rows if row["id"] in ids]
    for name in ("customer", "product"):
        value = params.get(name)
        if value is not None and store.by_id.get(value, {}).get("object") != name:
            message = f"No such {name}: '{value}'"
            raise errors.stripe(400, message, param=name, code="resource_missing")
    if kind == "events":
        return _of_types(rows, params)
    for name in ("customer", "product", "email", "currency", "type", "charge", "payment_intent"):
        value = params.get(name)
        if value is not None:
            rows = [row for row in rows if row[name] == value]
    if params.get("active") is not None:
        rows = [row for row in rows if row["active"] == (params.get("active") == "true")]
    return _by_subscription(_by_status(rows, kind, params.get("status")), params)


def _of_types(rows: list[Resource], params: Parameters) -> list[Resource]:
    """Return the events of the types asked for; `type` may end in an asterisk."""
    types = [value for _, value in _indexed(params, "types")]
    if len(types) > _MOST_TYPES:
        message = f"You may only specify up to {_MOST_TYPES} types."
        raise errors.stripe(400, message, param="types")
    pattern = params.get("type")
    if types and pattern is not None:
        raise errors.stripe(400, "You may only specify one of these parameters: type, types.")
    if pattern is not None and pattern.endswith("*"):
        return [row for row in rows if row["type"].startswith(pattern[:-1])]
    wanted = [*types, *([pattern] if pattern is not None else [])]
    return [row for row in rows if row["type"] in wanted] if wanted else rows


def _by_status(rows: list[Resource], kind: str, status: str | None) -> list[Resource]:
    """Return the rows of a status; subscriptions that are over are left out unless asked for."""
    if status is not None and status not in _STATUSES[kind]:
        allowed = ", ".join(_STATUSES[kind])
        raise errors.stripe(400, f"Invalid status: must be one of {allowed}", param="status")
    over = ("canceled", "incomplete_expired")
    if kind == "subscriptions" and status is None:
        return [row for row in rows if row["status"] not in over]
    if status in (None, "all"):
        return rows
    wanted = over if status == "ended" else (status,)
    return [row for row in rows if row["status"] in wanted]


def _by_subscription(rows: list[Resource], params: Parameters) -> list[Resource]:
    """Return the invoices of a subscription, or the subscriptions with a price."""
    subscription, price = params.get("subscription"), params.get("price")
    if subscription is not None:
        rows = [
            row
            for row in rows
            if row["parent"]
            and row["parent"]["subscription_details"]["subscription"] == subscription
        ]
    if price is not None:
        rows = [
            row
            for row in rows
            if any(item["price"]["id"] == price for item in row["items"]["data"])
        ]
    return rows


def _page(
    store: Store, rows: list[Resource], params: Parameters, url: str, noun: str
) -> dict[str, Any]:
    """Return the page of `rows` that the paging parameters ask for."""
    limit = _integer("limit", params.get("limit") or "10")
    if not 1 <= limit <= 100:
        message = f"Invalid limit: {limit}. It must be between 1 and 100."
        raise errors.stripe(400, message, param="limit", code="parameter_invalid_integer")
    position = {row["id"]: n for n, row in enumerate(rows)}
    start, end = 0, limit
    for name in ("starting_after", "ending_before"):
        cursor = params.get(name)
        if cursor is None:
            continue
        if cursor not in position:
            message = f"No such {noun}: '{cursor}'"
            raise errors.stripe(400, message, param=name, code="resource_missing")
        if name == "starting_after":
            start = position[cursor] + 1
            end = start + limit
        else:
            end = position[cursor]
            start = max(0, end - limit)
    backwards = params.get("ending_before") is not None
    page = {
        "object": "list",
        "data": rows[start:end],
        "has_more": start > 0 if backwards else end < len(rows),
        "url": url,
    }
    return store.expanded(page, _expansions(params))
