"""What the rest of the quota's day will ask for, by user and by kind.

Amounts are in rows: a call takes fifty channels or videos of any users and costs one unit, so that
a row costs a fiftieth. A page of a playlist is a call of its own and costs fifty.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from ingest.sources.youtube import schedule
from ingest.sources.youtube.failures import next_pacific_midnight

ROWS_A_UNIT = 50
UNFILLED_A_RUN = 2
DAY = timedelta(days=1)

CHANNEL_COUNTERS = "channels"
UPLOADS = "uploads"
NEW_VIDEOS = "new videos"
METADATA = "metadata"
# The counters of videos, by age; in the order of the schedule.
COUNTERS = ("videos to 72 hours", "videos to 7 days", "videos to 90 days", "older videos")
KINDS = (CHANNEL_COUNTERS, UPLOADS, NEW_VIDEOS, METADATA, *COUNTERS)


@dataclass(frozen=True, slots=True)
class Holdings:
    """What a user has: channels, videos by age as the schedule bands it, those of the last day."""

    user_id: UUID
    channels: int
    videos: tuple[int, int, int, int]
    published_last_day: int


@dataclass(frozen=True, slots=True)
class DayPlan:
    """The rows of each user and kind that become due after `start` and before `end`.

    `counters_at_once` are a user's rows if all counters were due at this moment, too; `waste` are
    the rows that the last call of each kind and run is not filled with.
    """

    start: datetime
    end: datetime
    rows: Mapping[UUID, Mapping[str, int]]
    counters_at_once: Mapping[UUID, int]
    waste: int

    def by_user(self) -> dict[UUID, int]:
        """Return each user's rows of all kinds."""
        return {user: sum(kinds.values()) for user, kinds in self.rows.items()}

    def by_kind(self) -> dict[str, int]:
        """Return the rows of all users by kind."""
        return {kind: sum(rows[kind] for rows in self.rows.values()) for kind in KINDS}

    @property
    def at_most(self) -> int:
        """Return the rows if all counters were due at this moment, too."""
        return sum(self.by_user().values()) + sum(self.counters_at_once.values()) + self.waste


def plan_day(
    as_of: datetime, holdings: Iterable[Holdings], *, refresh_days: int, reconcile_days: int
) -> DayPlan:
    """Return what will become due until midnight in California.

    New videos are expected at the pace of the last 24 hours.
    """
    end = next_pacific_midnight(as_of)
    held = list(holdings)
    return DayPlan(
        as_of,
        end,
        {each.user_id: _rows(each, as_of, end, refresh_days, reconcile_days) for each in held},
        {each.user_id: sum(each.videos) for each in held},
        waste=slots_between(as_of, end, schedule.CHANNELS_EVERY) * UNFILLED_A_RUN * ROWS_A_UNIT,
    )


def _rows(
    held: Holdings, as_of: datetime, end: datetime, refresh_days: int, reconcile_days: int
) -> dict[str, int]:
    share_of_day = (end - as_of) / DAY
    new = held.published_last_day * share_of_day
    total = sum(held.videos)
    # Each new video moves its channel's count; besides, each list is looked at daily and, once in
    # a while, read to its end.
    pages = new + share_of_day * (held.channels + total / ROWS_A_UNIT / reconcile_days)
    lengths = [length for _, length in schedule.STATISTICS_EVERY] + [schedule.OLDER_EVERY]
    return {
        CHANNEL_COUNTERS: held.channels * slots_between(as_of, end, schedule.CHANNELS_EVERY),
        UPLOADS: round(pages * ROWS_A_UNIT),
        NEW_VIDEOS: round(new),
        METADATA: round(total * share_of_day / refresh_days),
        **{
            kind: videos * slots_between(as_of, end, length)
            for kind, videos, length in zip(COUNTERS, held.videos, lengths, strict=True)
        },
    }


def counters_kind(published_at: datetime | None, as_of: datetime) -> str:
    """Return the kind that a video's counters belong to."""
    for (age, _), kind in zip(schedule.STATISTICS_EVERY, COUNTERS, strict=False):
        if published_at is not None and as_of - published_at <= age:
            return kind
    return COUNTERS[-1]


def slots_between(start: datetime, end: datetime, length: timedelta) -> int:
    """Return how many slots begin after `start` and before `end`."""
    last = schedule.slot_start(end - timedelta(microseconds=1), length)
    return max(0, (last - schedule.slot_start(start, length)) // length)
