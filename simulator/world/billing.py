"""Stripe's side of the life stories: subscriptions and their invoices.

Invoices follow Stripe's rules: licensed prices are billed in advance, metered ones in arrears on
the renewal's invoice; a move inside a period is invoiced at once with a negative line for the
unused time of the old price and a positive one for the remaining time of the new.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from simulator.world.invoice_lines import LineWriter, Period, SubscriptionIds
from simulator.world.model import Discount, Invoice, InvoiceLine, Subscription, SubscriptionItem
from simulator.world.price_list import PriceList
from simulator.world.random_streams import base62
from simulator.world.stories import LifeStory, SubscriptionStory

REISSUE_WAIT = timedelta(hours=2, minutes=17)
_PAYMENT_GRACE = timedelta(hours=3)  # an unpaid invoice makes the subscription past due after it


@dataclass(frozen=True, slots=True)
class _Draft:
    """What an invoice says before it has a number and a standing."""

    at: datetime
    reason: str
    number: int  # of the period that it opens, or closes
    start: datetime
    end: datetime
    lines: tuple[InvoiceLine, ...]


class SubscriptionBook:
    """One subscription and its invoices as Stripe shows them at an instant."""

    def __init__(
        self, seed: int, prices: PriceList, customer_id: str, story: SubscriptionStory
    ) -> None:
        self._ids = SubscriptionIds(seed, story.user_key, story.serial)
        self._write = LineWriter(self._ids, prices, story)
        self._prices, self._customer_id, self._story = prices, customer_id, story

    def subscription(self, as_of: datetime) -> Subscription:
        """Return the subscription with its present price, period and standing."""
        story = self._story
        ending = story.ending if story.ending and story.ending.requested_at <= as_of else None
        ended_at = ending.ended_at if ending and ending.ended_at <= as_of else None
        return Subscription(
            self._ids.subscription,
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
            tuple(self._items(ended_at or as_of)),
            tuple(self._discounts(ended_at or as_of)),
            self._discounts_ended_at(ended_at or as_of),
        )

    def invoices(self, as_of: datetime) -> list[Invoice]:
        """Return the invoices made until an instant, with their standing at it, unnumbered."""
        invoices = []
        for draft in self._drafts(as_of):
            if draft.at > as_of:
                break
            again_at = draft.at + REISSUE_WAIT
            is_void = self._is_reissued(draft) and again_at <= as_of
            invoices.append(self._invoice(draft, as_of, is_void=is_void))
            if is_void:
                invoices.append(self._invoice(self._again(draft), as_of, made_at=again_at))
        return invoices

    def _drafts(self, as_of: datetime) -> Iterator[_Draft]:
        """Walk the periods: what is invoiced at each start, and in between."""
        story = self._story
        end = story.ending.ended_at if story.ending else None
        if story.trial_end:
            start = story.started_at
            line = self._write.trial((start, story.trial_end))
            yield _Draft(start, "subscription_create", -1, start, story.trial_end, (line,))
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

    def _period(self, number: int, previous: Period | None, period: Period) -> _Draft:
        """Invoice a period in advance, and the usage of the one before."""
        story, start = self._story, period[0]
        lines = [self._write.licensed(number, period)]
        reason = "subscription_cycle" if previous or story.trial_end else "subscription_create"
        if previous is not None and start < previous[1]:
            reason = "subscription_update"  # another interval cuts the period short
            lines.insert(0, self._write.proration(story.plan_before(start), start, previous, -1))
        elif previous is not None and story.is_metered:
            lines.append(self._write.metered(previous[0], start))
        since = previous[0] if previous else start
        return _Draft(start, reason, number, since, start, tuple(lines))

    def _updates(self, number: int, period: Period) -> Iterator[_Draft]:
        """Invoice the moves inside a period that keep its interval, at once."""
        ending = self._story.ending
        for change in self._story.changes:
            at = change.at
            if change.moves_interval or not period[0] < at < period[1]:
                continue
            if ending and ending.ended_at <= at:
                continue
            lines = (
                self._write.proration(self._story.plan_before(at), at, period, -1),
                self._write.proration(change.plan, at, period, +1),
            )
            yield _Draft(at, "subscription_update", number, period[0], at, lines)

    def _last_usage(self, number: int, previous: Period | None, end: datetime) -> Iterator[_Draft]:
        """Invoice the usage of the last period, unless the end is that nobody pays."""
        ending = self._story.ending
        if previous is None or not self._story.is_metered or ending is None:
            return
        if ending.kind != "unpaid":
            line = self._write.metered(previous[0], end)
            yield _Draft(end, "subscription_cycle", number, previous[0], end, (line,))

    def _is_reissued(self, draft: _Draft) -> bool:
        cycle = draft.reason == "subscription_cycle"
        return cycle and draft.number in self._story.reissued_periods

    def _again(self, draft: _Draft) -> _Draft:
        """Return the draft with lines of its own, as a corrected invoice has."""
        lines = (
            replace(each, line_id=self._ids.line("again", each.line_id)) for each in draft.lines
        )
        return replace(draft, lines=tuple(lines))

    def _invoice(
        self,
        draft: _Draft,
        as_of: datetime,
        *,
        is_void: bool = False,
        made_at: datetime | None = None,
    ) -> Invoice:
        at = made_at or draft.at
        paid_at = None if is_void else self._paid_at(draft, at)
        status = "void" if is_void else self._standing(paid_at, as_of)
        return Invoice(
            self._ids.invoice(draft.reason, at.isoformat()),
            "",
            self._customer_id,
            self._ids.subscription,
            status,
            draft.reason,
            at,
            at,
            paid_at if status == "paid" else None,
            draft.start,
            draft.end,
            draft.lines,
            self._settled_at(status, at),
        )

    def _settled_at(self, status: str, made_at: datetime) -> datetime | None:
        """Return when the invoice was made void, or given up."""
        if status == "void":
            return made_at + REISSUE_WAIT
        ending = self._story.ending
        return ending.ended_at if status == "uncollectible" and ending else None

    def _paid_at(self, draft: _Draft, made_at: datetime) -> datetime | None:
        """Return when the invoice is paid; None: never."""
        ending = self._story.ending
        if sum(line.amount_cents - line.discount_cents for line in draft.lines) <= 0:
            return made_at
        if draft.reason == "subscription_cycle":
            if ending and ending.kind == "unpaid" and draft.at + timedelta(22) > ending.ended_at:
                return None
            late = self._story.lateness(draft.number)
            if late:
                return made_at + timedelta(days=late, minutes=41)
            if self._is_reissued(draft) and made_at == draft.at:
                return None  # nobody pays the wrong one before it is made void
        return made_at + timedelta(seconds=4 + draft.at.second % 30)

    def _standing(self, paid_at: datetime | None, as_of: datetime) -> str:
        ending = self._story.ending
        if paid_at is not None:
            return "paid" if paid_at <= as_of else "open"
        return "uncollectible" if ending and ending.ended_at <= as_of else "open"

    def _status(self, as_of: datetime, ended_at: datetime | None) -> str:
        if ended_at is not None:
            return "canceled"
        if self._story.trial_end and as_of < self._story.trial_end:
            return "trialing"
        unpaid = any(
            invoice.status == "open" and as_of - invoice.created_at > _PAYMENT_GRACE
            for invoice in self.invoices(as_of)
        )
        return "past_due" if unpaid else "active"

    def _anchor(self, as_of: datetime) -> datetime:
        moves = [
            each.at for each in self._story.changes if each.moves_interval and each.at <= as_of
        ]
        return moves[-1] if moves else self._story.anchor

    def _items(self, instant: datetime) -> Iterator[SubscriptionItem]:
        created_at = self._story.started_at
        prices = [self._prices.licensed(self._story.plan_at(instant))]
        if self._story.is_metered:
            prices.append(self._prices.overage)
        for price in prices:
            item_id, period = self._ids.item(price.usage_type), self._current_period(instant)
            yield SubscriptionItem(item_id, price.price_id, 1, created_at, *period)

    def _current_period(self, instant: datetime) -> Period:
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
        """Yield the discount in force; Stripe forgets one that has run out."""
        story, coupon = self._story, self._story.coupon
        end = story.discount_end
        if coupon is None or (end is not None and end <= instant):
            return
        yield Discount(
            self._ids.discount,
            coupon.coupon_id,
            coupon.percent_off,
            "forever" if coupon.months is None else "repeating",
            coupon.months,
            story.started_at,
            end,
        )

    def _discounts_ended_at(self, instant: datetime) -> datetime | None:
        end = self._story.discount_end
        return end if end is not None and end <= instant else None


def books_of(
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
