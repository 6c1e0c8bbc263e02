"""Run dbt in this process: build the models and test them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from runner.progress import Display
from runner.settings import PROJECT_DIR
from warehouse.connection import WarehouseTarget
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
_GOOD = {"success", "pass", "warn", "no-op", "skipped"}


@dataclass(frozen=True, slots=True)
class NodeResult:
    """How a model, seed, snapshot or test went."""

    name: str
    kind: str  # model | seed | snapshot | test | unit_test
    status: str
    seconds: float
    message: str


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What dbt built and tested."""

    nodes: tuple[NodeResult, ...] = field(default_factory=tuple)

    def count(self, *kinds: str, status: str | None = None) -> int:
        """Count the nodes of some kinds, of one status or of all."""
        return sum(
            node.kind in kinds and (status is None or node.status == status) for node in self.nodes
        )

    @property
    def failures(self) -> tuple[NodeResult, ...]:
        """Return what failed, without what was skipped because of it."""
        return tuple(node for node in self.nodes if node.status not in _GOOD)


def build(
    target: WarehouseTarget,
    as_of: datetime,
    shown: Display,
    *,
    select: Sequence[str] = (),
    without: Sequence[str] = (),
    full_refresh: bool = False,
    with_unit_tests: bool = True,
) -> BuildReport:
    """Build and test the models with dbt, as of an instant.

    What depends on the raw tables `without` is left out and keeps its last good state.
    Unit tests try the code, not the data: a run that a scheduler starts can do without them.

    Raises `BuildError` naming what failed; models that depend on it keep their last good state.
    """
    arguments = ["build"]
    if select:
        arguments += ["--select", *select]
    if without:
        arguments += ["--exclude", *map(_downstream, without)]
    if full_refresh:
        arguments.append("--full-refresh")
    if not with_unit_tests:
        arguments += ["--exclude-resource-type", "unit_test"]
    result = _invoke(target, as_of, arguments, shown)
    if result.exception is not None:
        raise BuildError(f"dbt could not build: {_first_line(str(result.exception))}.") from (
            result.exception
        )
    report = BuildReport(
        tuple(_node_result(item) for item in getattr(result.result, "results", []))
    )
    if not report.nodes and not without:
        raise BuildError("dbt built nothing.", hint="Check the selection of models.")
    if not result.success or report.failures:
        raise BuildError(_what_failed(report), hint="Look at logs/dbt.log, then build again.")
    return report


def _downstream(table: str) -> str:
    """Return dbt's selection of all that is built on a raw table."""
    schema, _, name = table.partition(".")
    return f"source:{DBT_SOURCES[schema]}.{name}+"


def _invoke(
    target: WarehouseTarget, as_of: datetime, arguments: list[str], shown: Display
) -> dbtRunnerResult:
    os.environ.update(target.environment())
    # Not as a var: with other vars than last time dbt parses the whole project anew.
    os.environ["YTEMPIRE_AS_OF"] = as_of.isoformat()
    os.environ["YTEMPIRE_APPLICATION_NAME"] = APPLICATION_NAME
    from dbt.cli.main import dbtRunner  # imported late: it takes seconds

    def follow(event: Any) -> None:
        if event.info.name == "NodeFinished":
            shown.advance("dbt", "models and tests")

    shown.start("dbt", "models and tests", None)
    common = ["--quiet", "--no-use-colors", "--log-level", "none", "--log-level-file", "info"]
    places = ["--project-dir", str(PROJECT_DIR), "--profiles-dir", str(PROJECT_DIR)]
    return dbtRunner(callbacks=[follow]).invoke([*common, *arguments, *places])


def _node_result(item: Any) -> NodeResult:
    return NodeResult(
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
