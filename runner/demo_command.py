"""`ytempire demo`: the whole way from the APIs to the marts, ending in a summary."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

from rich.console import Console

from runner import pipeline, summary
from runner import warehouse_access as access
from runner.demo import DemoWorld, StandIns, claim_warehouse, note_world, stand_ins
from runner.figures import read_key_figures
from runner.progress import Display, display
from runner.report import RunReport
from runner.settings import Settings, load_settings
from runner.truth import Comparison, compare_with_truth
from runner.wiring import REQUIREMENTS, missing_settings, source_configs
from warehouse.connection import WarehouseTarget, connect, ensure_database
from warehouse.errors import BuildError
from warehouse.migrate import migrate


def run_demo(
    settings: Settings, world: DemoWorld, *, fresh: bool, as_json: bool, faults: str | None = None
) -> int:
    """Run the demo and print its summary. Returns the exit code; a difference from truth is 11.

    `faults` is the weather between us and the stand-ins (see `simulator.http.weather`).
    """
    with display(quiet=as_json) as shown:
        shown.say("Starting the warehouse ...")
        target = _warehouse(settings, fresh=fresh)
        report, compared = _tell(settings, target, world, shown, faults)
    differs = any(item.differences for item in compared)
    if as_json:
        print(json.dumps(_as_json(report, compared), indent=2))
    else:
        _print(summary.make_console(), target, report, compared)
    return report.exit_code or (BuildError.exit_code if differs else 0)


def _warehouse(settings: Settings, *, fresh: bool) -> WarehouseTarget:
    """Return the demo's warehouse: beside the real one where the server is the user's own."""
    target = access.open_server(settings)
    if fresh:
        _drop(target)
    ensure_database(target)
    migrate(target)
    return target


def _drop(target: WarehouseTarget) -> None:
    """Drop the demo's warehouse; what is not the demo's is refused by `claim_warehouse`."""
    if access.has_database(target):
        migrate(target)
        with connect(target) as connection:
            held = connection.execute(
                """
                select exists (select from ops.batches)
                    and not exists (select from ops.notes where name = 'demo_world')
                """
            ).fetchone()
        if held and held[0]:
            return
    access.drop_database(target)


def _tell(
    settings: Settings,
    target: WarehouseTarget,
    world: DemoWorld,
    shown: Display,
    faults: str | None,
) -> tuple[RunReport, list[Comparison]]:
    world = claim_warehouse(target, world)
    if world.start is None:  # a new world: what an older one left with the platform goes
        access.drop_database(access.platform_target(target))
    shown.say(f"Making the world: seed {world.seed}, scale {world.scale} ...")
    started = time.perf_counter()
    weather = ("--faults", faults) if faults else ()
    with stand_ins(access.platform_target(target), world, settings.state_dir, *weather) as served:
        note_world(target, world, served.start)
        told = time.perf_counter() - started
        report = pipeline.run(target, _plan(served, world), shown)
        report.seconds = {"world": told, **report.seconds}
        if faults:
            shown.say(_weather_line(served.struck()))
        compared: list[Comparison] = []
        if report.build is not None:
            with report.timed("truth"):
                compared = compare_with_truth(target, served.truth_dir)
    return report, compared


def _plan(served: StandIns, world: DemoWorld) -> pipeline.Plan:
    # Whatever the stand-ins do not serve is left out: the user's own keys never meet the demo.
    nothing = dict.fromkeys(name for needs in REQUIREMENTS.values() for name in needs.needed)
    settings = load_settings({**nothing, **served.environment})
    return pipeline.Plan(
        command="demo",
        as_of=world.as_of,
        configs=source_configs(settings),
        missing=missing_settings(settings),
        page=settings.state_dir / "validation.html",
    )


def _weather_line(struck: Mapping[str, int]) -> str:
    kinds = ", ".join(f"{kind} {count:,}" for kind, count in sorted(struck.items()))
    return f"faults: {sum(struck.values()):,} struck ({kinds or 'none'})"


def _as_json(report: RunReport, compared: list[Comparison]) -> dict[str, Any]:
    return {
        **report.as_json(),
        "truth": [
            {
                "name": item.name,
                "compared": item.compared,
                "differences": list(item.differences[:20]),
            }
            for item in compared
        ],
    }


def _print(
    console: Console, target: WarehouseTarget, report: RunReport, compared: list[Comparison]
) -> None:
    console.print()
    summary.print_run(console, report)
    summary.print_truth(console, compared)
    console.print()
    if report.build is not None:
        summary.print_figures(console, read_key_figures(target))
    summary.print_next_steps(console, target, report)
