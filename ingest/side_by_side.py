"""Read from a slow source with a few threads, land with one.

A warehouse connection serves one thread, and memory is bounded: whoever reads waits until what
was read before is taken.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")
_POLL_SECONDS = 0.1


def side_by_side(work: Callable[[T], Iterable[R]], items: Iterable[T], threads: int) -> Iterator[R]:
    """Yield what `work` gives for each item, `threads` items at a time.

    The results of one item come in order, those of different items as they are ready. The first
    error ends it all and is raised here, after what came before it. Closing the iterator early
    ends the threads once their present call is over.
    """
    todo = list(items)
    if not todo:
        return
    crew = _Crew(work, iter(todo), queue.Queue(maxsize=threads))
    started = [
        threading.Thread(target=crew.labour, name=f"reader-{n}", daemon=True)
        for n in range(min(threads, len(todo)))
    ]
    for thread in started:
        thread.start()
    try:
        running = len(started)
        while running:
            result = crew.results.get()
            if result is None:
                running -= 1
            elif result.error is not None:
                raise result.error
            else:
                yield from result.values
    finally:
        crew.stop.set()
    for thread in started:
        thread.join()


@dataclass(frozen=True, slots=True)
class _Result(Generic[R]):
    values: tuple[R, ...] = ()
    error: Exception | None = None


class _Crew(Generic[T, R]):
    """The threads that share the work."""

    def __init__(
        self,
        work: Callable[[T], Iterable[R]],
        items: Iterator[T],
        results: queue.Queue[_Result[R] | None],
    ) -> None:
        self.work = work
        self.items = items
        self.results = results
        self.stop = threading.Event()
        self._lock = threading.Lock()

    def labour(self) -> None:
        """Take items until there are none left or the end was called."""
        try:
            while (item := self._next()) is not None:
                for value in self.work(item[0]):
                    self._hand_over(_Result((value,)))
                    if self.stop.is_set():
                        return
        except Exception as error:  # noqa: BLE001  (raised again in the thread that waits)
            self._hand_over(_Result(error=error))
        finally:
            self._hand_over(None)

    def _next(self) -> tuple[T] | None:
        with self._lock:
            if self.stop.is_set():
                return None
            return next(((item,) for item in self.items), None)

    def _hand_over(self, result: _Result[R] | None) -> None:
        while not self.stop.is_set():
            try:
                self.results.put(result, timeout=_POLL_SECONDS)
            except queue.Full:
                continue
            return
