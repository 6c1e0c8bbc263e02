"""The order of the sources, and secrets that do not show."""

from __future__ import annotations

from pathlib import Path

from ingest.registry import SourceConfigs, build_extractors
from ingest.sources import SOURCES
from ingest.sources.elevenlabs.extractor import ElevenLabsConfig
from ingest.sources.files.extractor import FilesConfig
from ingest.sources.openai.extractor import OpenAIConfig
from ingest.sources.platform.connection import PlatformConfig
from ingest.sources.stripe.client import StripeConfig
from ingest.sources.youtube.config import YouTubeAnalyticsConfig, YouTubeDataConfig
from ingest.sources.youtube.reporting_plan import YouTubeReportingConfig

URL = "postgresql://reader:hush@localhost/platform"
ALL = SourceConfigs(
    platform=PlatformConfig(URL),
    youtube_data=YouTubeDataConfig(api_key="hush"),
    youtube_analytics=YouTubeAnalyticsConfig(
        client_id="client",
        client_secret="hush",
        platform_database_url=URL,
        token_encryption_key="6kc1t2Nq2nQeY1d9J1pX7S1b5n8m3w0r4u7y2i5o9p8=",
    ),
    youtube_reporting=YouTubeReportingConfig(
        client_id="client",
        client_secret="hush",
        platform_database_url=URL,
        token_encryption_key="6kc1t2Nq2nQeY1d9J1pX7S1b5n8m3w0r4u7y2i5o9p8=",
    ),
    stripe=StripeConfig("hush"),
    openai=OpenAIConfig("hush"),
    elevenlabs=ElevenLabsConfig("hush"),
    expenses=FilesConfig(Path("expenses")),
    infrastructure=FilesConfig(Path("infrastructure")),
)


def test_the_extractors_come_in_the_order_of_the_sources() -> None:
    assert [extractor.name for extractor in build_extractors(ALL)] == list(SOURCES)


def test_a_source_without_configuration_is_left_out() -> None:
    assert build_extractors(SourceConfigs()) == []
    (only,) = build_extractors(SourceConfigs(stripe=StripeConfig("hush")))
    assert only.name == "stripe"


def test_no_secret_is_shown() -> None:
    assert "hush" not in repr(ALL)
