"""What every extractor is given, and what it is."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import astuple, dataclass, field
from datetime import date, datetime
from itertools import islice
from typing import Protocol, TypeVar
from uuid import UUID

from ingest.landing import Lander
from warehouse.errors import DatabaseError

T = TypeVar("T")


class Progress(Protocol):
    """Shows how far an extraction is. `total` None: not known yet."""

    def start(self, source: str, stream: str, total: int | None) -> None:
        """Begin a stream of `total` steps."""

    def advance(self, source: str, stream: str, steps: int = 1) -> None:
        """Go on by some steps."""


class Quiet:
    """A progress that shows nothing."""

    def start(self, source: str, stream: str, total: int | None) -> None:
        """Show nothing."""

    def advance(self, source: str, stream: str, steps: int = 1) -> None:
        """Show nothing."""


@dataclass(frozen=True, slots=True)
class ApiCall:
    """One call to a metered API: a row of `ops.api_calls`."""

    called_at: datetime
    api: str
    method: str
    bucket: str
    units: int
    status_code: int | None
    reason: str | None
    latency_ms: int
    user_id: UUID | None = None


@dataclass
class CallLedger:
    """Collects the calls that were made, until they are written to `ops.api_calls`."""

    run_id: UUID | None
    written: int = 0
    _calls: list[ApiCall] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def add(self, call: ApiCall) -> None:
        """Note a call. May be used by several threads."""
        with self._lock:
            self._calls.append(call)

    def write(self, lander: Lander) -> None:
        """Write what was noted since the last time, in a transaction of its own.

        Where the warehouse does not answer it is kept for the next time.
        """
        with self._lock:
            calls, self._calls = self._calls, []
        if not calls:
            return
        try:
            lander.write(
                """
                insert into ops.api_calls (
                    run_id, called_at, api, method, bucket, units, status_code, reason,
                    latency_ms, user_id
                ) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
                """,
                [(self.run_id, *astuple(call)) for call in calls],
            )
        except DatabaseError:
            with self._lock:
                self._calls[:0] = calls
            raise
        self.written += len(calls)


@dataclass(frozen=True)
class Extraction:
    """One extraction: where to land, as of when, and which days.

    `since` and `until` (inclusive days) ask for a back-fill of those days whatever was landed
    before; without them a stream goes on from its cursor. What takes long asks `is_awaited`
    whether another run waits for this one, and ends early then. `notes` are sentences for whoever
    started the extraction.
    """

    lander: Lander
    as_of: datetime
    since: date | None = None
    until: date | None = None
    progress: Progress = field(default_factory=Quiet)
    calls: CallLedger = field(default_factory=lambda: CallLedger(None))
    is_awaited: Callable[[], bool] = lambda: False
    notes: list[str] = field(default_factory=list)


class Extractor(Protocol):
    """Reads one source and lands its streams.

    `extract` raises a `warehouse.errors.YtempireError` when the source cannot be read any
    further; what was landed before stays. Rows that cannot be read do not raise: they go to
    quarantine with the batch.
    """

    name: str

    def extract(self, extraction: Extraction) -> None:
        """Land what is new."""

    def check(self) -> str:
        """Ask the source for something small; return a sentence that says it works, or raise."""


def batched(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Yield the items in lists of at most `size`."""
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch
