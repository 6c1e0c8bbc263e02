"""The Channel performance dashboard's audience: how it comes, whence, on what."""

from __future__ import annotations

from grafana_foundation_sdk.builders import barchart, piechart

from grafana.about import About
from grafana.dashboards.channels_figures import THIS_CHANNEL
from grafana.layout import Band, Section
from grafana.panels import bar_panel, pie_panel

_SOURCE = "marts.channel_audiences"
_PERIOD = "Views of the 30 report days up to the last known; the time range does not matter."


def section() -> Section:
    """Give the section on who watches the chosen channel."""
    return Section(
        "Who watches it?",
        [Band(9, [(8, _traffic_sources()), (8, _countries()), (8, _devices())])],
    )


def _traffic_sources() -> barchart.Panel:
    about = About(
        "Traffic sources",
        "How viewers find the channel's videos, the ten most common ways.",
        f"{_PERIOD} Sources in YouTube's words (insightTrafficSourceType).",
        (_SOURCE,),
        "short",
        "No traffic sources were reported",
    )
    return bar_panel(
        about,
        _parts("traffic_source", "initcap(replace(part, '_', ' '))", "Traffic source"),
        category="Traffic source",
        color="blue",
    )


def _countries() -> barchart.Panel:
    about = About(
        "Countries",
        "Where the channel is watched, the ten first countries.",
        f"{_PERIOD} ISO 3166 codes as YouTube tells them. Days of countries are asked for one "
        "by one, so there may be fewer of them than of other splits.",
        (_SOURCE,),
        "short",
        "No countries were reported",
    )
    return bar_panel(about, _parts("country", "part", "Country"), category="Country", color="green")


def _devices() -> piechart.Panel:
    about = About(
        "Devices",
        "On what kinds of device the channel is watched.",
        f"{_PERIOD} Types in YouTube's words.",
        (_SOURCE,),
        "short",
        "No devices were reported",
    )
    return pie_panel(
        about,
        _parts("device", "initcap(replace(part, '_', ' '))", "Device"),
        colors={
            "Mobile": "blue",
            "Desktop": "green",
            "Tv": "orange",
            "Tablet": "purple",
            "Game Console": "yellow",
        },
    )


def _parts(split: str, part: str, name: str) -> str:
    return f"""\
select
    {part} as "{name}",
    views as "Views"
from {_SOURCE}
where {THIS_CHANNEL} and split = '{split}' and views > 0
order by views_rank
limit 10"""
