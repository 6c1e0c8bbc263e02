"""The YouTube Data API: what everybody can see of the users' channels and videos.

::

    raw_platform.channels ─► channels.list ─► channels, channel_snapshots
                                  │ number of videos moved
                                  ▼
                        playlistItems.list ─► playlist_items
                                  │ not read yet, or long ago
                                  ▼
                               videos.list ─► videos, video_snapshots
                                  │ due by age
                                  ▼
                      videos.batchGetStats ─► video_snapshots
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from ingest.extraction import CallLedger, Extraction, batched
from ingest.landing import BadRow, Cursor, Row
from ingest.payload import JsonObject
from ingest.side_by_side import side_by_side
from ingest.sources.youtube import schedule
from ingest.sources.youtube.config import YouTubeDataConfig
from ingest.sources.youtube.data_calls import MOST_IDS, DataCalls
from ingest.sources.youtube.failures import RefusedError
from ingest.sources.youtube.resources import (
    Parsed,
    bad_row,
    items_of,
    pacific_day,
    parse_channels,
    parse_stats,
    parse_videos,
)
from ingest.sources.youtube.state import DataState, Misses, connected_channels
from ingest.sources.youtube.uploads import Reading, plan_reading, read_uploads
from ingest.sources.youtube.windows import parse_day
from ingest.streams import (
    CHANNEL_SNAPSHOTS,
    CHANNELS,
    PLAYLIST_ITEMS,
    VIDEO_DAY_CORE,
    VIDEO_SNAPSHOTS,
    VIDEOS,
    Stream,
)
from warehouse.errors import QuotaError, SourceUnavailableError, YtempireError

SOURCE = "youtube_data"
_CALLS_A_BATCH = 40  # 2,000 videos, some 6 MB of JSON
_ANY_CHANNEL = "UC_x5XG1OV2P6uZZ5FSM9Ttw"  # Google for Developers; any id would do

logger = logging.getLogger(__name__)


class YouTubeDataExtractor:
    """Reads public metadata and counters with an API key."""

    name = SOURCE

    def __init__(
        self, config: YouTubeDataConfig, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        """Take how to reach the API; `sleep` waits between two tries."""
        self._config = config
        self._sleep = sleep

    def extract(self, extraction: Extraction) -> None:
        """Land what is due.

        Where the quota of one bucket is used up, what the other pays for is read all the same.
        """
        run = _Run(self._config, extraction, self._sleep)
        if not run.channels:
            logger.warning("no channels are known: the platform's were not extracted yet")
        refusals: list[QuotaError] = []
        for steps in ((run.read_channels, run.read_uploads, run.read_videos), (run.read_stats,)):
            try:
                for step in steps:
                    step()
            except QuotaError as error:
                refusals.append(error)
        if refusals:
            raise refusals[0]

    def check(self) -> str:
        """Ask for one channel's id (one unit of quota)."""
        api = DataCalls(self._config, CallLedger(None), lambda: datetime.now(UTC), self._sleep)
        try:
            api.channels([_ANY_CHANNEL], parts="id")
        except RefusedError as error:
            raise _all_refused(str(error)) from error
        return "YouTube Data API: the key is accepted."


@dataclass(frozen=True, slots=True)
class _Answer:
    """What came for some ids; `refusal` is set where the call was refused."""

    asked: Sequence[str]
    parsed: Parsed
    refusal: str | None = None


class _Run:
    """One extraction."""

    def __init__(
        self, config: YouTubeDataConfig, extraction: Extraction, sleep: Callable[[float], None]
    ) -> None:
        self._config = config
        self._as_of = extraction.as_of
        self._lander = extraction.lander
        self._progress = extraction.progress
        self._api = DataCalls(config, extraction.calls, extraction.lander.clock, sleep)
        self.channels = connected_channels(self._lander)
        self._state = DataState(self._lander, self._as_of, self.channels)

    def read_channels(self) -> None:
        """Land the channels that are due, and their counters."""
        misses = Misses(self._lander, CHANNELS, self._as_of)
        for batch in self._ask(
            CHANNELS, self._state.due_channels(), self._api.channels, parse_channels
        ):
            rows, snapshots, came = _merged(batch)
            asked = [identity for answer in batch for identity in answer.asked]
            for identity in sorted(set(asked) - came):
                logger.warning("YouTube does not show channel %s", identity)
            self._lander.land(CHANNELS, rows, cursors=misses.cursors(asked, came))
            self._lander.land(CHANNEL_SNAPSHOTS, snapshots)

    def read_uploads(self) -> None:
        """Land the entries of the playlists whose channel has got or lost videos."""
        cursors = self._lander.read_cursors(PLAYLIST_ITEMS)
        plans = [
            plan_reading(uploads, cursors.get(uploads.channel_id), self._as_of, days)
            for days in [self._config.reconcile_days]
            for uploads in self._state.uploads()
        ]
        readings = [plan for plan in plans if plan is not None]
        if not readings:
            return
        known = self._state.known_uploads([each.uploads.channel_id for each in readings])

        def read(reading: Reading) -> Iterator[Any]:
            seen = known.get(reading.uploads.channel_id, set())
            return read_uploads(self._api, reading, seen, self._as_of)

        self._progress.start(SOURCE, PLAYLIST_ITEMS.name, len(readings))
        for part in side_by_side(read, readings, self._config.threads):
            if part.refusal:
                logger.warning("the uploads of %s: %s", part.channel_id, part.refusal)
            self._lander.land(PLAYLIST_ITEMS, part.rows, cursors=part.cursors)
            if part.cursors:
                self._progress.advance(SOURCE, PLAYLIST_ITEMS.name)

    def read_videos(self) -> None:
        """Land the videos that are new, and again those that were read long ago."""
        unread = self._state.unread_videos()
        self._land_videos([each.video_id for each in unread], self._marks_of_new)
        read = {scope: value.get("refreshed_at") for scope, value in self._refreshes().items()}
        age = timedelta(days=self._config.refresh_days)
        for channel, at in sorted(read.items()):
            if channel in self.channels and schedule.is_older(at, age, self._as_of):
                refreshed = {"refreshed_at": self._as_of.isoformat()}
                self._land_videos(self._state.videos_of(channel), lambda _: [])
                self._lander.land(VIDEOS, [], cursors=[Cursor(f"channel:{channel}", refreshed)])

    def read_stats(self) -> None:
        """Land the counters of the videos whose age says so."""
        misses = Misses(self._lander, VIDEO_SNAPSHOTS, self._as_of)
        for batch in self._ask(
            VIDEO_SNAPSHOTS, self._state.due_statistics(), self._api.stats, parse_stats
        ):
            rows, snapshots, came = _merged(batch)
            asked = [identity for answer in batch for identity in answer.asked]
            cursors = misses.cursors(asked, came)
            self._lander.land(VIDEO_SNAPSHOTS, rows + snapshots, cursors=cursors)

    def _refreshes(self) -> dict[str, dict[str, Any]]:
        """Return the cursors that say when a channel's videos were last read, by channel."""
        cursors = self._lander.read_cursors(VIDEOS)
        return {
            scope.removeprefix("channel:"): value
            for scope, value in cursors.items()
            if scope.startswith("channel:")
        }

    def _land_videos(
        self, ids: Sequence[str], marks: Callable[[Sequence[Row | BadRow]], list[Cursor]]
    ) -> None:
        misses = Misses(self._lander, VIDEOS, self._as_of, prefix="video:")
        for batch in self._ask(VIDEOS, ids, self._api.videos, parse_videos):
            rows, snapshots, came = _merged(batch)
            asked = [identity for answer in batch for identity in answer.asked]
            # A mark of a video that was missing before takes the place of its count of misses.
            cursors = [*misses.cursors(asked, came), *marks(rows)]
            self._lander.land(VIDEOS, rows, cursors=cursors)
            self._lander.land(VIDEO_SNAPSHOTS, snapshots)

    def _marks_of_new(self, rows: Sequence[Row | BadRow]) -> list[Cursor]:
        """Return cursors: when a channel's videos were first read, and which came late.

        Late is a video that had been published on a day whose reports were asked for without it.
        """
        as_of = self._as_of.isoformat()
        refreshed, reported = self._refreshes(), self._lander.read_cursors(VIDEO_DAY_CORE)
        marks: dict[str, Cursor] = {}
        for row in rows:
            if isinstance(row, BadRow):
                continue
            video, channel = row.values
            if channel not in refreshed:
                marks[channel] = Cursor(f"channel:{channel}", {"refreshed_at": as_of})
            published = datetime.fromisoformat(row.payload["snippet"]["publishedAt"])
            through = parse_day(reported.get(channel, {}).get("through"))
            if through is not None and pacific_day(published) <= through:
                marks[video] = Cursor(f"video:{video}", {"misses": 0, "found_at": as_of})
        return list(marks.values())

    def _ask(
        self,
        stream: Stream,
        ids: Sequence[str],
        ask: Callable[[Sequence[str]], JsonObject],
        parse: Callable[[Sequence[Any], str, datetime], Parsed],
    ) -> Iterator[list[_Answer]]:
        """Yield answers for the ids, fifty an answer, some of them at a time."""

        def read(asked: list[str]) -> list[_Answer]:
            where = f"{stream.name} {asked[0]} to {asked[-1]}"
            try:
                answer = ask(asked)
            except RefusedError as error:
                bad = bad_row(where, str(error), asked)
                return [_Answer(asked, Parsed(rows=[bad]), str(error))]
            return [_Answer(asked, parse(items_of(answer), where, self._as_of))]

        chunks = list(batched(ids, MOST_IDS))
        if not chunks:
            return
        self._progress.start(SOURCE, stream.name, len(ids))
        refusals: list[str] = []
        batch: list[_Answer] = []
        try:
            for answer in side_by_side(read, chunks, self._config.threads):
                batch.append(answer)
                self._progress.advance(SOURCE, stream.name, len(answer.asked))
                refusals += [answer.refusal] if answer.refusal else []
                if len(batch) == _CALLS_A_BATCH:
                    yield batch
                    batch = []
        except YtempireError:
            if batch:  # what came before the error is landed
                yield batch
            raise
        if batch:
            yield batch
        if refusals and len(refusals) == len(chunks):
            raise _all_refused(refusals[0])


def _merged(batch: Sequence[_Answer]) -> tuple[list[Row | BadRow], list[Row | BadRow], set[str]]:
    """Return the rows, the snapshots and the ids of several answers."""
    rows = [row for answer in batch for row in answer.parsed.rows]
    snapshots = [row for answer in batch for row in answer.parsed.snapshots]
    return rows, snapshots, set().union(*(answer.parsed.ids for answer in batch))


def _all_refused(said: str) -> SourceUnavailableError:
    return SourceUnavailableError(
        f"The YouTube Data API refuses to answer ({said}).",
        hint="See the project's settings in the Google Cloud console.",
    )
