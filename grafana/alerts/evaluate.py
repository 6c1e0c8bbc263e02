"""What Grafana makes of the rows of a rule's query: a number set, and a threshold upon it.

Nothing here is needed by Grafana: it lets tests say of rows whether the provisioned rule fires.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from grafana.execute import Frame
from grafana.normalise import Json

_PREDICATES: dict[str, tuple[int, Callable[[float, Sequence[float]], bool]]] = {
    "gt": (1, lambda value, params: value > params[0]),
    "lt": (1, lambda value, params: value < params[0]),
    "within_range": (2, lambda value, params: params[0] < value < params[1]),
    "outside_range": (2, lambda value, params: value < params[0] or value > params[1]),
}


class EvaluationError(ValueError):
    """Grafana would not evaluate the rule; its state is what `execErrState` says."""


@dataclass(frozen=True)
class Instance:
    """One alert instance: its labels, and whether the condition holds. None: no data."""

    labels: tuple[tuple[str, str], ...]
    value: float | None
    is_firing: bool | None


def evaluate(rule: Json, frame: Frame) -> list[Instance]:
    """Evaluate a rule of the file format on the rows of its query.

    An empty list means no data. Raises `EvaluationError` where Grafana reports an error: not
    exactly one column of numbers, anything that is no text beside it, or labels that come twice.
    """
    conditions = next(item for item in rule["data"] if item["refId"] == rule["condition"])
    holds = _predicate(conditions["model"])
    instances = [
        Instance(labels, value, None if value is None else holds(value))
        for labels, value in _numbers(frame)
    ]
    twice = [labels for labels, count in Counter(i.labels for i in instances).items() if count > 1]
    if twice:
        raise EvaluationError(f"frame cannot uniquely be identified by its labels: {twice}")
    return instances


def _predicate(model: Json) -> Callable[[float], bool]:
    if model["type"] != "threshold" or len(model["conditions"]) != 1:
        raise EvaluationError("threshold expression requires exactly one condition")
    evaluator = model["conditions"][0]["evaluator"]
    if evaluator["type"] not in _PREDICATES:
        raise EvaluationError(f"unknown threshold function {evaluator['type']}")
    wanted, holds = _PREDICATES[evaluator["type"]]
    params = [float(number) for number in evaluator["params"]]
    if len(params) < wanted:
        raise EvaluationError(f"{evaluator['type']} needs {wanted} numbers")
    return lambda value: holds(value, params)


def _numbers(frame: Frame) -> list[tuple[tuple[tuple[str, str], ...], float | None]]:
    """Read a table as a set of numbers, each labelled by the texts of its row."""
    numbers = frame.of_kind("number")
    if len(numbers) != 1:
        raise EvaluationError(f"expected exactly one column of numbers, got {numbers}")
    others = [column for column in frame.columns if column.name not in numbers]
    odd = [column.name for column in others if column.kind != "text"]
    if odd:
        raise EvaluationError(f"columns {odd} are neither the number nor text")
    position = frame.index(numbers[0])
    return [
        (
            tuple((column.name, row[frame.index(column.name)] or "") for column in others),
            _float(row[position]),
        )
        for row in frame.rows
    ]


def _float(value: Any) -> float | None:
    if value is None or math.isnan(float(value)):
        return None
    return float(value)
