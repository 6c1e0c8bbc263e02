"""The platform's products and prices in Stripe."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from simulator.world.model import Price, Product
from simulator.world.random_streams import base62
from simulator.world.stories import OVERAGE_CENTS, TIERS, Plan, price_cents


class PriceList:
    """The platform's products and prices in Stripe."""

    def __init__(self, seed: int, created_at: datetime) -> None:
        self._seed = seed
        self._created_at = created_at
        self.products = [self._product(name) for name in (*TIERS, "overage")]
        self.prices = [self._licensed(Plan(tier, "month")) for tier in TIERS]
        self.prices += [self._licensed(Plan(tier, "year")) for tier in TIERS if tier != "beta"]
        self.prices.append(self._metered())
        self._by_nickname = {price.nickname: price for price in self.prices}

    def licensed(self, plan: Plan) -> Price:
        """Return the price of a plan."""
        return self._by_nickname[f"{plan.tier} by the {plan.interval}"]

    @property
    def overage(self) -> Price:
        """Return the metered price of render credits."""
        return self._by_nickname["render credits"]

    def _product(self, name: str) -> Product:
        title = "Render credits" if name == "overage" else f"YTEMPIRE {name.capitalize()}"
        return Product(self._product_id(name), title, self._created_at, {"tier": name})

    def _product_id(self, name: str) -> str:
        return "prod_" + base62(14, self._seed, "product", name)

    def _licensed(self, plan: Plan) -> Price:
        cents = price_cents(plan)
        return Price(
            "price_1" + base62(23, self._seed, "price", plan.tier, plan.interval),
            self._product_id(plan.tier),
            self._created_at,
            cents,
            Decimal(cents),
            plan.interval,
            1,
            "licensed",
            f"{plan.tier} by the {plan.interval}",
            {"tier": plan.tier},
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
