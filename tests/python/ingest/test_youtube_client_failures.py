"""The client under bad weather: what it waits for, and what it raises at once."""

from __future__ import annotations

import ssl
from datetime import datetime

import pytest
from youtube_weather import ERROR_INFO, GOOD, KEY, PATIENT, Client, Reply, error, weather

from ingest.sources.youtube import failures
from ingest.sources.youtube.failures import RefusedError, next_pacific_midnight
from warehouse.errors import CredentialsError, QuotaError, SourceUnavailableError


@pytest.mark.parametrize(
    "reply",
    [
        Reply(b'{"items": [{"id": "a"'),
        Reply(b"<html>Welcome to this hotel's network</html>"),
        Reply(b""),
        Reply(b'["a list"]'),
        Reply(b"\xff\xfe"),
        Reply(b"[" * 100_000),
        Reply(b'{"items": []}' * 100, cut=20),
        Reply(hangs_up=True),
        Reply(b"oops", 500),
        error(502, "backendError"),
        error(503, "backendError"),
        error(429, "rateLimitExceeded"),
        error(403, "rateLimitExceeded"),
        error(403, "userRateLimitExceeded"),
    ],
    ids=lambda reply: f"{reply.status} {reply.body[:40]!r} {reply.cut} {reply.hangs_up}",
)
def test_what_passes_is_waited_for(reply: Reply) -> None:
    with weather(reply, reply, GOOD) as sky:
        client = Client(sky)
        assert client.ask()["items"]
        assert 1 <= len(client.waits) <= 2  # httplib2 itself repeats a call that was hung up on
        assert len(client.book()) == len(client.waits) + 1
        assert [call.reason for call in client.book()][-1] is None
        assert all(call.reason for call in client.book()[:-1])


def test_a_service_that_is_too_slow() -> None:
    with weather(Reply(waits=0.5), GOOD) as sky:
        client = Client(sky, timeout=0.1)
        assert client.ask()["items"]
        assert [call.reason for call in client.book()] == ["TimeoutError", None]


def test_a_wait_that_is_asked_for() -> None:
    with weather(error(429, "rateLimitExceeded", retry_after="3"), GOOD) as sky:
        client = Client(sky)
        client.ask()
        assert client.waits == [3.0]


def test_giving_up_names_the_endpoint_and_the_cause() -> None:
    with weather(Reply(b'{"items": [')) as sky:
        client = Client(sky)
        with pytest.raises(SourceUnavailableError) as caught:
            client.ask()
    assert f"http://127.0.0.1:{sky.port}" in str(caught.value)
    assert "not JSON" in str(caught.value)
    assert "YOUTUBE_DATA_ENDPOINT" in str(caught.value)
    assert len(client.book()) == PATIENT.attempts
    assert "\n" not in str(caught.value)


def test_a_service_that_is_down_costs_no_quota() -> None:
    with weather(GOOD) as sky:
        pass
    client = Client(sky)
    with pytest.raises(SourceUnavailableError, match=str(sky.port)):
        client.ask()
    assert {call.units for call in client.book()} == {0}


@pytest.mark.parametrize(
    ("reply", "kind", "said"),
    [
        (error(403, "quotaExceeded"), QuotaError, "midnight in California, 2026-11-21 08:00 UTC"),
        (error(403, "dailyLimitExceeded"), QuotaError, "bucket default"),
        (
            error(
                429,
                "rateLimitExceeded",
                details=[
                    {
                        **ERROR_INFO,
                        "reason": "RATE_LIMIT_EXCEEDED",
                        "metadata": {"quota_limit": "defaultPerDayPerProject"},
                    }
                ],
            ),
            QuotaError,
            "midnight in California",
        ),
        (
            error(400, "badRequest", details=[{**ERROR_INFO, "reason": "API_KEY_INVALID"}]),
            CredentialsError,
            "YOUTUBE_API_KEY",
        ),
        (error(400, "keyInvalid"), CredentialsError, "YOUTUBE_API_KEY"),
        (error(403, "accessNotConfigured"), CredentialsError, "the API is enabled"),
        (error(401, "authError"), CredentialsError, "refused the API key"),
        (error(403, "forbidden"), RefusedError, "forbidden"),
        (error(404, "playlistNotFound"), RefusedError, "playlistNotFound"),
        (error(400, "badRequest"), RefusedError, "badRequest"),
        (Reply(b"<html>no</html>", 404), RefusedError, "404"),
        (Reply(b'{"error": "plain"}', 403), RefusedError, "403"),
    ],
)
def test_what_does_not_pass_is_raised_at_once(
    reply: Reply, kind: type[Exception], said: str
) -> None:
    with weather(reply) as sky:
        client = Client(sky)
        with pytest.raises(kind, match=said) as caught:
            client.ask()
        assert type(caught.value) is kind
        assert len(sky.requests) == len(client.book()) == 1
        assert KEY not in str(caught.value)


@pytest.mark.parametrize(
    ("now", "midnight"),
    [
        ("2026-11-20T12:00+00:00", "2026-11-21T08:00+00:00"),
        ("2026-11-21T07:59+00:00", "2026-11-21T08:00+00:00"),
        ("2026-11-21T08:00+00:00", "2026-11-22T08:00+00:00"),
        ("2026-07-01T12:00+00:00", "2026-07-02T07:00+00:00"),
        ("2026-03-08T09:00+00:00", "2026-03-09T07:00+00:00"),  # the clocks go forward that day
        ("2026-11-01T08:30+00:00", "2026-11-02T08:00+00:00"),  # and back on this one
    ],
)
def test_the_quotas_day_ends_at_midnight_in_california(now: str, midnight: str) -> None:
    assert next_pacific_midnight(datetime.fromisoformat(now)).isoformat(timespec="minutes") == (
        midnight
    )


def test_a_certificate_that_is_wrong_does_not_pass() -> None:
    assert not failures.is_transient(ssl.SSLCertVerificationError("expired"))
    assert failures.is_transient(ssl.SSLError("record layer failure"))
