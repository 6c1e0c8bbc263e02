"""What the specification asks of the dashboards on the business, its users and its costs."""

from grafana.specification.asked import Asked

_EXECUTIVE = "Metrics and dashboards, 2.1 Executive"
_EXECUTIVE_TOO = "Data model, 1 Executive dashboard"
_EXECUTIVE_UID = "ytempire-executive"
_PERFORMANCE = "Metrics and dashboards, 2.3 Channel performance"
_CHANNEL = "Data model, 3 Channel performance dashboard"
_MONEY = "Overview and brief, Finance and costs"
_SUCCESS = "Overview and brief, User success"
_CHANNELS_UID = "ytempire-channels"
_FINANCE_UID = "ytempire-finance"
_COSTS_UID = "ytempire-costs"
_USERS_UID = "ytempire-users"

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
    Asked(_EXECUTIVE_TOO, "Active Channels", "figure", _EXECUTIVE_UID, "Total channels"),
    Asked(
        _EXECUTIVE_TOO,
        "Today's Revenue",
        "figure",
        _EXECUTIVE_UID,
        "Revenue of the last day",
        "YouTube tells a day two to three days after it: the last that is known.",
    ),
    Asked(_EXECUTIVE_TOO, "Videos Published: today", "figure", _EXECUTIVE_UID, "Videos today"),
    Asked(_EXECUTIVE_TOO, "Average Cost/Video", "figure", _EXECUTIVE_UID, "Average cost a video"),
    Asked(_EXECUTIVE_TOO, "System Health", "figure", _EXECUTIVE_UID, "System health"),
    Asked(_EXECUTIVE_TOO, "Revenue Trend: 30 days", "line", _EXECUTIVE_UID, "Revenue trend"),
    Asked(_EXECUTIVE_TOO, "Channel Performance: top 10", "bars", _EXECUTIVE_UID, "Top 10 channels"),
    Asked(_EXECUTIVE_TOO, "Cost Breakdown", "pie", _EXECUTIVE_UID, "Cost by component"),
    Asked(_EXECUTIVE_TOO, "Video Pipeline", "funnel", _EXECUTIVE_UID, "Video pipeline"),
    Asked(
        _EXECUTIVE_TOO,
        "Engagement Heatmap: by hour and day",
        "heatmap",
        _EXECUTIVE_UID,
        "Engagement by upload time",
        "By hour of publication: YouTube does not tell the hours of reactions.",
    ),
    Asked(
        _EXECUTIVE_TOO,
        "Top Videos Today: by views",
        "table",
        _EXECUTIVE_UID,
        "Top videos of the latest day",
        "The latest day that YouTube has reported.",
    ),
    Asked(
        _EXECUTIVE_TOO,
        "Failing Channels",
        "table",
        _EXECUTIVE_UID,
        "Channels needing attention",
    ),
    Asked(_EXECUTIVE_TOO, "Cost Alerts: videos above 2.50", "table", _EXECUTIVE_UID, "Cost alerts"),
    Asked(
        _PERFORMANCE,
        "Channel Performance Matrix",
        "scatter",
        _CHANNELS_UID,
        "Channel performance matrix",
        "Colours tell the tier; the size of a point cannot be told to Grafana 10 to 12 in one "
        "way, so subscribers stand in the tooltip.",
    ),
    Asked(_PERFORMANCE, "Top Performing Videos", "table", _CHANNELS_UID, "Top performing videos"),
    Asked(
        _CHANNEL,
        "Channel Selector: dropdown with search",
        "table",
        _CHANNELS_UID,
        "Channels",
        "The selectors Users and Channel on top have the search; a click in the table chooses too.",
    ),
    Asked(_CHANNEL, "Subscriber Growth", "line", _CHANNELS_UID, "Subscriber growth"),
    Asked(_CHANNEL, "View Velocity", "line", _CHANNELS_UID, "View velocity"),
    Asked(_CHANNEL, "Revenue Tracking: vs target", "line", _CHANNELS_UID, "Revenue against target"),
    Asked(
        _CHANNEL,
        "Best Videos: top 5 list",
        "bars",
        _CHANNELS_UID,
        "Best videos",
        "A list whose bars tell how far the five are apart.",
    ),
    Asked(
        _CHANNEL,
        "AI-generated insights",
        "table",
        _CHANNELS_UID,
        "Optimisation suggestions",
        "Rules over measured figures; no model guesses.",
    ),
    Asked(_CHANNEL, "A/B test results", "table", _CHANNELS_UID, "Thumbnail tests"),
    Asked(_CHANNEL, "Content recommendations", "table", _CHANNELS_UID, "Retention by length band"),
    Asked(
        _CHANNEL,
        "Upload timing optimization",
        "heatmap",
        _CHANNELS_UID,
        "First-week views by upload time",
    ),
    Asked(_MONEY, "MRR, base and overage", "line", _FINANCE_UID, "MRR by month"),
    Asked(_MONEY, "MRR movements", "line", _FINANCE_UID, "MRR movements"),
    Asked(_MONEY, "Customer lifetime value", "table", _FINANCE_UID, "Lifetime value by cohort"),
    Asked(_MONEY, "Cohort retention", "heatmap", _FINANCE_UID, "Customer retention by cohort"),
    Asked(_MONEY, "Customer acquisition cost", "line", _FINANCE_UID, "Customer acquisition cost"),
    Asked(_MONEY, "Payback and LTV:CAC", "table", _FINANCE_UID, "Acquisition month by month"),
    Asked(_MONEY, "Gross margin", "line", _FINANCE_UID, "Gross margin"),
    Asked(_MONEY, "Revenue reconciliation", "table", _FINANCE_UID, "Revenue reconciliation"),
    Asked(_MONEY, "Cost by component", "pie", _COSTS_UID, "Cost by component"),
    Asked(
        _MONEY, "Cost split 0.65, 1.50, 0.85", "table", _COSTS_UID, "Cost a video against the split"
    ),
    Asked(_MONEY, "Cost by generation method", "bars", _COSTS_UID, "Cost a video by method"),
    Asked(_MONEY, "Cost by content type", "bars", _COSTS_UID, "Cost a video by content type"),
    Asked(_MONEY, "Videos in cost bands", "pie", _COSTS_UID, "Videos by cost band"),
    Asked(_MONEY, "Videos above 2.50 and 3.00", "table", _COSTS_UID, "Cost alerts"),
    Asked(
        _MONEY,
        "Provider totals and unallocated",
        "table",
        _COSTS_UID,
        "Providers against the ledger",
    ),
    Asked(_SUCCESS, "Progress to 10,000 a month", "bars", _USERS_UID, "Progress to the target"),
    Asked(_SUCCESS, "Revenue status", "pie", _USERS_UID, "Users by status"),
    Asked(_SUCCESS, "Success tier", "pie", _USERS_UID, "Users by tier"),
    Asked(_SUCCESS, "Months and days to goal, forecast", "table", _USERS_UID, "All users"),
    Asked(_SUCCESS, "Users at their goals by cohort", "table", _USERS_UID, "Goals by cohort"),
    Asked(_SUCCESS, "Weekly hours per user", "line", _USERS_UID, "Hours a week"),
    Asked(
        _SUCCESS, "Channels needing attention", "table", _USERS_UID, "Channels needing attention"
    ),
)
