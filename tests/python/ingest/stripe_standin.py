"""A world whose billing Stripe's stand-in serves, and an extraction from it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from standins import AS_OF, IMPATIENT, extract, serving

from ingest.sources.stripe.client import StripeConfig
from ingest.sources.stripe.extractor import StripeExtractor
from simulator.http import stripe as standin
from simulator.http.service import Service
from simulator.world.synthetic import SyntheticWorld
from warehouse.connection import WarehouseTarget

KEY = "sk_test_4eC39HqLyjWDarjtT1zdp7dc"
KINDS = ("customers", "products", "prices", "subscriptions", "invoices", "refunds")
TABLES = [f"raw_billing.{kind}" for kind in (*KINDS, "events")]
START = date(2026, 10, 17)


def world_at(as_of: datetime = AS_OF, scale: str = "small") -> SyntheticWorld:
    return SyntheticWorld(7, scale, as_of, START)


def extractor(base: str, key: str = KEY) -> StripeExtractor:
    return StripeExtractor(StripeConfig(key, base, IMPATIENT))


def land(world: SyntheticWorld, target: WarehouseTarget, as_of: datetime, **days: Any) -> Service:
    """Extract from the world's stand-in; return it with its calls counted."""
    service = standin.service(world, KEY)
    with serving(service) as base:
        extract(extractor(base), target, as_of, **days)
    return service
