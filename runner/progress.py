"""How a command shows that it goes on: bars on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)


class Display(Protocol):
    """What a pipeline tells while it works. Also an `ingest.extraction.Progress`."""

    def start(self, source: str, stream: str, total: int | None) -> None:
        """Begin a stream (or the models of a build) of `total` steps, None: not known yet."""

    def advance(self, source: str, stream: str, steps: int = 1) -> None:
        """Go on by some steps."""

    def say(self, line: str) -> None:
        """Say that something was finished, or went wrong."""


class Silent:
    """Shows nothing: for machines that read the JSON report."""

    def start(self, source: str, stream: str, total: int | None) -> None:
        """Show nothing."""

    def advance(self, source: str, stream: str, steps: int = 1) -> None:
        """Show nothing."""

    def say(self, line: str) -> None:
        """Show nothing."""


class Lines(Silent):
    """One plain line for each thing that was finished: for logs and schedulers."""

    def say(self, line: str) -> None:
        """Print the line."""
        print(line, flush=True)


class Bars:
    """Progress bars for a person at a terminal."""

    def __init__(self, progress: Progress) -> None:
        """Draw on the given progress."""
        self._progress = progress
        self._tasks: dict[tuple[str, str], TaskID] = {}

    def start(self, source: str, stream: str, total: int | None) -> None:
        """Show a bar for the stream, in place of the source's bar before it."""
        for (other, _), task in self._tasks.items():
            if other == source:
                self._progress.update(task, visible=False)
        self._tasks[source, stream] = self._progress.add_task(
            f"{source.replace('_', ' ')}: {stream.replace('_', ' ')}", total=total
        )

    def advance(self, source: str, stream: str, steps: int = 1) -> None:
        """Move the stream's bar."""
        task = self._tasks.get((source, stream))
        if task is not None:
            self._progress.advance(task, steps)

    def say(self, line: str) -> None:
        """Take the bars away and print the line above those to come."""
        for task in self._tasks.values():
            self._progress.remove_task(task)
        self._tasks.clear()
        self._progress.console.print(line, highlight=False)


@contextmanager
def display(*, quiet: bool = False) -> Iterator[Display]:
    """Give the display that fits: silent, plain lines, or bars on a terminal."""
    if quiet:
        yield Silent()
    elif not sys.stdout.isatty():
        yield Lines()
    else:
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=Console(), transient=True) as progress:
            yield Bars(progress)
