"""What the staff's dashboards share: colours with a meaning, scales, and ways to the details."""

from __future__ import annotations

from collections.abc import Sequence

from grafana_foundation_sdk.builders.stat import Panel

from grafana.about import About
from grafana.panels import Column, Step, row_field, stat_panel

CHANNELS_UID = "ytempire-channels"
COSTS_UID = "ytempire-costs"
FINANCE_UID = "ytempire-finance"
USERS_UID = "ytempire-users"

TIER_COLORS = {
    "Elite": "purple",
    "Growth": "blue",
    "Established": "green",
    "Developing": "yellow",
    "Struggling": "orange",
}
# One family of colours a cost group, as the seed cost_components groups them.
COMPONENT_COLORS = {
    "openai": "blue",
    "elevenlabs": "purple",
    "stability ai": "super-light-blue",
    "pexels": "light-purple",
    "gpu compute": "dark-blue",
    "cpu compute": "green",
    "other api": "light-green",
    "storage": "dark-green",
    "bandwidth": "orange",
}
COMPONENT_COLORS_EXPLAINED = "AI is blue and purple, data green, overhead orange."
GROUP_COLORS = {"AI": "blue", "Data": "green", "Overhead": "orange"}
GROUP_NAMES = "case cost_group when 'ai' then 'AI' else initcap(cost_group) end"

# 2.50 and 3.00 USD: the seeds cost_alert_levels and cost_bands.
COST_STEPS = (Step(None, "green"), Step(2.5, "yellow"), Step(3.0, "red"))
COST_TEXT_STEPS = (Step(None, "text"), Step(2.5, "yellow"), Step(3.0, "red"))
SIGN_STEPS = (Step(None, "red"), Step(0, "green"))

USD = Column(unit="currencyUSD", decimals=2, width=110)
ROUND_USD = Column(unit="currencyUSD", width=110)
SHARE = Column(unit="percentunit", decimals=1, width=110)
GROWTH = Column(unit="percentunit", decimals=1, width=110, steps=SIGN_STEPS)
HIDDEN = Column(hidden=True)
TIER = Column(width=110, colors=TIER_COLORS)
SEVERITY = Column(width=90, colors={"High": "red", "Medium": "orange", "Low": "yellow"})


def channel_link(column: str = "channel id") -> tuple[str, str]:
    """Lead to the channel whose id stands in `column` of the row."""
    url = f"/d/{CHANNELS_UID}?var-channel={row_field(column)}&${{__url_time_range}}"
    return ("Open the channel", url)


def user_link(column: str = "user id") -> tuple[str, str]:
    """Lead to the user whose id stands in `column` of the row."""
    return ("Open the user", f"/d/{USERS_UID}?var-user={row_field(column)}")


def channel_column(width: int | None = 200) -> Column:
    """Show a channel's name that leads to the channel; the row has its `channel id`."""
    return Column(width=width, link=channel_link())


def watch_column(width: int | None = None) -> Column:
    """Show a video's title that opens it on YouTube; the row has its `YouTube id`."""
    watch = f"https://www.youtube.com/watch?v={row_field('YouTube id')}"
    return Column(width=width, link=("Watch on YouTube", watch))


def tile(
    title: str,
    sql: str,
    shows: str,
    definition: str,
    sources: tuple[str, ...],
    empty: str,
    *,
    unit: str = "locale",
    decimals: int | None = None,
    steps: Sequence[Step] = (),
) -> Panel:
    """Show one figure; `sql` gives it as its only column."""
    about = About(title, shows, definition, sources, unit, empty)
    return stat_panel(about, sql, steps=steps, decimals=decimals)
