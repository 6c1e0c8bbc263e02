"""Figures are written as people read them, and colours follow the thresholds."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from charts.draw import shortened
from charts.formats import count, percent, usd
from charts.theme import DARK
from grafana.looks import NAMED_COLORS, color, number_format, plain, shown, step_color
from grafana.normalise import Json


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (0, None, "$0"),
        (Decimal("2.691"), None, "$2.69"),
        (58_213.5, 0, "$58K"),
        (58_213.5, None, "$58.2K"),
        (-1_500, None, "-$1.50K"),
        (402_118, None, "$402K"),
        (2_500_000, None, "$2.50M"),
    ],
)
def test_amounts(value: float, decimals: int | None, text: str) -> None:
    assert usd(value, decimals) == text


def test_counts_and_shares() -> None:
    assert count(45_012) == "45,012"
    assert percent(Decimal("0.0312")) == "3.1%"


@pytest.mark.parametrize(
    ("value", "expected"), [(None, "red"), (0, "red"), (50_000, "yellow"), (120_000, "green")]
)
def test_a_step_begins_at_its_value(value: float | None, expected: str) -> None:
    steps: list[Json] = [
        {"value": None, "color": "red"},
        {"value": 50_000, "color": "yellow"},
        {"value": 100_000, "color": "green"},
    ]
    assert step_color(steps, value, DARK) == NAMED_COLORS[expected]


def test_colours_by_name_and_by_number() -> None:
    assert color("text", DARK) == DARK.text
    assert color("#123456", DARK) == "#123456"
    assert color("super-light-blue", DARK) == "#C0D8FF"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        ("Elite", "Elite"),
        (date(2026, 11, 1), "2026-11-01"),
        (datetime(2026, 11, 1, 9, 5, tzinfo=UTC), "2026-11-01 09:05"),
        (1_234, "1,234"),
    ],
)
def test_cells(value: object, text: str) -> None:
    assert shown(value, "locale", None) == text


@pytest.mark.parametrize(
    ("unit", "value", "text"),
    [("decgbytes", 3_679, "3.7 TB"), ("decmbytes", 7_412, "7.4 GB"), ("decmbytes", 0, "0.0 B")],
)
def test_amounts_of_data(unit: str, value: float, text: str) -> None:
    assert number_format(unit, None)(value) == text


def test_markdown_is_drawn_as_plain_words() -> None:
    assert plain("- **red**: see [runs](/d/x), `run`") == "• red: see runs, run"


def test_long_text_is_cut() -> None:
    assert shortened("a title that is long", 8) == "a title…"
    assert shortened("short", 8) == "short"
