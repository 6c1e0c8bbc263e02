"""JSON in and out with exact numbers: what a source sent is what is landed.

Floats lose cents, so numbers with a fraction are read as `Decimal` and written with the digits
that came.
"""

from __future__ import annotations

import re
from typing import Any

import simplejson

JsonObject = dict[str, Any]

_ESCAPED_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


def parse_json(text: str | bytes) -> Any:
    """Return the value of a JSON text, fractions as `Decimal`. Raises `ValueError`."""
    return simplejson.loads(text, use_decimal=True, allow_nan=False)


def dump_json(value: Any) -> str:
    """Return the JSON text of a value, `Decimal` with its own digits.

    Raises `ValueError` or `TypeError` for what PostgreSQL could not hold: a number that is not
    finite, a NUL character, half a surrogate pair.
    """
    text = simplejson.dumps(
        value, use_decimal=True, ensure_ascii=False, allow_nan=False, separators=(",", ":")
    )
    if _ESCAPED_NUL.search(text):
        msg = "the text holds a NUL character, which PostgreSQL cannot store"
        raise ValueError(msg)
    text.encode()  # raises UnicodeEncodeError, a ValueError, for half a surrogate pair
    return text
