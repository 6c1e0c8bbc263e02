"""Ask for many ids, fifty a call and some calls at a time, and collect what came."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ingest.extraction import Progress, batched
from ingest.landing import BadRow, Row
from ingest.payload import JsonObject
from ingest.side_by_side import side_by_side
from ingest.sources.youtube.data_calls import MOST_IDS
from ingest.sources.youtube.failures import RefusedError
from ingest.sources.youtube.resources import Parsed, bad_row, items_of
from ingest.streams import Stream
from warehouse.errors import SourceUnavailableError, YtempireError

_CALLS_A_BATCH = 40  # 2,000 videos, some 6 MB of JSON


@dataclass(frozen=True, slots=True)
class Question:
    """Which call to make for some ids of a stream, and how to read its answer."""

    stream: Stream
    ask: Callable[[Sequence[str]], JsonObject]
    parse: Callable[[Sequence[Any], str, datetime], Parsed]


@dataclass(frozen=True, slots=True)
class Answers:
    """What came for the ids that were asked for."""

    asked: list[str]
    rows: list[Row | BadRow]
    snapshots: list[Row | BadRow]
    came: set[str]


@dataclass(frozen=True, slots=True)
class _Answer:
    """What came for some ids; `refusal` is set where the call was refused."""

    asked: Sequence[str]
    parsed: Parsed
    refusal: str | None = None


def ask_all(
    question: Question, ids: Sequence[str], as_of: datetime, threads: int, progress: Progress
) -> Iterator[Answers]:
    """Yield answers for the ids; an error comes after what came before it."""
    stream = question.stream

    def read(asked: list[str]) -> list[_Answer]:
        where = f"{stream.name} {asked[0]} to {asked[-1]}"
        try:
            answer = question.ask(asked)
        except RefusedError as error:
            bad = bad_row(where, str(error), asked)
            return [_Answer(asked, Parsed(rows=[bad]), str(error))]
        return [_Answer(asked, question.parse(items_of(answer), where, as_of))]

    chunks = list(batched(ids, MOST_IDS))
    if not chunks:
        return
    progress.start(stream.source, stream.name, len(ids))
    refusals: list[str] = []
    batch: list[_Answer] = []
    try:
        for answer in side_by_side(read, chunks, threads):
            batch.append(answer)
            progress.advance(stream.source, stream.name, len(answer.asked))
            refusals += [answer.refusal] if answer.refusal else []
            if len(batch) == _CALLS_A_BATCH:
                yield _merged(batch)
                batch = []
    except YtempireError:
        if batch:  # what came before the error is landed
            yield _merged(batch)
        raise
    if batch:
        yield _merged(batch)
    if refusals and len(refusals) == len(chunks):
        raise all_refused(refusals[0])


def _merged(batch: Sequence[_Answer]) -> Answers:
    return Answers(
        asked=[identity for answer in batch for identity in answer.asked],
        rows=[row for answer in batch for row in answer.parsed.rows],
        snapshots=[row for answer in batch for row in answer.parsed.snapshots],
        came=set().union(*(answer.parsed.ids for answer in batch)),
    )


def all_refused(said: str) -> SourceUnavailableError:
    """Return what it means that no call was answered."""
    return SourceUnavailableError(
        f"The YouTube Data API refuses to answer ({said}).",
        hint="See the project's settings in the Google Cloud console.",
    )
