"""Reading with several threads: everything arrives, memory is bounded, errors end it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from ingest.side_by_side import side_by_side


def test_everything_arrives_in_the_order_of_its_item() -> None:
    def work(item: int) -> Iterator[tuple[int, int]]:
        for part in range(5):
            time.sleep(0.001 * (item % 3))
            yield item, part

    found = list(side_by_side(work, range(20), threads=4))
    assert sorted(found) == [(item, part) for item in range(20) for part in range(5)]
    for item in range(20):
        assert [part for number, part in found if number == item] == list(range(5))


def test_nothing_to_do() -> None:
    assert list(side_by_side(lambda item: [item], [], threads=4)) == []


def test_the_threads_work_at_once() -> None:
    together = threading.Barrier(3, timeout=5)

    def work(item: int) -> list[int]:
        together.wait()
        return [item]

    assert sorted(side_by_side(work, [1, 2, 3], threads=3)) == [1, 2, 3]


def test_reading_waits_for_landing() -> None:
    read: list[int] = []

    def work(item: int) -> Iterator[int]:
        read.append(item)
        yield item

    results = side_by_side(work, range(100), threads=2)
    next(results)
    time.sleep(0.1)
    assert len(read) <= 1 + 2 + 2  # the one taken, two waiting, two in hand
    assert len(list(results)) == 99


def test_an_error_is_raised_where_the_results_are_taken() -> None:
    def work(item: int) -> list[int]:
        if item == 3:
            raise KeyError(item)
        return [item]

    taken: list[int] = []
    with pytest.raises(KeyError):
        taken.extend(side_by_side(work, range(1000), threads=2))
    assert 3 not in taken
    assert len(taken) < 1000


def test_the_threads_end_when_nobody_listens_any_more() -> None:
    results = side_by_side(lambda item: range(item), range(100), threads=3)
    assert next(results) >= 0
    results.close()  # type: ignore[attr-defined]
    deadline = time.monotonic() + 5
    while any(thread.name.startswith("reader-") for thread in threading.enumerate()):
        assert time.monotonic() < deadline
        time.sleep(0.01)
