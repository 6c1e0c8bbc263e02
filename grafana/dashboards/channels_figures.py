"""The Channel performance dashboard's figures: all channels compared, then one channel's."""

from __future__ import annotations

from grafana_foundation_sdk.builders import stat, table, xychart

from grafana.about import About
from grafana.dashboards.house import (
    GROWTH,
    HIDDEN,
    ROUND_USD,
    SIGN_STEPS,
    TIER,
    TIER_COLORS,
    channel_column,
    channel_link,
    tile,
)
from grafana.layout import Band, Section
from grafana.panels import Column, Step, scatter_panel, table_panel

THIS_CHANNEL = "channel_id::text in (${channel:sqlstring})"
_THESE_USERS = "user_id::text in (${user:sqlstring})"
_PERFORMANCE = "marts.channel_performance"
_PERIOD = "Up to the last report day known; the time range does not matter."


def comparison() -> Section:
    """Give the section that sets the channels of the chosen users against each other."""
    return Section("Which channels do well?", [Band(12, [(11, _matrix()), (13, _channels())])])


def one_channel() -> Section:
    """Give the section on the chosen channel's state."""
    return Section(
        "How does the chosen channel stand?",
        [Band(3, [(4, panel) for panel in band]) for band in (_state(), _change())],
    )


def _matrix() -> xychart.Panel:
    about = About(
        "Channel performance matrix",
        "A point a channel: how much it is watched, and what it earns. A click opens the channel "
        "below; pointing at it tells its name, tier and subscribers.",
        "Views and estimated revenue of the 30 report days up to the last known. Tiers by that "
        "revenue: elite from 10,000, growth from 5,000, established from 2,000, developing from "
        "500 USD, struggling below. The time range does not matter.",
        (_PERFORMANCE,),
        "currencyUSD",
        "No channel of these users has been reported",
    )
    kinds = ",\n".join(
        f"    case when performance_tier = '{tier.lower()}' then revenue_30d_usd end as \"{tier}\""
        for tier in TIER_COLORS
    )
    sql = f"""\
select
    channel_name as "Channel",
    initcap(performance_tier) as "Tier",
    coalesce(to_char(subscribers, 'FM999,999,999,999'), 'hidden') as "Subscribers",
    channel_id::text as "channel id",
    views_30d as "Views of 30 days",
{kinds}
from {_PERFORMANCE}
where {_THESE_USERS} and performance_tier is not null
order by channel_id"""
    return scatter_panel(
        about,
        sql,
        x=("Views of 30 days", "short"),
        y=("Revenue of 30 days", "currencyUSD"),
        colors=TIER_COLORS,
        link=channel_link(),
    )


def _channels() -> table.Panel:
    about = About(
        "Channels",
        "The channels of the chosen users, those that earn most first. A click on a name opens "
        "the channel below.",
        "Figures of the 30 report days up to the last known; 7 days is the growth of views on the "
        "7 days before, empty where those are not all reported. Health is the platform's own score "
        "from 0 to 100 within the niche, not YouTube's.",
        (_PERFORMANCE, "marts.channel_health_scores"),
        "locale",
        "No channel of these users has been reported",
    )
    sql = f"""\
select
    channels.channel_name as "Channel",
    initcap(channels.performance_tier) as "Tier",
    channels.views_30d as "Views",
    channels.views_growth_7d as "7 days",
    channels.revenue_30d_usd as "Revenue",
    channels.roi_30d as "ROI",
    scores.channel_health_score as "Health",
    channels.channel_id::text as "channel id"
from {_PERFORMANCE} as channels
left join marts.channel_health_scores as scores
    on channels.user_id = scores.user_id
    and channels.channel_id = scores.channel_id
where channels.{_THESE_USERS}
order by channels.revenue_30d_usd desc nulls last, channels.channel_id"""
    return table_panel(
        about,
        sql,
        columns={
            "Channel": channel_column(None),
            "Tier": TIER,
            "Views": Column(width=100),
            "7 days": GROWTH,
            "Revenue": ROUND_USD,
            "ROI": Column(unit="percentunit", decimals=0, width=90, steps=SIGN_STEPS),
            "Health": Column(unit="none", decimals=0, width=80),
            "channel id": HIDDEN,
        },
    )


def _state() -> list[stat.Panel]:
    return [
        _figure(
            "Subscribers",
            "subscribers",
            "The newest public count, which YouTube rounds to three figures. Empty where hidden.",
            empty="Hidden",
        ),
        _figure("Views of 30 days", "views_30d", "Views as YouTube reports them."),
        _figure(
            "Revenue of 30 days",
            "revenue_30d_usd",
            "Estimated revenue, 0 for a channel that is not monetised.",
            unit="currencyUSD",
        ),
        _figure(
            "ROI of 30 days",
            "roi_30d",
            "(revenue - cost) / cost of those days. Empty without cost.",
            unit="percentunit",
            decimals=0,
            steps=SIGN_STEPS,
        ),
        _figure(
            "Progress to the month's target",
            "target_progress_rate",
            "Revenue of the running month so far over the channel's monthly target. Empty "
            "without a target.",
            unit="percentunit",
            decimals=1,
            empty="No target",
        ),
        _health(),
    ]


def _change() -> list[stat.Panel]:
    growth = "the 7 before; empty where those are not all reported."
    return [
        _figure(
            "Subscribers won in 30 days",
            "subscribers_net_30d",
            "Subscribers gained less subscribers lost.",
            steps=SIGN_STEPS,
        ),
        _figure(
            "Growth of views, 7 days",
            "views_growth_7d",
            f"Views of the last 7 report days against {growth}",
            unit="percentunit",
            decimals=1,
            steps=SIGN_STEPS,
        ),
        _figure(
            "Growth of revenue, 7 days",
            "revenue_growth_7d",
            f"Revenue of the last 7 report days against {growth}",
            unit="percentunit",
            decimals=1,
            steps=SIGN_STEPS,
        ),
        _figure(
            "Revenue a thousand views",
            "rpm_30d",
            "Revenue / views x 1,000 (RPM) of 30 report days, of those whose revenue is known.",
            unit="currencyUSD",
            decimals=2,
        ),
        _figure(
            "Engagement",
            "engagement_rate_30d",
            "(likes + comments + shares) / views of 30 report days.",
            unit="percentunit",
            decimals=2,
        ),
        _figure(
            "Retention",
            "retention_rate_30d",
            "Minutes watched / minutes that full views would have taken, 30 report days.",
            unit="percentunit",
            decimals=1,
        ),
    ]


def _figure(
    title: str,
    column: str,
    definition: str,
    *,
    unit: str = "locale",
    decimals: int | None = None,
    steps: tuple[Step, ...] = (),
    empty: str = "Not known",
) -> stat.Panel:
    sql = f'select {column} as "{title}" from {_PERFORMANCE} where {THIS_CHANNEL}'
    return tile(
        title,
        sql,
        f"{title} of the chosen channel. {_PERIOD}",
        definition,
        (_PERFORMANCE,),
        empty,
        unit=unit,
        decimals=decimals,
        steps=steps,
    )


def _health() -> stat.Panel:
    source = "marts.channel_health_scores"
    return tile(
        "Health score",
        f'select channel_health_score as "Health score" from {source} where {THIS_CHANNEL}',
        f"The platform's own score of the channel, 0 to 100; not YouTube's. {_PERIOD}",
        "Percentile ranks within the niche of engagement, retention, click-through and ROI, "
        "weighted 0.3, 0.3, 0.2, 0.2 over what is known. Red below 25, which is a reason to look.",
        (source,),
        "Too few to compare",
        unit="none",
        decimals=0,
        steps=(Step(None, "red"), Step(25, "yellow"), Step(50, "green")),
    )
