"""What the fields of a payload must be for the models to cast them.

A field that is absent or null is fine, for nothing is cast then. A field that is something else
than it should be puts its row in quarantine: landed, it would break every build to come.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

Check = Callable[[Any], str | None]

_INSTANT = re.compile(
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})", re.ASCII
)
_FURTHEST_ZONE = timedelta(hours=15)  # from Greenwich, that PostgreSQL knows
_LAST_SECOND = 4_102_444_800  # 2100-01-01
_DECIMALS = 1_000  # far below what PostgreSQL keeps, far beyond what anybody means
_LONGEST = 120  # characters of a value that a reason quotes
SMALL, BIG, AMOUNT = 2**31, 2**63, 10**11


@dataclass(frozen=True, slots=True)
class Field:
    """A field by its path (`*`: each entry of a list) and what it must be."""

    path: tuple[str, ...]
    check: Check

    @property
    def name(self) -> str:
        """Return the path as a person writes it."""
        return ".".join(self.path)


def fields(check: Check, *paths: str) -> tuple[Field, ...]:
    """Return fields that must all be the same; a path has its names with full stops."""
    return tuple(Field(tuple(path.split(".")), check) for path in paths)


def misfit(payload: Mapping[str, Any], shape: Iterable[Field]) -> str | None:
    """Return which field cannot be cast and why, None where all can."""
    for field in shape:
        for value in _found(payload, field.path):
            reason = None if value is None else field.check(value)
            if reason is not None:
                return f"{field.name} {reason}"
    return None


def _found(value: Any, path: tuple[str, ...]) -> Iterator[Any]:
    """Yield what is at the path. Where something else is on the way, the models see nothing."""
    if not path:
        yield value
    elif path[0] == "*" and isinstance(value, list):
        for entry in value:
            yield from _found(entry, path[1:])
    elif isinstance(value, dict) and path[0] in value:
        yield from _found(value[path[0]], path[1:])


def quoted(value: Any) -> str:
    """Return a value as a reason quotes it."""
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # an integer of thousands of digits
        text = type(value).__name__
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"


def whole(limit: int = BIG) -> Check:
    """Return a check for whole numbers, also as text, that lie below the limit."""

    def check(value: Any) -> str | None:
        number = _number(value)
        if number is None or number != number.to_integral_value() or "e" in str(value).lower():
            return f"is no whole number but {quoted(value)}"
        return None if abs(number) < limit else f"is too large: {quoted(value)}"

    return check


def number(limit: int = AMOUNT) -> Check:
    """Return a check for numbers, also as text, that lie below the limit."""

    def check(value: Any) -> str | None:
        found = _number(value)
        if found is None:
            return f"is no number but {quoted(value)}"
        if found.adjusted() < -_DECIMALS:
            return f"is too small: {quoted(value)}"
        return None if abs(found) < limit else f"is too large: {quoted(value)}"

    return check


def boolean(value: Any) -> str | None:
    """Check a truth value, which some services write as text."""
    if isinstance(value, bool) or value in ("true", "false"):
        return None
    return f"is not true or false but {quoted(value)}"


def unix(value: Any) -> str | None:
    """Check an instant in whole seconds since 1970."""
    found = _number(value)
    if found is None or found != found.to_integral_value() or not 0 <= found < _LAST_SECOND:
        return f"is no instant but {quoted(value)}"
    return None


def a_list(value: Any) -> str | None:
    """Check a list."""
    return None if isinstance(value, list) else f"is no list but {quoted(value)}"


def instant(value: Any) -> str | None:
    """Check an instant in RFC 3339."""
    reason = f"is no instant but {quoted(value)}"
    if not isinstance(value, str) or not _INSTANT.fullmatch(value):
        return reason
    try:
        offset = datetime.fromisoformat(value).utcoffset() or timedelta()
    except ValueError:
        return reason
    return None if abs(offset) <= _FURTHEST_ZONE else reason


def _number(value: Any) -> Decimal | None:
    """Return a finite number of a JSON number or its text, None where it is none."""
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        return None
    try:
        found = Decimal(value)
    except (InvalidOperation, ValueError):
        return None
    # Python reads digits that PostgreSQL does not, and underscores between them.
    is_plain = not isinstance(value, str) or (value.isascii() and "_" not in value)
    return found if found.is_finite() and is_plain else None
