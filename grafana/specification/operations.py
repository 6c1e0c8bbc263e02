"""What the specification asks of the dashboards on operations and the quality of data."""

from grafana.specification.asked import Asked

_METRICS = "Metrics and dashboards, 2.2 Operations"
_MODEL = "Data model, 2 Operational dashboard"
_HEALTH = "Audience analytics, Platform health"
_QUALITY = "Overview and brief, Data quality"
_OPERATIONS = "ytempire-operations"
_GENERATION = "ytempire-generation"
_DATA_QUALITY = "ytempire-data-quality"
_SILENCES = (
    "Sorted by severity. Taking an alert on is done by a silence in Grafana's own list of alerts; "
    "the panel beside the feed says so."
)

ASKED: tuple[Asked, ...] = (
    Asked(_METRICS, "API Response Time", "line", _OPERATIONS, "API response time"),
    Asked(_METRICS, "YouTube Quota Usage", "gauge", _OPERATIONS, "YouTube quota usage"),
    Asked(_METRICS, "Generation Success Rate", "line", _OPERATIONS, "Generation success rate"),
    Asked(_METRICS, "Cost Per Video Trend", "line", _OPERATIONS, "Cost per video trend"),
    Asked(_MODEL, "Queue Depth", "gauge", _OPERATIONS, "Queue depth"),
    Asked(_MODEL, "Processing Rate", "figure", _OPERATIONS, "Processing rate, videos an hour"),
    Asked(_MODEL, "Success Rate", "figure", _OPERATIONS, "Success rate"),
    Asked(_MODEL, "Average Time", "figure", _OPERATIONS, "Average time"),
    Asked(_MODEL, "CPU Usage", "line", _OPERATIONS, "CPU usage"),
    Asked(_MODEL, "GPU Usage", "line", _OPERATIONS, "GPU usage"),
    Asked(_MODEL, "Memory", "usage bar", _OPERATIONS, "Memory usage"),
    Asked(_MODEL, "Storage", "figure", _OPERATIONS, "Storage available"),
    Asked(_MODEL, "YouTube Quota", "usage bar", "ytempire-youtube-quota", "Quota used by bucket"),
    Asked(_MODEL, "OpenAI Usage", "line", _OPERATIONS, "OpenAI tokens an hour"),
    Asked(_MODEL, "ElevenLabs", "line", _OPERATIONS, "ElevenLabs characters an hour"),
    Asked(_MODEL, "Error Rates", "bars", _OPERATIONS, "Error rates by API"),
    Asked(_MODEL, "Alert Feed", "table", _OPERATIONS, "Alert feed", _SILENCES),
    Asked(_MODEL, "Video Pipeline", "funnel", _GENERATION, "Video pipeline"),
    Asked(_HEALTH, "Average API response time", "figure", _OPERATIONS, "Average response time"),
    Asked(_HEALTH, "Error rate", "figure", _OPERATIONS, "Error rate of the platform"),
    Asked(_HEALTH, "Total active users", "figure", "ytempire-executive", "Active users"),
    Asked(_HEALTH, "Queue processing delay", "figure", _OPERATIONS, "Time in the queue"),
    Asked(_HEALTH, "API Response Times", "line", _OPERATIONS, "API response time"),
    Asked(_HEALTH, "Error Rates by Endpoint", "table", _OPERATIONS, "Error rates by endpoint"),
    Asked(_QUALITY, "Reconciliation with YouTube", "line", _DATA_QUALITY, "Agreement with YouTube"),
    Asked(_QUALITY, "Completeness", "line", _DATA_QUALITY, "Completeness by day"),
    Asked(_QUALITY, "Freshness", "table", _DATA_QUALITY, "Freshness by source"),
    Asked(_QUALITY, "Anomalies", "table", _DATA_QUALITY, "Anomalies"),
    Asked(_QUALITY, "Validation pass rate", "figure", _DATA_QUALITY, "Validation"),
    Asked(_QUALITY, "User data isolation", "figure", _DATA_QUALITY, "Rows seen of other tenants"),
    Asked(_QUALITY, "API quota", "figure", "ytempire-youtube-quota", "Left of our budget"),
)
