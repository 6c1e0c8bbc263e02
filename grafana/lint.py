"""The rules that every dashboard keeps, checked on its JSON without a database."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import combinations

from grafana.layout import GRID_COLUMNS
from grafana.macros import MacroError, interval_seconds
from grafana.normalise import Json, every_panel
from grafana.query import DATASOURCE_TYPE, DATASOURCE_UID
from grafana.reader import PanelQuery, TimeRange, panels, queries
from grafana.selectors import annotation_queries, variable_queries

FASTEST_REFRESH_SECONDS = 300
_DATASOURCE = {"type": DATASOURCE_TYPE, "uid": DATASOURCE_UID}
_ANY_RANGE = TimeRange(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC))
_SOURCE_LINE = re.compile(r"\*\*Source:\*\* (.+)$", re.MULTILINE)
_RELATION = re.compile(r"\b(?:from|join)\s+(?:lateral\s+)?([\w.\"]+)", re.IGNORECASE)
_CTE = re.compile(r"(?:\bwith|,)\s+(?:recursive\s+)?(\w+)\s+as\s+(?:not\s+)?(?:materialized\s+)?\(")
_EXTRACT = re.compile(r"\bextract\s*\(\s*\w+\s+from\b", re.IGNORECASE)
_CALL = re.compile(r"\$(__\w+)\(")
_VARIABLE = re.compile(r"\$(?!__)(?:\{(\w+)(?::(\w+))?\}|(\w+))")
_CLOCK = re.compile(r"\b(now\s*\(|current_(date|time|timestamp)\b|localtimestamp\b)", re.IGNORECASE)
_SEVERAL_ARGUMENTS = {"__timeGroup", "__timeGroupAlias", "__unixEpochGroup"}
_SEVERAL_ARGUMENTS |= {"__unixEpochGroupAlias"}
_OTHER_DASHBOARD = re.compile(r"^/d/([\w-]+)")


def lint(dashboards: Sequence[Json]) -> list[str]:
    """Say what is wrong with the dashboards that are provisioned together."""
    found = [
        f"uid {uid} is used {count} times"
        for uid, count in Counter(dashboard["uid"] for dashboard in dashboards).items()
        if count > 1
    ]
    uids = {dashboard["uid"] for dashboard in dashboards}
    tags = {tag for dashboard in dashboards for tag in dashboard["tags"]}
    for dashboard in dashboards:
        findings = [
            *_lint_frame(dashboard),
            *_lint_other_queries(dashboard),
            *_lint_grid(dashboard),
            *_lint_links(dashboard, uids, tags),
        ]
        for panel in panels(dashboard):
            findings += [f"{panel['title']}: {text}" for text in _lint_panel(panel)]
        for query in queries(dashboard):
            findings += [f"{query.panel['title']}: {text}" for text in _lint_query(query)]
        found += [f"{dashboard['uid']}: {text}" for text in findings]
    return found


def marts_of(sql: str) -> set[str]:
    """Name the relations that SQL reads, its own CTEs apart."""
    text = _EXTRACT.sub("", sql)
    return set(_RELATION.findall(text)) - set(_CTE.findall(text))


def _lint_frame(dashboard: Json) -> Iterator[str]:
    for key in ("title", "description", "tags"):
        if not dashboard.get(key):
            yield f"there is no {key}"
    if dashboard["editable"]:
        yield "it can be edited in the browser"
    if dashboard["timezone"] != "utc":
        yield "its time zone is not UTC"
    refresh = dashboard.get("refresh") or ""
    if refresh and interval_seconds(refresh) < FASTEST_REFRESH_SECONDS:
        yield f"it refreshes every {refresh}, faster than its data"
    for key in ("id", "title"):
        for value, count in Counter(panel[key] for panel in every_panel(dashboard)).items():
            if count > 1:
                yield f"{key} {value!r} is used {count} times"


def _lint_grid(dashboard: Json) -> Iterator[str]:
    placed = [panel for panel in every_panel(dashboard) if "gridPos" in panel]
    for panel in placed:
        position = panel["gridPos"]
        if position["x"] < 0 or position["x"] + position["w"] > GRID_COLUMNS:
            yield f"{panel['title']} does not fit on the grid"
    for one, other in combinations(placed, 2):
        if _overlap(one["gridPos"], other["gridPos"]):
            yield f"{one['title']} and {other['title']} overlap"


def _overlap(one: Json, other: Json) -> bool:
    return bool(
        one["x"] < other["x"] + other["w"]
        and other["x"] < one["x"] + one["w"]
        and one["y"] < other["y"] + other["h"]
        and other["y"] < one["y"] + one["h"]
    )


def _lint_links(dashboard: Json, uids: set[str], tags: set[str]) -> Iterator[str]:
    for link in dashboard.get("links", []):
        if link["type"] == "dashboards":
            for tag in set(link["tags"]) - tags:
                yield f"link {link['title']} wants tag {tag}, which no dashboard has"
        else:
            yield from _lint_url(link["url"], uids)
    for panel in panels(dashboard):
        for link in _panel_links(panel):
            for text in _lint_url(link["url"], uids):
                yield f"{panel['title']}: {text}"


def _panel_links(panel: Json) -> Iterator[Json]:
    yield from panel.get("links", [])
    config = panel.get("fieldConfig", {"defaults": {}, "overrides": []})
    yield from config["defaults"].get("links", [])
    for override in config["overrides"]:
        for item in override["properties"]:
            if item["id"] == "links":
                yield from item["value"]


def _lint_url(url: str, uids: set[str]) -> Iterator[str]:
    inside = _OTHER_DASHBOARD.match(url)
    if inside and inside[1] not in uids:
        yield f"the link {url} leads to no dashboard"
    if not inside and not url.startswith("https://"):
        yield f"the link {url} is neither https nor /d/UID"


def _lint_panel(panel: Json) -> Iterator[str]:
    if panel["type"] == "text":
        if not panel["options"].get("content"):
            yield "there is no text"
        return
    defaults = panel["fieldConfig"]["defaults"]
    description = panel.get("description", "")
    if not panel.get("title"):
        yield "there is no title"
    if "**Definition:** " not in description or not _SOURCE_LINE.search(description):
        yield "its description lacks a definition or a source"
    if not defaults.get("unit"):
        yield "there is no unit"
    if not defaults.get("noValue"):
        yield "there is no text for the empty state"
    if panel.get("datasource") != _DATASOURCE:
        yield f"its datasource is not {DATASOURCE_UID}"
    if not panel.get("targets"):
        yield "there is no query"


def _lint_query(query: PanelQuery) -> Iterator[str]:
    if query.target["datasource"] != _DATASOURCE:
        yield f"its query's datasource is not {DATASOURCE_UID}"
    read = marts_of(query.sql)
    for relation in sorted(read):
        if not relation.startswith("marts."):
            yield f"it reads {relation}, which is not in marts"
    source = _SOURCE_LINE.search(query.panel.get("description", ""))
    named = set(re.findall(r"`([^`]+)`", source[1])) if source else set()
    if named != read:
        yield f"its description names {sorted(named)}, its query reads {sorted(read)}"
    if _CLOCK.search(query.sql):
        yield "it asks the clock; use the time macros, or columns relative to the as-of instant"
    if ";" in query.sql or re.search(r"\bselect\s+(\w+\.)?\*", query.sql):
        yield "it has a semicolon or selects *"
    yield from _lint_macros(query.sql)
    yield from _lint_variables(query)


def _lint_other_queries(dashboard: Json) -> Iterator[str]:
    for variable in dashboard["templating"]["list"]:
        for key in ("label", "description"):
            if not variable.get(key):
                yield f"selector {variable['name']} has no {key}"
    for name, sql in {**variable_queries(dashboard), **annotation_queries(dashboard)}.items():
        for relation in sorted(marts_of(sql)):
            if not relation.startswith("marts."):
                yield f"{name}: it reads {relation}, which is not in marts"
        if _CLOCK.search(sql):
            yield f"{name}: it asks the clock"
        for text in _lint_macros(sql):
            yield f"{name}: {text}"


def _lint_macros(sql: str) -> Iterator[str]:
    for call in _CALL.finditer(sql):
        arguments = sql[call.end() :].split(")", 1)[0]
        if "(" in arguments:
            yield f"${call[1]}: an argument cannot hold a call"
        if "," in arguments and call[1] not in _SEVERAL_ARGUMENTS:
            yield f"${call[1]}: an argument cannot hold a comma"
    try:
        _ANY_RANGE.expand(sql)
    except MacroError as error:
        yield str(error)


def _lint_variables(query: PanelQuery) -> Iterator[str]:
    defined = {variable["name"] for variable in query.dashboard["templating"]["list"]}
    for match in _VARIABLE.finditer(query.sql):
        name = match[1] or match[3]
        if name not in defined:
            yield f"variable {name} is not defined"
        if match[2] != "sqlstring":
            yield f"variable {name} is not written ${{{name}:sqlstring}}"
