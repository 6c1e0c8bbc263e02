"""Check that every model and column is documented and every mart tested.

Run `make coverage`: dbt reads the built warehouse's catalogue, so that a column that a model has
and nobody described counts as well; dbt-coverage measures. Sources are left out: what is landed
is described where it is staged.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from runner.settings import PROJECT_DIR


def program(name: str) -> str:
    """Return the path of a program of this environment."""
    return str(Path(sys.executable).with_name(name))


def prepare(target: Path) -> tuple[Path, Mapping[str, Any]]:
    """Write dbt's catalogue without sources beside the manifest; return the folder and manifest."""
    manifest: dict[str, Any] = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
    catalog = json.loads((target / "catalog.json").read_text(encoding="utf-8"))
    folder = target / "coverage"
    folder.mkdir(exist_ok=True)
    (folder / "catalog.json").write_text(json.dumps({**catalog, "sources": {}}), encoding="utf-8")
    shutil.copyfile(target / "manifest.json", folder / "manifest.json")
    return folder, manifest


def undocumented(folder: Path, project: Path = PROJECT_DIR) -> str | None:
    """Return dbt-coverage's report where it is below 100 percent, else None."""
    command = [
        *(program("dbt-coverage"), "compute", "doc"),
        *("--project-dir", str(project), "--run-artifacts-dir", str(folder)),
        *("--cov-report", str(folder / "coverage.json"), "--cov-fail-under", "1.0"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return None
    lines = [
        line for line in done.stdout.splitlines() if line.endswith("%") and "100.0%" not in line
    ]
    return "\n".join(lines) or done.stderr


def untested_marts(manifest: Mapping[str, Any]) -> list[str]:
    """Return the marts on which no data test and no unit test depends."""
    children = manifest["child_map"]
    return sorted(
        node["name"]
        for key, node in manifest["nodes"].items()
        if node["resource_type"] == "model"
        and node["path"].startswith("marts")
        and not any(child.startswith(("test.", "unit_test.")) for child in children.get(key, ()))
    )


def main() -> int:
    """Generate dbt's catalogue from the running warehouse and check it; return the exit code."""
    done = subprocess.run(
        [program("dbt"), "docs", "generate", "--quiet", "--no-compile"],
        cwd=PROJECT_DIR,
        check=False,
    )
    if done.returncode:
        return done.returncode
    target = PROJECT_DIR / (os.environ.get("DBT_TARGET_PATH") or "target")
    folder, manifest = prepare(target)
    missing = undocumented(folder)
    untested = untested_marts(manifest)
    print(missing or "Every model and column is documented.")
    print(f"Marts without a test: {', '.join(untested)}." if untested else "Every mart is tested.")
    return 1 if missing or untested else 0


if __name__ == "__main__":
    sys.exit(main())
