"""What the synthetic world is made of: plain values, no behaviour.

The world is the truth that the stand-in APIs tell in their wire formats. Money is exact:
`Decimal` US dollars, video revenue in whole mills (thousandths of a dollar, as YouTube reports
it), ledger entries in whole micro-dollars.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class User:
    """A customer of the platform. `subscription_tier` and `status` are those at `as_of`."""

    user_id: UUID
    email: str
    full_name: str
    signup_at: datetime
    subscription_tier: str  # beta | starter | growth | enterprise
    status: str  # active | churned
    acquisition_channel: str  # paid | organic | referral
    country: str
    time_zone: str
    stripe_customer_id: str
    target_revenue_usd: Decimal
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Channel:
    """A YouTube channel that a user connected to the platform."""

    platform_channel_id: UUID
    youtube_channel_id: str  # "UC" + 22 characters
    user_id: UUID
    name: str
    handle: str
    niche: str
    status: str  # active | paused | suspended | archived
    tier: str  # test | standard | premium | flagship
    published_at: datetime  # created on YouTube
    connected_at: datetime  # connected to the platform
    country: str
    refresh_token: str
    is_monetised: bool
    hides_subscribers: bool
    monthly_revenue_target_usd: Decimal
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Video:
    """A video of the platform: queued, generated (or failed), published on YouTube (or not yet)."""

    platform_video_id: UUID
    youtube_channel_id: str
    youtube_video_id: str | None  # 11 characters; None until it is uploaded
    title: str
    description: str
    tags: tuple[str, ...]
    category_id: str
    content_type: str  # educational | entertainment | news | tutorial | review
    generation_method: str
    duration_seconds: int
    status: str  # queued | generating | processing | uploading | published | failed | deleted
    queued_at: datetime
    generation_started_at: datetime | None
    generation_completed_at: datetime | None
    uploaded_at: datetime | None
    published_at: datetime | None
    hides_likes: bool
    comments_disabled: bool
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Counters:
    """Public counters at an instant, before hiding and rounding."""

    views: int
    likes: int
    comments: int


@dataclass(frozen=True, slots=True)
class ChannelCounters:
    """Public counters of a channel at an instant, before hiding and rounding."""

    views: int
    subscribers: int
    videos: int


@dataclass(frozen=True, slots=True)
class ReportDay:
    """What YouTube Analytics reports of one video, or one channel, on one Pacific day.

    A channel's day is the sum of its videos' days (subscribers included). Values are those
    visible at the world's instant: restated ones once their restatement has happened.
    """

    day: date
    views: int
    engaged_views: int
    minutes_watched: int
    full_minutes: Decimal  # minutes that full views would have taken: views x duration / 60
    likes: int
    dislikes: int
    comments: int
    shares: int
    subscribers_gained: int
    subscribers_lost: int
    revenue_mills: int  # estimated net revenue, thousandths of a dollar
    ad_revenue_mills: int
    red_partner_revenue_mills: int
    gross_revenue_mills: int
    monetized_playbacks: int
    ad_impressions: int


@dataclass(frozen=True, slots=True)
class Product:
    """A Stripe product, one for each tier and one for overage."""

    product_id: str
    name: str
    created_at: datetime
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Price:
    """A Stripe price. `unit_amount_cents` is None where the price is below a cent (metered)."""

    price_id: str
    product_id: str
    created_at: datetime
    unit_amount_cents: int | None
    unit_amount_decimal_cents: Decimal
    interval: str  # month | year
    interval_count: int
    usage_type: str  # licensed | metered
    nickname: str
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Discount:
    """A percentage off a subscription, in force from `start_at` until `end_at` (None: for good)."""

    discount_id: str
    coupon_id: str
    percent_off: Decimal
    duration: str  # once | repeating | forever
    duration_in_months: int | None
    start_at: datetime
    end_at: datetime | None


@dataclass(frozen=True, slots=True)
class SubscriptionItem:
    """An item of a subscription, with its present price and period."""

    item_id: str
    price_id: str
    quantity: int
    created_at: datetime
    current_period_start: datetime
    current_period_end: datetime


@dataclass(frozen=True, slots=True)
class Subscription:
    """A Stripe subscription as it stands at the world's instant."""

    subscription_id: str
    customer_id: str
    status: str  # active | past_due | canceled | trialing
    created_at: datetime
    start_at: datetime
    billing_cycle_anchor: datetime
    trial_start: datetime | None
    trial_end: datetime | None
    cancel_at_period_end: bool
    canceled_at: datetime | None
    ended_at: datetime | None
    items: tuple[SubscriptionItem, ...]
    discounts: tuple[Discount, ...]
    discounts_ended_at: datetime | None = None  # when a discount ran out


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """A line of an invoice. Amounts are cents before discounts; `discount_cents` is what is off."""

    line_id: str
    description: str
    amount_cents: int
    discount_cents: int
    discount_id: str | None
    price_id: str | None  # None: a one-off charge
    quantity: int
    unit_amount_decimal_cents: Decimal
    is_proration: bool
    subscription_id: str | None
    subscription_item_id: str | None
    period_start: datetime
    period_end: datetime


@dataclass(frozen=True, slots=True)
class Invoice:
    """A finalised Stripe invoice."""

    invoice_id: str
    number: str
    customer_id: str
    subscription_id: str | None
    status: str  # paid | open | void | uncollectible
    billing_reason: str
    created_at: datetime
    finalized_at: datetime
    paid_at: datetime | None
    period_start: datetime
    period_end: datetime
    lines: tuple[InvoiceLine, ...]
    settled_at: datetime | None = None  # when it was made void, or given up as uncollectible


@dataclass(frozen=True, slots=True)
class Refund:
    """Money of a paid invoice that went back, all of it or a part."""

    refund_id: str
    charge_id: str
    payment_intent_id: str
    invoice_id: str
    customer_id: str
    charged_cents: int
    amount_cents: int
    reason: str | None  # requested_by_customer | duplicate
    charged_at: datetime
    created_at: datetime


@dataclass(frozen=True, slots=True)
class OpenAICost:
    """One result of OpenAI's organisation costs: a UTC day, project and line item."""

    day: date
    project_id: str
    line_item: str
    amount_usd: Decimal


@dataclass(frozen=True, slots=True)
class ElevenLabsUsage:
    """Usage of one ElevenLabs product on one UTC day: characters (credits) used."""

    day: date
    product: str
    credits_used: int
    usage_usd: Decimal


class World(Protocol):
    """What the stand-in APIs need to know of a world, synthetic or a catalogue of real videos.

    Everything is as it stands at `as_of`; nothing later is ever told. Lists are in a stable order.
    """

    as_of: datetime  # UTC
    first_day: date  # first Pacific day with reports
    last_report_day: date  # last Pacific day that Analytics has fully processed (48 to 72 h lag)

    users: Sequence[User]
    channels: Sequence[Channel]
    customers: Sequence[User]  # users with a Stripe customer, by signup
    products: Sequence[Product]
    prices: Sequence[Price]
    subscriptions: Sequence[Subscription]
    invoices: Sequence[Invoice]
    refunds: Sequence[Refund]
    openai_costs: Sequence[OpenAICost]
    elevenlabs_usage: Sequence[ElevenLabsUsage]

    def videos(self, youtube_channel_id: str) -> Sequence[Video]:
        """Return the channel's videos, oldest first, uploaded or not."""

    def find_video(self, youtube_video_id: str) -> Video | None:
        """Return the video with that YouTube id, None where there is none."""

    def counters(self, video: Video) -> Counters:
        """Return the video's public counters at `as_of`."""

    def channel_counters(self, channel: Channel) -> ChannelCounters:
        """Return the channel's public counters at `as_of`."""

    def channel_days(self, youtube_channel_id: str, start: date, end: date) -> list[ReportDay]:
        """Return the channel's report days within [start, end], up to the last processed day."""

    def video_days(
        self, youtube_channel_id: str, youtube_video_ids: Sequence[str], start: date, end: date
    ) -> Iterator[tuple[str, ReportDay]]:
        """Yield (YouTube video id, report day), by day then video, days without views left out."""

    def fill_platform(self, database_url: str) -> None:
        """Make the platform database say what the world says: replace what changed, add the new."""

    def write_expenses(self, directory: Path) -> None:
        """Write the expense files, one CSV a month: `expenses-YYYY-MM.csv`."""

    def write_infrastructure_costs(self, directory: Path) -> None:
        """Write the infrastructure costs, one file a month: `infrastructure-YYYY-MM`."""

    def write_truth(self, directory: Path) -> None:
        """Write the truth as CSV files: see `simulator/world/truth.py`."""
