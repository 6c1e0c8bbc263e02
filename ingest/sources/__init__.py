"""One package a source."""

SOURCES = (
    "platform",
    "youtube_data",
    "youtube_analytics",
    "youtube_reporting",
    "stripe",
    "openai",
    "elevenlabs",
    "expenses",
    "infrastructure",
)
"""The names of the sources, in the order in which they are read: channels come first."""

TIERS = ("hot", "hourly", "daily")
"""How often sources are read and models built, fastest first; a tier brings the faster ones."""

SOURCE_TIERS = {"platform": "hot", "youtube_data": "hot", "stripe": "hourly"}
"""How often a source is read; the others daily: they tell days."""


def sources_of_tier(tier: str) -> list[str]:
    """Return the names of the sources that a tier reads, in their order."""
    tiers = TIERS[: TIERS.index(tier) + 1]
    return [source for source in SOURCES if SOURCE_TIERS.get(source, "daily") in tiers]
