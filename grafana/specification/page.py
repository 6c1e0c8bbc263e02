"""`docs/dashboards.md`: the dashboards, and where each panel of the specification is shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from grafana.normalise import Json, every_panel
from grafana.reader import panels
from grafana.specification.asked import KINDS, Asked

_HEAD = """\
# Dashboards

<!-- Written by `python -m grafana.generate` from the dashboards; do not edit. -->

How they are made and put into a Grafana is told in [grafana/README.md](../grafana/README.md).
"""
_ASKED = """\
## Panels of the specification

Every panel that the specification names, the form it asks for, and the panel that shows it.
"""


def problems(asked: Sequence[Asked], dashboards: Sequence[Json]) -> list[str]:
    """Say which rows lead to no panel, to one of another kind without a word, or come twice."""
    return list(_problems(asked, {dashboard["uid"]: dashboard for dashboard in dashboards}))


def _problems(asked: Sequence[Asked], by_uid: dict[str, Json]) -> Iterator[str]:
    seen: set[tuple[str, str]] = set()
    for row in asked:
        name = f"{row.section}, {row.panel}"
        if (row.section, row.panel) in seen:
            yield f"{name} comes twice"
        seen.add((row.section, row.panel))
        if row.dashboard not in by_uid:
            yield f"{name}: there is no dashboard {row.dashboard}"
            continue
        kinds = {panel["title"]: panel["type"] for panel in panels(by_uid[row.dashboard])}
        if row.shown_by not in kinds:
            yield f"{name}: {row.dashboard} has no panel {row.shown_by!r}"
        elif kinds[row.shown_by] not in KINDS[row.form] and not row.note:
            yield f"{name}: a {kinds[row.shown_by]} is no {row.form}, and no note says why"


def page(asked: Sequence[Asked], dashboards: Sequence[Json]) -> str:
    """Give the page's Markdown; `ValueError` when a row of `asked` leads nowhere."""
    found = problems(asked, dashboards)
    if found:
        raise ValueError("; ".join(found))
    by_uid = {dashboard["uid"]: dashboard for dashboard in dashboards}
    lines = [_HEAD, "| dashboard | address | answers | refreshed |", "|---|---|---|---|"]
    lines += [_dashboard_row(dashboard) for dashboard in dashboards]
    lines += ["", _ASKED]
    for section, rows in groupby(asked, key=lambda row: row.section):
        lines += [f"### {section}", ""]
        lines += ["| panel | form | dashboard | shown by | number | note |"]
        lines += ["|---|---|---|---|---|---|"]
        lines += [_panel_row(row, by_uid[row.dashboard]) for row in rows]
        lines += [""]
    return "\n".join(lines)


def _dashboard_row(dashboard: Json) -> str:
    rows = [panel["title"] for panel in every_panel(dashboard) if panel["type"] == "row"]
    refresh = dashboard.get("refresh") or "by hand"
    return _row(dashboard["title"], f"`/d/{dashboard['uid']}`", " ".join(rows), refresh)


def _panel_row(row: Asked, dashboard: Json) -> str:
    ids = {panel["title"]: panel["id"] for panel in panels(dashboard)}
    number = str(ids[row.shown_by])
    return _row(row.panel, row.form, dashboard["title"], row.shown_by, number, row.note)


def _row(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
