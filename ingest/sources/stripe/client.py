"""Ask Stripe through its own client, and keep what it answers to the digit.

The client's objects would turn decimals into floats, so its raw answers are parsed here.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import stripe

from ingest.payload import JsonObject, parse_json
from ingest.retrying import Backoff, retrying
from ingest.sources.json_api import base_address, check_key, redact
from warehouse.errors import CredentialsError, QuotaError, SourceUnavailableError, YtempireError

DEFAULT_BASE = "https://api.stripe.com"
_PAGE_OBJECTS = 100  # the most that the API gives
_TIMEOUTS = (10.0, 60.0)  # seconds to connect, and between two pieces of the answer
_LONGEST_DETAIL = 300


@dataclass(frozen=True)
class StripeConfig:
    """The secret key (a restricted one that may read billing is enough) and the address."""

    api_key: str = field(repr=False)
    base: str = DEFAULT_BASE
    backoff: Backoff = field(default_factory=Backoff)


class MissingObjectError(Exception):
    """There is no object of that id (any more)."""


class StripeApi:
    """Reads lists and single objects. Time-outs, 429 and 5xx are tried again."""

    def __init__(self, config: StripeConfig, sleep: Callable[[float], None] = time.sleep) -> None:
        """Take the key and the address. Raises `ConfigurationError` for a key that is none."""
        check_key(config.api_key, "STRIPE_API_KEY")
        stripe.enable_telemetry = False  # it would write a file into the home directory
        self.base = base_address(config.base, "STRIPE_API_BASE")
        self._key = config.api_key
        self._http = stripe.RequestsClient(timeout=_TIMEOUTS)
        self._client = stripe.StripeClient(
            config.api_key,
            base_addresses={"api": self.base},
            max_network_retries=0,  # the policy below knows 429 too, and its waits can be set
            http_client=self._http,
        )
        self._policy = retrying(
            attempts=config.backoff.attempts,
            max_seconds=config.backoff.max_seconds,
            first_wait_seconds=config.backoff.first_wait_seconds,
            is_transient=_is_transient,
            asked_wait=_asked_wait,
            sleep=sleep,
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()  # type: ignore[no-untyped-call]

    def pages(self, path: str, **parameters: Any) -> Iterator[list[Any]]:
        """Yield the objects of a list, newest first, page by page."""
        parameters |= {"limit": _PAGE_OBJECTS}
        while True:
            page = self.get(path, **parameters)
            objects = page.get("data")
            if not isinstance(objects, list):
                raise _nonsense(path, "a list without its data")
            yield objects
            if not page.get("has_more"):
                return
            ids = [found["id"] for found in objects if _has_id(found)]
            if not ids or ids[-1] == parameters.get("starting_after"):
                raise _nonsense(path, "more pages but no id that they begin after")
            parameters["starting_after"] = ids[-1]

    def get(self, path: str, **parameters: Any) -> JsonObject:
        """Return one answer, numbers exact. Raises `MissingObjectError` or a `YtempireError`."""
        try:
            answer = self._policy(self._client.raw_request, "get", path, **parameters)
        except stripe.StripeError as error:
            if error.http_status == 404 and error.code == "resource_missing":
                raise MissingObjectError(path) from error
            raise self._explained(path, error) from error
        found = parse_json(answer.body)
        if not isinstance(found, dict):
            raise _nonsense(path, "no object")
        return found

    def _explained(self, path: str, error: stripe.StripeError) -> YtempireError:
        said = f"{error.http_status or ''} {_reason(error)}"
        detail = redact(said, self._key)[:_LONGEST_DETAIL].rstrip(".")
        if isinstance(error, stripe.AuthenticationError | stripe.PermissionError):
            return CredentialsError(
                f"Stripe refused the key for {path} ({detail}).",
                hint="Set STRIPE_API_KEY to a key that may read customers, products, prices, "
                "subscriptions, invoices, refunds, charges and events.",
            )
        if isinstance(error, stripe.RateLimitError):
            return QuotaError(
                f"Stripe limits the rate of calls ({detail}).",
                hint="Run the command again in a while; what was landed stays.",
            )
        if isinstance(error, stripe.InvalidRequestError):
            of = f", parameter {error.param}" if error.param else ""
            return SourceUnavailableError(
                f"Stripe did not understand the request for {path}{of} ({detail}).",
                hint="Check that STRIPE_API_BASE is the address of Stripe.",
            )
        return SourceUnavailableError(
            f"Stripe cannot be read at {self.base}{path}: {detail}.",
            hint="Check the network and STRIPE_API_BASE, then run the command again.",
        )


def _reason(error: stripe.StripeError) -> str:
    """Return what went wrong; of a failed connection, what the system said of it."""
    cause = error.__cause__
    if isinstance(error, stripe.APIConnectionError) and cause is not None:
        system = re.search(r"\[Errno [^]]+\] [^'\")]+", str(cause))
        return system.group() if system else type(cause).__name__
    return error.user_message or str(error)


def _has_id(found: Any) -> bool:
    return isinstance(found, dict) and isinstance(found.get("id"), str)


def _nonsense(path: str, what: str) -> SourceUnavailableError:
    return SourceUnavailableError(
        f"Stripe answered {what} for {path}.",
        hint="Check that STRIPE_API_BASE is Stripe's address.",
    )


def _is_transient(error: BaseException) -> bool:
    if not isinstance(error, stripe.StripeError):
        return False
    if (error.headers or {}).get("stripe-should-retry") == "false":
        return False
    if isinstance(error, stripe.APIConnectionError):
        return error.should_retry
    if isinstance(error, stripe.RateLimitError):
        return True
    # A status of 200 here is a body that was cut short.
    return isinstance(error, stripe.APIError) and (error.http_status or 0) in {
        200,
        409,
        *range(500, 600),
    }


def _asked_wait(error: BaseException) -> float | None:
    if not isinstance(error, stripe.StripeError):
        return None
    asked = str((error.headers or {}).get("retry-after", ""))
    return float(asked) if asked.isascii() and asked.isdigit() else None
