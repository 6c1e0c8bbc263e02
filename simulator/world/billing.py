"""Stripe's side of the life stories: products, prices, subscriptions and their invoices.

Invoices follow Stripe's rules: licensed prices are billed in advance, metered ones in arrears on
the renewal's invoice; a move inside a period is invoiced at once with a negative line for the
unused time of the old price and a positive one for the remaining time of the new.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from simulator.world.model import (
    Discount,
    Invoice,
    InvoiceLine,
    Price,
    Product,
    Subscription,
    SubscriptionItem,
)
from simulator.world.random_streams import base62
from simulator.world.stories import (
    OVERAGE_CENTS,
    TIERS,
    LifeStory,
    SubscriptionStory,
    discount_cents,
    overage_units,
    price_cents,
    whole_cents,
)

Period = tuple[datetime, datetime]

REISSUE_WAIT = timedelta(hours=2, minutes=17)


class PriceList:
    """The platform's products and prices in Stripe."""

    def __init__(self, seed: int, created_at: datetime) -> None:
        self._seed = seed
        self._created_at = created_at
        self.products = [self._product(name) for name in (*TIERS, "overage")]
        self.prices = [self._licensed(tier, "month") for tier in TIERS]
        self.prices += [self._licensed(tier, "year") for tier in TIERS if tier != "beta"]
        self.prices.append(self._metered())
        self._by_nickname = {price.nickname: price for price in self.prices}

    def licensed(self, tier: str, interval: str) -> Price:
        """Return the price of a tier."""
        return self._by_nickname[f"{tier} by the {interval}"]

    @property
    def overage(self) -> Price:
        """Return the metered price of render credits."""
        return self._by_nickname["render credits"]

    def _product(self, name: str) -> Product:
        title = "Render credits" if name == "overage" else f"YTEMPIRE {name.capitalize()}"
        return Product(self._product_id(name), title, self._created_at, {"tier": name})

    def _product_id(self, name: str) -> str:
        return "prod_" + base62(14, self._seed, "product", name)

    def _licensed(self, tier: str, interval: str) -> Price:
        cents = price_cents(tier, interval)
        return Price(
            "price_1" + base62(23, self._seed, "price", tier, interval),
            self._product_id(tier),
            self._created_at,
            cents,
            Decimal(cents),
            interval,
            1,
            "licensed",
            f"{tier} by the {interval}",
            {"tier": tier},
        )

    def _metered(self) -> Price:
        return Price(
            "price_1" + base62(23, self._seed, "price", "overage"),
            self._product_id("overage"),
            self._created_at,
            None,
            OVERAGE_CENTS,
            "month",
            1,
            "metered",
            "render credits",
            {"tier": "overage"},
        )


@dataclass(frozen=True, slots=True)
class _Draft:
    """What an invoice says before it has a number and a standing."""

    at: datetime
    reason: str
    period: int
    start: datetime
    end: datetime
    lines: tuple[InvoiceLine, ...]


class SubscriptionBook:
    """One subscription and its invoices as Stripe shows them at an instant."""

    def __init__(
        self, seed: int, prices: PriceList, customer_id: str, story: SubscriptionStory
    ) -> None:
        self._name = (seed, story.user_key, story.serial)
        self._prices, self._customer_id, self._story = prices, customer_id, story
        self.subscription_id = "sub_1" + base62(23, *self._name, "subscription")
        self._discount_id = "di_1" + base62(23, *self._name, "discount")

    def subscription(self, as_of: datetime) -> Subscription:
        """Return the subscription with its present price, period and standing."""
        story = self._story
        ending = story.ending if story.ending and story.ending.requested_at <= as_of else None
        ended_at = ending.ended_at if ending and ending.ended_at <= as_of else None
        return Subscription(
            self.subscription_id,
            self._customer_id,
            self._status(as_of, ended_at),
            story.started_at,
            story.started_at,
            self._anchor(as_of),
            story.started_at if story.trial_days else None,
            story.trial_end,
            ending is not None and ending.kind == "period_end",
            ending.requested_at if ending else None,
            ended_at,
            tuple(self._items(as_of)),
            tuple(self._discounts(ended_at or as_of)),
        )

    def invoices(self, as_of: datetime) -> list[Invoice]:
        """Return the invoices made until an instant, with their standing at it, unnumbered."""
        invoices = []
        for draft in self._drafts(as_of):
            if draft.at > as_of:
                break
            reissued_at = draft.at + REISSUE_WAIT
            reissued = self._is_reissued(draft) and reissued_at <= as_of
            invoices.append(self._invoice(draft, as_of, is_void=reissued))
            if reissued:
                invoices.append(self._invoice(draft, as_of, reissued_at=reissued_at))
        return invoices

    def _is_reissued(self, draft: _Draft) -> bool:
        cycle = draft.reason == "subscription_cycle"
        return cycle and draft.period in self._story.reissued_periods

    def _drafts(self, as_of: datetime) -> Iterator[_Draft]:
        """Walk the periods: what is invoiced at each start, and in between."""
        story = self._story
        end = story.ending.ended_at if story.ending else None
        if story.trial_end:
            yield self._trial(story.trial_end)
        previous: Period | None = None
        for number, period in enumerate(story.periods()):
            if end is not None and end <= period[0]:
                yield from self._last_usage(number, previous, end)
                return
            if period[0] > as_of:
                return
            yield self._period(number, previous, period)
            yield from self._updates(number, period)
            previous = period

    def _trial(self, trial_end: datetime) -> _Draft:
        start = self._story.started_at
        line = self._licensed_line(start, start, trial_end, "trial", amount=0)
        return _Draft(start, "subscription_create", -1, start, trial_end, (line,))

    def _period(self, number: int, previous: Period | None, period: Period) -> _Draft:
        """Invoice a period in advance, and the usage of the one before."""
        start, end = period
        lines = [self._licensed_line(start, start, end, f"period {number}")]
        reason = "subscription_create"
        if previous is not None or self._story.trial_end:
            reason = "subscription_cycle"
        if previous is not None and start < previous[1]:
            reason = "subscription_update"  # another interval cuts the period short
            lines.insert(0, self._proration(self._plan_before(start), start, previous, -1))
        elif previous is not None and self._story.is_metered:
            lines.append(self._metered_line(previous[0], start))
        since = previous[0] if previous else start
        return _Draft(start, reason, number, since, start, tuple(lines))

    def _updates(self, number: int, period: Period) -> Iterator[_Draft]:
        """Invoice the moves inside a period that keep its interval, at once."""
        ending = self._story.ending
        for change in self._story.changes:
            if change.moves_interval or not period[0] < change.at < period[1]:
                continue
            if ending and ending.ended_at <= change.at:
                continue
            lines = (
                self._proration(self._plan_before(change.at), change.at, period, -1),
                self._proration((change.tier, change.interval), change.at, period, +1),
            )
            yield _Draft(change.at, "subscription_update", number, period[0], change.at, lines)

    def _plan_before(self, instant: datetime) -> tuple[str, str]:
        return self._story.plan_at(instant - timedelta(seconds=1))

    def _last_usage(self, number: int, previous: Period | None, end: datetime) -> Iterator[_Draft]:
        """Invoice the usage of the last period, unless the end is that nobody pays."""
        ending = self._story.ending
        if previous is None or not self._story.is_metered or ending is None:
            return
        if ending.kind != "unpaid":
            line = self._metered_line(previous[0], end)
            yield _Draft(end, "subscription_cycle", number, previous[0], end, (line,))

    def _licensed_line(
        self, at: datetime, start: datetime, end: datetime, name: str, amount: int | None = None
    ) -> InvoiceLine:
        tier, interval = self._story.plan_at(at)
        price = self._prices.licensed(tier, interval)
        cents = price_cents(tier, interval) if amount is None else amount
        title = f"YTEMPIRE {tier.capitalize()}"
        text = f"Trial period for {title}" if name == "trial" else f"1 × {title} (per {interval})"
        return self._line(
            name, text, price, start, end, cents, discount_cents(self._story, cents, at)
        )

    def _metered_line(self, start: datetime, end: datetime) -> InvoiceLine:
        """Invoice the usage of a period at its end."""
        tier, _ = self._plan_before(end)
        units = overage_units(self._story, tier, start, end)
        cents = whole_cents(units * OVERAGE_CENTS)
        off = discount_cents(self._story, cents, end)
        text = f"{units} render credits"
        name = f"usage {start.isoformat()}"
        return self._line(name, text, self._prices.overage, start, end, cents, off, quantity=units)

    def _proration(
        self, plan: tuple[str, str], at: datetime, period: Period, sign: int
    ) -> InvoiceLine:
        """Invoice (+1) or give back (-1) what is left of a period, to the second."""
        start, end = period
        price = self._prices.licensed(*plan)
        share = Decimal(int((end - at).total_seconds())) / int((end - start).total_seconds())
        cents = whole_cents(price_cents(*plan) * share) * sign
        verb = "Remaining time on" if sign > 0 else "Unused time on"
        text = f"{verb} YTEMPIRE {plan[0].capitalize()} after {at:%d %b %Y}"
        name = f"proration {at.isoformat()} {sign}"
        return self._line(name, text, price, at, end, cents, 0, is_proration=True)

    def _line(
        self,
        name: str,
        description: str,
        price: Price,
        start: datetime,
        end: datetime,
        amount: int,
        discount: int,
        *,
        quantity: int = 1,
        is_proration: bool = False,
    ) -> InvoiceLine:
        item = "metered" if price.usage_type == "metered" else "licensed"
        return InvoiceLine(
            "il_1" + base62(23, *self._name, "line", name),
            description,
            amount,
            discount,
            self._discount_id if discount else None,
            price.price_id,
            quantity,
            price.unit_amount_decimal_cents,
            is_proration,
            self.subscription_id,
            self._item_id(item),
            start,
            end,
        )

    def _item_id(self, item: str) -> str:
        return "si_" + base62(14, *self._name, "item", item)

    def _invoice(
        self,
        draft: _Draft,
        as_of: datetime,
        *,
        is_void: bool = False,
        reissued_at: datetime | None = None,
    ) -> Invoice:
        made_at = reissued_at or draft.at
        paid_at = None if is_void else self._paid_at(draft, made_at)
        status = "void" if is_void else self._standing(draft, paid_at, as_of)
        suffix = "reissue" if reissued_at else ""
        return Invoice(
            "in_1" + base62(23, *self._name, draft.reason, draft.at.isoformat(), suffix),
            "",
            self._customer_id,
            self.subscription_id,
            status,
            draft.reason,
            made_at,
            made_at,
            paid_at if status == "paid" else None,
            draft.start,
            draft.end,
            draft.lines,
        )

    def _paid_at(self, draft: _Draft, made_at: datetime) -> datetime | None:
        """Return when the invoice is paid; None: never."""
        ending = self._story.ending
        if sum(line.amount_cents - line.discount_cents for line in draft.lines) <= 0:
            return made_at
        if draft.reason == "subscription_cycle":
            if ending and ending.kind == "unpaid" and draft.at + timedelta(22) > ending.ended_at:
                return None
            late = self._story.lateness(draft.period)
            if late:
                return made_at + timedelta(days=late, minutes=41)
        if self._is_reissued(draft) and made_at == draft.at:
            return made_at + REISSUE_WAIT
        return made_at + timedelta(seconds=4 + draft.at.second % 30)

    def _standing(self, draft: _Draft, paid_at: datetime | None, as_of: datetime) -> str:
        ending = self._story.ending
        if paid_at is not None:
            return "paid" if paid_at <= as_of else "open"
        return "uncollectible" if ending and ending.ended_at <= as_of else "open"

    def _status(self, as_of: datetime, ended_at: datetime | None) -> str:
        if ended_at is not None:
            return "canceled"
        if self._story.trial_end and as_of < self._story.trial_end:
            return "trialing"
        cycles = [i for i in self.invoices(as_of) if i.billing_reason == "subscription_cycle"]
        unpaid = any(
            i.status == "open" and as_of - i.created_at > timedelta(hours=3) for i in cycles
        )
        return "past_due" if unpaid else "active"

    def _anchor(self, as_of: datetime) -> datetime:
        anchor, interval = self._story.anchor, self._story.interval
        for change in self._story.changes:
            if change.at <= as_of and change.interval != interval:
                anchor, interval = change.at, change.interval
        return anchor

    def _items(self, as_of: datetime) -> Iterator[SubscriptionItem]:
        story = self._story
        last = min(as_of, story.ending.ended_at) if story.ending else as_of
        start, end = self._current_period(last)
        price = self._prices.licensed(*story.plan_at(last))
        created = story.started_at
        yield SubscriptionItem(self._item_id("licensed"), price.price_id, 1, created, start, end)
        if story.is_metered:
            overage = self._prices.overage.price_id
            yield SubscriptionItem(self._item_id("metered"), overage, 1, created, start, end)

    def _current_period(self, instant: datetime) -> tuple[datetime, datetime]:
        story = self._story
        if story.trial_end and instant < story.trial_end:
            return story.started_at, story.trial_end
        current: Period | None = None
        for period in story.periods():
            over = story.ending is not None and story.ending.ended_at <= period[0]
            if current is not None and (period[0] > instant or over):
                return current
            current = period
        raise AssertionError("periods never end")

    def _discounts(self, instant: datetime) -> Iterator[Discount]:
        story, coupon = self._story, self._story.coupon
        end = story.discount_end
        if coupon is None or (end is not None and end <= instant):
            return
        yield Discount(
            self._discount_id,
            coupon.coupon_id,
            coupon.percent_off,
            "forever" if coupon.months is None else "repeating",
            coupon.months,
            story.started_at,
            end,
        )


def invoices_of(
    seed: int, prices: PriceList, customer_id: str, life: LifeStory, as_of: datetime
) -> tuple[list[Subscription], list[Invoice]]:
    """Return a customer's subscriptions and numbered invoices at an instant, oldest first."""
    prefix = base62(8, seed, "invoice prefix", customer_id).upper()
    books = [SubscriptionBook(seed, prices, customer_id, story) for story in life.known_at(as_of)]
    unnumbered = [invoice for book in books for invoice in book.invoices(as_of)]
    unnumbered.sort(key=lambda invoice: (invoice.created_at, invoice.invoice_id))
    invoices = [
        replace(invoice, number=f"{prefix}-{number:04d}")
        for number, invoice in enumerate(unnumbered, start=1)
    ]
    return [book.subscription(as_of) for book in books], invoices


def _numbered(invoice: Invoice, number: str) -> Invoice:
    from dataclasses import replace

    return replace(invoice, number=number)
