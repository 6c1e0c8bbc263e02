"""The platform's rows about making videos: jobs, their cost, tests of thumbnails."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import numpy as np

from simulator.platform.tables import Row, Table
from simulator.world.channels import ChannelTraits
from simulator.world.costs import COMPONENTS, PRICE_VERSION, RESOURCES, Ledger
from simulator.world.days import to_instant, to_seconds
from simulator.world.generation import STAGES, SUCCEEDED
from simulator.world.model import Video
from simulator.world.random_streams import Floats, Noise, digest, stable_uuid
from simulator.world.videos import VideoPlan

_ERRORS = (
    "language model answered with an empty script",
    "voice synthesis timed out after 120 s",
    "image provider refused the prompt (content policy)",
    "render worker ran out of GPU memory",
    "quality score below the threshold",
)
_STYLES = ("narrated", "talking head", "listicle", "documentary", "fast cuts")
_TESTED_SECONDS = 5 * 86_400  # a test of thumbnails ends so long after the publishing
_MICRO_PER_CENT = 10_000


@dataclass(frozen=True, slots=True)
class ChannelBatch:
    """A channel with all that the rows are made from; `videos` are in the plan's order."""

    seed: int
    now: datetime
    traits: ChannelTraits
    plan: VideoPlan
    videos: Sequence[Video]
    ledger: Ledger

    def job_id(self, serial: int, attempt: int) -> UUID:
        """Return the id of an attempt's job."""
        return stable_uuid(self.seed, "job", self.traits.number, serial, attempt)


def jobs_table(batches: Iterable[ChannelBatch]) -> Table:
    """Return the generation jobs: one for each attempt, failed ones included."""
    columns = (
        "job_id", "video_id", "channel_id", "priority", "topic", "style",
        "target_duration_seconds", "current_stage", "stages_completed", "stage_timings",
        "progress_percentage", "status", "error_message", "retry_count", "quality_score",
        "cpu_seconds_used", "gpu_seconds_used", "memory_mb_peak", "created_at", "started_at",
        "completed_at", "failed_at", "updated_at",
    )  # fmt: skip
    return Table(
        "video_generation_jobs", columns, (row for batch in batches for row in _jobs(batch))
    )


def _jobs(batch: ChannelBatch) -> Iterator[Row]:
    attempts, now = batch.plan.attempts, to_seconds(batch.now)
    draws = Noise(batch.seed, "jobs", batch.traits.number).uniform(
        "use", batch.plan.serial[:, None, None], np.arange(3)[:, None], np.arange(4)
    )
    for place, count in enumerate(attempts.count.tolist()):
        for attempt in range(count):
            created = int(attempts.created[place, attempt])
            if created > now:
                break
            job = _Job(
                created,
                int(attempts.started[place, attempt]),
                int(attempts.failed_stage[place, attempt]),
                attempts.stage_ends[place, attempt].tolist(),
                now,
            )
            yield _job_row(batch, place, attempt, job, draws[place, attempt])


@dataclass(frozen=True, slots=True)
class _Job:
    """An attempt as it stands at `now`; moments in seconds."""

    created: int
    started: int
    failed_stage: int
    stage_ends: Sequence[int]
    now: int

    @property
    def done(self) -> int:
        """Return how many stages are completed."""
        ended = sum(end <= self.now for end in self.stage_ends)
        return min(ended, self.failed_stage)

    @property
    def ended(self) -> int | None:
        """Return when the attempt ended; None while it runs or waits."""
        end = self.stage_ends[-1]
        return end if end <= self.now else None

    @property
    def status(self) -> str:
        """Return the status by the platform's words."""
        if self.ended is not None:
            return "completed" if self.failed_stage == SUCCEEDED else "failed"
        return "processing" if self.started <= self.now else "pending"

    @property
    def updated(self) -> int:
        """Return the last moment at which anything of it changed."""
        moments = (self.created, self.started, *self.stage_ends)
        return max(moment for moment in moments if moment <= self.now)

    def timings(self) -> dict[str, int]:
        """Return the seconds that each completed stage took."""
        begins = (self.started, *self.stage_ends)
        return {STAGES[stage]: self.stage_ends[stage] - begins[stage] for stage in range(self.done)}


def _job_row(batch: ChannelBatch, place: int, attempt: int, job: _Job, draws: Floats) -> Row:
    video, serial = batch.videos[place], int(batch.plan.serial[place])
    status, ended, done = job.status, job.ended, job.done
    busy = max((ended or job.now) - job.started, 0)
    quality, cpu, gpu, memory = draws.tolist()
    failed = status == "failed"
    return (
        batch.job_id(serial, attempt),
        video.platform_video_id,
        batch.traits.channel.platform_channel_id,
        3 + attempt + serial % 4,
        video.title,
        _STYLES[serial % len(_STYLES)],
        video.duration_seconds,
        STAGES[min(done, len(STAGES) - 1)],
        json.dumps(STAGES[:done]),
        json.dumps(job.timings()),
        100 if status == "completed" else done * 100 // len(STAGES),
        status,
        _ERRORS[job.failed_stage] if failed else None,
        attempt,
        round(62 + 36 * quality, 2) if status == "completed" else None,
        round(busy * (1.2 + cpu), 2) if ended else None,
        round(busy * (0.3 + 0.4 * gpu), 2) if ended and done >= 2 else None,
        int(3_000 + 9_000 * memory) if ended else None,
        to_instant(job.created),
        to_instant(job.started) if job.started <= job.now else None,
        to_instant(ended) if ended and not failed else None,
        to_instant(ended) if ended and failed else None,
        to_instant(job.updated),
    )


def ledger_table(batches: Iterable[ChannelBatch]) -> Table:
    """Return the call ledger: an entry for each paid call or metered resource of an attempt."""
    columns = (
        "entry_id", "user_id", "channel_id", "video_id", "job_id", "component",
        "provider_request_id", "model", "units", "unit", "price_version", "cost_usd",
        "occurred_at", "created_at", "updated_at",
    )  # fmt: skip
    return Table("cost_ledger", columns, (row for batch in batches for row in _entries(batch)))


def _entries(batch: ChannelBatch) -> Iterator[Row]:
    channel, ledger = batch.traits.channel, batch.ledger
    serials = batch.plan.serial.tolist()
    jobs: dict[tuple[int, int], UUID] = {}
    for place, attempt, index, parts, micro, occurred in zip(
        ledger.place.tolist(),
        ledger.attempt.tolist(),
        ledger.resource.tolist(),
        ledger.parts.tolist(),
        ledger.micro_usd.tolist(),
        ledger.occurred.tolist(),
        strict=True,
    ):
        job = jobs.get((place, attempt))
        if job is None:
            job = jobs[place, attempt] = batch.job_id(serials[place], attempt)
        resource = RESOURCES[index]
        name = digest(16, batch.seed, "entry", job.hex, index)
        moment = to_instant(occurred)
        yield (
            UUID(bytes=name, version=4),
            channel.user_id,
            channel.platform_channel_id,
            batch.videos[place].platform_video_id,
            job,
            resource.component,
            "req_" + name.hex() if resource.is_call else None,
            resource.model,
            Decimal(parts) / resource.unit_parts,
            resource.unit,
            PRICE_VERSION,
            Decimal(micro).scaleb(-6),
            moment,
            moment,
            moment,
        )


def video_costs_table(batches: Iterable[ChannelBatch]) -> Table:
    """Return the cost sheet: whole cents by component of each video whose last attempt is over."""
    cents = tuple(f"{component}_cost_cents" for component in COMPONENTS)
    columns = ("cost_id", "video_id", *cents, "created_at", "updated_at")
    return Table("video_costs", columns, (row for batch in batches for row in _sheets(batch)))


def _sheets(batch: ChannelBatch) -> Iterator[Row]:
    plan, now = batch.plan, to_seconds(batch.now)
    micro = batch.ledger.cost_by_component(len(plan))
    cents = ((micro + _MICRO_PER_CENT // 2) // _MICRO_PER_CENT).tolist()
    for place in np.flatnonzero((plan.attempts.count > 0) & (plan.completed <= now)).tolist():
        moment = to_instant(int(plan.completed[place]))
        video_id = batch.videos[place].platform_video_id
        cost_id = stable_uuid(batch.seed, "cost", video_id)
        yield (cost_id, video_id, *cents[place], moment, moment)


def thumbnails_table(batches: Iterable[tuple[ChannelBatch, Floats]]) -> Table:
    """Return the tests of thumbnails, counted once a day.

    Beside each batch: the views that its videos are expected to have at `counted_until`.
    """
    columns = (
        "thumbnail_id", "video_id", "variant", "impressions", "clicks", "is_active", "created_at",
        "updated_at",
    )  # fmt: skip
    rows = (row for batch, views in batches for row in _thumbnails(batch, views))
    return Table("thumbnails", columns, rows)


def counted_until(batch: ChannelBatch) -> np.typing.NDArray[np.int64]:
    """Return, by video, until when its thumbnails are counted: midnight, or the test's end."""
    now = to_seconds(batch.now)
    midnight = now - now % 86_400
    ends = np.minimum(batch.plan.published, now * 2) + _TESTED_SECONDS
    return np.asarray(np.where(ends <= now, ends, midnight), dtype=np.int64)


def _thumbnails(batch: ChannelBatch, views: Floats) -> Iterator[Row]:
    plan, now = batch.plan, to_seconds(batch.now)
    noise = Noise(batch.seed, "thumbnails", batch.traits.number)
    chosen = (noise.uniform("tested", plan.serial) < 0.5) & ~plan.is_owners
    rates = 0.03 + 0.05 * noise.uniform("rate", plan.serial)[:, None]
    rates = rates * np.exp(0.2 * noise.normal("lift", plan.serial[:, None], np.arange(2)))
    until = counted_until(batch)
    for place in np.flatnonzero(chosen & (plan.published <= now)).tolist():
        video, created = batch.videos[place], int(plan.uploaded[place])
        counted = max(int(until[place]), created)
        over = int(plan.published[place]) + _TESTED_SECONDS <= now
        winner = int(rates[place].argmax())
        for variant, rate in enumerate(rates[place].tolist()):
            impressions = int(views[place] / (rates[place].mean() * 2))
            yield (
                stable_uuid(batch.seed, "thumbnail", video.platform_video_id, variant),
                video.platform_video_id,
                "AB"[variant],
                impressions,
                int(impressions * rate),
                not over or variant == winner,
                to_instant(created),
                to_instant(counted),
            )
