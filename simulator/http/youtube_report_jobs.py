"""Which reports a job of the YouTube Reporting API has at an instant.

A job gives a report a channel and Pacific day, at first for the 30 days before it was created.
Now and then YouTube restates a day: a second report of it, created later. A report can be
downloaded for 60 days, one of the past (before the job, or restated) for 30.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from simulator.http.youtube_report_csv import REPORT_TYPES
from simulator.world.days import PACIFIC, pacific_date, to_instant, to_seconds
from simulator.world.model import Channel, World
from simulator.world.random_streams import digest, generator

HISTORY_DAYS = 30
_LIFE, _LIFE_OF_THE_PAST = timedelta(days=60), timedelta(days=30)
_WITHOUT_JOB = 12  # of so many channels one had no job created when it was connected


@dataclass(frozen=True, slots=True)
class Job:
    """A reporting job of a channel; its id tells when it was created (see `find_job`)."""

    job_id: str
    channel: Channel
    report_type: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Report:
    """A report of a job about a Pacific day."""

    report_id: str
    day: date
    created_at: datetime


def make_job(channel: Channel, report_type: str, created_at: datetime) -> Job:
    """Return the job that a channel has of a type from an instant on."""
    seconds = to_seconds(created_at)
    mark = digest(12, "job", channel.youtube_channel_id, report_type, seconds)
    identity = str(UUID(bytes=seconds.to_bytes(4, "big") + mark))
    return Job(identity, channel, report_type, to_instant(seconds))


def find_job(channel: Channel, job_id: str) -> Job | None:
    """Return the channel's job with that id, None where it is no id of a job of the channel.

    Jobs need not be kept: the id holds the instant, so that a job outlives the process.
    """
    try:
        created_at = to_instant(int.from_bytes(UUID(job_id).bytes[:4], "big"))
    except ValueError:
        return None
    jobs = (make_job(channel, report_type, created_at) for report_type in REPORT_TYPES)
    return next((job for job in jobs if job.job_id == job_id), None)


def first_jobs(channel: Channel) -> list[Job]:
    """Return the jobs that were created an hour after the channel was connected: all, or none."""
    if digest(1, "no job", channel.youtube_channel_id)[0] % _WITHOUT_JOB == 0:
        return []
    connected = channel.connected_at + timedelta(hours=1)
    return [make_job(channel, report_type, connected) for report_type in REPORT_TYPES]


def reports_of(world: World, job: Job) -> list[Report]:
    """Return the reports that can be downloaded at the world's instant, newest days first."""
    began = pacific_date(job.created_at)
    day = max(began - timedelta(days=HISTORY_DAYS), world.first_day)
    first_at = job.created_at + timedelta(hours=12 + digest(1, "first", job.job_id)[0] % 36)
    restated = _restatements(world, job.channel.youtube_channel_id)
    reports: list[Report] = []
    while day <= world.last_report_day:
        created_at = max(_told_at(day), first_at)
        life = _LIFE_OF_THE_PAST if day < began else _LIFE
        moments = [(created_at, life)]
        again = restated.get(day)
        if again is not None and again > created_at:
            moments.append((again, _LIFE_OF_THE_PAST))
        reports += [
            Report(_report_id(job, day, moment), day, moment)
            for moment, lives in moments
            if moment <= world.as_of < moment + lives
        ]
        day += timedelta(days=1)
    return reports[::-1]


def _report_id(job: Job, day: date, moment: datetime) -> str:
    number = int.from_bytes(digest(5, "report", job.job_id, day, to_seconds(moment)), "big")
    return str(10_000_000_000 + number)


def _told_at(day: date) -> datetime:
    """Return when a day is processed: as Analytics does, on the second day after it."""
    told_on = day + timedelta(days=2)
    hour = int(generator("analytics processing", told_on).integers(1, 15))
    return datetime.combine(told_on, time(hour), PACIFIC).astimezone(UTC)


def _restatements(world: World, youtube_channel_id: str) -> Mapping[date, datetime]:
    """Return when the days of a channel are restated, in a world that restates any."""
    tell = getattr(world, "restatements", None)
    found: Mapping[date, datetime] = {} if tell is None else tell(youtube_channel_id)
    return found
