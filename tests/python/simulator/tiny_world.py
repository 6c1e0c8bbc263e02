"""A world small enough to know by heart: every figure in it is written here.

Two users; three channels (ALPHA: monetised, 120 videos; BETA: not monetised, hides subscribers,
same owner; GAMMA: another owner); three report days; one discounted subscription with an invoice
of twelve lines, one that is over; ten days of OpenAI costs, three of ElevenLabs usage.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

from simulator.world.model import (
    Channel,
    ChannelCounters,
    Counters,
    Discount,
    ElevenLabsUsage,
    Invoice,
    InvoiceLine,
    OpenAICost,
    Price,
    Product,
    Refund,
    ReportDay,
    Subscription,
    SubscriptionItem,
    User,
    Video,
)

AS_OF = datetime(2026, 5, 20, 12, tzinfo=UTC)
FIRST_DAY = date(2026, 5, 15)
LAST_REPORT_DAY = date(2026, 5, 17)
ALPHA = "UC" + "a" * 22
BETA = "UC" + "b" * 22
GAMMA = "UC" + "c" * 22
ALPHA_VIDEOS = 120
DELETED, PRIVATE = 7, 119  # of ALPHA's videos


def video_id(number: int) -> str:
    return f"vid{number:08d}"


def at(month: int, day: int, hour: int = 0, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)


def _user(number: int, customer: str) -> User:
    return User(
        user_id=UUID(int=number),
        email=f"user{number}@example.com",
        full_name=f"User {number}",
        signup_at=at(1, number),
        subscription_tier="growth",
        status="active",
        acquisition_channel="organic",
        country="DE",
        time_zone="Europe/Berlin",
        stripe_customer_id=customer,
        target_revenue_usd=Decimal("10000.00"),
        updated_at=at(1, number),
    )


def _channel(identity: str, owner: int, name: str, monetised: bool, hides: bool) -> Channel:
    return Channel(
        platform_channel_id=UUID(int=100 + owner),
        youtube_channel_id=identity,
        user_id=UUID(int=owner),
        name=name,
        handle=f"@{name.lower()}",
        niche="technology",
        status="active",
        tier="standard",
        published_at=at(1, 2, 3),
        connected_at=at(2, 1),
        country="DE",
        refresh_token=f"1//{name.lower()}",
        is_monetised=monetised,
        hides_subscribers=hides,
        monthly_revenue_target_usd=Decimal("2000.00"),
        updated_at=at(2, 1),
    )


def _video(channel: str, number: int, *, private: bool = False, deleted: bool = False) -> Video:
    uploaded = at(4, 1) + timedelta(hours=number)
    published = None if private else uploaded + timedelta(minutes=10)
    return Video(
        platform_video_id=UUID(int=1000 + number),
        youtube_channel_id=channel,
        youtube_video_id=video_id(number),
        title=f"Vidéo №{number} “x”",
        description="About it.\nSecond line.",
        tags=("one", "two words") if number % 2 else (),
        category_id="28",
        content_type="tutorial",
        generation_method="ai",
        duration_seconds=61 + number,
        status="deleted" if deleted else ("uploading" if private else "published"),
        queued_at=uploaded - timedelta(hours=2),
        generation_started_at=None,
        generation_completed_at=None,
        uploaded_at=uploaded,
        published_at=published,
        hides_likes=number == 3,
        comments_disabled=number == 4,
        updated_at=uploaded,
    )


def report_day(day: date, number: int) -> ReportDay:
    """Return a video's day; `number` sets its size."""
    return ReportDay(
        day=day,
        views=100 * number,
        engaged_views=80 * number,
        minutes_watched=151 * number,
        full_minutes=Decimal(300 * number),
        likes=9 * number,
        dislikes=number,
        comments=3 * number,
        shares=2 * number,
        subscribers_gained=number,
        subscribers_lost=0,
        revenue_mills=12_345 * number,
        ad_revenue_mills=12_000 * number,
        red_partner_revenue_mills=345 * number,
        gross_revenue_mills=22_000 * number,
        monetized_playbacks=70 * number,
        ad_impressions=90 * number,
    )


def _line(number: int, **values: object) -> InvoiceLine:
    line: dict[str, object] = {
        "line_id": f"il_{number:03d}",
        "description": f"Line {number}",
        "amount_cents": 9900,
        "discount_cents": 1980,
        "discount_id": "di_1",
        "price_id": "price_growth",
        "quantity": 1,
        "unit_amount_decimal_cents": Decimal("9900"),
        "is_proration": False,
        "subscription_id": "sub_1",
        "subscription_item_id": "si_1",
        "period_start": at(5, 1),
        "period_end": at(6, 1),
    }
    return InvoiceLine(**{**line, **values})  # type: ignore[arg-type]


METERED_LINE = {
    "amount_cents": 25,
    "discount_cents": 0,
    "discount_id": None,
    "price_id": "price_overage",
    "quantity": 50,
    "unit_amount_decimal_cents": Decimal("0.500"),
    "subscription_item_id": "si_2",
}
CREDIT_LINE = {"amount_cents": -4000, "discount_cents": 0, "discount_id": None}
ONE_OFF_LINE = {
    **CREDIT_LINE,
    "amount_cents": 1000,
    "price_id": None,
    "subscription_item_id": None,
}


def _subscription(number: int, customer: str, *, over: bool = False) -> Subscription:
    discounts = (
        ()
        if over
        else (Discount("di_1", "TWENTY", Decimal(20), "repeating", 3, at(4, 1), at(7, 1)),)
    )
    items = (
        [("si_1", "price_growth"), ("si_2", "price_overage")]
        if not over
        else [("si_9", "price_growth")]
    )
    return Subscription(
        subscription_id=f"sub_{number}",
        customer_id=customer,
        status="canceled" if over else "active",
        created_at=at(4, number),
        start_at=at(4, number),
        billing_cycle_anchor=at(4, number),
        trial_start=None,
        trial_end=None,
        cancel_at_period_end=False,
        canceled_at=at(5, 2) if over else None,
        ended_at=at(5, 3) if over else None,
        items=tuple(
            SubscriptionItem(item, price, 1, at(4, number), at(5, 1), at(6, 1))
            for item, price in items
        ),
        discounts=discounts,
    )


def _invoice(
    number: int, subscription: str | None, created: datetime, lines: Sequence[InvoiceLine]
) -> Invoice:
    return Invoice(
        invoice_id=f"in_{number:03d}",
        number=f"A-{number:04d}",
        customer_id="cus_1",
        subscription_id=subscription,
        status="paid" if number % 2 else "open",
        billing_reason="subscription_cycle" if subscription else "manual",
        created_at=created,
        finalized_at=created + timedelta(hours=1),
        paid_at=created + timedelta(hours=1) if number % 2 else None,
        period_start=created - timedelta(days=30),
        period_end=created,
        lines=tuple(lines),
    )


class TinyWorld:
    """Implements `simulator.world.model.World` over the figures above."""

    as_of: datetime = AS_OF
    first_day: date = FIRST_DAY
    last_report_day: date = LAST_REPORT_DAY

    def __init__(self) -> None:
        self.users: Sequence[User] = [_user(1, "cus_1"), _user(2, "cus_2")]
        self.customers: Sequence[User] = self.users
        self.channels: Sequence[Channel] = [
            _channel(ALPHA, 1, "Alpha", monetised=True, hides=False),
            _channel(BETA, 1, "Beta", monetised=False, hides=True),
            _channel(GAMMA, 2, "Gamma", monetised=True, hides=False),
        ]
        alpha = [
            _video(ALPHA, n, private=n == PRIVATE, deleted=n == DELETED)
            for n in range(ALPHA_VIDEOS)
        ]
        self._videos: dict[str, list[Video]] = {
            ALPHA: alpha,
            BETA: [_video(BETA, 500)],
            GAMMA: [_video(GAMMA, 600), _video(GAMMA, 601)],
        }
        self._by_id = {v.youtube_video_id: v for found in self._videos.values() for v in found}
        self.products: Sequence[Product] = [
            Product("prod_growth", "Growth", at(1, 1), {"tier": "growth"})
        ]
        self.prices: Sequence[Price] = [
            Price("price_growth", "prod_growth", at(1, 1), 9900, Decimal("9900"), "month", 1,
                  "licensed", "Growth monthly", {"tier": "growth"}),
            Price("price_overage", "prod_growth", at(1, 1), None, Decimal("0.500"), "month", 1,
                  "metered", "Overage"),
        ]  # fmt: skip
        self.subscriptions: Sequence[Subscription] = [
            _subscription(1, "cus_1"),
            _subscription(2, "cus_2", over=True),
        ]
        self.refunds: Sequence[Refund] = [
            Refund(
                *("re_1", "ch_1", "pi_1", "in_001", "cus_1", 95040, 5000),
                *("requested_by_customer", at(5, 1), at(5, 4)),
            )
        ]
        self.invoices: Sequence[Invoice] = [
            _invoice(1, "sub_1", at(5, 1), [_line(n) for n in range(12)]),
            _invoice(2, None, at(5, 3), [_line(20, **ONE_OFF_LINE, subscription_id=None)]),
            _invoice(3, "sub_1", at(5, 10), [
                _line(30, **METERED_LINE),
                _line(31, **CREDIT_LINE, is_proration=True),
                _line(32, amount_cents=6000, discount_cents=1200, is_proration=True),
            ]),
        ]  # fmt: skip
        self.openai_costs: Sequence[OpenAICost] = [
            OpenAICost(date(2026, 5, 10) + timedelta(days=n), f"proj_{p}", item, Decimal(cost))
            for n in range(10)
            for p, item, cost in ((1, "gpt", "0.123456"), (1, "tts", "1.5"), (2, "gpt", "2.000001"))
        ]
        self.elevenlabs_usage: Sequence[ElevenLabsUsage] = [
            ElevenLabsUsage(date(2026, 5, 17) + timedelta(days=n), product, used, Decimal(cost))
            for n in range(3)
            for product, used, cost in (
                ("speech-to-text", 10 + n, "0.010000"),
                ("text-to-speech", 125_431 + n, "27.594820"),
            )
        ]

    def videos(self, youtube_channel_id: str) -> Sequence[Video]:
        return self._videos[youtube_channel_id]

    def find_video(self, youtube_video_id: str) -> Video | None:
        return self._by_id.get(youtube_video_id)

    def counters(self, video: Video) -> Counters:
        number = int(str(video.youtube_video_id)[3:])
        return Counters(views=10_000 + number, likes=500 + number, comments=50 + number)

    def channel_counters(self, channel: Channel) -> ChannelCounters:
        return ChannelCounters(views=2**40, subscribers=123_456, videos=119)

    def channel_days(self, youtube_channel_id: str, start: date, end: date) -> list[ReportDay]:
        return [
            report_day(FIRST_DAY + timedelta(days=n), n + 1)
            for n in range(3)
            if start <= FIRST_DAY + timedelta(days=n) <= end
        ]

    def video_days(
        self, youtube_channel_id: str, youtube_video_ids: Sequence[str], start: date, end: date
    ) -> Iterator[tuple[str, ReportDay]]:
        for day in self.channel_days(youtube_channel_id, start, end):
            for identity in sorted(youtube_video_ids):
                number = int(identity[3:])
                if number % 2:
                    yield identity, report_day(day.day, number)

    def fill_platform(self, database_url: str) -> None:
        raise NotImplementedError

    def write_expenses(self, directory: Path) -> None:
        raise NotImplementedError

    def write_infrastructure_costs(self, directory: Path) -> None:
        raise NotImplementedError

    def write_truth(self, directory: Path) -> None:
        raise NotImplementedError
