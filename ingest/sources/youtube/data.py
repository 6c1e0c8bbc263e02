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

Videos that are not shown any more lose their text after a month (forgetting.py).

What is asked for keeps within the day's budget (quota.py), in fair shares of the users
(rations.py). What that leaves over is due again in the next run.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from ingest.extraction import CallLedger, Extraction
from ingest.landing import BadRow, Cursor, Row
from ingest.side_by_side import side_by_side
from ingest.sources.youtube import schedule
from ingest.sources.youtube.answers import Answers, Question, all_refused, ask_all
from ingest.sources.youtube.config import YouTubeDataConfig
from ingest.sources.youtube.data_calls import DataCalls
from ingest.sources.youtube.day_plan import ROWS_A_UNIT, plan_day
from ingest.sources.youtube.failures import RefusedError
from ingest.sources.youtube.forgetting import forget_text
from ingest.sources.youtube.quota import Budget, BudgetSpentError, read_usage
from ingest.sources.youtube.rations import Rations
from ingest.sources.youtube.resources import (
    pacific_day,
    parse_channels,
    parse_stats,
    parse_videos,
)
from ingest.sources.youtube.shares import Ask
from ingest.sources.youtube.state import (
    DataState,
    DueVideo,
    Misses,
    connected_channels,
    read_holdings,
)
from ingest.sources.youtube.uploads import Reading, plan_reading, read_uploads
from ingest.sources.youtube.windows import parse_day
from ingest.streams import (
    CHANNEL_SNAPSHOTS,
    CHANNELS,
    PLAYLIST_ITEMS,
    VIDEO_DAY_CORE,
    VIDEO_SNAPSHOTS,
    VIDEOS,
)
from warehouse.errors import QuotaError

SOURCE = "youtube_data"
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
        That our own budget ends is no error: the next run goes on.
        """
        run = _Run(self._config, extraction, self._sleep)
        if not run.channels:
            logger.warning("no channels are known: the platform's were not extracted yet")
        refusals: list[QuotaError] = []
        for steps in ((run.read_channels, run.read_uploads, run.read_videos), (run.read_stats,)):
            try:
                for step in steps:
                    step()
            except BudgetSpentError as error:
                run.rations.spent(error)
                break
            except QuotaError as error:
                refusals.append(error)
        run.forget()
        run.rations.tell()
        if refusals:
            raise refusals[0]

    def check(self) -> str:
        """Ask for one channel's id (one unit of quota)."""
        api = DataCalls(self._config, CallLedger(None), lambda: datetime.now(UTC), self._sleep)
        try:
            api.channels([_ANY_CHANNEL], parts="id")
        except RefusedError as error:
            raise all_refused(str(error)) from error
        return "YouTube Data API: the key is accepted."


class _Run:
    """One extraction."""

    def __init__(
        self, config: YouTubeDataConfig, extraction: Extraction, sleep: Callable[[float], None]
    ) -> None:
        self._config = config
        self._as_of = extraction.as_of
        self._lander = extraction.lander
        self._progress = extraction.progress
        self._calls = extraction.calls
        self.channels = connected_channels(self._lander)
        self._state = DataState(self._lander, self._as_of, self.channels)
        self._calls.write(self._lander)
        now = self._lander.clock()
        usage = read_usage(self._lander.query, now)
        budget = Budget(config.daily_units, usage)
        self._api = DataCalls(config, self._calls, self._lander.clock, sleep, budget)
        self.rations = Rations(
            budget,
            plan_day(
                self._as_of,
                read_holdings(self._lander.query, self.channels, self._as_of),
                refresh_days=config.refresh_days,
                reconcile_days=config.reconcile_days,
            ),
            lambda: Counter(self._owner(video) for video in self._state.due_statistics()),
            usage.pace(now),
        )

    def read_channels(self) -> None:
        """Land the channels that are due, and their counters."""
        misses = Misses(self._lander, CHANNELS, self._as_of)
        asks = [Ask(self.channels[each], 1, each) for each in self._state.due_channels()]
        due = self.rations.grant("channels", asks)
        for batch in self._ask(Question(CHANNELS, self._api.channels, parse_channels), due):
            for identity in sorted(set(batch.asked) - batch.came):
                logger.warning("YouTube does not show channel %s", identity)
            cursors = misses.cursors(batch.asked, batch.came)
            self._lander.land(CHANNELS, batch.rows, cursors=cursors)
            self._lander.land(CHANNEL_SNAPSHOTS, batch.snapshots)

    def read_uploads(self) -> None:
        """Land the entries of the playlists whose channel has got or lost videos."""
        cursors = self._lander.read_cursors(PLAYLIST_ITEMS)
        plans = [
            plan_reading(uploads, cursors.get(uploads.channel_id), self._as_of, days)
            for days in [self._config.reconcile_days]
            for uploads in self._state.uploads()
        ]
        asks = [
            Ask(self.channels[each.uploads.channel_id], each.pages * ROWS_A_UNIT, each)
            for each in plans
            if each is not None
        ]
        readings = self.rations.grant("lists of uploads", asks)
        if not readings:
            return
        known = self._state.known_uploads([each.uploads.channel_id for each in readings])

        def read(reading: Reading) -> Iterator[Any]:
            channel = reading.uploads.channel_id
            seen = known.get(channel, set())
            return read_uploads(self._api, reading, seen, self._as_of, self.channels[channel])

        self._progress.start(SOURCE, PLAYLIST_ITEMS.name, len(readings))
        for part in side_by_side(read, readings, self._config.threads):
            if part.refusal:
                logger.warning("the uploads of %s: %s", part.channel_id, part.refusal)
            self._calls.write(self._lander)
            self._lander.land(PLAYLIST_ITEMS, part.rows, cursors=part.cursors)
            if part.cursors:
                self._progress.advance(SOURCE, PLAYLIST_ITEMS.name)

    def read_videos(self) -> None:
        """Land the videos that are new, and again those that were read long ago."""
        unread = [
            Ask(self.channels[each.channel_id], 1, each.video_id)
            for each in self._state.unread_videos()
        ]
        self._land_videos(self.rations.grant("new videos", unread), self._marks_of_new)
        read = {scope: value.get("refreshed_at") for scope, value in self._refreshes().items()}
        age = timedelta(days=self._config.refresh_days)
        asks = []
        for channel, at in sorted(read.items(), key=lambda item: (item[1] or "", item[0])):
            if channel in self.channels and schedule.is_older(at, age, self._as_of):
                videos = self._state.videos_of(channel)
                cost = -(-len(videos) // ROWS_A_UNIT) * ROWS_A_UNIT
                asks.append(Ask(self.channels[channel], cost, (channel, videos)))
        for channel, videos in self.rations.grant("channels' metadata", asks):
            refreshed = {"refreshed_at": self._as_of.isoformat()}
            self._land_videos(videos, lambda _: [])
            self._lander.land(VIDEOS, [], cursors=[Cursor(f"channel:{channel}", refreshed)])

    def read_stats(self) -> None:
        """Land the counters of the videos whose age says so."""
        misses = Misses(self._lander, VIDEO_SNAPSHOTS, self._as_of)
        for batch in self._ask(
            Question(VIDEO_SNAPSHOTS, self._api.stats, parse_stats), self._due_counters()
        ):
            cursors = misses.cursors(batch.asked, batch.came)
            self._lander.land(VIDEO_SNAPSHOTS, batch.rows + batch.snapshots, cursors=cursors)

    def forget(self) -> None:
        """Remove the text of videos that cannot be read again."""
        count = forget_text(self._lander, self.channels, self._as_of, self._config.refresh_days)
        if count:
            logger.warning(
                "The titles and descriptions of %s videos that YouTube has not shown for weeks "
                "are removed, as its policy asks; their figures stay.",
                f"{count:,}",
            )

    def _due_counters(self) -> list[str]:
        """Return the videos whose counters are due and may be asked for; the latest come first."""
        due = self._state.due_statistics()
        if not self.rations.has_enough_for(len(due)):
            due = self._state.most_overdue_first(due)
        asks = [Ask(self._owner(each), 1, each.video_id) for each in due]
        return self.rations.grant("videos' counters", asks, is_paced=True)

    def _owner(self, video: DueVideo) -> UUID:
        return self.channels[video.channel_id]

    def _ask(self, question: Question, ids: Sequence[str]) -> Iterator[Answers]:
        threads = self._config.threads
        for batch in ask_all(question, ids, self._as_of, threads, self._progress):
            # The calls are in the book before their rows are landed: a run that is killed in
            # between has used what it has used.
            self._calls.write(self._lander)
            yield batch

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
        for batch in self._ask(Question(VIDEOS, self._api.videos, parse_videos), ids):
            # A mark of a video that was missing before takes the place of its count of misses.
            cursors = [*misses.cursors(batch.asked, batch.came), *marks(batch.rows)]
            self._lander.land(VIDEOS, batch.rows, cursors=cursors)
            self._lander.land(VIDEO_SNAPSHOTS, batch.snapshots)

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
