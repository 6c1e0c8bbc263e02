"""The resources of the YouTube Data API v3, made from the world, part by part.

Counts are strings; what is hidden is absent; subscribers are rounded down to three figures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from simulator.http.wire import etag, instant
from simulator.world.model import Channel, Counters, Video, World

Part = dict[str, Any]
CHANNEL_PARTS = ("contentDetails", "id", "snippet", "statistics", "status")
VIDEO_PARTS = ("contentDetails", "id", "snippet", "statistics", "status")
PLAYLIST_ITEM_PARTS = ("contentDetails", "id", "snippet", "status")
STAT_PARTS = ("contentDetails", "id", "snippet", "statistics")
_SIZES = {"default": (120, 90), "medium": (320, 180), "high": (480, 360)}


def uploads_playlist(channel: Channel) -> str:
    """Return the id of the playlist of a channel's uploads."""
    return "UU" + channel.youtube_channel_id[2:]


def duration(seconds: int) -> str:
    """Return a duration as ISO 8601, as YouTube writes it: PT1H2M3S."""
    hours, rest = divmod(seconds, 3600)
    minutes, rest = divmod(rest, 60)
    parts = [f"{n}{unit}" for n, unit in ((hours, "H"), (minutes, "M"), (rest, "S")) if n]
    return "PT" + ("".join(parts) or "0S")


def rounded_subscribers(count: int) -> int:
    """Return a subscriber count as the public sees it: the first three figures."""
    step: int = 10 ** max(0, len(str(count)) - 3)
    return count // step * step


def _thumbnails(base: str) -> Part:
    return {
        name: {"url": f"{base}/{name}.jpg", "width": width, "height": height}
        for name, (width, height) in _SIZES.items()
    }


def _video_thumbnails(youtube_video_id: str | None) -> Part:
    files = {"default": "default", "medium": "mqdefault", "high": "hqdefault"}
    return {
        name: {
            "url": f"https://i.ytimg.com/vi/{youtube_video_id}/{files[name]}.jpg",
            "width": width,
            "height": height,
        }
        for name, (width, height) in _SIZES.items()
    }


def _resource(
    kind: str, identity: str, parts: Iterable[str], makers: Mapping[str, Callable[[], Part]]
) -> Part:
    """Return a resource with the parts asked for; its fingerprint covers them."""
    wanted = set(parts)
    body = {name: make() for name, make in makers.items() if name in wanted}
    return {"kind": kind, "etag": etag(body), "id": identity, **body}


def channel_resource(world: World, channel: Channel, parts: Iterable[str]) -> Part:
    """Return a ``youtube#channel``."""

    def snippet() -> Part:
        description = f"{channel.name}: videos about {channel.niche}."
        return {
            "title": channel.name,
            "description": description,
            "customUrl": "@" + channel.handle.removeprefix("@").lower(),
            "publishedAt": instant(channel.published_at),
            "thumbnails": _thumbnails(f"https://yt3.ggpht.com/{channel.youtube_channel_id}"),
            "localized": {"title": channel.name, "description": description},
            "country": channel.country,
        }

    def statistics() -> Part:
        counters = world.channel_counters(channel)
        shown: Part = {"viewCount": str(counters.views)}
        if not channel.hides_subscribers:
            shown["subscriberCount"] = str(rounded_subscribers(counters.subscribers))
        shown["hiddenSubscriberCount"] = channel.hides_subscribers
        shown["videoCount"] = str(counters.videos)
        return shown

    def content_details() -> Part:
        return {"relatedPlaylists": {"likes": "", "uploads": uploads_playlist(channel)}}

    def status() -> Part:
        return {
            "privacyStatus": "public",
            "isLinked": True,
            "longUploadsStatus": "longUploadsUnspecified",
            "madeForKids": False,
        }

    makers = {
        "snippet": snippet,
        "contentDetails": content_details,
        "statistics": statistics,
        "status": status,
    }
    return _resource("youtube#channel", channel.youtube_channel_id, parts, makers)


def video_resource(world: World, video: Video, channel: Channel, parts: Iterable[str]) -> Part:
    """Return a ``youtube#video``."""
    makers = {
        "snippet": lambda: _video_snippet(video, channel),
        "contentDetails": lambda: {
            "duration": duration(video.duration_seconds),
            "dimension": "2d",
            "definition": "hd",
            "caption": "false",
            "licensedContent": channel.is_monetised,
            "contentRating": {},
            "projection": "rectangular",
        },
        "status": lambda: {
            "uploadStatus": "processed" if video.published_at else "uploaded",
            "privacyStatus": privacy(video),
            "license": "youtube",
            "embeddable": True,
            "publicStatsViewable": True,
            "madeForKids": False,
        },
        "statistics": lambda: {
            **_counts(video, world.counters(video)),
            "favoriteCount": "0",
        },
    }
    return _resource("youtube#video", str(video.youtube_video_id), parts, makers)


def _video_snippet(video: Video, channel: Channel) -> Part:
    published = video.published_at or video.uploaded_at or video.queued_at
    snippet: Part = {
        "publishedAt": instant(published),
        "channelId": channel.youtube_channel_id,
        "title": video.title,
        "description": video.description,
        "thumbnails": _video_thumbnails(video.youtube_video_id),
        "channelTitle": channel.name,
        "categoryId": video.category_id,
        "liveBroadcastContent": "none",
        "localized": {"title": video.title, "description": video.description},
    }
    if video.tags:
        snippet["tags"] = list(video.tags)
    return snippet


def privacy(video: Video) -> str:
    """Return whether a video is public; one that is uploaded but not published is private."""
    return "public" if video.published_at is not None else "private"


def _counts(video: Video, counters: Counters) -> Part:
    """Return the public counters; one that is hidden or switched off is absent."""
    counts = {"viewCount": str(counters.views)}
    if not video.hides_likes:
        counts["likeCount"] = str(counters.likes)
    if not video.comments_disabled:
        counts["commentCount"] = str(counters.comments)
    return counts


def stat_resource(world: World, video: Video, parts: Iterable[str]) -> Part:
    """Return a ``youtube#videoStats``, the resource of videos.batchGetStats."""
    makers: dict[str, Callable[[], Part]] = {
        "snippet": lambda: {
            "publishTime": instant(video.published_at or video.uploaded_at or video.queued_at)
        },
        "statistics": lambda: _counts(video, world.counters(video)),
        "contentDetails": lambda: {"duration": f"{video.duration_seconds}s"},
    }
    return _resource("youtube#videoStats", str(video.youtube_video_id), parts, makers)


def playlist_item_resource(
    video: Video, channel: Channel, position: int, parts: Iterable[str]
) -> Part:
    """Return a ``youtube#playlistItem`` of a channel's uploads."""
    playlist = uploads_playlist(channel)

    def snippet() -> Part:
        full = _video_snippet(video, channel)
        return {
            "publishedAt": instant(video.uploaded_at or video.published_at or video.queued_at),
            "channelId": channel.youtube_channel_id,
            "title": full["title"],
            "description": full["description"],
            "thumbnails": full["thumbnails"],
            "channelTitle": channel.name,
            "playlistId": playlist,
            "position": position,
            "resourceId": {"kind": "youtube#video", "videoId": video.youtube_video_id},
            "videoOwnerChannelTitle": channel.name,
            "videoOwnerChannelId": channel.youtube_channel_id,
        }

    def content_details() -> Part:
        details: Part = {"videoId": video.youtube_video_id}
        if video.published_at is not None:
            details["videoPublishedAt"] = instant(video.published_at)
        return details

    makers: dict[str, Callable[[], Part]] = {
        "snippet": snippet,
        "contentDetails": content_details,
        "status": lambda: {"privacyStatus": privacy(video)},
    }
    identity = etag({"playlist": playlist, "video": video.youtube_video_id})
    return _resource("youtube#playlistItem", identity, parts, makers)
