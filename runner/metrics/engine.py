"""MetricFlow in this process, on the semantic manifest alone: a question becomes SQL.

MetricFlow's own command loads dbt, which takes seconds; nothing of it is needed to write SQL. What
was written once is kept in a file, so that the same question needs not even MetricFlow again.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, time
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runner.metrics.catalogue import BadQuestion

if TYPE_CHECKING:
    from metricflow.engine.metricflow_engine import MetricFlowEngine

_VERSION = "2"  # of the SQL that is kept; a change of this module that changes it counts on


@dataclass(frozen=True, slots=True)
class Request:
    """A question in MetricFlow's words."""

    metrics: tuple[str, ...]
    by: tuple[str, ...] = ()
    where: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    order: tuple[str, ...] = ()
    limit: int | None = None


class Engine:
    """Writes the SQL of requests for PostgreSQL; `cache` is a folder for what it wrote."""

    def __init__(self, manifest: Mapping[str, Any], cache: Path | None = None) -> None:
        """Take the semantic manifest as dbt wrote it."""
        self._manifest = _without_database(manifest)
        self._cache = cache

    def sql(self, request: Request) -> str:
        """Return the SQL of a request. Raises `BadQuestion` where MetricFlow refuses it."""
        place = self._place(request)
        if place is not None and place.exists():
            return place.read_text(encoding="utf-8")
        sql = self._write(request)
        if place is not None:
            _keep(place, sql)
        return sql

    @cached_property
    def _digest(self) -> str:
        text = json.dumps(self._manifest, sort_keys=True)
        return hashlib.sha256(f"{_VERSION} {text}".encode()).hexdigest()[:16]

    def _place(self, request: Request) -> Path | None:
        if self._cache is None:
            return None
        asked = json.dumps(asdict(request), sort_keys=True, default=str)
        return self._cache / self._digest / f"{hashlib.sha256(asked.encode()).hexdigest()[:32]}.sql"

    @cached_property
    def _metricflow(self) -> MetricFlowEngine:
        from runner.metrics.postgres import metricflow_engine

        return metricflow_engine(self._manifest)

    def _write(self, request: Request) -> str:
        from metricflow.engine.metricflow_engine import (
            MetricFlowQueryRequest,
            OutputColumnOrderMode,
        )
        from metricflow_semantics.errors.error_classes import InformativeUserError

        logging.getLogger("metricflow").setLevel(logging.ERROR)
        logging.getLogger("metricflow_semantics").setLevel(logging.ERROR)
        asked = MetricFlowQueryRequest.create(
            metric_names=request.metrics,
            group_by_names=request.by,
            where_constraints=request.where,
            time_constraint_start=_instant(request.since),
            time_constraint_end=_instant(request.until),
            order_by_names=request.order,
            limit=request.limit,
            output_column_order_mode=OutputColumnOrderMode.INPUT_ORDER,
        )
        try:
            return self._metricflow.explain(asked).sql_statement.sql
        except InformativeUserError as error:
            lines = [line.strip() for line in str(error).splitlines() if line.strip()]
            raise BadQuestion(f"MetricFlow refuses the question: {' '.join(lines[:4])}") from error


def _instant(day: date | None) -> datetime | None:
    # MetricFlow compares naive instants.
    return None if day is None else datetime.combine(day, time.min)


def _without_database(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return the manifest with tables named by schema: the same for any name of a database."""
    copied: dict[str, Any] = json.loads(json.dumps(manifest))
    relations = [model["node_relation"] for model in copied["semantic_models"]]
    configuration = copied.get("project_configuration") or {}
    relations += [spine["node_relation"] for spine in configuration.get("time_spines") or ()]
    for relation in relations:
        relation["database"] = None
        relation["relation_name"] = f'"{relation["schema_name"]}"."{relation["alias"]}"'
    return copied


def _keep(place: Path, sql: str) -> None:
    """Write a file at once or not at all; what another manifest's questions left is removed."""
    place.parent.mkdir(parents=True, exist_ok=True)
    draft = place.with_suffix(f".{os.getpid()}")
    draft.write_text(sql, encoding="utf-8")
    draft.replace(place)
    for folder in place.parent.parent.iterdir():
        if folder.is_dir() and folder != place.parent:
            for file in folder.iterdir():
                file.unlink(missing_ok=True)
            folder.rmdir()
