"""What the foundation SDK leaves out or sets wrongly, put right in the finished JSON.

Version 0.0.21 gives panels no id and every row the id 0, files links under `inControlsMenu`,
leaves legends off and a stat without a reducer, and omits the empty lists that older Grafanas
expect. Builders of one panel cannot see the dashboard, so it is done once, at the end.
"""

from __future__ import annotations

import copy
import zlib
from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]

# Grafana raises an older schema to its own by itself, but 12.0 and 12.1 refuse one that is newer
# than theirs (41). Nothing here uses what came after 39.
SCHEMA_VERSION = 39

_ID_SPACE = 99_991
_DATA_LINK_KEYS = ("title", "url", "targetBlank")


def panel_id(title: str) -> int:
    """Give a panel its id, from its title.

    Ids appear in links and in alerts, so they must survive a panel that is added or moved: they
    are not numbered by position.
    """
    return zlib.crc32(title.encode()) % _ID_SPACE + 1


def every_panel(dashboard: Json) -> Iterator[Json]:
    """Walk through the rows and panels of a dashboard, those inside collapsed rows included."""
    for panel in dashboard.get("panels", []):
        yield panel
        yield from panel.get("panels", [])


def normalise(dashboard: Json) -> Json:
    """Give a corrected copy of a dashboard as the SDK emitted it.

    Raises `ValueError` when two panels would get one id (the same title twice, or, very rarely,
    two titles that collide: reword one).
    """
    result = copy.deepcopy(dashboard)
    result["schemaVersion"] = SCHEMA_VERSION
    result["templating"].setdefault("list", [])
    result["annotations"].setdefault("list", [])
    for link in result.get("links", []):
        _place(link)
    for annotation in result["annotations"]["list"]:
        _place(annotation)
    titles: dict[int, str] = {}
    for panel in every_panel(result):
        _normalise_panel(panel)
        title = panel["title"]
        if panel["id"] in titles:
            raise ValueError(f"panels {titles[panel['id']]!r} and {title!r} have one id")
        titles[panel["id"]] = title
    return result


def _normalise_panel(panel: Json) -> None:
    is_row = panel["type"] == "row"
    panel["id"] = panel_id(f"row: {panel['title']}" if is_row else panel["title"])
    if is_row:
        return
    if "repeat" not in panel:
        panel.pop("repeatDirection", None)
    for link in panel.get("links", []):
        _place(link)
    options = panel.get("options", {})
    legend = options.get("legend")
    if legend is not None:
        legend["showLegend"] = legend["displayMode"] != "hidden"
    reducer = options.get("reduceOptions")
    if reducer is not None:
        reducer["calcs"] = reducer.get("calcs") or ["lastNotNull"]
        reducer.setdefault("values", False)
    defaults = panel.get("fieldConfig", {}).get("defaults", {})
    if "links" in defaults:
        defaults["links"] = [
            {key: link[key] for key in _DATA_LINK_KEYS if key in link} for link in defaults["links"]
        ]


def _place(item: Json) -> None:
    """Show a link or an annotation switch in the dashboard's bar, where people look for it."""
    if item.get("placement") == "inControlsMenu":
        del item["placement"]
