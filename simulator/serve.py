"""``python -m simulator.serve``: make a world, fill its databases and files, serve its APIs.

Each API gets a loopback port of its own. Once all answer, the ready file tells the settings that
point the pipeline at them. The service ends on SIGTERM and SIGINT, and when its parent ends.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import hashlib
import json
import os
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import psycopg

from simulator.catalogue import CatalogueWorld
from simulator.http.faults import Fault, FaultError, parse_faults
from simulator.http.server import (
    DAILY_QUOTA,
    NAMES,
    Credentials,
    bind,
    environment,
    serve,
    services,
)
from simulator.http.weather import KINDS, parse_weather
from simulator.world.model import World
from simulator.world.synthetic import SyntheticWorld

# The exit codes of the command line tool that starts this service.
EXIT_DATABASE = 8
EXIT_PORT = 9
EXIT_DIRECTORY = 10
_PARENT_CHECK_SECONDS = 0.5
# In bad weather callers are told to wait for an answer no longer than this, lest a connection
# that stalls takes the time that real ones are given.
_STALLED_SECONDS = "3"


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m simulator.serve",
        description="Serve stand-in APIs over a synthetic world, or over a catalogue of videos.",
    )
    parser.add_argument("--seed", type=int, default=7, help="the world's seed (default: 7)")
    parser.add_argument("--scale", choices=("small", "mvp", "growth"), default="small")
    parser.add_argument("--as-of", type=_instant, help="the world's instant (default: now)")
    parser.add_argument("--start", type=date.fromisoformat, help="the world's first day")
    parser.add_argument("--catalog", type=Path, help="a CSV of real videos to serve instead")
    parser.add_argument(
        "--platform-database-url",
        default=os.environ.get("STANDIN_PLATFORM_DATABASE_URL"),
        help="the platform database to fill (by default STANDIN_PLATFORM_DATABASE_URL)",
    )
    parser.add_argument("--expenses-dir", type=Path, help="where expense files go")
    parser.add_argument(
        "--infrastructure-dir", type=Path, help="where files of infrastructure costs go"
    )
    parser.add_argument("--truth-dir", type=Path, help="where the truth goes")
    parser.add_argument("--ready-file", type=Path, help="written once all is served")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="the first port (0: free ones)")
    parser.add_argument(
        "--quota",
        type=int,
        default=DAILY_QUOTA,
        help="YouTube Data units a day and bucket, 0 for no limit (default: %(default)s)",
    )
    parser.add_argument(
        "--fail",
        action="append",
        default=[],
        metavar="SERVICE=KIND",
        help=f"do wrong: SERVICE is one of {', '.join(NAMES)}; KIND is a status, quota, "
        "malformed or truncated",
    )
    parser.add_argument(
        "--faults",
        metavar="SPEC",
        help="bad weather: all, or a list with commas of KIND, KIND=RATE, SERVICE/KIND=RATE, "
        f"in-a-row=N, seed=N; KIND is one of {', '.join(KINDS)}",
    )
    parsed = parser.parse_args(argv)
    try:
        parsed.failures = parse_faults(parsed.fail, NAMES)
        parsed.weather = parse_weather(parsed.faults, NAMES, parsed.seed) if parsed.faults else None
    except FaultError as error:
        parser.error(str(error))
    if parsed.catalog is not None and not parsed.catalog.is_file():
        parser.error(f"There is no file {parsed.catalog}.")
    return parsed


def _instant(text: str) -> datetime:
    value = datetime.fromisoformat(text)
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def encryption_key(seed: int) -> str:
    """Return the key of the platform's tokens: the environment's, or one made from the seed.

    One made from the seed is no secret. It is the same each time, so that a world that is served
    again can read what it wrote before.
    """
    given = os.environ.get("TOKEN_ENCRYPTION_KEY")
    if given:
        return given
    digest = hashlib.sha256(f"token encryption key of world {seed}".encode()).digest()
    return base64.urlsafe_b64encode(digest).decode()


def make_world(options: argparse.Namespace, key: str) -> World:
    """Return the world that the options describe."""
    if options.catalog is not None:
        return CatalogueWorld(options.catalog, options.as_of, key)
    as_of = options.as_of or datetime.now(UTC).replace(microsecond=0)
    return SyntheticWorld(options.seed, options.scale, as_of, options.start, key)


def fill(options: argparse.Namespace, world: World) -> None:
    """Fill the platform database, write the expense files and the truth."""
    if options.platform_database_url:
        world.fill_platform(options.platform_database_url)
    for directory, write in (
        (options.expenses_dir, world.write_expenses),
        (options.infrastructure_dir, world.write_infrastructure_costs),
        (options.truth_dir, world.write_truth),
    ):
        if directory is not None:
            directory.mkdir(parents=True, exist_ok=True)
            write(directory)


def ready_document(
    options: argparse.Namespace, world: World, settings: Mapping[str, str], key: str
) -> dict[str, object]:
    """Return what the ready file says."""
    all_settings = {**settings, "TOKEN_ENCRYPTION_KEY": key}
    if options.platform_database_url:
        all_settings["PLATFORM_DATABASE_URL"] = options.platform_database_url
    for name, directory in (
        ("EXPENSES_DIR", options.expenses_dir),
        ("INFRASTRUCTURE_COSTS_DIR", options.infrastructure_dir),
    ):
        if directory is not None:
            all_settings[name] = str(directory.resolve())
    catalogue = options.catalog
    return {
        "environment": all_settings,
        "world": {
            "seed": None if catalogue else options.seed,
            "scale": None if catalogue else options.scale,
            "catalog": str(catalogue.resolve()) if catalogue else None,
            "start": (options.start or world.first_day).isoformat(),
            "as_of": world.as_of.isoformat(),
        },
        "truth_dir": str(options.truth_dir.resolve()) if options.truth_dir else None,
    }


def write_atomically(path: Path, document: Mapping[str, object]) -> None:
    """Write a JSON file that is never seen half written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    draft.replace(path)


async def _run(
    world: World,
    options: argparse.Namespace,
    sockets: Mapping[str, socket.socket],
    key: str,
    parent: int,
) -> None:
    """Serve until a signal comes or the parent goes."""
    credentials = Credentials()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)

    async def watch_parent() -> None:
        while os.getppid() == parent:
            await asyncio.sleep(_PARENT_CHECK_SECONDS)
        stop.set()

    watcher = asyncio.create_task(watch_parent())
    failures: Mapping[str, Fault] = options.failures
    made = services(world, credentials, options.quota)
    # The sockets listen already: a call made before the servers are up waits for them.
    serving = asyncio.create_task(serve(made, sockets, failures, stop, None, options.weather))
    if options.ready_file is not None:
        settings = environment(sockets, credentials)
        if options.weather is not None:
            settings["YTEMPIRE_TIMEOUT_SECONDS"] = _STALLED_SECONDS
        document = ready_document(options, world, settings, key)
        write_atomically(options.ready_file, document)
    await serving
    watcher.cancel()


def main(argv: Sequence[str] | None = None) -> int:
    """Run the service and return its exit code."""
    parent = os.getppid()
    options = _arguments(argv)
    key = encryption_key(options.seed)
    try:
        sockets = bind(options.host, options.port)
    except OSError as error:
        print(f"The port for a stand-in API is taken on {options.host}: {error}.", file=sys.stderr)
        return EXIT_PORT
    world = make_world(options, key)
    try:
        fill(options, world)
        asyncio.run(_run(world, options, sockets, key, parent))
    except psycopg.Error as error:
        print(f"The platform database could not be filled: {error}".strip(), file=sys.stderr)
        return EXIT_DATABASE
    except OSError as error:
        print(f"A file could not be written: {error}.", file=sys.stderr)
        return EXIT_DIRECTORY
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
