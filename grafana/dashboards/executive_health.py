"""The Executive dashboard's tiles on the last day's revenue and on what is not well."""

from __future__ import annotations

from grafana_foundation_sdk.builders.stat import Panel

from grafana.about import About
from grafana.dashboards.house import USERS_UID
from grafana.panels import Step, stat_panel

_SCORES = "marts.data_quality_scorecard"
_QUALITY = ("Open the quality of data", "/d/ytempire-data-quality")
_LATEST = f"""\
select distinct on (source_name)
    source_name,
    data_quality_score,
    missed_targets
from {_SCORES}
order by source_name, date_day desc"""


def system_health() -> Panel:
    """Show one figure for whether what is shown can be trusted: green, yellow or red."""
    about = About(
        "System health",
        "How far the figures can be trusted, by the source that is worst off.",
        "The lowest of the sources' newest data quality scores: completeness, reconciliation, "
        "freshness, validation and anomalies, weighted 0.30, 0.25, 0.20, 0.15, 0.10 over what is "
        "known. Green from 97%, yellow from 90%, red below.",
        (_SCORES,),
        "percentunit",
        "Not measured yet",
    )
    sql = f"with latest as (\n{_LATEST}\n)\nselect min(data_quality_score) as score from latest"
    steps = (Step(None, "red"), Step(0.9, "yellow"), Step(0.97, "green"))
    return stat_panel(about, sql, steps=steps, decimals=1, link=_QUALITY)


def missed_targets() -> Panel:
    """Show how many targets of data quality are missed."""
    about = About(
        "Quality targets missed",
        "How many targets of the quality of data the sources miss.",
        "Of the newest day of each source: dimensions below their target of the seed "
        "quality_dimensions, such as completeness below 95%.",
        (_SCORES,),
        "locale",
        "Not measured yet",
    )
    sql = f"with latest as (\n{_LATEST}\n)\nselect sum(missed_targets) as missed from latest"
    steps = (Step(None, "green"), Step(1, "yellow"), Step(3, "red"))
    return stat_panel(about, sql, steps=steps, link=_QUALITY)


def channels_in_danger() -> Panel:
    """Show how many channels have a grave reason to be looked at."""
    source = "marts.channels_needing_attention"
    about = About(
        "Failing channels",
        "Channels that need attention at once; the list is at the end of the dashboard.",
        "Active channels with a reason of high severity by the seed attention_rules: views "
        "falling, no upload, generation failing, reports missing.",
        (source,),
        "locale",
        "Not built yet",
    )
    sql = f"""\
select count(distinct channel_id) as channels
from {source}
where severity = 'high'"""
    steps = (Step(None, "green"), Step(1, "yellow"), Step(10, "red"))
    link = ("Open User success", f"/d/{USERS_UID}")
    return stat_panel(about, sql, steps=steps, link=link)


def revenue_of_last_day() -> Panel:
    """Show the newest day's revenue: today's is not told for two to three days."""
    source = "marts.platform_days"
    about = About(
        "Revenue of the last day",
        "What all channels earned on the last day that YouTube has reported; today's is not told "
        "for two to three days. The time range does not matter.",
        "Estimated revenue of the last Pacific day whose revenue is known. It is restated for "
        "weeks.",
        (source,),
        "currencyUSD",
        "No reports yet",
    )
    sql = f"""\
select revenue_usd as "Revenue of the last day"
from {source}
where revenue_usd is not null
order by date_day desc
limit 1"""
    return stat_panel(about, sql)
