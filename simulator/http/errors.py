"""The error that a handler raises, and how each service words it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Body = Mapping[str, Any] | Sequence[Any] | bytes


class ApiError(Exception):
    """An answer that is not 200: its status, its JSON body, its headers."""

    def __init__(self, status: int, body: Body, headers: Mapping[str, str] | None = None) -> None:
        """Take the answer as the service gives it."""
        super().__init__(f"HTTP {status}")
        self.status = status
        self.body = body
        self.headers = dict(headers or {})


GOOGLE_STATUS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    405: "INVALID_ARGUMENT",
    409: "ALREADY_EXISTS",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
}
_GOOGLE_FAULTS = {
    400: ("Request contains an invalid argument.", "badRequest"),
    401: ("Request had invalid authentication credentials.", "authError"),
    403: ("The request is forbidden.", "forbidden"),
    404: ("Requested entity was not found.", "notFound"),
    405: ("Method not allowed.", "httpMethodNotAllowed"),
    429: ("Resource has been exhausted (e.g. check quota).", "rateLimitExceeded"),
    503: ("The service is currently unavailable.", "backendError"),
}
QUOTA_MESSAGE = (
    "The request cannot be completed because you have exceeded your "
    '<a href="/youtube/v3/getting-started#quota">quota</a>.'
)


def google(
    code: int,
    message: str,
    reason: str,
    *,
    domain: str = "global",
    location: str | None = None,
    location_type: str = "parameter",
    status: bool = True,
    details: Sequence[Mapping[str, Any]] = (),
) -> ApiError:
    """Return an error as Google's APIs word it; `status` says whether it carries its gRPC name."""
    item = {"message": message, "domain": domain, "reason": reason}
    if location is not None:
        item |= {"location": location, "locationType": location_type}
    error: dict[str, Any] = {"code": code, "message": message, "errors": [item]}
    if status:
        error["status"] = GOOGLE_STATUS.get(code, "UNKNOWN")
    if details:
        error["details"] = list(details)
    return ApiError(code, {"error": error})


def google_fault(status: int) -> ApiError:
    """Return the error Google gives with a status when nothing more is known."""
    message, reason = _GOOGLE_FAULTS.get(
        status, ("Internal error encountered.", "internalError" if status >= 500 else "unknown")
    )
    return google(status, message, reason)


def google_quota() -> ApiError:
    """Return the error of the YouTube Data API when a day's quota is used up."""
    return google(403, QUOTA_MESSAGE, "quotaExceeded", domain="youtube.quota", status=False)


def google_rate_limit() -> ApiError:
    """Return the 403 with which Google's older APIs answer too many calls in a short time."""
    return google(403, "Rate Limit Exceeded", "rateLimitExceeded", domain="usageLimits")


def google_analytics_quota() -> ApiError:
    """Return the error of the YouTube Analytics API when its quota is used up."""
    return google(
        429,
        "Quota exceeded for quota metric 'Queries' and limit 'Queries per day' of service "
        "'youtubeanalytics.googleapis.com'.",
        "rateLimitExceeded",
        domain="global",
        details=[
            {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": "RATE_LIMIT_EXCEEDED",
                "domain": "googleapis.com",
                "metadata": {"quota_limit": "defaultPerDayPerProject"},
            }
        ],
    )


def google_reporting_quota(limit: str = "PerDay") -> ApiError:
    """Return the error of the YouTube Reporting API when a quota (PerMinute, PerDay) is used up."""
    period = {"PerDay": "day", "PerMinute": "minute"}[limit]
    return google(
        429,
        f"Quota exceeded for quota metric 'Free requests' and limit 'Free requests per {period}' "
        "of service 'youtubereporting.googleapis.com'.",
        "rateLimitExceeded",
        details=[
            {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": "RATE_LIMIT_EXCEEDED",
                "domain": "googleapis.com",
                "metadata": {
                    "service": "youtubereporting.googleapis.com",
                    "quota_metric": "youtubereporting.googleapis.com/free_quota_requests",
                    "quota_limit": f"FreeQuotaRequests{limit}PerProject",
                },
            }
        ],
    )


def oauth(status: int, error: str, description: str) -> ApiError:
    """Return an error of the token endpoint (RFC 6749, section 5.2)."""
    return ApiError(status, {"error": error, "error_description": description})


def oauth_fault(status: int) -> ApiError:
    """Return the token endpoint's error for a status when nothing more is known."""
    name = "internal_failure" if status >= 500 else "invalid_request"
    return oauth(status, name, f"The token endpoint answered {status}.")


def stripe(
    status: int,
    message: str,
    *,
    param: str | None = None,
    code: str | None = None,
    error_type: str = "invalid_request_error",
) -> ApiError:
    """Return an error as Stripe words it."""
    error: dict[str, Any] = {"message": message, "type": error_type}
    if code is not None:
        error["code"] = code
        error["doc_url"] = "https://stripe.com/docs/error-codes/" + code.replace("_", "-")
    if param is not None:
        error["param"] = param
    return ApiError(status, {"error": error})


def stripe_fault(status: int) -> ApiError:
    """Return Stripe's error for a status when nothing more is known."""
    if status == 429:
        return stripe(status, "Request rate limit exceeded.", code="rate_limit")
    if status == 401:
        return stripe(status, "Invalid API Key provided.")
    if status in (404, 405):
        return stripe(404, "Unrecognized request URL.")
    kind = "api_error" if status >= 500 else "invalid_request_error"
    return stripe(status, f"An error occurred with our servers ({status}).", error_type=kind)


def openai(
    status: int,
    message: str,
    *,
    param: str | None = None,
    code: str | None = None,
    error_type: str = "invalid_request_error",
) -> ApiError:
    """Return an error as OpenAI words it."""
    error = {"message": message, "type": error_type, "param": param, "code": code}
    return ApiError(status, {"error": error})


def openai_fault(status: int) -> ApiError:
    """Return OpenAI's error for a status when nothing more is known."""
    if status == 401:
        return openai(status, "Incorrect API key provided.", code="invalid_api_key")
    if status == 429:
        return openai(
            status, "Rate limit reached.", code="rate_limit_exceeded", error_type="requests"
        )
    kind = "server_error" if status >= 500 else "invalid_request_error"
    return openai(status, "The server had an error processing your request.", error_type=kind)


def elevenlabs(status: int, name: str, message: str) -> ApiError:
    """Return an error as ElevenLabs words it."""
    return ApiError(status, {"detail": {"status": name, "message": message}})


def elevenlabs_fault(status: int) -> ApiError:
    """Return ElevenLabs' error for a status when nothing more is known."""
    names = {401: "invalid_api_key", 429: "too_many_concurrent_requests"}
    return elevenlabs(status, names.get(status, "server_error"), f"The request failed ({status}).")
