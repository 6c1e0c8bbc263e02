"""The committed JSON is what the code gives, and holds nothing that Grafana would not know."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

from grafana import generate
from grafana.about import About
from grafana.dashboards import CATALOGUE, Entry, find
from grafana.exposures import exposures, marts_read
from grafana.layout import Band
from grafana.normalise import Json, normalise, panel_id
from grafana.panels import stat_panel
from grafana.reader import panels

ENTRIES = pytest.mark.parametrize("entry", CATALOGUE, ids=lambda entry: entry.name)


def test_the_committed_files_have_not_drifted() -> None:
    assert generate.drift() == []


@ENTRIES
def test_the_same_code_gives_the_same_bytes(entry: Entry) -> None:
    assert generate.render(entry.build()) == generate.render(entry.build())


@ENTRIES
def test_a_round_trip_through_the_sdk_keeps_every_key(entry: Entry) -> None:
    register_default_plugins()
    ours = entry.build()
    theirs = json.loads(JSONEncoder().encode(Dashboard.from_json(ours)))
    assert list(_lost(ours, theirs, "")) == []


def _lost(ours: Any, theirs: Any, path: str) -> Any:
    """Name what is in `ours` and not, or differently, in `theirs`: the SDK does not know it."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key, value in ours.items():
            if key not in theirs:
                # a threshold that begins the scale is null; the SDK may leave nulls out
                if value is not None:
                    yield f"{path}.{key}"
            else:
                yield from _lost(value, theirs[key], f"{path}.{key}")
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for number, pair in enumerate(zip(ours, theirs, strict=True)):
            yield from _lost(*pair, f"{path}[{number}]")
    elif ours != theirs:
        yield f"{path}: {ours!r} became {theirs!r}"


def test_the_round_trip_finds_a_key_that_grafana_does_not_know() -> None:
    register_default_plugins()
    dashboard = find("executive").build()
    dashboard["panels"][1]["options"]["colour"] = "blue"
    theirs = json.loads(JSONEncoder().encode(Dashboard.from_json(dashboard)))
    assert list(_lost(dashboard, theirs, "")) == [".panels[1].options.colour"]


def test_a_file_that_is_missing_changed_or_stray_is_drift(tmp_path: Path) -> None:
    assert generate.drift(tmp_path) == [f"{entry.path} is missing" for entry in CATALOGUE]
    generate.write(tmp_path)
    assert generate.drift(tmp_path) == []
    path = tmp_path / find("executive").path
    path.write_text(path.read_text().replace("MRR", "ARR"))
    (tmp_path / "staff" / "old.json").write_text("{}")
    assert generate.drift(tmp_path) == [
        "staff/executive.json differs from the code",
        "staff/old.json belongs to no dashboard",
    ]


def test_the_command_writes_and_checks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = ["--output", str(tmp_path), "--project", str(tmp_path)]
    assert generate.main(["--check", *where]) == 1
    said = capsys.readouterr().err
    assert "executive.json is missing" in said
    assert "docs/dashboards.md differs from the code" in said
    assert "exposures.yml differs from the code" in said
    assert generate.main(where) == 0
    assert generate.main(["--check", *where]) == 0


def test_the_committed_page_and_exposures_have_not_drifted() -> None:
    assert generate.other_drift() == []


def test_an_exposure_names_what_panels_selectors_and_marks_read() -> None:
    dashboard = find("executive").build()
    dashboard["panels"] = dashboard["panels"][:2]
    dashboard["templating"]["list"] = [
        {"name": "channel", "type": "query", "query": "select 1 from marts.dim_channels"}
    ]
    dashboard["annotations"]["list"] = [
        {"name": "Runs", "target": {"rawSql": "select 1 from marts.pipeline_runs"}}
    ]
    assert marts_read(dashboard) == ["dim_channels", "executive_overview", "pipeline_runs"]
    assert "      - ref('pipeline_runs')\n" in exposures([("executive", dashboard)])


@ENTRIES
def test_the_gaps_of_the_sdk_are_filled(entry: Entry) -> None:
    dashboard = entry.build()
    assert dashboard["schemaVersion"] == 39
    assert "inControlsMenu" not in json.dumps(dashboard)
    assert isinstance(dashboard["templating"]["list"], list)
    for panel in panels(dashboard):
        assert panel["id"] == panel_id(panel["title"])
        options = panel["options"]
        if "legend" in options:
            hidden = options["legend"]["displayMode"] == "hidden"
            assert options["legend"]["showLegend"] is not hidden
        if "reduceOptions" in options:
            assert options["reduceOptions"]["calcs"] == ["lastNotNull"]


@ENTRIES
def test_text_is_never_shown_as_a_number(entry: Entry) -> None:
    for panel in panels(entry.build()):
        if panel["type"] == "text":
            continue
        first = panel["fieldConfig"]["overrides"][0]
        assert first["matcher"] == {"id": "byType", "options": "string"}
        assert first["properties"] == [{"id": "unit", "value": "string"}]


def test_data_links_keep_what_a_data_link_has() -> None:
    (ranking,) = (
        panel for panel in panels(find("executive").build()) if panel["type"] == "barchart"
    )
    (link,) = ranking["fieldConfig"]["defaults"]["links"]
    assert sorted(link) == ["targetBlank", "title", "url"]


def test_two_panels_of_one_title_are_refused() -> None:
    raw: Json = {
        "templating": {},
        "annotations": {},
        "panels": [{"type": "stat", "title": "MRR"}, {"type": "stat", "title": "MRR"}],
    }
    with pytest.raises(ValueError, match="have one id"):
        normalise(raw)


def test_a_panel_must_speak_for_itself() -> None:
    with pytest.raises(ValueError, match="definition, empty"):
        About("MRR", "shows", "", ("marts.mrr_monthly",), "currencyUSD", "")


def test_a_band_must_fit_on_the_grid() -> None:
    about = About("MRR", "shows", "definition", ("marts.mrr_monthly",), "currencyUSD", "none")
    with pytest.raises(ValueError, match="26 columns"):
        Band(4, [(13, stat_panel(about, "select 1")), (13, stat_panel(about, "select 1"))])
