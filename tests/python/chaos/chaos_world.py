"""A very small world whose story is told while it happens: figures change, things come and go.

Two users and two channels at first: ALPHA is monetised, BETA is not and hides its subscribers.
`Story` holds what happened; `World` is how things stand at one instant, for the stand-ins.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import psycopg

from simulator.platform import rows
from simulator.platform.fill import fill, sealed_tokens
from simulator.world.days import last_report_day, pacific_date
from simulator.world.model import (
    Channel,
    ChannelCounters,
    Counters,
    ElevenLabsUsage,
    Invoice,
    InvoiceLine,
    OpenAICost,
    Price,
    Product,
    Refund,
    ReportDay,
    Subscription,
    User,
    Video,
)

BEGIN = datetime(2026, 5, 3, 9, tzinfo=UTC)
FIRST_DAY = date(2026, 5, 3)
NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)
_DAY = timedelta(days=1)


def _user(number: int) -> User:
    return User(
        user_id=UUID(int=number),
        email=f"user{number}@example.com",
        full_name=f"User {number}",
        signup_at=BEGIN,
        subscription_tier="growth",
        status="active",
        acquisition_channel="organic",
        country="DE",
        time_zone="Europe/Berlin",
        stripe_customer_id=f"cus_{number}",
        target_revenue_usd=Decimal("10000.00"),
        updated_at=BEGIN,
    )


def _channel(number: int, at: datetime) -> Channel:
    name = f"Channel {number}"
    return Channel(
        platform_channel_id=UUID(int=100 + number),
        youtube_channel_id="UC" + chr(ord("a") + number) * 22,
        user_id=UUID(int=1 + number % 2),
        name=name,
        handle=f"@channel{number}",
        niche="technology",
        status="active",
        tier="standard",
        published_at=at,
        connected_at=at,
        country="DE",
        refresh_token=f"1//{number}",
        is_monetised=number % 2 == 0,
        hides_subscribers=number % 2 == 1,
        monthly_revenue_target_usd=Decimal("2000.00"),
        updated_at=at,
    )


def _video(channel: Channel, number: int, at: datetime) -> Video:
    return Video(
        platform_video_id=UUID(int=1000 + number),
        youtube_channel_id=channel.youtube_channel_id,
        youtube_video_id=f"vid{number:08d}",
        title=f"Video №{number}",
        description="About it.",
        tags=("one", "two words"),
        category_id="28",
        content_type="tutorial",
        generation_method="ai",
        duration_seconds=61 + number,
        status="published",
        queued_at=at - timedelta(hours=2),
        generation_started_at=None,
        generation_completed_at=None,
        uploaded_at=at,
        published_at=at,
        hides_likes=number == 3,
        comments_disabled=number == 4,
        updated_at=at,
    )


@dataclass
class Story:
    """What happened until `now`."""

    now: datetime = NOW
    channels: list[Channel] = field(default_factory=list)
    videos: list[Video] = field(default_factory=list)
    gone: set[UUID] = field(default_factory=set)  # of the platform's channels and videos
    revoked: set[str] = field(default_factory=set)  # refresh tokens
    core_told_anew: Counter[tuple[str, date]] = field(default_factory=Counter)
    revenue_told_anew: Counter[tuple[str, date]] = field(default_factory=Counter)
    restated_at: dict[tuple[str, date], datetime] = field(default_factory=dict)
    expenses: list[str] = field(default_factory=list)
    users: list[User] = field(default_factory=lambda: [_user(1), _user(2)])

    def __post_init__(self) -> None:
        for number in range(2):
            self.add_channel(BEGIN, videos=2 - number)
        self.expenses += ["2026-05-14,marketing,paid_ads,Ads Ltd,Ads,120.50,USD", "someday,,,,,,"]

    def add_channel(self, at: datetime | None = None, videos: int = 1) -> None:
        """Let a user connect one more channel."""
        at = at or self.now
        self.channels.append(_channel(len(self.channels), at))
        for _ in range(videos):
            self.add_video(len(self.channels) - 1, at)

    def add_video(self, channel: int, at: datetime | None = None) -> None:
        """Publish one more video."""
        number = len(self.videos)
        self.videos.append(_video(self.channels[channel], number, at or self.now))

    def change_user(self, user: int) -> None:
        """Change a user's row in the platform, and nothing that Stripe knows of them."""
        known = self.users[user]
        aim = known.target_revenue_usd + 1
        self.users[user] = replace(known, target_revenue_usd=aim, updated_at=self.now)

    def restate(self, youtube_channel_id: str, day: date, *, money: bool = False) -> None:
        """Let YouTube tell other figures of a day from now on; of money alone where it says so."""
        if money:
            self.revenue_told_anew[youtube_channel_id, day] += 1
        else:
            self.core_told_anew[youtube_channel_id, day] += 1
            self.restated_at[youtube_channel_id, day] = self.now

    @property
    def present_channels(self) -> list[Channel]:
        return [each for each in self.channels if each.platform_channel_id not in self.gone]

    @property
    def present_videos(self) -> list[Video]:
        there = {channel.youtube_channel_id for channel in self.present_channels}
        return [
            each
            for each in self.videos
            if each.platform_video_id not in self.gone and each.youtube_channel_id in there
        ]

    def days(self, within: int) -> list[date]:
        """Return the last days that YouTube has processed, the latest first."""
        last = last_report_day(self.now)
        return [last - n * _DAY for n in range(within) if last - n * _DAY >= FIRST_DAY]

    def world(self) -> World:
        """Return how things stand now."""
        return World(self)

    def write_platform(self, database_url: str, key: str) -> None:
        """Make the platform's database say how things stand now."""
        with psycopg.connect(database_url) as connection:
            owners = {each.youtube_channel_id: each for each in self.present_channels}
            fill(connection, [rows.users_table(self.users)])
            tokens = sealed_tokens(connection, owners.values(), key)
            videos = [(owners[each.youtube_channel_id], each) for each in self.present_videos]
            fill(
                connection,
                [rows.channels_table(owners.values(), tokens), rows.videos_table(videos)],
            )
            for table, column, kept in (
                ("videos", "video_id", [each.platform_video_id for _, each in videos]),
                ("channels", "channel_id", [each.platform_channel_id for each in owners.values()]),
            ):
                connection.execute(
                    f"delete from ytempire.{table} where not {column} = any(%s)", (kept,)
                )

    def write_expenses(self, directory: Path) -> None:
        """Write the month's expenses; one row can never be read."""
        header = "date,department,category,vendor,description,amount,currency"
        text = "\n".join([header, *self.expenses]) + "\n"
        (directory / "expenses-2026-05.csv").write_text(text, encoding="utf-8")


def minutes_since_begin(instant: datetime) -> int:
    """Return what counters grow with."""
    return int((instant - BEGIN) / timedelta(minutes=1))


class World:
    """A `simulator.world.model.World`: the story as it stands."""

    def __init__(self, story: Story) -> None:
        self.as_of = story.now
        self.first_day = FIRST_DAY
        self.last_report_day = last_report_day(story.now)
        self.users: Sequence[User] = tuple(story.users)
        self.customers: Sequence[User] = self.users
        self.channels: Sequence[Channel] = tuple(story.present_channels)
        self._videos = tuple(story.present_videos)
        self._ever = tuple(story.videos)
        self._restated_at = dict(story.restated_at)
        self._core, self._revenue = story.core_told_anew.copy(), story.revenue_told_anew.copy()
        self.products: Sequence[Product] = [Product("prod_1", "Growth", BEGIN, {"tier": "growth"})]
        self.prices: Sequence[Price] = [
            Price(
                *("price_1", "prod_1", BEGIN, 9900, Decimal("9900"), "month", 1, "licensed"),
                *("Growth monthly", {"tier": "growth"}),
            )
        ]
        self.subscriptions: Sequence[Subscription] = []
        self.refunds: Sequence[Refund] = []
        self.invoices: Sequence[Invoice] = list(self._bill())
        self.openai_costs: Sequence[OpenAICost] = [
            OpenAICost(day, "proj_1", "gpt", Decimal(spent) / 8) for day, spent in self._spent()
        ]
        self.elevenlabs_usage: Sequence[ElevenLabsUsage] = [
            ElevenLabsUsage(day, "text-to-speech", spent, Decimal(spent) / 100)
            for day, spent in self._spent()
        ]

    def _spent(self) -> Iterator[tuple[date, int]]:
        """Yield the UTC days and what they cost so far; each grows for thirty hours."""
        day = BEGIN.date()
        while day <= self.as_of.date():
            age = self.as_of - datetime(day.year, day.month, day.day, tzinfo=UTC)
            yield day, min(int(age / timedelta(minutes=15)), 120) + 1
            day += _DAY

    def _bill(self) -> Iterator[Invoice]:
        """Yield an invoice a day, which is paid thirty hours later."""
        created, number = BEGIN, 0
        while created + timedelta(hours=1) <= self.as_of:
            number += 1
            paid_at = created + timedelta(hours=30)
            is_paid = paid_at <= self.as_of
            yield Invoice(
                invoice_id=f"in_{number:03d}",
                number=f"A-{number:04d}",
                customer_id=f"cus_{1 + number % 2}",
                subscription_id=None,
                status="paid" if is_paid else "open",
                billing_reason="manual",
                created_at=created,
                finalized_at=created + timedelta(hours=1),
                paid_at=paid_at if is_paid else None,
                period_start=created,
                period_end=created,
                lines=(
                    InvoiceLine(
                        *(f"il_{number:03d}", "A line", 1000, 0, None, None, 1),
                        *(Decimal(1000), False, None, None, created, created),
                    ),
                ),
            )
            created += _DAY

    def videos(self, youtube_channel_id: str) -> Sequence[Video]:
        return [each for each in self._videos if each.youtube_channel_id == youtube_channel_id]

    def find_video(self, youtube_video_id: str) -> Video | None:
        found = (each for each in self._videos if each.youtube_video_id == youtube_video_id)
        return next(found, None)

    def counters(self, video: Video) -> Counters:
        steps = minutes_since_begin(self.as_of)
        number = int(str(video.youtube_video_id)[3:])
        return Counters(views=10 * steps + number, likes=steps, comments=number)

    def channel_counters(self, channel: Channel) -> ChannelCounters:
        steps = minutes_since_begin(self.as_of)
        videos = len(self.videos(channel.youtube_channel_id))
        return ChannelCounters(views=100 * steps, subscribers=123_456, videos=videos)

    def restatements(self, youtube_channel_id: str) -> dict[date, datetime]:
        """Return when the days of a channel were restated last: bulk reports are made anew."""
        return {
            day: at
            for (channel, day), at in self._restated_at.items()
            if channel == youtube_channel_id
        }

    def channel_days(self, youtube_channel_id: str, start: date, end: date) -> list[ReportDay]:
        """Return the sums of all videos that there ever were: those deleted count on."""
        days: dict[date, ReportDay] = {}
        videos = [each for each in self._ever if each.youtube_channel_id == youtube_channel_id]
        for _, day in self._days(youtube_channel_id, videos, start, end):
            days[day.day] = _sum(days[day.day], day) if day.day in days else day
        return list(days.values())

    def video_days(
        self, youtube_channel_id: str, youtube_video_ids: Sequence[str], start: date, end: date
    ) -> Iterator[tuple[str, ReportDay]]:
        videos = [each for each in self._videos if each.youtube_video_id in youtube_video_ids]
        return self._days(youtube_channel_id, videos, start, end)

    def _days(
        self, youtube_channel_id: str, videos: Sequence[Video], start: date, end: date
    ) -> Iterator[tuple[str, ReportDay]]:
        day = max(start, self.first_day)
        while day <= min(end, self.last_report_day):
            place = (youtube_channel_id, day)
            for video in videos:
                identity, published = str(video.youtube_video_id), video.published_at
                if published is not None and pacific_date(published) <= day:
                    number = 1 + int(identity[3:])
                    yield (
                        identity,
                        _report_day(day, number, self._core[place], self._revenue[place]),
                    )
            day += _DAY


def _report_day(day: date, number: int, core: int, revenue: int) -> ReportDay:
    views = 100 * number + 3 * day.day + 7 * core
    mills = 12_345 * number + 11 * revenue + 5 * core
    return ReportDay(
        day=day,
        views=views,
        engaged_views=views * 8 // 10,
        minutes_watched=2 * views,
        full_minutes=Decimal(3 * views),
        likes=9 * number + core,
        dislikes=number,
        comments=3 * number,
        shares=2 * number,
        subscribers_gained=number,
        subscribers_lost=0,
        revenue_mills=mills,
        ad_revenue_mills=mills - 345,
        red_partner_revenue_mills=345,
        gross_revenue_mills=2 * mills,
        monetized_playbacks=70 * number,
        ad_impressions=90 * number,
    )


def _sum(one: ReportDay, other: ReportDay) -> ReportDay:
    return ReportDay(
        one.day,
        *(
            getattr(one, name) + getattr(other, name)
            for name in ReportDay.__slots__  # in the order of the fields
            if name != "day"
        ),
    )
