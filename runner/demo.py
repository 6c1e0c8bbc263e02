"""The demo's world, told by stand-in APIs to the very code that runs against the real ones.

The world ends now. Its seed, scale and first day are noted in the warehouse, so that the next
demo goes on with the same world, a little later.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from runner.settings import PROJECT_DIR
from warehouse.connection import WarehouseTarget, connect, ensure_database
from warehouse.errors import ConfigurationError, SourceUnavailableError

_NOTE = "demo_world"
_START_SECONDS = 180.0


@dataclass(frozen=True, slots=True)
class DemoWorld:
    """Which world is told: `start` is its first day, None lets the scale decide."""

    seed: int
    scale: str
    as_of: datetime
    start: date | None = None


@dataclass(frozen=True, slots=True)
class StandIns:
    """The stand-in APIs at work: the settings that lead to them, and where the truth is."""

    environment: dict[str, str]
    truth_dir: Path
    start: date

    def struck(self) -> Counter[str]:
        """Return how often each kind of fault has struck, over all services."""
        total: Counter[str] = Counter()
        told = [urlsplit(url) for url in self.environment.values() if url.startswith("http://")]
        for host in {url.netloc for url in told}:
            total.update(httpx.get(f"http://{host}/_faults").json())
        return total


def claim_warehouse(target: WarehouseTarget, world: DemoWorld) -> DemoWorld:
    """Return the world to tell in this warehouse: the one that it holds, going on.

    Raises `ConfigurationError` where the warehouse holds real data, or another world.
    """
    with connect(target, application_name="ytempire-demo") as connection:
        noted = connection.execute("select value from ops.notes where name = %s", (_NOTE,))
        held = noted.fetchone()
        if held is not None:
            return _go_on(held[0], world)
        landed = connection.execute("select exists (select from ops.batches)").fetchone()
    if landed is not None and landed[0]:
        raise ConfigurationError(
            f"The database {target.database} holds data of real sources; "
            "the demo would mix with them.",
            hint="Give the demo a database of its own: PGDATABASE=ytempire_demo ytempire demo",
        )
    return world


def _go_on(held: dict[str, Any], world: DemoWorld) -> DemoWorld:
    if (held["seed"], held["scale"]) != (world.seed, world.scale):
        raise ConfigurationError(
            f"The warehouse holds the demo's world of seed {held['seed']}, scale {held['scale']}; "
            f"seed {world.seed}, scale {world.scale} was asked for.",
            hint="Ask for the same world, or start afresh: ytempire demo --fresh",
        )
    return replace(world, start=date.fromisoformat(held["start"]))


def note_world(target: WarehouseTarget, world: DemoWorld, start: date) -> None:
    """Note in the warehouse which world its data are of."""
    value = json.dumps({"seed": world.seed, "scale": world.scale, "start": start.isoformat()})
    with connect(target, application_name="ytempire-demo") as connection:
        connection.execute(
            """
            insert into ops.notes (name, value) values (%s, %s)
            on conflict (name) do update set value = excluded.value, updated_at = now()
            """,
            (_NOTE, value),
        )


@contextmanager
def stand_ins(
    platform: WarehouseTarget, world: DemoWorld, home: Path, *arguments: str
) -> Iterator[StandIns]:
    """Serve the world's APIs on loopback while the context lasts.

    Raises `SourceUnavailableError` when the stand-ins do not come up.
    """
    place = home / "demo"
    place.mkdir(parents=True, exist_ok=True)
    ready = place / "stand-ins.json"
    ready.unlink(missing_ok=True)
    log = place / "stand-ins.log"
    ensure_database(platform)
    command = [
        *(sys.executable, "-m", "simulator.serve"),
        *("--seed", str(world.seed), "--scale", world.scale, "--as-of", world.as_of.isoformat()),
        *(("--start", world.start.isoformat()) if world.start else ()),
        *("--expenses-dir", str(place / "expenses"), "--truth-dir", str(place / "truth")),
        *("--infrastructure-dir", str(place / "infrastructure")),
        *("--ready-file", str(ready)),
        *arguments,
    ]
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            command,
            cwd=PROJECT_DIR,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            # Not an argument: those of a process can be read by every user of the machine.
            env={**os.environ, "STANDIN_PLATFORM_DATABASE_URL": platform.url()},
        )
    try:
        told = _wait_for(process, ready, log)
        yield StandIns(
            environment=told["environment"],
            truth_dir=Path(told["truth_dir"]),
            start=date.fromisoformat(told["world"]["start"]),
        )
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()


def _wait_for(process: subprocess.Popen[bytes], ready: Path, log: Path) -> dict[str, Any]:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if ready.exists():
            told: dict[str, Any] = json.loads(ready.read_text(encoding="utf-8"))
            return told
        if process.poll() is not None:
            break
        time.sleep(0.05)
    lines = log.read_text(encoding="utf-8").strip().splitlines()
    raise SourceUnavailableError(
        f"The stand-in APIs did not come up: {lines[-1] if lines else 'no message'}",
        hint=f"See {log}.",
    )


def now() -> datetime:
    """Return the present instant, in whole seconds: the end of the demo's world."""
    return datetime.now(UTC).replace(microsecond=0)
