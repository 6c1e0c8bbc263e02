"""With every fault switched on, the same is landed and built as in fair weather, row for row.

CI does it for one seed; `make faults` for three.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from commands import AS_OF, BuiltWarehouse, Ytempire, contents, serving

from simulator.http.weather import KINDS
from warehouse.connection import WarehouseTarget, connect

pytestmark = pytest.mark.slow

SEEDS = [int(seed) for seed in os.environ.get("YTEMPIRE_FAULT_SEEDS", "7").split(",")]
# Where there are few calls, more of them are struck.
WEATHER = "all,stripe/all=0.04,oauth/all=0.03,openai/all=0.07,elevenlabs/all=0.07"
SCHEMAS = ("raw_youtube", "raw_billing", "raw_costs", "raw_platform", "intermediate", "marts")


# What the runs themselves wrote down; marts of it differ from run to run.
BOOKS = ("api_calls", "runs", "source_results", "validation_results", "isolation_checks")


def _marts_of_books(home: Path) -> set[str]:
    """Return the tables that are built of the books, by dbt's own account."""
    manifest = json.loads((home / "target" / "manifest.json").read_text())
    ahead = [one for one in manifest["sources"] if one.startswith("source.") and ".ops." in one]
    ahead = [one for one in ahead if one.rpartition(".")[2] in BOOKS]
    found: set[str] = set()
    while ahead:
        for child in manifest["child_map"].get(ahead.pop(), []):
            if child.startswith("model.") and child not in found:
                found.add(child)
                ahead.append(child)
    nodes = [manifest["nodes"][one] for one in found]
    return {f"{node['schema']}.{node['alias']}" for node in nodes}


def _counts(settings: Mapping[str, str], what: str) -> Counter[str]:
    total: Counter[str] = Counter()
    for url in {address for address in settings.values() if address.startswith("http://")}:
        total.update(httpx.get(f"{url.removesuffix('/token')}/{what}").json())
    return total


def _run(command: Ytempire) -> dict[str, Any]:
    arguments = ("run", "--as-of", AS_OF.isoformat(), "--json")
    report: dict[str, Any] = json.loads(command(*arguments, exit_code=None, timeout=900).stdout)
    return report


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", SEEDS)
def test_everything_is_as_in_fair_weather(
    seed: int,
    build_demo: Callable[[int], BuiltWarehouse],
    new_migrated_warehouse: Callable[[], WarehouseTarget],
    tmp_path: Path,
) -> None:
    fair = build_demo(seed)
    target = new_migrated_warehouse()
    platform = replace(target, database=f"{target.database}_platform")
    world = ("--seed", str(seed), "--scale", "small", "--faults", WEATHER)
    with serving(tmp_path, platform, AS_OF, *world) as told:
        command = Ytempire(target, tmp_path, told["environment"])
        runs = [_run(command)]
        if runs[0]["exit_code"] != 0:
            runs.append(_run(command))
        struck = _counts(told["environment"], "_faults")
        asked = _counts(told["environment"], "_calls").total()
    figures = {"seed": seed, "runs": len(runs), "calls": asked, "faults": struck}
    print(json.dumps(figures, sort_keys=True))  # `make faults` shows it
    assert runs[-1]["exit_code"] == 0, runs[-1]["problems"]
    assert set(struck) == set(KINDS)
    assert struck.total() > asked / 20
    expected, found = contents(fair.target, SCHEMAS), contents(target, SCHEMAS)
    differing = {table for table in expected if found.get(table) != expected[table]}
    assert differing - _marts_of_books(tmp_path) == set()
    assert len(expected) > 50
    with connect(target) as connection:
        quarantined = connection.execute("select stream, reason from ops.quarantine").fetchall()
    assert quarantined == []
