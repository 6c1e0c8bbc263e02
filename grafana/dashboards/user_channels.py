"""A user's Channel analytics: which videos are watched, how, and when they should be published."""

from __future__ import annotations

from grafana_foundation_sdk.builders import barchart, bargauge, stat, timeseries

from grafana.about import About
from grafana.dashboards import user_channels_videos
from grafana.dashboards.frame import user_dashboard
from grafana.layout import Band, Section
from grafana.normalise import Json
from grafana.panels import (
    Step,
    bar_gauge_panel,
    bar_panel,
    stat_panel,
    time_series_panel,
)
from grafana.selectors import selector

UID = "ytempire-my-channels"
_DAYS = "marts.fct_channel_days"
CHOSEN = "channel_id::text in (${channel:sqlstring})"
_RANGE = f"where $__timeFilter(date_day)\n    and {CHOSEN}"
_FAIR = (Step(None, "orange"), Step(0.3, "yellow"), Step(0.5, "green"))


def build() -> Json:
    """Give the dashboard as Grafana's JSON."""
    return user_dashboard(
        UID,
        "Channel analytics",
        "How your channels and videos are watched. Choose channels above; the mark beside a "
        "panel's title tells its definition.",
        [
            Section(
                "How much are the channels watched?",
                [
                    Band(4, [(6, tile) for tile in _tiles()]),
                    Band(9, [(15, _views()), (9, _by_channel())]),
                ],
            ),
            Section(
                "Are the thumbnails clicked, are the videos watched?",
                [Band(9, [(8, _click_through()), (8, _retention()), (8, _by_length())])],
            ),
            *user_channels_videos.sections(CHOSEN),
        ],
        refresh="15m",
        selectors=[
            selector(
                "channel",
                "Channel",
                "The channels that all panels show.",
                'select channel_name as "__text", channel_id::text as "__value"\n'
                "from marts.dim_channels\norder by channel_name, channel_id",
            )
        ],
    )


def _tiles() -> list[stat.Panel]:
    return [
        _tile("Views", "sum(views)", "Views of the days shown.", "Views as YouTube reports them."),
        _tile(
            "Watch hours",
            "sum(watch_hours)",
            "How long the videos were watched.",
            "Minutes watched as YouTube reports them, in hours.",
        ),
        _tile(
            "New subscribers",
            "sum(subscribers_net)",
            "Subscribers won, less those lost.",
            "Subscribers gained less lost on the days shown.",
        ),
        _tile(
            "Engagement",
            "sum(likes + comments + shares) / nullif(sum(views), 0)",
            "How often a view leads to a like, a comment or a share.",
            "(likes + comments + shares) / views.",
            unit="percentunit",
            decimals=2,
        ),
    ]


def _tile(
    title: str,
    figure: str,
    shows: str,
    definition: str,
    *,
    unit: str = "locale",
    decimals: int | None = 0,
) -> stat.Panel:
    about = About(
        title,
        f"{shows} Of the chosen channels, in the time range.",
        f"{definition} Pacific days, up to the last that YouTube has reported.",
        (_DAYS,),
        unit,
        "No report days in this time range",
    )
    sql = f'select {figure} as "{title}"\nfrom {_DAYS}\n{_RANGE}'
    return stat_panel(about, sql, decimals=decimals)


def _views() -> timeseries.Panel:
    about = About(
        "Views by day",
        "How often the chosen channels' videos were watched, day by day.",
        "Views as YouTube reports them, by Pacific day.",
        (_DAYS,),
        "locale",
        "No report days in this time range",
    )
    sql = f"""\
select
    date_day::timestamp as "time",
    sum(views) as "Views"
from {_DAYS}
{_RANGE}
group by date_day
order by date_day"""
    return time_series_panel(about, sql, colors={"Views": "blue"}, decimals=0)


def _by_channel() -> barchart.Panel:
    about = About(
        "Views by channel",
        "Which of the chosen channels are watched most in the time range.",
        "Views of the report days (Pacific) in the time range.",
        (_DAYS, "marts.dim_channels"),
        "locale",
        "No report days in this time range",
    )
    sql = f"""\
select
    channels.channel_name as "Channel",
    sum(days.views) as "Views"
from {_DAYS} as days
inner join marts.dim_channels as channels
    on days.user_id = channels.user_id
    and days.channel_id = channels.channel_id
where $__timeFilter(days.date_day)
    and days.{CHOSEN}
group by channels.channel_id, channels.channel_name
having sum(days.views) is not null
order by sum(days.views) desc, channels.channel_id
limit 20"""
    return bar_panel(about, sql, category="Channel", color="blue", decimals=0)


def _click_through() -> timeseries.Panel:
    about = About(
        "Click-through rate",
        "How often a thumbnail that was shown is clicked, day by day.",
        "Clicks on thumbnails / impressions of the chosen channels by day. YouTube's bulk "
        "reports come a day or two after the others.",
        (_DAYS,),
        "percentunit",
        "No thumbnail figures in this time range",
    )
    sql = f"""\
select
    date_day::timestamp as "time",
    sum(clicks)::numeric / nullif(sum(impressions), 0) as "Click-through rate"
from {_DAYS}
{_RANGE}
    and impressions is not null
group by date_day
order by date_day"""
    return time_series_panel(about, sql, colors={"Click-through rate": "purple"}, decimals=1)


def _retention() -> timeseries.Panel:
    about = About(
        "Retention",
        "How much of a video is watched on average, day by day.",
        "Minutes watched / minutes that full views would have taken, of the chosen channels' "
        "videos whose length is known.",
        (_DAYS,),
        "percentunit",
        "No report days in this time range",
    )
    sql = f"""\
select
    date_day::timestamp as "time",
    sum(timed_minutes_watched) / nullif(sum(full_view_minutes), 0) as "Retention"
from {_DAYS}
{_RANGE}
group by date_day
order by date_day"""
    return time_series_panel(about, sql, colors={"Retention": "green"}, decimals=0)


def _by_length() -> bargauge.Panel:
    about = About(
        "Retention by length of video",
        "How much of a video is watched, from the shortest to the longest.",
        "Retention rate of all the chosen channels' videos of a length, weighted by their views. "
        "Yellow from 30%, green from 50%. The time range does not matter.",
        ("marts.channel_retention_by_length_band",),
        "percentunit",
        "No video has been watched yet",
    )
    sql = f"""\
select
    replace(length_band, '_', ' ') as "Length",
    sum(retention_rate * views) / nullif(sum(views), 0) as "Retention"
from marts.channel_retention_by_length_band
where {CHOSEN}
    and retention_rate is not null
group by length_band
order by
    array_position(
        array['below_1_minute', '1_to_5_minutes', '5_to_10_minutes', '10_to_20_minutes'],
        length_band
    )"""
    return bar_gauge_panel(about, sql, maximum=1, steps=_FAIR, decimals=0)
