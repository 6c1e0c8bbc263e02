"""Does to an answer what the weather has in store for it; see `weather` for the kinds."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime
from typing import Any

from starlette.types import Message, Receive, Scope, Send

from simulator.http.errors import ApiError
from simulator.http.weather import KINDS, Call, Weather
from simulator.http.wire import dumps

_SLOW_SECONDS = 0.3
_PIECES = 4
_WAIT_SECONDS = 1
_STATUSES = (500, 502, 503, 504)
_GATEWAY_PAGE = b"<html><head><title>%d</title></head><body>Bad gateway</body></html>\n"
_LISTS = ("items", "data", "rows", "reports", "jobs")
_LIFETIMES = (-7200, 0, 5, 86_400)
"""Seconds that a token is said to live, by a clock that is wrong."""

Answer = Callable[[Receive, Send], Awaitable[None]]


@dataclass
class Reply:
    """A whole answer, before it is sent."""

    status: int
    headers: dict[str, str]
    body: bytes

    @classmethod
    def of(cls, error: ApiError) -> Reply:
        """Return an error as an answer."""
        headers = {"content-type": "application/json", **error.headers}
        return cls(error.status, headers, dumps(error.body))


@dataclass
class Storm:
    """The weather over one service. `word` and `rate_limit` are its errors."""

    service: str
    weather: Weather
    word: Callable[[int], ApiError]
    rate_limit: Callable[[], ApiError] | None = None
    _pages: dict[tuple[str, str], bytes] = field(default_factory=dict)

    async def answer(self, app: Answer, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one call, or fail to."""
        asked = await _read(receive)
        query = scope["query_string"].decode()
        call = Call.of(scope["method"], scope["path"], query, asked)
        kind = self.weather.strike(self.service, call, self._able())
        chance = self.weather.draw("how", kind, self.service, call.key)
        wire = _Wire(receive, send, _skewed(chance) if kind == "skew" else datetime.now(UTC))
        refusal = self._refusal(kind, chance, scope, wire)
        if refusal is not None:
            await wire.send(refusal)
            return
        if kind == "drop":
            await wire.close(abruptly=chance < 0.5)
            return
        if kind == "stall" and chance < 0.5:
            await wire.wait_for_the_end()
            return
        reply = await _reply(app, asked)
        self._remember(call, reply)
        await self._send(wire, kind, chance, call, reply)

    def _able(self) -> list[str]:
        return [kind for kind in KINDS if kind != "rate-limit" or self.rate_limit is not None]

    def _refusal(self, kind: str | None, chance: float, scope: Scope, wire: _Wire) -> Reply | None:
        """Return the error that the call is answered with instead of being heard."""
        if kind == "rate-limit" and self.rate_limit is not None:
            return Reply.of(self.rate_limit())
        if kind == "429":
            return Reply.of(self.word(429))
        if kind == "429-wait":
            if chance < 0.5:
                until = str(_WAIT_SECONDS)
            else:  # an instant, by a clock that is wrong
                wire.now = _skewed(chance)
                until = _http_date(wire.now + timedelta(seconds=_WAIT_SECONDS))
            error = self.word(429)
            return Reply.of(ApiError(429, error.body, {**error.headers, "retry-after": until}))
        if kind == "5xx":
            status = _STATUSES[int(chance * 1000) % len(_STATUSES)]
            if chance < 0.5:
                return Reply(status, {"content-type": "text/html"}, _GATEWAY_PAGE % status)
            return Reply.of(self.word(status))
        if kind == "skew" and chance < 0.5 and _has_owners_token(scope):
            return Reply.of(self.word(401))  # the token has expired, by a clock that is wrong
        return None

    async def _send(
        self, wire: _Wire, kind: str | None, chance: float, call: Call, reply: Reply
    ) -> None:
        half = len(reply.body) // 2
        if kind in ("drop-midway", "stall", "short-body") and half:
            await wire.send(reply, upto=half)
            if kind == "stall":
                await wire.wait_for_the_end()
            else:
                await wire.close(abruptly=kind == "drop-midway")
            return
        if kind == "broken-body" and reply.status == 200 and half:
            body = reply.body[:half]
            reply.body = body[:-1] if body.endswith(b"\n") else body
        if kind == "duplicate" and reply.status == 200:
            reply.body = self._told_twice(call, reply.body)
        if kind == "skew" and reply.status == 200:
            reply.body = _with_other_lifetime(reply.body, chance)
        if kind == "slow":
            await asyncio.sleep(_SLOW_SECONDS)
        await wire.send(reply, pieces=_PIECES if kind == "slow" else 1)

    def _remember(self, call: Call, reply: Reply) -> None:
        """Keep a page that others follow, by what the next one is asked for with."""
        if reply.status == 200 and self.weather.rates.get(self.service, {}).get("duplicate"):
            following = _next_page(_object(reply.body))
            if following is not None:
                self._pages[call.listing, following] = reply.body

    def _told_twice(self, call: Call, body: bytes) -> bytes:
        """Return the page before instead of this one, or this one with some rows twice."""
        before = self._pages.get((call.listing, call.page or ""))
        if before is not None:
            return before
        found = _object(body)
        name = next((each for each in _LISTS if isinstance(found.get(each), list)), None)
        if name is None or not found[name]:
            return body
        return dumps({**found, name: [*found[name][:3], *found[name]]})


@dataclass
class _Wire:
    """The connection of one call, and the instant that the answer is dated with."""

    receive: Receive
    _send: Send
    now: datetime

    async def send(self, reply: Reply, *, upto: int | None = None, pieces: int = 1) -> None:
        """Send an answer: whole, in some pieces, or no more than its first bytes."""
        headers = {**reply.headers, "content-length": str(len(reply.body))}
        headers["date"] = _http_date(self.now)
        pairs = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
        await self._send({"type": "http.response.start", "status": reply.status, "headers": pairs})
        body = reply.body if upto is None else reply.body[:upto]
        size = max(1, -(-len(body) // pieces))
        parts = [body[at : at + size] for at in range(0, len(body), size)] or [b""]
        for number, part in enumerate(parts, start=1):
            more = upto is not None or number < len(parts)
            await self._send({"type": "http.response.body", "body": part, "more_body": more})
            if more and pieces > 1:
                await asyncio.sleep(_SLOW_SECONDS / 10)

    async def close(self, *, abruptly: bool) -> None:
        """End the connection, with a reset or in good order, whatever was sent."""
        # ASGI has no word for it, so the server's own connection is taken: `_send` is its method.
        transport = getattr(getattr(self._send, "__self__", None), "transport", None)
        if transport is not None and abruptly:
            linger_not = struct.pack("ii", 1, 0)  # so that the end is a reset
            taken = transport.get_extra_info("socket")
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger_not)
            transport.abort()
        elif transport is not None:
            transport.close()
        await self.wait_for_the_end()

    async def wait_for_the_end(self) -> None:
        """Wait until the caller is gone."""
        while (await self.receive())["type"] != "http.disconnect":
            pass


async def _read(receive: Receive) -> bytes:
    """Return the body of the call."""
    body: bytes = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body", False):
            return body


async def _reply(app: Answer, asked: bytes) -> Reply:
    """Return what the service would answer."""
    reply = Reply(500, {}, b"")

    async def receive() -> Message:
        return {"type": "http.request", "body": asked, "more_body": False}

    async def keep(message: Message) -> None:
        if message["type"] == "http.response.start":
            reply.status = message["status"]
            pairs = message["headers"]
            reply.headers = {name.decode(): value.decode("latin-1") for name, value in pairs}
        else:
            reply.body += message.get("body", b"")

    await app(receive, keep)
    return reply


def _has_owners_token(scope: Scope) -> bool:
    headers: Mapping[bytes, bytes] = dict(scope["headers"])
    return headers.get(b"authorization", b"").startswith(b"Bearer ya29.")


def _skewed(chance: float) -> datetime:
    """Return the time by a clock that is off: by minutes or hours, ahead or behind."""
    off = timedelta(minutes=7) if chance * 100 % 1 < 0.5 else timedelta(hours=5)
    return datetime.now(UTC) + (off if chance * 1000 % 1 < 0.5 else -off)


def _http_date(at: datetime) -> str:
    return format_datetime(at.astimezone(UTC), usegmt=True)


def _with_other_lifetime(body: bytes, chance: float) -> bytes:
    """Return the answer of a token endpoint with another end of the token's life."""
    found = _object(body)
    if "expires_in" not in found:
        return body
    return dumps({**found, "expires_in": _LIFETIMES[int(chance * 1000) % len(_LIFETIMES)]})


def _object(body: bytes) -> dict[str, Any]:
    """Return the JSON object of a body with exact numbers, an empty one where it is none."""
    try:
        found = json.loads(body, parse_float=Decimal)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _next_page(found: Mapping[str, Any]) -> str | None:
    """Return what the page after this one is asked for with."""
    token = found.get("nextPageToken") or found.get("next_page")
    if token is None and found.get("has_more") and found.get("data"):
        token = found["data"][-1].get("id")
    return token if isinstance(token, str) else None
