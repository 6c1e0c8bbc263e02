"""JSON in and out with exact numbers: what a source sent is what is landed.

Floats lose cents, so numbers with a fraction are read as `Decimal` and written with the digits
that came.
"""

from __future__ import annotations

import math
import re
from decimal import Decimal
from typing import Any

import orjson
import simplejson

JsonObject = dict[str, Any]

_ESCAPED_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
_ORJSON_OPTIONS = (
    orjson.OPT_PASSTHROUGH_DATETIME
    | orjson.OPT_PASSTHROUGH_DATACLASS
    | orjson.OPT_PASSTHROUGH_SUBCLASS
)


def parse_json(text: str | bytes) -> Any:
    """Return the value of a JSON text, fractions as `Decimal`. Raises `ValueError`."""
    try:
        return simplejson.loads(text, use_decimal=True, allow_nan=False)
    except RecursionError as error:
        msg = "it is nested too deeply"
        raise ValueError(msg) from error


def dump_json(value: Any) -> str:
    """Return the JSON text of a value, `Decimal` with its own digits.

    Raises `ValueError` or `TypeError` for what PostgreSQL could not hold: a number that is not
    finite, a NUL character, half a surrogate pair.
    """
    try:
        text = orjson.dumps(value, _exactly, _ORJSON_OPTIONS).decode()
    except TypeError:
        text = _dump_slowly(value)
    if "null" in text:  # orjson writes it for a float that is not finite
        _check_finite(value)
    if "\\u0000" in text and _ESCAPED_NUL.search(text):
        msg = "the text holds a NUL character, which PostgreSQL cannot store"
        raise ValueError(msg)
    return text


def _exactly(value: Any) -> orjson.Fragment:
    if isinstance(value, Decimal) and value.is_finite():
        return orjson.Fragment(str(value))
    msg = f"{type(value).__name__} does not go into JSON"
    raise TypeError(msg)


def _dump_slowly(value: Any) -> str:
    """Write what orjson refuses and JSON allows, such as integers beyond 64 bits; else raise."""
    _check_finite(value)
    text = simplejson.dumps(
        value, use_decimal=True, ensure_ascii=False, allow_nan=False, separators=(",", ":")
    )
    text.encode()  # raises UnicodeEncodeError, a ValueError, for half a surrogate pair
    return text


def _check_finite(value: Any) -> None:
    if isinstance(value, (float, Decimal)) and not math.isfinite(value):
        msg = f"the number {value} is not finite"
        raise ValueError(msg)
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        for item in value:
            _check_finite(item)
