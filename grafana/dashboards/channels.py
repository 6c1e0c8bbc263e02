"""Channel performance: which channels do well, and how a chosen one does."""

from __future__ import annotations

from grafana.dashboards import channels_audience, channels_course, channels_figures, channels_videos
from grafana.dashboards.frame import staff_dashboard
from grafana.dashboards.house import CHANNELS_UID
from grafana.normalise import Json
from grafana.selectors import selector

_USERS = """\
select
    email as "__text",
    user_id as "__value"
from marts.dim_users
where channels > 0
order by email"""

# The channel that earns most is chosen until the viewer picks another.
_CHANNELS = """\
select
    channel_name as "__text",
    channel_id as "__value"
from marts.channel_performance
where user_id::text in (${user:sqlstring})
order by revenue_30d_usd desc nulls last, channel_name, channel_id"""


def build() -> Json:
    """Give the dashboard as Grafana's JSON."""
    return staff_dashboard(
        CHANNELS_UID,
        "YTEMPIRE Channel performance",
        "The channels of the chosen users against each other, then one channel: growth, revenue "
        "against its target, videos, retention, upload times, audience, what to try.",
        [
            channels_figures.comparison(),
            channels_figures.one_channel(),
            channels_course.section(),
            *channels_videos.sections(),
            channels_audience.section(),
        ],
        refresh="15m",
        selectors=[
            selector("user", "Users", "Whose channels are compared and may be chosen.", _USERS),
            selector(
                "channel",
                "Channel",
                "The channel that the dashboard shows below the comparison.",
                _CHANNELS,
                several=False,
            ),
        ],
    )
