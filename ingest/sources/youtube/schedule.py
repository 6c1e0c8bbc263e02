"""When something is due: the younger a video, the more often its counters are read.

A slot is a stretch of time counted from 1970. What was read since its present slot began is not
due, so that a second run right away finds nothing to do, and a run that comes late makes up for
it once.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

CHANNELS_EVERY = timedelta(minutes=15)
# Up to this age, this often; a budget of about 5,000 calls a day for 45,000 videos of 90 days.
STATISTICS_EVERY = (
    (timedelta(hours=72), timedelta(minutes=15)),
    (timedelta(days=7), timedelta(hours=1)),
    (timedelta(days=90), timedelta(days=1)),
)
OLDER_EVERY = timedelta(days=7)
UPLOADS_LOOKED_AT_EVERY = timedelta(days=1)
# Something that was missing from an answer is asked for again after an hour, from the third
# time on after a day.
PATIENT_MISSES = 3

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def slot_start(as_of: datetime, length: timedelta) -> datetime:
    """Return when the slot that `as_of` lies in began."""
    return as_of - (as_of - _EPOCH) % length


def statistics_every(published_at: datetime | None, as_of: datetime) -> timedelta:
    """Return how often the counters of a video are promised to be read."""
    if published_at is not None:
        for age, length in STATISTICS_EVERY:
            if as_of - published_at <= age:
                return length
    return OLDER_EVERY


def lateness(published_at: datetime | None, counted_at: datetime | None, as_of: datetime) -> float:
    """Return how long a video's counters wait, as a multiple of what is promised."""
    if counted_at is None:
        return math.inf
    return (as_of - counted_at) / statistics_every(published_at, as_of)


def is_older(instant: str | None, age: timedelta, as_of: datetime) -> bool:
    """Tell whether an instant, as a cursor holds it, is at least so long ago, or never was."""
    return instant is None or as_of - datetime.fromisoformat(instant) >= age
