"""Channels: their subject, their quality, and what of it the platform and YouTube show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from statistics import NormalDist
from zoneinfo import ZoneInfo

import numpy as np

from simulator.world.model import Channel
from simulator.world.niches import NICHES, Niche
from simulator.world.people import CHANNELS_PER_USER, Person, Scale
from simulator.world.random_streams import base64_id, digest, generator, stable_uuid

_MEDIAN_REVENUE_USD = 850.0
_REVENUE_SPREAD = 1.25
_STAR = CHANNELS_PER_USER  # this channel and the next are the strongest: some user meets the target
_UNMONETISED, _HIDES_SUBSCRIBERS = 7, 3  # channels of every world
_ARCHIVED_AFTER = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class ChannelTraits:
    """A channel and what drives its figures; `number` is its place in the world."""

    number: int
    channel: Channel
    niche: Niche
    zone: ZoneInfo
    active: tuple[tuple[datetime, datetime | None], ...]  # when the platform makes its videos
    rhythm: float  # videos on a mean day
    weekdays: tuple[float, ...]
    hours: tuple[int, ...]  # local hours that it likes to publish at
    mean_views: float  # of a video over its life
    monthly_growth: float
    decay_days: float
    rpm_mills: float  # mills per view
    base_subscribers: int
    base_views: int
    subscriber_rate: float


def channels_of(
    seed: int, scale: Scale, start: date, person: Person, as_of: datetime
) -> list[ChannelTraits]:
    """Return the channels that a user has connected until an instant."""
    if person.number is None:
        return []
    numbers = range(person.number * CHANNELS_PER_USER, (person.number + 1) * CHANNELS_PER_USER)
    traits = (_traits(seed, scale, start, person, number, as_of) for number in numbers)
    return [each for each in traits if each.channel.connected_at <= as_of]


@lru_cache(maxsize=8)
def _ranks(seed: int, channels: int) -> Sequence[int]:
    """Return each channel's rank by revenue: even a small world has strong and weak ones."""
    ranks = generator(seed, "ranks").permutation(channels).tolist()
    for rank, number in ((channels - 1, _STAR), (channels - 2, _STAR + 1)):
        place = ranks.index(rank)
        ranks[place], ranks[number] = ranks[number], ranks[place]
    return tuple(ranks)


def _traits(
    seed: int, scale: Scale, start: date, person: Person, number: int, as_of: datetime
) -> ChannelTraits:
    stream = generator(seed, "channel", number)
    niche = NICHES[int(stream.integers(len(NICHES)))]
    total = scale.users * CHANNELS_PER_USER
    share = (_ranks(seed, total)[number] + 0.2 + 0.6 * stream.random()) / total
    monthly_usd = _MEDIAN_REVENUE_USD * float(np.exp(_REVENUE_SPREAD * NormalDist().inv_cdf(share)))
    rhythm = float(stream.uniform(1.6, 2.7))
    rpm = niche.rpm_usd * float(stream.lognormal(0.0, 0.22))
    # The mean of the log-normal spread of videos and of their hits, see `reports.lifetime_views`.
    mean_views = monthly_usd / rpm * 1_000 / (rhythm * 30) / 1.15
    weekdays = stream.uniform(0.75, 1.25, size=7)
    active = _active(person, start, number, stream.random(2))
    subscribers = int(mean_views * float(stream.uniform(3, 14))) + int(stream.integers(20, 400))
    return ChannelTraits(
        number=number,
        channel=_channel(seed, person, number, niche, active, share, as_of),
        niche=niche,
        zone=ZoneInfo(person.user.time_zone),
        active=active,
        rhythm=rhythm,
        weekdays=tuple(float(w) for w in weekdays / weekdays.mean()),
        hours=tuple(int(h) for h in stream.choice([7, 9, 11, 12, 15, 17, 18, 20], 3, False)),
        mean_views=mean_views,
        monthly_growth=float(stream.normal(0.04, 0.09)),
        decay_days=float(stream.uniform(0.7, 2.4)),
        rpm_mills=rpm,
        base_subscribers=subscribers,
        base_views=subscribers * int(stream.integers(18, 60)),
        subscriber_rate=float(stream.uniform(0.0015, 0.006)),
    )


def _active(
    person: Person, start: date, number: int, draws: np.typing.NDArray[np.float64]
) -> tuple[tuple[datetime, datetime | None], ...]:
    """Return when videos are made: while a subscription is in force, from the connection on."""
    opening = datetime(start.year, start.month, start.day, tzinfo=UTC)
    connected = max(
        person.life.signup_at + timedelta(hours=2 + 60 * float(draws[0])),
        opening - timedelta(days=3 + 40 * float(draws[1])),
    ).replace(microsecond=0)
    spans = []
    for story in person.life.subscriptions:
        end = story.ending.ended_at if story.ending else None
        if end is None or end > connected:
            spans.append((max(story.started_at, connected), end))
    return tuple(spans)


def _channel(
    seed: int,
    person: Person,
    number: int,
    niche: Niche,
    active: tuple[tuple[datetime, datetime | None], ...],
    share: float,
    as_of: datetime,
) -> Channel:
    stream = generator(seed, "channel profile", number)
    connected_at = active[0][0] if active else person.user.signup_at
    status, changed_at = _status(number, active, float(stream.random()), as_of)
    name = _name(niche, stream)
    published = connected_at - timedelta(days=float(stream.uniform(40, 1_500)))
    tier = "flagship" if share > 0.9 else "premium" if share > 0.7 else "standard"
    return Channel(
        platform_channel_id=stable_uuid(seed, "channel", number),
        youtube_channel_id="UC" + base64_id(digest(16, seed, "youtube channel", number)),
        user_id=person.user.user_id,
        name=name,
        handle="@" + "".join(c for c in name if c.isascii() and c.isalnum()) + str(number),
        niche=niche.name,
        status=status,
        tier="test" if share < 0.1 else tier,
        published_at=published.replace(microsecond=0),
        connected_at=connected_at,
        country=person.user.country,
        refresh_token="1//0" + base64_id(digest(40, seed, "refresh token", number)),
        is_monetised=number != _UNMONETISED and (number < 10 or bool(stream.random() > 0.08)),
        hides_subscribers=number == _HIDES_SUBSCRIBERS or bool(stream.random() < 0.04),
        monthly_revenue_target_usd=Decimal("2000.00"),
        updated_at=max(connected_at, changed_at),
    )


def _status(
    number: int,
    active: tuple[tuple[datetime, datetime | None], ...],
    draw: float,
    as_of: datetime,
) -> tuple[str, datetime]:
    """Return the status and since when; channels rest while their user has no subscription."""
    known = [span for span in active if span[0] <= as_of]
    if not known:
        return "active", datetime.min.replace(tzinfo=UTC)
    since, end = known[-1]
    if end is None or end > as_of:
        return "active", since
    if as_of >= end + _ARCHIVED_AFTER:
        return "archived", end + _ARCHIVED_AFTER
    return ("suspended" if number > 4 and draw < 0.1 else "paused"), end


def _name(niche: Niche, stream: np.random.Generator) -> str:
    words = niche.channel_words
    ending = ("", "", " TV", " HQ", " Studio", " ✦", " en Español", " & Friends")
    return words[int(stream.integers(len(words)))] + ending[int(stream.integers(len(ending)))]
