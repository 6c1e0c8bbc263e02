"""The key figures that a summary shows, read from the marts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from psycopg.rows import class_row

from warehouse.connection import WarehouseTarget, connect


@dataclass(frozen=True, slots=True)
class Overview:
    """The row of `executive_overview`, as far as it is shown."""

    total_mrr: Decimal | None
    last_month_mrr_growth_rate: Decimal | None
    active_users: int
    paying_users: int
    active_channels: int
    videos_today: int
    revenue_30d_usd: Decimal | None
    cost_30d_usd: Decimal | None
    average_cost_per_video_30d_usd: Decimal | None
    share_of_videos_at_target_cost_30d: Decimal | None
    last_report_date: date | None


@dataclass(frozen=True, slots=True)
class TopChannel:
    """A row of `channel_performance`, as far as it is shown."""

    channel_name: str
    niche: str
    performance_tier: str
    views_30d: int
    revenue_30d_usd: Decimal | None
    revenue_growth_30d: Decimal | None


@dataclass(frozen=True, slots=True)
class KeyFigures:
    """What the platform looks like as of the build."""

    overview: Overview | None
    top_channels: tuple[TopChannel, ...]


def read_key_figures(target: WarehouseTarget, channels: int = 5) -> KeyFigures:
    """Return the key figures of the built marts, with the `channels` best by 30-day revenue."""
    with connect(target, application_name="ytempire-figures") as connection:
        with connection.cursor(row_factory=class_row(Overview)) as cursor:
            overview = cursor.execute(_select(Overview, "executive_overview")).fetchone()
        with connection.cursor(row_factory=class_row(TopChannel)) as cursor:
            top = cursor.execute(
                _select(TopChannel, "channel_performance")
                + " order by revenue_30d_usd desc nulls last, channel_id limit %s",
                (channels,),
            ).fetchall()
    return KeyFigures(overview, tuple(top))


def _select(row: type[Overview] | type[TopChannel], mart: str) -> str:
    return f"select {', '.join(row.__dataclass_fields__)} from marts.{mart}"
