"""Every dashboard keeps the rules, and each rule finds what breaks it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from grafana.dashboards import CATALOGUE, find
from grafana.lint import lint, marts_of
from grafana.normalise import Json
from grafana.reader import panels


def test_the_dashboards_keep_the_rules() -> None:
    assert lint([entry.build() for entry in CATALOGUE]) == []


def _panel(dashboard: Json, title: str) -> Json:
    return next(panel for panel in panels(dashboard) if panel["title"] == title)


def _set_sql(dashboard: Json, sql: str) -> None:
    _panel(dashboard, "Revenue trend")["targets"][0]["rawSql"] = sql


def _set(path: str, value: object) -> Callable[[Json], None]:
    """Give a change that sets a value inside the MRR panel (or deletes it, for None)."""

    def change(dashboard: Json) -> None:
        *parents, last = path.split("/")
        place = _panel(dashboard, "MRR")
        for parent in parents:
            place = place[parent]
        if value is None:
            del place[last]
        else:
            place[last] = value

    return change


def _sql(sql: str) -> Callable[[Json], None]:
    return lambda dashboard: _set_sql(dashboard, sql)


_TREND = 'select date_day::timestamp as "time", revenue_usd from marts.platform_days'


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        (lambda d: d.update(editable=True), "edited in the browser"),
        (lambda d: d.update(timezone="browser"), "not UTC"),
        (lambda d: d.update(refresh="30s"), "faster than its data"),
        (lambda d: d.update(description=""), "no description"),
        (lambda d: d["links"][0].update(tags=["nobody"]), "no dashboard has"),
        (lambda d: d["links"].append({"type": "link", "url": "/d/gone/x"}), "to no dashboard"),
        (_set("id", 52093), "id 52093 is used 2 times"),
        (_set("title", "Active users"), "title 'Active users' is used 2 times"),
        (_set("description", "MRR."), "lacks a definition"),
        (_set("fieldConfig/defaults/unit", None), "no unit"),
        (_set("fieldConfig/defaults/noValue", None), "empty state"),
        (_set("fieldConfig/defaults/links", [{"url": "http://x"}]), "neither https nor"),
        (_set("datasource", {"uid": "other"}), "its datasource is not marts"),
        (_set("targets", []), "no query"),
        (_set("gridPos", {"x": 22, "y": 90, "w": 4, "h": 4}), "does not fit"),
        (_set("gridPos", {"x": 3, "y": 1, "w": 4, "h": 4}), "overlap"),
        (_sql("select 1 from raw_platform.users"), "not in marts"),
        (_sql("select 1 from platform_days"), "not in marts"),
        (_sql("select 1 from marts.dim_users"), "its description names"),
        (_sql(f"{_TREND} where date_day > now() - interval '1d'"), "asks the clock"),
        (_sql(f"{_TREND} where date_day > current_date"), "asks the clock"),
        (_sql(f"{_TREND};"), "semicolon"),
        (_sql("select * from marts.platform_days"), "selects *"),
        (_sql(f"{_TREND} where $__timeFilter(lower(date_day))"), "cannot hold a call"),
        (_sql(f"{_TREND} where $__timeFilter(date_day, 1)"), "cannot hold a comma"),
        (_sql(f"{_TREND} where $__timeGlobe(date_day)"), "unknown macro"),
        (_sql(f"{_TREND} where a = '$user'"), "user is not defined"),
        (_sql(f"{_TREND} where a in (${{user}})"), "not written ${user:sqlstring}"),
    ],
)
def test_a_broken_rule_is_found(change: Callable[[Json], None], finding: str) -> None:
    dashboard = find("executive").build()
    change(dashboard)
    assert finding in "\n".join(lint([dashboard]))


def test_one_uid_for_two_dashboards_is_found() -> None:
    built = [entry.build() for entry in CATALOGUE]
    assert lint([*built, find("executive").build()]) == ["uid ytempire-executive is used 2 times"]


@pytest.mark.parametrize(
    ("sql", "relations"),
    [
        ("select 1 from marts.a join marts.b on true", {"marts.a", "marts.b"}),
        ("with x as (select 1 from marts.a) select 1 from x", {"marts.a"}),
        ("select extract(epoch from t) from marts.a", {"marts.a"}),
    ],
)
def test_the_relations_of_a_query_are_found(sql: str, relations: set[str]) -> None:
    assert marts_of(sql) == relations
