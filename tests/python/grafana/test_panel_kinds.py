"""What the panel kinds promise beyond their look: links, hidden columns, empty cells, points."""

from __future__ import annotations

import json
import re

import pytest
from grafana_foundation_sdk.cog.encoder import JSONEncoder

from grafana.about import About
from grafana.dashboards import CATALOGUE
from grafana.dashboards.house import HIDDEN, channel_column, watch_column
from grafana.looks import overrides
from grafana.normalise import Json
from grafana.panels import heat_table_panel, scatter_panel, table_panel
from grafana.panels.tables import Column

ABOUT = About("Title", "Shows.", "Defined.", ("marts.a",), "locale", "Nothing here")


def _json(panel: object) -> Json:
    built: Json = json.loads(JSONEncoder().encode(panel.build()))  # type: ignore[attr-defined]
    return built


def _table(**columns: Column) -> Json:
    return _json(table_panel(ABOUT, "select 1", columns=columns))


def _points(colors: dict[str, str]) -> Json:
    x, y = ("Views", "short"), ("Revenue", "currencyUSD")
    return _json(scatter_panel(ABOUT, "select 1", x=x, y=y, colors=colors))


def test_what_is_outside_opens_in_a_tab_of_its_own() -> None:
    panel = _table(channel=channel_column(), video=watch_column())
    (inside,) = overrides(panel, "channel")["links"]
    (outside,) = overrides(panel, "video")["links"]
    assert not inside["targetBlank"]
    assert outside["targetBlank"]


def test_a_hidden_column_stays_there_for_links() -> None:
    assert overrides(_table(key=HIDDEN), "key") == {"custom.hidden": True}


@pytest.mark.parametrize("kind", ["list", "grid"])
def test_an_empty_cell_does_not_say_that_the_table_is_empty(kind: str) -> None:
    panel = _table() if kind == "list" else _json(heat_table_panel(ABOUT, "select 1", labels={}))
    config = panel["fieldConfig"]
    everywhere = [o for o in config["overrides"] if o["matcher"]["id"] == "byRegexp"]
    assert config["defaults"]["noValue"] == "Nothing here"
    assert [o["properties"] for o in everywhere] == [[{"id": "noValue", "value": "–"}]]


def test_points_of_several_kinds_have_a_legend_and_a_colour_each() -> None:
    one, two = (_points({"Revenue": "blue"}), _points({"A": "blue", "B": "red"}))
    shown = [panel["options"]["legend"]["displayMode"] for panel in (one, two)]
    assert shown == ["hidden", "list"]
    assert overrides(two, "B")["color"] == {"mode": "fixed", "fixedColor": "red"}
    assert overrides(two, "B")["custom.axisLabel"] == "Revenue"


def test_a_link_sets_only_selectors_that_its_dashboard_has() -> None:
    built = {dashboard["uid"]: dashboard for dashboard in (e.build() for e in CATALOGUE)}
    found = re.findall(r"/d/([\w-]+)\?var-(\w+)=", json.dumps(list(built.values())))
    assert {"ytempire-channels", "ytempire-users"} <= {uid for uid, _ in found}
    for uid, name in set(found):
        assert name in [variable["name"] for variable in built[uid]["templating"]["list"]]
