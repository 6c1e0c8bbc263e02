"""Trying again, and leaving a service alone that fails time and again."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from ingest.retrying import Backoff, Persistence, asked_seconds
from warehouse.errors import SourceUnavailableError

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


def persistence(attempts: int, failures_in_a_row: int) -> Persistence:
    return Persistence(
        "The service",
        Backoff(attempts, 1000, 0.001, failures_in_a_row),
        is_transient=lambda error: isinstance(error, TimeoutError | BlockingIOError),
        is_rate_limit=lambda error: isinstance(error, BlockingIOError),
        asked_wait=lambda _: None,
        sleep=lambda _: None,
    )


def fails(calls: list[int], error: type[Exception] = TimeoutError) -> None:
    calls.append(1)
    raise error


def test_the_tries_are_told() -> None:
    persist, calls = persistence(6, 10), list[int]()
    with pytest.raises(TimeoutError):
        persist(fails, calls)
    assert (len(calls), persist.after) == (6, " after 6 tries")
    with pytest.raises(KeyError):
        persist(fails, calls, KeyError)
    assert persist.after == ""


def test_a_service_that_always_fails_is_left_alone() -> None:
    persist, calls = persistence(6, 10), list[int]()
    for _ in range(2):
        with pytest.raises(TimeoutError):
            persist(fails, calls)
    assert (len(calls), persist.after) == (10, " after 10 failures in a row")
    with pytest.raises(SourceUnavailableError, match=r"10 times in a row .* left alone"):
        persist(fails, calls)
    assert len(calls) == 10


@pytest.mark.parametrize("error", [KeyError, BlockingIOError])
def test_an_answer_between_them_ends_the_row(error: type[Exception]) -> None:
    """Also one that refuses, or asks for patience: the service is there."""
    persist, calls = persistence(1, 3), list[int]()
    for kind in (TimeoutError, TimeoutError, error, TimeoutError, TimeoutError):
        with pytest.raises(kind):
            persist(fails, calls, kind)
    assert persist(lambda: "answer") == "answer"


def test_threads_call_at_the_same_time_and_count_together() -> None:
    persist, meeting, calls = persistence(2, 8), threading.Barrier(4, timeout=10), list[int]()

    def work() -> None:
        calls.append(1)
        meeting.wait()  # breaks unless four are in a call at once
        raise TimeoutError

    def source() -> None:
        with pytest.raises(TimeoutError):
            persist(work)

    threads = [threading.Thread(target=source) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(calls) == 8
    assert persist.after == " after 8 failures in a row"


@pytest.mark.parametrize("off", [timedelta(), timedelta(hours=-5), timedelta(minutes=7)])
def test_a_wait_until_an_instant_is_by_the_servers_clock(off: timedelta) -> None:
    now = format_datetime(NOW + off, usegmt=True)
    until = format_datetime(NOW + off + timedelta(seconds=3), usegmt=True)
    assert asked_seconds(until, now) == 3
    assert asked_seconds(now, until) == 0


@pytest.mark.parametrize("text", [None, "", "soon", "-1", "٣", "Sun, 99 Nov 2026 00:00:00 GMT"])
def test_a_wait_that_is_none(text: str | None) -> None:
    assert asked_seconds(text, None) is None
