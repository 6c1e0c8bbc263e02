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
