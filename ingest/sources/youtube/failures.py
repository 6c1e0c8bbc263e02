"""What Google's errors mean for us.

One table (facts: developers.google.com/youtube/v3/docs/errors and Google's ErrorInfo):

===========================================  ==============================================
403 quotaExceeded, dailyLimitExceeded;       `QuotaError`: the bucket is used up until midnight
429 of a daily limit                         in California
429, 5xx, (user)rateLimitExceeded,           tried again; then `QuotaError` or
dropped connection, broken body              `SourceUnavailableError`
400 API_KEY_INVALID and its like, 401        `CredentialsError`
401 of an owner's token, invalid_grant       `OwnerError`: the owner must reconnect the channel
other 4xx                                    `RefusedError`: permanent for what was asked for
===========================================  ==============================================
"""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httplib2
from google.auth.exceptions import RefreshError, TransportError
from googleapiclient.errors import HttpError

from ingest.payload import parse_json
from warehouse.errors import CredentialsError

PACIFIC = ZoneInfo("America/Los_Angeles")

DAY_QUOTA = frozenset({"quotaExceeded", "dailyLimitExceeded"})
_RATE_LIMIT = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED"})
_KEY = frozenset(
    (
        *("API_KEY_INVALID", "API_KEY_EXPIRED", "API_KEY_SERVICE_BLOCKED", "SERVICE_DISABLED"),
        *("API_KEY_HTTP_REFERRER_BLOCKED", "API_KEY_IP_ADDRESS_BLOCKED", "accessNotConfigured"),
        *("keyInvalid", "keyExpired", "ipRefererBlocked", "CONSUMER_INVALID"),
    )
)
_SCOPE = frozenset({"ACCESS_TOKEN_SCOPE_INSUFFICIENT", "insufficientPermissions"})


class NonsenseError(Exception):
    """An answer with status 200 that is not the JSON object it should be."""


class RefusedError(Exception):
    """What was asked for is refused for good: forbidden, not found, or not supported."""

    def __init__(self, status: int, reason: str, message: str) -> None:
        """Take what the service says."""
        super().__init__(f"{status} {reason}: {message}")
        self.status = status
        self.reason = reason


class OwnerError(CredentialsError):
    """The owner of one channel has to connect it anew; other channels are not concerned."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What is known of an error answer. `reasons` are of both `error.errors` and its `details`."""

    status: int
    reasons: tuple[str, ...]
    message: str
    is_daily: bool

    @property
    def reason(self) -> str:
        """Return the reason that says most."""
        return self.reasons[0] if self.reasons else f"HTTP {self.status}"

    @property
    def is_day_quota(self) -> bool:
        """Tell a day's quota that is used up."""
        return self.day_quota is not None

    @property
    def day_quota(self) -> str | None:
        """Return the reason that tells of a day's quota that is used up, None where none does."""
        limited = ["quotaExceeded"] if self.status == 429 and self.is_daily else []
        return next((each for each in [*self.reasons, *limited] if each in DAY_QUOTA), None)

    @property
    def is_rate_limit(self) -> bool:
        """Tell too many calls in a short time."""
        return self.status == 429 or bool(_RATE_LIMIT.intersection(self.reasons))

    @property
    def is_bad_key(self) -> bool:
        """Tell an API key, or a project, that may not use the service."""
        return bool(_KEY.intersection(self.reasons))

    @property
    def is_bad_token(self) -> bool:
        """Tell an access token that is not accepted, or does not reach far enough."""
        return self.status == 401 or bool(_SCOPE.intersection(self.reasons))

    @property
    def is_transient(self) -> bool:
        """Tell whether the same call may succeed in a moment."""
        return not self.is_day_quota and (self.status >= 500 or self.is_rate_limit)


def read_failure(error: HttpError) -> Failure:
    """Return what an error answer says; its URL, which is not in the answer, is left out."""
    status = int(error.resp.status)
    try:
        answer = parse_json(error.content)
    except ValueError:
        answer = None
    body = answer.get("error") if isinstance(answer, dict) else None
    if not isinstance(body, dict):
        return Failure(status, (), str(error.resp.reason or "no reason given"), is_daily=False)
    details = _objects(body, "details")
    reasons = [item["reason"] for item in (*details, *_objects(body, "errors")) if "reason" in item]
    limits = [str(item.get("metadata", {})) for item in details]
    return Failure(
        status,
        tuple(map(str, reasons)),
        " ".join(str(body.get("message", "no message")).split())[:300],
        is_daily=any("PerDay" in text or "per day" in text.lower() for text in limits),
    )


def _objects(body: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    items = body.get(name)
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def is_transient(error: BaseException) -> bool:
    """Tell whether a call that ended with this error is worth another try."""
    if isinstance(error, HttpError):
        return read_failure(error).is_transient
    if isinstance(error, RefreshError):
        return oauth_error(error) is None
    if isinstance(error, ssl.SSLCertVerificationError):
        return False
    return isinstance(error, CONNECTION_ERRORS)


def is_rate_limit(error: BaseException) -> bool:
    """Tell whether the service is well and wants to be asked less often."""
    return isinstance(error, HttpError) and read_failure(error).is_rate_limit


CONNECTION_ERRORS = (
    NonsenseError,
    TransportError,
    OSError,  # also time-outs, ConnectionError and what TLS reports
    http.client.HTTPException,  # also IncompleteRead
    httplib2.HttpLib2Error,
)


def oauth_error(error: RefreshError) -> str | None:
    """Return the error's name as the token endpoint gives it, None where it is out of order."""
    said = error.args[1] if len(error.args) > 1 else None
    if error.retryable or not isinstance(said, Mapping):
        return None
    name = said.get("error")
    return name if isinstance(name, str) else None


def never_sent(error: BaseException) -> bool:
    """Tell whether the call failed before it can have reached the service."""
    return isinstance(error, (ConnectionRefusedError, httplib2.ServerNotFoundError))


def next_pacific_midnight(now: datetime) -> datetime:
    """Return, in UTC, when the day's quota begins anew."""
    tomorrow = now.astimezone(PACIFIC).date() + timedelta(days=1)
    midnight = datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=PACIFIC)
    return midnight.astimezone(UTC)
