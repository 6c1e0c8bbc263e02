"""What YouTube's quota of the day was used for, and what the rest of it is planned for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from rich.console import Console
from rich.table import Table

from ingest.landing import Lander
from ingest.sources.youtube import back_fill as analytics
from ingest.sources.youtube import day_plan, reporting
from ingest.sources.youtube.config import DAILY_CALLS, YouTubeDataConfig
from ingest.sources.youtube.day_plan import ROWS_A_UNIT
from ingest.sources.youtube.quota import BUCKETS, read_usage
from ingest.sources.youtube.shares import fair_shares
from ingest.sources.youtube.state import DataState, connected_channels, read_holdings
from runner import warehouse_access as access
from runner.settings import Settings
from runner.wiring import daily_units
from warehouse.connection import connect
from warehouse.migrate import current_revision

_SHOWN_USERS = 10


@dataclass(frozen=True, slots=True)
class BucketUse:
    """The units of a bucket, or calls; `is_closed`: YouTube says that they are used up."""

    bucket: str
    used: int
    limit: int
    remaining: int
    is_closed: bool


@dataclass(frozen=True, slots=True)
class KindPlan:
    """The units that a kind of question needs: for what is due now, and until the reset."""

    kind: str
    due_now: float
    later: float


@dataclass(frozen=True, slots=True)
class UserShare:
    """The units that a user's channels and videos need until the reset, and may have."""

    user_id: str
    email: str | None
    wanted: float
    share: float


@dataclass(frozen=True, slots=True)
class QuotaReport:
    """The quota's day so far and the plan of its rest; `calls` are made for the owners."""

    now: datetime
    resets_at: datetime
    daily_units: int
    used: int
    remaining: int
    buckets: list[BucketUse]
    calls: list[BucketUse] = field(default_factory=list)
    plan: list[KindPlan] = field(default_factory=list)
    users: list[UserShare] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return the report as plain values."""
        instants = {"now": self.now.isoformat(), "resets_at": self.resets_at.isoformat()}
        return {**asdict(self), **instants}


def read_quota(settings: Settings, now: datetime) -> QuotaReport | None:
    """Return the report, None where there is no warehouse yet. Starts and changes nothing."""
    target = access.running_warehouse(settings)
    if target is None or not access.has_database(target) or current_revision(target) is None:
        return None
    with Lander(lambda: connect(target), None, lambda: now) as lander:
        return report(lander, daily_units(settings), now, settings.youtube_analytics_daily_calls)


def report(
    lander: Lander, budget: int, now: datetime, analytics_calls: int = DAILY_CALLS
) -> QuotaReport:
    """Return the quota's day as the warehouse's books tell it."""
    usage = read_usage(lander.query, now)
    channels = connected_channels(lander)
    config = YouTubeDataConfig("")
    plan = day_plan.plan_day(
        now,
        read_holdings(lander.query, channels, now),
        refresh_days=config.refresh_days,
        reconcile_days=config.reconcile_days,
    )
    due = _due_now(lander, channels, now)
    remaining = max(0, budget - usage.total)
    return QuotaReport(
        now=now,
        resets_at=usage.resets_at,
        daily_units=budget,
        used=usage.total,
        remaining=remaining,
        buckets=[
            BucketUse(
                bucket,
                used := usage.units.get(bucket, 0),
                limit,
                0 if bucket in usage.closed else max(0, limit - used),
                bucket in usage.closed,
            )
            for bucket, limit in BUCKETS.items()
        ],
        calls=[
            _calls(lander, now, "analytics", analytics.API, analytics_calls),
            _calls(lander, now, "reporting", reporting.API, reporting.DAILY_CALLS),
        ],
        plan=[
            KindPlan(kind, _units(sum(each[kind] for each in due.values())), _units(later))
            for kind, later in plan.by_kind().items()
        ],
        users=_shares(lander, plan.by_user(), due, remaining),
    )


def _calls(lander: Lander, now: datetime, name: str, api: str, limit: int) -> BucketUse:
    """Return the calls of the day to an API that counts calls, whatever they are for."""
    usage = read_usage(lander.query, now, api)
    is_closed = bool(usage.closed)
    left = 0 if is_closed else max(0, limit - usage.total)
    return BucketUse(name, usage.total, limit, left, is_closed)


def _due_now(
    lander: Lander, channels: Mapping[str, UUID], now: datetime
) -> dict[UUID, Counter[str]]:
    """Return the rows that are due at this moment, by user and kind."""
    state = DataState(lander, now, channels)
    due: dict[UUID, Counter[str]] = {user: Counter() for user in channels.values()}
    for channel in state.due_channels():
        due[channels[channel]][day_plan.CHANNEL_COUNTERS] += 1
    for unread in state.unread_videos():
        due[channels[unread.channel_id]][day_plan.NEW_VIDEOS] += 1
    for video in state.due_statistics():
        due[channels[video.channel_id]][day_plan.counters_kind(video.published_at, now)] += 1
    return due


def _shares(
    lander: Lander,
    later: Mapping[UUID, int],
    due: Mapping[UUID, Counter[str]],
    remaining: int,
) -> list[UserShare]:
    emails = dict(lander.query("select id::uuid, payload ->> 'email' from raw_platform.users"))
    wanted = {user: rows + due[user].total() for user, rows in later.items()}
    shares = fair_shares(remaining * ROWS_A_UNIT, wanted)
    return [
        UserShare(str(user), emails.get(user), _units(rows), _units(shares[user]))
        for user, rows in sorted(wanted.items(), key=lambda item: (-item[1], item[0]))
    ]


def _units(rows: int) -> float:
    return round(rows / ROWS_A_UNIT, 1)


def print_quota(console: Console, quota: QuotaReport | None) -> None:
    """Print the report for a person."""
    if quota is None:
        console.print("There is no warehouse here yet. Start it: ytempire up")
        return
    wait = quota.resets_at - quota.now
    console.print(
        f"YouTube Data API: {quota.used:,} of our {quota.daily_units:,} units a day are used, "
        f"{quota.remaining:,} remain. The day ends {quota.resets_at:%Y-%m-%d %H:%M} UTC, in "
        f"{wait.seconds // 3600} h {wait.seconds // 60 % 60} min.",
        highlight=False,
        soft_wrap=True,
    )
    for unit, uses in (("bucket", quota.buckets), ("owners' calls", quota.calls)):
        buckets = _table(unit, "used", "quota", "remaining")
        for each in uses:
            left = "closed by YouTube" if each.is_closed else f"{each.remaining:,}"
            buckets.add_row(each.bucket, f"{each.used:,}", f"{each.limit:,}", left)
        console.print(buckets)
    plan = _table("plan, in units", "due now", "until then")
    for kind in quota.plan:
        plan.add_row(kind.kind, f"{kind.due_now:,.1f}", f"{kind.later:,.1f}")
    now, later = (sum(getattr(kind, name) for kind in quota.plan) for name in ("due_now", "later"))
    plan.add_row("all", f"{now:,.1f}", f"{later:,.1f}")
    console.print(plan)
    users = _table("user", "wants", "may have")
    for user in quota.users[:_SHOWN_USERS]:
        users.add_row(user.email or user.user_id, f"{user.wanted:,.1f}", f"{user.share:,.1f}")
    if len(quota.users) > _SHOWN_USERS:
        rest = quota.users[_SHOWN_USERS:]
        wanted, share = (sum(getattr(user, name) for user in rest) for name in ("wanted", "share"))
        users.add_row(f"{len(rest)} more (see --json)", f"{wanted:,.1f}", f"{share:,.1f}")
    console.print(users)


def _table(first: str, *numbers: str) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column(first)
    for name in numbers:
        table.add_column(name, justify="right")
    return table
