"""The synthetic world: a whole platform told from a seed, at an instant.

The same arguments always give the same world, to the byte. A later `as_of` with the same `start`
continues it: what was told before stays, but for figures that YouTube restated in between.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from pathlib import Path

import numpy as np
import psycopg

from simulator.platform.activity import Activity
from simulator.platform.fill import create_schema, fill, sealed_tokens
from simulator.platform.production import (
    ChannelBatch,
    counted_until,
    jobs_table,
    ledger_table,
    thumbnails_table,
    video_costs_table,
)
from simulator.platform.rows import channels_table, users_table, videos_table
from simulator.platform.tables import Table
from simulator.world.billing import books_of
from simulator.world.channels import channels_of
from simulator.world.costs import Ledger, ProviderTotals, ledger_of, provider_totals
from simulator.world.days import (
    add_months,
    first_instant,
    last_report_day,
    month_start,
    to_instant,
)
from simulator.world.expenses import Expenses
from simulator.world.infrastructure import Cost, Infrastructure
from simulator.world.keeping import LazySequence, Recent
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
    Refund,
    ReportDay,
    Subscription,
    User,
    Video,
)
from simulator.world.people import SCALES, people
from simulator.world.price_list import PriceList
from simulator.world.random_streams import Ints, VideoIds
from simulator.world.refunds import refunds_of
from simulator.world.reports import ChannelFigures, Figures, PublicCounts, report_days
from simulator.world.truth import write_truth
from simulator.world.videos import VideoMaker, VideoPlan, plan_videos

_FIGURES_KEPT = 16  # channels; a channel's figures of 90 days take some 2 MB
_VIDEOS_KEPT = 512  # channels
_COLUMNS = (
    "views", "engaged_views", "minutes_watched", "full_seconds", "likes", "dislikes", "comments",
    "shares", "subscribers_gained", "subscribers_lost", "revenue_mills", "ad_revenue_mills",
    "red_partner_revenue_mills", "gross_revenue_mills", "monetized_playbacks", "ad_impressions",
)  # fmt: skip


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
        if as_of.tzinfo is None:
            raise ValueError("as_of must have a time zone")
        size, as_of = SCALES[scale], as_of.astimezone(UTC)
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
        self._plans = Recent(_VIDEOS_KEPT, self._plan)
        self._videos = Recent(_VIDEOS_KEPT, self._make_videos)
        self._figures = Recent(_FIGURES_KEPT, lambda n: self._channel_figures(n).reported())
        self._public = Recent(len(self.traits) + 1, lambda n: self._channel_figures(n).public())
        self._bill()
        self.openai_costs: Sequence[OpenAICost] = LazySequence(
            lambda: self._provider_totals.openai_costs()
        )
        self.elevenlabs_usage: Sequence[ElevenLabsUsage] = LazySequence(
            lambda: self._provider_totals.elevenlabs_usage()
        )

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
            books = books_of(self.seed, price_list, customer, person.life, self.as_of)
            subscriptions += books[0]
            invoices += books[1]
        subscriptions.sort(key=lambda one: (one.created_at, one.subscription_id))
        invoices.sort(key=lambda one: (one.created_at, one.invoice_id))
        self.subscriptions: Sequence[Subscription] = subscriptions
        self.invoices: Sequence[Invoice] = invoices
        self.refunds: Sequence[Refund] = sorted(
            refunds_of(self.seed, invoices, self.as_of),
            key=lambda one: (one.created_at, one.refund_id),
        )

    def plan(self, number: int) -> VideoPlan:
        """Return the video plan of the channel with that number in the world."""
        return self._plans[number]

    def figures(self, number: int) -> Figures:
        """Return the reported figures of the channel with that number."""
        return self._figures[number]

    def public_counts(self, number: int) -> PublicCounts:
        """Return the public counters of the channel with that number."""
        return self._public[number]

    def ledger(self, number: int) -> Ledger:
        """Return the call ledger of the channel with that number."""
        return ledger_of(self.seed, self.traits[number], self.plan(number), self.as_of)

    @cached_property
    def _provider_totals(self) -> ProviderTotals:
        return provider_totals(self.seed, self.as_of, map(self.ledger, self.traits))

    def _plan(self, number: int) -> VideoPlan:
        return plan_videos(self.seed, self.traits[number], self.first_day, self.as_of)

    def _channel_figures(self, number: int) -> ChannelFigures:
        return ChannelFigures(
            self.seed, self.traits[number], self.plan(number), self.first_day, self.as_of
        )

    def videos(self, youtube_channel_id: str) -> Sequence[Video]:
        """Return the channel's videos, oldest first, uploaded or not."""
        number = self._numbers.get(youtube_channel_id)
        return [] if number is None else self._videos[number][0]

    def _make_videos(self, number: int) -> tuple[list[Video], dict[int, int]]:
        """Return the channel's videos and their places by serial number."""
        plan = self.plan(number)
        maker = VideoMaker(self.seed, self._ids, self.as_of)
        places = {serial: place for place, serial in enumerate(plan.serial.tolist())}
        return maker.make(self.traits[number], plan), places

    def find_video(self, youtube_video_id: str) -> Video | None:
        """Return the video with that YouTube id, None where there is none (yet)."""
        found = self._find(youtube_video_id)
        if found is None:
            return None
        number, place = found
        video = self._videos[number][0][place]
        return video if video.youtube_video_id else None

    def _find(self, youtube_video_id: str) -> tuple[int, int] | None:
        """Return (channel number, place in its plan)."""
        decoded = self._ids.decode(youtube_video_id)
        if decoded is None or decoded[0] not in self.traits:
            return None
        place = self._videos[decoded[0]][1].get(decoded[1])
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
        videos = sum(video.status == "published" for video in self._videos[number][0])
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

    def restatements(self, youtube_channel_id: str) -> dict[date, datetime]:
        """Return the instants at which core figures are restated, by Pacific day."""
        moments = self._channel_figures(self._numbers[youtube_channel_id]).core_restated_at()
        return {
            self.first_day + timedelta(days=number): to_instant(moment)
            for number, moment in moments.items()
        }

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
        """Make the platform database say what the world says; touch only what differs."""
        with psycopg.connect(database_url, autocommit=True) as connection:
            create_schema(connection)
            tokens = sealed_tokens(connection, self.channels, self.token_encryption_key)
            fill(connection, self._tables(tokens))

    def _tables(self, tokens: Mapping[str, str | None]) -> Iterator[Table]:
        """Yield the platform's tables in the order of their references."""
        yield users_table(self.users)
        yield channels_table(self.channels, tokens)
        yield videos_table(
            (channel, video)
            for channel in self.channels
            for video in self.videos(channel.youtube_channel_id)
        )
        yield jobs_table(self._batches())
        yield ledger_table(self._batches())
        yield video_costs_table(self._batches())
        yield thumbnails_table(
            (batch, self._channel_figures(batch.traits.number).expected_views(counted_until(batch)))
            for batch in self._batches()
        )
        calls = self.scale.api_calls_per_day
        yield from Activity(self.seed, self.first_day, self.as_of, self.users, calls).tables()

    def _batches(self) -> Iterator[ChannelBatch]:
        for number, traits in self.traits.items():
            videos, _ = self._videos[number]
            ledger = self.ledger(number)
            yield ChannelBatch(self.seed, self.as_of, traits, self.plan(number), videos, ledger)

    def write_expenses(self, directory: Path) -> None:
        """Write the expense files, one CSV a month; rewrite only those that differ."""
        Expenses(self.seed, self.first_day, self.as_of).write(directory)

    def write_infrastructure_costs(self, directory: Path) -> None:
        """Write the files of infrastructure costs, one a month; rewrite only those that differ."""
        Infrastructure(self.seed, self.first_day, self.as_of).write(directory)

    def infrastructure_costs(self) -> Iterator[Cost]:
        """Yield what the files of infrastructure costs say."""
        yield from Infrastructure(self.seed, self.first_day, self.as_of).costs()

    def write_truth(self, directory: Path) -> None:
        """Write the truth as files: see `simulator/world/truth.py`."""
        write_truth(self, directory)


def _report_day(day: date, row: list[int]) -> ReportDay:
    views, engaged, minutes, full_seconds, *others = row
    return ReportDay(day, views, engaged, minutes, Decimal(full_seconds) / 60, *others)
