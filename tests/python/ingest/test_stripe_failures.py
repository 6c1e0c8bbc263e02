"""Objects that Stripe's extractor cannot use, and calls that fail."""

from __future__ import annotations

from typing import Any

import pytest
from standins import IMPATIENT, dead_address, extract, payloads, quarantine, serving
from stripe_standin import KEY, extractor, world_at

from ingest.landing import BadRow, Row
from ingest.sources.stripe.client import StripeConfig
from ingest.sources.stripe.objects import parse_object
from ingest.streams import STRIPE_CUSTOMERS, STRIPE_EVENTS, STRIPE_INVOICES, STRIPE_SUBSCRIPTIONS
from simulator.http import stripe as standin
from warehouse.connection import WarehouseTarget
from warehouse.errors import (
    ConfigurationError,
    CredentialsError,
    QuotaError,
    SourceUnavailableError,
)


def test_a_malformed_object_goes_to_quarantine(clean_warehouse: WarehouseTarget) -> None:
    world = world_at()
    with serving(standin.service(world, KEY), "malformed") as base:
        landed = extract(extractor(base), clean_warehouse)
    assert landed.quarantined == 1
    ((location, reason, payload),) = quarantine(clean_warehouse)
    assert (location, reason) == ("invoices (no id)", "the object has no id")
    assert '"object":"invoice"' in payload
    rows = payloads(clean_warehouse, "raw_billing.invoices")
    assert len(rows) == len(world.invoices) - 1


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        ({"id": "cus_1"}, "the object has no time of creation"),
        ({"id": "cus_1", "created": True}, "the object has no time of creation"),
        ({"id": "cus_1", "created": 10**20}, f"the time of creation is none: {10**20}"),
        ({"id": 7, "created": 1}, "the object has no id"),
        ("cus_1", "the object has no id"),
        (None, "the object has no id"),
    ],
)
def test_objects_that_are_none(found: Any, reason: str) -> None:
    row = parse_object(STRIPE_CUSTOMERS, found)
    assert isinstance(row, BadRow)
    assert row.reason == reason


def test_an_invoice_without_lines_is_none() -> None:
    row = parse_object(STRIPE_INVOICES, {"id": "in_1", "created": 1})
    assert isinstance(row, BadRow)
    assert isinstance(parse_object(STRIPE_SUBSCRIPTIONS, {"id": "sub_1", "created": 1}), BadRow)
    assert isinstance(parse_object(STRIPE_EVENTS, {"id": "evt_1", "created": 1}), BadRow)
    assert isinstance(parse_object(STRIPE_CUSTOMERS, {"id": "cus_1", "created": 1}), Row)


@pytest.mark.parametrize(
    ("fault", "error", "said"),
    [
        ("401", CredentialsError, "Stripe refused the key"),
        ("403", CredentialsError, "Stripe refused the key"),
        ("429", QuotaError, "Stripe limits the rate"),
        ("503", SourceUnavailableError, "Stripe cannot be read at http://127"),
        ("400", SourceUnavailableError, "Stripe did not understand the request"),
        ("truncated", SourceUnavailableError, "Stripe cannot be read"),
    ],
)
def test_failures_are_told_in_a_sentence(
    clean_warehouse: WarehouseTarget, fault: str, error: type[Exception], said: str
) -> None:
    service = standin.service(world_at(), KEY)
    with serving(service, fault) as base, pytest.raises(error, match=said) as caught:
        extract(extractor(base), clean_warehouse)
    assert KEY not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 600
    tried = sum(service.calls.values())
    assert tried == (IMPATIENT.attempts if fault in ("429", "503", "truncated") else 1)


def test_a_wrong_key_is_told(clean_warehouse: WarehouseTarget) -> None:
    with serving(standin.service(world_at(), KEY)) as base:
        wrong = extractor(base, "sk_test_wrong")
        with pytest.raises(CredentialsError, match="STRIPE_API_KEY"):
            extract(wrong, clean_warehouse)
        with pytest.raises(CredentialsError):
            wrong.check()
        assert "accepts the key" in extractor(base).check()
    with pytest.raises(ConfigurationError, match="STRIPE_API_KEY"):
        extractor(base, "sk test\n").check()
    assert KEY not in repr(StripeConfig(KEY))


def test_a_dead_server_is_told(clean_warehouse: WarehouseTarget) -> None:
    with pytest.raises(SourceUnavailableError, match="Stripe cannot be read at http://127"):
        extract(extractor(dead_address()), clean_warehouse)
