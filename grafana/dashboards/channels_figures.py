"""The Channel performance dashboard's figures: all channels compared, then one channel's."""

from __future__ import annotations

from grafana_foundation_sdk.builders import stat, table, timeseries, xychart

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
from grafana.panels import Column, Step, scatter_panel, table_panel, time_series_panel

THIS_CHANNEL = "channel_id::text in (${channel:sqlstring})"
_THESE_USERS = "user_id::text in (${user:sqlstring})"
_PERFORMANCE = "marts.channel_performance"
_PERIOD = "The 30 report days up to the last known; the time range does not matter."


def comparison() -> Section:
    """Give the section that sets the channels of the chosen users against each other."""
    return Section("Which channels do well?", [Band(12, [(11, _matrix()), (13, _channels())])])


def one_channel() -> list[Section]:
    """Give the sections on the chosen channel's state and its course."""
    return [
        Section(
            "How does the chosen channel stand?",
            [Band(3, [(4, panel) for panel in band]) for band in (_state(), _change())],
        ),
        Section(
            "How does it develop?",
            [
                Band(8, [(12, _subscribers()), (12, _velocity())]),
                Band(8, [(12, _revenue_and_target()), (12, _revenue_and_cost())]),
                Band(8, [(12, _views()), (12, _click_through())]),
            ],
        ),
    ]


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
        "Figures of the 30 report days up to the last known; growth against the 30 before, empty "
        "where those are not all reported. Health is the platform's own score from 0 to 100 "
        "within the niche, not YouTube's.",
        (_PERFORMANCE, "marts.channel_health_scores"),
        "locale",
        "No channel of these users has been reported",
    )
    sql = f"""\
select
    channels.channel_name as "Channel",
    initcap(channels.performance_tier) as "Tier",
    channels.views_30d as "Views",
    channels.views_growth_30d as "Growth",
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
            "Growth": GROWTH,
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
    growth = "the same days before; empty where those are not all reported."
    return [
        _figure(
            "Subscribers won in 30 days",
            "subscribers_net_30d",
            "Subscribers gained less subscribers lost.",
            steps=SIGN_STEPS,
        ),
        _figure(
            "Growth of views",
            "views_growth_30d",
            f"Views of 30 days against {growth}",
            unit="percentunit",
            decimals=1,
            steps=SIGN_STEPS,
        ),
        _figure(
            "Growth of revenue",
            "revenue_growth_30d",
            f"Revenue of 30 days against {growth}",
            unit="percentunit",
            decimals=1,
            steps=SIGN_STEPS,
        ),
        _figure(
            "Revenue a thousand views",
            "rpm_30d",
            "Revenue / views x 1,000 (RPM), of days whose revenue is known.",
            unit="currencyUSD",
            decimals=2,
        ),
        _figure(
            "Engagement",
            "engagement_rate_30d",
            "(likes + comments + shares) / views.",
            unit="percentunit",
            decimals=2,
        ),
        _figure(
            "Retention",
            "retention_rate_30d",
            "Minutes watched / minutes that full views would have taken.",
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


def _line(
    about: About, columns: dict[str, str], colors: dict[str, str], *, bars: tuple[str, ...] = ()
) -> timeseries.Panel:
    """Draw columns of the chosen channel's days, from the one mart that `about` names."""
    chosen = ",\n".join(f'    {column} as "{name}"' for name, column in columns.items())
    sql = f"""\
select
    date_day::timestamp as "time",
{chosen}
from {about.sources[0]}
where {THIS_CHANNEL} and $__timeFilter(date_day)
order by date_day"""
    return time_series_panel(about, sql, colors=colors, bars=bars)


def _days(title: str, shows: str, definition: str, source: str, unit: str) -> About:
    days = "By report day (Pacific), within the time range."
    empty = "No report days in this time range"
    return About(title, f"{shows} {days}", definition, (source,), unit, empty)


_TRENDS = "marts.channel_day_trends"
_DAYS = "marts.fct_channel_days"


def _subscribers() -> timeseries.Panel:
    about = _days(
        "Subscriber growth",
        "Subscribers that the channel has won since its first report.",
        "Gained less lost, added up. The public count is rounded and cannot draw the line.",
        _TRENDS,
        "short",
    )
    columns = {"Won since the first report": "subscribers_net_so_far"}
    return _line(about, columns, {"Won since the first report": "purple"})


def _velocity() -> timeseries.Panel:
    about = _days(
        "View velocity",
        "How fast the channel gathers views.",
        "Views of the seven days that end on the day / 168 hours: free of the rhythm of the "
        "week. Empty until seven days are known.",
        _TRENDS,
        "short",
    )
    return _line(about, {"Views an hour": "views_per_hour_7d"}, {"Views an hour": "blue"})


def _revenue_and_target() -> timeseries.Panel:
    about = _days(
        "Revenue against target",
        "Revenue of the month so far beside what the target asks for by that day.",
        "Both begin anew with each month. The target so far is the monthly target x days of the "
        "month so far / its days. Days whose revenue is not known are gaps.",
        _TRENDS,
        "currencyUSD",
    )
    columns = {"Revenue": "month_revenue_so_far_usd", "Target": "month_target_so_far_usd"}
    return _line(about, columns, {"Revenue": "green", "Target": "text"})


def _revenue_and_cost() -> timeseries.Panel:
    about = _days(
        "Revenue and cost",
        "What the channel earned a day, and what its videos cost.",
        "Estimated revenue, restated for weeks, beside the ledger's cost by UTC day, failed and "
        "retried videos included. A day whose revenue is not known is a gap.",
        _DAYS,
        "currencyUSD",
    )
    columns = {"Revenue": "revenue_usd", "Cost": "cost_usd"}
    return _line(about, columns, {"Revenue": "green", "Cost": "orange"})


def _views() -> timeseries.Panel:
    about = _days(
        "Views a day",
        "How much the channel was watched a day.",
        "Views as YouTube reports them, since August 2026 from the first frame on; engaged views "
        "keep the older meaning. The last days are restated.",
        _DAYS,
        "short",
    )
    columns = {"Views": "views", "Engaged views": "engaged_views"}
    return _line(about, columns, {"Views": "blue", "Engaged views": "orange"}, bars=("Views",))


def _click_through() -> timeseries.Panel:
    about = _days(
        "Click-through, engagement",
        "How many who see a thumbnail click, and how many who watch react.",
        "Click-through is thumbnail clicks / impressions, empty without a bulk report; "
        "engagement is (likes + comments + shares) / views.",
        _DAYS,
        "percentunit",
    )
    columns = {"Click-through": "click_through_rate", "Engagement": "engagement_rate"}
    return _line(about, columns, {"Click-through": "blue", "Engagement": "purple"})
