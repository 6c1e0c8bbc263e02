"""What is expected of the rows of the platform's own database."""

from __future__ import annotations

from validation.expectations import (
    Expectation,
    Figure,
    Kind,
    Suite,
    between,
    not_in_future,
    not_negative,
    numbers,
    wholes,
)


def _instants(*paths: str) -> tuple[Figure, ...]:
    return tuple(Figure(path, Kind.INSTANT, is_required=False) for path in paths)


def _uuids(*paths: str, is_required: bool = True) -> tuple[Figure, ...]:
    return tuple(Figure(path, Kind.UUID, is_required) for path in paths)


def _platform(table: str, figures: tuple[Figure, ...], *expectations: Expectation) -> Suite:
    return Suite(f"raw_platform.{table}", ("id",), figures, expectations)


SUITES = (
    _platform(
        "users",
        (
            *_uuids("user_id"),
            *_instants("created_at"),
            *numbers("target_revenue", is_required=False),
        ),
        not_in_future("created_at"),
        not_negative("target_revenue"),
    ),
    _platform(
        "channels",
        (
            *_uuids("channel_id", "user_id"),
            *_instants("created_at"),
            Figure("youtube_channel_id", Kind.TEXT, is_required=False),
        ),
        not_in_future("created_at"),
        Expectation(
            "channel ids are YouTube's",
            "youtube_channel_id !~ '^UC[A-Za-z0-9_-]+$'",
            is_critical=False,
            advice="Correct the id in the platform: YouTube answers nothing for such a channel.",
        ),
    ),
    _platform(
        "videos",
        (
            *_uuids("video_id", "channel_id"),
            *_instants("created_at", "published_at"),
            *wholes("duration_seconds", is_required=False),
        ),
        not_in_future("created_at", "published_at"),
        not_negative("duration_seconds"),
    ),
    _platform(
        "video_generation_jobs",
        (
            *_uuids("job_id", "video_id"),
            *_instants("created_at"),
            *wholes("retry_count", is_required=False),
            *numbers("progress_percentage", "quality_score", is_required=False),
        ),
        not_in_future("created_at"),
        not_negative("retry_count"),
        between("progress_percentage", 0, 100, "progress is a percentage", is_critical=False),
        between("quality_score", 0, 100, "quality scores lie in 0 to 100", is_critical=False),
    ),
    _platform(
        "cost_ledger",
        (
            *_uuids("entry_id"),
            *_uuids("video_id", is_required=False),
            *numbers("cost_usd"),
            *_instants("occurred_at"),
            Figure("component", Kind.TEXT),
        ),
        not_in_future("occurred_at"),
        Expectation(
            "costs are not negative",
            "cost_usd < 0",
            advice="A video's cost is the exact sum of the ledger: correct these entries there.",
        ),
        between("cost_usd", 0, 1_000, "the cost of a call is sane", is_critical=False),
    ),
    _platform(
        "video_costs",
        (*_uuids("video_id"), *wholes("total_cost_cents")),
        not_negative("total_cost_cents"),
    ),
    _platform(
        "thumbnails",
        (*_uuids("video_id"), *wholes("clicks", "impressions", is_required=False)),
        not_negative("clicks", "impressions"),
        Expectation(
            "the click-through rate lies between 0 and 1",
            "clicks > impressions",
            advice="There cannot be more clicks than impressions: correct the platform's counts.",
        ),
    ),
    _platform(
        "api_logs",
        (
            *_instants("occurred_at"),
            *wholes("status_code", "response_time_ms", is_required=False),
        ),
        not_in_future("occurred_at"),
        not_negative("response_time_ms"),
        between("status_code", 100, 599, "status codes are HTTP's", is_critical=False),
    ),
    _platform("error_logs", _instants("occurred_at"), not_in_future("occurred_at")),
    _platform(
        "system_metrics",
        (
            *_instants("recorded_at"),
            *numbers("cpu_usage", "memory_usage", "gpu_usage", is_required=False),
            *wholes("queue_depth", is_required=False),
        ),
        not_in_future("recorded_at"),
        not_negative("cpu_usage", "memory_usage", "gpu_usage", "queue_depth"),
        between("cpu_usage", 0, 100, "use of the processor is a percentage", is_critical=False),
        between("memory_usage", 0, 100, "use of memory is a percentage", is_critical=False),
    ),
    Suite(
        "raw_platform.deletions",
        ("table_name", "id"),
        expectations=(not_in_future("noticed_at"),),
        columns=(("noticed_at", "noticed_at"),),
    ),
)
