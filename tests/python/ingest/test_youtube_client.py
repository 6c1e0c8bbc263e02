"""The client under bad weather: a tiny server that does what it is told, call by call."""

from __future__ import annotations

import json
import logging
import socketserver
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from ingest.extraction import ApiCall, CallLedger
from ingest.retrying import Backoff
from ingest.sources.youtube import failures
from ingest.sources.youtube.client import Api, GoogleApi
from ingest.sources.youtube.failures import OwnerError, RefusedError, next_pacific_midnight
from ingest.sources.youtube.owners import Owner, owners_credentials
from warehouse.errors import CredentialsError, QuotaError, SourceUnavailableError

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
KEY, SECRET, TOKEN = "the-api-key", "the-client-secret", "1//the-refresh-token"
PATIENT = Backoff(attempts=4, max_seconds=5, first_wait_seconds=0.001)


@dataclass(frozen=True)
class Reply:
    """An answer; `cut` ends it early (with the length of the whole promised), None never comes."""

    body: bytes = b'{"items": []}'
    status: int = 200
    cut: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    waits: float = 0
    hangs_up: bool = False


GOOD = Reply(b'{"items": [{"amount": 0.10}]}')


def error(status: int, reason: str, *, details: list[Any] | None = None, **more: str) -> Reply:
    """Return an error as Google words it."""
    body: dict[str, Any] = {
        "code": status,
        "message": f"Message of {reason}.",
        "errors": [{"reason": reason, "domain": "global"}],
    }
    if details is not None:
        body["details"] = details
    return Reply(json.dumps({"error": body}).encode(), status, headers=more)


@dataclass
class Weather:
    """The replies to come; the last one goes on for ever. Requests are kept."""

    replies: list[Reply]
    token_replies: list[Reply]
    port: int = 0
    requests: list[tuple[str, str, dict[str, str], str]] = field(default_factory=list)

    def next_reply(self, path: str) -> Reply:
        replies = self.token_replies if path == "/token" else self.replies
        return replies.pop(0) if len(replies) > 1 else replies[0]

    def paths(self) -> list[str]:
        return [request[1].partition("?")[0] for request in self.requests]


@contextmanager
def weather(*replies: Reply, tokens: tuple[Reply, ...] = ()) -> Iterator[Weather]:
    grant = {"access_token": "ya29.access", "expires_in": 3599, "token_type": "Bearer"}
    sky = Weather(list(replies), list(tokens) or [Reply(json.dumps(grant).encode())])

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            body = self.rfile.read(length).decode()
            sky.requests.append((self.command, self.path, dict(self.headers), body))
            reply = sky.next_reply(self.path)
            time.sleep(reply.waits)
            if not reply.hangs_up:
                self.send_response(reply.status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(reply.body)))
                for name, value in reply.headers.items():
                    self.send_header(name.replace("_", "-"), value)
                self.end_headers()
                self.wfile.write(reply.body[: reply.cut])
            self.close_connection = reply.hangs_up or reply.cut is not None

        do_POST = do_GET

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        sky.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield sky
        server.shutdown()


@dataclass
class Client:
    """A client of the tiny server, and the book of its calls."""

    sky: Weather
    ledger: CallLedger = field(default_factory=lambda: CallLedger(None))
    waits: list[float] = field(default_factory=list)
    timeout: float = 5

    def google(self) -> GoogleApi:
        api = Api(
            title="YouTube Data API",
            name="youtube",
            version="v3",
            endpoint=f"http://127.0.0.1:{self.sky.port}",
            endpoint_setting="YOUTUBE_DATA_ENDPOINT",
            api_key=KEY,
        )
        return GoogleApi(
            api,
            self.ledger,
            backoff=PATIENT,
            timeout_seconds=self.timeout,
            clock=lambda: NOW,
            sleep=self.waits.append,
        )

    def ask(self, owner: Owner | None = None, ids: str = "a,b") -> Any:
        google = self.google()
        request = google.service.videos().list(part="snippet", id=ids)
        return google.call(request, "default", owner)

    def owner(self) -> Owner:
        token_uri = f"http://127.0.0.1:{self.sky.port}/token"
        credentials = owners_credentials(TOKEN, "client", SECRET, token_uri)
        return Owner("UCsomebody", credentials)

    def book(self) -> list[ApiCall]:
        return list(self.ledger._calls)


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


ERROR_INFO = {"@type": "type.googleapis.com/google.rpc.ErrorInfo"}


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


class TestOwners:
    def test_a_token_is_fetched_once_and_used(self) -> None:
        with weather(GOOD) as sky:
            client = Client(sky)
            owner = client.owner()
            client.ask(owner)
            client.ask(owner)
            assert sky.paths() == ["/token", "/youtube/v3/videos", "/youtube/v3/videos"]
            assert sky.requests[1][2]["authorization"] == "Bearer ya29.access"
            assert "x-goog-api-key" not in sky.requests[1][2]
            assert len(client.book()) == 2

    def test_a_token_that_expired_is_refreshed(self) -> None:
        with weather(error(401, "authError"), GOOD) as sky:
            client = Client(sky)
            assert client.ask(client.owner())["items"]
            assert sky.paths().count("/token") == 2

    @pytest.mark.parametrize(
        ("name", "kind"),
        [
            ("invalid_grant", OwnerError),
            ("invalid_client", CredentialsError),
            ("unauthorized_client", CredentialsError),
        ],
    )
    def test_the_token_endpoint_refuses(self, name: str, kind: type[Exception]) -> None:
        refusal = json.dumps({"error": name, "error_description": "Token revoked."}).encode()
        with weather(GOOD, tokens=(Reply(refusal, 400),)) as sky:
            client = Client(sky)
            with pytest.raises(kind, match=name) as caught:
                client.ask(client.owner())
            assert type(caught.value) is kind
            assert sky.paths() == ["/token"]
            for secret in (TOKEN, SECRET):
                assert secret not in str(caught.value)
                assert secret not in repr(client.owner())

    @pytest.mark.parametrize(
        "reply",
        [
            Reply(b'{"access_token": "ya2'),
            Reply(b"<html>no</html>", 404),
            Reply(b'{"error": "server_error"}', 400),
            Reply(b'{"token_type": "Bearer"}'),
            Reply(hangs_up=True),
        ],
    )
    def test_the_token_endpoint_is_out_of_order(self, reply: Reply) -> None:
        good = Reply(b'{"access_token": "ya29.x", "expires_in": 3599}')
        with weather(GOOD, tokens=(reply, reply, reply, good)) as sky:
            client = Client(sky)
            assert client.ask(client.owner())["items"]

    def test_an_access_that_does_not_reach_far_enough(self) -> None:
        details = [{**ERROR_INFO, "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT"}]
        with weather(error(403, "insufficientPermissions", details=details)) as sky:
            client = Client(sky)
            with pytest.raises(OwnerError, match="UCsomebody"):
                client.ask(client.owner())


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
