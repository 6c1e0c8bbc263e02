"""Time each step of the demo, in a scratch warehouse: `make bench`.

Read the shares and the ratio, not the seconds: machines differ, a run's own proportions do not.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from runner.settings import PROJECT_DIR


def bench(
    scale: Annotated[str, typer.Option(help="small, mvp or growth.")] = "small",
    seed: Annotated[int, typer.Option(help="The seed of the world.")] = 7,
) -> None:
    """Run the demo twice, on an empty warehouse and on a filled one, and print their steps."""
    home = Path(tempfile.mkdtemp(prefix="ytempire-bench-"))
    home.chmod(0o755)
    try:
        first = _demo(home, scale, seed)
        again = _demo(home, scale, seed)
        _print(first, again, scale)
    finally:
        _command(home, "down", "--delete-data", "--yes")
        shutil.rmtree(home, ignore_errors=True)


def _command(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    environment = {
        **kept,
        "YTEMPIRE_HOME": str(home),
        "YTEMPIRE_ENV_FILE": str(home / ".env"),
        "DBT_TARGET_PATH": str(home / "target"),
        "DBT_LOG_PATH": str(home / "logs"),
    }
    return subprocess.run(
        [sys.executable, "-m", "runner.cli", *arguments],
        cwd=PROJECT_DIR,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )


def _demo(home: Path, scale: str, seed: int) -> dict[str, Any]:
    started = time.perf_counter()
    made = _command(home, "demo", "--scale", scale, "--seed", str(seed), "--json")
    if made.returncode:
        raise SystemExit(made.returncode)
    report: dict[str, Any] = json.loads(made.stdout)
    report["total"] = time.perf_counter() - started
    return report


def _steps(report: dict[str, Any]) -> dict[str, float]:
    steps: dict[str, float] = {}
    for step, seconds in report["seconds"].items():
        if step == "extract":
            for source in report["sources"]:
                steps[f"extract {source['source']}"] = source["seconds"]
        else:
            steps[step] = seconds
    steps["start and end"] = report["total"] - sum(report["seconds"].values())
    return steps


def _print(first: dict[str, Any], again: dict[str, Any], scale: str) -> None:
    table = Table(title=f"ytempire demo --scale {scale}", title_justify="left")
    table.add_column("step")
    for name in ("empty, s", "share", "filled, s", "filled / empty"):
        table.add_column(name, justify="right")
    repeated = _steps(again)
    for step, seconds in _steps(first).items():
        other = repeated.get(step, 0.0)
        ratio = f"{other / seconds:.2f}" if seconds >= 0.05 else ""
        table.add_row(
            step, f"{seconds:.2f}", f"{seconds / first['total']:.0%}", f"{other:.2f}", ratio
        )
    ratio = f"{again['total'] / first['total']:.2f}"
    table.add_row("total", f"{first['total']:.2f}", "100%", f"{again['total']:.2f}", ratio)
    rows = sum(
        stream["rows_landed"]
        for source in first["sources"]
        for stream in source["streams"].values()
    )
    console = Console()
    console.print(table)
    console.print(f"{rows:,} rows landed, {first['build']['models']} models built")


if __name__ == "__main__":
    typer.run(bench)
