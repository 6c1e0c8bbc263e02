"""Checks an answer against the discovery document that the Google client ships."""

from __future__ import annotations

import json
import re
from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import googleapiclient

_DOCUMENTS = Path(googleapiclient.__file__).parent / "discovery_cache" / "documents"
_BOUNDS = {
    "int32": (-(2**31), 2**31 - 1),
    "uint32": (0, 2**32 - 1),
    "int64": (-(2**63), 2**63 - 1),
    "uint64": (0, 2**64 - 1),
}


@cache
def schemas(api: str) -> dict[str, Any]:
    document = json.loads((_DOCUMENTS / f"{api}.json").read_text())
    return dict(document["schemas"])


def check(api: str, schema: str, value: object) -> None:
    """Raise AssertionError where `value` is not what the document says of `schema`."""
    _object(api, schemas(api)[schema], value, schema)


def _object(api: str, schema: dict[str, Any], value: object, path: str) -> None:
    assert isinstance(value, dict), f"{path}: {value!r} is no object"
    properties = schema.get("properties", {})
    for name, entry in value.items():
        extra = schema.get("additionalProperties")
        assert name in properties or extra, f"{path}.{name} is in no schema"
        _value(api, properties.get(name, extra), entry, f"{path}.{name}")


def _value(api: str, schema: dict[str, Any], value: object, path: str) -> None:
    if "$ref" in schema:
        check(api, schema["$ref"], value)
        return
    kind, form = schema.get("type"), schema.get("format")
    if kind == "object":
        _object(api, schema, value, path)
    elif kind == "array":
        assert isinstance(value, list), f"{path}: {value!r} is no list"
        for n, entry in enumerate(value):
            _value(api, schema["items"], entry, f"{path}[{n}]")
    elif kind == "boolean":
        assert isinstance(value, bool), f"{path}: {value!r} is no boolean"
    elif kind == "integer":
        assert isinstance(value, int), f"{path}: {value!r} is no integer"
        assert not isinstance(value, bool), f"{path}: {value!r} is no integer"
    elif kind == "number":
        assert isinstance(value, int | float | Decimal), f"{path}: {value!r} is no number"
    elif kind == "string":
        assert isinstance(value, str), f"{path}: {value!r} is no string"
        _string(schema, form, value, path)
    else:
        assert kind == "any", f"{path}: unknown type {kind}"
    if kind == "integer" and form in _BOUNDS:
        low, high = _BOUNDS[form]
        assert low <= int(str(value)) <= high, f"{path}: {value!r} is no {form}"


def _string(schema: dict[str, Any], form: str | None, value: str, path: str) -> None:
    if form in ("int64", "uint64"):
        low, high = _BOUNDS[form]
        assert re.fullmatch(r"-?\d+", value), f"{path}: {value!r} is no {form}"
        assert low <= int(value) <= high, f"{path}: {value!r} is no {form}"
    elif form in ("date-time", "google-datetime"):
        assert value.endswith("Z"), f"{path}: {value!r} is no UTC instant"
        datetime.fromisoformat(value)
    elif form == "google-duration":
        assert re.fullmatch(r"\d+(\.\d+)?s", value), f"{path}: {value!r} is no duration"
    if "enum" in schema:
        assert value in schema["enum"], f"{path}: {value!r} is none of {schema['enum']}"
