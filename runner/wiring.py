"""From settings to the parts: which warehouse, which sources, and what is missing for the rest."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import SecretStr

from ingest.registry import SourceConfigs
from ingest.sources.elevenlabs import extractor as elevenlabs_api
from ingest.sources.files.extractor import FilesConfig
from ingest.sources.openai import extractor as openai_api
from ingest.sources.platform.connection import PlatformConfig
from ingest.sources.stripe import client as stripe_api
from ingest.sources.youtube.bulk_reports import read_report_types
from ingest.sources.youtube.config import YouTubeAnalyticsConfig, YouTubeDataConfig
from ingest.sources.youtube.quota import DAILY_UNITS
from ingest.sources.youtube.reporting_plan import YouTubeReportingConfig
from runner.settings import Settings


@dataclass(frozen=True, slots=True)
class Requirement:
    """The settings that a source cannot do without, and those that only make sense with them."""

    needed: tuple[str, ...]
    optional: tuple[str, ...] = ()


REQUIREMENTS: dict[str, Requirement] = {
    "platform": Requirement(("PLATFORM_DATABASE_URL",)),
    "youtube_data": Requirement(("YOUTUBE_API_KEY",), ("YOUTUBE_DATA_ENDPOINT",)),
    "youtube_analytics": Requirement(
        (
            "GOOGLE_CLIENT_ID",
            "GOOGLE_CLIENT_SECRET",
            "PLATFORM_DATABASE_URL",
            "TOKEN_ENCRYPTION_KEY",
        ),
        ("YOUTUBE_ANALYTICS_ENDPOINT",),
    ),
    "youtube_reporting": Requirement(
        (
            "GOOGLE_CLIENT_ID",
            "GOOGLE_CLIENT_SECRET",
            "PLATFORM_DATABASE_URL",
            "TOKEN_ENCRYPTION_KEY",
        ),
        ("YOUTUBE_REPORTING_ENDPOINT", "YOUTUBE_REPORT_TYPES"),
    ),
    "stripe": Requirement(("STRIPE_API_KEY",), ("STRIPE_API_BASE",)),
    "openai": Requirement(("OPENAI_ADMIN_KEY",), ("OPENAI_API_BASE",)),
    "elevenlabs": Requirement(("ELEVENLABS_API_KEY",), ("ELEVENLABS_API_BASE",)),
    "expenses": Requirement(("EXPENSES_DIR",)),
    "infrastructure": Requirement(("INFRASTRUCTURE_COSTS_DIR",)),
}
# Shared with another source: being set does not say that this one is wanted.
_SHARED = {"PLATFORM_DATABASE_URL"}


@dataclass(frozen=True, slots=True)
class Missing:
    """A source that is left out, and the settings that it lacks.

    `is_half_set`: some of what it needs is there, so that leaving it out is likely a mistake.
    """

    source: str
    settings: tuple[str, ...]
    is_half_set: bool

    def __str__(self) -> str:
        return f"{self.source} is left out: {self.lack}"

    @property
    def lack(self) -> str:
        """Return a sentence that names the settings."""
        *others, last = self.settings
        if not others:
            return f"{last} is not set."
        return f"{', '.join(others)} and {last} are not set."


def missing_settings(settings: Settings) -> dict[str, Missing]:
    """Return, for each source that cannot be read, what it lacks."""
    by_name = {field.alias: name for name, field in Settings.model_fields.items()}

    def is_set(name: str) -> bool:
        return getattr(settings, by_name[name]) is not None

    missing: dict[str, Missing] = {}
    for source, requirement in REQUIREMENTS.items():
        absent = tuple(name for name in requirement.needed if not is_set(name))
        present = [
            name
            for name in (*requirement.needed, *requirement.optional)
            if name not in _SHARED and is_set(name)
        ]
        if absent:
            missing[source] = Missing(source, absent, bool(present))
    return missing


def source_configs(settings: Settings) -> SourceConfigs:
    """Return the configuration of each source that has what it needs; None for the others."""
    missing = missing_settings(settings)
    database_url = _secret(settings.platform_database_url)
    return SourceConfigs(
        platform=None if "platform" in missing else PlatformConfig(database_url),
        youtube_data=None
        if "youtube_data" in missing
        else YouTubeDataConfig(
            endpoint=settings.youtube_data_endpoint,
            timeout_seconds=settings.timeout_seconds,
            api_key=_secret(settings.youtube_api_key),
            daily_units=daily_units(settings),
        ),
        youtube_analytics=None
        if "youtube_analytics" in missing
        else YouTubeAnalyticsConfig(
            endpoint=settings.youtube_analytics_endpoint,
            timeout_seconds=settings.timeout_seconds,
            daily_calls=settings.youtube_analytics_daily_calls,
            country_days=settings.youtube_country_days,
            retention_videos=settings.youtube_retention_videos,
            client_id=settings.google_client_id or "",
            client_secret=_secret(settings.google_client_secret),
            token_uri=settings.google_token_uri,
            platform_database_url=database_url,
            token_encryption_key=_secret(settings.token_encryption_key),
        ),
        youtube_reporting=None
        if "youtube_reporting" in missing
        else YouTubeReportingConfig(
            endpoint=settings.youtube_reporting_endpoint,
            timeout_seconds=settings.timeout_seconds,
            client_id=settings.google_client_id or "",
            client_secret=_secret(settings.google_client_secret),
            token_uri=settings.google_token_uri,
            platform_database_url=database_url,
            token_encryption_key=_secret(settings.token_encryption_key),
            report_types=read_report_types(settings.youtube_report_types),
        ),
        stripe=None
        if "stripe" in missing
        else stripe_api.StripeConfig(
            api_key=_secret(settings.stripe_api_key),
            base=settings.stripe_api_base or stripe_api.DEFAULT_BASE,
            timeout_seconds=settings.timeout_seconds,
        ),
        openai=None
        if "openai" in missing
        else openai_api.OpenAIConfig(
            admin_key=_secret(settings.openai_admin_key),
            base=settings.openai_api_base or openai_api.DEFAULT_BASE,
            timeout_seconds=settings.timeout_seconds,
        ),
        elevenlabs=None
        if "elevenlabs" in missing
        else elevenlabs_api.ElevenLabsConfig(
            api_key=_secret(settings.elevenlabs_api_key),
            base=settings.elevenlabs_api_base or elevenlabs_api.DEFAULT_BASE,
            timeout_seconds=settings.timeout_seconds,
        ),
        expenses=None
        if settings.expenses_dir is None
        else FilesConfig(directory=settings.expenses_dir),
        infrastructure=None
        if settings.infrastructure_costs_dir is None
        else FilesConfig(directory=settings.infrastructure_costs_dir),
    )


def daily_units(settings: Settings) -> int:
    """Return the most units of the Data API's quota to use a day."""
    asked = settings.youtube_daily_units
    return DAILY_UNITS if asked is None else asked


def _secret(value: SecretStr | None) -> str:
    return value.get_secret_value() if value is not None else ""
