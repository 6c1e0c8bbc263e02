"""What to ask the YouTube Reporting API for, channel by channel, decided from what was landed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from ingest.landing import Lander
from ingest.retrying import TIMEOUT_SECONDS, Backoff
from ingest.sources.youtube.bulk_reports import DEFAULT_TYPES
from ingest.sources.youtube.config import GOOGLE_TOKEN_URI
from ingest.sources.youtube.state import connected_channels
from ingest.streams import REPORTING_REPORTS

# No report that can still be downloaded is about a day longer ago: 30 days of history and 60 of
# life, and some days until it is made.
_OLDEST = timedelta(days=100)


@dataclass(frozen=True)
class YouTubeReportingConfig:
    """The Reporting API: bulk reports, with the refresh tokens that the platform keeps.

    `endpoint` None is the real service. Reports come once a day: their listing is asked for again
    after `listed_every`.
    """

    client_id: str
    client_secret: str = field(repr=False)
    token_uri: str = GOOGLE_TOKEN_URI
    endpoint: str | None = None
    platform_database_url: str = field(default="", repr=False)
    token_encryption_key: str = field(default="", repr=False)
    report_types: tuple[str, ...] = DEFAULT_TYPES
    listed_every: timedelta = timedelta(hours=6)
    threads: int = 4
    timeout_seconds: float = TIMEOUT_SECONDS
    backoff: Backoff = field(default_factory=Backoff)


@dataclass
class TypePlan:
    """A type of report to ask for: how far its listing was read, and which days are landed."""

    report_type: str
    cursor: Mapping[str, Any]
    known: dict[date, tuple[datetime, str]] = field(default_factory=dict)


@dataclass
class ReportingPlan:
    """What to ask about a channel."""

    channel_id: str
    user_id: UUID
    types: list[TypePlan] = field(default_factory=list)


def scope_of(channel_id: str, report_type: str) -> str:
    """Return the scope of the cursor of a channel's reports of a type."""
    return f"{channel_id}/{report_type}"


def plan_reporting(
    lander: Lander, as_of: datetime, config: YouTubeReportingConfig, *, is_back_fill: bool
) -> list[ReportingPlan]:
    """Return the channels whose reports are to be listed now."""
    cursors = lander.read_cursors(REPORTING_REPORTS)
    plans = []
    for channel, user in connected_channels(lander).items():
        plan = ReportingPlan(channel, user)
        for report_type in config.report_types:
            cursor = cursors.get(scope_of(channel, report_type), {})
            if is_back_fill or _is_due(cursor, as_of - config.listed_every):
                plan.types.append(TypePlan(report_type, cursor))
        if plan.types:
            plans.append(plan)
    _add_known(lander, plans, as_of)
    return plans


def _is_due(cursor: Mapping[str, Any], before: datetime) -> bool:
    listed_at = cursor.get("listed_at")
    return listed_at is None or datetime.fromisoformat(listed_at) <= before


def _add_known(lander: Lander, plans: Sequence[ReportingPlan], as_of: datetime) -> None:
    """Note which days have a report, and the newest one's instant."""
    by_key = {(plan.channel_id, each.report_type): each for plan in plans for each in plan.types}
    rows = lander.query(
        """
        select distinct on (channel_id, report_type_id, report_date)
            channel_id, report_type_id, report_date, created_at, report_id
        from raw_youtube.reporting_reports
        where channel_id = any(%s) and report_date > %s
        order by channel_id, report_type_id, report_date, created_at desc, report_id desc
        """,
        ([plan.channel_id for plan in plans], (as_of - _OLDEST).date()),
    )
    for channel, report_type, day, created_at, report_id in rows:
        if (channel, report_type) in by_key:
            by_key[channel, report_type].known[day] = (created_at, report_id)
