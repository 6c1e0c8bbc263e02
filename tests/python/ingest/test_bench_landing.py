"""The comparison of landing with `\\copy` and dlt runs, on few rows."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[3]


def test_the_three_ways_land_the_same_rows() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "runner.bench_landing", "compare", "--rows", "3000"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for told in ("psql \\copy", "Lander", "dlt, default", "3,000", "goal 0.5", "below the limit"):
        assert told in " ".join(done.stdout.split())
