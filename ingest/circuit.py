"""A service that fails again and again is left alone for the rest of the run.

Without this, each of a source's threads would wait for its time-outs, call after call, before a
dead service is believed to be dead.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from typing import TypeVar

import pybreaker

T = TypeVar("T")
_NEVER = float(10**9)  # seconds until an open circuit is tried again: the run is over by then


class Circuit:
    """Counts the failures in a row of one service. For use by several threads.

    pybreaker keeps the count and the state. It would let one thread call at a time, so calls are
    made outside of it, and it is told how they ended.
    """

    def __init__(self, failures_in_a_row: int, is_outage: Callable[[BaseException], bool]) -> None:
        """Take how many failures in a row are too many, and which errors are failures.

        Other errors are answers, which show that the service is there.
        """
        self.failures_in_a_row = failures_in_a_row
        self._lock = threading.Lock()
        self._breaker = pybreaker.CircuitBreaker(
            fail_max=failures_in_a_row,
            reset_timeout=_NEVER,
            exclude=[lambda error: not is_outage(error)],
        )

    @property
    def is_open(self) -> bool:
        """Tell whether the service has failed too often, so that it is not called any more."""
        return bool(self._breaker.current_state == pybreaker.STATE_OPEN)

    def __call__(self, work: Callable[..., T], *arguments: object) -> T:
        """Return what a call gives, and note how it ended."""
        try:
            result = work(*arguments)
        except Exception as error:
            self._note(error)
            raise
        self._note(None)
        return result

    def _note(self, error: Exception | None) -> None:
        def outcome() -> None:
            if error is not None:
                raise error

        expected = pybreaker.CircuitBreakerError if error is None else type(error)
        with self._lock, contextlib.suppress(pybreaker.CircuitBreakerError, expected):
            if not self.is_open:  # a call that another thread had begun may end well or not
                self._breaker.call(outcome)
