"""User success: how far all users are on their way to 10,000 USD a month."""

from __future__ import annotations

from grafana.dashboards import users_progress, users_success
from grafana.dashboards.frame import staff_dashboard
from grafana.dashboards.house import USERS_UID
from grafana.normalise import Json
from grafana.selectors import selector

_USERS = """\
select
    email as "__text",
    user_id as "__value"
from marts.user_revenue_progress
order by email"""


def build() -> Json:
    """Give the dashboard as Grafana's JSON."""
    return staff_dashboard(
        USERS_UID,
        "YTEMPIRE User success",
        "How far the users are on their way to 10,000 USD a month, when they will be there, how "
        "cohorts do, what time it takes them, and which of their channels need attention.",
        [
            users_progress.headlines(),
            *users_progress.sections(),
            *users_success.sections(),
        ],
        refresh="15m",
        from_="now-90d",
        selectors=[selector("user", "Users", "Whom the dashboard shows.", _USERS)],
    )
