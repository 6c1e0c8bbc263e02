"""Who watched, asked of the stand-in of YouTube Analytics through the real client."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import pytest
from discovery import check
from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError
from tiny_world import BETA, TinyWorld, video_id

from simulator.http.server import Running, running

DATES = {"startDate": "2026-05-01", "endDate": "2026-05-20"}
Ask = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def stand_ins() -> Iterator[Running]:
    with running(TinyWorld()) as up:
        yield up


@pytest.fixture(scope="module")
def query(stand_ins: Running) -> Ask:
    credentials = Credentials(  # type: ignore[no-untyped-call]
        None,
        refresh_token="1//alpha",
        token_uri=stand_ins.url("GOOGLE_TOKEN_URI"),
        client_id=stand_ins.url("GOOGLE_CLIENT_ID"),
        client_secret=stand_ins.url("GOOGLE_CLIENT_SECRET"),
    )
    client = build(
        "youtubeAnalytics",
        "v2",
        credentials=credentials,
        static_discovery=True,
        client_options={"api_endpoint": stand_ins.url("YOUTUBE_ANALYTICS_ENDPOINT")},
    )

    def ask(**params: object) -> dict[str, Any]:
        asked = {"ids": "channel==MINE", **DATES, "metrics": "views", **params}
        answer: dict[str, Any] = client.reports().query(**asked).execute()
        check("youtubeAnalytics.v2", "QueryResponse", answer)
        return answer

    return ask


@pytest.mark.parametrize("part", ["deviceType", "operatingSystem", "insightTrafficSourceType"])
def test_parts_of_a_day_sum_to_the_day(query: Ask, part: str) -> None:
    metrics = "views,estimatedMinutesWatched"
    days = {row[0]: row[1:] for row in query(dimensions="day", metrics=metrics)["rows"]}
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    rows = query(dimensions=f"day,{part}", metrics=metrics)["rows"]
    assert len({row[1] for row in rows}) > 3
    for day, _, views, minutes in rows:
        sums[day][0] += views
        sums[day][1] += minutes
    assert sums == days
    turned = query(dimensions=f"{part},day", metrics=metrics)["rows"]
    assert turned == [[name, day, *rest] for day, name, *rest in rows]
    together = query(dimensions=part, metrics=metrics)["rows"]
    assert sum(row[1] for row in together) == 600


def test_countries_have_every_figure(query: Ask) -> None:
    metrics = "views,engagedViews,likes,subscribersGained,estimatedRevenue,averageViewPercentage"
    rows = query(dimensions="country", metrics=metrics, sort="-views")["rows"]
    assert rows[0][0] == "US"
    assert [sum(row[n] for row in rows) for n in range(1, 5)] == [600, 480, 54, 6]
    assert sum(round(row[5] * 1000) for row in rows) == 74_070
    assert all(0 < row[6] <= 100 for row in rows)
    with pytest.raises(HttpError) as refused:
        query(ids=f"channel=={BETA}", dimensions="country", metrics="estimatedRevenue")
    assert refused.value.status_code == 403


def test_the_most_viewed_videos(query: Ask) -> None:
    rows = query(dimensions="video", sort="-views", maxResults=2)["rows"]
    by_video = {
        each: query(filters=f"video=={each}")["rows"][0][0]
        for each in (video_id(1), video_id(3), rows[0][0])
    }
    assert by_video[video_id(1)] < by_video[video_id(3)] <= by_video[rows[0][0]] == rows[0][1]
    assert rows[0][1] >= rows[1][1]


def test_percentages_of_viewers_sum_to_a_hundred(query: Ask) -> None:
    answer = query(dimensions="ageGroup,gender", metrics="viewerPercentage")
    assert [header["dataType"] for header in answer["columnHeaders"]] == [
        *("STRING", "STRING", "FLOAT")
    ]
    assert round(sum(row[2] for row in answer["rows"]), 6) == 100
    by_gender = query(dimensions="gender", metrics="viewerPercentage")["rows"]
    assert {row[0] for row in by_gender} == {"female", "male", "user_specified"}
    assert round(sum(row[1] for row in by_gender), 6) == 100
    empty = {"startDate": "2026-05-18", "metrics": "viewerPercentage"}
    assert "rows" not in query(dimensions="ageGroup,gender", **empty)


def test_a_retention_curve(query: Ask) -> None:
    metrics = "audienceWatchRatio,relativeRetentionPerformance"
    curve = {"dimensions": "elapsedVideoTimeRatio", "metrics": metrics}
    answer = query(filters=f"video=={video_id(1)}", **curve)
    assert answer["columnHeaders"][0] == {
        "name": "elapsedVideoTimeRatio", "columnType": "DIMENSION", "dataType": "FLOAT",
    }  # fmt: skip
    rows = answer["rows"]
    assert [row[0] for row in rows] == [point / 100 for point in range(1, 101)]
    assert all(first[1] >= second[1] > 0 for first, second in pairwise(rows))
    assert all(0 <= row[2] <= 1 for row in rows)
    assert "rows" not in query(filters=f"video=={video_id(2)}", **curve)


CURVE = {"dimensions": "elapsedVideoTimeRatio", "metrics": "audienceWatchRatio"}


@pytest.mark.parametrize(
    "params",
    [
        {"dimensions": "country,day"},
        {"dimensions": "country,deviceType"},
        {"dimensions": "day,deviceType", "metrics": "views,likes"},
        {"dimensions": "day,operatingSystem", "metrics": "engagedViews"},
        {"dimensions": "insightTrafficSourceType", "metrics": "estimatedRevenue"},
        {"dimensions": "ageGroup,gender"},
        {"dimensions": "ageGroup,gender", "metrics": "viewerPercentage,views"},
        {"dimensions": "day,ageGroup", "metrics": "viewerPercentage"},
        {"metrics": "viewerPercentage"},
        {"dimensions": "day", "metrics": "audienceWatchRatio"},
        CURVE,
        {**CURVE, "filters": f"video=={video_id(1)},{video_id(3)}"},
        {**CURVE, "filters": f"video=={video_id(1)}", "metrics": "audienceWatchRatio,views"},
        {"dimensions": "video"},
        {"dimensions": "video", "sort": "-views"},
        {"dimensions": "video", "sort": "views", "maxResults": 10},
        {"dimensions": "video", "sort": "-views", "maxResults": 201},
    ],
)
def test_what_no_report_offers(query: Ask, params: dict[str, object]) -> None:
    with pytest.raises(HttpError, match="The query is not supported") as refused:
        query(**params)
    assert refused.value.status_code == 400
