"""Google's client library with what it lacks: exact numbers, honest errors, a book of its calls.

The library builds the requests from the discovery documents in its wheel, so that no network is
needed for that. An `Http` of httplib2 serves one thread; each thread gets its own. The API key
travels in a header, so that no URL in a log or an error shows it.
"""

from __future__ import annotations

import http.client
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NoReturn
from uuid import UUID

import google_auth_httplib2
import httplib2
from google.auth.exceptions import RefreshError
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError
from googleapiclient.http import HttpRequest
from googleapiclient.model import JsonModel

from ingest.extraction import ApiCall, CallLedger
from ingest.payload import JsonObject, parse_json
from ingest.retrying import Backoff, Persistence, asked_seconds
from ingest.sources.youtube import failures
from ingest.sources.youtube.failures import (
    CONNECTION_ERRORS,
    Failure,
    NonsenseError,
    OwnerError,
    RefusedError,
)
from ingest.sources.youtube.owners import Owner
from ingest.sources.youtube.quota import Budget, used_up
from warehouse.errors import CredentialsError, QuotaError, SourceUnavailableError

# What may end a call: every one of them is explained, or is a defect of ours.
CALL_ERRORS = (HttpError, RefreshError, *CONNECTION_ERRORS)


class ExactJsonModel(JsonModel):
    """Reads numbers exactly, and refuses what is not a JSON object (the library lets it pass)."""

    def deserialize(self, content: bytes) -> JsonObject:
        """Return the body of an answer with status 200. Raises `NonsenseError`."""
        try:
            body = parse_json(content)
        except (ValueError, RecursionError) as error:
            msg = f"its answer is not JSON ({error})"
            raise NonsenseError(msg) from error
        if not isinstance(body, dict):
            msg = f"its answer is no JSON object but {type(body).__name__}"
            raise NonsenseError(msg)
        return body


@dataclass(frozen=True)
class Api:
    """Which API of Google's, and how it is reached. `endpoint` None is the real service."""

    title: str
    name: str
    version: str
    endpoint: str | None
    endpoint_setting: str
    api_key: str | None = field(default=None, repr=False)


class GoogleApi:
    """Calls one API; may be used by several threads at once."""

    def __init__(
        self,
        api: Api,
        calls: CallLedger,
        *,
        backoff: Backoff,
        timeout_seconds: float,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], None] = time.sleep,
        budget: Budget | None = None,
    ) -> None:
        """Prepare the API's methods; nothing is sent yet. A budget must allow each try."""
        # It warns of every 403 in its own words; ours are raised.
        logging.getLogger("googleapiclient.http").setLevel(logging.ERROR)
        self.api = api
        self._calls = calls
        self._budget = budget
        self._persist = Persistence(
            f"The {api.title}",
            backoff,
            failures.is_transient,
            failures.is_rate_limit,
            _asked_wait,
            sleep,
        )
        self._timeout = timeout_seconds
        self._clock = clock
        self._local = threading.local()
        self.service = build(
            api.name,
            api.version,
            http=httplib2.Http(timeout=timeout_seconds),  # type: ignore[no-untyped-call]
            model=ExactJsonModel(),  # type: ignore[no-untyped-call]
            static_discovery=True,
            cache_discovery=False,
            client_options={"api_endpoint": api.endpoint} if api.endpoint else None,
        )

    def call(
        self,
        request: HttpRequest,
        bucket: str,
        owner: Owner | None = None,
        units: int = 1,
        user_id: UUID | None = None,
    ) -> JsonObject:
        """Send a request, again where that may help, and return the body of the answer.

        The call goes in the book for the owner, or for the user that it is made for.

        Raises `RefusedError` for what is forbidden or missing for good, `OwnerError`, or one of
        `CredentialsError`, `QuotaError` and `SourceUnavailableError`, which concern all calls.
        """
        user = owner.user_id if owner else user_id
        try:
            return self._persist(self._attempt, request, bucket, owner, units, user)
        except CALL_ERRORS as error:
            self._explain(error, bucket, owner)

    def _attempt(
        self,
        request: HttpRequest,
        bucket: str,
        owner: Owner | None,
        units: int,
        user_id: UUID | None,
    ) -> JsonObject:
        """Send the request once and note the call."""
        if self._budget:
            self._budget.admit(bucket, units)
        called_at, started = self._clock(), time.perf_counter()
        status: int | None = None
        reason: str | None = None
        try:
            answer: JsonObject = request.execute(http=self._http(request, owner))
            status = 200
        except CALL_ERRORS as error:
            status, reason = _outcome(error)
            sent_units = 0 if failures.never_sent(error) else units
            if self._budget:
                self._budget.refund(units - sent_units)
                if isinstance(error, HttpError) and failures.read_failure(error).is_day_quota:
                    self._budget.close(bucket)
            units = sent_units
            if not isinstance(error, HttpError):
                self._local.http = None  # its connection may be in the middle of an answer
            raise
        finally:
            self._calls.add(
                ApiCall(
                    called_at=called_at,
                    api=self.api.name,
                    method=request.methodId.removeprefix(f"{self.api.name}."),
                    bucket=bucket,
                    units=units,
                    status_code=status,
                    reason=reason,
                    latency_ms=round((time.perf_counter() - started) * 1000),
                    user_id=user_id,
                )
            )
        return answer

    def _http(self, request: HttpRequest, owner: Owner | None) -> Any:
        """Return the thread's connection, on behalf of the owner where there is one."""
        plain = getattr(self._local, "http", None)
        if plain is None:
            plain = httplib2.Http(timeout=self._timeout)  # type: ignore[no-untyped-call]
            self._local.http = plain
        if owner is None:
            if self.api.api_key:
                request.headers["x-goog-api-key"] = self.api.api_key
            return plain
        google_auth: Any = google_auth_httplib2  # it has no types
        if not owner.credentials.valid:
            owner.credentials.refresh(google_auth.Request(plain))
        return google_auth.AuthorizedHttp(owner.credentials, http=plain)

    def _explain(self, error: BaseException, bucket: str, owner: Owner | None) -> NoReturn:
        """Raise what the error means to the person at the terminal."""
        if isinstance(error, HttpError):
            raise self._refusal(failures.read_failure(error), bucket, owner) from error
        if isinstance(error, RefreshError):
            name = failures.oauth_error(error)
            if name is not None:
                raise _no_token(name, owner) from error
        said = str(error) or type(error).__name__
        raise self._unavailable(" ".join(said.split())[:300]) from error

    def _refusal(self, failure: Failure, bucket: str, owner: Owner | None) -> Exception:
        said = f"{failure.status} {failure.reason}: {failure.message}".rstrip(".")
        if failure.is_day_quota:
            midnight = failures.next_pacific_midnight(self._clock())
            return used_up(self.api.title, bucket, midnight)
        if failure.is_rate_limit:
            return QuotaError(
                f"The {self.api.title} limits the rate of calls{self._persist.after} ({said}).",
                hint="What was landed stays; run the command again in a while.",
            )
        if failure.is_bad_key or (failure.status == http.client.UNAUTHORIZED and owner is None):
            return CredentialsError(
                f"The {self.api.title} refused the API key ({said}).",
                hint="Set YOUTUBE_API_KEY to a key of a project in which the API is enabled.",
            )
        if failure.is_bad_token and owner is not None:
            return _must_reconnect(owner, said)
        if failure.is_transient:
            return self._unavailable(said)
        return RefusedError(failure.status, failure.reason, failure.message)

    def _unavailable(self, why: str) -> SourceUnavailableError:
        where = self.api.endpoint or f"https://{self.api.name.lower()}.googleapis.com"
        return SourceUnavailableError(
            f"The {self.api.title} cannot be read at {where}{self._persist.after}: {why}.",
            hint=f"Check the network and {self.api.endpoint_setting}, then run the command again.",
        )


def _outcome(error: BaseException) -> tuple[int | None, str]:
    """Return the status and the reason that the book of calls keeps."""
    if isinstance(error, HttpError):
        failure = failures.read_failure(error)
        return failure.status, failure.day_quota or failure.reason
    if isinstance(error, NonsenseError):
        return 200, "truncated or not JSON"
    if isinstance(error, RefreshError):
        return None, failures.oauth_error(error) or "token endpoint out of order"
    return None, type(error).__name__


def _asked_wait(error: BaseException) -> float | None:
    """Return the wait in seconds that the service asked for."""
    if not isinstance(error, HttpError):
        return None
    return asked_seconds(error.resp.get("retry-after"), error.resp.get("date"))


def _no_token(name: str, owner: Owner | None) -> CredentialsError:
    """Return what it means that the token endpoint refused to give an access token."""
    if name == "invalid_grant" and owner is not None:
        return _must_reconnect(owner, name)
    return CredentialsError(
        f"Google refused our OAuth client ({name}).",
        hint="Correct GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET.",
    )


def _must_reconnect(owner: Owner, said: str) -> OwnerError:
    return OwnerError(
        f"The owner's permission for channel {owner.channel_id} is not valid any more ({said}).",
        hint="Its owner must connect the channel to the platform again.",
    )
