"""Google's OAuth 2 token endpoint: ``POST /token`` with the refresh_token grant, form-encoded.

Each channel of the world has a refresh token. An access token lives for an hour and is bound to
the channel whose refresh token bought it, and so to that channel's owner.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulator.http import errors
from simulator.http.service import Service
from simulator.http.wire import JsonResponse
from simulator.world.model import Channel, World

LIFETIME_SECONDS = 3600
SCOPES = (
    "https://www.googleapis.com/auth/youtube.readonly "
    "https://www.googleapis.com/auth/yt-analytics.readonly "
    "https://www.googleapis.com/auth/yt-analytics-monetary.readonly"
)


@dataclass(frozen=True, slots=True)
class Client:
    """The OAuth client that the platform registered with Google."""

    client_id: str
    client_secret: str


class Tokens:
    """The access tokens in use. `clock` gives seconds; it is passed in so that time can pass."""

    def __init__(self, world: World, clock: Callable[[], float] = time.time) -> None:
        """Take the refresh tokens of the world's channels; where two share one, the first's."""
        self._channels: dict[str, Channel] = {}
        for channel in world.channels:
            self._channels.setdefault(channel.refresh_token, channel)
        self._clock = clock
        self._issued: dict[str, tuple[Channel, float]] = {}

    def issue(self, refresh_token: str) -> str | None:
        """Return a new access token, None where the refresh token is unknown or revoked."""
        channel = self._channels.get(refresh_token)
        if channel is None:
            return None
        token = "ya29." + secrets.token_urlsafe(24)
        self._issued[token] = (channel, self._clock() + LIFETIME_SECONDS)
        return token

    def channel(self, access_token: str) -> Channel | None:
        """Return the channel an access token is bound to, None where it is unknown or expired."""
        channel, expires = self._issued.get(access_token, (None, 0.0))
        return channel if self._clock() < expires else None


def service(tokens: Tokens, client: Client) -> Service:
    """Return the stand-in of the token endpoint."""

    async def token(request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        return JsonResponse(_grant(form, tokens, client), headers={"cache-control": "no-store"})

    routes = [Route("/token", token, methods=["POST"])]
    return Service("oauth", routes, errors.oauth_fault, lambda body: b'{"token_type": "Bearer"}')


def _grant(form: dict[str, str], tokens: Tokens, client: Client) -> dict[str, object]:
    """Return what the token endpoint answers to a well-formed request; raise its errors."""
    grant = form.get("grant_type")
    if grant is None:
        raise errors.oauth(400, "invalid_request", "Required parameter is missing: grant_type")
    if grant != "refresh_token":
        raise errors.oauth(400, "unsupported_grant_type", f"Invalid grant_type: {grant}")
    if form.get("client_id") != client.client_id:
        raise errors.oauth(401, "invalid_client", "The OAuth client was not found.")
    if form.get("client_secret") != client.client_secret:
        raise errors.oauth(401, "invalid_client", "Unauthorized")
    if not form.get("refresh_token"):
        raise errors.oauth(400, "invalid_request", "Missing required parameter: refresh_token")
    access_token = tokens.issue(form["refresh_token"])
    if access_token is None:
        raise errors.oauth(400, "invalid_grant", "Token has been expired or revoked.")
    return {
        "access_token": access_token,
        "expires_in": LIFETIME_SECONDS - 1,
        "scope": SCOPES,
        "token_type": "Bearer",
    }
