"""What `make bench-dashboards` tells: tables for people, one JSON document for programs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.table import Table

from grafana.bench.clients import Outcome
from grafana.bench.latencies import (
    GOAL_CLIENTS,
    GOAL_P95_MS,
    GOAL_SLOWEST_MS,
    Asked,
    Summary,
    missed,
    summaries,
    summarise,
)
from grafana.bench.measuring import Measured
from grafana.bench.row_security import Compared, ratio

_ALL = "all"
_SLOWEST = 10


def show(measured: Measured) -> None:
    """Print the tables, and which queries are not within the goals."""
    console = Console(width=120)
    console.print(_by_dashboard(measured))
    for outcome, machine in zip(measured.outcomes, measured.machine_load, strict=False):
        waited = summarise(each.waited for each in outcome.asked)
        pause = f", {outcome.load.pause:g} s between dashboards" if outcome.load.pause else ""
        console.print(
            f"{outcome.load.clients} clients{pause}: {len(outcome.asked):,} queries in "
            f"{outcome.seconds:.1f} s ({len(outcome.asked) / outcome.seconds:,.0f}/s) over "
            f"{outcome.connections} connections; of the p95, waiting for one: "
            f"{waited.p95:.1f} ms. Load of the machine: {machine:.1f}.",
            highlight=False,
        )
    judged = _judged(measured)
    if judged is not None:
        _show_judged(console, judged)
    if measured.compared:
        _show_compared(console, measured.compared, measured.machine_load[-1])


def as_json(measured: Measured) -> dict[str, Any]:
    """Return all figures, latencies in milliseconds."""
    judged = _judged(measured)
    return {
        "as_of": measured.as_of.isoformat(),
        "tenants": measured.tenants,
        "loads": [
            {
                **asdict(outcome.load),
                "machine_load": machine,
                "connections": outcome.connections,
                "took_seconds": outcome.seconds,
                "dashboards": {name: asdict(each) for name, each in _dashboards(outcome).items()},
                "panels": [
                    {"dashboard": name[0], "panel": name[1], **asdict(each)}
                    for name, each in _slowest(outcome)
                ],
                "waited": asdict(summarise(each.waited for each in outcome.asked)),
            }
            for outcome, machine in zip(measured.outcomes, measured.machine_load, strict=False)
        ],
        "goal": {
            "clients": judged.load.clients if judged else None,
            "p95": GOAL_P95_MS,
            "slowest": GOAL_SLOWEST_MS,
            "missed": missed(_panels(judged), summarise(_seconds(judged.asked))) if judged else [],
        },
        "row_level_security": {
            "ratio": ratio(measured.compared) if measured.compared else None,
            "panels": [{**asdict(each), "ratio": each.ratio} for each in measured.compared],
        },
    }


def _seconds(asked: Iterable[Asked]) -> Iterable[float]:
    return (each.seconds for each in asked)


def _judged(measured: Measured) -> Outcome | None:
    """Return the outcome that the goals speak of, else that of the most clients."""
    by_clients = {outcome.load.clients: outcome for outcome in measured.outcomes}
    if not by_clients:
        return None
    return by_clients.get(GOAL_CLIENTS, by_clients[max(by_clients)])


def _dashboards(outcome: Outcome) -> dict[str, Summary]:
    found = summaries(outcome.asked, lambda each: each.dashboard)
    return {**dict(sorted(found.items())), _ALL: summarise(_seconds(outcome.asked))}


def _panels(outcome: Outcome) -> dict[tuple[str, str], Summary]:
    return summaries(outcome.asked, lambda each: (each.dashboard, each.panel))


def _slowest(outcome: Outcome) -> list[tuple[tuple[str, str], Summary]]:
    return sorted(_panels(outcome).items(), key=lambda item: -item[1].p95)


def _by_dashboard(measured: Measured) -> Table:
    table = Table(
        title=f"Queries of the dashboards, ms, as of {measured.as_of:%Y-%m-%d %H:%M} UTC, "
        f"{measured.tenants} tenants",
        title_justify="left",
    )
    table.add_column("clients")
    found = []
    for outcome in measured.outcomes:
        found.append(_dashboards(outcome))
        for name in (f"{outcome.load.clients}: p50", "p95", "p99", "slowest"):
            table.add_column(name, justify="right")
    names = sorted({name for each in found for name in each} - {_ALL})
    for name in [*names, _ALL]:
        cells = []
        for each in found:
            one = each.get(name)
            figures = (one.p50, one.p95, one.p99, one.slowest) if one else ()
            cells += [f"{figure:.1f}" for figure in figures] or [""] * 4
        table.add_row(name, *cells)
    return table


def _show_judged(console: Console, outcome: Outcome) -> None:
    table = Table(
        title=f"Slowest queries, {outcome.load.clients} clients, ms", title_justify="left"
    )
    for name in ("dashboard", "panel"):
        table.add_column(name)
    for name in ("asked", "p50", "p95", "slowest"):
        table.add_column(name, justify="right")
    for (dashboard, panel), one in _slowest(outcome)[:_SLOWEST]:
        figures = [f"{figure:.1f}" for figure in (one.p50, one.p95, one.slowest)]
        table.add_row(dashboard, panel, str(one.count), *figures)
    console.print(table)
    overall = summarise(_seconds(outcome.asked))
    is_met = overall.p95 <= GOAL_P95_MS and overall.slowest <= GOAL_SLOWEST_MS
    console.print(
        f"Goals {'met' if is_met else 'NOT met'}: p95 {overall.p95:.0f} ms (at most "
        f"{GOAL_P95_MS:.0f}), slowest query {overall.slowest:.0f} ms (at most "
        f"{GOAL_SLOWEST_MS:.0f}).",
        highlight=False,
    )
    misses = missed(_panels(outcome), overall)
    if misses:
        console.print(f"Not there, each by itself ({len(misses)}):", highlight=False)
    for miss in misses:
        console.print(f"  {miss}", highlight=False)


def _show_compared(console: Console, compared: tuple[Compared, ...], machine: float) -> None:
    by_dashboard: dict[str, list[Compared]] = defaultdict(list)
    for each in compared:
        by_dashboard[each.dashboard].append(each)
    shares = ", ".join(f"{name} {ratio(each):.2f}" for name, each in sorted(by_dashboard.items()))
    most = max(compared, key=lambda each: each.with_policy - each.with_filter)
    console.print(
        f"Row-level security: {ratio(compared):.2f} times the time of the same queries with the "
        f"user named in them ({shares}). It costs most on {most.dashboard}: {most.panel}, "
        f"{most.with_filter:.1f} to {most.with_policy:.1f} ms. Load of the machine: {machine:.1f}.",
        highlight=False,
    )
