"""The streams that are landed: one raw table each, its key, and how its rows are written.

The tables themselves are made by `warehouse/migrations`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Write(Enum):
    """How rows of a stream meet those that are there already."""

    MERGE = "merge"
    """Entities: a row replaces the one with its key, where its payload differs."""

    APPEND = "append"
    """Snapshots: a row is added; one with its key that is there already stays as it is."""

    REPLACE = "replace"
    """Report partitions: the rows given are all there are in the partition; others go."""


@dataclass(frozen=True, slots=True)
class Column:
    """A typed column of a raw table beside its payload."""

    name: str
    type: str  # PostgreSQL's name of the type
    is_key: bool = True


@dataclass(frozen=True, slots=True)
class Stream:
    """One raw table. `columns` stand before the payload, in the order in which rows give them."""

    source: str
    name: str
    table: str
    columns: tuple[Column, ...]
    write: Write
    partition_column: str | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        """Return the names of the key's columns."""
        return tuple(column.name for column in self.columns if column.is_key)


def _text(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, "text") for name in names)


_REPORT_DATE = Column("report_date", "date")
_CAPTURED_AT = Column("captured_at", "timestamptz")

CHANNELS = Stream(
    "youtube_data", "channels", "raw_youtube.channels", _text("channel_id"), Write.MERGE
)
CHANNEL_SNAPSHOTS = Stream(
    "youtube_data",
    "channel_snapshots",
    "raw_youtube.channel_snapshots",
    (*_text("channel_id"), _CAPTURED_AT),
    Write.APPEND,
    partition_column="captured_at",
)
PLAYLIST_ITEMS = Stream(
    "youtube_data",
    "playlist_items",
    "raw_youtube.playlist_items",
    _text("channel_id", "video_id"),
    Write.MERGE,
)
VIDEOS = Stream(
    "youtube_data",
    "videos",
    "raw_youtube.videos",
    (*_text("video_id"), Column("channel_id", "text", is_key=False)),
    Write.MERGE,
)
VIDEO_SNAPSHOTS = Stream(
    "youtube_data",
    "video_snapshots",
    "raw_youtube.video_snapshots",
    (*_text("video_id"), _CAPTURED_AT),
    Write.APPEND,
    partition_column="captured_at",
)


def _channel_report(name: str) -> Stream:
    return Stream(
        "youtube_analytics",
        name,
        f"raw_youtube.{name}",
        (*_text("channel_id"), _REPORT_DATE),
        Write.REPLACE,
    )


def _video_report(name: str) -> Stream:
    return Stream(
        "youtube_analytics",
        name,
        f"raw_youtube.{name}",
        (*_text("channel_id"), _REPORT_DATE, *_text("video_id")),
        Write.REPLACE,
        partition_column="report_date",
    )


CHANNEL_DAY_CORE = _channel_report("channel_day_core")
CHANNEL_DAY_REVENUE = _channel_report("channel_day_revenue")
VIDEO_DAY_CORE = _video_report("video_day_core")
VIDEO_DAY_REVENUE = _video_report("video_day_revenue")


def _channel_breakdown(name: str) -> Stream:
    return Stream(
        "youtube_analytics",
        name,
        f"raw_youtube.{name}",
        (*_text("channel_id"), _REPORT_DATE, *_text("part")),
        Write.REPLACE,
        partition_column="report_date",
    )


CHANNEL_DAY_COUNTRY = _channel_breakdown("channel_day_country")
CHANNEL_DAY_DEVICE = _channel_breakdown("channel_day_device")
CHANNEL_DAY_OPERATING_SYSTEM = _channel_breakdown("channel_day_operating_system")
CHANNEL_DAY_TRAFFIC_SOURCE = _channel_breakdown("channel_day_traffic_source")
CHANNEL_MONTH_DEMOGRAPHICS = Stream(
    "youtube_analytics",
    "channel_month_demographics",
    "raw_youtube.channel_month_demographics",
    (*_text("channel_id"), Column("report_month", "date"), *_text("part")),
    Write.REPLACE,
)
VIDEO_RETENTION = Stream(
    "youtube_analytics",
    "video_retention",
    "raw_youtube.video_retention",
    (*_text("channel_id", "video_id"), Column("elapsed_ratio", "numeric")),
    Write.REPLACE,
)


def _billing(name: str) -> Stream:
    columns = (*_text("id"), Column("created_at", "timestamptz", is_key=False))
    return Stream("stripe", name, f"raw_billing.{name}", columns, Write.MERGE)


STRIPE_CUSTOMERS = _billing("customers")
STRIPE_PRODUCTS = _billing("products")
STRIPE_PRICES = _billing("prices")
STRIPE_SUBSCRIPTIONS = _billing("subscriptions")
STRIPE_INVOICES = _billing("invoices")
STRIPE_REFUNDS = _billing("refunds")
STRIPE_EVENTS = _billing("events")

OPENAI_COSTS = Stream(
    "openai",
    "openai_costs",
    "raw_costs.openai_costs",
    (Column("bucket_date", "date"), *_text("project_id", "line_item")),
    Write.REPLACE,
)
ELEVENLABS_USAGE = Stream(
    "elevenlabs",
    "elevenlabs_usage",
    "raw_costs.elevenlabs_usage",
    (Column("usage_date", "date"), *_text("product")),
    Write.REPLACE,
)
EXPENSES = Stream(
    "expenses",
    "expenses",
    "raw_costs.expenses",
    (*_text("file_name"), Column("line_number", "int4"), Column("expense_date", "date", False)),
    Write.REPLACE,
)
INFRASTRUCTURE_COSTS = Stream(
    "infrastructure",
    "infrastructure_costs",
    "raw_costs.infrastructure_costs",
    (*_text("file_name"), Column("line_number", "int4"), Column("cost_date", "date", False)),
    Write.REPLACE,
)

PLATFORM_TABLES = (
    "users",
    "channels",
    "videos",
    "video_generation_jobs",
    "cost_ledger",
    "video_costs",
    "thumbnails",
    "api_logs",
    "error_logs",
    "system_metrics",
)

PLATFORM_DELETIONS = Stream(
    "platform",
    "deletions",
    "raw_platform.deletions",
    (*_text("table_name", "id"), Column("noticed_at", "timestamptz", is_key=False)),
    Write.MERGE,
)


def platform_stream(table: str) -> Stream:
    """Return the stream of a table of the platform database."""
    columns = (*_text("id"), Column("updated_at", "timestamptz", is_key=False))
    return Stream("platform", table, f"raw_platform.{table}", columns, Write.MERGE)


REPORTING_JOBS = Stream(
    "youtube_reporting",
    "reporting_jobs",
    "raw_youtube.reporting_jobs",
    (
        *_text("job_id"),
        Column("channel_id", "text", False),
        Column("report_type_id", "text", False),
    ),
    Write.MERGE,
)
REPORTING_REPORTS = Stream(
    "youtube_reporting",
    "reporting_reports",
    "raw_youtube.reporting_reports",
    (
        *_text("report_id"),
        *(Column(name, "text", False) for name in ("job_id", "channel_id", "report_type_id")),
        Column("report_date", "date", False),
        Column("created_at", "timestamptz", False),
    ),
    Write.MERGE,
)


def _bulk_report(name: str) -> Stream:
    return Stream(
        "youtube_reporting",
        name,
        f"raw_youtube.{name}",
        (*_text("channel_id"), _REPORT_DATE, Column("line_number", "int4")),
        Write.REPLACE,
        partition_column="report_date",
    )


REPORTING_REACH_BASIC = _bulk_report("reporting_reach_basic")
REPORTING_BASIC = _bulk_report("reporting_basic")
REPORTING_TRAFFIC_SOURCE = _bulk_report("reporting_traffic_source")
REPORTING_DEVICE_OS = _bulk_report("reporting_device_os")
