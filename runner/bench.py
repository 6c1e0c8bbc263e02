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

_SLOWEST = 15


def bench(
    scale: Annotated[str, typer.Option(help="small, mvp or growth.")] = "small",
    seed: Annotated[int, typer.Option(help="The seed of the world.")] = 7,
) -> None:
    """Run the demo on an empty warehouse and on a filled one; print the steps and models."""
    home = Path(tempfile.mkdtemp(prefix="ytempire-bench-"))
    home.chmod(0o755)
    try:
        first = _demo(home, scale, seed)
        again = _demo(home, scale, seed)
        _print(first, again, scale)
        _print_nodes(first["build"]["nodes"], scale)
        _print_unchanged(home)
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


def _print_nodes(nodes: list[dict[str, Any]], scale: str) -> None:
    """Print what the slowest models and tests of the first build took, and what all of them did."""
    built = sum(node["seconds"] for node in nodes)
    table = Table(title=f"slowest of {len(nodes)} nodes, {scale}", title_justify="left")
    table.add_column("node")
    table.add_column("kind")
    for name in ("s", "share"):
        table.add_column(name, justify="right")
    for node in sorted(nodes, key=lambda node: -node["seconds"])[:_SLOWEST]:
        seconds = node["seconds"]
        table.add_row(node["name"], node["kind"], f"{seconds:.2f}", f"{seconds / built:.1%}")
    Console().print(table)


def _print_unchanged(home: Path) -> None:
    """Build twice more: the second time nothing has changed but what tells of the runs."""
    _command(home, "build")
    started = time.perf_counter()
    report = json.loads(_command(home, "build", "--json").stdout)["build"]
    Console().print(
        f"a build without changes: {time.perf_counter() - started:.1f} s, "
        f"{report['models']} models built, {report['models_up_to_date']} up to date"
    )


if __name__ == "__main__":
    typer.run(bench)
