"""What Google's APIs have in common: who is calling, unknown parameters, the day's quota."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from starlette.requests import Request

from simulator.http import errors
from simulator.http.errors import ApiError
from simulator.http.oauth import Tokens
from simulator.http.wire import Parameters
from simulator.world.model import Channel

# Parameters that every Google API takes.
STANDARD = frozenset(
    (
        *("$.xgafv", "access_token", "alt", "callback", "fields", "key", "oauth_token"),
        *("prettyPrint", "quotaUser", "userIp", "uploadType", "upload_protocol"),
    )
)
_PACIFIC = ZoneInfo("America/Los_Angeles")


def _bearer(request: Request, params: Parameters) -> str | None:
    """Return the access token of the call, None where it has none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token:
        return token.strip()
    return params.get("access_token") or params.get("oauth_token")


def _bad_token() -> ApiError:
    return errors.google(
        401,
        "Request had invalid authentication credentials. Expected OAuth 2 access token, login "
        "cookie or other valid authentication credential.",
        "authError",
        location="Authorization",
        location_type="header",
    )


def bearer_channel(request: Request, params: Parameters, tokens: Tokens) -> Channel:
    """Return the channel whose owner calls; 401 without a token, or with one that has expired."""
    token = _bearer(request, params)
    if token is None:
        raise errors.google(
            401,
            "Request is missing required authentication credential. Expected OAuth 2 access "
            "token, login cookie or other valid authentication credential.",
            "required",
            location="Authorization",
            location_type="header",
        )
    channel = tokens.channel(token)
    if channel is None:
        raise _bad_token()
    return channel


def caller(
    request: Request, params: Parameters, tokens: Tokens, api_key: str, service: str
) -> Channel | None:
    """Return the channel whose owner calls, None for a call with the API key alone."""
    key = params.get("key") or request.headers.get("x-goog-api-key")
    if key is not None and key != api_key:
        details = {
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": "API_KEY_INVALID",
            "domain": "googleapis.com",
            "metadata": {"service": service},
        }
        message = "API key not valid. Please pass a valid API key."
        raise errors.google(400, message, "badRequest", details=[details])
    if _bearer(request, params) is not None:
        return bearer_channel(request, params, tokens)
    if key is None:
        raise errors.google(
            403,
            "Method doesn't allow unregistered callers (callers without established identity). "
            "Please use API Key or other form of API consumer identity to call this API.",
            "forbidden",
        )
    return None


def check_names(params: Parameters, known: Collection[str]) -> None:
    """Refuse parameters that the method does not have, as Google's front end does."""
    for name in params.names():
        if name not in known and name not in STANDARD:
            message = (
                f'Invalid JSON payload received. Unknown name "{name}": Cannot bind query '
                f"parameter. Field '{name}' could not be found in request message."
            )
            raise errors.google(400, message, "badRequest")


@dataclass(slots=True)
class Quota:
    """Units used of each bucket since midnight in California. `limit` 0: there is no limit."""

    limit: int
    clock: Callable[[], float] = time.time
    used: Counter[str] = field(default_factory=Counter)
    _day: date | None = None

    def charge(self, bucket: str, units: int = 1) -> None:
        """Use up units of a bucket; 403 where they are no longer there."""
        today = datetime.fromtimestamp(self.clock(), UTC).astimezone(_PACIFIC).date()
        if today != self._day:
            self._day = today
            self.used.clear()
        if self.limit and self.used[bucket] + units > self.limit:
            raise errors.google_quota()
        self.used[bucket] += units
