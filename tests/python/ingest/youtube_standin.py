"""A small world behind the stand-ins of YouTube, and a warehouse that reads it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import pytest

from ingest.extraction import CallLedger, Extraction
from ingest.landing import Lander, Row
from ingest.retrying import Backoff
from ingest.sources.youtube.analytics import YouTubeAnalyticsExtractor
from ingest.sources.youtube.config import YouTubeAnalyticsConfig, YouTubeDataConfig
from ingest.sources.youtube.data import YouTubeDataExtractor
from ingest.sources.youtube.tokens import RefreshToken
from ingest.streams import Stream, platform_stream
from simulator.http.faults import Fault
from simulator.http.server import Running, running
from simulator.world.model import Channel, Video
from simulator.world.synthetic import SyntheticWorld
from warehouse.connection import WarehouseTarget, connect

START = date(2026, 11, 2)
AS_OF = datetime(2026, 11, 14, 12, 5, tzinfo=UTC)
SEED = 7
QUICKLY = Backoff(attempts=2, max_seconds=2, first_wait_seconds=0.01)
QUOTA = 100_000
TEN = 10  # channels; the world has more


def small_world(as_of: datetime = AS_OF) -> SyntheticWorld:
    """Return a small world of 12 days."""
    return SyntheticWorld(SEED, "small", as_of, START)


@dataclass
class Stage:
    """A warehouse and, while it is `open`, a world behind stand-ins."""

    lander: Lander
    world: SyntheticWorld
    running: Running
    as_of: datetime
    ledger: CallLedger = field(default_factory=lambda: CallLedger(None))
    tokens: dict[str, RefreshToken] = field(default_factory=dict)

    @property
    def channels(self) -> list[Channel]:
        """Return ten channels, among them one that is not monetised and one that hides counts."""
        plain = [(c.is_monetised and not c.hides_subscribers, c) for c in self.world.channels]
        return [channel for _, channel in sorted(plain, key=lambda pair: pair[0])][:TEN]

    def public_videos(self) -> dict[str, Video]:
        return {
            video.youtube_video_id: video
            for channel in self.channels
            for video in self.world.videos(channel.youtube_channel_id)
            if video.status == "published" and video.youtube_video_id
        }

    def extraction(self, since: date | None = None, until: date | None = None) -> Extraction:
        return Extraction(self.lander, self.as_of, since, until, calls=self.ledger)

    def read_data(self, **settings: Any) -> None:
        given = {
            "api_key": self.running.environment["YOUTUBE_API_KEY"],
            "endpoint": self.running.environment["YOUTUBE_DATA_ENDPOINT"],
            "backoff": QUICKLY,
            **settings,
        }
        YouTubeDataExtractor(YouTubeDataConfig(**given)).extract(self.extraction())

    def analytics(self, **settings: Any) -> YouTubeAnalyticsExtractor:
        environment = self.running.environment
        given = {
            "client_id": environment["GOOGLE_CLIENT_ID"],
            "client_secret": environment["GOOGLE_CLIENT_SECRET"],
            "token_uri": environment["GOOGLE_TOKEN_URI"],
            "endpoint": environment["YOUTUBE_ANALYTICS_ENDPOINT"],
            "backoff": QUICKLY,
            "with_audience": False,
            **settings,
        }
        return YouTubeAnalyticsExtractor(YouTubeAnalyticsConfig(**given), lambda: self.tokens)

    def read_analytics(
        self, since: date | None = None, until: date | None = None, **settings: Any
    ) -> None:
        self.analytics(**settings).extract(self.extraction(since, until))

    def calls(self) -> Counter[str]:
        """Return how many calls each method got since the stand-ins began."""
        counts: Counter[str] = Counter()
        for name in ("youtube_data", "youtube_analytics", "oauth"):
            for call, count in self.running.services[name].calls.items():
                counts[call.rpartition("/")[2]] += count
        return counts

    def landed(self) -> Counter[str]:
        """Return the rows changed by stream since the last time, quarantined ones as `bad`."""
        counts: Counter[str] = Counter()
        for stream, result in self.lander.results:
            counts[stream.name] += result.rows_landed
            counts["bad"] += result.rows_quarantined
        self.lander.results.clear()
        return +counts

    def select(self, stream: Stream, columns: str, where: str = "true") -> list[tuple[Any, ...]]:
        return self.lander.query(
            f"select {columns} from {stream.table} where {where} order by {', '.join(stream.keys)}"
        )

    def quarantine(self) -> list[tuple[str, str, str]]:
        return self.lander.query(
            "select stream, location, reason from ops.quarantine order by quarantine_id"
        )  # type: ignore[return-value]

    def connect_channels(self, channels: Sequence[tuple[str, str, str]]) -> None:
        """Land the platform's channels: platform id, YouTube id, user id."""
        rows = [
            Row(
                (identity, self.as_of),
                {"youtube_channel_id": youtube, "user_id": user, "status": "active"},
            )
            for identity, youtube, user in channels
        ]
        self.lander.land(platform_stream("channels"), rows)


@contextmanager
def lander_of(target: WarehouseTarget) -> Iterator[Lander]:
    with Lander(lambda: connect(target), None, lambda: datetime.now(UTC)) as lander:
        yield lander


@pytest.fixture
def fresh_lander(migrated_warehouse: WarehouseTarget) -> Iterator[Lander]:
    """Land in a warehouse of the test's own; a module of tests names it `lander`."""
    with lander_of(migrated_warehouse) as lander:
        yield lander


@contextmanager
def on_stage(
    lander: Lander,
    as_of: datetime = AS_OF,
    *,
    faults: Mapping[str, Fault] | None = None,
    daily_quota: int = QUOTA,
    world: SyntheticWorld | None = None,
) -> Iterator[Stage]:
    """Serve the world of an instant, its channels known to the warehouse."""
    world = world or small_world(as_of)
    with running(world, faults=faults, daily_quota=daily_quota) as stand_ins:
        stage = Stage(lander, world, stand_ins, as_of)
        stage.tokens = {
            each.youtube_channel_id: RefreshToken(each.refresh_token) for each in stage.channels
        }
        stage.connect_channels(
            [
                (str(each.platform_channel_id), each.youtube_channel_id, str(each.user_id))
                for each in stage.channels
            ]
        )
        lander.results.clear()
        yield stage
