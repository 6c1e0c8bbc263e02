"""The stage of a story: its stand-ins on ports that stay, its platform database, its files."""

from __future__ import annotations

import base64
import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from chaos_world import Story
from starlette.types import ASGIApp, Receive, Scope, Send

from simulator.http import (
    elevenlabs,
    oauth,
    openai,
    stripe,
    youtube_analytics,
    youtube_data,
    youtube_reporting,
)
from simulator.http.google import Quota
from simulator.http.server import Credentials, bind, environment
from simulator.http.service import application
from simulator.platform.fill import create_schema
from warehouse.connection import WarehouseTarget, connect

KEY = base64.urlsafe_b64encode(hashlib.sha256(b"chaos").digest()).decode()
NO_LIMIT, USED_UP = 100_000, -1


class Stage:
    """Tells a story as it stands; `play` tells it anew after something happened."""

    def __init__(self, story: Story, platform: WarehouseTarget, files: Path) -> None:
        self.story = story
        self._platform = platform
        self._files = files
        self._credentials = Credentials()
        self.quota = Quota(NO_LIMIT, clock=lambda: self.story.now.timestamp())
        self._sockets = bind("127.0.0.1")
        self._apps: dict[int, ASGIApp] = {}
        with connect(platform) as connection:
            connection.execute("drop schema if exists ytempire cascade")
            create_schema(connection)
        self.play()

    @property
    def environment(self) -> dict[str, str]:
        """Return the settings that point the extractors at this stage."""
        return {
            **environment(self._sockets, self._credentials),
            "PLATFORM_DATABASE_URL": self._platform.url(),
            "TOKEN_ENCRYPTION_KEY": KEY,
            "EXPENSES_DIR": str(self._files),
        }

    def play(self) -> None:
        """Let everybody tell how things stand now: the stand-ins, the platform, the files."""
        world = self.story.world()
        tokens = oauth.Tokens(world, clock=lambda: self.story.now.timestamp())
        for token in self.story.revoked:
            tokens._channels.pop(token, None)
        credentials = self._credentials
        client = oauth.Client(credentials.google_client_id, credentials.google_client_secret)
        made = (
            oauth.service(tokens, client),
            youtube_data.service(world, tokens, credentials.youtube_api_key, self.quota),
            youtube_analytics.service(world, tokens),
            youtube_reporting.service(world, tokens),
            stripe.service(world, credentials.stripe_api_key),
            openai.service(world, credentials.openai_admin_key),
            elevenlabs.service(world, credentials.elevenlabs_api_key),
        )
        ports = {name: bound.getsockname()[1] for name, bound in self._sockets.items()}
        self._apps = {ports[entry.name]: application(entry) for entry in made}
        self.story.write_platform(self._platform.url(), KEY)
        self.story.write_expenses(self._files)

    def use_up_quota(self) -> None:
        """Let YouTube's Data API refuse everything until midnight in California."""
        self.quota.charge("default", 0)  # begins the day
        for bucket in ("default", "batch_get_stats"):
            self.quota.used[bucket] = NO_LIMIT

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._apps[scope["server"][1]](scope, receive, send)

    @contextmanager
    def open(self) -> Iterator[Stage]:
        """Serve from a thread while the context lasts."""
        config = uvicorn.Config(
            self._serve, interface="asgi3", log_level="warning", access_log=False, lifespan="off",
            timeout_graceful_shutdown=1,
        )  # fmt: skip
        server = uvicorn.Server(config)
        thread = threading.Thread(
            target=server.run, kwargs={"sockets": list(self._sockets.values())}, daemon=True
        )
        thread.start()
        try:
            yield self
        finally:
            server.should_exit = True
            thread.join(10)
            for bound in self._sockets.values():
                bound.close()
