"""What the warehouse knows of YouTube already, and so what there is to ask.

Everything is decided from what was landed, nothing from the memory of a run: a run that was
killed is made up for by the next one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from ingest.landing import Cursor, Lander
from ingest.sources.youtube import schedule
from ingest.sources.youtube.day_plan import Holdings
from ingest.sources.youtube.quota import Query
from ingest.streams import CHANNELS, VIDEO_SNAPSHOTS, VIDEOS, Stream

# A run that was killed asks again at once: that is the same miss.
_MISS_APART = timedelta(hours=1)
READ_STATUSES = ("active", "paused")


def connected_channels(lander: Lander) -> dict[str, UUID]:
    """Return the users' channels to read: YouTube's channel id and the user."""
    rows = lander.query(
        """
        select payload ->> 'youtube_channel_id', (payload ->> 'user_id')::uuid
        from raw_platform.channels
        where payload ->> 'status' = any(%s) and payload ->> 'youtube_channel_id' <> ''
        order by 1
        """,
        (list(READ_STATUSES),),
    )
    return dict(rows)


@dataclass(frozen=True, slots=True)
class Uploads:
    """A channel's playlist of uploads, and how many videos the channel says it has."""

    channel_id: str
    playlist_id: str
    video_count: int | None


@dataclass(frozen=True, slots=True)
class UnreadVideo:
    """A video that a playlist names and that was not read yet."""

    video_id: str
    channel_id: str


@dataclass(frozen=True, slots=True)
class DueVideo:
    """A video whose counters are due."""

    video_id: str
    channel_id: str
    published_at: datetime | None


def read_holdings(query: Query, channels: Mapping[str, UUID], as_of: datetime) -> list[Holdings]:
    """Return what each user has, by the channels and their users."""
    rows = query(
        """
        with published as (
            select
                channel_id,
                %s - (payload #>> '{snippet,publishedAt}')::timestamptz as age
            from raw_youtube.videos
            where channel_id = any(%s)
        )

        select
            channel_id,
            count(*) filter (where age <= %s),
            count(*) filter (where age > %s and age <= %s),
            count(*) filter (where age > %s and age <= %s),
            count(*) filter (where age > %s or age is null),
            count(*) filter (where age <= interval '1 day')
        from published
        group by channel_id
        """,
        (as_of, sorted(channels), *_band_edges()),
    )
    bands: dict[UUID, list[int]] = {user: [0] * 5 for user in channels.values()}
    for channel, *counts in rows:
        held = bands[channels[channel]]
        held[:] = [before + count for before, count in zip(held, counts, strict=True)]
    numbers = Counter(channels.values())
    return [
        Holdings(user, numbers[user], (young, week, quarter, older), fresh)
        for user, (young, week, quarter, older, fresh) in sorted(bands.items())
    ]


def _band_edges() -> list[timedelta]:
    young, week, quarter = (age for age, _ in schedule.STATISTICS_EVERY)
    return [young, young, week, week, quarter, quarter]


class DataState:
    """Questions to the warehouse, as of an instant, about some channels."""

    def __init__(self, lander: Lander, as_of: datetime, channels: Iterable[str]) -> None:
        """Take the channels' YouTube ids."""
        self._lander = lander
        self._as_of = as_of
        self._channels = sorted(channels)

    def due_channels(self) -> list[str]:
        """Return the channels without counters in the present slot."""
        rows = self._lander.query(
            f"""
            select wanted.id from unnest(%s::text[]) as wanted (id)
            where not exists (
                select from raw_youtube.channel_snapshots as snapshots
                where snapshots.channel_id = wanted.id and snapshots.captured_at >= %s
            ) and not {_resting("wanted.id")}
            order by wanted.id
            """,
            (
                self._channels,
                schedule.slot_start(self._as_of, schedule.CHANNELS_EVERY),
                *self._rest(CHANNELS),
            ),
        )
        return [row[0] for row in rows]

    def uploads(self) -> list[Uploads]:
        """Return the playlists of uploads of the channels that were read."""
        rows = self._lander.query(
            """
            select
                channels.channel_id,
                coalesce(
                    nullif(channels.payload #>> '{contentDetails,relatedPlaylists,uploads}', ''),
                    'UU' || substr(channels.channel_id, 3)
                ),
                (latest.payload ->> 'videoCount')::bigint
            from raw_youtube.channels as channels
            left join lateral (
                select snapshots.payload from raw_youtube.channel_snapshots as snapshots
                where snapshots.channel_id = channels.channel_id
                order by snapshots.captured_at desc
                limit 1
            ) as latest on true
            where channels.channel_id = any(%s)
            order by channels.channel_id
            """,
            (self._channels,),
        )
        return [Uploads(*row) for row in rows]

    def known_uploads(self, channels: Sequence[str]) -> dict[str, set[str]]:
        """Return the videos that the channels' playlists are known to have."""
        rows = self._lander.query(
            """
            select channel_id, array_agg(video_id) from raw_youtube.playlist_items
            where channel_id = any(%s)
            group by channel_id
            """,
            (list(channels),),
        )
        return {channel: set(videos) for channel, videos in rows}

    def unread_videos(self) -> list[UnreadVideo]:
        """Return the videos of the playlists that were not read yet."""
        rows = self._lander.query(
            f"""
            select items.video_id, items.channel_id from raw_youtube.playlist_items as items
            where items.channel_id = any(%s)
                and not exists (
                    select from raw_youtube.videos as videos
                    where videos.video_id = items.video_id
                )
                and not {_resting("'video:' || items.video_id")}
            order by
                items.payload #>> '{{contentDetails,videoPublishedAt}}' desc nulls last,
                items.video_id
            """,
            (self._channels, *self._rest(VIDEOS)),
        )
        return [UnreadVideo(*row) for row in rows]

    def videos_of(self, channel: str) -> list[str]:
        """Return the videos of a channel that were read."""
        rows = self._lander.query(
            "select video_id from raw_youtube.videos where channel_id = %s order by video_id",
            (channel,),
        )
        return [row[0] for row in rows]

    def due_statistics(self) -> list[DueVideo]:
        """Return the videos whose counters are due by their age, the youngest first."""
        oldest = schedule.slot_start(self._as_of, schedule.OLDER_EVERY)
        ages: list[Any] = []
        for age, length in schedule.STATISTICS_EVERY:  # three, as in the statement
            ages += [self._as_of - age, schedule.slot_start(self._as_of, length)]
        rows = self._lander.query(
            f"""
            with published as (
                select
                    video_id,
                    channel_id,
                    (payload #>> '{{snippet,publishedAt}}')::timestamptz as published_at
                from raw_youtube.videos
                where channel_id = any(%s)
            ),

            slots as (
                select
                    video_id,
                    channel_id,
                    published_at,
                    case
                        when published_at >= %s then %s
                        when published_at >= %s then %s
                        when published_at >= %s then %s
                        else %s
                    end::timestamptz as slot_start
                from published
            )

            select slots.video_id, slots.channel_id, slots.published_at from slots
            where not exists (
                select from raw_youtube.video_snapshots as snapshots
                where snapshots.video_id = slots.video_id
                    and snapshots.captured_at >= slots.slot_start
                    and snapshots.captured_at >= %s
            ) and not {_resting("slots.video_id")}
            order by slots.published_at desc nulls last, slots.video_id
            """,
            (self._channels, *ages, oldest, oldest, *self._rest(VIDEO_SNAPSHOTS)),
        )
        return [DueVideo(*row) for row in rows]

    def most_overdue_first(self, videos: Sequence[DueVideo]) -> list[DueVideo]:
        """Return the videos in the order of how long they wait, measured by their promise."""
        counted = dict(
            self._lander.query(
                """
                select video_id, max(captured_at) from raw_youtube.video_snapshots
                where video_id = any(%s)
                group by video_id
                """,
                ([video.video_id for video in videos],),
            )
        )

        def lateness(video: DueVideo) -> float:
            return schedule.lateness(video.published_at, counted.get(video.video_id), self._as_of)

        return sorted(videos, key=lateness, reverse=True)

    def _rest(self, stream: Stream) -> tuple[Any, ...]:
        return (stream.source, stream.name, self._as_of, schedule.PATIENT_MISSES)


def _resting(scope: str) -> str:
    """Return the condition that something was missing a short while ago (see `missed`)."""
    return f"""
        exists (
            select from ops.cursors as missed
            where missed.source = %s and missed.stream = %s and missed.scope = {scope}
                and (missed.value ->> 'asked_at')::timestamptz > %s::timestamptz - case
                    when (missed.value ->> 'misses')::integer < %s then interval '1 hour'
                    else interval '1 day'
                end
        )
    """


class Misses:
    """Keeps count, in cursors, of what was asked for and not in the answer.

    What is deleted or private is left out without a word. It is gone only when it was missing
    several times, so that every miss is counted and asking for it becomes rare.
    """

    def __init__(self, lander: Lander, stream: Stream, as_of: datetime, prefix: str = "") -> None:
        """Read the present counts of a stream; scopes are the ids behind the prefix."""
        self._as_of = as_of
        self._prefix = prefix
        self._known = lander.read_cursors(stream)

    def cursors(self, asked: Iterable[str], came: set[str]) -> list[Cursor]:
        """Return the cursors that count who is missing, and forget the misses of who came."""
        cursors = []
        for identity in asked:
            scope = self._prefix + identity
            known = self._known.get(scope, {})
            before = known.get("misses", 0)
            if identity not in came:
                if schedule.is_older(known.get("asked_at"), _MISS_APART, self._as_of):
                    value = {"misses": before + 1, "asked_at": self._as_of.isoformat()}
                    cursors.append(Cursor(scope, value))
            elif before:
                cursors.append(Cursor(scope, {"misses": 0}))
        return cursors
