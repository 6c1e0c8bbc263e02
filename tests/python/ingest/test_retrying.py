"""The policy of trying again: how often, how long, and what it leaves alone."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from ingest.retrying import retrying


@dataclass
class Server:
    """Fails with the given errors in turn, then answers."""

    errors: list[Exception]
    calls: int = 0

    def __call__(self) -> str:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return "answer"


@dataclass
class Sleeper:
    """Notes the waits instead of waiting."""

    waits: list[float] = field(default_factory=list)

    def __call__(self, seconds: float) -> None:
        self.waits.append(seconds)


def is_timeout(error: BaseException) -> bool:
    return isinstance(error, TimeoutError)


def test_transient_failures_are_repeated_with_growing_waits() -> None:
    server, sleep = Server([TimeoutError(), TimeoutError(), TimeoutError()]), Sleeper()
    policy = retrying(
        attempts=5, max_seconds=60, is_transient=is_timeout, first_wait_seconds=1, sleep=sleep
    )
    assert policy(server) == "answer"
    assert server.calls == 4
    assert [1 <= sleep.waits[0] <= 2, 2 <= sleep.waits[1] <= 3, 4 <= sleep.waits[2] <= 5] == [
        True
    ] * 3


def test_other_failures_are_raised_at_once() -> None:
    server = Server([KeyError("no")])
    with pytest.raises(KeyError):
        retrying(attempts=5, max_seconds=60, is_transient=is_timeout)(server)
    assert server.calls == 1


def test_the_last_error_is_raised_after_the_attempts() -> None:
    server = Server([TimeoutError("1"), TimeoutError("2"), TimeoutError("3")])
    policy = retrying(attempts=2, max_seconds=60, is_transient=is_timeout, sleep=Sleeper())
    with pytest.raises(TimeoutError, match="2"):
        policy(server)


def test_no_call_begins_after_the_limit() -> None:
    server, sleep = Server([TimeoutError()] * 9), Sleeper()
    policy = retrying(
        attempts=9,
        max_seconds=3,
        is_transient=is_timeout,
        first_wait_seconds=0.1,
        asked_wait=lambda _: 5.0,
        sleep=sleep,
    )
    with pytest.raises(TimeoutError):
        policy(server)
    assert (server.calls, sleep.waits) == (1, [])


def test_a_wait_that_the_server_asks_for_is_honoured() -> None:
    server, sleep = Server([TimeoutError()]), Sleeper()
    policy = retrying(
        attempts=3,
        max_seconds=60,
        is_transient=is_timeout,
        asked_wait=lambda _: 7.0,
        sleep=sleep,
    )
    policy(server)
    assert sleep.waits == [7.0]
