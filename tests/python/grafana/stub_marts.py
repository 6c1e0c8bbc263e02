"""The marts that dashboards read, as empty tables of the same columns, and rows for some of them.

They let a panel's SQL be tried in the states a new installation goes through: nothing built yet,
a single row with everything unknown that may be, and a filled warehouse. The marts of `DDL` get
rows; all others are there as their contract promises them, and stay empty.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import yaml

AS_OF = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)

DDL = """
create schema marts;
create table marts.executive_overview (
    as_of timestamptz primary key, total_mrr numeric(18, 2), last_month_mrr_growth_rate numeric,
    active_users bigint, paying_users bigint, active_channels bigint, videos_today bigint,
    videos_7d bigint, revenue_30d_usd numeric(18, 6), revenue_month_to_date_usd numeric(18, 6),
    cost_30d_usd numeric(18, 6), average_cost_per_video_30d_usd numeric,
    share_of_videos_at_target_cost_30d numeric, last_report_date date, last_loaded_at timestamptz
);
create table marts.mrr_monthly (
    month_start date primary key, base_mrr numeric(18, 2), overage_mrr numeric(18, 2),
    total_mrr numeric(18, 2), new_mrr numeric(18, 2), expansion_mrr numeric(18, 2),
    contraction_mrr numeric(18, 2), churned_mrr numeric(18, 2), reactivation_mrr numeric(18, 2)
);
create table marts.platform_days (
    date_day date primary key, revenue_usd numeric(18, 6), cost_usd numeric(18, 6)
);
create table marts.channel_performance (
    user_id uuid, channel_id uuid, channel_name text, youtube_channel_id text,
    revenue_30d_usd numeric(18, 6), performance_tier text, last_report_date date,
    primary key (user_id, channel_id)
);
create table marts.fct_video_costs (
    user_id uuid, video_id uuid, cost_date date, component text, cost_usd numeric(18, 6),
    primary key (user_id, video_id, cost_date, component)
);
create table marts.video_performance (
    user_id uuid, video_id uuid, channel_id uuid, youtube_video_id text, title text,
    published_at timestamptz, views bigint, latest_day_views bigint,
    view_velocity_per_hour numeric, engagement_rate numeric, revenue_usd numeric(18, 6),
    cost_usd numeric(18, 6), performance_tier text, primary key (user_id, video_id)
);
create schema raw_platform;
create table raw_platform.users (id text primary key, payload jsonb);
"""

_TIERS = ("elite", "growth", "established", "developing", "struggling")
_NICHES = ("Finance", "Cooking", "Physics", "Chess", "Travel")
_VIDEO_TIERS = ("top_10_percent", "top_25_percent", "above_average", "below_average", None)
_COMPONENTS = {
    "openai": 0.62,
    "elevenlabs": 0.71,
    "stability_ai": 0.12,
    "pexels": 0.22,
    "other_api": 0.31,
    "gpu_compute": 0.44,
    "cpu_compute": 0.14,
    "storage": 0.06,
    "bandwidth": 0.08,
}


FILLED = frozenset(re.findall(r"create table (marts\.\w+)", DDL))
"""The marts that have rows in the states "one row" and "filled"."""
MODELS = Path(__file__).parents[3] / "models" / "marts"


def contract() -> dict[str, dict[str, str]]:
    """Read each mart's columns and their types from the dbt project."""
    promised = {}
    for path in MODELS.rglob("_*__models.yml"):
        for model in yaml.safe_load(path.read_text(encoding="utf-8")).get("models") or []:
            columns = model.get("columns") or []
            promised[model["name"]] = {c["name"]: str(c.get("data_type")) for c in columns}
    return promised


def create(connection: psycopg.Connection[Any]) -> None:
    """Create the tables, empty."""
    connection.execute(DDL)
    for name, columns in contract().items():
        if f"marts.{name}" not in FILLED:
            listed = ", ".join(f"{column} {kind}" for column, kind in columns.items())
            connection.execute(f"create table marts.{name} ({listed})".encode())


def fill_with_one_row(connection: psycopg.Connection[Any]) -> None:
    """Give every table a row whose every value is unknown unless its key, within the range."""
    _insert(connection, "executive_overview", {"as_of": AS_OF})
    _insert(connection, "mrr_monthly", {"month_start": date(2026, 11, 1)})
    _insert(connection, "platform_days", {"date_day": AS_OF.date()})
    keys = {"user_id": UUID(int=1), "channel_id": UUID(int=1)}
    _insert(connection, "channel_performance", keys)
    cost = {"user_id": UUID(int=1), "video_id": UUID(int=1), "cost_date": AS_OF.date()}
    _insert(connection, "fct_video_costs", {**cost, "component": "a_new_one"})
    video = {"user_id": UUID(int=1), "video_id": UUID(int=1), "published_at": AS_OF}
    _insert(connection, "video_performance", video)


def fill(connection: psycopg.Connection[Any]) -> None:
    """Give every table rows such as a small platform of fifteen months would have."""
    _insert(connection, "executive_overview", _overview())
    for back in range(15):
        _insert(connection, "mrr_monthly", _month(14 - back, back))
    for back in range(60):
        _insert(connection, "platform_days", _day(AS_OF.date() - timedelta(days=back), back))
    for number in range(25):
        _insert(connection, "channel_performance", _channel(number))
    for number in range(60):
        _insert(connection, "video_performance", _video(number))
        for component, cost in _COMPONENTS.items():
            _insert(connection, "fct_video_costs", _cost(number, component, cost))


def _insert(connection: psycopg.Connection[Any], table: str, row: dict[str, Any]) -> None:
    columns, places = ", ".join(row), ", ".join(f"%({name})s" for name in row)
    connection.execute(f"insert into marts.{table} ({columns}) values ({places})".encode(), row)


def _overview() -> dict[str, Any]:
    return {
        "as_of": AS_OF,
        "total_mrr": 58_213.50,
        "last_month_mrr_growth_rate": 0.083,
        "active_users": 47,
        "paying_users": 38,
        "active_channels": 231,
        "videos_today": 412,
        "videos_7d": 3_388,
        "revenue_30d_usd": 402_118.75,
        "revenue_month_to_date_usd": 261_950.10,
        "cost_30d_usd": 39_012.4,
        "average_cost_per_video_30d_usd": 2.691,
        "share_of_videos_at_target_cost_30d": 0.874,
        "last_report_date": date(2026, 11, 17),
        "last_loaded_at": AS_OF,
    }


def _month(number: int, back: int) -> dict[str, Any]:
    months = 2026 * 12 + 10 - back
    base = 9_000 + 3_300 * number
    lost = back % 4 == 1
    return {
        "month_start": date(months // 12, months % 12 + 1, 1),
        "base_mrr": base,
        "overage_mrr": base * 0.06,
        "total_mrr": base * 1.06,
        "new_mrr": 2_800 + 90 * number,
        "expansion_mrr": 700 + 40 * number,
        "contraction_mrr": 350 if lost else 120,
        "churned_mrr": 1_400 if lost else 300,
        "reactivation_mrr": 297 if lost else 0,
    }


def _day(day: date, back: int) -> dict[str, Any]:
    wave = math.sin(day.toordinal() * 2 * math.pi / 7)
    return {
        "date_day": day,
        "revenue_usd": None if back < 3 else 13_000 - 45 * back + 1_800 * wave,
        "cost_usd": 1_290 + 130 * wave,
    }


def _channel(number: int) -> dict[str, Any]:
    return {
        "user_id": UUID(int=number // 5 + 1),
        "channel_id": UUID(int=number + 1),
        "channel_name": f"Everyday {_NICHES[number % 5]} with Channel {number}",
        "youtube_channel_id": f"UCstub{number:018d}",
        "revenue_30d_usd": 14_500 * 0.8**number,
        "performance_tier": _TIERS[min(number // 3, 4)],
        "last_report_date": date(2026, 11, 17),
    }


def _video(number: int) -> dict[str, Any]:
    return {
        "user_id": UUID(int=number % 25 // 5 + 1),
        "video_id": UUID(int=1_000 + number),
        "channel_id": UUID(int=number % 25 + 1),
        "youtube_video_id": f"stubvid{number:04d}",
        "title": f"Why nobody tells you the {number + 2} rules of saving $1,000 a month, explained",
        "published_at": AS_OF - timedelta(hours=13 * number + 2),
        "views": int(900_000 * 0.87**number),
        "latest_day_views": int(40_000 * 0.87**number),
        "view_velocity_per_hour": 1_666.0 * 0.87**number,
        "engagement_rate": 0.02 + 0.0011 * (number % 30),
        "revenue_usd": 3_100 * 0.86**number,
        "cost_usd": 2.1 + 0.07 * (number % 20),
        "performance_tier": _VIDEO_TIERS[min(number // 4, 4)],
    }


def _cost(number: int, component: str, cost: float) -> dict[str, Any]:
    return {
        "user_id": UUID(int=number % 25 // 5 + 1),
        "video_id": UUID(int=1_000 + number),
        "cost_date": (AS_OF - timedelta(hours=13 * number + 8)).date(),
        "component": component,
        "cost_usd": round(cost * (0.8 + 0.02 * (number % 20)), 6),
    }
