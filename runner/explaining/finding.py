"""Which mart answers a question for a figure, and which of its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Any

from runner.explaining.manifest import Model, Project

_DATES = ("date", "timestamptz", "timestamp")


class QuestionError(Exception):
    """A question that the marts cannot answer as it is asked; the message says what to change."""


@dataclass(frozen=True, slots=True)
class Question:
    """A figure that is asked for: filters are columns and their values, of those that are given."""

    metric: str
    filters: Mapping[str, Any]
    mart: str | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """The mart that answers, the columns that choose its row, and those whose last value counts."""

    mart: Model
    filters: Mapping[str, Any]
    latest_of: tuple[str, ...]


def choose(project: Project, question: Question) -> Choice:
    """Return the mart that answers a question.

    Of the marts that have the figure and every column asked for, the one wins whose row is told
    best by the filters; of equals the one that the others read it from.
    """
    marts = [mart for mart in project.marts() if question.metric in mart.columns]
    if not marts:
        raise QuestionError(_unknown(project, question.metric))
    if question.mart is not None:
        marts = [mart for mart in marts if mart.name == question.mart]
        if not marts:
            raise QuestionError(f"{question.mart} is no mart with the figure {question.metric}.")
    usable = [mart for mart in marts if _filters(mart, question.filters) is not None]
    if not usable:
        raise QuestionError(
            f"{question.metric} is not kept by {_words(question.filters)}: it stands in "
            + "; ".join(f"{mart.name} by {', '.join(mart.key)}" for mart in marts)
            + "."
        )
    above = {mart.name: project.ancestors(mart).keys() for mart in usable}
    best = min(
        usable,
        key=lambda mart: (
            len(_open(mart, question)[0]),
            sum(other.unique_id in above[mart.name] for other in usable),
            -sum(mart.unique_id in project.ancestors(other) for other in project.marts()),
            len(mart.key),
            mart.name,
        ),
    )
    missing, latest = _open(best, question)
    if missing:
        raise QuestionError(
            f"{question.metric} stands in {best.name} by {', '.join(best.key)}: "
            f"say which, by {' and '.join(_option(name) for name in missing)}."
        )
    return Choice(best, _filters(best, question.filters) or {}, latest)


def _unknown(project: Project, metric: str) -> str:
    names = {name for mart in project.marts() for name in mart.columns}
    near = get_close_matches(metric, sorted(names), n=4, cutoff=0.6)
    hint = f" Did you mean {' or '.join(near)}?" if near else " `ytempire metrics list` shows all."
    return f"There is no figure {metric!r} in the marts.{hint}"


def _filters(mart: Model, asked: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the mart's columns for what is asked for; None when it lacks one."""
    found = {}
    for name, value in asked.items():
        column = name
        if name == "date":
            dates = [c for c in mart.key if _type(mart, c) == "date" and c != "month_start"]
            column = dates[0] if dates else name
        elif name == "month":
            months = [c for c in mart.key if c.endswith(("month_start", "_month"))]
            column = months[0] if months else name
        if column not in mart.columns:
            return None
        found[column] = value
    return found


def _open(mart: Model, question: Question) -> tuple[list[str], tuple[str, ...]]:
    """Return the key's columns that nothing tells, and those of which the last row counts."""
    told = _filters(mart, question.filters) or {}
    untold = [name for name in mart.key if name not in told]
    if "channel_id" in told or "video_id" in told:
        untold = [name for name in untold if name != "user_id"]
    latest = tuple(name for name in untold if _type(mart, name) in _DATES)
    return [name for name in untold if name not in latest], latest


def _type(mart: Model, column: str) -> str:
    return mart.columns[column].data_type.lower()


def _option(column: str) -> str:
    simple = {"user_id": "--user", "channel_id": "--channel", "video_id": "--video"}
    return simple.get(column, f"--where {column}=...")


def _words(filters: Mapping[str, Any]) -> str:
    return " and ".join(name.removesuffix("_id") for name in filters) or "itself"


def month_of(text: str) -> date:
    """Return the first day of a month written 2026-10."""
    try:
        year, _, month = text.partition("-")
        return date(int(year), int(month.partition("-")[0]), 1)
    except ValueError:
        raise QuestionError(f"{text!r} is no month: write it like 2026-10.") from None


def pairs(given: Sequence[str]) -> dict[str, str]:
    """Return what `--where name=value` says."""
    wrong = [each for each in given if "=" not in each]
    if wrong:
        raise QuestionError(f"{wrong[0]!r}: write --where column=value.")
    return dict(each.split("=", 1) for each in given)
