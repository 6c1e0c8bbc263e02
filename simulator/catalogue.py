"""A world of real videos, out of a CSV in the format of the trending-videos data sets.

One platform user owns a channel for each channel title. The videos are on YouTube, but the
platform did not make them. Counters are those of a video's last day in the file; report days are
the differences between its days (nothing is known of its first). There is no billing, no cost and
no revenue, and what the file does not tell is not made up: a duration is 0, subscribers are
hidden. How the file is read: `simulator.catalogue_rows`.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from uuid import NAMESPACE_URL, UUID, uuid5

from simulator import catalogue_output as output
from simulator.catalogue_rows import CatalogueError, Rejected, Row, histories, read_rows
from simulator.world.model import (
    Channel,
    ChannelCounters,
    Counters,
    ElevenLabsUsage,
    Invoice,
    OpenAICost,
    Price,
    Product,
    Refund,
    ReportDay,
    Subscription,
    User,
    Video,
)

REPORT_LAG_DAYS = 3
_CATEGORIES = {
    "1": "film",
    "2": "vehicles",
    "10": "music",
    "15": "animals",
    "17": "sports",
    "19": "travel",
    "20": "gaming",
    "22": "people",
    "23": "comedy",
    "24": "entertainment",
    "25": "news",
    "26": "lifestyle",
    "27": "education",
    "28": "technology",
    "29": "activism",
    "43": "shows",
}


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def channel_id(title: str) -> str:
    """Return the YouTube id that stands for a channel's title: the file has none."""
    return "UC" + base64.urlsafe_b64encode(_digest(f"channel:{title}")).decode()[:22]


def platform_video_id(youtube_video_id: str) -> UUID:
    """Return the id the warehouse gives to a video that the platform did not make."""
    # not for security: the warehouse's rule for such ids
    return UUID(hashlib.md5(f"youtube:{youtube_video_id}".encode()).hexdigest())  # noqa: S324


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


class CatalogueWorld:
    """The world of a catalogue. `rejected` lists the rows of the file that could not be used."""

    customers: Sequence[User] = ()
    products: Sequence[Product] = ()
    prices: Sequence[Price] = ()
    subscriptions: Sequence[Subscription] = ()
    invoices: Sequence[Invoice] = ()
    refunds: Sequence[Refund] = ()
    openai_costs: Sequence[OpenAICost] = ()
    elevenlabs_usage: Sequence[ElevenLabsUsage] = ()

    def __init__(
        self,
        csv_path: Path,
        as_of: datetime | None = None,
        token_encryption_key: str | None = None,
    ) -> None:
        """Read the file. Without `as_of` the world ends at midnight after the file's last day."""
        read = list(read_rows(csv_path))
        self.rejected = [entry for entry in read if isinstance(entry, Rejected)]
        rows = [entry for entry in read if isinstance(entry, Row)]
        if as_of is not None:
            rows = [row for row in rows if _midnight(row.day) <= as_of]
        if not rows:
            raise CatalogueError(f"{csv_path} has no video to serve.")
        last_day = max(row.day for row in rows)
        self.as_of = as_of or _midnight(last_day + timedelta(days=1))
        self.first_day = min(row.day for row in rows)
        processed = self.as_of.date() - timedelta(days=REPORT_LAG_DAYS)
        self.last_report_day = min(last_day, processed)
        self._key = token_encryption_key
        self._history: dict[str, list[Row]] = histories(rows)
        self._videos = self._make_videos()
        self._by_channel: dict[str, list[Video]] = defaultdict(list)
        for video in self._videos.values():
            self._by_channel[video.youtube_channel_id].append(video)
        self.users: Sequence[User] = [self._make_user()]
        self.channels: Sequence[Channel] = self._make_channels()

    def _make_videos(self) -> dict[str, Video]:
        videos = []
        for identity, history in self._history.items():
            first, last = _midnight(history[0].day), history[-1]
            videos.append(
                Video(
                    platform_video_id=platform_video_id(identity),
                    youtube_channel_id=channel_id(last.channel_title),
                    youtube_video_id=identity,
                    title=last.title,
                    description="",
                    tags=last.tags,
                    category_id=last.category_id,
                    content_type="entertainment",
                    generation_method="none",
                    duration_seconds=0,
                    status="published",
                    queued_at=first,
                    generation_started_at=None,
                    generation_completed_at=None,
                    uploaded_at=first,
                    published_at=first,
                    hides_likes=last.likes is None,
                    comments_disabled=last.comments is None,
                    updated_at=_midnight(last.day),
                )
            )
        videos.sort(key=lambda video: (video.queued_at, video.youtube_video_id))
        return {str(video.youtube_video_id): video for video in videos}

    def _make_user(self) -> User:
        since = _midnight(self.first_day)
        return User(
            user_id=uuid5(NAMESPACE_URL, "ytempire:catalogue:user"),
            email="catalogue@example.com",
            full_name="Catalogue Owner",
            signup_at=since,
            subscription_tier="enterprise",
            status="active",
            acquisition_channel="organic",
            country="US",
            time_zone="America/Los_Angeles",
            stripe_customer_id="",
            target_revenue_usd=Decimal("10000.00"),
            updated_at=since,
        )

    def _make_channels(self) -> list[Channel]:
        """Return a channel for each title that a video has on its last day, by title."""
        owner = self.users[0]
        titles = {history[-1].channel_title for history in self._history.values()}
        channels = []
        for title in sorted(titles):
            identity = channel_id(title)
            since = self._by_channel[identity][0].queued_at
            categories = Counter(video.category_id for video in self._by_channel[identity])
            slug = re.sub(r"[^a-z0-9]+", "", title.lower())[:20]
            channels.append(
                Channel(
                    platform_channel_id=uuid5(NAMESPACE_URL, f"ytempire:catalogue:{identity}"),
                    youtube_channel_id=identity,
                    user_id=owner.user_id,
                    name=title,
                    handle=f"@{slug}{_digest(title).hex()[:8]}",
                    niche=_CATEGORIES.get(categories.most_common(1)[0][0], "other"),
                    status="active",
                    tier="standard",
                    published_at=since,
                    connected_at=since,
                    country="US",
                    refresh_token="1//" + _digest(f"refresh:{title}").hex()[:40],
                    is_monetised=False,
                    hides_subscribers=True,
                    monthly_revenue_target_usd=Decimal("2000.00"),
                    updated_at=since,
                )
            )
        return channels

    def videos(self, youtube_channel_id: str) -> Sequence[Video]:
        """Return the channel's videos, oldest first."""
        return self._by_channel.get(youtube_channel_id, [])

    def find_video(self, youtube_video_id: str) -> Video | None:
        """Return the video with that YouTube id, None where there is none."""
        return self._videos.get(youtube_video_id)

    def counters(self, video: Video) -> Counters:
        """Return the counters of the video's last day."""
        last = self._history[str(video.youtube_video_id)][-1]
        return Counters(last.views or 0, last.likes or 0, last.comments or 0)

    def channel_counters(self, channel: Channel) -> ChannelCounters:
        """Return the sum of the counters of the channel's videos."""
        videos = self.videos(channel.youtube_channel_id)
        return ChannelCounters(sum(self.counters(v).views for v in videos), 0, len(videos))

    def channel_days(self, youtube_channel_id: str, start: date, end: date) -> list[ReportDay]:
        """Return the sums of the channel's video days."""
        sums: dict[date, list[int]] = {}
        for video in self.videos(youtube_channel_id):
            for day in self._days(str(video.youtube_video_id), start, end):
                found = sums.setdefault(day.day, [0, 0, 0, 0])
                for n, value in enumerate((day.views, day.likes, day.dislikes, day.comments)):
                    found[n] += value
        return [_report_day(day, *sums[day]) for day in sorted(sums)]

    def video_days(
        self, youtube_channel_id: str, youtube_video_ids: Sequence[str], start: date, end: date
    ) -> Iterator[tuple[str, ReportDay]]:
        """Yield (YouTube video id, report day), by day then video, days without views left out."""
        found = [
            (day.day, identity, day)
            for identity in youtube_video_ids
            if identity in self._videos
            and self._videos[identity].youtube_channel_id == youtube_channel_id
            for day in self._days(identity, start, end)
            if day.views
        ]
        for _, identity, day in sorted(found, key=lambda entry: entry[:2]):
            yield identity, day

    def _days(self, youtube_video_id: str, start: date, end: date) -> Iterator[ReportDay]:
        """Yield what was added between one day of the file and the next; takings-back are 0."""
        history = self._history[youtube_video_id]
        last = min(end, self.last_report_day)
        for before, after in pairwise(history):
            if start <= after.day <= last:
                yield _report_day(
                    after.day,
                    *(
                        max(0, (getattr(after, name) or 0) - (getattr(before, name) or 0))
                        for name in ("views", "likes", "dislikes", "comments")
                    ),
                )

    def fill_platform(self, database_url: str) -> None:
        """Write the user and the channels; videos are none, for the platform made none."""
        output.fill_platform(database_url, self.users[0], self.channels, self._key)

    def write_expenses(self, directory: Path) -> None:
        """Write no expense file: a catalogue costs nothing."""

    def write_infrastructure_costs(self, directory: Path) -> None:
        """Write no file of infrastructure costs."""

    def write_truth(self, directory: Path) -> None:
        """Write the truth: videos and channel days; bills and costs are empty."""
        days = [
            (channel.youtube_channel_id, day)
            for channel in self.channels
            for day in self.channel_days(
                channel.youtube_channel_id, self.first_day, self.last_report_day
            )
        ]
        videos = [(video, self.counters(video).views) for video in self._videos.values()]
        summary = {
            "users": len(self.users),
            "channels": len(self.channels),
            "videos": len(videos),
            "channel_days": len(days),
            "rejected_rows": len(self.rejected),
        }
        output.write_truth(directory, days, videos, summary)


def _report_day(day: date, views: int, likes: int, dislikes: int, comments: int) -> ReportDay:
    """Return a report day with what a catalogue knows, and 0 for what it does not."""
    return ReportDay(
        day=day,
        views=views,
        engaged_views=views,
        minutes_watched=0,
        full_minutes=Decimal(0),
        likes=likes,
        dislikes=dislikes,
        comments=comments,
        shares=0,
        subscribers_gained=0,
        subscribers_lost=0,
        revenue_mills=0,
        ad_revenue_mills=0,
        red_partner_revenue_mills=0,
        gross_revenue_mills=0,
        monetized_playbacks=0,
        ad_impressions=0,
    )
