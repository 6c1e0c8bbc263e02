"""The platform's rows about users, channels and videos, as they stand at the world's instant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from simulator.platform.tables import Table
from simulator.world.model import Channel, User, Video
from simulator.world.videos import OWNER_METHOD


def users_table(users: Iterable[User]) -> Table:
    """Return the users."""
    columns = (
        "user_id", "email", "full_name", "subscription_tier", "status", "acquisition_channel",
        "country", "time_zone", "stripe_customer_id", "target_revenue", "created_at", "updated_at",
    )  # fmt: skip
    rows = (
        (
            user.user_id, user.email, user.full_name, user.subscription_tier, user.status,
            user.acquisition_channel, user.country, user.time_zone, user.stripe_customer_id,
            user.target_revenue_usd, user.signup_at, user.updated_at,
        )
        for user in users
    )  # fmt: skip
    return Table("users", columns, rows)


def channels_table(channels: Iterable[Channel], tokens: Mapping[str, str | None]) -> Table:
    """Return the channels with their encrypted tokens, which are given by YouTube channel id."""
    columns = (
        "channel_id", "user_id", "youtube_channel_id", "channel_name", "channel_handle", "niche",
        "status", "tier", "oauth_refresh_token", "monthly_revenue_target", "created_at",
        "updated_at",
    )  # fmt: skip
    rows = (
        (
            channel.platform_channel_id, channel.user_id, channel.youtube_channel_id,
            channel.name, channel.handle, channel.niche, channel.status, channel.tier,
            tokens.get(channel.youtube_channel_id), channel.monthly_revenue_target_usd,
            channel.connected_at, channel.updated_at,
        )
        for channel in channels
    )  # fmt: skip
    return Table("channels", columns, rows)


def videos_table(videos: Iterable[tuple[Channel, Video]]) -> Table:
    """Return the videos that the platform makes; owners' own uploads are not in its books."""
    columns = (
        "video_id", "channel_id", "youtube_video_id", "title", "description", "tags", "category",
        "content_type", "generation_method", "duration_seconds", "status", "queued_at",
        "generation_started_at", "generation_completed_at", "uploaded_at", "published_at",
        "created_at", "updated_at",
    )  # fmt: skip
    rows = (
        (
            video.platform_video_id, channel.platform_channel_id, video.youtube_video_id,
            video.title, video.description, list(video.tags), channel.niche, video.content_type,
            video.generation_method, video.duration_seconds, video.status, video.queued_at,
            video.generation_started_at, video.generation_completed_at, video.uploaded_at,
            video.published_at, video.queued_at, video.updated_at,
        )
        for channel, video in videos
        if video.generation_method != OWNER_METHOD
    )  # fmt: skip
    return Table("videos", columns, rows)
