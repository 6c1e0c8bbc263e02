"""The rules, read from the seed that the marts judge by, each with the panel that shows it."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

SEED = Path(__file__).parents[2] / "seeds" / "alert_rules.csv"


@dataclass(frozen=True)
class Place:
    """Who looks after a rule, and the panel that shows more of it."""

    team: str
    dashboard: str
    panel: str


@dataclass(frozen=True)
class Rule:
    """A row of the seed: see its descriptions in seeds/_alert_seeds.yml."""

    name: str
    tier: str
    title: str
    severity: str
    comparison: str
    threshold: Decimal
    upper_threshold: Decimal | None
    clock_seconds: int | None
    pending_minutes: int
    every_minutes: int
    runbook: str

    @property
    def uid(self) -> str:
        """Give the uid by which Grafana knows the rule; at most 40 characters."""
        return "ytempire-" + self.name.replace("_", "-")

    @property
    def mart(self) -> str:
        """Name the mart that judges the rule: each is built as often as its figures are."""
        marts = {"hot": "marts.alert_conditions", "daily": "marts.figure_alert_conditions"}
        return marts[self.tier]

    @property
    def params(self) -> list[Decimal]:
        """Give the numbers that the threshold expression compares with."""
        ends = [self.threshold]
        return ends if self.upper_threshold is None else [*ends, self.upper_threshold]


_EXECUTIVE = "ytempire-executive"
_OPERATIONS = "ytempire-operations"
_GENERATION = "ytempire-generation"
_QUOTA = "ytempire-youtube-quota"
_COSTS = "ytempire-costs"
_QUALITY = "ytempire-data-quality"
_RUNS = "ytempire-pipeline-runs"

PLACES: Mapping[str, Place] = {
    "error_rate": Place("platform", _OPERATIONS, "Alert feed"),
    "quota_warning": Place("data", _QUOTA, "Quota used by bucket"),
    "quota_critical": Place("data", _QUOTA, "Quota used by bucket"),
    "revenue_target_miss": Place("business", _EXECUTIVE, "Revenue trend"),
    "generation_failures": Place("platform", _GENERATION, "Success rate"),
    "video_cost_warning": Place("platform", _COSTS, "Videos above 2.50"),
    "video_cost_critical": Place("platform", _COSTS, "Videos above 3.00"),
    "source_stale": Place("data", _QUALITY, "Freshness by source"),
    "reconciliation": Place("data", _QUALITY, "Agreement with YouTube"),
    "completeness": Place("data", _QUALITY, "Completeness by day"),
    "anomaly": Place("data", _QUALITY, "Anomalies"),
    "failed_run": Place("data", _RUNS, "Failed runs"),
    "isolation_breach": Place("data", _QUALITY, "Isolation by relation"),
    "validation_failure": Place("data", _QUALITY, "Validation by source"),
    "no_run": Place("data", _RUNS, "Data as of"),
}


def read_rules(seed: Path = SEED) -> list[Rule]:
    """Read the rules of the seed, in its order."""
    with seed.open(encoding="utf-8", newline="") as file:
        return [_rule(row) for row in csv.DictReader(file)]


def _rule(row: Mapping[str, str]) -> Rule:
    upper, clock = row["upper_threshold"], row["clock_seconds"]
    return Rule(
        name=row["rule_name"],
        tier=row["tier"],
        title=row["title"],
        severity=row["severity"],
        comparison=row["comparison"],
        threshold=Decimal(row["threshold"]),
        upper_threshold=Decimal(upper) if upper else None,
        clock_seconds=int(clock) if clock else None,
        pending_minutes=int(row["pending_minutes"]),
        every_minutes=int(row["every_minutes"]),
        runbook=row["runbook"],
    )
