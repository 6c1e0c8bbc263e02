"""What the specification asks of the dashboards on the business, its users and its costs."""

from grafana.specification.asked import Asked

_EXECUTIVE = "Metrics and dashboards, 2.1 Executive"

ASKED: tuple[Asked, ...] = (
    Asked(_EXECUTIVE, "MRR", "figure", "ytempire-executive", "MRR"),
    Asked(_EXECUTIVE, "Active Users", "figure", "ytempire-executive", "Active users"),
    Asked(_EXECUTIVE, "Total Channels", "figure", "ytempire-executive", "Total channels"),
    Asked(_EXECUTIVE, "Videos Today", "figure", "ytempire-executive", "Videos today"),
    Asked(_EXECUTIVE, "MRR Growth", "line", "ytempire-executive", "MRR growth"),
    Asked(
        _EXECUTIVE,
        "Revenue by Channel Tier",
        "pie",
        "ytempire-executive",
        "Revenue by channel tier",
    ),
)
