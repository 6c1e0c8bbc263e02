"""Each kind of fault, twice in a row at every call: the clients get through it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
from youtube_standin import AS_OF, small_world

from ingest.extraction import CallLedger
from ingest.retrying import Backoff
from ingest.sources.json_api import JsonApi
from ingest.sources.stripe.client import StripeApi, StripeConfig
from ingest.sources.youtube.client import Api, GoogleApi
from simulator.http.server import NAMES, Running, running
from simulator.http.weather import KINDS, Weather, parse_weather

PATIENT = Backoff(attempts=4, max_seconds=10, first_wait_seconds=0.01)
SECONDS = 0.7


@pytest.fixture(scope="module")
def stormy() -> Iterator[tuple[Running, Weather]]:
    weather = parse_weather("all=0", NAMES, 7)
    with running(small_world(), weather=weather) as up:
        yield up, weather


@pytest.mark.parametrize("kind", KINDS)
def test_every_client_bears_it(stormy: tuple[Running, Weather], kind: str) -> None:
    up, weather = stormy
    for rates in weather.rates.values():
        rates.clear()  # type: ignore[attr-defined]
        rates[kind] = 1.0  # type: ignore[index]
    config = StripeConfig(up.url("STRIPE_API_KEY"), up.url("STRIPE_API_BASE"), PATIENT, SECONDS)
    with closing(StripeApi(config)) as stripe:
        told = [each["id"] for page in stripe.pages("/v1/customers") for each in page]
        assert len(set(told)) > 3
    key = up.url("OPENAI_ADMIN_KEY")
    headers = {"authorization": f"Bearer {key}"}
    base = up.url("OPENAI_API_BASE")
    with JsonApi("OpenAI", base, "A", "B", key, headers, PATIENT, SECONDS) as openai:
        asked = {"start_time": int(AS_OF.timestamp()) - 86_400}
        assert openai.ask("GET", "/v1/organization/costs", params=asked)["data"]
    api = Api(
        "API", "youtube", "v3", up.url("YOUTUBE_DATA_ENDPOINT"), "A", up.url("YOUTUBE_API_KEY")
    )
    google = GoogleApi(api, CallLedger(None), backoff=PATIENT, timeout_seconds=SECONDS)
    assert google.call(google.service.channels().list(part="id", id="nobody"), "default")
    if kind != "rate-limit":  # Google's alone
        assert {service for service, struck in weather.struck if struck == kind} > {
            "openai",
            "stripe",
        }
