"""What the specification asks of the dashboards that every user has."""

from grafana.specification.asked import Asked

_REVENUE = "User dashboards, revenue_tracker"
_CHANNELS = "User dashboards, channel_analytics"
_COSTS = "User dashboards, cost_analysis"
_MY_REVENUE = "ytempire-my-revenue"
_MY_CHANNELS = "ytempire-my-channels"
_MY_COSTS = "ytempire-my-costs"

ASKED: tuple[Asked, ...] = (
    Asked(_REVENUE, "current_month_revenue", "figure", _MY_REVENUE, "Revenue this month"),
    Asked(_REVENUE, "daily_revenue_trend", "line", _MY_REVENUE, "Revenue by day"),
    Asked(
        _REVENUE,
        "channel_performance_comparison",
        "bars",
        _MY_REVENUE,
        "Revenue of 30 days by channel",
    ),
    Asked(_REVENUE, "revenue_growth_rate", "figure", _MY_REVENUE, "Growth"),
    Asked(_REVENUE, "days_to_10k_projection", "figure", _MY_REVENUE, "Days to 10,000 a month"),
    Asked(_CHANNELS, "views_by_channel", "bars", _MY_CHANNELS, "Views by channel"),
    Asked(_CHANNELS, "ctr_trends", "line", _MY_CHANNELS, "Click-through rate"),
    Asked(_CHANNELS, "retention_analysis", "line", _MY_CHANNELS, "Retention"),
    Asked(_CHANNELS, "best_performing_videos", "table", _MY_CHANNELS, "Best videos"),
    Asked(_CHANNELS, "upload_schedule_effectiveness", "heatmap", _MY_CHANNELS, "Upload schedule"),
    Asked(_COSTS, "cost_per_video", "figure", _MY_COSTS, "Cost a video"),
    Asked(_COSTS, "revenue_per_video", "figure", _MY_COSTS, "Revenue a video"),
    Asked(_COSTS, "profit_margins", "line", _MY_COSTS, "Profit margin by week"),
    Asked(_COSTS, "roi_by_channel", "bars", _MY_COSTS, "ROI by channel"),
    Asked(_COSTS, "break_even_analysis", "line", _MY_COSTS, "Revenue and cost so far"),
)
