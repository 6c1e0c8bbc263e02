"""The Operations dashboard's interfaces and machines, hour by hour."""

from __future__ import annotations

from grafana_foundation_sdk.builders import bargauge, stat, table, timeseries

from grafana.about import About
from grafana.dashboards import operations_answers
from grafana.layout import Band, Section
from grafana.panels import (
    Column,
    Step,
    bar_gauge_panel,
    stat_panel,
    table_panel,
    time_series_panel,
)

ERROR_STEPS = (Step(None, "green"), Step(0.05, "yellow"), Step(0.10, "red"))
_NO_CALLS = "No call in this time range"
_NO_SAMPLES = "No machine was sampled in this time range"


def interfaces() -> Section:
    """Give the section on what is called: the platform's own interface, and those it uses."""
    return Section(
        "How do the interfaces answer?",
        [
            Band(4, [(8, tile) for tile in operations_answers.tiles()]),
            Band(8, [(12, response_time()), (12, error_rates())]),
            Band(
                8,
                [
                    (
                        6,
                        _usage("OpenAI", "Tokens", "token", "blue"),
                    ),
                    (
                        6,
                        _usage("ElevenLabs", "Characters", "character", "purple"),
                    ),
                    (12, _endpoints()),
                ],
            ),
        ],
    )


def machines() -> Section:
    """Give the section on the platform's machines."""
    return Section(
        "Do the machines bear it?",
        [
            Band(8, [(12, _busy("CPU", "cpu", "blue")), (12, _busy("GPU", "gpu", "purple"))]),
            Band(7, [(10, _memory()), (5, _storage()), (9, _storage_trend())]),
        ],
    )


def response_time() -> timeseries.Panel:
    """Draw how long the platform's own interface takes to answer."""
    about = About(
        "API response time",
        "How long the platform's own API took to answer, by UTC hour.",
        "Mean and 95th percentile over all calls of the hour, failed ones included.",
        ("marts.api_service_hours",),
        "ms",
        _NO_CALLS,
    )
    sql = """\
select
    hour_at as "time",
    average_latency_ms as "Average",
    p95_latency_ms as "P95"
from marts.api_service_hours
where $__timeFilter(hour_at) and service = 'platform'
order by hour_at"""
    return time_series_panel(about, sql, colors={"P95": "orange", "Average": "blue"}, decimals=0)


def error_rates() -> bargauge.Panel:
    """Show the share of failed calls of each interface."""
    about = About(
        "Error rates by API",
        "Share of calls that failed over the time range: the platform's own API, and those that "
        "the pipeline reads.",
        "Calls answered with status 400 or higher, or not at all / calls. Retries are calls. "
        "Yellow from 5%, red from 10%.",
        ("marts.api_endpoint_hours",),
        "percentunit",
        _NO_CALLS,
    )
    sql = """\
select
    case service
        when 'platform' then 'Platform'
        when 'youtube' then 'YouTube Data'
        when 'youtubeAnalytics' then 'YouTube Analytics'
        when 'youtubereporting' then 'YouTube Reporting'
        else service
    end as "API",
    sum(errors) / nullif(sum(calls), 0) as "Error rate"
from marts.api_endpoint_hours
where $__timeFilter(hour_at)
group by service
order by sum(errors) / nullif(sum(calls), 0) desc"""
    return bar_gauge_panel(about, sql, maximum=0.2, steps=ERROR_STEPS, decimals=1)


def _endpoints() -> table.Panel:
    about = About(
        "Error rates by endpoint",
        "Calls and errors of every endpoint over the time range, the worst first.",
        "Errors: status 400 or higher, or no answer. Server errors: 500 or higher, or no answer. "
        "Average: total time / calls.",
        ("marts.api_endpoint_hours",),
        "locale",
        _NO_CALLS,
    )
    sql = """\
select
    service as "API",
    endpoint as "Endpoint",
    sum(calls) as "Calls",
    sum(errors) as "Errors",
    sum(server_errors) as "Server errors",
    sum(errors) / nullif(sum(calls), 0) as "Error rate",
    sum(total_latency_ms) / nullif(sum(calls), 0) as "Average"
from marts.api_endpoint_hours
where $__timeFilter(hour_at)
group by service, endpoint
order by sum(errors) / nullif(sum(calls), 0) desc, sum(calls) desc
limit 50"""
    columns = {
        "API": Column(width=130),
        "Calls": Column(width=70),
        "Errors": Column(width=70),
        "Server errors": Column(width=110),
        "Error rate": Column(
            unit="percentunit",
            decimals=1,
            width=90,
            steps=(Step(None, "text"), Step(0.05, "yellow"), Step(0.10, "red")),
        ),
        "Average": Column(unit="ms", decimals=0, width=90),
    }
    return table_panel(about, sql, columns=columns)


def _usage(provider: str, what: str, unit: str, color: str) -> timeseries.Panel:
    about = About(
        f"{provider} {what.lower()} an hour",
        f"{what} an hour that making videos has used (UTC hours).",
        f"Units of the call ledger with unit {unit}, all models together, failed and retried jobs "
        "included. Hours without a call are empty.",
        ("marts.provider_usage_hours",),
        "short",
        "Nothing was used in this time range",
    )
    sql = f"""\
select
    hour_at as "time",
    sum(used_units) as "{what}"
from marts.provider_usage_hours
where $__timeFilter(hour_at) and component = '{provider.lower()}' and unit = '{unit}'
group by hour_at
order by hour_at"""
    return time_series_panel(about, sql, colors={what: color}, bars=(what,))


def _busy(title: str, kind: str, color: str) -> timeseries.Panel:
    about = About(
        f"{title} usage",
        f"Share of the {title} in use, by UTC hour: all machines together, and the busiest.",
        "Average: mean of the hour's samples of all machines that have one. Peak: the highest "
        "sample of any machine.",
        ("marts.system_metric_hours",),
        "percentunit",
        _NO_SAMPLES,
    )
    sql = f"""\
select
    hour_at as "time",
    sum({kind}_usage_rate * samples)
    / nullif(sum(samples) filter (where {kind}_usage_rate is not null), 0) as "Average",
    max(peak_{kind}_usage_rate) as "Peak"
from marts.system_metric_hours
where $__timeFilter(hour_at)
group by hour_at
order by hour_at"""
    return time_series_panel(about, sql, colors={"Peak": "orange", "Average": color}, decimals=0)


def _memory() -> bargauge.Panel:
    about = About(
        "Memory usage",
        "Share of each machine's memory in use in its last hour with a sample.",
        "Mean of the hour's samples. Yellow from 75%, red from 90%. The time range does not "
        "matter.",
        ("marts.system_metric_hours",),
        "percentunit",
        "No machine was sampled yet",
    )
    sql = """\
select distinct on (host)
    host as "Machine",
    memory_usage_rate as "Memory"
from marts.system_metric_hours
order by host, hour_at desc"""
    steps = (Step(None, "green"), Step(0.75, "yellow"), Step(0.90, "red"))
    return bar_gauge_panel(about, sql, maximum=1, steps=steps, decimals=0)


def _storage() -> stat.Panel:
    about = About(
        "Storage available",
        "Storage free on the fullest machine, in the last hour with a sample.",
        "The least of all machines and of the hour's samples. Red below 250, yellow below 500 GB. "
        "The time range does not matter.",
        ("marts.system_metric_hours",),
        "decgbytes",
        "No machine was sampled yet",
    )
    sql = """\
select min(storage_available_gb) as "Free"
from marts.system_metric_hours
where hour_at = (select max(hours.hour_at) from marts.system_metric_hours as hours)"""
    steps = (Step(None, "red"), Step(250, "yellow"), Step(500, "green"))
    return stat_panel(about, sql, steps=steps, decimals=2)


def _storage_trend() -> timeseries.Panel:
    about = About(
        "Storage over time",
        "Storage free on the fullest machine, by UTC hour.",
        "The least of all machines and of the hour's samples.",
        ("marts.system_metric_hours",),
        "decgbytes",
        _NO_SAMPLES,
    )
    sql = """\
select
    hour_at as "time",
    min(storage_available_gb) as "Free"
from marts.system_metric_hours
where $__timeFilter(hour_at)
group by hour_at
order by hour_at"""
    return time_series_panel(about, sql, colors={"Free": "green"}, decimals=1)
