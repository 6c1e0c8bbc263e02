"""Serve a stand-in API from a thread, and extract from it into a warehouse."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import uvicorn
from psycopg.types.json import set_json_loads

from ingest.extraction import Extraction, Extractor, Quiet
from ingest.landing import Lander
from ingest.payload import parse_json
from ingest.retrying import Backoff
from simulator.http.faults import parse_faults
from simulator.http.service import Service, application
from warehouse.connection import WarehouseTarget, connect

AS_OF = datetime(2026, 11, 16, 12, tzinfo=UTC)
A_DAY_LATER = datetime(2026, 11, 17, 12, tzinfo=UTC)
IMPATIENT = Backoff(attempts=3, max_seconds=2.0, first_wait_seconds=0.01)


@contextmanager
def serving(service: Service, fault: str | None = None) -> Iterator[str]:
    """Serve the stand-in on a free port of loopback; give its address."""
    faults = parse_faults([f"{service.name}={fault}"] if fault else [], [service.name])
    app = application(service, faults.get(service.name))
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()


def dead_address() -> str:
    """Return an address of loopback at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


@dataclass
class Landed:
    """How many rows an extraction read, landed and quarantined, by stream."""

    read: dict[str, int] = field(default_factory=dict)
    changed: dict[str, int] = field(default_factory=dict)
    quarantined: int = 0

    @property
    def changes(self) -> int:
        return sum(self.changed.values())


@dataclass
class Steps(Quiet):
    """A progress that calls a function with each step."""

    on_advance: Callable[[], object] | None = None

    def advance(self, source: str, stream: str, steps: int = 1) -> None:
        if self.on_advance is not None:
            self.on_advance()


def extract(
    extractor: Extractor,
    target: WarehouseTarget,
    as_of: datetime = AS_OF,
    since: date | None = None,
    until: date | None = None,
    on_advance: Callable[[], object] | None = None,
) -> Landed:
    """Extract once, and say what came of it; `on_advance` is called with each step forward."""
    landed = Landed()
    with Lander(lambda: connect(target), None, lambda: datetime.now(UTC)) as lander:
        extractor.extract(Extraction(lander, as_of, since, until, Steps(on_advance)))
        for stream, result in lander.results:
            landed.read[stream.name] = landed.read.get(stream.name, 0) + result.rows_read
            landed.changed[stream.name] = landed.changed.get(stream.name, 0) + result.rows_landed
            landed.quarantined += result.rows_quarantined
    return landed


def query(target: WarehouseTarget, statement: str) -> list[tuple[Any, ...]]:
    """Return the rows of a statement, numbers within JSON exact."""
    with connect(target) as connection:
        set_json_loads(parse_json, connection)
        return connection.execute(statement.encode()).fetchall()


def payloads(target: WarehouseTarget, table: str, key: str = "id") -> dict[Any, Any]:
    """Return the payloads of a raw table by its key (several columns with commas)."""
    rows = query(target, f"select payload, {key} from {table}")
    return {row[1] if len(row) == 2 else row[1:]: row[0] for row in rows}


def raw_rows(target: WarehouseTarget, *tables: str) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of the tables, batch and instant of landing included."""
    return {t: query(target, f"select * from {t} order by 1, 2, 3") for t in tables}


def quarantine(target: WarehouseTarget) -> list[tuple[str, str, str]]:
    """Return (location, reason, payload) of the rows in quarantine."""
    statement = "select location, reason, payload from ops.quarantine order by quarantine_id"
    return query(target, statement)
