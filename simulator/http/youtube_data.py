"""YouTube Data API v3: channels.list, playlistItems.list, videos.list, videos.batchGetStats.

Calls carry ``key=`` or a Bearer token. Each costs one unit: batchGetStats of a bucket of its own,
the others of a common one; a refused call costs a unit too. With the API key only public videos
are seen; an owner's token shows that owner's private ones besides. Ids that are unknown, deleted
or private are missing without a word.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulator.http import errors, google
from simulator.http import youtube_resources as resources
from simulator.http.errors import ApiError
from simulator.http.oauth import Tokens
from simulator.http.service import Handler, Service
from simulator.http.wire import JsonResponse, Parameters, dumps, etag, page_offset, page_token
from simulator.http.wire import parameters as read_parameters
from simulator.world.model import Channel, Video, World

PREFIX = "/youtube/v3"
HOST = "youtube.googleapis.com"
_LARGEST = 50  # ids in a call, and rows on a page
_COMMON = frozenset(("part", "id", "maxResults", "pageToken", "onBehalfOfContentOwner", "hl"))


def service(world: World, tokens: Tokens, api_key: str, quota: google.Quota) -> Service:
    """Return the stand-in of the YouTube Data API over `world`."""
    api = _DataApi(world)

    def endpoint(answer: Callable[[Parameters, Channel | None], Any], bucket: str) -> Handler:
        async def handle(request: Request) -> Response:
            params = await read_parameters(request)
            owner = google.caller(request, params, tokens, api_key, HOST)
            quota.charge(bucket)
            return JsonResponse(answer(params, owner))

        return handle

    routes = [
        Route(f"{PREFIX}/{name}", endpoint(answer, bucket), methods=["GET", "POST"])
        for name, answer, bucket in (
            ("channels", api.channels, "default"),
            ("playlistItems", api.playlist_items, "default"),
            ("videos", api.videos, "default"),
            ("videos:batchGetStats", api.batch_get_stats, "videos.batchGetStats"),
        )
    ]
    return Service(
        "youtube_data",
        routes,
        errors.google_fault,
        _malform,
        errors.google_quota,
        errors.google_rate_limit,
    )


def _malform(body: bytes) -> bytes | None:
    """Take the id away from the first video."""
    answer = orjson.loads(body)
    if answer.get("kind") != "youtube#videoListResponse" or not answer["items"]:
        return None
    del answer["items"][0]["id"]
    return dumps(answer)


def _bad(
    message: str,
    reason: str,
    location: str,
    *,
    domain: str = "youtube.parameter",
    kind: str = "parameter",
    code: int = 400,
) -> ApiError:
    return errors.google(
        code, message, reason, domain=domain, location=location, location_type=kind, status=False
    )


def _parts(params: Parameters, known: Sequence[str]) -> list[str]:
    """Return the parts asked for; 400 without any, or with one that does not exist."""
    parts = params.listed("part")
    if not parts:
        raise _bad("Required parameter: part", "required", "part", domain="global")
    for part in parts:
        if part not in known:
            raise _bad(f"'{part}'", "unknownPart", "part", domain="youtube.part")
    return parts


def _ids(params: Parameters) -> list[str]:
    """Return the ids asked for, each once; 400 for more than 50."""
    ids = list(dict.fromkeys(params.listed("id")))
    if len(params.listed("id")) > _LARGEST:
        message = "The request specifies an invalid filter parameter."
        raise _bad(message, "invalidFilters", "parameters.", kind="other")
    return ids


def _no_filter(names: str) -> ApiError:
    message = f"No filter selected. Expected one of: {names}"
    return _bad(message, "missingRequiredParameter", "parameters.", kind="other")


def _largest_page(params: Parameters) -> int:
    """Return the size of a page: `maxResults`, 5 where it is not given."""
    text = params.get("maxResults")
    if text is None:
        return 5
    if not text.isdigit() or int(text) > _LARGEST:
        message = (
            f"Invalid value '{text}'. Values must be within the range: [0, {_LARGEST}]"
            if text.lstrip("-").isdigit()
            else f"Invalid value '{text}' for maxResults: a number is expected"
        )
        raise _bad(message, "invalidParameter", "maxResults", domain="global")
    return int(text)


def _page(params: Parameters, rows: Sequence[Any], scope: str) -> tuple[int, int, dict[str, Any]]:
    """Return the bounds of the page asked for, and the head of its answer."""
    size = _largest_page(params)
    start = 0
    token = params.get("pageToken")
    if token:
        offset = page_offset(token, scope)
        if offset is None:
            message = "The request specifies an invalid page token."
            raise _bad(message, "invalidPageToken", "pageToken")
        start = offset
    end = start + size
    head: dict[str, Any] = {}
    if size and end < len(rows):
        head["nextPageToken"] = page_token(end, scope)
    if start > 0:
        head["prevPageToken"] = page_token(max(0, start - size), scope)
    head["pageInfo"] = {"totalResults": len(rows), "resultsPerPage": size}
    return start, end, head


def _answer(kind: str, head: dict[str, Any], items: list[Any] | None) -> dict[str, Any]:
    body = head if items is None else {**head, "items": items}
    return {"kind": kind, "etag": etag(body), **body}


class _DataApi:
    """The four methods over a world: parameters and caller in, the answer's body out."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._channels = {channel.youtube_channel_id: channel for channel in world.channels}
        self._handles = {
            channel.handle.removeprefix("@").lower(): channel for channel in world.channels
        }
        # pages of one channel are asked for one after the other
        self._uploads = lru_cache(maxsize=64)(self._sorted_uploads)

    def channels(self, params: Parameters, owner: Channel | None) -> dict[str, Any]:
        """Answer channels.list."""
        google.check_names(params, _COMMON | {"mine", "forHandle", "forUsername"})
        parts = _parts(params, resources.CHANNEL_PARTS)
        if params.listed("id"):
            ids = _ids(params)
            found = [self._channels[i] for i in sorted(ids) if i in self._channels]
            scope = ",".join(sorted(ids))
        elif params.get("forHandle"):
            scope = str(params.get("forHandle")).removeprefix("@").lower()
            found = [self._handles[scope]] if scope in self._handles else []
        elif params.get("mine") == "true":
            if owner is None:
                message = (
                    "The request uses the <code>mine</code> parameter but is not properly "
                    "authorized."
                )
                raise _bad(message, "authorizationRequired", "mine", code=401)
            found, scope = [owner], "mine"
        else:
            raise _no_filter("id, mine, forHandle")
        start, end, head = _page(params, found, "channels:" + scope)
        items = [
            resources.channel_resource(self._world, channel, parts) for channel in found[start:end]
        ]
        # channels.list leaves `items` out where there is none; the other lists do not
        return _answer("youtube#channelListResponse", head, items or None)

    def playlist_items(self, params: Parameters, owner: Channel | None) -> dict[str, Any]:
        """Answer playlistItems.list of an uploads playlist, the latest upload first."""
        google.check_names(params, _COMMON | {"playlistId", "videoId"})
        parts = _parts(params, resources.PLAYLIST_ITEM_PARTS)
        playlist = params.get("playlistId")
        if not playlist:
            raise _no_filter("playlistId")
        channel = self._channels.get("UC" + playlist[2:]) if playlist.startswith("UU") else None
        if channel is None:
            message = (
                "The playlist identified with the request's <code>playlistId</code> parameter "
                "cannot be found."
            )
            domain = "youtube.playlistItem"
            raise _bad(message, "playlistNotFound", "playlistId", domain=domain, code=404)
        uploads = self._uploads(channel.youtube_channel_id)
        videos = [video for video in uploads if _visible(video, channel, owner)]
        wanted = params.get("videoId")
        if wanted:
            videos = [video for video in videos if video.youtube_video_id == wanted]
        start, end, head = _page(params, videos, f"playlistItems:{playlist}:{wanted}")
        items = [
            resources.playlist_item_resource(video, channel, start + n, parts)
            for n, video in enumerate(videos[start:end])
        ]
        return _answer("youtube#playlistItemListResponse", head, items)

    def _sorted_uploads(self, youtube_channel_id: str) -> list[Video]:
        """Return the channel's videos in upload order, the latest first."""
        videos = [
            video for video in self._world.videos(youtube_channel_id) if video.youtube_video_id
        ]
        videos.sort(
            key=lambda v: (v.uploaded_at or v.published_at or v.queued_at, v.youtube_video_id),
            reverse=True,
        )
        return videos

    def _found(self, ids: Sequence[str], owner: Channel | None) -> list[tuple[Video, Channel]]:
        found = []
        for identity in ids:
            video = self._world.find_video(identity)
            channel = self._channels.get(video.youtube_channel_id) if video else None
            if video and channel and _visible(video, channel, owner):
                found.append((video, channel))
        return found

    def videos(self, params: Parameters, owner: Channel | None) -> dict[str, Any]:
        """Answer videos.list by id."""
        google.check_names(params, _COMMON | {"maxHeight", "maxWidth", "locale"})
        parts = _parts(params, resources.VIDEO_PARTS)
        ids = _ids(params)
        if not ids:
            raise _no_filter("id")
        items = [
            resources.video_resource(self._world, video, channel, parts)
            for video, channel in self._found(ids, owner)
        ]
        head = {"pageInfo": {"totalResults": len(items), "resultsPerPage": len(items)}}
        return _answer("youtube#videoListResponse", head, items)

    def batch_get_stats(self, params: Parameters, owner: Channel | None) -> dict[str, Any]:
        """Answer videos.batchGetStats."""
        google.check_names(params, {"part", "id", "onBehalfOfContentOwner"})
        parts = _parts(params, resources.STAT_PARTS)
        ids = _ids(params)
        if not ids:
            raise _bad("Required parameter: id", "required", "id", domain="global")
        found = self._found(ids, owner)
        items = [resources.stat_resource(self._world, video, parts) for video, _ in found]
        return _answer("youtube#batchGetStatsResponse", {}, items)


def _visible(video: Video, channel: Channel, owner: Channel | None) -> bool:
    """Say whether the caller may see an upload: private ones are their owner's alone."""
    if video.youtube_video_id is None or video.status == "deleted":
        return False
    public = resources.privacy(video) == "public"
    return public or (owner is not None and owner.user_id == channel.user_id)
