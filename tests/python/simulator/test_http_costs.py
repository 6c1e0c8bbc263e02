"""The stand-ins of OpenAI's costs and of ElevenLabs' usage, on the wire."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import http_calls
import httpx
import pytest
import simplejson
from tiny_world import TinyWorld, at

from simulator.http.elevenlabs import PATH as ELEVENLABS
from simulator.http.faults import FaultError, parse_faults
from simulator.http.openai import PATH as OPENAI
from simulator.http.server import NAMES, Running, running

Ask = Callable[..., httpx.Response]


@pytest.fixture(scope="module")
def stand_ins() -> Iterator[Running]:
    with running(TinyWorld()) as up:
        yield up


def unix(day: int, hour: int = 0) -> int:
    return int(at(5, day, hour).timestamp())


def ask_openai(up: Running, **params: object) -> httpx.Response:
    pairs = [
        (k, v)
        for k, found in params.items()
        for v in (found if isinstance(found, list) else [found])
    ]
    headers = {"Authorization": f"Bearer {up.url('OPENAI_ADMIN_KEY')}"}
    return http_calls.get(up.url("OPENAI_API_BASE") + OPENAI, params=pairs, headers=headers)


@pytest.fixture
def openai(stand_ins: Running) -> Ask:
    return lambda **params: ask_openai(stand_ins, **params)


def exact(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = simplejson.loads(answer.content, use_decimal=True)
    return found


def test_openai_by_project_and_line_item(openai: Ask) -> None:
    answer = exact(
        openai(start_time=unix(10), end_time=unix(12), group_by=["project_id", "line_item"])
    )
    assert (answer["object"], answer["has_more"], answer["next_page"]) == ("page", False, None)
    first, second = answer["data"]
    assert (first["object"], first["start_time"]) == ("bucket", unix(10))
    assert first["end_time"] == second["start_time"] == unix(11)
    (result, *_) = first["results"]
    assert result["object"] == "organization.costs.result"
    assert (result["project_id"], result["line_item"]) == ("proj_1", "gpt")
    assert result["amount"]["currency"] == "usd"
    values = [entry["amount"]["value"] for bucket in (first, second) for entry in bucket["results"]]
    assert list(map(str, values)) == ["0.123456", "1.5", "2.000001"] * 2
    # a number on one day, a string on the next
    assert sorted(type(value).__name__ for value in values) == ["Decimal"] * 3 + ["str"] * 3


def test_openai_pages(openai: Ask) -> None:
    days: list[int] = []
    more: dict[str, str] = {}
    pages = 0
    while True:
        answer = exact(openai(start_time=unix(8), limit=5, **more))
        days += [bucket["start_time"] for bucket in answer["data"]]
        pages += 1
        more = {"page": answer["next_page"]}
        if not answer["has_more"]:
            break
    assert days == [unix(n) for n in range(8, 21)]  # the day of the world's instant included
    assert pages == 3
    assert len(exact(openai(start_time=unix(1)))["data"]) == 7


def test_openai_groups(openai: Ask) -> None:
    def results(**params: object) -> list[dict[str, Any]]:
        answer = exact(openai(start_time=unix(10), end_time=unix(11), **params))
        found: list[dict[str, Any]] = answer["data"][0]["results"]
        return found

    (total,) = results()
    assert (total["project_id"], total["line_item"]) == (None, None)
    assert Decimal(total["amount"]["value"]) == Decimal("3.623457")
    assert [entry["project_id"] for entry in results(group_by="project_id")] == ["proj_1", "proj_2"]
    assert [entry["line_item"] for entry in results(group_by="line_item")] == ["gpt", "tts"]
    before = exact(openai(start_time=unix(1), end_time=unix(2)))["data"]
    assert before[0]["results"] == []


@pytest.mark.parametrize(
    ("params", "param"),
    [
        ({}, "start_time"),
        ({"start_time": "2026-05-01"}, "start_time"),
        ({"start_time": unix(2), "end_time": unix(1)}, "end_time"),
        ({"start_time": unix(1), "limit": 181}, "limit"),
        ({"start_time": unix(1), "bucket_width": "1h"}, "bucket_width"),
        ({"start_time": unix(1), "group_by": "colour"}, "group_by"),
        ({"start_time": unix(1), "page": "page_x"}, "page"),
        ({"start_time": unix(1), "colour": "red"}, "colour"),
    ],
)
def test_what_openai_refuses(openai: Ask, params: dict[str, object], param: str) -> None:
    answer = openai(**params)
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert (error["type"], error["param"]) == ("invalid_request_error", param)
    assert error["code"]


def test_openai_keys(stand_ins: Running) -> None:
    url = stand_ins.url("OPENAI_API_BASE") + OPENAI
    assert http_calls.get(url).json()["error"]["code"] is None
    wrong = http_calls.get(url, headers={"Authorization": "Bearer sk-wrong"})
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (401, "invalid_api_key")


def ask_elevenlabs(up: Running, body: object, key: str | None = None) -> httpx.Response:
    headers = {"xi-api-key": up.url("ELEVENLABS_API_KEY") if key is None else key}
    return http_calls.post(up.url("ELEVENLABS_API_BASE") + ELEVENLABS, json=body, headers=headers)


@pytest.fixture
def elevenlabs(stand_ins: Running) -> Ask:
    def ask(start: int = 17, end: int = 20, **changes: object) -> httpx.Response:
        times = {"start_time": unix(start) * 1000, "end_time": unix(end) * 1000}
        return ask_elevenlabs(stand_ins, {**times, "interval_seconds": 86_400, **changes})

    return ask


def test_elevenlabs_usage(elevenlabs: Ask) -> None:
    table = elevenlabs(end=19).json()
    assert table["columns"] == ["timestamp", "product_type", "credits_used", "total_cost"]
    assert table["column_types"] == ["DateTime", "String", "Float", "Float"]
    assert table["column_units"] == [None, None, "credits", "usd"]
    assert table["rows"] == [
        ["2026-05-17T00:00:00Z", "speech-to-text", "10", "0.010000"],
        ["2026-05-17T00:00:00Z", "text-to-speech", "125431", "27.594820"],
        ["2026-05-18T00:00:00Z", "speech-to-text", "11", "0.010000"],
        ["2026-05-18T00:00:00Z", "text-to-speech", "125432", "27.594820"],
    ]


def test_elevenlabs_buckets_and_groups(elevenlabs: Ask) -> None:
    whole = elevenlabs(interval_seconds=3 * 86_400, group_by=["fiat_currency"]).json()
    assert whole["columns"] == ["timestamp", "fiat_currency", "credits_used", "total_cost"]
    assert whole["rows"] == [["2026-05-17T00:00:00Z", "usd", "376329", "82.814460"]]
    berlin = elevenlabs(time_zone="Europe/Berlin", group_by=[]).json()["rows"]
    assert berlin[0][0] == "2026-05-16T22:00:00Z"
    hourly = elevenlabs(interval_seconds=3600).json()["rows"]
    assert len(hourly) == 6
    assert elevenlabs(start=1, end=2).json()["rows"] == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"start_time": "2026-05-17"}, "start_time"),
        ({"start_time": unix(17)}, "start_time"),  # seconds, not milliseconds
        ({"end_time": unix(16) * 1000}, "end_time"),
        ({"end_time": None}, "end_time"),
        ({"interval_seconds": 0}, "interval_seconds"),
        ({"group_by": ["colour"]}, "group_by"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"filters": [{"column": "x"}]}, "filters"),
    ],
)
def test_what_elevenlabs_refuses(elevenlabs: Ask, changes: dict[str, object], field: str) -> None:
    answer = elevenlabs(**changes)
    assert answer.status_code == 422
    (detail,) = answer.json()["detail"]
    assert detail["loc"] == ["body", field]
    assert detail["msg"]


def test_elevenlabs_keys(stand_ins: Running) -> None:
    wrong = ask_elevenlabs(stand_ins, {}, "wrong")
    assert (wrong.status_code, wrong.json()["detail"]["status"]) == (401, "invalid_api_key")
    none = ask_elevenlabs(stand_ins, {}, "")
    assert none.json()["detail"]["status"] == "needs_authorization"
    assert ask_elevenlabs(stand_ins, [1]).status_code == 422
    assert ask_elevenlabs(stand_ins, {}).json()["detail"][0]["type"] == "missing"


def test_malformed_and_truncated() -> None:
    faults = parse_faults(["openai=malformed", "elevenlabs=truncated"], NAMES)
    with running(TinyWorld(), faults=faults) as up:
        answer = ask_openai(up, start_time=unix(9), group_by="project_id").json()
        values = [entry["amount"]["value"] for day in answer["data"] for entry in day["results"]]
        times = {"start_time": unix(17) * 1000, "end_time": unix(20) * 1000}
        cut = ask_elevenlabs(up, times)
    assert values[0] == "not a number"
    assert values.count("not a number") == 1
    assert cut.status_code == 200
    with pytest.raises(simplejson.JSONDecodeError):
        simplejson.loads(cut.text)


@pytest.mark.parametrize("text", ["nothing=503", "stripe=200", "stripe", "stripe=weird"])
def test_faults_that_do_not_exist(text: str) -> None:
    with pytest.raises(FaultError):
        parse_faults([text], NAMES)
