"""What a catalogue leaves behind: the platform's user and channels, and the truth."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import psycopg
from cryptography.fernet import Fernet

from simulator.world.model import Channel, ReportDay, User, Video

_SCHEMA = Path(__file__).parent / "platform" / "schema.sql"
_USER = """
    insert into ytempire.users (
        user_id, email, full_name, subscription_tier, status, acquisition_channel, country,
        time_zone, target_revenue, created_at, updated_at
    )
    values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
    on conflict (user_id) do nothing
"""
_CHANNEL = """
    insert into ytempire.channels (
        channel_id, user_id, youtube_channel_id, channel_name, channel_handle, niche, status,
        tier, oauth_refresh_token, monthly_revenue_target, created_at, updated_at
    )
    values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
    on conflict (channel_id) do update
        set niche = excluded.niche, oauth_refresh_token = excluded.oauth_refresh_token
"""


def fill_platform(
    database_url: str, owner: User, channels: Sequence[Channel], encryption_key: str | None
) -> None:
    """Write the user and the channels; refresh tokens only with a key to encrypt them."""
    cipher = Fernet(encryption_key) if encryption_key else None
    with psycopg.connect(database_url) as connection, connection.cursor() as cursor:
        cursor.execute(_SCHEMA.read_bytes())
        cursor.execute(
            _USER,
            (
                *(owner.user_id, owner.email, owner.full_name, owner.subscription_tier),
                *(owner.status, owner.acquisition_channel, owner.country, owner.time_zone),
                *(owner.target_revenue_usd, owner.signup_at, owner.updated_at),
            ),
        )
        cursor.executemany(_CHANNEL, [_channel_values(entry, cipher) for entry in channels])


def _channel_values(channel: Channel, cipher: Fernet | None) -> tuple[object, ...]:
    token = cipher.encrypt(channel.refresh_token.encode()).decode() if cipher else None
    return (
        *(channel.platform_channel_id, channel.user_id, channel.youtube_channel_id),
        *(channel.name, channel.handle, channel.niche, channel.status, channel.tier, token),
        *(channel.monthly_revenue_target_usd, channel.connected_at, channel.updated_at),
    )


def write_truth(
    directory: Path,
    days: Iterable[tuple[str, ReportDay]],
    videos: Iterable[tuple[Video, int]],
    summary: Mapping[str, int],
) -> None:
    """Write the files of the truth. Nothing is earned, billed or spent."""
    channel_days = [(channel, day.day.isoformat(), day.views, "0.000") for channel, day in days]
    video_views = [
        (video.youtube_video_id, video.platform_video_id, views) for video, views in videos
    ]
    files: tuple[tuple[str, str, Sequence[Sequence[object]]], ...] = (
        ("channel_days", "youtube_channel_id,date_day,views,revenue_usd", channel_days),
        ("mrr", "user_id,month_start,base_mrr,overage_mrr", ()),
        ("video_costs", "platform_video_id,cost_usd", ()),
        ("videos", "youtube_video_id,platform_video_id,views", video_views),
    )
    for name, header, rows in files:
        with (directory / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(header.split(","))
            writer.writerows(sorted(rows, key=lambda row: tuple(map(str, row))))
    (directory / "summary.json").write_text(json.dumps(summary, indent=2) + "\n")
