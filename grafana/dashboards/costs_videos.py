"""The Cost analysis dashboard's videos: averages, ways of making them, bands, the dear ones."""

from __future__ import annotations

from grafana_foundation_sdk.builders import barchart, piechart, stat, table, timeseries

from grafana.about import About
from grafana.dashboards.house import (
    COST_STEPS,
    COST_TEXT_STEPS,
    HIDDEN,
    channel_column,
    tile,
)
from grafana.layout import Band, Section
from grafana.panels import (
    Column,
    Step,
    bar_panel,
    heat_table_panel,
    pie_panel,
    table_panel,
    time_series_panel,
)

_BANDS = "marts.cost_band_days"
_ALERTS = "marts.video_cost_alerts"
_NO_VIDEO = "No video was published in this time range"
_BAND_NAMES = {
    "below_1": ("Below 1", "green"),
    "1_to_2": ("1 to 2", "blue"),
    "2_to_3": ("2 to 3", "yellow"),
    "above_3": ("Above 3", "red"),
}
_PUBLISHED = "Videos of the platform published (UTC) in the time range."
_WHOLE_COST = "the whole cost so far, by the call ledger, failed and retried jobs included"


def headlines() -> Section:
    """Give the section of the figures on top."""
    return Section("What do videos cost?", [Band(4, [(4, panel) for panel in _tiles()])])


def sections() -> list[Section]:
    """Give the sections on ways of making, on bands, and on the videos that are too dear."""
    return [
        Section(
            "Which way of making is cheaper?",
            [Band(7, [(7, _by_method()), (7, _by_type()), (10, _method_by_type())])],
        ),
        Section("How do costs spread?", [Band(8, [(14, _bands_by_day()), (10, _bands())])]),
        Section("Which videos are too dear?", [Band(11, [(24, _dear_videos())])]),
    ]


def _tiles() -> list[stat.Panel]:
    alerts = f"select count(*) as videos from {_ALERTS} where $__timeFilter(last_cost_date)"
    told = "Videos on which money was spent in the time range, published or not."
    return [
        tile(
            "Cost",
            "select sum(cost_usd) as cost from marts.cost_days "
            "where is_allocated and $__timeFilter(date_day)",
            "What was spent on making videos in the time range.",
            "Sum of the call ledger by UTC day, failed and retried jobs included.",
            ("marts.cost_days",),
            "No cost was booked",
            unit="currencyUSD",
        ),
        tile(
            "Average cost a video",
            f"select sum(cost_usd) / nullif(sum(videos), 0) as cost from {_BANDS} "
            "where $__timeFilter(date_day)",
            _PUBLISHED,
            f"Their cost ({_WHOLE_COST}) / their number. Yellow from 2.50, red from 3.00 USD.",
            (_BANDS,),
            "No videos",
            unit="currencyUSD",
            decimals=2,
            steps=COST_STEPS,
        ),
        tile(
            "Videos within the target",
            "select sum(videos) filter (where not is_above_cost_target) / "
            f"nullif(sum(videos), 0) as share from {_BANDS} where $__timeFilter(date_day)",
            _PUBLISHED,
            "Those at or below 3.00 USD over all of them.",
            (_BANDS,),
            "No videos",
            unit="percentunit",
            decimals=1,
        ),
        tile(
            "Videos above 2.50",
            alerts,
            told,
            f"Cost ({_WHOLE_COST}) above 2.50 USD, those above 3.00 included.",
            (_ALERTS,),
            "None",
            steps=(Step(None, "green"), Step(1, "yellow")),
        ),
        tile(
            "Videos above 3.00",
            f"{alerts} and cost_alert_level = 'critical'",
            told,
            f"Cost ({_WHOLE_COST}) above 3.00 USD, the most a video may cost.",
            (_ALERTS,),
            "None",
            steps=(Step(None, "green"), Step(1, "red")),
        ),
        tile(
            "Unallocated",
            "select sum(cost_usd) as cost from marts.cost_days "
            "where not is_allocated and $__timeFilter(date_day)",
            "What providers charged in the time range that no call in the ledger explains.",
            "Provider's total - ledger's total by UTC day; below zero where the ledger has more.",
            ("marts.cost_days",),
            "Nothing to compare",
            unit="currencyUSD",
        ),
    ]


def _ranking(title: str, column: str, name: str, color: str) -> barchart.Panel:
    about = About(
        title,
        f"What a video costs on average by {name.lower()}, the dearest first.",
        f"{_PUBLISHED} Their cost ({_WHOLE_COST}) / their number.",
        (_BANDS,),
        "currencyUSD",
        _NO_VIDEO,
    )
    sql = f"""\
select
    replace({column}, '_', ' ') as "{name}",
    sum(cost_usd) / sum(videos) as "A video"
from {_BANDS}
where videos > 0 and $__timeFilter(date_day)
group by {column}
order by sum(cost_usd) / sum(videos) desc, {column}"""
    return bar_panel(about, sql, category=name, color=color, decimals=2)


def _by_method() -> barchart.Panel:
    return _ranking("Cost a video by method", "generation_method", "Method", "blue")


def _by_type() -> barchart.Panel:
    return _ranking("Cost a video by content type", "content_type", "Content type", "purple")


def _method_by_type() -> table.Panel:
    about = About(
        "Cost a video by method and type",
        "Which method suits which type of content, by what a video costs.",
        f"{_PUBLISHED} Their cost ({_WHOLE_COST}) / their number. Empty where there were none.",
        (_BANDS,),
        "currencyUSD",
        _NO_VIDEO,
    )
    methods = ",\n".join(
        f"    sum(cost_usd) filter (where generation_method = '{method}')\n"
        f"        / nullif(sum(videos) filter (where generation_method = '{method}'), 0)"
        f' as "{name}"'
        for method, name in (
            ("ai_full", "AI full"),
            ("ai_stock_footage", "AI, stock"),
            ("ai_avatar", "AI avatar"),
            ("template", "Template"),
        )
    )
    sql = f"""\
select
    replace(content_type, '_', ' ') as "Content type",
{methods}
from {_BANDS}
where $__timeFilter(date_day)
group by content_type
order by content_type"""
    return heat_table_panel(about, sql, labels={"Content type": 140}, decimals=2)


def _bands_by_day() -> timeseries.Panel:
    about = About(
        "Videos by cost band and day",
        "How many of a day's videos were cheap, and how many beyond the target.",
        f"Videos of the platform by UTC day of publication and {_WHOLE_COST}: below 1.00, 1.00 "
        "to below 2.00, 2.00 to 3.00, above 3.00 USD.",
        (_BANDS,),
        "short",
        _NO_VIDEO,
    )
    columns = ",\n".join(
        f"    coalesce(sum(videos) filter (where cost_band = '{band}'), 0) as \"{name}\""
        for band, (name, _) in _BAND_NAMES.items()
    )
    sql = f"""\
select
    date_day::timestamp as "time",
{columns}
from {_BANDS}
where $__timeFilter(date_day)
group by date_day
order by date_day"""
    colors = dict(_BAND_NAMES.values())
    return time_series_panel(about, sql, colors=colors, bars=tuple(colors), stacked=True)


def _bands() -> piechart.Panel:
    about = About(
        "Videos by cost band",
        "The spread of costs over the videos of the time range.",
        f"{_PUBLISHED} By {_WHOLE_COST}: below 1.00, 1.00 to below 2.00, 2.00 to 3.00, above "
        "3.00 USD.",
        (_BANDS,),
        "short",
        _NO_VIDEO,
    )
    names = " ".join(f"when '{band}' then '{name}'" for band, (name, _) in _BAND_NAMES.items())
    order = ", ".join(f"'{band}'" for band in _BAND_NAMES)
    sql = f"""\
select
    case cost_band {names} else cost_band end as "Cost in USD",
    sum(videos) as "Videos"
from {_BANDS}
where $__timeFilter(date_day)
group by cost_band
having sum(videos) > 0
order by array_position(array[{order}], cost_band)"""
    return pie_panel(about, sql, colors=dict(_BAND_NAMES.values()))


def _dear_videos() -> table.Panel:
    about = About(
        "Cost alerts",
        "The videos above 2.50 USD, the dearest first; a click on a channel opens it.",
        f"Cost is {_WHOLE_COST}; above 2.50 USD is a warning, above 3.00 critical (seed "
        "cost_alert_levels). Videos on which money was spent in the time range, published or "
        "not; the 100 dearest.",
        (_ALERTS, "marts.dim_channels"),
        "currencyUSD",
        "No video cost more than 2.50 USD",
    )
    sql = f"""\
select
    initcap(alerts.cost_alert_level) as "Level",
    alerts.cost_usd as "Cost",
    alerts.title as "Video",
    channels.channel_name as "Channel",
    replace(alerts.content_type, '_', ' ') as "Type",
    replace(alerts.generation_method, '_', ' ') as "Method",
    alerts.status as "Status",
    alerts.published_at as "Published",
    alerts.channel_id::text as "channel id"
from {_ALERTS} as alerts
left join marts.dim_channels as channels
    on alerts.user_id = channels.user_id
    and alerts.channel_id = channels.channel_id
where $__timeFilter(alerts.last_cost_date)
order by alerts.cost_usd desc, alerts.video_id
limit 100"""
    return table_panel(
        about,
        sql,
        columns={
            "Level": Column(width=90, colors={"Critical": "red", "Warning": "yellow"}),
            "Cost": Column(unit="currencyUSD", decimals=2, width=80, steps=COST_TEXT_STEPS),
            "Channel": channel_column(),
            "Type": Column(width=130),
            "Method": Column(width=150),
            "Status": Column(width=110),
            "Published": Column(unit="time:YYYY-MM-DD HH:mm", width=150),
            "channel id": HIDDEN,
        },
    )
