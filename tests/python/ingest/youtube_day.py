"""A day of the Data API's refreshes, simulated without a network: the planner and its budget.

Run it for a table of the figures: `python tests/python/ingest/youtube_day.py`.
"""

from __future__ import annotations

import math
import random
from bisect import bisect_left, insort
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from ingest.sources.youtube import schedule
from ingest.sources.youtube.day_plan import ROWS_A_UNIT, Holdings, counters_kind, plan_day
from ingest.sources.youtube.quota import (
    DEFAULT_BUCKET,
    STATS_BUCKET,
    Budget,
    BudgetSpentError,
    Usage,
    pacific_midnight,
)
from ingest.sources.youtube.rations import Rations
from ingest.sources.youtube.shares import Ask

USERS, CHANNELS, VIDEOS, HISTORY = 50, 250, 45_000, timedelta(days=90)
RUN_EVERY, DAY = timedelta(minutes=15), timedelta(days=1)
MIDNIGHT = datetime(2026, 11, 20, 8, tzinfo=UTC)  # in California
BIG = UUID(int=0)
LIST_DAYS = 7


@dataclass(eq=False, slots=True)
class SimVideo:
    user: UUID
    channel: int
    published_at: datetime
    counted_at: datetime | None
    worst: float = 0.0  # the longest wait, as a multiple of what was promised for its age

    def is_due(self, now: datetime) -> bool:
        every = schedule.statistics_every(self.published_at, now)
        return self.counted_at is None or self.counted_at < schedule.slot_start(now, every)


@dataclass
class Figures:
    """What a simulated day has cost, by kind and by bucket, and how long who waited."""

    units: Counter[str] = field(default_factory=Counter)
    buckets: Counter[str] = field(default_factory=Counter)
    wanted: Counter[UUID] = field(default_factory=Counter)
    rows: Counter[UUID] = field(default_factory=Counter)
    worst: dict[UUID, float] = field(default_factory=dict)
    late: Counter[UUID] = field(default_factory=Counter)
    runs_cut_short: int = 0

    @property
    def total(self) -> int:
        return sum(self.buckets.values())

    def worst_of_others(self) -> float:
        return max(wait for user, wait in self.worst.items() if user != BIG)


def make_videos(big_share: float, seed: int) -> list[SimVideo]:
    """Return the videos of the last 90 days and of the day to come; one user has a share."""
    chance = random.Random(seed)
    per_user = CHANNELS // USERS
    videos = []
    for number in range(VIDEOS + VIDEOS * DAY // HISTORY):
        if number < VIDEOS:
            published = MIDNIGHT - HISTORY * chance.random()
        else:
            published = MIDNIGHT + DAY * chance.random()
        user = 0 if chance.random() < big_share else 1 + chance.randrange(USERS - 1)
        channel = user * per_user + chance.randrange(per_user)
        counted = MIDNIGHT - RUN_EVERY if published < MIDNIGHT else None
        videos.append(SimVideo(UUID(int=user), channel, published, counted))
    for video in videos:
        if video.counted_at is not None:  # as the schedule left it the evening before
            every = schedule.statistics_every(video.published_at, video.counted_at)
            video.counted_at = max(schedule.slot_start(video.counted_at, every), video.published_at)
    return videos


@dataclass
class SimDay:
    """A day of runs, every 15 minutes."""

    videos: list[SimVideo]
    daily_units: int
    failures: float = 0.0
    seed: int = 7
    figures: Figures = field(default_factory=Figures)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.budget = Budget(self.daily_units, Usage(MIDNIGHT, MIDNIGHT + DAY))
        self.read = [video for video in self.videos if video.published_at < MIDNIGHT]
        self.coming = sorted(
            (video for video in self.videos if video.published_at >= MIDNIGHT),
            key=lambda video: video.published_at,
        )
        self.unread: list[SimVideo] = []
        self.moved: set[int] = set()
        self.owners = {c: UUID(int=c // (CHANNELS // USERS)) for c in range(CHANNELS)}
        self.channel_read = dict.fromkeys(self.owners, MIDNIGHT - RUN_EVERY)
        listed = {c: MIDNIGHT - DAY * self.chance.random() for c in self.owners}
        self.listed = listed
        self.whole = {c: MIDNIGHT - LIST_DAYS * DAY * self.chance.random() for c in self.owners}
        self.refreshed = {c: MIDNIGHT - LIST_DAYS * DAY * self.chance.random() for c in self.owners}
        self.by_channel: dict[int, list[SimVideo]] = defaultdict(list)
        self.published: dict[UUID, list[datetime]] = {user: [] for user in self.owners.values()}
        # The videos to look at in a run: what is due is among them.
        self.at: dict[datetime, list[SimVideo]] = defaultdict(list)
        for video in self.read:
            self.by_channel[video.channel].append(video)
            self.published[video.user].append(video.published_at)
            self.at[MIDNIGHT].append(video)
        for instants in self.published.values():
            instants.sort()

    def run_all(self) -> Figures:
        for number in range(DAY // RUN_EVERY):
            self.run(MIDNIGHT + number * RUN_EVERY)
        for video in self.read:
            self._wait(video, MIDNIGHT + DAY)
            worst = self.figures.worst
            worst[video.user] = max(worst.get(video.user, 0.0), video.worst)
            self.figures.late[video.user] += video.worst > 1.0 + 1e-9
        return self.figures

    def run(self, now: datetime) -> None:
        while self.coming and self.coming[0].published_at <= now:
            video = self.coming.pop(0)
            self.unread.append(video)
            self.moved.add(video.channel)
        rations = Rations(
            self.budget,
            plan_day(now, self._holdings(now), refresh_days=LIST_DAYS, reconcile_days=LIST_DAYS),
            lambda: Counter(video.user for video in self.at[now] if video.is_due(now)),
            Usage(MIDNIGHT, MIDNIGHT + DAY, last_call_at=now - RUN_EVERY).pace(now),
        )
        try:
            self._channels(rations, now)
            self._uploads(rations, now)
            self._new_videos(rations, now)
            self._metadata(rations, now)
            self._counters(rations, now)
        except BudgetSpentError:
            self.figures.runs_cut_short += 1

    def _holdings(self, now: datetime) -> list[Holdings]:
        ages = [DAY, *(age for age, _ in schedule.STATISTICS_EVERY)]
        held = []
        for user, instants in self.published.items():
            day, *upto = (len(instants) - bisect_left(instants, now - age) for age in ages)
            one, two, three = upto
            bands = (one, two - one, three - two, len(instants) - three)
            held.append(Holdings(user, CHANNELS // USERS, bands, day))
        return held

    def _call(self, kind: str, bucket: str, calls: int = 1) -> None:
        for _ in range(calls):
            tries = 2 if self.chance.random() < self.failures else 1
            for _ in range(tries):
                self.budget.admit(bucket, 1)
                self.figures.units[kind] += 1
                self.figures.buckets[bucket] += 1

    def _batches(
        self, kind: str, bucket: str, videos: Sequence[SimVideo], then: Callable[[SimVideo], None]
    ) -> None:
        for start in range(0, len(videos), ROWS_A_UNIT):
            self._call(kind, bucket)
            for video in videos[start : start + ROWS_A_UNIT]:
                then(video)

    def _wait(self, video: SimVideo, now: datetime) -> None:
        """Note how long the counters have waited: at most one promise, as the schedule means it."""
        if video.counted_at is not None:
            wait = schedule.lateness(video.published_at, video.counted_at, now)
            video.worst = max(video.worst, wait)

    def _count(self, video: SimVideo, now: datetime) -> None:
        self._wait(video, now)
        video.counted_at = now
        self.figures.rows[video.user] += 1

    def _channels(self, rations: Rations, now: datetime) -> None:
        due = [c for c in self.owners if self.channel_read[c] < now]
        granted = rations.grant("channels", [Ask(self.owners[c], 1, c) for c in due])
        for start in range(0, len(granted), ROWS_A_UNIT):
            self._call("channels", DEFAULT_BUCKET)
            for channel in granted[start : start + ROWS_A_UNIT]:
                self.channel_read[channel] = now

    def _uploads(self, rations: Rations, now: datetime) -> None:
        asks = []
        for channel, owner in self.owners.items():
            if now - self.whole[channel] >= LIST_DAYS * DAY:
                pages = math.ceil(len(self.by_channel[channel]) / ROWS_A_UNIT)
                asks.append(Ask(owner, pages * ROWS_A_UNIT, (channel, pages, True)))
            elif channel in self.moved or now - self.listed[channel] >= DAY:
                asks.append(Ask(owner, ROWS_A_UNIT, (channel, 1, False)))
        for channel, pages, is_whole in rations.grant("lists", asks):
            self._call("uploads", DEFAULT_BUCKET, pages)
            self.listed[channel] = now
            self.moved.discard(channel)
            if is_whole:
                self.whole[channel] = now

    def _new_videos(self, rations: Rations, now: datetime) -> None:
        found = [video for video in self.unread if self.channel_read[video.channel] == now]
        asks = [Ask(video.user, 1, video) for video in found]

        def then(video: SimVideo) -> None:
            self._count(video, now)
            self.unread.remove(video)
            self.read.append(video)
            self.by_channel[video.channel].append(video)
            insort(self.published[video.user], video.published_at)
            self.at[now].append(video)

        self._batches("new videos", DEFAULT_BUCKET, rations.grant("new", asks), then)

    def _metadata(self, rations: Rations, now: datetime) -> None:
        asks = []
        for channel in sorted(self.owners, key=lambda c: self.refreshed[c]):
            if now - self.refreshed[channel] >= LIST_DAYS * DAY:
                cost = math.ceil(len(self.by_channel[channel]) / ROWS_A_UNIT) * ROWS_A_UNIT
                asks.append(Ask(self.owners[channel], cost, channel))
        for channel in rations.grant("metadata", asks):
            videos = self.by_channel[channel]
            self._batches("metadata", DEFAULT_BUCKET, videos, lambda v: self._count(v, now))
            self.refreshed[channel] = now

    def _counters(self, rations: Rations, now: datetime) -> None:
        due = [video for video in self.at[now] if video.is_due(now)]
        self.figures.wanted.update(video.user for video in due)
        if not rations.has_enough_for(len(due)):
            due.sort(
                key=lambda v: schedule.lateness(v.published_at, v.counted_at, now), reverse=True
            )
        asks = [Ask(video.user, 1, video) for video in due]
        granted = rations.grant("counters", asks, is_paced=True)
        for start in range(0, len(granted), ROWS_A_UNIT):
            chunk = granted[start : start + ROWS_A_UNIT]
            self._call(counters_kind(chunk[0].published_at, now), STATS_BUCKET)
            for video in chunk:
                self._count(video, now)
        for video in self.at.pop(now):
            again = now + RUN_EVERY
            if not video.is_due(now):
                every = schedule.statistics_every(video.published_at, now)
                again = schedule.slot_start(now, every) + every
            self.at[again].append(video)


def simulate(
    big_share: float = 1 / USERS, daily_units: int = 8_500, failures: float = 0.0, seed: int = 7
) -> Figures:
    """Return the figures of a day."""
    assert pacific_midnight(MIDNIGHT) == MIDNIGHT
    return SimDay(make_videos(big_share, seed), daily_units, failures, seed).run_all()


def main() -> None:
    """Print the figures of some days."""
    for name, settings in (
        ("50 users alike", {}),
        ("50 users alike, each tenth call twice", {"failures": 0.1}),
        ("one user owns half", {"big_share": 0.5}),
        ("one user owns half, budget 4,500", {"big_share": 0.5, "daily_units": 4_500}),
    ):
        day = simulate(**settings)  # type: ignore[arg-type]
        print(f"{name}: {day.total:,} units; {dict(day.buckets)}")
        print(f"  by kind: {dict(day.units)}")
        print(
            f"  longest wait / promise: the first user {day.worst[BIG]:.2f} "
            f"({day.late[BIG]:,} videos late), the others {day.worst_of_others():.2f} "
            f"({sum(day.late.values()) - day.late[BIG]:,} late); cut short: {day.runs_cut_short}"
        )


if __name__ == "__main__":
    main()
