"""The lines of a subscription's invoices: full periods, trials, usage and prorations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from simulator.world.model import InvoiceLine, Price
from simulator.world.price_list import PriceList
from simulator.world.random_streams import base62
from simulator.world.stories import (
    OVERAGE_CENTS,
    Plan,
    SubscriptionStory,
    discount_cents,
    overage_units,
    price_cents,
    whole_cents,
)

Period = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class SubscriptionIds:
    """The Stripe ids that belong to one subscription."""

    seed: int
    user_key: str
    serial: int

    @property
    def subscription(self) -> str:
        """Return the subscription's id."""
        return "sub_1" + self._letters(23, "subscription")

    @property
    def discount(self) -> str:
        """Return the id of the discount that it started with."""
        return "di_1" + self._letters(23, "discount")

    def item(self, usage_type: str) -> str:
        """Return the id of its licensed or metered item."""
        return "si_" + self._letters(14, "item", usage_type)

    def line(self, *name: object) -> str:
        """Return the id of an invoice line."""
        return "il_1" + self._letters(23, "line", *name)

    def invoice(self, *name: object) -> str:
        """Return the id of an invoice."""
        return "in_1" + self._letters(23, *name)

    def _letters(self, length: int, *name: object) -> str:
        return base62(length, self.seed, self.user_key, self.serial, *name)


@dataclass(frozen=True, slots=True)
class LineWriter:
    """Writes the invoice lines of one subscription."""

    ids: SubscriptionIds
    prices: PriceList
    story: SubscriptionStory

    def trial(self, period: Period) -> InvoiceLine:
        """Invoice nothing for the trial."""
        plan = self.story.plan_at(period[0])
        return self._line(
            "trial", f"Trial period for {_title(plan)}", self.prices.licensed(plan), period, 0
        )

    def licensed(self, number: int, period: Period) -> InvoiceLine:
        """Invoice a period in advance."""
        plan = self.story.plan_at(period[0])
        cents = price_cents(plan)
        return self._line(
            f"period {number}",
            f"1 × {_title(plan)} (at ${cents / 100:,.2f} / {plan.interval})",
            self.prices.licensed(plan),
            period,
            cents,
            discount=discount_cents(self.story, cents, period[0]),
        )

    def metered(self, start: datetime, end: datetime) -> InvoiceLine:
        """Invoice the usage of a period at its end."""
        units = overage_units(self.story, self.story.plan_before(end).tier, start, end)
        cents = whole_cents(units * OVERAGE_CENTS)
        return self._line(
            f"usage {start.isoformat()}",
            f"{units} × Render credits (at ${OVERAGE_CENTS / 100} / month)",
            self.prices.overage,
            (start, end),
            cents,
            discount=discount_cents(self.story, cents, end),
            quantity=units,
        )

    def proration(self, plan: Plan, at: datetime, period: Period, sign: int) -> InvoiceLine:
        """Invoice (+1) or give back (-1) what is left of a period, to the second."""
        start, end = period
        share = Decimal(int((end - at).total_seconds())) / int((end - start).total_seconds())
        verb = "Remaining time on" if sign > 0 else "Unused time on"
        return self._line(
            f"proration {at.isoformat()} {sign}",
            f"{verb} {_title(plan)} after {at:%d %b %Y}",
            self.prices.licensed(plan),
            (at, end),
            whole_cents(price_cents(plan) * share) * sign,
            is_proration=True,
        )

    def _line(
        self,
        name: str,
        description: str,
        price: Price,
        period: Period,
        amount: int,
        *,
        discount: int = 0,
        quantity: int = 1,
        is_proration: bool = False,
    ) -> InvoiceLine:
        return InvoiceLine(
            self.ids.line(name),
            description,
            amount,
            discount,
            self.ids.discount if discount else None,
            price.price_id,
            quantity,
            price.unit_amount_decimal_cents,
            is_proration,
            self.ids.subscription,
            self.ids.item(price.usage_type),
            *period,
        )


def _title(plan: Plan) -> str:
    return f"YTEMPIRE {plan.tier.capitalize()}"
