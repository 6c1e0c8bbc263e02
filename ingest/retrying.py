"""One policy of trying again for every source: exponential waits with jitter, within a limit."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import tenacity
from tenacity.wait import wait_base, wait_exponential_jitter

ErrorTest = Callable[[BaseException], bool]
AskedWait = Callable[[BaseException], float | None]


@dataclass(frozen=True, slots=True)
class Backoff:
    """How long to go on trying: at most `attempts` calls, the last begun within `max_seconds`.

    The defaults give up on a dead server after some ten seconds.
    """

    attempts: int = 6
    max_seconds: float = 12.0
    first_wait_seconds: float = 0.4


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
    is raised as it is: when it is not transient, after `attempts` calls, or when the next call
    would begin later than `max_seconds` after the first.
    """
    doubling = wait_exponential_jitter(
        multiplier=first_wait_seconds, max=max_seconds, jitter=first_wait_seconds
    )
    return tenacity.Retrying(
        stop=tenacity.stop_after_attempt(attempts) | tenacity.stop_before_delay(max_seconds),
        wait=doubling if asked_wait is None else _AskedWait(doubling, asked_wait),
        retry=tenacity.retry_if_exception(is_transient),
        sleep=sleep,
        reraise=True,
    )


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
