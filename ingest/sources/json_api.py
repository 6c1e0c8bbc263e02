"""Ask an HTTP API that speaks JSON, with patience, and say plainly what is wrong with it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx

from ingest.payload import parse_json
from ingest.retrying import TIMEOUT_SECONDS, Backoff, Persistence, asked_seconds
from warehouse.errors import (
    ConfigurationError,
    CredentialsError,
    QuotaError,
    SourceUnavailableError,
)

_CONNECT_SECONDS = 10.0
_LONGEST_DETAIL = 300


@dataclass
class JsonApi:
    """One service: its address, how it is asked, and the settings a person can mend it with.

    Refused credentials raise `CredentialsError`, a rate limit that does not pass `QuotaError`,
    and everything else `SourceUnavailableError`. Time-outs, 429, 5xx and bodies that are cut
    short are tried again.
    """

    service: str
    base: str
    base_setting: str
    key_setting: str
    secret: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    backoff: Backoff = field(default_factory=Backoff)
    timeout_seconds: float = TIMEOUT_SECONDS
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)

    def __enter__(self) -> JsonApi:
        check_key(self.secret, self.key_setting)
        connect = min(_CONNECT_SECONDS, self.timeout_seconds)
        timeout = httpx.Timeout(self.timeout_seconds, connect=connect)
        self._client = httpx.Client(headers=self.headers, timeout=timeout)
        self._persist = Persistence(
            self.service, self.backoff, _is_transient, _is_rate_limit, _asked_wait, self.sleep
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def ask(self, method: str, path: str, **request: Any) -> Any:
        """Return the parsed answer, numbers exact. `request` goes to `httpx.Client.request`."""
        try:
            return self._persist(self._ask_once, method, path, request)
        except httpx.HTTPStatusError as error:
            raise self._refused(error.response) from error
        except httpx.RequestError as error:
            raise self._unavailable(str(error) or type(error).__name__) from error
        except ValueError as error:
            raise self._unavailable(f"its answer is not JSON ({error})") from error

    def _ask_once(self, method: str, path: str, request: Mapping[str, Any]) -> Any:
        response = self._client.request(method, self.base + path, **request)
        return parse_json(response.raise_for_status().content)

    def _refused(self, response: httpx.Response) -> Exception:
        status = response.status_code
        detail = f"{status} {redact(_detail(response), self.secret)}".strip()
        if status in (401, 403):
            return CredentialsError(
                f"{self.service} refused the key ({detail}).",
                hint=f"Set {self.key_setting} to a key that may read the organisation's usage.",
            )
        if status == 429:
            return QuotaError(
                f"{self.service} limits the rate of calls{self._persist.after} ({detail}).",
                hint="Run the command again in a while; what was landed stays.",
            )
        return self._unavailable(detail)

    def _unavailable(self, why: str) -> SourceUnavailableError:
        reason = redact(why, self.secret).rstrip(".")
        return SourceUnavailableError(
            f"{self.service} cannot be read at {self.base}{self._persist.after}: {reason}.",
            hint=f"Check the network and {self.base_setting}, then run the command again.",
        )


def base_address(base: str, setting: str, version: str = "/v1") -> str:
    """Return the address without a final slash and without the version that paths begin with.

    So a base may be given either way: `https://api.openai.com` or `https://api.openai.com/v1`.
    Raises `ConfigurationError` for what is no address.
    """
    try:
        parts = urlsplit(base)
        is_address = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        is_address = False
    if not is_address:
        raise ConfigurationError(
            f"{setting} is not the address of a service: {base!r}.",
            hint="Write it as https://host, or leave it empty for the real service.",
        )
    return base.rstrip("/").removesuffix(version).rstrip("/")


def redact(text: str, secret: str) -> str:
    """Return a text on one line without the secret (a short one would only hide plain words)."""
    plain = " ".join(text.split())
    return plain.replace(secret, "***") if len(secret) >= 8 else plain


def check_key(key: str, setting: str) -> None:
    """Raise `ConfigurationError` for a key that cannot be one: it would not fit a header."""
    if not (key and key.isascii() and key.isprintable() and " " not in key):
        raise ConfigurationError(
            f"{setting} is empty or holds characters that no key has.",
            hint="Copy the key again, without spaces, quotes or line ends.",
        )


def _is_transient(error: BaseException) -> bool:
    if isinstance(error, httpx.HTTPStatusError):
        return error.response.status_code == 429 or error.response.status_code >= 500
    return isinstance(error, httpx.TransportError | httpx.DecodingError | ValueError)


def _is_rate_limit(error: BaseException) -> bool:
    return isinstance(error, httpx.HTTPStatusError) and error.response.status_code == 429


def _asked_wait(error: BaseException) -> float | None:
    if not isinstance(error, httpx.HTTPStatusError):
        return None
    headers = error.response.headers
    return asked_seconds(headers.get("retry-after"), headers.get("date"))


def _detail(response: httpx.Response) -> str:
    """Return the sentence within an error's body, whatever its shape, else its beginning."""
    try:
        found: Any = parse_json(response.content)
    except ValueError:
        return response.text[:_LONGEST_DETAIL]
    for name in ("error", "detail", "message", "msg"):
        if isinstance(found, list) and found:
            found = found[0]
        if isinstance(found, dict):
            found = found.get(name, found)
    return str(found).rstrip(".")[:_LONGEST_DETAIL]
