"""Every source, in the order in which they are extracted."""

from __future__ import annotations

from dataclasses import dataclass

from ingest.extraction import Extractor
from ingest.sources.elevenlabs.extractor import ElevenLabsConfig, ElevenLabsExtractor
from ingest.sources.files.extractor import (
    FilesConfig,
    expenses_extractor,
    infrastructure_extractor,
)
from ingest.sources.openai.extractor import OpenAIConfig, OpenAIExtractor
from ingest.sources.platform.connection import PlatformConfig
from ingest.sources.platform.extractor import PlatformExtractor
from ingest.sources.stripe.client import StripeConfig
from ingest.sources.stripe.extractor import StripeExtractor
from ingest.sources.youtube.analytics import YouTubeAnalyticsExtractor
from ingest.sources.youtube.config import YouTubeAnalyticsConfig, YouTubeDataConfig
from ingest.sources.youtube.data import YouTubeDataExtractor
from ingest.sources.youtube.reporting import YouTubeReportingExtractor
from ingest.sources.youtube.reporting_plan import YouTubeReportingConfig


@dataclass(frozen=True, slots=True)
class SourceConfigs:
    """How to reach each source; None leaves it out."""

    platform: PlatformConfig | None = None
    youtube_data: YouTubeDataConfig | None = None
    youtube_analytics: YouTubeAnalyticsConfig | None = None
    youtube_reporting: YouTubeReportingConfig | None = None
    stripe: StripeConfig | None = None
    openai: OpenAIConfig | None = None
    elevenlabs: ElevenLabsConfig | None = None
    expenses: FilesConfig | None = None
    infrastructure: FilesConfig | None = None


def build_extractors(configs: SourceConfigs) -> list[Extractor]:
    """Return the extractors of the sources that are configured, none of them connected yet.

    The platform comes first: its channels say what is asked of YouTube.
    """
    extractors: list[Extractor] = []
    if configs.platform is not None:
        extractors.append(PlatformExtractor(configs.platform))
    if configs.youtube_data is not None:
        extractors.append(YouTubeDataExtractor(configs.youtube_data))
    if configs.youtube_analytics is not None:
        extractors.append(YouTubeAnalyticsExtractor(configs.youtube_analytics))
    if configs.youtube_reporting is not None:
        extractors.append(YouTubeReportingExtractor(configs.youtube_reporting))
    if configs.stripe is not None:
        extractors.append(StripeExtractor(configs.stripe))
    if configs.openai is not None:
        extractors.append(OpenAIExtractor(configs.openai))
    if configs.elevenlabs is not None:
        extractors.append(ElevenLabsExtractor(configs.elevenlabs))
    if configs.expenses is not None:
        extractors.append(expenses_extractor(configs.expenses))
    if configs.infrastructure is not None:
        extractors.append(infrastructure_extractor(configs.infrastructure))
    return extractors
