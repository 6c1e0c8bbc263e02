"""The Operations dashboard's feed of what needs attention."""

from __future__ import annotations

from grafana_foundation_sdk.builders import table

from grafana.about import About
from grafana.layout import Band, Section
from grafana.panels import Column, table_panel, text_panel

SEVERITY_COLORS = {"critical": "red", "error": "orange", "warning": "yellow"}

_FEED = """\
with feed as (
    select
        last_occurred_at as happened_at,
        severity,
        'Error' as kind,
        service || ' logged ' || logged_errors
        || case when logged_errors = 1 then ' error' else ' errors' end || ' within the hour'
            as message
    from marts.platform_error_hours
    where $__timeFilter(hour_at)
    union all
    select
        run_as_of_at as happened_at,
        case run_status when 'interrupted' then 'warning' else 'critical' end as severity,
        'Pipeline run' as kind,
        command || ' ' || run_status || coalesce(', without ' || failed_source_names, '')
        || coalesce(': ' || message, '') as message
    from marts.pipeline_runs
    where
        $__timeFilter(run_as_of_at)
        and (run_status in ('failed', 'interrupted') or failed_sources > 0)
    union all
    select
        checked_at as happened_at,
        'critical' as severity,
        'Isolation' as kind,
        role_name || ' saw ' || foreign_rows || ' rows of others in ' || relation_name as message
    from marts.isolation_checks
    where $__timeFilter(checked_at) and not is_isolated
    union all
    select
        fresh_until_at as happened_at,
        case freshness_tier when 'standard' then 'warning' else 'error' end as severity,
        'Freshness' as kind,
        source_name || ' is older than the ' || promised_minutes || ' minutes promised' as message
    from marts.source_freshness
    where not is_fresh and last_status <> 'disabled' and fresh_until_at is not null
    group by source_name, freshness_tier, promised_minutes, fresh_until_at
    union all
    select
        anomalies.date_day::timestamptz as happened_at,
        'warning' as severity,
        'Anomaly' as kind,
        coalesce(channels.channel_name, 'A channel') || ': ' || anomalies.anomaly_direction
        || ' of ' || anomalies.metric_name || ', ' || round(anomalies.metric_value)
        || ' instead of ' || round(anomalies.expected_value) as message
    from marts.metric_anomalies as anomalies
    left join marts.dim_channels as channels
        on anomalies.user_id = channels.user_id
        and anomalies.channel_id = channels.channel_id
    where $__timeFilter(anomalies.date_day) and anomalies.is_anomaly
    union all
    select
        date_day::timestamptz as happened_at,
        'warning' as severity,
        initcap(dimension) as kind,
        source_name || ': ' || round(100 * measured_rate, 1) || '%, target '
        || round(100 * target_rate) || '%' as message
    from marts.quality_dimension_days
    where
        $__timeFilter(date_day)
        and not is_on_target
        and dimension not in ('anomalies', 'freshness')
    union all
    select
        last_cost_date::timestamptz as happened_at,
        cost_alert_level as severity,
        'Cost' as kind,
        count(*) || case when count(*) = 1 then ' video' else ' videos' end || ' above '
        || case cost_alert_level when 'critical' then '3.00' else '2.50' end
        || ' USD, the dearest at ' || round(max(cost_usd), 2) as message
    from marts.video_cost_alerts
    where $__timeFilter(last_cost_date)
    group by last_cost_date, cost_alert_level
)

select
    severity as "Severity",
    happened_at as "Time",
    kind as "Kind",
    message as "What happened"
from feed
order by
    array_position(array['critical', 'error', 'warning'], severity), happened_at desc, message
limit 200"""

_HOW = """\
The feed shows **what happened** in the time range, the worst first; a click on a column's head \
sorts it by time or kind.

**Taking one on** (acknowledging) is done in Grafana's own list of alerts, by a silence: \
*Alerting, Silences*. The feed keeps no such state, so that nothing disappears from it by a click.

More on it: [runs](/d/ytempire-pipeline-runs), [quality](/d/ytempire-data-quality), \
[generation](/d/ytempire-generation).

- **critical**: a run failed, a tenant saw others' rows, a video above 3.00 USD, a service is down
- **error**: a service failed, a source of the first tiers is late
- **warning**: an anomaly, a missed target of quality, a video above 2.50 USD"""


def section() -> Section:
    """Give the section: the feed, and how to read it."""
    return Section(
        "What needs attention?",
        [Band(11, [(18, feed()), (6, text_panel("How to read the feed", _HOW))])],
    )


def feed() -> table.Panel:
    """List errors, failed runs, anomalies, breaches and dear videos by severity."""
    about = About(
        "Alert feed",
        "What happened in the time range that somebody should look at, the worst first.",
        "Errors that services logged (by hour), failed and interrupted runs, tenants that saw "
        "others' rows, sources older than promised, anomalies of channels, missed targets of "
        "quality, and videos above 2.50 and 3.00 USD (by day). At most 200.",
        (
            "marts.platform_error_hours",
            "marts.pipeline_runs",
            "marts.isolation_checks",
            "marts.source_freshness",
            "marts.metric_anomalies",
            "marts.dim_channels",
            "marts.quality_dimension_days",
            "marts.video_cost_alerts",
        ),
        "locale",
        "Nothing happened in this time range",
    )
    return table_panel(
        about,
        _FEED,
        columns={
            "Severity": Column(width=90, colors=SEVERITY_COLORS),
            "Time": Column(unit="time:YYYY-MM-DD HH:mm", width=150),
            "Kind": Column(width=120),
        },
    )
