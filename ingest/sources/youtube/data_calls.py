"""The four methods of the Data API that are used, fifty ids or rows a call."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from ingest.extraction import CallLedger
from ingest.payload import JsonObject
from ingest.sources.youtube.client import Api, GoogleApi
from ingest.sources.youtube.config import YouTubeDataConfig
from ingest.sources.youtube.quota import API, DEFAULT_BUCKET, STATS_BUCKET, Budget

MOST_IDS = 50


class DataCalls:
    """Calls with an API key; may be used by several threads at once."""

    def __init__(
        self,
        config: YouTubeDataConfig,
        calls: CallLedger,
        clock: Callable[[], datetime],
        sleep: Callable[[float], None] = time.sleep,
        budget: Budget | None = None,
    ) -> None:
        """Prepare the client; nothing is sent yet. A budget must allow each call."""
        self._google = GoogleApi(
            Api(
                title="YouTube Data API",
                name=API,
                version="v3",
                endpoint=config.endpoint,
                endpoint_setting="YOUTUBE_DATA_ENDPOINT",
                api_key=config.api_key,
            ),
            calls,
            backoff=config.backoff,
            timeout_seconds=config.timeout_seconds,
            clock=clock,
            sleep=sleep,
            budget=budget,
        )

    def channels(
        self, ids: Sequence[str], parts: str = "snippet,contentDetails,statistics,status"
    ) -> JsonObject:
        """Ask for at most fifty channels."""
        request = self._google.service.channels().list(
            part=parts, id=",".join(ids), maxResults=MOST_IDS
        )
        return self._google.call(request, DEFAULT_BUCKET)

    def playlist_items(
        self, playlist: str, page_token: str | None, user_id: UUID | None = None
    ) -> JsonObject:
        """Ask for a full page of a playlist; of uploads, the newest come first."""
        request = self._google.service.playlistItems().list(
            part="snippet,contentDetails,status",
            playlistId=playlist,
            maxResults=MOST_IDS,
            pageToken=page_token,
        )
        return self._google.call(request, DEFAULT_BUCKET, user_id=user_id)

    def videos(self, ids: Sequence[str]) -> JsonObject:
        """Ask for at most fifty videos with everything about them."""
        request = self._google.service.videos().list(
            part="snippet,contentDetails,statistics,status", id=",".join(ids)
        )
        return self._google.call(request, DEFAULT_BUCKET)

    def stats(self, ids: Sequence[str]) -> JsonObject:
        """Ask for the counters alone of at most fifty videos, from a bucket of their own."""
        request = self._google.service.videos().batchGetStats(part="statistics", id=",".join(ids))
        return self._google.call(request, STATS_BUCKET)
