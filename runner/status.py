"""What there is, without starting or changing anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.table import Table

from ingest.sources.youtube.back_fill import Outlook, outlooks
from runner import warehouse_access as access
from runner.settings import Settings
from warehouse.connection import WarehouseTarget, connect
from warehouse.migrate import HEAD, current_revision


@dataclass(frozen=True, slots=True)
class LastRun:
    """The newest row of `ops.runs`."""

    command: str
    status: str
    started_at: datetime
    finished_at: datetime | None
    exit_code: int | None
    message: str | None


@dataclass(frozen=True, slots=True)
class StreamStatus:
    """When a stream was last landed, and how many of its rows are in quarantine."""

    source: str
    stream: str
    last_landed_at: datetime
    quarantined: int


@dataclass(frozen=True, slots=True)
class Status:
    """The server (None: not running), the last run, the streams."""

    server: str | None
    last_run: LastRun | None = None
    streams: tuple[StreamStatus, ...] = field(default_factory=tuple)
    back_fills: tuple[Outlook, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the status as plain values."""
        run = self.last_run
        return {
            "server": self.server,
            "last_run": None
            if run is None
            else {
                "command": run.command,
                "status": run.status,
                "started_at": run.started_at.isoformat(),
                "finished_at": run.finished_at.isoformat() if run.finished_at else None,
                "exit_code": run.exit_code,
                "message": run.message,
            },
            "streams": [
                {
                    "source": item.source,
                    "stream": item.stream,
                    "last_landed_at": item.last_landed_at.isoformat(),
                    "quarantined": item.quarantined,
                }
                for item in self.streams
            ],
            "back_fills": [outlook.as_json() for outlook in self.back_fills],
        }


def read_status(settings: Settings) -> Status:
    """Return the status. Raises `DatabaseError` where a user's own server does not answer."""
    target = access.running_warehouse(settings)
    if target is None:
        return Status(None)
    revision = current_revision(target) if access.has_database(target) else None
    if revision is None:
        return Status(str(target))
    return _read(target, settings.youtube_analytics_daily_calls, revision == HEAD)


def _read(target: WarehouseTarget, daily_calls: int, is_newest: bool) -> Status:
    with connect(target, application_name="ytempire-status") as connection:
        last = connection.execute(
            """
            select command, status, started_at, finished_at, exit_code, message
            from ops.runs order by started_at desc limit 1
            """
        ).fetchone()
        streams = connection.execute(
            """
            select source, stream, max(committed_at), sum(rows_quarantined)::bigint
            from ops.batches group by source, stream order by source, stream
            """
        ).fetchall()

        def query(statement: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
            return connection.execute(statement, parameters or None).fetchall()

        fills = outlooks(query, daily_calls, datetime.now(UTC)) if is_newest else []
    return Status(
        str(target),
        LastRun(*last) if last else None,
        tuple(StreamStatus(*row) for row in streams),
        tuple(fills),
    )


def print_status(console: Console, status: Status) -> None:
    """Print the status for a person."""
    if status.server is None:
        console.print("The embedded server is not running. Start it: ytempire up")
        return
    console.print(f"Server: {status.server}", highlight=False)
    run = status.last_run
    if run is None:
        console.print("No run yet. Try: ytempire demo")
        return
    console.print(
        f"Last run: {run.command} {run.status}, started {run.started_at:%Y-%m-%d %H:%M:%S} UTC"
        + (f" - {run.message}" if run.message else ""),
        highlight=False,
    )
    for outlook in status.back_fills:
        console.print(str(outlook).capitalize(), highlight=False, soft_wrap=True)
    table = Table(box=None, pad_edge=False)
    for name in ("source", "stream", "last landed (UTC)"):
        table.add_column(name)
    table.add_column("quarantined", justify="right")
    for item in status.streams:
        table.add_row(
            item.source,
            item.stream,
            f"{item.last_landed_at:%Y-%m-%d %H:%M:%S}",
            f"{item.quarantined:,}",
        )
    console.print(table)
