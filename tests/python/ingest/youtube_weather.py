"""Bad weather for the client: a tiny server that does what it is told, call by call."""

from __future__ import annotations

import json
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from typing import Any

from ingest.extraction import ApiCall, CallLedger
from ingest.retrying import Backoff
from ingest.sources.youtube.client import Api, GoogleApi
from ingest.sources.youtube.owners import Owner, owners_credentials

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
KEY, SECRET, TOKEN = "the-api-key", "the-client-secret", "1//the-refresh-token"
PATIENT = Backoff(attempts=4, max_seconds=5, first_wait_seconds=0.001)
ERROR_INFO = {"@type": "type.googleapis.com/google.rpc.ErrorInfo"}


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
