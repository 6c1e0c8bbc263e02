"""Selectors on top of a dashboard, and the marks on its time axis."""

from __future__ import annotations

from collections.abc import Callable

from grafana_foundation_sdk.builders.dashboard import AnnotationQuery, QueryVariable
from grafana_foundation_sdk.models import dashboard as models

from grafana.execute import Frame
from grafana.normalise import Json
from grafana.query import PostgresTarget, datasource
from grafana.variables import VariableValue, interpolate

ALL = "$__all"


def selector(
    name: str, label: str, description: str, sql: str, *, several: bool = True
) -> QueryVariable:
    """Let the viewer choose among the rows of `sql`: columns `__text` (shown) and `__value`.

    With `several`, all are chosen until the viewer picks some; otherwise the first row is. The
    list has a search field, and is read again when the time range changes. Use it in a panel as
    `in (${name:sqlstring})`.
    """
    variable = (
        QueryVariable(name)
        .label(label)
        .description(description)
        .datasource(datasource())
        .query(sql)
        .definition(sql)
        .refresh(models.VariableRefresh.ON_DASHBOARD_LOAD)
        .sort(models.VariableSort.DISABLED)
        .multi(several)
        .include_all(several)
    )
    if several:
        everything = models.VariableOption(selected=True, text=["All"], value=[ALL])
        variable = variable.current(everything)
    return variable


def marks(name: str, sql: str, *, color: str, shown: bool = True) -> AnnotationQuery:
    """Mark instants on the time axis: rows of `time`, perhaps `timeend`, `text` and `tags`."""
    return (
        AnnotationQuery()
        .name(name)
        .datasource(datasource())
        .icon_color(color)
        .enable(shown)
        .target(_AnnotationTarget(sql))  # type: ignore[arg-type]
    )


class _AnnotationTarget:
    """The SDK takes no query of a datasource here; only `to_json` is asked of it."""

    def __init__(self, sql: str) -> None:
        self.sql = sql

    def build(self) -> _AnnotationTarget:
        return self

    def to_json(self) -> Json:
        return PostgresTarget(self.sql, "table", "Anno").to_json()


def variable_queries(dashboard: Json) -> dict[str, str]:
    """Return the SQL of each selector by its name, in the order in which Grafana asks."""
    return {
        variable["name"]: str(variable["query"])
        for variable in dashboard["templating"]["list"]
        if variable["type"] == "query"
    }


def annotation_queries(dashboard: Json) -> dict[str, str]:
    """Return the SQL of each kind of mark by its name."""
    return {
        annotation["name"]: str(annotation["target"]["rawSql"])
        for annotation in dashboard["annotations"]["list"]
        if "rawSql" in annotation.get("target", {})
    }


def first_choice(dashboard: Json, run: Callable[[str], Frame]) -> dict[str, VariableValue]:
    """Return what the selectors stand at when the dashboard is opened.

    `run` gives the rows of a selector's query; a later selector may refer to an earlier one. A
    selector without rows has an empty value, as in Grafana.
    """
    chosen: dict[str, VariableValue] = {}
    multi = {item["name"]: item.get("multi", False) for item in dashboard["templating"]["list"]}
    for name, sql in variable_queries(dashboard).items():
        values = [str(value) for value in run(interpolate(sql, chosen)).values("__value")]
        if multi[name]:
            chosen[name] = values or [""]
        else:
            chosen[name] = values[0] if values else ""
    return chosen
