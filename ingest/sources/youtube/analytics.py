"""The YouTube Analytics API: what the owners of the channels can see of each day.

For each channel, on its owner's behalf: the days of the channel and the days of each video, the
figures of the audience and, in a query of its own, those of money::

    channels, their videos ─► reports.query ─► channel_day_core, channel_day_revenue,
                                               video_day_core, video_day_revenue

A report is asked for once a Pacific day: from the last processed day on, and again the days whose
figures may still be restated. Who watched comes after that (see `breakdowns`)::

    channel_day_core, video_day_core ─► reports.query ─► channel_day_country and its like,
                                        channel_month_demographics, video_retention

Days that a person asks for are filled back over as many days as it takes (see `back_filling`).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from uuid import UUID

from ingest.extraction import CallLedger, Extraction
from ingest.payload import JsonObject
from ingest.side_by_side import side_by_side
from ingest.sources.youtube.analytics_plan import ChannelPlan, plan_channels
from ingest.sources.youtube.analytics_reading import ChannelReading, Landing, Outcome
from ingest.sources.youtube.back_fill import BACK_FILL_BUCKET, BUCKET, SOURCE
from ingest.sources.youtube.back_filling import fill_back
from ingest.sources.youtube.breakdown_plan import BreakdownPlan, plan_breakdowns
from ingest.sources.youtube.breakdown_reading import BreakdownReading
from ingest.sources.youtube.client import Api, GoogleApi
from ingest.sources.youtube.config import YouTubeAnalyticsConfig
from ingest.sources.youtube.failures import OwnerError, RefusedError
from ingest.sources.youtube.owners import Owner, owners_credentials
from ingest.sources.youtube.reports import CHANNEL_CORE, Question
from ingest.sources.youtube.resources import pacific_day
from ingest.sources.youtube.tokens import (
    RefreshToken,
    TokenStore,
    must_reconnect,
    platform_tokens,
)
from ingest.sources.youtube.windows import Asked, Days
from warehouse.errors import CredentialsError

_OF = "these YouTube channels"
_TRIED = 5

# Asks one question: a report, its days, and the videos that it is about (none: the channel).
Ask = Callable[[Question, Days, Sequence[str]], JsonObject]
P = TypeVar("P", ChannelPlan, BreakdownPlan)

logger = logging.getLogger(__name__)


class YouTubeAnalyticsExtractor:
    """Reads the owners' daily reports with the tokens that they lent the platform."""

    name = SOURCE

    def __init__(
        self,
        config: YouTubeAnalyticsConfig,
        token_store: TokenStore | None = None,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Take how to reach the API, and where the tokens are: by default in the platform."""
        self._config = config
        self.tokens = token_store or platform_tokens(
            config.platform_database_url, config.token_encryption_key
        )
        self._sleep = sleep

    def extract(self, extraction: Extraction) -> None:
        """Land what is new or may be restated, a channel at a time; then go on with back-fills.

        Where days are asked for, these alone are filled back. Raises `CredentialsError` at the end
        where owners must reconnect their channels.
        """
        asked = Asked(pacific_day(extraction.as_of), extraction.since, extraction.until)
        failed = [] if asked.is_back_fill else self._refresh(extraction, asked)
        asking = _Asking(self, extraction, BACK_FILL_BUCKET)
        failed += fill_back(extraction, asked, self._config, asking, failed)
        if failed:
            raise must_reconnect(failed, _OF)

    def _refresh(self, extraction: Extraction, asked: Asked) -> list[str]:
        """Read what is due today; return the channels whose owners must reconnect."""
        ask = _Asking(self, extraction, BUCKET)
        plans = plan_channels(extraction.lander, asked, self._config)
        failed = self._read(
            extraction,
            "channels",
            ask.able(plans),
            lambda plan: ChannelReading(plan, asked, extraction.as_of, ask.of(plan)).read(),
        )
        if self._config.with_audience:
            parts = plan_breakdowns(extraction.lander, asked, self._config, failed)
            failed += self._read(
                extraction,
                "audiences",
                ask.able(parts),
                lambda plan: BreakdownReading(
                    plan, asked, extraction.as_of, ask.of(plan), self._config.country_days
                ).read(),
            )
        return failed

    def _read(
        self,
        extraction: Extraction,
        what: str,
        plans: Sequence[P],
        read: Callable[[P], Iterator[Landing | Outcome]],
    ) -> list[str]:
        """Land what is read about some channels; return those whose owners must reconnect."""
        if not plans:
            return []
        extraction.progress.start(SOURCE, what, len(plans))
        failed: list[str] = []
        for result in side_by_side(read, plans, self._config.threads):
            if isinstance(result, Landing):
                extraction.lander.land(
                    result.report.stream,
                    result.table.rows,
                    cursors=result.cursors,
                    partitions=result.partitions,
                )
                continue
            extraction.progress.advance(SOURCE, what)
            if result.refusal:
                logger.warning("the reports of %s: %s", result.channel_id, result.refusal)
            if result.owner_error:
                failed.append(result.channel_id)
        return failed

    def check(self) -> str:
        """Ask for a few days of one channel."""
        tokens = self.tokens()
        if not tokens:
            raise CredentialsError(
                "No channel is connected: the platform has no refresh token.",
                hint="Let an owner connect a channel to the platform.",
            )
        api = self.api(CallLedger(None), lambda: datetime.now(UTC))
        today = pacific_day(datetime.now(UTC))
        days = Days(today - timedelta(days=7), today)
        lost = []
        for channel, token in sorted(tokens.items())[:_TRIED]:
            try:
                self.query(api, channel, token, None)(CHANNEL_CORE, days, ())
            except (OwnerError, RefusedError):
                lost.append(channel)
                continue
            return f"YouTube Analytics API: reports can be read; {len(tokens)} channels connected."
        raise must_reconnect(lost, _OF)

    def api(self, calls: CallLedger, clock: Callable[[], datetime]) -> GoogleApi:
        """Return a client of the API."""
        return GoogleApi(
            Api(
                title="YouTube Analytics API",
                name="youtubeAnalytics",
                version="v2",
                endpoint=self._config.endpoint,
                endpoint_setting="YOUTUBE_ANALYTICS_ENDPOINT and GOOGLE_TOKEN_URI",
            ),
            calls,
            backoff=self._config.backoff,
            timeout_seconds=self._config.timeout_seconds,
            clock=clock,
            sleep=self._sleep,
        )

    def query(
        self,
        api: GoogleApi,
        channel_id: str,
        token: RefreshToken,
        user_id: UUID | None,
        bucket: str = BUCKET,
    ) -> Ask:
        """Return what asks a question about a channel on behalf of its owner."""
        config = self._config
        credentials = owners_credentials(
            token.secret, config.client_id, config.client_secret, config.token_uri
        )
        owner = Owner(channel_id, credentials, user_id)

        def query(report: Question, days: Days, videos: Sequence[str]) -> JsonObject:
            request = api.service.reports().query(
                ids=f"channel=={channel_id}",
                startDate=days.first.isoformat(),
                endDate=days.last.isoformat(),
                metrics=",".join(report.metrics),
                dimensions=",".join(report.dimensions),
                filters=f"video=={','.join(videos)}" if videos else None,
            )
            return api.call(request, bucket, owner)

        return query


class _Asking:
    """Asks on behalf of the owners of one extraction's channels, with one token each."""

    def __init__(
        self, extractor: YouTubeAnalyticsExtractor, extraction: Extraction, bucket: str
    ) -> None:
        self._extractor = extractor
        self._bucket = bucket
        self._api = extractor.api(extraction.calls, extraction.lander.clock)
        self._tokens: Mapping[str, RefreshToken] | None = None
        self._queries: dict[str, Ask] = {}

    def able(self, plans: Sequence[P]) -> list[P]:
        """Return the channels whose owner gave us a token."""
        if not plans:
            return []
        if self._tokens is None:
            self._tokens = self._extractor.tokens()
            for plan in plans:
                if plan.channel_id not in self._tokens:
                    logger.warning("channel %s was never connected by its owner", plan.channel_id)
        return [plan for plan in plans if self._query(plan) is not None]

    def of(self, plan: ChannelPlan | BreakdownPlan) -> Ask:
        """Return what asks about a channel that is `able`."""
        return self._queries[plan.channel_id]

    def _query(self, plan: ChannelPlan | BreakdownPlan) -> Ask | None:
        token = (self._tokens or {}).get(plan.channel_id)
        if token is None:
            return None
        if plan.channel_id not in self._queries:
            self._queries[plan.channel_id] = self._extractor.query(
                self._api, plan.channel_id, token, plan.user_id, self._bucket
            )
        return self._queries[plan.channel_id]
