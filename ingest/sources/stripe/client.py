"""Ask Stripe through its own client, and keep what it answers to the digit.

The client's objects would turn decimals into floats, so its raw answers are parsed here.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

import stripe

from ingest.payload import JsonObject, parse_json
from ingest.retrying import TIMEOUT_SECONDS, Backoff, Persistence, asked_seconds
from ingest.sources.json_api import base_address, check_key, redact
from warehouse.errors import CredentialsError, QuotaError, SourceUnavailableError, YtempireError

T = TypeVar("T")
DEFAULT_BASE = "https://api.stripe.com"
_PAGE_OBJECTS = 100  # the most that the API gives
_CONNECT_SECONDS = 10.0
_LONGEST_DETAIL = 300
_BROKEN_OFF = frozenset({"ChunkedEncodingError", "ContentDecodingError"})


@dataclass(frozen=True)
class StripeConfig:
    """The secret key (a restricted one that may read billing is enough) and the address."""

    api_key: str = field(repr=False)
    base: str = DEFAULT_BASE
    backoff: Backoff = field(default_factory=Backoff)
    timeout_seconds: float = TIMEOUT_SECONDS


class MissingObjectError(Exception):
    """There is no object of that id (any more)."""


class NonsenseError(Exception):
    """An answer with status 200 that cannot be the one: cut short, or told before."""


class StripeApi:
    """Reads lists and single objects. Time-outs, 429, 5xx and broken answers are tried again."""

    def __init__(self, config: StripeConfig, sleep: Callable[[float], None] = time.sleep) -> None:
        """Take the key and the address. Raises `ConfigurationError` for a key that is none."""
        check_key(config.api_key, "STRIPE_API_KEY")
        stripe.enable_telemetry = False  # it would write a file into the home directory
        self.base = base_address(config.base, "STRIPE_API_BASE")
        self._key = config.api_key
        timeouts = (min(_CONNECT_SECONDS, config.timeout_seconds), config.timeout_seconds)
        self._http = stripe.RequestsClient(timeout=timeouts)
        self._client = stripe.StripeClient(
            config.api_key,
            base_addresses={"api": self.base},
            max_network_retries=0,  # the policy below knows 429 too, and its waits can be set
            http_client=self._http,
        )
        self._persist = Persistence(
            "Stripe", config.backoff, _is_transient, _is_rate_limit, _asked_wait, sleep
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()  # type: ignore[no-untyped-call]

    def pages(self, path: str, **parameters: Any) -> Iterator[list[Any]]:
        """Yield the objects of a list, newest first, page by page.

        Raises `MissingObjectError` where what the list belongs to is not there.
        """
        parameters |= {"limit": _PAGE_OBJECTS}
        while True:
            objects, last = self._asked(partial(self._page, path, parameters))
            yield objects
            if last is None:
                return
            parameters["starting_after"] = last

    def get(self, path: str, **parameters: Any) -> JsonObject:
        """Return one answer, numbers exact. Raises `MissingObjectError` or a `YtempireError`."""
        return self._asked(partial(self._get_once, path, parameters))

    def _asked(self, ask: partial[T]) -> T:
        """Return an answer, asked for again where that may help."""
        path = ask.args[0]
        try:
            return self._persist(ask)
        except stripe.StripeError as error:
            if error.http_status == 404 and error.code == "resource_missing":
                raise MissingObjectError(path) from error
            raise self._explained(path, error) from error
        except NonsenseError as error:
            raise SourceUnavailableError(
                f"Stripe answered {error} for {path}{self._persist.after}.",
                hint="Check that STRIPE_API_BASE is Stripe's address.",
            ) from error

    def _get_once(self, path: str, parameters: Mapping[str, Any]) -> JsonObject:
        try:
            answer = self._client.raw_request("get", path, **parameters)
            found = parse_json(answer.body)
        except stripe.StripeError:
            raise
        except (ValueError, TypeError, AttributeError, RecursionError) as error:
            # The client reads the body, too, and takes it for the object that it should be.
            msg = "what is not JSON"
            raise NonsenseError(msg) from error
        if not isinstance(found, dict):
            msg = "no object"
            raise NonsenseError(msg)
        return found

    def _page(self, path: str, parameters: Mapping[str, Any]) -> tuple[list[Any], str | None]:
        """Return the objects of a page, and the id that the next page begins after."""
        page = self._get_once(path, parameters)
        objects = page.get("data")
        if not isinstance(objects, list):
            msg = "a list without its data"
            raise NonsenseError(msg)
        if not page.get("has_more"):
            return objects, None
        ids = [found["id"] for found in objects if _has_id(found)]
        if not ids or ids[-1] == parameters.get("starting_after"):
            # The page before may have been told once more; the next try tells.
            msg = "more pages but no id that they begin after"
            raise NonsenseError(msg)
        return objects, ids[-1]

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
                f"Stripe limits the rate of calls{self._persist.after} ({detail}).",
                hint="Run the command again in a while; what was landed stays.",
            )
        if isinstance(error, stripe.InvalidRequestError):
            of = f", parameter {error.param}" if error.param else ""
            return SourceUnavailableError(
                f"Stripe did not understand the request for {path}{of} ({detail}).",
                hint="Check that STRIPE_API_BASE is the address of Stripe.",
            )
        return SourceUnavailableError(
            f"Stripe cannot be read at {self.base}{path}{self._persist.after}: {detail}.",
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


def _is_transient(error: BaseException) -> bool:
    if isinstance(error, NonsenseError):
        return True
    if not isinstance(error, stripe.StripeError):
        return False
    if (error.headers or {}).get("stripe-should-retry") == "false":
        return False
    if isinstance(error, stripe.APIConnectionError):
        # The client thinks little of an answer that ends in its middle.
        return error.should_retry or type(error.__cause__).__name__ in _BROKEN_OFF
    if isinstance(error, stripe.RateLimitError):
        return True
    # A status of 200 here is a body that was cut short.
    return isinstance(error, stripe.APIError) and (error.http_status or 0) in {
        200,
        409,
        *range(500, 600),
    }


def _is_rate_limit(error: BaseException) -> bool:
    return isinstance(error, stripe.RateLimitError)


def _asked_wait(error: BaseException) -> float | None:
    if not isinstance(error, stripe.StripeError):
        return None
    headers = {name.lower(): value for name, value in (error.headers or {}).items()}
    return asked_seconds(headers.get("retry-after"), headers.get("date"))
