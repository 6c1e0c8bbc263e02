"""Figures: what each video earns on each Pacific day, what Analytics reports, what YouTube counts.

Views follow a long-tailed decay from the publishing moment. Each figure of a video-day is a
function of (video, day), computed for a channel at a time; nothing keeps all video-days at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np

from simulator.world.channels import ChannelTraits
from simulator.world.days import PACIFIC, day_starts, last_report_day, pacific_date, to_seconds
from simulator.world.random_streams import Floats, Ints, Noise
from simulator.world.videos import NEVER, VideoPlan

_TAIL = 0.9  # exponent of the decay: 5% of a video's views come after its first month
_CORE_RESTATED = 0.05  # share of channel-days
_REVENUE_RESTATED = 0.18
_CREATORS_SHARE = 0.55


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures by (video, Pacific day); rows as in the channel's plan, columns from `first_day`.

    Column names are those of `ReportDay`, `full_seconds` apart: views x duration.
    """

    views: Ints
    engaged_views: Ints
    minutes_watched: Ints
    full_seconds: Ints
    likes: Ints
    dislikes: Ints
    comments: Ints
    shares: Ints
    subscribers_gained: Ints
    subscribers_lost: Ints
    revenue_mills: Ints
    ad_revenue_mills: Ints
    red_partner_revenue_mills: Ints
    gross_revenue_mills: Ints
    monetized_playbacks: Ints
    ad_impressions: Ints


@dataclass(frozen=True, slots=True)
class PublicCounts:
    """Public counters of a channel's videos at an instant, rows as in its plan."""

    views: Ints
    likes: Ints
    comments: Ints
    subscribers: int  # gained less lost since the world's start


def lifetime_views(noise: Noise, traits: ChannelTraits, plan: VideoPlan, start: int) -> Floats:
    """Return the views that each video would gather in an endless life."""
    spread = np.exp(0.85 * noise.normal("appeal", plan.serial) - 0.36)
    luck = noise.uniform("luck", plan.serial)
    hits = np.where(luck < 0.022, 9.0, np.where(luck > 0.91, 0.15, 1.0))
    months = (np.minimum(plan.published, plan.queued + 10**6) - start) / (86_400 * 30)
    trend = np.exp(traits.monthly_growth * np.clip(months, -6, 24))
    shorts = np.where(plan.duration < 60, 1.6, 1.0)
    return traits.mean_views * spread * hits * trend * shorts


class ChannelFigures:
    """Computes a channel's figures at an instant."""

    def __init__(
        self, seed: int, traits: ChannelTraits, plan: VideoPlan, start: date, as_of: datetime
    ) -> None:
        self._traits, self._plan, self._now = traits, plan, to_seconds(as_of)
        self._noise = Noise(seed, "figures", traits.number)
        self._days = max((pacific_date(as_of) - start).days + 1, 0)
        self._reported = max((last_report_day(as_of) - start).days + 1, 0)
        self._bounds = day_starts(start, self._days, PACIFIC)
        self._first_weekday = start.weekday()
        self._lifetime = lifetime_views(self._noise, traits, plan, int(self._bounds[0]))

    def reported(self) -> Figures:
        """Return what Analytics tells at the instant, up to the last processed day."""
        views = self._views(self._reported)
        days = np.arange(self._reported)
        withheld = self._withheld(views, days)
        return self._core(views, views - withheld, days)

    def public(self) -> PublicCounts:
        """Return the public counters, which run ahead of the reports up to the instant."""
        before = np.floor(self._lifetime * self._share(self._bounds[:1])[:, 0]).astype(np.int64)
        if self._days == 0:
            nothing = np.zeros_like(before)
            return PublicCounts(nothing, nothing, nothing, 0)
        days = np.arange(self._days)
        views = self._views(self._days)
        views[:, -1] = np.floor(views[:, -1] * self._passed_today()).astype(np.int64)
        likes, comments = self._likes(views, days), self._comments(views, days)
        gained, lost = self._subscribers(views, days)
        return PublicCounts(
            before + views.sum(axis=1),
            (before * self._traits.niche.like_rate).astype(np.int64) + likes.sum(axis=1),
            (before * self._traits.niche.comment_rate).astype(np.int64) + comments.sum(axis=1),
            int(gained.sum() - lost.sum()),
        )

    def expected_views(self, moments: Ints) -> Floats:
        """Return the views that each video is expected to have at a moment of its own."""
        return np.asarray(self._lifetime * self._share(moments[:, None])[:, 0])

    def _share(self, moments: Ints) -> Floats:
        """Return the share of its lifetime views that each video has at each moment.

        Moments are a row of common ones, or a column with one for each video.
        """
        until = np.minimum(moments, self._plan.deleted[:, None])
        since = np.minimum(self._plan.published, NEVER // 2)[:, None]
        age = np.maximum(until - since, 0) / (86_400.0 * self._traits.decay_days)
        return np.asarray(1.0 - (1.0 + age) ** -_TAIL)

    def _passed_today(self) -> Floats:
        """Return the share of the running day's views that has come in by the instant."""
        moments = np.array([self._bounds[-2], self._now, self._bounds[-1]])
        shares = self._share(moments)
        today = shares[:, 2] - shares[:, 0]
        return np.asarray((shares[:, 1] - shares[:, 0]) / np.where(today > 0, today, 1.0))

    def _views(self, days: int) -> Ints:
        """Return final views by video and day, the running day as if it were over."""
        columns = np.arange(days)
        gain = np.diff(self._share(self._bounds[: days + 1]), axis=1)
        weekend = (self._first_weekday + columns) % 7 >= 5
        season = np.where(weekend, self._traits.niche.weekend, 1.0)
        season = season * np.exp(0.10 * self._noise.normal("channel day", columns))
        serial = self._plan.serial[:, None]
        mood = np.exp(0.18 * self._noise.normal("video day", serial, columns) - 0.016)
        expected = self._lifetime[:, None] * gain * season * mood
        views = self._noise.round("views", expected, serial, columns)
        return np.where(gain > 0, views, 0)

    def _withheld(self, views: Ints, days: Ints) -> Ints:
        """Return the views that a restatement will add to what is reported at first."""
        share = 0.004 + 0.016 * self._noise.uniform("core restated by", days)
        pending = self._is_pending("core restated", _CORE_RESTATED, self._core_wait(days), days)
        return np.floor(views * np.where(pending, share, 0.0)).astype(np.int64)

    def _core_wait(self, days: Ints) -> Ints:
        """Return the seconds from a day's end to the restatement of its core figures."""
        return 86_400 * 4 + self._noise.integers("core restated after", 0, 86_400 * 3, days)

    def core_restated_at(self) -> dict[int, int]:
        """Return when core figures are restated, by the number of the day: Unix seconds."""
        days = np.arange(self._reported)
        chosen = days[self._noise.uniform("core restated", days) < _CORE_RESTATED]
        moments = self._bounds[1:][chosen] + self._core_wait(chosen)
        return dict(zip(chosen.tolist(), moments.tolist(), strict=True))

    def _is_pending(self, purpose: str, rate: float, wait: Ints, days: Ints) -> Ints:
        """Say of which days a restatement is still to come at the instant."""
        chosen = self._noise.uniform(purpose, days) < rate
        return np.asarray(chosen & (self._bounds[1:][days] + wait > self._now))

    def _core(self, final: Ints, views: Ints, days: Ints) -> Figures:
        """Return all figures; those that are not restated follow from the final views."""
        noise, serial = self._noise, self._plan.serial
        duration = self._plan.duration[:, None]
        retention = self._traits.niche.retention * np.exp(0.2 * noise.normal("retention", serial))
        watched = np.clip(
            retention[:, None] * (0.94 + 0.12 * noise.uniform("watched", serial[:, None], days)),
            0.05, 0.97,
        )  # fmt: skip
        engaged = 0.55 + 0.3 * noise.uniform("engaged", serial)[:, None]
        likes = self._likes(final, days)
        gained, lost = self._subscribers(final, days)
        revenue = self._revenue(final, days)
        ads = np.floor(revenue * (0.86 + 0.08 * noise.uniform("ads", serial)[:, None]))
        playbacks, impressions = self._playbacks(views, ads)
        return Figures(
            views,
            np.floor(views * engaged).astype(np.int64),
            np.rint(views * duration * watched / 60).astype(np.int64),
            views * duration,
            likes,
            np.minimum(noise.round("dislikes", likes * 0.02, serial[:, None], days), views),
            self._comments(final, days),
            np.minimum(noise.round("shares", final * 0.006, serial[:, None], days), final),
            gained,
            lost,
            revenue,
            ads.astype(np.int64),
            revenue - ads.astype(np.int64),
            np.rint(ads / _CREATORS_SHARE).astype(np.int64),
            playbacks,
            impressions,
        )

    def _likes(self, views: Ints, days: Ints) -> Ints:
        serial = self._plan.serial
        rate = self._traits.niche.like_rate * np.exp(0.3 * self._noise.normal("liked", serial))
        likes = self._noise.round("likes", views * rate[:, None], serial[:, None], days)
        return np.minimum(likes, views)

    def _comments(self, views: Ints, days: Ints) -> Ints:
        serial = self._plan.serial
        rate = self._traits.niche.comment_rate * np.exp(0.4 * self._noise.normal("talk", serial))
        comments = self._noise.round("comments", views * rate[:, None], serial[:, None], days)
        return np.minimum(comments, views)

    def _subscribers(self, views: Ints, days: Ints) -> tuple[Ints, Ints]:
        """Return (gained, lost) by video and day."""
        serial = self._plan.serial[:, None]
        rate = self._traits.subscriber_rate
        gained = self._noise.round("gained", views * rate, serial, days)
        lost = self._noise.round("lost", views * rate * 0.22, serial, days)
        return np.minimum(gained, views), np.minimum(lost, views)

    def _revenue(self, views: Ints, days: Ints) -> Ints:
        """Return mills: the first estimate until a day's restatement, then the final value."""
        if not self._traits.channel.is_monetised:
            return np.zeros_like(views)
        noise, serial = self._noise, self._plan.serial[:, None]
        worth = np.exp(0.25 * noise.normal("worth", self._plan.serial) - 0.03)[:, None]
        market = np.exp(0.06 * noise.normal("ad market", days))
        rate = self._traits.rpm_mills * worth * market
        mills = noise.round("mills", views * rate, serial, days)
        change = 0.06 * (2 * noise.uniform("revenue restated by", days) - 1)
        wait = 86_400 * 3 + noise.integers("revenue restated after", 0, 86_400 * 37, days)
        pending = self._is_pending("revenue restated", _REVENUE_RESTATED, wait, days)
        return np.rint(mills * np.where(pending, 1 + change, 1.0)).astype(np.int64)

    def _playbacks(self, views: Ints, ads: Floats) -> tuple[Ints, Ints]:
        """Return (monetised playbacks, ad impressions): some wherever ads earned anything."""
        share = 0.42 + 0.2 * self._noise.uniform("monetised", self._plan.serial)[:, None]
        least = (ads > 0).astype(np.int64)
        playbacks = np.maximum(np.floor(views * share).astype(np.int64), least)
        playbacks = np.where(self._traits.channel.is_monetised, playbacks, 0)
        return playbacks, np.maximum(np.floor(playbacks * 1.27).astype(np.int64), least)


def report_days(start: date, count: int) -> list[date]:
    """Return the dates of the columns of `Figures`."""
    return [start + timedelta(days=number) for number in range(count)]
