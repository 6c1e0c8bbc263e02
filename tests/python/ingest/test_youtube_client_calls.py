"""The client's calls: how it asks, what it gives back, and the book it keeps."""

from __future__ import annotations

import logging
import threading
from decimal import Decimal

import pytest
from youtube_weather import GOOD, KEY, NOW, Client, Reply, error, weather

from ingest.sources.youtube.failures import RefusedError


def test_numbers_are_exact_and_the_call_is_in_the_book() -> None:
    with weather(GOOD) as sky:
        client = Client(sky)
        assert client.ask() == {"items": [{"amount": Decimal("0.10")}]}
        [call] = client.book()
    assert (call.called_at, call.api, call.method) == (NOW, "youtube", "videos.list")
    assert (call.bucket, call.units, call.status_code, call.reason) == ("default", 1, 200, None)
    assert call.latency_ms >= 0


def test_the_key_is_in_no_url() -> None:
    with weather(GOOD) as sky:
        Client(sky).ask()
        [(_, path, headers, _)] = sky.requests
    assert KEY not in path
    assert headers["x-goog-api-key"] == KEY


def test_a_long_question_is_posted() -> None:
    with weather(Reply(b"{", 200), GOOD) as sky:
        ids = ",".join(f"video{n:06}" for n in range(300))
        Client(sky).ask(ids=ids)
        for method, path, headers, body in sky.requests:
            assert (method, path) == ("POST", "/youtube/v3/videos")
            assert headers["x-http-method-override"] == "GET"
            assert "video000299" in body
        assert len(sky.requests) == 2


def test_several_threads_use_one_client() -> None:
    with weather(Reply(b'{"items": []}', waits=0.01)) as sky:
        client = Client(sky)
        google = client.google()

        def ask() -> None:
            for _ in range(5):
                google.call(google.service.videos().list(part="id", id="a"), "default")

        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(client.book()) == len(sky.requests) == 20


def test_the_librarys_own_warnings_are_silent(caplog: pytest.LogCaptureFixture) -> None:
    with (
        weather(error(403, "forbidden")) as sky,
        caplog.at_level(logging.INFO),
        pytest.raises(RefusedError),
    ):
        Client(sky).ask()
    assert not caplog.records
