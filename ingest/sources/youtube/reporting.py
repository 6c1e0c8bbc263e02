"""The YouTube Reporting API: bulk reports, the only place of thumbnail impressions.

For each channel, on its owner's behalf::

    channels ─► jobs (created once) ─► reports by createdAfter ─► CSV ─► reporting_reach_basic, ...

A report is about a Pacific day. The newest report of a day replaces the day: a back-fill has an
old day and a new instant of creation.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from googleapiclient.errors import HttpError

from ingest.extraction import CallLedger, Extraction
from ingest.payload import JsonObject
from ingest.side_by_side import side_by_side
from ingest.sources.youtube import failures
from ingest.sources.youtube.client import Api, GoogleApi
from ingest.sources.youtube.failures import NonsenseError, OwnerError, RefusedError
from ingest.sources.youtube.owners import Owner, owners_credentials
from ingest.sources.youtube.pages import Pages
from ingest.sources.youtube.reporting_plan import (
    ReportingPlan,
    YouTubeReportingConfig,
    plan_reporting,
)
from ingest.sources.youtube.reporting_reading import Landing, Outcome, ReportingReading
from ingest.sources.youtube.resources import pacific_day
from ingest.sources.youtube.tokens import (
    RefreshToken,
    TokenStore,
    must_reconnect,
    platform_tokens,
)
from ingest.sources.youtube.windows import Asked
from warehouse.errors import CredentialsError, QuotaError

SOURCE = "youtube_reporting"
BUCKET = "reporting"
API = "youtubereporting"
DAILY_CALLS = 20_000  # as Google grants them
_OF = "the bulk reports of these channels"
_TRIED = 5
# 60 calls a minute are allowed: what the short waits between tries do not bridge, these do.
_MINUTES = 3
_HALF_A_MINUTE = 35.0

logger = logging.getLogger(__name__)


class YouTubeReportingExtractor:
    """Reads the owners' bulk reports with the tokens that they lent the platform."""

    name = SOURCE

    def __init__(
        self,
        config: YouTubeReportingConfig,
        token_store: TokenStore | None = None,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Take how to reach the API, and where the tokens are: by default in the platform."""
        self._config = config
        self._tokens = token_store or platform_tokens(
            config.platform_database_url, config.token_encryption_key
        )
        self._sleep = sleep

    def extract(self, extraction: Extraction) -> None:
        """Land the reports that are new, a channel at a time.

        Raises `CredentialsError` at the end where owners must reconnect their channels.
        """
        asked = Asked(pacific_day(extraction.as_of), extraction.since, extraction.until)
        plans = plan_reporting(
            extraction.lander, extraction.as_of, self._config, is_back_fill=asked.is_back_fill
        )
        if not plans:
            return
        api = self._api(extraction.calls, extraction.lander.clock)
        tokens = self._tokens()

        def read(plan: ReportingPlan) -> Iterator[Landing | Outcome]:
            calls = self._calls(api, plan.channel_id, tokens[plan.channel_id], plan.user_id)
            return ReportingReading(plan, asked, extraction.as_of, calls).read()

        able = _with_token(plans, tokens)
        extraction.progress.start(SOURCE, "channels", len(able))
        lost: list[str] = []
        for result in side_by_side(read, able, self._config.threads):
            if isinstance(result, Landing):
                extraction.lander.land(
                    result.stream,
                    result.rows,
                    cursors=result.cursors,
                    partitions=result.partitions,
                )
                continue
            extraction.progress.advance(SOURCE, "channels")
            for refusal in result.refusals:
                logger.warning("the bulk reports of %s: %s", result.channel_id, refusal)
            if result.owner_error:
                lost.append(result.channel_id)
        if lost:
            raise must_reconnect(lost, _OF)

    def check(self) -> str:
        """Ask for the jobs of one channel."""
        tokens = self._tokens()
        if not tokens:
            raise CredentialsError(
                "No channel is connected: the platform has no refresh token.",
                hint="Let an owner connect a channel to the platform.",
            )
        api = self._api(CallLedger(None), lambda: datetime.now(UTC))
        lost = []
        for channel, token in sorted(tokens.items())[:_TRIED]:
            try:
                self._calls(api, channel, token, None).jobs()
            except (OwnerError, RefusedError):
                lost.append(channel)
                continue
            return f"YouTube Reporting API: jobs can be read; {len(tokens)} channels connected."
        raise must_reconnect(lost, _OF)

    def _api(self, calls: CallLedger, clock: Callable[[], datetime]) -> GoogleApi:
        return GoogleApi(
            Api(
                title="YouTube Reporting API",
                name=API,
                version="v1",
                endpoint=self._config.endpoint,
                endpoint_setting="YOUTUBE_REPORTING_ENDPOINT and GOOGLE_TOKEN_URI",
            ),
            calls,
            backoff=self._config.backoff,
            timeout_seconds=self._config.timeout_seconds,
            clock=clock,
            sleep=self._sleep,
        )

    def _calls(
        self, api: GoogleApi, channel_id: str, token: RefreshToken, user_id: UUID | None
    ) -> _OwnersCalls:
        config = self._config
        credentials = owners_credentials(
            token.secret, config.client_id, config.client_secret, config.token_uri
        )
        return _OwnersCalls(api, Owner(channel_id, credentials, user_id), self._sleep)


class _OwnersCalls:
    """Asks on behalf of a channel's owner (see `ReportingCalls`)."""

    def __init__(self, api: GoogleApi, owner: Owner, sleep: Callable[[float], None]) -> None:
        self._api, self._owner, self._sleep = api, owner, sleep
        self._service = api.service

    def jobs(self) -> list[JsonObject]:
        jobs = self._pages(self._service.jobs().list, "jobs")
        return [job for job in jobs if isinstance(job, dict)]

    def create_job(self, report_type: str) -> JsonObject:
        body = {"reportTypeId": report_type, "name": f"ytempire {report_type}"}
        return self._call(self._service.jobs().create(body=body))

    def reports(self, job_id: str, **asked: str) -> list[Any]:
        def listing(**page: str | None) -> Any:
            return self._service.jobs().reports().list(jobId=job_id, **asked, **page)

        return self._pages(listing, "reports")

    def download(self, resource_name: str) -> bytes:
        request = self._service.media().download_media(resourceName=resource_name)
        request.postproc = _whole
        content: Any = self._call(request)  # bytes: `_whole` gives them as they are
        return bytes(content)

    def _pages(self, listing: Callable[..., Any], name: str) -> list[Any]:
        """Return the items of all pages; a list without items is absent."""
        found: list[Any] = []
        pages = Pages()
        while True:
            answer = self._call(listing(pageToken=pages.token))
            items = answer.get(name, [])
            found += items if isinstance(items, list) else [items]
            if not pages.turn(answer):
                return found

    def _call(self, request: Any) -> JsonObject:
        """Send a request, again some time later where the minute's calls are used up."""
        for _ in range(_MINUTES - 1):
            try:
                return self._api.call(request, BUCKET, self._owner)
            except QuotaError as error:
                if not _is_of_the_minute(error):
                    raise
            self._sleep(_HALF_A_MINUTE)
        return self._api.call(request, BUCKET, self._owner)


def _is_of_the_minute(error: QuotaError) -> bool:
    """Tell a rate limit, which passes by itself, from a day's quota."""
    cause = error.__cause__
    return isinstance(cause, HttpError) and not failures.read_failure(cause).is_day_quota


def _whole(_: Any, content: bytes) -> bytes:
    """Return the CSV of an answer. Raises `NonsenseError` where it is cut."""
    if not content.endswith(b"\n"):
        msg = "its report ends in the middle of a line"
        raise NonsenseError(msg)
    return content


def _with_token(
    plans: Sequence[ReportingPlan], tokens: Mapping[str, RefreshToken]
) -> list[ReportingPlan]:
    """Return the channels whose owner gave us a token."""
    for plan in plans:
        if plan.channel_id not in tokens:
            logger.warning("channel %s was never connected by its owner", plan.channel_id)
    return [plan for plan in plans if plan.channel_id in tokens]
