"""Payloads: numbers keep their digits, and what PostgreSQL cannot hold is refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.payload import dump_json, parse_json

decimals = st.decimals(allow_nan=False, allow_infinity=False)
texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"))
leaves = st.none() | st.booleans() | st.integers() | decimals | texts
values = st.recursive(
    leaves, lambda deeper: st.lists(deeper) | st.dictionaries(texts, deeper), max_leaves=20
)


@settings(deadline=None, max_examples=50)
@given(values)
def test_what_is_written_is_what_is_read(value: Any) -> None:
    assert parse_json(dump_json(value)) == value


@pytest.mark.parametrize(
    "number", ["0.10", "1E+3", "123456789012345678.000001", "-0.0", "18446744073709551616", "1e-7"]
)
def test_numbers_keep_their_digits(number: str) -> None:
    text = f'{{"a":{number}}}'
    assert dump_json(parse_json(text)).lower() == text.lower()


@pytest.mark.parametrize(
    "value",
    [
        {"a": float("nan")},
        {"a": [None, {"b": float("inf")}]},
        {"a": Decimal("NaN")},
        {"a": Decimal("-Infinity")},
        {"a": "x\0"},
        {"x\0": 1},
        {"a": "\ud800"},
        {"a": "\ud800", "b": 2**70},
        {"a": datetime(2026, 1, 1, tzinfo=UTC)},
        {"a": {1, 2}},
    ],
)
def test_what_postgresql_cannot_hold_is_refused(value: Any) -> None:
    with pytest.raises((ValueError, TypeError)):
        dump_json(value)


def test_the_text_of_an_escape_is_no_nul() -> None:
    value = {"a": "\\u0000", "b": "\\\\u0000", "c": None}
    assert json.loads(dump_json(value)) == value


@pytest.mark.parametrize("text", ["", "{", '{"a": NaN}', "<html>", b"\xff", '{"a": Infinity}'])
def test_what_is_no_json_is_refused(text: str | bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  (json's own, by design)
        parse_json(text)
