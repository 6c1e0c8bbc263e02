"""The stand-in of the YouTube Data API, through the real client and on the wire."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import http_calls
import httpx
import pytest
from discovery import check
from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError
from tiny_world import ALPHA, ALPHA_VIDEOS, BETA, DELETED, GAMMA, PRIVATE, TinyWorld, video_id

from simulator.http.faults import parse_faults
from simulator.http.google import Quota
from simulator.http.server import NAMES, Running, running
from simulator.http.youtube_resources import duration, rounded_subscribers

UPLOADS = "UU" + ALPHA[2:]
PARTS = "id,snippet,contentDetails,statistics,status"


@pytest.fixture(scope="module")
def stand_ins() -> Iterator[Running]:
    with running(TinyWorld()) as up:
        yield up


@pytest.fixture(scope="module")
def client(stand_ins: Running) -> Any:
    return build(
        "youtube",
        "v3",
        developerKey=stand_ins.url("YOUTUBE_API_KEY"),
        static_discovery=True,
        client_options={"api_endpoint": stand_ins.url("YOUTUBE_DATA_ENDPOINT")},
    )


@pytest.fixture(scope="module")
def owner(stand_ins: Running) -> Any:
    """A client with the token of ALPHA's owner."""
    credentials = Credentials(  # type: ignore[no-untyped-call]
        None,
        refresh_token="1//alpha",
        token_uri=stand_ins.url("GOOGLE_TOKEN_URI"),
        client_id=stand_ins.url("GOOGLE_CLIENT_ID"),
        client_secret=stand_ins.url("GOOGLE_CLIENT_SECRET"),
    )
    return build(
        "youtube",
        "v3",
        credentials=credentials,
        static_discovery=True,
        client_options={"api_endpoint": stand_ins.url("YOUTUBE_DATA_ENDPOINT")},
    )


@pytest.fixture
def get(stand_ins: Running) -> Callable[..., httpx.Response]:
    """Call a method on the wire, with the API key."""

    def call(method: str, **params: str) -> httpx.Response:
        url = f"{stand_ins.url('YOUTUBE_DATA_ENDPOINT')}/youtube/v3/{method}"
        return http_calls.get(url, params={"key": stand_ins.url("YOUTUBE_API_KEY"), **params})

    return call


def test_channels(client: Any) -> None:
    ids = [GAMMA, BETA, "UC" + "z" * 22, ALPHA]
    answer = client.channels().list(part=PARTS, id=ids, maxResults=50).execute()
    check("youtube.v3", "ChannelListResponse", answer)
    assert answer["kind"] == "youtube#channelListResponse"
    assert [item["id"] for item in answer["items"]] == [ALPHA, BETA, GAMMA]
    assert answer["pageInfo"] == {"totalResults": 3, "resultsPerPage": 50}
    alpha, beta, _ = answer["items"]
    assert alpha["statistics"] == {
        "viewCount": str(2**40),
        "subscriberCount": "123000",
        "hiddenSubscriberCount": False,
        "videoCount": "119",
    }
    assert beta["statistics"]["hiddenSubscriberCount"] is True
    assert "subscriberCount" not in beta["statistics"]
    assert alpha["contentDetails"]["relatedPlaylists"]["uploads"] == UPLOADS
    assert alpha["snippet"]["publishedAt"] == "2026-01-02T03:00:00Z"
    assert alpha["snippet"]["customUrl"] == "@alpha"


def test_channels_are_paged(client: Any) -> None:
    request = client.channels().list(part="id", id=f"{ALPHA},{BETA},{GAMMA}", maxResults=2)
    answer = request.execute()
    assert [item["id"] for item in answer["items"]] == [ALPHA, BETA]
    answer = client.channels().list_next(request, answer).execute()
    assert [item["id"] for item in answer["items"]] == [GAMMA]
    assert "nextPageToken" not in answer
    check("youtube.v3", "ChannelListResponse", answer)


def test_only_the_parts_asked_for(client: Any) -> None:
    (item,) = client.channels().list(part="statistics", id=ALPHA).execute()["items"]
    assert set(item) == {"kind", "etag", "id", "statistics"}


def test_channel_of_a_handle_and_of_the_caller(client: Any, owner: Any) -> None:
    (item,) = client.channels().list(part="id", forHandle="@Gamma").execute()["items"]
    assert item["id"] == GAMMA
    (item,) = owner.channels().list(part="id", mine=True).execute()["items"]
    assert item["id"] == ALPHA
    assert "items" not in client.channels().list(part="id", forHandle="nobody").execute()


def test_uploads_page_by_page(client: Any) -> None:
    request = client.playlistItems().list(
        part="snippet,contentDetails,status", playlistId=UPLOADS, maxResults=50
    )
    items: list[dict[str, Any]] = []
    pages = 0
    answer: dict[str, Any] = {}
    while request is not None:
        answer = request.execute()
        check("youtube.v3", "PlaylistItemListResponse", answer)
        assert ("prevPageToken" in answer) == (pages > 0)
        items += answer["items"]
        pages += 1
        request = client.playlistItems().list_next(request, answer)
    assert pages == 3
    assert answer["pageInfo"] == {"totalResults": ALPHA_VIDEOS - 2, "resultsPerPage": 50}
    ids = [item["contentDetails"]["videoId"] for item in items]
    public = [n for n in range(ALPHA_VIDEOS) if n not in (DELETED, PRIVATE)]
    assert ids == [video_id(n) for n in reversed(public)]
    assert [item["snippet"]["position"] for item in items] == list(range(len(items)))
    assert len({item["id"] for item in items}) == len(items)
    assert items[-1]["snippet"]["publishedAt"] == "2026-04-01T00:00:00Z"
    assert items[-1]["contentDetails"]["videoPublishedAt"] == "2026-04-01T00:10:00Z"


def test_an_owner_sees_private_uploads(client: Any, owner: Any) -> None:
    private = {"part": "id,status", "id": video_id(PRIVATE)}
    assert client.videos().list(**private).execute()["items"] == []
    (item,) = owner.videos().list(**private).execute()["items"]
    assert item["status"] == {**item["status"], "privacyStatus": "private"}
    assert owner.videos().list(part="id", id=video_id(DELETED)).execute()["items"] == []
    uploads = owner.playlistItems().list(part="id", playlistId=UPLOADS).execute()
    assert uploads["pageInfo"]["totalResults"] == ALPHA_VIDEOS - 1


def test_videos(client: Any) -> None:
    wanted = [3, 4, DELETED, 2, 600]
    ids = [*map(video_id, wanted), "unknown0000", video_id(3)]
    answer = client.videos().list(part=PARTS, id=ids).execute()
    check("youtube.v3", "VideoListResponse", answer)
    items = {item["id"]: item for item in answer["items"]}
    assert list(items) == [video_id(n) for n in (3, 4, 2, 600)]
    assert answer["pageInfo"] == {"totalResults": 4, "resultsPerPage": 4}
    assert items[video_id(3)]["statistics"] == {
        "viewCount": "10003",
        "favoriteCount": "0",
        "commentCount": "53",
    }
    assert "commentCount" not in items[video_id(4)]["statistics"]
    snippet = items[video_id(3)]["snippet"]
    assert snippet["title"] == "Vidéo №3 “x”"
    assert snippet["tags"] == ["one", "two words"]
    assert "tags" not in items[video_id(2)]["snippet"]
    assert items[video_id(3)]["contentDetails"]["duration"] == "PT1M4S"
    assert items[video_id(600)]["snippet"]["channelTitle"] == "Gamma"


def test_batch_get_stats(client: Any) -> None:
    answer = (
        client.videos()
        .batchGetStats(part="id,statistics,snippet,contentDetails", id=[video_id(3), "nothing"])
        .execute()
    )
    check("youtube.v3", "BatchGetStatsResponse", answer)
    assert answer["kind"] == "youtube#batchGetStatsResponse"
    (item,) = answer["items"]
    assert item["kind"] == "youtube#videoStats"
    assert item["statistics"] == {"viewCount": "10003", "commentCount": "53"}
    assert item["contentDetails"] == {"duration": "64s"}


@pytest.mark.parametrize(
    ("method", "params", "status", "reason", "location"),
    [
        ("videos", {"id": "x"}, 400, "required", "part"),
        ("videos", {"part": "snippet,foo", "id": "x"}, 400, "unknownPart", "part"),
        ("videos", {"part": "id"}, 400, "missingRequiredParameter", "parameters."),
        ("videos", {"part": "id", "id": ",".join(map(video_id, range(51)))}, 400,
         "invalidFilters", "parameters."),
        ("videos:batchGetStats", {"part": "id"}, 400, "required", "id"),
        ("videos:batchGetStats", {"part": "status", "id": "x"}, 400, "unknownPart", "part"),
        ("channels", {"part": "id"}, 400, "missingRequiredParameter", "parameters."),
        ("channels", {"part": "id", "mine": "true"}, 401, "authorizationRequired", "mine"),
        ("channels", {"part": "id", "id": ALPHA, "maxResults": "51"}, 400, "invalidParameter",
         "maxResults"),
        ("playlistItems", {"part": "id"}, 400, "missingRequiredParameter", "parameters."),
        ("playlistItems", {"part": "id", "playlistId": "UUnothing"}, 404, "playlistNotFound",
         "playlistId"),
        ("playlistItems", {"part": "id", "playlistId": UPLOADS, "pageToken": "CAUQAA"}, 400,
         "invalidPageToken", "pageToken"),
        ("videos", {"part": "id", "id": "x", "colour": "red"}, 400, "badRequest", None),
        ("nothing", {}, 404, "notFound", None),
    ],
)  # fmt: skip
def test_what_is_refused(
    get: Callable[..., httpx.Response],
    method: str,
    params: dict[str, str],
    status: int,
    reason: str,
    location: str | None,
) -> None:
    answer = get(method, **params)
    assert answer.status_code == status
    error = answer.json()["error"]
    assert error["code"] == status
    assert error["message"]
    (detail,) = error["errors"]
    assert (detail["reason"], detail.get("location")) == (reason, location)
    assert detail["domain"]


def test_keys(get: Callable[..., httpx.Response], stand_ins: Running) -> None:
    url = stand_ins.url("YOUTUBE_DATA_ENDPOINT") + "/youtube/v3/videos"
    none = http_calls.get(url, params={"part": "id", "id": "x"})
    assert none.status_code == 403
    assert none.json()["error"]["status"] == "PERMISSION_DENIED"
    wrong = get("videos", part="id", id="x", key="wrong")
    assert wrong.status_code == 400
    assert wrong.json()["error"]["details"][0]["reason"] == "API_KEY_INVALID"
    bad = http_calls.get(url, params={"part": "id"}, headers={"Authorization": "Bearer nonsense"})
    assert bad.status_code == 401
    assert bad.json()["error"]["errors"][0]["reason"] == "authError"
    in_header = http_calls.get(
        url,
        params={"part": "id", "id": "x"},
        headers={"X-Goog-Api-Key": stand_ins.url("YOUTUBE_API_KEY")},
    )
    assert in_header.json()["items"] == []


def test_each_bucket_has_its_quota() -> None:
    with running(TinyWorld(), daily_quota=2) as up:
        client = build(
            "youtube",
            "v3",
            developerKey=up.url("YOUTUBE_API_KEY"),
            static_discovery=True,
            client_options={"api_endpoint": up.url("YOUTUBE_DATA_ENDPOINT")},
        )
        client.videos().list(part="id", id="x").execute()
        with pytest.raises(HttpError):  # refused, and yet it costs a unit
            client.channels().list(part="id").execute()
        with pytest.raises(HttpError) as refused:
            client.playlistItems().list(part="id", playlistId=UPLOADS).execute()
        assert refused.value.status_code == 403
        assert refused.value.error_details[0]["reason"] == "quotaExceeded"
        client.videos().batchGetStats(part="id", id="x").execute()
        calls = http_calls.get(up.url("YOUTUBE_DATA_ENDPOINT") + "/_calls").json()
    assert calls == {
        "GET /youtube/v3/channels": 1,
        "GET /youtube/v3/playlistItems": 1,
        "GET /youtube/v3/videos": 1,
        "GET /youtube/v3/videos:batchGetStats": 1,
    }


def test_quota_begins_again_at_midnight_in_california() -> None:
    now = [1779260399.0]  # 2026-05-19 23:59:59 in California
    quota = Quota(1, lambda: now[0])
    quota.charge("default")
    with pytest.raises(Exception, match="403"):
        quota.charge("default")
    now[0] += 1
    quota.charge("default")
    unlimited = Quota(0)
    for _ in range(3):
        unlimited.charge("default")


def test_a_malformed_video_stays_so_and_is_alone() -> None:
    with running(TinyWorld(), faults=parse_faults(["youtube_data=malformed"], NAMES)) as up:
        url = up.url("YOUTUBE_DATA_ENDPOINT") + "/youtube/v3/"
        key = {"key": up.url("YOUTUBE_API_KEY"), "part": "id,snippet"}
        channels = http_calls.get(url + "channels", params={**key, "id": ALPHA}).json()
        assert channels["items"][0]["id"] == ALPHA
        for _ in range(2):
            first = http_calls.get(url + "videos", params={**key, "id": "vid00000001,vid00000002"})
            assert [item.get("id") for item in first.json()["items"]] == [None, "vid00000002"]
        other = http_calls.get(url + "videos", params={**key, "id": "vid00000005"}).json()
        assert other["items"][0]["id"] == "vid00000005"


@pytest.mark.parametrize(
    ("fault", "status", "reason"),
    [
        ("503", 503, "backendError"),
        ("quota", 403, "quotaExceeded"),
        ("429", 429, "rateLimitExceeded"),
    ],
)
def test_faults(fault: str, status: int, reason: str) -> None:
    with running(TinyWorld(), faults=parse_faults([f"youtube_data={fault}"], NAMES)) as up:
        answer = http_calls.get(up.url("YOUTUBE_DATA_ENDPOINT") + "/youtube/v3/videos")
    assert answer.status_code == status
    assert answer.json()["error"]["errors"][0]["reason"] == reason


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "PT0S"),
        (59, "PT59S"),
        (60, "PT1M"),
        (3600, "PT1H"),
        (3725, "PT1H2M5S"),
        (90000, "PT25H"),
    ],
)
def test_durations(seconds: int, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("count", "shown"), [(0, 0), (999, 999), (1000, 1000), (1239, 1230), (98765, 98700)]
)
def test_subscribers_are_rounded_down(count: int, shown: int) -> None:
    assert rounded_subscribers(count) == shown
