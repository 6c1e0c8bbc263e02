"""Faults on demand: what each kind does to an answer, and that a run can be repeated."""

from __future__ import annotations

from collections.abc import Iterator
from email.utils import parsedate_to_datetime

import http_calls
import httpx
import pytest
from tiny_world import TinyWorld

from simulator.http.faults import FaultError
from simulator.http.server import NAMES, Running, running
from simulator.http.weather import KINDS, Call, Weather, parse_weather

SECONDS = 0.5
CHANNEL = {"part": "id", "id": "nobody"}


@pytest.fixture(scope="module")
def stormy() -> Iterator[tuple[Running, Weather]]:
    weather = parse_weather("all=0,in-a-row=1000", NAMES, 7)
    with running(TinyWorld(), weather=weather) as up:
        yield up, weather


def ask(up: Running, number: int = 0) -> httpx.Response:
    parameters = {**CHANNEL, "key": up.url("YOUTUBE_API_KEY"), "fields": str(number)}
    url = up.url("YOUTUBE_DATA_ENDPOINT") + "/youtube/v3/channels"
    return http_calls.get(url, params=parameters, timeout=SECONDS)


def only(weather: Weather, kind: str, service: str = "youtube_data") -> None:
    for rates in weather.rates.values():
        rates.clear()  # type: ignore[attr-defined]
    weather.rates[service][kind] = 1.0  # type: ignore[index]


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("drop", httpx.TransportError),
        ("drop-midway", httpx.TransportError),
        ("short-body", httpx.RemoteProtocolError),
        ("stall", httpx.ReadTimeout),
    ],
)
def test_connections_that_end_or_stall(
    stormy: tuple[Running, Weather], kind: str, error: type[Exception]
) -> None:
    up, weather = stormy
    only(weather, kind)
    for number in range(4):
        with pytest.raises(error):
            ask(up, number)


def test_refusals(stormy: tuple[Running, Weather]) -> None:
    up, weather = stormy
    only(weather, "429")
    assert ask(up).status_code == 429
    only(weather, "rate-limit")
    refusal = ask(up)
    assert refusal.status_code == 403
    assert refusal.json()["error"]["errors"][0]["reason"] == "rateLimitExceeded"
    only(weather, "5xx")
    assert {ask(up, number).status_code for number in range(20)} == {500, 502, 503, 504}
    only(weather, "429-wait")
    waits = {ask(up, number).headers["retry-after"].isdigit() for number in range(20)}
    assert waits == {True, False}  # in seconds, and until an instant


def test_half_a_body_with_a_length_that_agrees(stormy: tuple[Running, Weather]) -> None:
    up, weather = stormy
    only(weather, "broken-body")
    answer = ask(up)
    assert answer.status_code == 200
    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        answer.json()


def test_a_late_answer_is_whole(stormy: tuple[Running, Weather]) -> None:
    up, weather = stormy
    only(weather, "slow")
    assert ask(up).json()["kind"] == "youtube#channelListResponse"


def test_a_clock_that_is_wrong(stormy: tuple[Running, Weather]) -> None:
    up, weather = stormy
    only(weather, "skew")
    dates = [parsedate_to_datetime(ask(up, number).headers["date"]) for number in range(8)]
    only(weather, "slow")
    right = parsedate_to_datetime(ask(up).headers["date"])
    offs = {round((date - right).total_seconds() / 60) for date in dates}
    assert offs <= {-300, -7, 7, 300}
    assert len(offs) > 1


def test_a_page_is_told_twice_and_then_the_list_goes_on(
    stormy: tuple[Running, Weather],
) -> None:
    up, weather = stormy
    only(weather, "slow")
    url = up.url("STRIPE_API_BASE") + "/v1/customers"
    headers = {"authorization": f"Bearer {up.url('STRIPE_API_KEY')}"}
    plain = http_calls.get(url, params={"limit": 100}, headers=headers).json()["data"]
    weather.rates["stripe"]["duplicate"] = 1e-9  # type: ignore[index]  # pages are remembered
    first = http_calls.get(url, params={"limit": 1}, headers=headers).json()
    weather.rates["stripe"]["duplicate"] = 1.0  # type: ignore[index]
    after = {"limit": 1, "starting_after": first["data"][-1]["id"]}
    assert http_calls.get(url, params=after, headers=headers).json() == first
    twice = http_calls.get(url, params={"limit": 100}, headers=headers).json()["data"]
    assert len(twice) > len(plain)
    assert {each["id"] for each in twice} == {each["id"] for each in plain}


def test_the_weather_is_the_same_in_any_order() -> None:
    calls = [Call.of("GET", "/x", f"id={number}", b"") for number in range(300)]

    def struck(order: list[Call], seed: int) -> dict[str, str | None]:
        weather = parse_weather("all", NAMES, seed)
        return {call.key: weather.strike("stripe", call, list(KINDS)) for call in order}

    assert struck(calls, 7) == struck(calls[::-1], 7)
    assert struck(calls, 7) != struck(calls, 8)


def test_no_call_fails_more_often_than_can_be_borne() -> None:
    call = Call.of("GET", "/x", "", b"")
    weather = parse_weather("5xx=1", NAMES, 7)
    drawn = [weather.strike("stripe", call, list(KINDS)) for _ in range(6)]
    assert drawn == ["5xx", "5xx", None, "5xx", "5xx", None]
    endless = parse_weather("5xx=1,in-a-row=99", NAMES, 7)
    assert all(endless.strike("stripe", call, list(KINDS)) for _ in range(50))


def test_later_terms_win_and_services_can_be_named() -> None:
    weather = parse_weather("all=0.5,stall=0,stripe/all=0.1,seed=9", NAMES, 7)
    assert weather.seed == 9
    assert weather.rates["openai"]["drop"] == 0.5
    assert weather.rates["openai"]["stall"] == 0
    assert weather.rates["stripe"]["stall"] == 0.1
    assert parse_weather("all", NAMES, 7).rates["openai"] == dict(KINDS)


@pytest.mark.parametrize("text", ["", "hail", "paypal/all", "5xx=2", "5xx=x", "in-a-row=-1"])
def test_faults_that_do_not_exist(text: str) -> None:
    with pytest.raises(FaultError):
        parse_weather(text, NAMES, 7)
