"""Videos: when each is queued, made, uploaded and published, and what it is called.

A channel's plan is a set of columns (numpy arrays of seconds), because a large world holds
hundreds of thousands of videos; `Video` objects are made from it where they are asked for.
Every number is a function of the video's serial number, so a later instant only adds rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import md5
from uuid import UUID

import numpy as np
import numpy.typing as npt

from simulator.world.channels import ChannelTraits
from simulator.world.days import day_starts, pacific_midnight, to_instant, to_seconds
from simulator.world.generation import Attempts, attempts_of
from simulator.world.model import Video
from simulator.world.random_streams import Ints, Noise, VideoIds, stable_uuid

NEVER = 2**62
METHODS = ("ai_full", "ai_stock_footage", "ai_avatar", "template")
OWNER_METHOD = "owner_upload"  # made by the channel's owner; unknown to the platform

_SLOTS = 5  # at most so many videos a day
_OWNER_SERIAL = 1 << 31
_UPLOADING_SECONDS = 3_000

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class VideoPlan:
    """A channel's videos by columns, known at an instant, by publishing moment.

    Moments are seconds since 1970. `completed` is the end of the last attempt, good or bad.
    """

    serial: Ints
    queued: Ints
    completed: Ints
    uploaded: Ints
    published: Ints  # NEVER where every attempt failed
    deleted: Ints  # NEVER for nearly all
    duration: Ints
    is_owners: Bools
    attempts: Attempts

    def __len__(self) -> int:
        return len(self.serial)


def plan_videos(seed: int, traits: ChannelTraits, start: date, as_of: datetime) -> VideoPlan:
    """Return the plan of a channel, cut at what has been queued by `as_of`."""
    noise = Noise(seed, "videos", traits.number)
    serial, published = _schedule(noise, traits, start, as_of)
    lead = 3_600 * 5 + (noise.uniform("lead", serial) * 26 * 3_600).astype(np.int64)
    queued = published - lead
    made = queued <= to_seconds(as_of)
    made &= published >= to_seconds(pacific_midnight(start))
    made &= _in_spans(queued, traits)
    owners = _owner_uploads(noise, traits, start)
    serial = np.concatenate([owners[0], serial[made]])
    published = np.concatenate([owners[1], published[made]])
    queued = np.concatenate([owners[1], queued[made]])
    is_owners = serial >= _OWNER_SERIAL
    attempts = attempts_of(noise, serial, queued, ~is_owners)
    failed = attempts.failed_for_good
    completed = np.where(is_owners, queued, attempts.completed)
    early = (noise.uniform("upload", serial) * _UPLOADING_SECONDS).astype(np.int64)
    uploaded = np.maximum(published - 240 - early, completed + 30)
    uploaded = np.where(is_owners, published, uploaded)
    return VideoPlan(
        serial,
        queued,
        completed,
        np.where(failed, NEVER, uploaded),
        np.where(failed, NEVER, published),
        _deletions(noise, serial, published, failed | is_owners),
        _durations(noise, traits, serial),
        is_owners,
        attempts,
    )


def _schedule(
    noise: Noise, traits: ChannelTraits, start: date, as_of: datetime
) -> tuple[Ints, Ints]:
    """Return (serial numbers, publishing moments) of all slots until two days after `as_of`."""
    days = max((as_of.date() - start).days + 4, 1)
    first = start - timedelta(days=1)
    midnights = day_starts(first, days, traits.zone)[:-1]
    numbers = np.arange(days)
    weekdays = np.asarray(traits.weekdays)[(first.weekday() + numbers) % 7]
    counts = noise.round("videos a day", traits.rhythm * weekdays, numbers)
    day, slot = np.nonzero(np.arange(_SLOTS) < counts[:, None])
    serial = day.astype(np.int64) * _SLOTS + slot
    hours = np.asarray(traits.hours)[noise.integers("hour", 0, len(traits.hours), serial)]
    seconds = noise.integers("minute", 0, 3_600, serial)
    published = midnights[day] + hours * 3_600 + seconds
    order = np.lexsort((serial, published))
    return serial[order], published[order]


def _in_spans(moments: Ints, traits: ChannelTraits) -> Bools:
    inside = np.zeros(len(moments), dtype=np.bool_)
    for begin, end in traits.active:
        last = to_seconds(end) if end else NEVER
        inside |= (moments >= to_seconds(begin)) & (moments < last)
    return inside


def _owner_uploads(noise: Noise, traits: ChannelTraits, start: date) -> tuple[Ints, Ints]:
    """Return (serials, moments) of videos from before the platform, which some channels have."""
    count = int(noise.integers("owner uploads", -5, 6, 0)[0])
    since = to_seconds(traits.channel.published_at)
    until = min(to_seconds(traits.channel.connected_at), to_seconds(pacific_midnight(start)))
    if count <= 0 or since >= until:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    serial = _OWNER_SERIAL + np.arange(count, dtype=np.int64)
    share = np.sort(noise.uniform("owner upload", serial))
    return serial, since + (share * (until - since)).astype(np.int64)


def _deletions(noise: Noise, serial: Ints, published: Ints, spared: Bools) -> Ints:
    wait = 86_400 * 2 + noise.integers("deletion", 0, 86_400 * 40, serial)
    chosen = (noise.uniform("is deleted", serial) < 0.004) & ~spared
    return np.where(chosen, published + wait, NEVER)


def _durations(noise: Noise, traits: ChannelTraits, serial: Ints) -> Ints:
    """Return seconds: mostly the niche's usual length, one in seven a Short."""
    spread = np.exp(0.35 * noise.normal("length", serial))
    long = np.clip(traits.niche.minutes * 60 * spread, 75, 3_600).astype(np.int64)
    short = noise.integers("short", 18, 59, serial)
    return np.where(noise.uniform("is short", serial) < 0.14, short, long)


def platform_video_id(seed: int, channel_number: int, serial: int) -> UUID:
    """Return the platform's id of a video that it makes."""
    return stable_uuid(seed, "video", channel_number, serial)


def foreign_video_id(youtube_video_id: str) -> UUID:
    """Return the id that the marts give to a video which the platform did not make."""
    return UUID(md5(f"youtube:{youtube_video_id}".encode(), usedforsecurity=False).hexdigest())


def _ending(number: int, duration: int) -> str:
    """Return what some titles end with, so that not too many are the same."""
    if duration < 60:
        return " #shorts"
    kind, episode = number // 1_000 % 10, number // 10_000 % 180 + 1
    if kind < 3:
        return f" | Ep. {episode}"
    return f" (Part {episode % 9 + 1})" if kind == 3 else ""


class VideoMaker:
    """Makes the `Video` objects of a channel's plan, as they stand at an instant."""

    def __init__(self, seed: int, ids: VideoIds, as_of: datetime) -> None:
        self._seed, self._ids = seed, ids
        self._now = to_seconds(as_of)

    def make(self, traits: ChannelTraits, plan: VideoPlan) -> list[Video]:
        """Return the channel's videos, oldest first."""
        noise = Noise(self._seed, "video profiles", traits.number)
        # One row of numbers a video: template and words of the title, then single choices.
        words = (
            noise.words("choices", plan.serial[:, None], np.arange(8)) >> np.uint64(16)
        ).tolist()
        rows = zip(
            plan.serial.tolist(),
            plan.duration.tolist(),
            plan.queued.tolist(),
            np.where(plan.is_owners, plan.queued, plan.attempts.started[:, 0]).tolist(),
            plan.completed.tolist(),
            plan.uploaded.tolist(),
            plan.published.tolist(),
            plan.deleted.tolist(),
            plan.is_owners.tolist(),
            words,
            strict=True,
        )
        return [self._video(traits, *row) for row in rows]

    def _video(
        self,
        traits: ChannelTraits,
        serial: int,
        duration: int,
        queued: int,
        started: int,
        completed: int,
        uploaded: int,
        published: int,
        deleted: int,
        is_owners: bool,
        numbers: Sequence[int],
    ) -> Video:
        niche, now = traits.niche, self._now
        is_uploaded = uploaded <= now
        youtube_id = self._ids.encode(traits.number, serial)
        status, changed = self._status(queued, started, completed, uploaded, published, deleted)
        content = niche.content_types[numbers[5] % len(niche.content_types)]
        title = niche.title(numbers[:5]) + _ending(numbers[4], duration)
        tags = tuple(niche.tags[: 2 + numbers[6] % 4])
        succeeded = uploaded != NEVER and completed <= now
        return Video(
            foreign_video_id(youtube_id)
            if is_owners
            else platform_video_id(self._seed, traits.number, serial),
            traits.channel.youtube_channel_id,
            youtube_id if is_uploaded else None,
            title,
            f"{title}\n\n{content.capitalize()} video by {traits.channel.name}. #{niche.name}",
            tags,
            niche.category_id,
            content,
            OWNER_METHOD if is_owners else METHODS[min(numbers[7] % 6, 3)],
            duration,
            status,
            to_instant(queued),
            to_instant(started) if started <= now else None,
            to_instant(completed) if succeeded else None,
            to_instant(uploaded) if is_uploaded else None,
            to_instant(published) if published <= now else None,
            numbers[6] // 7 % 70 == 0,
            numbers[7] // 7 % 50 == 0,
            to_instant(changed),
        )

    def _status(
        self, queued: int, started: int, completed: int, uploaded: int, published: int, deleted: int
    ) -> tuple[str, int]:
        """Return the status at the instant and since when it holds."""
        now = self._now
        if deleted <= now:
            return "deleted", deleted
        if published <= now:
            return "published", published
        if uploaded <= now:
            return "uploading", uploaded
        if completed <= now:
            return ("failed" if uploaded == NEVER else "processing"), completed
        if started <= now:
            return "generating", started
        return "queued", queued
