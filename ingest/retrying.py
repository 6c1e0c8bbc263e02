"""One policy of trying again for every source: exponential waits with jitter, within a limit.

A source's client has a `Persistence`, which also leaves a service alone that fails time and again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

import tenacity
from tenacity.stop import stop_base
from tenacity.wait import wait_base, wait_exponential_jitter

from ingest.circuit import Circuit
from warehouse.errors import SourceUnavailableError

T = TypeVar("T")
TIMEOUT_SECONDS = 30.0
"""How long a service may be silent in the midst of a call, unless set otherwise."""

ErrorTest = Callable[[BaseException], bool]
AskedWait = Callable[[BaseException], float | None]


@dataclass(frozen=True, slots=True)
class Backoff:
    """How long to go on trying: at most `attempts` calls, at most `max_seconds` between them.

    The defaults give up on a server that refuses connections after some ten seconds. One that
    takes them and is silent costs a time-out a call; the source ends after `failures_in_a_row` of
    all its calls.
    """

    attempts: int = 6
    max_seconds: float = 12.0
    first_wait_seconds: float = 0.4
    failures_in_a_row: int = 10


def retrying(
    *,
    attempts: int,
    max_seconds: float,
    is_transient: ErrorTest,
    first_wait_seconds: float = 0.4,
    asked_wait: AskedWait | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> tenacity.Retrying:
    """Return a caller, `retrying(...)(function, *arguments)`, that repeats transient failures.

    The waits double from `first_wait_seconds`, each with as much jitter again, so that many
    clients do not come back at once; `asked_wait` reads a wait in seconds that the server asked
    for (a `Retry-After` header) off the error, and is honoured where it is longer. The last error
    is raised as it is: when it is not transient, after `attempts` calls, or when all waits
    together would exceed `max_seconds`. Time-outs do not count as waits: a connection that stalls
    for longer than `max_seconds` is worth another try, too.
    """
    doubling = wait_exponential_jitter(
        multiplier=first_wait_seconds, max=max_seconds, jitter=first_wait_seconds
    )
    return tenacity.Retrying(
        stop=tenacity.stop_after_attempt(attempts) | _StopBeforeWaiting(max_seconds),
        wait=doubling if asked_wait is None else _AskedWait(doubling, asked_wait),
        retry=tenacity.retry_if_exception(is_transient),
        sleep=sleep,
        reraise=True,
    )


@dataclass
class Persistence:
    """Calls one service: again where that may help, not at all once it has failed too often.

    `is_transient` tells errors that another try may mend; `is_rate_limit` which of them come from
    a service that is well. May be used by several threads.
    """

    service: str
    backoff: Backoff
    is_transient: ErrorTest
    is_rate_limit: ErrorTest
    asked_wait: AskedWait
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)

    def __post_init__(self) -> None:
        """Begin without failures."""
        self._local = threading.local()
        self._circuit = Circuit(
            self.backoff.failures_in_a_row,
            lambda error: self.is_transient(error) and not self.is_rate_limit(error),
        )

    def __call__(self, work: Callable[..., T], *arguments: object) -> T:
        """Return what the call gives in the end; its last error is raised as it is.

        Raises `SourceUnavailableError` without calling where the service is left alone.
        """
        if self._circuit.is_open:
            raise SourceUnavailableError(
                f"{self.service} failed {self.backoff.failures_in_a_row} times in a row and is "
                "left alone for the rest of this run.",
                hint="Run the command again later.",
            )
        policy = retrying(
            attempts=self.backoff.attempts,
            max_seconds=self.backoff.max_seconds,
            first_wait_seconds=self.backoff.first_wait_seconds,
            is_transient=lambda error: self.is_transient(error) and not self._circuit.is_open,
            asked_wait=self.asked_wait,
            sleep=self.sleep,
        )
        try:
            result: T = policy(self._circuit, work, *arguments)
            return result
        finally:
            self._local.tries = policy.statistics.get("attempt_number", 1)

    @property
    def after(self) -> str:
        """Return after how many tries this thread's last call was given up: part of a sentence."""
        if self._circuit.is_open:
            return f" after {self.backoff.failures_in_a_row} failures in a row"
        tries = getattr(self._local, "tries", 1)
        return f" after {tries} tries" if tries > 1 else ""


def asked_seconds(retry_after: str | None, date: str | None) -> float | None:
    """Return the wait that a `Retry-After` header asks for, None where it has none.

    It may be an instant. That is by the server's clock, as its `Date` header is: the difference
    holds also where that clock, or ours, is wrong.
    """
    text = (retry_after or "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        until = parsedate_to_datetime(text)
        now = parsedate_to_datetime(date) if date else datetime.now(UTC)
        return max(0.0, (until - now).total_seconds())
    except (TypeError, ValueError):  # also one with a time zone and one without
        return None


class _StopBeforeWaiting(stop_base):
    """Stops where the waits together would be longer than some seconds."""

    def __init__(self, max_seconds: float) -> None:
        self._max_seconds = max_seconds

    def __call__(self, retry_state: tenacity.RetryCallState) -> bool:
        return retry_state.idle_for + retry_state.upcoming_sleep >= self._max_seconds


class _AskedWait(wait_base):
    """Waits as long as the server asked for, where that is longer than our own wait."""

    def __init__(self, ours: wait_base, asked: AskedWait) -> None:
        self._ours = ours
        self._asked = asked

    def __call__(self, retry_state: tenacity.RetryCallState) -> float:
        ours = self._ours(retry_state)
        error = retry_state.outcome.exception() if retry_state.outcome else None
        asked = self._asked(error) if error is not None else None
        return max(ours, asked or 0.0)
