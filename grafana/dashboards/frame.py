"""What all dashboards have in common around their panels."""

from __future__ import annotations

import json
from collections.abc import Sequence

from grafana_foundation_sdk.builders.dashboard import (
    AnnotationQuery,
    Dashboard,
    DashboardLink,
    QueryVariable,
    TimePicker,
)
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import dashboard as models

from grafana.layout import Section, place
from grafana.normalise import Json, normalise

STAFF_TAG = "ytempire-staff"
USER_TAG = "ytempire-user"


def staff_dashboard(
    uid: str,
    title: str,
    description: str,
    sections: Sequence[Section],
    *,
    refresh: str = "5m",
    from_: str = "now-30d",
    selectors: Sequence[QueryVariable] = (),
    annotations: Sequence[AnnotationQuery] = (),
) -> Json:
    """Give a whole dashboard for the platform's staff as JSON.

    `refresh` must not be faster than the tier of the data it shows, `from_` is where the time
    range begins. Times are UTC, and nothing can be edited in the browser.
    """
    return _dashboard(
        uid, title, description, sections, STAFF_TAG, refresh, from_, selectors, annotations
    )


def user_dashboard(
    uid: str,
    title: str,
    description: str,
    sections: Sequence[Section],
    *,
    refresh: str,
    from_: str = "now-30d",
    selectors: Sequence[QueryVariable] = (),
) -> Json:
    """Give a dashboard that every user has in an organisation of their own.

    Its queries name no user: the datasource of the organisation logs in as the tenant, who sees
    their own rows and no others.
    """
    return _dashboard(uid, title, description, sections, USER_TAG, refresh, from_, selectors, ())


def _dashboard(
    uid: str,
    title: str,
    description: str,
    sections: Sequence[Section],
    tag: str,
    refresh: str,
    from_: str,
    selectors: Sequence[QueryVariable],
    annotations: Sequence[AnnotationQuery],
) -> Json:
    dashboard = (
        Dashboard(title)
        .uid(uid)
        .description(description)
        .tags(["ytempire", tag])
        .readonly()
        .timezone("utc")
        .week_start("monday")
        .time(from_, "now")
        .refresh(refresh)
        .timepicker(TimePicker().refresh_intervals([*dict.fromkeys([refresh, "15m", "1h"])]))
        .tooltip(models.DashboardCursorSync.CROSSHAIR)
        .link(
            DashboardLink("Dashboards")
            .type(models.DashboardLinkType.DASHBOARDS)
            .tags([tag])
            .as_dropdown(True)
            .keep_time(True)
            .icon("external link")
        )
    )
    for variable in selectors:
        dashboard = dashboard.with_variable(variable)
    for annotation in annotations:
        dashboard = dashboard.annotation(annotation)
    built = place(dashboard, sections).build()
    return normalise(json.loads(JSONEncoder().encode(built)))
