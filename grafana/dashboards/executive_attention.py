"""The Executive dashboard's pipeline and engagement, and what needs attention."""

from __future__ import annotations

from grafana_foundation_sdk.builders import bargauge, table

from grafana.about import About
from grafana.dashboards.house import COST_TEXT_STEPS, HIDDEN, SEVERITY, channel_column
from grafana.layout import Band, Section
from grafana.panels import Column, Step, bar_gauge_panel, heat_table_panel, table_panel

_FUNNEL = "marts.generation_funnel_days"
_TIMES = "marts.channel_upload_times"
_ATTENTION = "marts.channels_needing_attention"
_ALERTS = "marts.video_cost_alerts"


def sections() -> list[Section]:
    """Give the sections on making and watching, and on what needs attention."""
    return [
        Section(
            "How are videos made, and when do they engage?",
            [Band(9, [(8, _funnel()), (16, _engagement())])],
        ),
        Section(
            "What needs attention?", [Band(10, [(12, _failing_channels()), (12, _cost_alerts())])]
        ),
    ]


def _funnel() -> bargauge.Panel:
    about = About(
        "Video pipeline",
        "How far the videos that were queued in the time range have come.",
        "Videos queued (UTC) that came at least as far as the stage by now; those of the last "
        "day are still on their way.",
        (_FUNNEL,),
        "locale",
        "No video was queued in this time range",
    )
    sql = f"""\
select
    initcap(funnel_stage) as "Stage",
    sum(videos) as "Videos"
from {_FUNNEL}
where $__timeFilter(date_day)
group by funnel_stage, stage_position
order by stage_position"""
    return bar_gauge_panel(about, sql, maximum=None, steps=(Step(None, "blue"),))


def _engagement() -> table.Panel:
    about = About(
        "Engagement by upload time",
        "When videos were published that people react to: weekdays by hours of the owners' "
        "clocks, the stronger the more.",
        "(likes + comments + shares) / views in the first week of the videos published in the "
        "hour, over all channels. YouTube tells days, so this is by hour of publication, not of "
        "the reaction. The time range does not matter.",
        (_TIMES,),
        "percentunit",
        "No video has a whole first week yet",
    )
    hours = ",\n".join(
        f"    sum(first_week_engagements) filter (where hour_of_day = {hour})\n"
        f"        / nullif(sum(first_week_views) filter (where hour_of_day = {hour}), 0)"
        f' as "{hour:02d}"'
        for hour in range(24)
    )
    sql = f"""\
select
    left(max(slot), 3) as "Day",
{hours}
from {_TIMES}
where slot_type = 'weekday_hour'
group by weekday
order by weekday"""
    return heat_table_panel(about, sql, labels={"Day": 50}, decimals=1)


def _failing_channels() -> table.Panel:
    about = About(
        "Channels needing attention",
        "The reasons to look at a channel, the gravest first; a click opens it.",
        "Active channels and rules with the thresholds of the seed attention_rules, such as "
        "views of 7 report days more than 30% below the 7 before. The time range does not matter.",
        (_ATTENTION,),
        "string",
        "No channel needs attention",
    )
    sql = f"""\
select
    initcap(severity) as "Severity",
    channel_name as "Channel",
    evidence as "Evidence",
    channel_id::text as "channel id"
from {_ATTENTION}
order by array_position(array['high', 'medium', 'low'], severity), reason, channel_id
limit 50"""
    return table_panel(
        about,
        sql,
        columns={
            "Severity": SEVERITY,
            "Channel": channel_column(190),
            "Evidence": Column(),
            "channel id": HIDDEN,
        },
    )


def _cost_alerts() -> table.Panel:
    about = About(
        "Cost alerts",
        "The videos above 2.50 USD on which money was spent in the time range, the dearest "
        "first; Cost analysis lists more.",
        "Whole cost so far by the call ledger, failed and retried jobs included; above 2.50 USD "
        "is a warning, above 3.00 critical (seed cost_alert_levels). The 50 dearest.",
        (_ALERTS, "marts.channel_performance"),
        "currencyUSD",
        "No video cost more than 2.50 USD",
    )
    sql = f"""\
select
    initcap(alerts.cost_alert_level) as "Level",
    alerts.cost_usd as "Cost",
    alerts.title as "Video",
    channels.channel_name as "Channel",
    alerts.channel_id::text as "channel id"
from {_ALERTS} as alerts
left join marts.channel_performance as channels
    on alerts.user_id = channels.user_id
    and alerts.channel_id = channels.channel_id
where $__timeFilter(alerts.last_cost_date)
order by alerts.cost_usd desc, alerts.video_id
limit 50"""
    return table_panel(
        about,
        sql,
        columns={
            "Level": Column(width=90, colors={"Critical": "red", "Warning": "yellow"}),
            "Cost": Column(unit="currencyUSD", decimals=2, width=80, steps=COST_TEXT_STEPS),
            "Video": Column(),
            "Channel": channel_column(170),
            "channel id": HIDDEN,
        },
    )
