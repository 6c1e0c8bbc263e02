"""The Cost analysis dashboard's parts: components, groups, and what providers say."""

from __future__ import annotations

from grafana_foundation_sdk.builders import piechart, table, timeseries

from grafana.about import About
from grafana.dashboards.house import (
    COMPONENT_COLORS,
    COMPONENT_COLORS_EXPLAINED,
    GROUP_COLORS,
    GROUP_NAMES,
    USD,
)
from grafana.layout import Band, Section
from grafana.panels import Column, Step, pie_panel, table_panel, time_series_panel

_LEDGER = "Sum of the call ledger by the day (UTC) of the call, failed and retried jobs included."
_DAYS = "marts.cost_days"
_GROUPS = "marts.cost_group_days"
_PROVIDERS = "marts.provider_cost_reconciliation"
_NOTHING = "No cost was booked in this time range"
_NO_VIDEO = "No video was published in this time range"


def sections() -> list[Section]:
    """Give the sections on what the money is spent on."""
    return [
        Section(
            "What is it spent on?",
            [Band(9, [(14, _by_day()), (10, _components())])],
        ),
        Section(
            "Does a video keep to its split?",
            [Band(8, [(14, _groups_by_day()), (10, _groups())])],
        ),
    ]


def providers() -> Section:
    """Give the section that holds the ledger to what providers charge."""
    return Section(
        "Do the providers charge what the ledger says?",
        [Band(8, [(14, _unallocated()), (10, _provider_totals())])],
    )


def _by_day() -> timeseries.Panel:
    about = About(
        "Cost by day",
        "What was spent a day, by group of components.",
        f"{_LEDGER} What providers charge beyond the ledger is not in it.",
        (_DAYS,),
        "currencyUSD",
        _NOTHING,
    )
    columns = ",\n".join(
        f"    sum(cost_usd) filter (where cost_group = '{name.lower()}') as \"{name}\""
        for name in GROUP_COLORS
    )
    sql = f"""\
select
    date_day::timestamp as "time",
{columns}
from {_DAYS}
where is_allocated and $__timeFilter(date_day)
group by date_day
order by date_day"""
    return time_series_panel(
        about, sql, colors=GROUP_COLORS, bars=tuple(GROUP_COLORS), stacked=True
    )


def _components() -> piechart.Panel:
    about = About(
        "Cost by component",
        "What the money is spent on: providers, machines, storage, traffic.",
        f"{_LEDGER} {COMPONENT_COLORS_EXPLAINED}",
        (_DAYS,),
        "currencyUSD",
        _NOTHING,
    )
    sql = f"""\
select
    replace(component, '_', ' ') as "Component",
    sum(cost_usd) as "Cost"
from {_DAYS}
where is_allocated and $__timeFilter(date_day)
group by component
having sum(cost_usd) > 0
order by sum(cost_usd) desc"""
    return pie_panel(about, sql, colors=COMPONENT_COLORS)


def _groups_by_day() -> timeseries.Panel:
    about = About(
        "Cost a video by group",
        "What the videos published on a day cost on average, by group of components; together "
        "they should stay below the line.",
        "Cost of the group / videos published on the UTC day. The line is the target of 3.00 "
        "USD: AI 1.50, overhead 0.85, data 0.65. A day's videos go on to cost while money is "
        "spent on them.",
        (_GROUPS,),
        "currencyUSD",
        _NO_VIDEO,
    )
    columns = ",\n".join(
        f"    max(cost_group_per_video_usd) filter (where cost_group = '{name.lower()}')"
        f' as "{name}"'
        for name in GROUP_COLORS
    )
    sql = f"""\
select
    date_day::timestamp as "time",
{columns},
    sum(target_cost_per_video_usd) as "Target of all"
from {_GROUPS}
where $__timeFilter(date_day)
group by date_day
order by date_day"""
    colors = {**GROUP_COLORS, "Target of all": "red"}
    return time_series_panel(about, sql, colors=colors, bars=tuple(GROUP_COLORS), stacked=True)


def _groups() -> table.Panel:
    about = About(
        "Cost a video against the split",
        "Which group of components costs more than was meant.",
        "Cost of the group / videos, over the videos published in the time range, beside the "
        "target a video of the seed cost_groups; used is the one over the other.",
        (_GROUPS,),
        "currencyUSD",
        _NO_VIDEO,
    )
    sql = f"""\
select
    {GROUP_NAMES} as "Group",
    sum(cost_usd) / nullif(sum(videos), 0) as "A video",
    max(target_cost_per_video_usd) as "Target",
    sum(cost_usd) / nullif(sum(videos * target_cost_per_video_usd), 0) as "Used",
    sum(cost_usd) as "Cost",
    sum(videos) as "Videos"
from {_GROUPS}
where $__timeFilter(date_day)
group by cost_group
order by max(target_cost_per_video_usd) desc, cost_group"""
    used = (Step(None, "green"), Step(1.0, "red"))
    return table_panel(
        about,
        sql,
        columns={
            "Group": Column(colors=GROUP_COLORS),
            "A video": USD,
            "Target": USD,
            "Used": Column(unit="percentunit", decimals=0, width=90, steps=used),
            "Cost": Column(unit="currencyUSD", width=110),
            "Videos": Column(unit="locale", width=90),
        },
    )


def _unallocated() -> timeseries.Panel:
    about = About(
        "Unallocated by day",
        "What the providers charged beyond the ledger (above zero), or the ledger held more.",
        "Provider's total - sum of the ledger's entries of its component, by UTC day. The "
        "running day is left out: it is not told in full.",
        (_PROVIDERS,),
        "currencyUSD",
        "No provider has told a whole day in this time range",
    )
    sql = f"""\
select
    date_day::timestamp as "time",
    sum(unallocated_cost_usd) filter (where provider_name = 'openai') as "OpenAI",
    sum(unallocated_cost_usd) filter (where provider_name = 'elevenlabs') as "ElevenLabs"
from {_PROVIDERS}
where is_complete_day and $__timeFilter(date_day)
group by date_day
order by date_day"""
    colors = {"OpenAI": "blue", "ElevenLabs": "purple"}
    return time_series_panel(about, sql, colors=colors, bars=tuple(colors), stacked=True)


def _provider_totals() -> table.Panel:
    about = About(
        "Providers against the ledger",
        "Whether the money charged to videos is the money that was paid.",
        "Whole days of the time range. Unallocated is the provider's total - the ledger's; its "
        "rate is over the provider's total. Days off differ by more than the tolerance of the "
        "seed reconciled_providers.",
        (_PROVIDERS,),
        "currencyUSD",
        "No provider has told a whole day in this time range",
    )
    sql = f"""\
select
    provider_name as "Provider",
    sum(provider_cost_usd) as "Charged",
    sum(ledger_cost_usd) as "Ledger",
    sum(unallocated_cost_usd) as "Unallocated",
    sum(unallocated_cost_usd) / nullif(sum(provider_cost_usd), 0) as "Rate",
    count(*) filter (where not is_within_tolerance) as "Days off"
from {_PROVIDERS}
where is_complete_day and $__timeFilter(date_day)
group by provider_name
order by provider_name"""
    return table_panel(
        about,
        sql,
        columns={
            "Charged": USD,
            "Ledger": USD,
            "Unallocated": USD,
            "Rate": Column(unit="percentunit", decimals=2, width=80),
            "Days off": Column(unit="locale", width=90, steps=(Step(None, "text"), Step(1, "red"))),
        },
    )
