"""What all staff dashboards have in common around their panels."""

from __future__ import annotations

import json
from collections.abc import Sequence

from grafana_foundation_sdk.builders.dashboard import Dashboard, DashboardLink, TimePicker
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import dashboard as models

from grafana.layout import Section, place
from grafana.normalise import Json, normalise

STAFF_TAG = "ytempire-staff"


def staff_dashboard(
    uid: str,
    title: str,
    description: str,
    sections: Sequence[Section],
    *,
    refresh: str = "5m",
    from_: str = "now-30d",
) -> Json:
    """Give a whole dashboard for the platform's staff as JSON.

    `refresh` must not be faster than the tier of the data it shows, `from_` is where the time
    range begins. Times are UTC, and nothing can be edited in the browser.
    """
    dashboard = (
        Dashboard(title)
        .uid(uid)
        .description(description)
        .tags(["ytempire", STAFF_TAG])
        .readonly()
        .timezone("utc")
        .week_start("monday")
        .time(from_, "now")
        .refresh(refresh)
        .timepicker(TimePicker().refresh_intervals([refresh, "15m", "1h"]))
        .tooltip(models.DashboardCursorSync.CROSSHAIR)
        .link(
            DashboardLink("Dashboards")
            .type(models.DashboardLinkType.DASHBOARDS)
            .tags([STAFF_TAG])
            .as_dropdown(True)
            .keep_time(True)
            .icon("external link")
        )
    )
    built = place(dashboard, sections).build()
    return normalise(json.loads(JSONEncoder().encode(built)))
