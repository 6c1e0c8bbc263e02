"""Run dbt in this process: build the models and test them.

A build costs what changed: what stands there already, built from the same code, data and instant,
is left alone (`runner.fingerprints`, `runner.planning`, the table `ops.built_nodes`).
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from runner.built import note_built, read_built, read_versions, schema_version, standing
from runner.fingerprints import Node, fingerprinted
from runner.planning import choose, up_to_date
from runner.progress import Display
from runner.settings import PROJECT_DIR
from warehouse.connection import Connection, WarehouseTarget, connect
from warehouse.errors import BuildError

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunnerResult

# Sessions of a pipeline's build carry this name, so that those that a killed run left behind are
# told from an engineer's own `dbt build`.
APPLICATION_NAME = "ytempire-build"
DBT_SOURCES = {
    "raw_youtube": "youtube",
    "raw_billing": "stripe",
    "raw_costs": "costs",
    "raw_platform": "platform",
}
"""dbt's name of the source in each raw schema."""
_COMMON = ["--quiet", "--no-use-colors", "--log-level", "none", "--log-level-file", "info"]
_PLACES = ["--project-dir", str(PROJECT_DIR), "--profiles-dir", str(PROJECT_DIR)]
_GOOD = {"success", "pass", "warn", "no-op", "skipped"}


@dataclass(frozen=True, slots=True)
class NodeResult:
    """How a model, seed, snapshot or test went."""

    node_id: str
    name: str
    kind: str  # model | seed | snapshot | test | unit_test
    status: str
    seconds: float
    message: str


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What dbt built and tested; `current` models were up to date and were left alone."""

    nodes: tuple[NodeResult, ...] = field(default_factory=tuple)
    current: int = 0

    def count(self, *kinds: str, status: str | None = None) -> int:
        """Count the nodes of some kinds, of one status or of all."""
        return sum(
            node.kind in kinds and (status is None or node.status == status) for node in self.nodes
        )

    @property
    def failures(self) -> tuple[NodeResult, ...]:
        """Return what failed, without what was skipped because of it."""
        return tuple(node for node in self.nodes if node.status not in _GOOD)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a build is asked for.

    Without `select` and `everything`: what is not up to date, of the tier and the faster ones.
    What depends on the raw tables `without` is left out and keeps its last good state. Unit tests
    try the code, not the data: a run that a scheduler starts can do without them.
    """

    select: Sequence[str] = ()
    without: Sequence[str] = ()
    everything: bool = False
    full_refresh: bool = False
    unit_tests: bool = True
    tier: str = "daily"


def build(target: WarehouseTarget, as_of: datetime, shown: Display, wanted: Wanted) -> BuildReport:
    """Build and test with dbt, as of an instant, what is asked for and is not up to date.

    Raises `BuildError` naming what failed; models that depend on it keep their last good state.
    """
    shown.start("dbt", "models and tests", None)
    manifest = _parse(target, as_of)
    with connect(target, autocommit=True, application_name=APPLICATION_NAME) as books:
        nodes = fingerprinted(manifest, read_versions(books), as_of, schema_version(books))
        chosen = _choose(books, nodes, wanted)
        if chosen is not None and not chosen:
            return BuildReport(current=_models(nodes))
        result = _invoke(_arguments(nodes, chosen, wanted), shown, manifest)
        _check(result)
        report = _report(result, nodes)
        _note(books, nodes, report)
    if not report.nodes and not wanted.without:
        raise BuildError("dbt built nothing.", hint="Check the selection of models.")
    if not result.success or report.failures:
        raise BuildError(_what_failed(report), hint="Look at logs/dbt.log, then build again.")
    return report


def _choose(books: Connection, nodes: dict[str, Node], wanted: Wanted) -> set[str] | None:
    """Return the ids of what to build and test; None: what dbt selects from the arguments."""
    if wanted.select or wanted.everything or wanted.full_refresh:
        return None
    chosen = choose(
        nodes,
        read_built(books),
        standing(books, nodes),
        without={_source_id(table) for table in wanted.without},
        tier=wanted.tier,
        unit_tests=wanted.unit_tests,
    )
    return None if chosen == nodes.keys() else chosen


def _arguments(nodes: dict[str, Node], chosen: set[str] | None, wanted: Wanted) -> list[str]:
    arguments = ["build"]
    if chosen is not None:
        # The tests are named too: those of what is up to date need not run again.
        arguments += ["--indirect-selection", "empty"]
        arguments += ["--select", *sorted(nodes[name].selector for name in chosen)]
        return arguments
    if wanted.select:
        arguments += ["--select", *wanted.select]
    if wanted.without:
        arguments += ["--exclude", *map(_downstream, wanted.without)]
    if wanted.full_refresh:
        arguments.append("--full-refresh")
    if not wanted.unit_tests:
        arguments += ["--exclude-resource-type", "unit_test"]
    return arguments


def _note(books: Connection, nodes: dict[str, Node], report: BuildReport) -> None:
    """Note what is up to date now: it went well, and all that it was built from is up to date."""
    if os.environ.get("YTEMPIRE_SCHEMA_PREFIX"):
        return  # a scratch build; the book is of the marts
    well = {node.node_id for node in report.nodes if node.status in ("success", "pass")}
    note_built(books, (nodes[name] for name in up_to_date(nodes, read_built(books), well)))


def _downstream(table: str) -> str:
    """Return dbt's selection of all that is built on a raw table."""
    schema, _, name = table.partition(".")
    return f"source:{DBT_SOURCES[schema]}.{name}+"


def _source_id(table: str) -> str:
    schema, _, name = table.partition(".")
    return f"source.ytempire.{DBT_SOURCES[schema]}.{name}"


def _parse(target: WarehouseTarget, as_of: datetime) -> Any:
    """Return the project's manifest. All that dbt reads of the environment is set first."""
    os.environ.update(target.environment())
    # Not as a var: with other vars than last time dbt parses the whole project anew.
    os.environ["YTEMPIRE_AS_OF"] = as_of.isoformat()
    os.environ["YTEMPIRE_APPLICATION_NAME"] = APPLICATION_NAME
    from dbt.cli.main import dbtRunner  # imported late: it takes seconds

    result = dbtRunner().invoke([*_COMMON, "parse", *_PLACES])
    _check(result)
    return result.result


def _invoke(arguments: list[str], shown: Display, manifest: Any) -> dbtRunnerResult:
    from dbt.cli.main import dbtRunner

    def follow(event: Any) -> None:
        if event.info.name == "NodeFinished":
            shown.advance("dbt", "models and tests")

    runner = dbtRunner(manifest=manifest, callbacks=[follow])
    return runner.invoke([*_COMMON, *arguments, *_PLACES])


def _check(result: dbtRunnerResult) -> None:
    if result.exception is not None:
        raise BuildError(f"dbt could not build: {_first_line(str(result.exception))}.") from (
            result.exception
        )


def _report(result: dbtRunnerResult, nodes: dict[str, Node]) -> BuildReport:
    results = [_node_result(item) for item in getattr(result.result, "results", [])]
    models = sum(item.kind == "model" for item in results)
    return BuildReport(tuple(results), max(_models(nodes) - models, 0))


def _models(nodes: dict[str, Node]) -> int:
    return sum(node.kind == "model" for node in nodes.values())


def _node_result(item: Any) -> NodeResult:
    return NodeResult(
        node_id=item.node.unique_id,
        name=item.node.name,
        kind=str(item.node.resource_type.value),
        status=str(getattr(item.status, "value", item.status)),
        seconds=float(item.execution_time),
        message=item.message or "",
    )


def _what_failed(report: BuildReport) -> str:
    named = [f"{node.kind} {node.name}: {_first_line(node.message)}" for node in report.failures]
    shown = "; ".join(named[:5])
    more = f" and {len(named) - 5} more" if len(named) > 5 else ""
    return f"{len(named)} of {len(report.nodes)} failed in dbt: {shown}{more}."


def _first_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return " ".join(lines[:2]) if lines else "no message"
