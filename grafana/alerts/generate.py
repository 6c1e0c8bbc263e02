"""`python -m grafana.alerts.generate`: write the alerts' files, or `--check` them."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import yaml

from grafana.alerts import routes
from grafana.alerts.rule_files import rules_document
from grafana.alerts.rules import read_rules
from grafana.normalise import Json

ROOT = Path(__file__).parents[1]
_HEAD = (
    "# Written by `python -m grafana.alerts.generate` "
    "from grafana/alerts/ and seeds/alert_rules.csv.\n"
)

FILES: dict[str, Callable[[], Json]] = {
    "provisioning/alerting/rules.yaml": lambda: rules_document(read_rules()),
    "provisioning/alerting/contact_points.yaml": routes.contact_points_document,
    "provisioning/alerting/policies.yaml": routes.policies_document,
    "provisioning/alerting/mute_times.yaml": routes.mute_times_document,
    "provisioning/alerting/templates.yaml": routes.templates_document,
    "optional/pagerduty.yaml": routes.pagerduty_document,
}
# Whoever has a key of PagerDuty copies the optional file there.
_THEIR_OWN = {"pagerduty.yaml"}
_TIME_OF_DAY = re.compile(r"\d\d:\d\d")


class _Dumper(yaml.SafeDumper):
    """YAML without anchors, with text of several lines as a block."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write what is used twice twice."""
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    # A time of day is a number to some readers of YAML.
    style = "|" if "\n" in text else "'" if _TIME_OF_DAY.fullmatch(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def render(document: Json) -> str:
    """Give the text of a file: the same bytes for the same document."""
    text = yaml.dump(
        document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100, indent=2
    )
    return _HEAD + text


def drift(root: Path = ROOT) -> list[str]:
    """Say which files are missing, differ from the code, or belong to nothing."""
    found = []
    for name, build in FILES.items():
        path = root / name
        if not path.is_file():
            found.append(f"{name} is missing")
        elif path.read_text(encoding="utf-8") != render(build()):
            found.append(f"{name} differs from the code")
    for path in sorted((root / "provisioning" / "alerting").glob("*")):
        name = path.relative_to(root).as_posix()
        if name not in FILES and path.name not in _THEIR_OWN:
            found.append(f"{name} belongs to no code")
    return found


def write(root: Path = ROOT) -> list[Path]:
    """Write every file below `root` and give the paths; stray files are left alone."""
    for name, build in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(render(build()), encoding="utf-8")
    return [root / name for name in FILES]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 0 when all is well, 1 when `--check` found drift."""
    parser = argparse.ArgumentParser(prog="python -m grafana.alerts.generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing, tell what drifted")
    parser.add_argument("--output", type=Path, default=ROOT, metavar="DIR")
    options = parser.parse_args(arguments)
    if not options.check:
        for path in write(options.output):
            print(path)
        return 0
    found = drift(options.output)
    for line in found:
        print(line, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
