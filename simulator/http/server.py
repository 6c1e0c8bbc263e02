"""All stand-ins of a world in one process, each on a loopback port of its own."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import uvicorn

from simulator.http import (
    elevenlabs,
    oauth,
    openai,
    stripe,
    youtube_analytics,
    youtube_data,
    youtube_reporting,
)
from simulator.http.faults import Fault
from simulator.http.google import Quota
from simulator.http.service import Service, application
from simulator.http.weather import Weather
from simulator.world.model import World

NAMES = (
    *("oauth", "youtube_data", "youtube_analytics", "youtube_reporting"),
    *("stripe", "openai", "elevenlabs"),
)
DAILY_QUOTA = 10_000


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the stand-ins expect of their callers. None of it opens anything else."""

    youtube_api_key: str = "standin-youtube-api-key"
    google_client_id: str = "standin-client.apps.example.com"
    google_client_secret: str = "standin-client-secret"  # noqa: S105
    stripe_api_key: str = "sk_test_standin"
    openai_admin_key: str = "sk-admin-standin"
    elevenlabs_api_key: str = "standin-elevenlabs-key"


def services(
    world: World, credentials: Credentials, daily_quota: int = DAILY_QUOTA
) -> dict[str, Service]:
    """Return the stand-ins of a world by name. They share the access tokens."""
    tokens = oauth.Tokens(world)
    client = oauth.Client(credentials.google_client_id, credentials.google_client_secret)
    quota = Quota(daily_quota)
    made = (
        oauth.service(tokens, client),
        youtube_data.service(world, tokens, credentials.youtube_api_key, quota),
        youtube_analytics.service(world, tokens),
        youtube_reporting.service(world, tokens),
        stripe.service(world, credentials.stripe_api_key),
        openai.service(world, credentials.openai_admin_key),
        elevenlabs.service(world, credentials.elevenlabs_api_key),
    )
    return {entry.name: entry for entry in made}


def _listening(host: str, port: int) -> socket.socket:
    """Return a listening socket.

    It is told to be TCP, for asyncio turns off Nagle's algorithm on nothing else, and without
    that each answer, sent in two pieces, waits 40 ms for the caller's acknowledgement.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
        bound.listen(512)
    except OSError:
        bound.close()
        raise
    return bound


def bind(host: str, first_port: int = 0) -> dict[str, socket.socket]:
    """Return a listening socket for each service: free ports, or those from `first_port` on."""
    sockets: dict[str, socket.socket] = {}
    try:
        for n, name in enumerate(NAMES):
            sockets[name] = _listening(host, first_port + n if first_port else 0)
    except OSError:
        for bound in sockets.values():
            bound.close()
        raise
    return sockets


def environment(sockets: Mapping[str, socket.socket], credentials: Credentials) -> dict[str, str]:
    """Return the settings that point the pipeline at the stand-ins."""
    urls = {}
    for name, bound in sockets.items():
        host, port = bound.getsockname()[:2]
        urls[name] = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    return {
        "YOUTUBE_DATA_ENDPOINT": urls["youtube_data"],
        "YOUTUBE_ANALYTICS_ENDPOINT": urls["youtube_analytics"],
        "YOUTUBE_REPORTING_ENDPOINT": urls["youtube_reporting"],
        "YOUTUBE_API_KEY": credentials.youtube_api_key,
        "GOOGLE_CLIENT_ID": credentials.google_client_id,
        "GOOGLE_CLIENT_SECRET": credentials.google_client_secret,
        "GOOGLE_TOKEN_URI": urls["oauth"] + "/token",
        "STRIPE_API_BASE": urls["stripe"],
        "STRIPE_API_KEY": credentials.stripe_api_key,
        "OPENAI_API_BASE": urls["openai"],
        "OPENAI_ADMIN_KEY": credentials.openai_admin_key,
        "ELEVENLABS_API_BASE": urls["elevenlabs"],
        "ELEVENLABS_API_KEY": credentials.elevenlabs_api_key,
    }


class _Server(uvicorn.Server):
    """A server that leaves the signals to whoever runs several of them."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


async def serve(
    made: Mapping[str, Service],
    sockets: Mapping[str, socket.socket],
    faults: Mapping[str, Fault],
    stop: asyncio.Event,
    ready: threading.Event | None = None,
    weather: Weather | None = None,
) -> None:
    """Serve until `stop` is set; set `ready` once every port answers."""
    servers = {
        name: _Server(
            uvicorn.Config(
                application(entry, faults.get(name), weather),
                log_level="warning",
                access_log=False,
                lifespan="off",
                server_header=False,
                date_header=weather is None,  # in bad weather each answer brings its own
                timeout_keep_alive=75,
                timeout_graceful_shutdown=2,
            )
        )
        for name, entry in made.items()
    }
    tasks = [
        asyncio.create_task(server.serve(sockets=[sockets[name]]))
        for name, server in servers.items()
    ]
    while not all(server.started for server in servers.values()):
        await asyncio.sleep(0.005)
    if ready is not None:
        ready.set()
    await stop.wait()
    for server in servers.values():
        server.should_exit = True
    await asyncio.gather(*tasks)


@dataclass(frozen=True, slots=True)
class Running:
    """Stand-ins that are up: the settings that point at them, and their services by name."""

    environment: Mapping[str, str]
    services: Mapping[str, Service]

    def url(self, name: str) -> str:
        """Return the address that a setting of `environment` holds."""
        return self.environment[name]


@contextlib.contextmanager
def running(
    world: World,
    *,
    credentials: Credentials | None = None,
    faults: Mapping[str, Fault] | None = None,
    daily_quota: int = DAILY_QUOTA,
    host: str = "127.0.0.1",
    weather: Weather | None = None,
) -> Iterator[Running]:
    """Serve a world from a thread of this process, on free ports, while the context lasts."""
    credentials = credentials or Credentials()
    made = services(world, credentials, daily_quota)
    sockets = bind(host)
    ready = threading.Event()
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    def run() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(serve(made, sockets, faults or {}, stop, ready, weather))
        loop.close()

    thread = threading.Thread(target=run, name="stand-ins", daemon=True)
    thread.start()
    try:
        if not ready.wait(timeout=30):
            raise TimeoutError("The stand-in APIs did not start.")
        yield Running(environment(sockets, credentials), made)
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(timeout=10)
