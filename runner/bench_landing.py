"""Land counter snapshots next to `\\copy` and dlt: `make bench-landing`.

The same rows go three ways in one run, each in a process of its own, into a scratch server: our
`Lander`; psql's `\\copy` from a CSV file, made beforehand, into a table that is equal in columns,
key and monthly partitions; dlt with its defaults, on fewer rows, for its rows a second do not
depend on their number. Read the ratios: machines differ, a run's own proportions do not.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Table

from ingest.extraction import batched
from ingest.landing import MAX_BATCH_ROWS, Lander, Row
from ingest.streams import VIDEO_SNAPSHOTS
from runner.settings import PROJECT_DIR
from warehouse.binaries import find_binaries
from warehouse.connection import WarehouseTarget, connect, ensure_database
from warehouse.migrate import migrate
from warehouse.partitions import ensure_partitions
from warehouse.server import EmbeddedServer

FIRST = datetime(2026, 10, 20, tzinfo=UTC)
EVERY = timedelta(hours=3)
VIDEOS = 45_000  # as many as the mvp world has; each instant counts all of them
COPIED = "bench.video_snapshots"
_BATCH_ID = UUID(int=7)
_FLAT_BYTES = 200 * 1024 * 1024

app = typer.Typer(help=__doc__, add_completion=False, pretty_exceptions_enable=False)


@dataclass(frozen=True, slots=True)
class Figures:
    """How one way fared. Memory, in bytes, is that of the process that reads and sends."""

    name: str
    rows: int
    seconds: float
    early_bytes: int = 0  # after the first tenth of the rows
    peak_bytes: int = 0

    @property
    def rate(self) -> float:
        """Return the rows a second."""
        return self.rows / self.seconds


def snapshots(count: int) -> Iterator[Row]:
    """Yield counters of videos, instant by instant, as `videos.batchGetStats` tells them."""
    for number in range(count):
        instant, video = divmod(number, VIDEOS)
        views = video * 37 + instant * (video % 91)
        yield Row(
            (f"{video * 7_919 % 1_000_003:07d}v{video % 97:02d}_", FIRST + instant * EVERY),
            {
                "viewCount": str(views),
                "likeCount": str(views // 23),
                "favoriteCount": "0",
                "commentCount": str(views // 311),
            },
        )


class _Source:
    """Gives the rows in batches; `seconds` is what making them took, which is no landing."""

    def __init__(self, rows: int) -> None:
        self._batches = batched(snapshots(rows), MAX_BATCH_ROWS)
        self.seconds = 0.0

    def __iter__(self) -> Iterator[list[Row]]:
        while True:
            started = time.perf_counter()
            batch = next(self._batches, None)
            self.seconds += time.perf_counter() - started
            if batch is None:
                return
            yield batch


@app.command()
def compare(
    rows: Annotated[int, typer.Option(help="Snapshots to land.", min=1000)] = 10_000_000,
    dlt_rows: Annotated[int, typer.Option(help="Of them by dlt.", min=1000)] = 200_000,
) -> None:
    """Land the rows in each way and print how they compare."""
    home = Path(tempfile.mkdtemp(prefix="ytempire-bench-"))
    home.chmod(0o755)
    server = EmbeddedServer(home, usual_port=None)
    try:
        target = server.start().target("bench")
        ensure_database(target)
        migrate(target)
        ways = [
            _copy(target, home, rows),
            _in_process("land", target, home, rows),
            _in_process("load-with-dlt", target, home, min(dlt_rows, rows)),
        ]
        _check(target, rows)
        _print(ways)
    finally:
        server.destroy()
        shutil.rmtree(home, ignore_errors=True)


@app.command()
def land(rows: int) -> None:
    """Land the rows with our own code and print the figures as JSON."""
    source, early, started = _Source(rows), 0, time.perf_counter()
    with Lander(lambda: connect(_target()), None, lambda: datetime.now(UTC)) as lander:
        for number, batch in enumerate(source, start=1):
            lander.land(VIDEO_SNAPSHOTS, batch)
            if not early and number * MAX_BATCH_ROWS * 10 >= rows:
                early = _memory("VmRSS")
    _tell("Lander", rows, time.perf_counter() - started - source.seconds, early)


@app.command()
def load_with_dlt(rows: int) -> None:
    """Load the rows with dlt as it is by default and print the figures as JSON."""
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
    import dlt

    pipeline = dlt.pipeline(
        "bench_landing",
        pipelines_dir=str(Path.cwd() / "dlt"),
        destination=dlt.destinations.postgres(credentials=_target().url().split("?")[0]),
        dataset_name="dlt_bench",
    )
    source = _Source(rows)
    items = (
        [
            {"video_id": row.values[0], "captured_at": row.values[1], "payload": row.payload}
            for row in batch
        ]
        for batch in source
    )
    columns: Any = {"payload": {"data_type": "json"}}
    started = time.perf_counter()
    pipeline.run(items, table_name="video_snapshots", columns=columns)
    _tell("dlt, default", rows, time.perf_counter() - started - source.seconds, 0)


def _copy(target: WarehouseTarget, home: Path, rows: int) -> Figures:
    """Copy the rows with psql from a file into a table like ours."""
    path = home / "snapshots.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        for row in snapshots(rows):
            payload = json.dumps(row.payload, separators=(",", ":"))
            writer.writerow((*row.values, payload, _BATCH_ID, FIRST))
    last = FIRST + rows // VIDEOS * EVERY
    with connect(target) as connection:
        connection.execute("create schema bench")
        connection.execute(
            f"create table {COPIED} (like {VIDEO_SNAPSHOTS.table} including all)"
            " partition by range (captured_at)"
        )
        for month in sorted({(FIRST + n * EVERY).replace(day=1) for n in range(_instants(rows))}):
            ensure_partitions(connection, COPIED, month, min(month, last))
    psql = find_binaries().bindir / "psql"
    started = time.perf_counter()
    subprocess.run(
        [psql, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", f"\\copy {COPIED} from '{path}' csv"],
        env={**os.environ, **target.environment()},
        check=True,
    )
    seconds = time.perf_counter() - started
    path.unlink()
    return Figures("psql \\copy", rows, seconds)


def _instants(rows: int) -> int:
    return -(-rows // VIDEOS)


def _in_process(command: str, target: WarehouseTarget, home: Path, rows: int) -> Figures:
    """Run a command of this module in a process of its own and return its figures."""
    with connect(target, autocommit=True) as connection:
        connection.execute("checkpoint")  # nobody pays for what another one wrote
    done = subprocess.run(
        [sys.executable, "-m", "runner.bench_landing", command, str(rows)],
        cwd=home,
        env={**os.environ, **target.environment(), "PYTHONPATH": str(PROJECT_DIR)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return Figures(**json.loads(done.stdout.splitlines()[-1]))


def _target() -> WarehouseTarget:
    host, port, user, password, database = (
        os.environ[f"PG{name}"] for name in ("HOST", "PORT", "USER", "PASSWORD", "DATABASE")
    )
    return WarehouseTarget(host, int(port), user, password, database, sslmode="disable")


def _tell(name: str, rows: int, seconds: float, early: int) -> None:
    figures = {"name": name, "rows": rows, "seconds": seconds, "early_bytes": early}
    print(json.dumps({**figures, "peak_bytes": _memory("VmHWM")}))


def _memory(name: str) -> int:
    """Return a figure of this process's memory in bytes, 0 where the system tells none."""
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    found = [line.split()[1] for line in lines if line.startswith(f"{name}:")]
    return int(found[0]) * 1024 if found else 0


def _check(target: WarehouseTarget, rows: int) -> None:
    """Hold the landed rows against the copied ones: the same videos, instants and payloads."""
    with connect(target) as connection:
        found = [
            connection.execute(
                f"select count(*), sum((payload ->> 'viewCount')::bigint) from {table}"
            ).fetchone()
            for table in (VIDEO_SNAPSHOTS.table, COPIED)
        ]
    if found[0] != found[1] or found[0] is None or found[0][0] != rows:
        raise SystemExit(f"The landed rows are not the copied ones: {found}.")


def _print(ways: list[Figures]) -> None:
    copied, ours, dlt = ways
    table = Table(title="Counter snapshots into raw_youtube.video_snapshots", title_justify="left")
    table.add_column("way")
    for name in ("rows", "seconds", "rows/s", "to \\copy", "memory, peak MB"):
        table.add_column(name, justify="right")
    for way in ways:
        table.add_row(
            way.name,
            f"{way.rows:,}",
            f"{way.seconds:.1f}",
            f"{way.rate:,.0f}",
            f"{way.rate / copied.rate:.2f}",
            f"{way.peak_bytes / 1024**2:.0f}" if way.peak_bytes else "",
        )
    console = Console(width=100)
    console.print(table)
    flat = "below" if ours.peak_bytes < _FLAT_BYTES else "NOT below"
    console.print(
        f"Lander: {ours.rate / copied.rate:.2f} of \\copy (goal 0.5), "
        f"{ours.rate / dlt.rate:.0f} times dlt (goal 10); memory "
        f"{ours.early_bytes / 1024**2:.0f} MB after a tenth of the rows, "
        f"{ours.peak_bytes / 1024**2:.0f} MB at most, {flat} the limit of 200 MB.\n"
        "dlt loads fewer rows; columns, key and monthly partitions are the same for \\copy and "
        "the Lander, dlt makes its own table without a key.",
        highlight=False,
    )


if __name__ == "__main__":
    app()
