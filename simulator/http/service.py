"""What every stand-in has in common: routes, a call counter, faults, errors in its own words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from simulator.http.errors import ApiError
from simulator.http.faults import Breaker, Fault
from simulator.http.storm import Storm
from simulator.http.weather import Weather
from simulator.http.wire import JsonResponse

Handler = Callable[[Request], Awaitable[Response]]


@dataclass(slots=True)
class Service:
    """A stand-in API. `word` gives its error for a bare status, `malform` breaks one row.

    `quota` is its error when a day's calls are used up, `rate_limit` the 403 for too many of them
    in a short time.
    """

    name: str
    routes: list[Route]
    word: Callable[[int], ApiError]
    malform: Callable[[bytes], bytes | None]
    quota: Callable[[], ApiError] | None = None
    rate_limit: Callable[[], ApiError] | None = None
    calls: Counter[str] = field(default_factory=Counter)


def application(
    service: Service, fault: Fault | None = None, weather: Weather | None = None
) -> ASGIApp:
    """Return the service's application, behind its front."""

    async def on_api_error(_: Request, error: Exception) -> Response:
        assert isinstance(error, ApiError)  # noqa: S101  (by registration, below)
        return JsonResponse(error.body, error.status, error.headers)

    async def on_http_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101
        return await on_api_error(request, service.word(error.status_code))

    app = Starlette(
        routes=service.routes,
        exception_handlers={ApiError: on_api_error, HTTPException: on_http_error},
    )
    return Front(app, service, fault, weather)


class Front:
    """The one middleware: counts calls, does what goes wrong.

    It tells the calls by method and path at ``/_calls``, the faults of the weather by their kind
    at ``/_faults``.
    """

    def __init__(
        self,
        app: ASGIApp,
        service: Service,
        fault: Fault | None,
        weather: Weather | None = None,
    ) -> None:
        """Stand before `app`."""
        self.app = app
        self.service = service
        self.fault = fault
        self.breaker = Breaker(fault, service.malform) if fault else None
        self.weather = weather
        self.storm = (
            Storm(service.name, weather, service.word, service.rate_limit) if weather else None
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one call."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if scope["path"] == "/_calls":
            counts = dict(sorted(self.service.calls.items()))
            await JsonResponse(counts)(scope, receive, send)
            return
        if scope["path"] == "/_faults":
            struck = self.weather.counts(self.service.name) if self.weather else {}
            await JsonResponse(struck)(scope, receive, send)
            return
        self.service.calls[f"{scope['method']} {scope['path']}"] += 1
        if self.storm is None:
            await self._answer(scope, receive, send)
            return

        async def answer(receive: Receive, send: Send) -> None:
            await self._answer(scope, receive, send)

        await self.storm.answer(answer, scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer in fair weather."""
        error = self._refusal()
        if error is not None:
            response = JsonResponse(error.body, error.status, error.headers)
            await response(scope, receive, send)
        elif self.breaker is not None:
            await self._broken(self.breaker, scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def _refusal(self) -> ApiError | None:
        if self.fault is None:
            return None
        if self.fault.status is not None:
            return self.service.word(self.fault.status)
        if self.fault.kind == "quota":
            return self.service.quota() if self.service.quota else self.service.word(429)
        return None

    async def _broken(self, breaker: Breaker, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer with the body that the fault makes of it."""
        start: Message = {}
        body = b""

        async def keep(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start":
                start = message
            else:
                body += message.get("body", b"")

        await self.app(scope, receive, keep)
        if start["status"] == 200:
            body = breaker.broken(f"{scope['path']}?{scope['query_string'].decode()}", body)
        headers = [pair for pair in start["headers"] if pair[0] != b"content-length"]
        headers.append((b"content-length", str(len(body)).encode()))
        await send({**start, "headers": headers})
        await send({"type": "http.response.body", "body": body})
