"""What panels are told of lines, scales and colours, and that the preview draws it so."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from grafana_foundation_sdk.cog.encoder import JSONEncoder

from charts.draw import Series, time_series
from charts.formats import percent
from charts.page import Box, Page
from charts.theme import DARK
from grafana.about import About
from grafana.looks import overrides
from grafana.panels import Column, gauge_panel, table_panel, time_series_panel

ABOUT = About("Rates", "shows", "definition", ("marts.a",), "percentunit", "none")
SQL = 'select 1 as "Rate", 2 as "Target"'
COLORS = {"Rate": "blue", "Target": "red"}


def _json(panel: Any) -> dict[str, Any]:
    built: dict[str, Any] = json.loads(JSONEncoder().encode(panel.build()))
    return built


def test_a_limit_is_a_dashed_line_and_the_rest_are_not() -> None:
    panel = _json(time_series_panel(ABOUT, SQL, colors=COLORS, limits=("Target",)))
    assert overrides(panel, "Target")["custom.lineStyle"] == {"fill": "dash", "dash": [8, 8]}
    assert "custom.lineStyle" not in overrides(panel, "Rate")


@pytest.mark.parametrize("floor", [0, 0.8])
def test_a_scale_begins_at_its_floor(floor: float) -> None:
    panel = _json(time_series_panel(ABOUT, SQL, colors=COLORS, floor=floor))
    assert panel["fieldConfig"]["defaults"]["custom"]["axisSoftMin"] == floor


@pytest.mark.parametrize(("lowest", "begins_at"), [(0.9, 0.8), (0.5, 0.5)])
def test_a_drawn_scale_begins_at_its_floor_or_below(lowest: float, begins_at: float) -> None:
    start = datetime(2026, 11, 1, tzinfo=UTC)
    times = [start, start + timedelta(days=1)]
    series = [
        Series("Rate", [lowest, 1.0], "#00f"),
        Series("Target", [0.95, 0.95], "#f00", limit=True),
    ]
    axes = Page(400, 300, DARK).axes(Box(0, 0, 400, 300))
    time_series(axes, times, series, (times[0], times[1]), percent, DARK, floor=0.8)
    assert axes.get_ylim()[0] == pytest.approx(begins_at, abs=0.03)
    assert [line.get_linestyle() for line in axes.get_lines()] == ["-", "--"]


def test_words_in_a_table_have_their_colours() -> None:
    column = Column(colors={"failed": "red", "landed": "green"})
    own = overrides(_json(table_panel(ABOUT, SQL, columns={"Status": column})), "Status")
    (mapping,) = own["mappings"]
    assert {word: look["color"] for word, look in mapping["options"].items()} == column.colors
    assert own["custom.cellOptions"] == {"type": "color-text"}


def test_a_gauge_leads_to_the_details() -> None:
    panel = _json(gauge_panel(ABOUT, SQL, maximum=1, steps=(), link=("Runs", "/d/runs")))
    (link,) = panel["fieldConfig"]["defaults"]["links"]
    assert (link["title"], link["url"]) == ("Runs", "/d/runs")
