"""The Operations dashboard's tiles on how the platform answers: API, errors, queue."""

from __future__ import annotations

from grafana_foundation_sdk.builders import stat

from grafana.about import About
from grafana.panels import Step, stat_panel


def tiles() -> list[stat.Panel]:
    """Give the tiles: response time, error rate, time in the queue."""
    return [_response_time(), _error_rate(), _waiting_time()]


def _response_time() -> stat.Panel:
    about = About(
        "Average response time",
        "How long the platform's own API took to answer, over the time range.",
        "Mean over all calls, failed ones included. Yellow from half a second, red from two.",
        ("marts.api_service_hours",),
        "ms",
        "No call in this time range",
    )
    sql = """\
select sum(average_latency_ms * calls) / nullif(sum(calls), 0) as "Response time"
from marts.api_service_hours
where $__timeFilter(hour_at) and service = 'platform'"""
    steps = (Step(None, "green"), Step(500, "yellow"), Step(2_000, "red"))
    return stat_panel(about, sql, steps=steps, decimals=0)


def _error_rate() -> stat.Panel:
    about = About(
        "Error rate of the platform",
        "Share of the calls to the platform's own API that failed, over the time range.",
        "Calls answered with status 400 or higher, or not at all / calls. Yellow from 5%, red "
        "from 10%.",
        ("marts.api_endpoint_hours",),
        "percentunit",
        "No call in this time range",
    )
    sql = """\
select sum(errors) / nullif(sum(calls), 0) as "Error rate"
from marts.api_endpoint_hours
where $__timeFilter(hour_at) and service = 'platform'"""
    steps = (Step(None, "green"), Step(0.05, "yellow"), Step(0.10, "red"))
    return stat_panel(about, sql, steps=steps, decimals=1)


def _waiting_time() -> stat.Panel:
    about = About(
        "Time in the queue",
        "Minutes that a generation job waits for a worker, over the time range.",
        "Mean from creation to start of the jobs started in the range. Yellow from 30 minutes, "
        "red from two hours.",
        ("marts.queue_hours",),
        "m",
        "No job was started in this time range",
    )
    sql = """\
select
    sum(average_wait_minutes * started_jobs)
    / nullif(sum(started_jobs) filter (where average_wait_minutes is not null), 0) as "Waiting"
from marts.queue_hours
where $__timeFilter(hour_at)"""
    steps = (Step(None, "green"), Step(30, "yellow"), Step(120, "red"))
    link = ("Video generation", "/d/ytempire-generation")
    return stat_panel(about, sql, steps=steps, decimals=1, link=link)
