"""`python -m grafana.generate`: write what the dashboards' code gives, or `--check` it."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from grafana.dashboards import CATALOGUE
from grafana.exposures import exposures
from grafana.normalise import Json
from grafana.specification import ASKED
from grafana.specification.page import page

DASHBOARDS = Path(__file__).parent / "provisioning" / "dashboards"
PROJECT = Path(__file__).parent.parent
PAGE = Path("docs/dashboards.md")
EXPOSURES = Path("models/marts/_exposures.yml")


def render(dashboard: Json) -> str:
    """Give the text of a dashboard's file: the same bytes for the same dashboard."""
    return json.dumps(dashboard, indent=2, ensure_ascii=False) + "\n"


def expected_files(folder: Path = DASHBOARDS) -> dict[Path, str]:
    """Give the path and the text of every file that belongs below `folder`."""
    return {folder / entry.path: render(entry.build()) for entry in CATALOGUE}


def drift(folder: Path = DASHBOARDS) -> list[str]:
    """Say which files are missing, differ from the code, or belong to no dashboard."""
    files = expected_files(folder)
    found = []
    for path, text in files.items():
        if not path.is_file():
            found.append(f"{path.relative_to(folder)} is missing")
        elif path.read_text(encoding="utf-8") != text:
            found.append(f"{path.relative_to(folder)} differs from the code")
    strays = sorted(set(folder.rglob("*.json")) - set(files))
    return found + [f"{path.relative_to(folder)} belongs to no dashboard" for path in strays]


def write(folder: Path = DASHBOARDS) -> list[Path]:
    """Write every dashboard below `folder` and give the paths; stray files are left alone."""
    files = expected_files(folder)
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return list(files)


def other_files(project: Path = PROJECT) -> dict[Path, str]:
    """Give the path and the text of what else is written of the dashboards: page and exposures.

    `ValueError` when a row of the page would lead nowhere.
    """
    dashboards = [(entry.name, entry.build()) for entry in CATALOGUE]
    return {
        project / PAGE: page(ASKED, [dashboard for _, dashboard in dashboards]),
        project / EXPOSURES: exposures(dashboards),
    }


def other_drift(project: Path = PROJECT) -> list[str]:
    """Say which of the other files differ from the code."""
    return [
        f"{path.relative_to(project)} differs from the code"
        for path, text in other_files(project).items()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 0 when all is well, 1 when `--check` found drift."""
    parser = argparse.ArgumentParser(prog="python -m grafana.generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing, tell what drifted")
    parser.add_argument("--output", type=Path, default=DASHBOARDS, metavar="DIR")
    parser.add_argument(
        "--project", type=Path, default=PROJECT, metavar="DIR", help="where page and exposures go"
    )
    options = parser.parse_args(arguments)
    if not options.check:
        for path in write(options.output):
            print(path)
        for path, text in other_files(options.project).items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            print(path)
        return 0
    found = drift(options.output) + other_drift(options.project)
    for line in found:
        print(line, file=sys.stderr)
    if found:
        print("Run `python -m grafana.generate` and commit what it writes.", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
