"""Settings, read from the environment and from `.env` in the project's folder.

The names are part of the interface: `.env.example` lists them all. An unset endpoint means the
real service; an unset credential disables the source that needs it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from ingest.retrying import TIMEOUT_SECONDS
from ingest.sources.youtube.config import DAILY_CALLS
from warehouse.errors import ConfigurationError

PROJECT_DIR = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """All settings. Secrets do not show in a repr."""

    model_config = SettingsConfigDict(
        env_file_encoding="utf-8", env_ignore_empty=True, extra="ignore"
    )

    # The warehouse. Without PGHOST: the embedded server.
    pghost: str | None = Field(None, alias="PGHOST")
    pgport: int | None = Field(None, alias="PGPORT", ge=1, le=65535)
    pguser: str | None = Field(None, alias="PGUSER")
    pgpassword: SecretStr | None = Field(None, alias="PGPASSWORD")
    pgdatabase: str | None = Field(None, alias="PGDATABASE")
    pgsslmode: str | None = Field(None, alias="PGSSLMODE")
    state_dir: Path = Field(PROJECT_DIR / ".ytempire", alias="YTEMPIRE_HOME")
    embedded_port: int | None = Field(None, alias="YTEMPIRE_PORT", ge=1, le=65535)

    pg_bindir: Path | None = Field(None, alias="PG_BINDIR")

    # Every source that is asked over a network
    timeout_seconds: float = Field(TIMEOUT_SECONDS, alias="YTEMPIRE_TIMEOUT_SECONDS", gt=0, le=600)

    # YouTube
    youtube_data_endpoint: str | None = Field(None, alias="YOUTUBE_DATA_ENDPOINT")
    youtube_analytics_endpoint: str | None = Field(None, alias="YOUTUBE_ANALYTICS_ENDPOINT")
    youtube_reporting_endpoint: str | None = Field(None, alias="YOUTUBE_REPORTING_ENDPOINT")
    youtube_report_types: str | None = Field(None, alias="YOUTUBE_REPORT_TYPES")
    youtube_country_days: int = Field(7, alias="YOUTUBE_COUNTRY_DAYS", ge=0, le=3660)
    youtube_retention_videos: int = Field(3, alias="YOUTUBE_RETENTION_VIDEOS", ge=0, le=200)
    youtube_api_key: SecretStr | None = Field(None, alias="YOUTUBE_API_KEY")
    youtube_analytics_daily_calls: int = Field(
        DAILY_CALLS, alias="YOUTUBE_ANALYTICS_DAILY_CALLS", ge=1
    )
    youtube_daily_units: int | None = Field(None, alias="YOUTUBE_DAILY_UNITS", ge=0)
    google_client_id: str | None = Field(None, alias="GOOGLE_CLIENT_ID")
    google_client_secret: SecretStr | None = Field(None, alias="GOOGLE_CLIENT_SECRET")
    google_token_uri: str = Field("https://oauth2.googleapis.com/token", alias="GOOGLE_TOKEN_URI")

    # Billing and costs
    stripe_api_base: str | None = Field(None, alias="STRIPE_API_BASE")
    stripe_api_key: SecretStr | None = Field(None, alias="STRIPE_API_KEY")
    openai_api_base: str | None = Field(None, alias="OPENAI_API_BASE")
    openai_admin_key: SecretStr | None = Field(None, alias="OPENAI_ADMIN_KEY")
    elevenlabs_api_base: str | None = Field(None, alias="ELEVENLABS_API_BASE")
    elevenlabs_api_key: SecretStr | None = Field(None, alias="ELEVENLABS_API_KEY")
    expenses_dir: Path | None = Field(None, alias="EXPENSES_DIR")
    infrastructure_costs_dir: Path | None = Field(None, alias="INFRASTRUCTURE_COSTS_DIR")

    # The platform database, read only, and the key of the refresh tokens in it
    platform_database_url: SecretStr | None = Field(None, alias="PLATFORM_DATABASE_URL")
    token_encryption_key: SecretStr | None = Field(None, alias="TOKEN_ENCRYPTION_KEY")

    redis_url: str | None = Field(None, alias="REDIS_URL")

    # Grafana, whose organisations `ytempire tenants` keeps, and where it finds the warehouse
    grafana_url: str | None = Field(None, alias="GRAFANA_URL")
    grafana_admin_user: str = Field("admin", alias="GRAFANA_ADMIN_USER")
    grafana_admin_password: SecretStr | None = Field(None, alias="GRAFANA_ADMIN_PASSWORD")
    grafana_pghost: str | None = Field(None, alias="GRAFANA_PGHOST")
    grafana_pgport: int | None = Field(None, alias="GRAFANA_PGPORT", ge=1, le=65535)
    grafana_pgsslmode: str | None = Field(None, alias="GRAFANA_PGSSLMODE")


def env_file() -> Path:
    """Return the file that settings are read from beside the environment."""
    return Path(os.environ.get("YTEMPIRE_ENV_FILE") or PROJECT_DIR / ".env")


def load_settings(overrides: Mapping[str, str | None] | None = None) -> Settings:
    """Return the settings of the environment and `.env`, `overrides` (by their names) first.

    Raises `ConfigurationError` naming each setting that is wrong.
    """
    try:
        return Settings(_env_file=env_file(), **(overrides or {}))  # type: ignore[arg-type]
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(map(str, item['loc']))}: {item['msg'].lower()}" for item in error.errors()
        )
        raise ConfigurationError(
            f"Some settings cannot be used: {wrong}.",
            hint="Correct them in the environment or in .env (see .env.example).",
        ) from error
