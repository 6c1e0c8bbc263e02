"""The stand-ins over the synthetic world: real shapes, and figures that agree with each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import http_calls
import pytest
import simplejson
from discovery import check
from stripe import StripeClient

from simulator.http.server import Running, running
from simulator.world.model import Channel
from simulator.world.synthetic import SyntheticWorld

PARTS = {"part": "id,snippet,contentDetails,statistics,status"}


@pytest.fixture(scope="module")
def world() -> SyntheticWorld:
    return SyntheticWorld(7, "small", datetime(2026, 11, 20, 12, tzinfo=UTC), None, None)


@pytest.fixture(scope="module")
def stand_ins(world: SyntheticWorld) -> Iterator[Running]:
    with running(world) as up:
        yield up


@pytest.fixture(scope="module")
def monetised(world: SyntheticWorld) -> Channel:
    return next(channel for channel in world.channels if channel.is_monetised)


def _data(up: Running, method: str, schema: str, **params: str) -> list[dict[str, Any]]:
    """Return the items of a method's first page, checked."""
    url = f"{up.url('YOUTUBE_DATA_ENDPOINT')}/youtube/v3/{method}"
    answer = http_calls.get(url, params={"key": up.url("YOUTUBE_API_KEY"), **params}).json()
    check("youtube.v3", schema, answer)
    items: list[dict[str, Any]] = answer["items"]
    return items


def _report(up: Running, token: str, **params: str) -> list[list[Any]]:
    answer = http_calls.post(
        up.url("YOUTUBE_ANALYTICS_ENDPOINT") + "/v2/reports",
        data={"ids": "channel==MINE", "startDate": "2026-01-01", "endDate": "2026-12-31", **params},
        headers={"Authorization": f"Bearer {token}", "x-http-method-override": "GET"},
    )
    table = simplejson.loads(answer.content, use_decimal=True)
    check("youtubeAnalytics.v2", "QueryResponse", table)
    rows: list[list[Any]] = table["rows"]
    return rows


def _token(up: Running, channel: Channel) -> str:
    form = {
        "grant_type": "refresh_token",
        "client_id": up.url("GOOGLE_CLIENT_ID"),
        "client_secret": up.url("GOOGLE_CLIENT_SECRET"),
        "refresh_token": channel.refresh_token,
    }
    return str(http_calls.post(up.url("GOOGLE_TOKEN_URI"), data=form).json()["access_token"])


def test_resources_have_the_real_shapes(stand_ins: Running, monetised: Channel) -> None:
    identity = monetised.youtube_channel_id
    (channel,) = _data(stand_ins, "channels", "ChannelListResponse", **PARTS, id=identity)
    uploads = channel["contentDetails"]["relatedPlaylists"]["uploads"]
    items = _data(
        stand_ins,
        "playlistItems",
        "PlaylistItemListResponse",
        part="snippet,contentDetails,status",
        playlistId=uploads,
        maxResults="50",
    )
    ids = ",".join(item["contentDetails"]["videoId"] for item in items)
    videos = _data(stand_ins, "videos", "VideoListResponse", **PARTS, id=ids)
    asked = {"part": "statistics", "id": ids}
    stats = _data(stand_ins, "videos:batchGetStats", "BatchGetStatsResponse", **asked)
    assert len(videos) == len(stats) == len(items) > 0
    for video, stat in zip(videos, stats, strict=True):
        assert video["id"] == stat["id"]
        assert {**stat["statistics"], "favoriteCount": "0"} == video["statistics"]


def test_videos_add_up_to_their_channel(
    stand_ins: Running, world: SyntheticWorld, monetised: Channel
) -> None:
    token = _token(stand_ins, monetised)
    metrics = "views,estimatedRevenue"
    by_day = _report(stand_ins, token, metrics=metrics, dimensions="day")
    assert by_day[-1][0] <= world.last_report_day.isoformat()
    ids = [
        video.youtube_video_id
        for video in world.videos(monetised.youtube_channel_id)
        if video.youtube_video_id
    ]
    assert len(ids) <= 200
    filters = "video==" + ",".join(ids)
    by_video = _report(stand_ins, token, metrics=metrics, dimensions="day,video", filters=filters)
    views: Counter[str] = Counter()
    revenue: dict[str, Decimal] = {}
    for day, _, seen, earned in by_video:
        views[day] += seen
        revenue[day] = revenue.get(day, Decimal(0)) + earned
    assert [(day, views[day], revenue[day]) for day, seen, _ in by_day if seen] == [
        (day, seen, earned) for day, seen, earned in by_day if seen
    ]
    assert len(by_day) > 20


def test_every_bill_is_served_whole(stand_ins: Running, world: SyntheticWorld) -> None:
    client = StripeClient(
        stand_ins.url("STRIPE_API_KEY"), base_addresses={"api": stand_ins.url("STRIPE_API_BASE")}
    )
    served = {}
    for invoice in client.v1.invoices.list({"limit": 100}).auto_paging_iter():
        lines = client.v1.invoices.line_items.list(invoice.id, {"limit": 100})
        served[invoice.id] = [line.amount for line in lines.auto_paging_iter()]
    assert served == {
        invoice.invoice_id: [line.amount_cents for line in invoice.lines]
        for invoice in world.invoices
    }
    listed = client.v1.subscriptions.list({"limit": 100, "status": "all"})
    assert len(list(listed.auto_paging_iter())) == len(world.subscriptions)
