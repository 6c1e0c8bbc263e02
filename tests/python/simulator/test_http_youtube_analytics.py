"""The stand-ins of YouTube Analytics and of the token endpoint, through the real client."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import http_calls
import pytest
import simplejson
from discovery import check
from google.auth.exceptions import RefreshError
from google.auth.transport.requests import Request
from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError
from tiny_world import ALPHA, BETA, GAMMA, TinyWorld, video_id

from simulator.http.oauth import Tokens
from simulator.http.server import Running, running

CORE = (
    "views,engagedViews,estimatedMinutesWatched,averageViewDuration,averageViewPercentage,likes,"
    "dislikes,comments,shares,subscribersGained,subscribersLost"
)
REVENUE = (
    "estimatedRevenue,estimatedAdRevenue,estimatedRedPartnerRevenue,grossRevenue,cpm,"
    "playbackBasedCpm,monetizedPlaybacks,adImpressions"
)
DATES = {"startDate": "2026-05-01", "endDate": "2026-05-20"}


@pytest.fixture(scope="module")
def stand_ins() -> Iterator[Running]:
    with running(TinyWorld()) as up:
        yield up


def credentials(up: Running, channel: str = "alpha", **changes: str) -> Credentials:
    settings = {
        "refresh_token": f"1//{channel}",
        "token_uri": up.url("GOOGLE_TOKEN_URI"),
        "client_id": up.url("GOOGLE_CLIENT_ID"),
        "client_secret": up.url("GOOGLE_CLIENT_SECRET"),
    }
    return Credentials(None, **{**settings, **changes})  # type: ignore[no-untyped-call]


def client(up: Running, channel: str = "alpha") -> Any:
    return build(
        "youtubeAnalytics",
        "v2",
        credentials=credentials(up, channel),
        static_discovery=True,
        client_options={"api_endpoint": up.url("YOUTUBE_ANALYTICS_ENDPOINT")},
    )


@pytest.fixture(scope="module")
def query(stand_ins: Running) -> Callable[..., dict[str, Any]]:
    """Ask a report with the real client, as ALPHA's owner unless told otherwise."""
    clients = {name: client(stand_ins, name) for name in ("alpha", "beta", "gamma")}

    def ask(channel: str = "alpha", **params: object) -> dict[str, Any]:
        asked = {"ids": "channel==MINE", **DATES, "metrics": "views", **params}
        answer: dict[str, Any] = clients[channel].reports().query(**asked).execute()
        check("youtubeAnalytics.v2", "QueryResponse", answer)
        return answer

    return ask


def test_channel_by_day(query: Callable[..., dict[str, Any]]) -> None:
    answer = query(ids=f"channel=={ALPHA}", dimensions="day", metrics=CORE)
    assert answer["kind"] == "youtubeAnalytics#resultTable"
    headers = answer["columnHeaders"]
    assert [header["name"] for header in headers] == ["day", *CORE.split(",")]
    assert headers[0] == {"name": "day", "columnType": "DIMENSION", "dataType": "STRING"}
    assert headers[5]["dataType"] == "FLOAT"
    # 151 minutes of 300 in 100 views: 90.6 seconds each, 50.33 %
    assert answer["rows"] == [
        ["2026-05-15", 100, 80, 151, 91, 50.33, 9, 1, 3, 2, 1, 0],
        ["2026-05-16", 200, 160, 302, 91, 50.33, 18, 2, 6, 4, 2, 0],
        ["2026-05-17", 300, 240, 453, 91, 50.33, 27, 3, 9, 6, 3, 0],
    ]


def test_money_has_its_exact_digits(stand_ins: Running) -> None:
    token = _token(stand_ins)
    answer = http_calls.get(
        stand_ins.url("YOUTUBE_ANALYTICS_ENDPOINT") + "/v2/reports",
        params={"ids": "channel==MINE", **DATES, "dimensions": "day", "metrics": REVENUE},
        headers={"Authorization": f"Bearer {token}"},
    )
    rows = simplejson.loads(answer.content, use_decimal=True)["rows"]
    # gross 22.000 on 90 impressions and 70 playbacks
    assert [str(value) for value in rows[0][1:]] == [
        *("12.345", "12", "0.345", "22", "244.444", "314.286", "70", "90")
    ]
    assert sum((Decimal(row[1]) for row in rows), Decimal(0)) == Decimal("74.070")


def test_video_by_day(query: Callable[..., dict[str, Any]]) -> None:
    ids = ",".join([video_id(3), video_id(2), video_id(1), video_id(600), "unknown0000"])
    answer = query(
        dimensions="day,video", filters=f"video=={ids}", metrics="views,estimatedRevenue",
        startDate="2026-05-16",
    )  # fmt: skip
    assert answer["rows"] == [
        ["2026-05-16", video_id(1), 100, 12.345],
        ["2026-05-16", video_id(3), 300, 37.035],
        ["2026-05-17", video_id(1), 100, 12.345],
        ["2026-05-17", video_id(3), 300, 37.035],
    ]
    turned = query(dimensions="video,day", filters=f"video=={video_id(1)}")
    assert turned["rows"][0] == [video_id(1), "2026-05-15", 100]


def test_a_long_query_is_sent_as_a_post(
    query: Callable[..., dict[str, Any]], stand_ins: Running
) -> None:
    ids = ",".join(video_id(n) for n in range(200))
    answer = query(dimensions="day,video", filters=f"video=={ids}", metrics=CORE)
    assert len(answer["rows"]) == 3 * 60  # the odd ones of ALPHA's 120
    assert stand_ins.services["youtube_analytics"].calls["POST /v2/reports"] == 1


def test_totals_and_months(query: Callable[..., dict[str, Any]]) -> None:
    assert query(metrics="views,averageViewDuration")["rows"] == [[600, 91]]
    month = query(dimensions="month", startDate="2026-05-01", endDate="2026-05-01")
    assert month["rows"] == [["2026-05", 600]]
    assert query(filters=f"video=={video_id(1)},{video_id(3)}")["rows"] == [[1200]]
    by_day = query(filters=f"video=={video_id(1)},{video_id(3)}", dimensions="day")
    assert by_day["rows"][0] == ["2026-05-15", 400]


def test_sorting_and_pages(query: Callable[..., dict[str, Any]]) -> None:
    last = query(dimensions="day", sort="-views", maxResults=1)
    assert last["rows"] == [["2026-05-17", 300]]
    rest = query(dimensions="day", sort="day", startIndex=2)
    assert [row[0] for row in rest["rows"]] == ["2026-05-16", "2026-05-17"]


def test_without_data_there_are_no_rows(query: Callable[..., dict[str, Any]]) -> None:
    after = query(dimensions="day", startDate="2026-05-18", endDate="2026-05-20")
    assert "rows" not in after
    assert len(after["columnHeaders"]) == 2
    assert "rows" not in query(metrics="views", startDate="2026-05-19")
    assert "rows" not in query(dimensions="day,video", filters=f"video=={video_id(600)}")


@pytest.mark.parametrize(
    ("params", "status", "message"),
    [
        ({"metrics": "views,foo"}, 400, "Unknown identifier (foo)"),
        ({"dimensions": "dya"}, 400, "Unknown identifier (dya)"),
        ({"dimensions": "country,day"}, 400, "The query is not supported."),
        ({"dimensions": "video"}, 400, "The query is not supported."),
        ({"dimensions": "day,video"}, 400, "The query is not supported."),
        ({"filters": "country==US"}, 400, "The query is not supported."),
        ({"filters": "video=="+ ",".join(map(video_id, range(201)))}, 400, "Too many values"),
        ({"startDate": "7daysAgo"}, 400, "Invalid value (7daysAgo)"),
        ({"startDate": "2026-5-1"}, 400, "Invalid value (2026-5-1)"),
        ({"endDate": "2026-02-30"}, 400, "Invalid value (2026-02-30)"),
        ({"endDate": "2026-04-30"}, 400, "before the startDate"),
        ({"dimensions": "month", "startDate": "2026-05-02"}, 400, "first day of a month"),
        ({"sort": "likes"}, 400, "Invalid sort"),
        ({"ids": "channel=MINE"}, 400, "Invalid value (channel=MINE)"),
        ({"ids": f"channel=={GAMMA}"}, 403, "Forbidden"),
        ({"ids": f"channel=={'UC' + 'z' * 22}"}, 403, "Forbidden"),
        ({"ids": "contentOwner==me"}, 403, "Forbidden"),
        ({"ids": f"channel=={BETA}", "metrics": REVENUE}, 403, "Insufficient permission"),
        ({"currency": "EUR"}, 400, "Unsupported currency"),
        ({"maxResults": 0}, 400, "Invalid value (0)"),
    ],
)  # fmt: skip
def test_what_is_refused(
    query: Callable[..., dict[str, Any]], params: dict[str, object], status: int, message: str
) -> None:
    with pytest.raises(HttpError) as refused:
        query(**params)
    assert refused.value.status_code == status
    assert message in refused.value.reason


def test_another_channel_of_the_same_owner(query: Callable[..., dict[str, Any]]) -> None:
    assert query(ids=f"channel=={BETA}")["rows"] == [[600]]
    assert query("gamma", ids=f"channel=={GAMMA}")["rows"] == [[600]]


def test_a_call_without_a_token(stand_ins: Running) -> None:
    url = stand_ins.url("YOUTUBE_ANALYTICS_ENDPOINT") + "/v2/reports"
    assert http_calls.get(url).status_code == 401
    wrong = http_calls.get(url, headers={"Authorization": "Bearer wrong"})
    assert wrong.status_code == 401
    assert wrong.json()["error"]["status"] == "UNAUTHENTICATED"
    headers = {"Authorization": f"Bearer {_token(stand_ins)}"}
    missing = http_calls.get(url, params={"ids": "channel==MINE"}, headers=headers)
    assert missing.status_code == 400
    assert missing.json()["error"]["message"] == "Required parameter: startDate"
    assert http_calls.post(url, headers=headers).status_code == 404


def _form(up: Running, **changes: str) -> dict[str, str]:
    form = {
        "grant_type": "refresh_token",
        "client_id": up.url("GOOGLE_CLIENT_ID"),
        "client_secret": up.url("GOOGLE_CLIENT_SECRET"),
        "refresh_token": "1//alpha",
    }
    return {**form, **changes}


def _token(up: Running) -> str:
    answer = http_calls.post(up.url("GOOGLE_TOKEN_URI"), data=_form(up)).json()
    assert answer["expires_in"] == 3599
    assert answer["token_type"] == "Bearer"
    return str(answer["access_token"])


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"refresh_token": "1//nobody"}, 400, "invalid_grant"),
        ({"refresh_token": ""}, 400, "invalid_request"),
        ({"client_id": "other"}, 401, "invalid_client"),
        ({"client_secret": "other"}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
    ],
)
def test_refused_grants(
    stand_ins: Running, changes: dict[str, str], status: int, error: str
) -> None:
    answer = http_calls.post(stand_ins.url("GOOGLE_TOKEN_URI"), data=_form(stand_ins, **changes))
    assert (answer.status_code, answer.json()["error"]) == (status, error)


def test_a_revoked_grant_is_a_refresh_error(stand_ins: Running) -> None:
    with pytest.raises(RefreshError, match="invalid_grant"):
        credentials(stand_ins, "nobody").refresh(Request())  # type: ignore[no-untyped-call]


def test_tokens_expire() -> None:
    now = [0.0]
    tokens = Tokens(TinyWorld(), lambda: now[0])
    token = tokens.issue("1//beta")
    assert token is not None
    channel = tokens.channel(token)
    assert channel is not None
    assert channel.youtube_channel_id == BETA
    now[0] = 3600.0
    assert tokens.channel(token) is None
    assert tokens.channel("never issued") is None
