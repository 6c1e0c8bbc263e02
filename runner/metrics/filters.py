"""Conditions: `niche = 'fitness' and month >= '2026-01-01'` in MetricFlow's words.

Nothing but comparisons of dimensions with values gets through, so that a condition may come from
anywhere: no other function, table or statement can be named.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from runner.metrics.catalogue import TIME, BadQuestion, Dimension

_WORDS = {
    *("and", "or", "not", "in", "is", "null", "like", "ilike", "between", "true", "false"),
    *("date", "distinct", "from"),
}
_TOKEN = re.compile(
    r"""
    (?P<text>'(?:[^'\\]|'')*')
    | (?P<word>[A-Za-z_][A-Za-z0-9_]*)
    | (?P<number>\d+(?:\.\d+)?)
    | (?P<sign>\s+ | <> | != | <= | >= | [=<>(),] | -(?!-))
    """,
    re.VERBOSE,
)


def translate(condition: str, resolve: Callable[[str], Dimension]) -> str:
    """Return a condition with MetricFlow's references in place of the dimensions' names.

    Raises `BadQuestion` where something is neither a dimension, a value nor a comparison.
    """
    parts: list[str] = []
    place = 0
    while place < len(condition):
        match = _TOKEN.match(condition, place)
        if match is None:
            raise BadQuestion(
                f"The condition cannot be read at {condition[place : place + 20]!r}."
                " Write comparisons such as niche = 'fitness' and month >= '2026-01-01'."
            )
        place = match.end()
        word = match.group()
        if match.lastgroup == "text" and ("{" in word or "}" in word):
            raise BadQuestion(f"A value may not have braces: {word}.")
        if match.lastgroup == "word" and word.lower() not in _WORDS:
            word = _reference(resolve(word))
        parts.append(word)
    text = "".join(parts).strip()
    if "{{" not in text:
        raise BadQuestion(f"The condition names no dimension: {condition!r}.")
    return text


def _reference(dimension: Dimension) -> str:
    if dimension.is_entity:
        return f"{{{{ Entity('{dimension.path}') }}}}"
    if dimension.grain is None:
        return f"{{{{ Dimension('{dimension.path}') }}}}"
    path = dimension.path.removesuffix(f"__{dimension.grain}")
    path = TIME if path == TIME else path
    return f"{{{{ TimeDimension('{path}', '{dimension.grain}') }}}}"
