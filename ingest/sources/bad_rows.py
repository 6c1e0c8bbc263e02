"""Write down what could not be read."""

from __future__ import annotations

from typing import Any

from ingest.payload import dump_json


def as_text(value: Any) -> str:
    """Return any value as text: JSON where it can be, else Python's own writing of it."""
    try:
        return dump_json(value)
    except (TypeError, ValueError, RecursionError):
        return ascii(value)
