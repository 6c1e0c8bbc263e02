"""The synthetic world: a whole platform told from a seed, at an instant.

The same arguments always give the same world, to the byte. A later `as_of` with the same `start`
continues it: what was told before stays, but for figures that YouTube restated in between.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

import numpy as np

from simulator.world.billing import PriceList, invoices_of
from simulator.world.channels import channels_of
from simulator.world.days import (
    add_months,
    first_instant,
    last_report_day,
    month_start,
)
from simulator.world.lives import HISTORY_MONTHS
from simulator.world.model import (
    Channel,
    ChannelCounters,
    Counters,
    ElevenLabsUsage,
    Invoice,
    OpenAICost,
    Price,
    Product,
    ReportDay,
    Subscription,
    User,
    Video,
)
from simulator.world.people import SCALES, people
from simulator.world.random_streams import Ints, VideoIds
from simulator.world.reports import ChannelFigures, Figures, PublicCounts, report_days
from simulator.world.videos import VideoMaker, VideoPlan, plan_videos

T = TypeVar("T")

_FIGURES_KEPT = 16  # channels; a channel's figures of 90 days take some 2 MB
_VIDEOS_KEPT = 512  # channels
_COLUMNS = (
    "views", "engaged_views", "minutes_watched", "full_seconds", "likes", "dislikes", "comments",
    "shares", "subscribers_gained", "subscribers_lost", "revenue_mills", "ad_revenue_mills",
    "red_partner_revenue_mills", "gross_revenue_mills", "monetized_playbacks", "ad_impressions",
)  # fmt: skip


class _Recent:
    """Keeps the results of a function for the channels that were asked for last."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._kept: OrderedDict[int, object] = OrderedDict()

    def get(self, number: int, make: Callable[[], T]) -> T:
        """Return what is kept under the number, made now if it is not there."""
        if number in self._kept:
            self._kept.move_to_end(number)
            return self._kept[number]  # type: ignore[return-value]
        made = make()
        self._kept[number] = made
        if len(self._kept) > self._size:
            self._kept.popitem(last=False)
        return made


class SyntheticWorld:
    """A `World` (see `simulator/world/model.py`) made from a seed."""

    def __init__(
        self,
        seed: int,
        scale: str,
        as_of: datetime,
        start: date | None = None,
        token_encryption_key: str | None = None,
    ) -> None:
        """Make the world of a seed and a scale (small, mvp, growth) as it stands at `as_of`.

        `start` is the first Pacific day with reports, by default `as_of`'s date less the scale's
        days. Without a key, the platform's channels have no refresh tokens.
        """
        size = SCALES[scale]
        self.seed, self.scale, self.as_of = seed, size, as_of
        self.first_day = start or as_of.date() - timedelta(days=size.days)
        self.last_report_day = last_report_day(as_of)
        self.token_encryption_key = token_encryption_key
        self.people = people(seed, size, self.first_day, as_of)
        self.users: Sequence[User] = [person.user for person in self.people]
        self.customers: Sequence[User] = self.users
        self.traits = {
            traits.number: traits
            for person in self.people
            for traits in channels_of(seed, size, self.first_day, person, as_of)
        }
        self.channels: Sequence[Channel] = [each.channel for each in self.traits.values()]
        self._numbers = {
            each.channel.youtube_channel_id: number for number, each in self.traits.items()
        }
        self._ids = VideoIds(seed)
        self._plans = _Recent(_VIDEOS_KEPT)
        self._videos = _Recent(_VIDEOS_KEPT)
        self._figures = _Recent(_FIGURES_KEPT)
        self._public = _Recent(len(self.traits) + 1)
        self._bill()
        self.openai_costs: Sequence[OpenAICost] = []
        self.elevenlabs_usage: Sequence[ElevenLabsUsage] = []

    def _bill(self) -> None:
        """Make the products, prices, subscriptions and invoices."""
        history = add_months(first_instant(month_start(self.first_day)), -HISTORY_MONTHS - 1)
        price_list = PriceList(self.seed, history)
        self.products: Sequence[Product] = price_list.products
        self.prices: Sequence[Price] = price_list.prices
        subscriptions: list[Subscription] = []
        invoices: list[Invoice] = []
        for person in self.people:
            customer = person.user.stripe_customer_id
            books = invoices_of(self.seed, price_list, customer, person.life, self.as_of)
            subscriptions += books[0]
            invoices += books[1]
        subscriptions.sort(key=lambda one: (one.created_at, one.subscription_id))
        invoices.sort(key=lambda one: (one.created_at, one.invoice_id))
        self.subscriptions: Sequence[Subscription] = subscriptions
        self.invoices: Sequence[Invoice] = invoices

    def plan(self, number: int) -> VideoPlan:
        """Return the video plan of the channel with that number in the world."""
        return self._plans.get(
            number,
            lambda: plan_videos(self.seed, self.traits[number], self.first_day, self.as_of),
        )

    def figures(self, number: int) -> Figures:
        """Return the reported figures of the channel with that number."""
        return self._figures.get(number, lambda: self._channel_figures(number).reported())

    def public_counts(self, number: int) -> PublicCounts:
        """Return the public counters of the channel with that number."""
        return self._public.get(number, lambda: self._channel_figures(number).public())

    def _channel_figures(self, number: int) -> ChannelFigures:
        return ChannelFigures(
            self.seed, self.traits[number], self.plan(number), self.first_day, self.as_of
        )

    def videos(self, youtube_channel_id: str) -> Sequence[Video]:
        """Return the channel's videos, oldest first, uploaded or not."""
        number = self._numbers.get(youtube_channel_id)
        return [] if number is None else self._channel_videos(number)[0]

    def _channel_videos(self, number: int) -> tuple[list[Video], dict[int, int]]:
        """Return the channel's videos and their places by serial number."""

        def make() -> tuple[list[Video], dict[int, int]]:
            plan = self.plan(number)
            maker = VideoMaker(self.seed, self._ids, self.as_of)
            places = {serial: place for place, serial in enumerate(plan.serial.tolist())}
            return maker.make(self.traits[number], plan), places

        return self._videos.get(number, make)

    def find_video(self, youtube_video_id: str) -> Video | None:
        """Return the video with that YouTube id, None where there is none (yet)."""
        found = self._find(youtube_video_id)
        if found is None:
            return None
        number, place = found
        video = self._channel_videos(number)[0][place]
        return video if video.youtube_video_id else None

    def _find(self, youtube_video_id: str) -> tuple[int, int] | None:
        """Return (channel number, place in its plan)."""
        decoded = self._ids.decode(youtube_video_id)
        if decoded is None or decoded[0] not in self.traits:
            return None
        place = self._channel_videos(decoded[0])[1].get(decoded[1])
        return None if place is None else (decoded[0], place)

    def counters(self, video: Video) -> Counters:
        """Return the video's public counters at `as_of`; nothing before it is uploaded."""
        found = self._find(video.youtube_video_id) if video.youtube_video_id else None
        if found is None:
            return Counters(0, 0, 0)
        counts, place = self.public_counts(found[0]), found[1]
        return Counters(
            int(counts.views[place]), int(counts.likes[place]), int(counts.comments[place])
        )

    def channel_counters(self, channel: Channel) -> ChannelCounters:
        """Return the channel's public counters at `as_of`; deleted videos no longer count."""
        number = self._numbers[channel.youtube_channel_id]
        traits, counts = self.traits[number], self.public_counts(number)
        videos = sum(video.status == "published" for video in self._channel_videos(number)[0])
        return ChannelCounters(
            traits.base_views + int(counts.views.sum()),
            max(traits.base_subscribers + counts.subscribers, 0),
            videos,
        )

    def channel_days(self, youtube_channel_id: str, start: date, end: date) -> list[ReportDay]:
        """Return the channel's report days with any views within [start, end]."""
        number = self._numbers.get(youtube_channel_id)
        if number is None:
            return []
        figures = self.figures(number)
        sums = [getattr(figures, column).sum(axis=0) for column in _COLUMNS]
        days = self._columns_within(start, end, len(sums[0]))
        rows = np.stack(sums, axis=1)
        dates = report_days(self.first_day, len(sums[0]))
        return [_report_day(dates[day], rows[day].tolist()) for day in days if rows[day, 0]]

    def video_days(
        self, youtube_channel_id: str, youtube_video_ids: Sequence[str], start: date, end: date
    ) -> Iterator[tuple[str, ReportDay]]:
        """Yield (YouTube video id, report day), by day, then video; days with views."""
        number = self._numbers.get(youtube_channel_id)
        if number is None:
            return
        asked = self._places(number, youtube_video_ids)
        if not asked:
            return
        figures = self.figures(number)
        places = np.fromiter(asked.values(), dtype=np.int64)
        names = list(asked)
        table = [getattr(figures, column)[places] for column in _COLUMNS]
        dates = report_days(self.first_day, table[0].shape[1])
        for day in self._columns_within(start, end, len(dates)):
            rows: Ints = np.stack([column[:, day] for column in table], axis=1)
            for which in np.flatnonzero(rows[:, 0]).tolist():
                yield names[which], _report_day(dates[day], rows[which].tolist())

    def _places(self, number: int, youtube_video_ids: Iterable[str]) -> dict[str, int]:
        """Return the asked videos that are the channel's, each once, with their places."""
        found = {video_id: self._find(video_id) for video_id in youtube_video_ids}
        return {name: at[1] for name, at in found.items() if at is not None and at[0] == number}

    def _columns_within(self, start: date, end: date, count: int) -> range:
        first = max((start - self.first_day).days, 0)
        return range(first, min((end - self.first_day).days + 1, count))

    def fill_platform(self, database_url: str) -> None:
        """Make the platform database say what the world says."""
        raise NotImplementedError

    def write_expenses(self, directory: Path) -> None:
        """Write the expense files."""
        raise NotImplementedError

    def write_truth(self, directory: Path) -> None:
        """Write the truth as files."""
        raise NotImplementedError


def _report_day(day: date, row: list[int]) -> ReportDay:
    views, engaged, minutes, full_seconds, *others = row
    return ReportDay(day, views, engaged, minutes, Decimal(full_seconds) / 60, *others)
