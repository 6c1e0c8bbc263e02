"""How to reach YouTube, and how eagerly."""

from __future__ import annotations

from dataclasses import dataclass, field

from ingest.retrying import TIMEOUT_SECONDS, Backoff
from ingest.sources.youtube.quota import DAILY_UNITS

GOOGLE_TOKEN_URI = "https://oauth2.googleapis.com/token"  # noqa: S105 (an address)
DAILY_CALLS = 20_000  # of the Analytics API, for all channels together


@dataclass(frozen=True)
class YouTubeDataConfig:
    """The Data API: an API key reads what is public.

    `endpoint` None is the real service. `refresh_days` is the age at which a video's metadata is
    read again (YouTube's policy allows 30 at most), `reconcile_days` that at which a channel's
    whole list of uploads is. `daily_units` is the most quota that we use a day, of all buckets.
    """

    api_key: str = field(repr=False)
    endpoint: str | None = None
    refresh_days: int = 7
    reconcile_days: int = 7
    daily_units: int = DAILY_UNITS
    threads: int = 4
    timeout_seconds: float = TIMEOUT_SECONDS
    backoff: Backoff = field(default_factory=Backoff)


@dataclass(frozen=True)
class YouTubeAnalyticsConfig:
    """The Analytics API: each channel's owner lent us a refresh token, kept by the platform.

    `endpoint` None is the real service. Figures are asked for again until they are final:
    `core_restated_days` and `revenue_restated_days`.

    Who watched is asked for `with_audience`. Countries cost a call a channel and day: the first
    time, the latest `country_days` are read (0: none ever, but for days that are filled back).
    Each week `retention_videos` of a channel get their retention curve read anew.

    Back-fills get what the day's own work leaves of `daily_calls`, and no more than
    `back_fill_calls_a_run` of them in a run that was not started for them.
    """

    client_id: str
    client_secret: str = field(repr=False)
    token_uri: str = GOOGLE_TOKEN_URI
    endpoint: str | None = None
    platform_database_url: str = field(default="", repr=False)
    token_encryption_key: str = field(default="", repr=False)
    core_restated_days: int = 7
    revenue_restated_days: int = 45
    with_audience: bool = True
    country_days: int = 7
    retention_videos: int = 3
    daily_calls: int = DAILY_CALLS
    back_fill_calls_a_run: int = 500
    threads: int = 4
    timeout_seconds: float = TIMEOUT_SECONDS
    backoff: Backoff = field(default_factory=Backoff)
