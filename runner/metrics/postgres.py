"""MetricFlow's engine for PostgreSQL, with exact ratios. Imported late: it takes a second."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NoReturn

from metricflow.engine.metricflow_engine import MetricFlowEngine
from metricflow.protocols.sql_client import SqlEngine
from metricflow.sql.render.postgres import (
    PostgresSqlExpressionRenderer,
    PostgresSQLSqlPlanRenderer,
)
from metricflow_semantic_interfaces.implementations.semantic_manifest import (
    PydanticSemanticManifest,
)
from metricflow_semantic_interfaces.transformations.semantic_manifest_transformer import (
    PydanticSemanticManifestTransformer,
)
from metricflow_semantics.model.semantic_manifest_lookup import SemanticManifestLookup


class _ExactExpressions(PostgresSqlExpressionRenderer):
    """Ratios in numeric: MetricFlow would make floating point numbers of money."""

    @property
    def double_data_type(self) -> str:
        return "NUMERIC"


class _ExactPlans(PostgresSQLSqlPlanRenderer):
    EXPR_RENDERER = _ExactExpressions()


class _NoClient:
    """What MetricFlow asks of a database's client when it only writes SQL."""

    sql_engine_type = SqlEngine.POSTGRES
    sql_plan_renderer = _ExactPlans()

    def query(self, *_: Any) -> NoReturn:
        raise NotImplementedError

    execute = dry_run = query

    def close(self) -> None:
        """Close nothing."""

    def render_bind_parameter_key(self, bind_parameter_key: str) -> str:
        return f"%({bind_parameter_key})s"


def metricflow_engine(manifest: Mapping[str, Any]) -> MetricFlowEngine:
    """Return MetricFlow's engine on a semantic manifest; it can write SQL, not run it."""
    parsed = PydanticSemanticManifest.parse_raw(json.dumps(manifest))
    lookup = SemanticManifestLookup(PydanticSemanticManifestTransformer.transform(parsed))
    return MetricFlowEngine(lookup, _NoClient())
