"""How a column is computed, and which columns upstream it is computed from.

A column's formula is found in the model's SQL: the expression before `as <column>`. It is read,
not understood: what an expression names and a model upstream has as a column is taken for its
ingredient.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from runner.explaining.manifest import Model, Project

_WINDOW = re.compile(r"_(?:previous_)?(?:7d|28d|30d|90d|month_to_date|trailing_30d|total)(?=_|$)")
_WORD = re.compile(r"[a-z_][a-z0-9_]*")
_NOT_FIGURES = re.compile(r"(_id|_date|_at|_day|_start|^as_of|_name|_month)$")
_RATE = re.compile(r"(^|_)(rate|ratio|roi|rpm|cpm|growth|per|average|share|percentage|median)(_|$)")
_OPENING, _CLOSING = "([{", ")]}"

# What lineage cannot tell: figures whose rows are chosen by a name that no SQL spells out.
INGREDIENTS = {
    ("channel_performance", "videos_30d"): "videos_published",
    ("executive_overview", "total_mrr"): "total_mrr",
}
# Marts that name their figures by a template, and the model that computes them.
COMPUTED_IN = {"channel_performance": "fct_channel_periods"}


@dataclass(frozen=True, slots=True)
class Ingredient:
    """A model upstream of a figure, and its columns that the figure is made of, likeliest first."""

    model: Model
    columns: tuple[str, ...]


def formulas(code: str, column: str) -> list[str]:
    """Return the expressions that a model's SQL gives the name of a column, without mere casts."""
    found = []
    code = re.sub(r"--[^\n]*|\{#.*?#\}", "", code, flags=re.DOTALL)
    for match in re.finditer(rf"\s+as\s+{column}\b(?!\s*\()", code):
        expression = _expression_before(code, match.start())
        bare = re.sub(r"::[a-z]+(\([^)]*\))?|\b\w+\.", "", expression).strip("() ")
        if expression and bare != column and expression not in found:
            found.append(expression)
    return found


def _expression_before(code: str, end: int) -> str:
    depth = 0
    for position in range(end - 1, -1, -1):
        letter = code[position]
        depth += (letter in _CLOSING) - (letter in _OPENING)
        is_start = letter == "," or code.startswith(("select", "distinct"), position)
        if depth < 0:
            return ""
        if depth == 0 and is_start:
            expression = code[position:end].removeprefix("select").removeprefix("distinct")
            return " ".join(expression.removeprefix(",").split())
    return ""


def ingredients_of(code: str, names: Iterable[str]) -> list[str]:
    """Return the names and all that a model's SQL computes them from, in order of discovery."""
    found = list(names)
    for name in found:
        for expression in formulas(code, name):
            found += [word for word in words(expression) if word not in found]
    return found


def words(expression: str) -> list[str]:
    """Return what an expression names: columns, and functions too."""
    return _WORD.findall(expression)


def is_mark(column: str) -> bool:
    """Return whether a column says yes or no."""
    return column.startswith(("is_", "has_"))


def is_additive(column: str) -> bool:
    """Return whether adding up a column's values means something."""
    return not is_mark(column) and _RATE.search(column) is None


def without_window(metric: str) -> str:
    """Return a figure's name without the days it is of: `revenue_30d_usd` is `revenue_usd`."""
    return _WINDOW.sub("", metric)


def defining_model(project: Project, model: Model, metric: str) -> tuple[Model, list[str]]:
    """Return the model upstream that computes a figure, and how; the model itself if none does.

    A figure of a number of days may get its name from a template: then its general name counts.
    """
    by_template = project.mart(COMPUTED_IN.get(model.name, ""))
    for name in dict.fromkeys([metric, without_window(metric)]):
        start = model if name == metric or by_template is None else by_template
        queue, seen = deque([start]), {start.unique_id}
        while queue:
            each = queue.popleft()
            if found := formulas(each.code, name):
                return each, found
            for parent in project.parents(each):
                if name in parent.columns and parent.unique_id not in seen:
                    seen.add(parent.unique_id)
                    queue.append(parent)
    return model, []


def upstream(project: Project, model: Model, metric: str) -> Iterator[Ingredient]:
    """Yield the models that a figure is made of, nearest first."""
    names = dict.fromkeys(
        [
            metric,
            INGREDIENTS.get((model.name, metric), metric),
            without_window(metric),
            *(word for text in defining_model(project, model, metric)[1] for word in words(text)),
        ]
    )
    queue: deque[tuple[Model, list[str]]] = deque([(model, list(names))])
    seen = {model.unique_id}
    while queue:
        each, wanted = queue.popleft()
        known = ingredients_of(each.code, wanted)
        for parent in project.parents(each):
            columns = [n for n in known if n in parent.columns and not _NOT_FIGURES.search(n)]
            if columns and parent.unique_id not in seen and parent.kind == "model":
                seen.add(parent.unique_id)
                columns.sort(key=lambda name: (is_mark(name), not is_additive(name)))
                # A dimension says what a row is of, not how much.
                if not parent.name.startswith("dim_"):
                    yield Ingredient(parent, tuple(dict.fromkeys(columns)))
                queue.append((parent, columns))
