"""OpenAI's extractor against the stand-in."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from standins import (
    A_DAY_LATER,
    AS_OF,
    IMPATIENT,
    Landed,
    dead_address,
    extract,
    payloads,
    quarantine,
    query,
    raw_rows,
    serving,
)

from ingest.landing import BadRow, Row
from ingest.sources.openai.extractor import OpenAIConfig, OpenAIExtractor, parse_bucket
from simulator.http import openai as standin
from simulator.http.service import Service
from simulator.world.synthetic import SyntheticWorld
from warehouse.connection import WarehouseTarget
from warehouse.errors import (
    ConfigurationError,
    CredentialsError,
    QuotaError,
    SourceUnavailableError,
)

KEY = "sk-admin-rH8aPk2mZq"
TABLE = "raw_costs.openai_costs"
START = date(2026, 10, 17)
MIDNIGHT = 1_763_251_200  # 2025-11-16


def world_at(as_of: datetime = AS_OF) -> SyntheticWorld:
    return SyntheticWorld(7, "small", as_of, START)


def extractor(base: str, key: str = KEY) -> OpenAIExtractor:
    return OpenAIExtractor(OpenAIConfig(key, base, IMPATIENT))


def land(
    world: SyntheticWorld, target: WarehouseTarget, as_of: datetime = AS_OF, **days: Any
) -> tuple[Landed, Service]:
    service = standin.service(world, KEY)
    with serving(service) as base:
        return extract(extractor(base + "/v1"), target, as_of, **days), service


def landed_costs(target: WarehouseTarget) -> dict[tuple[date, str, str], Decimal]:
    """Return what was landed, in exact dollars, whether a number came or a string."""
    found = payloads(target, TABLE, "bucket_date, project_id, line_item")
    return {key: Decimal(payload["amount"]["value"]) for key, payload in found.items()}


def costs_of(world: SyntheticWorld) -> dict[tuple[date, str, str], Decimal]:
    return {(c.day, c.project_id, c.line_item): c.amount_usd for c in world.openai_costs}


def test_the_costs_are_landed_to_the_digit(clean_warehouse: WarehouseTarget) -> None:
    world = world_at()
    land(world, clean_warehouse)
    assert costs_of(world)
    assert landed_costs(clean_warehouse) == costs_of(world)


def test_a_second_run_changes_nothing_with_one_call(clean_warehouse: WarehouseTarget) -> None:
    land(world_at(), clean_warehouse)
    before = raw_rows(clean_warehouse, TABLE)
    landed, service = land(world_at(), clean_warehouse)
    assert raw_rows(clean_warehouse, TABLE) == before
    assert landed.changes == 0
    assert service.calls == {f"GET {standin.PATH}": 1}


def test_a_day_later_the_new_and_the_restated_days_are_landed(
    clean_warehouse: WarehouseTarget,
) -> None:
    land(world_at(), clean_warehouse)
    before = landed_costs(clean_warehouse)
    later = world_at(A_DAY_LATER)
    yesterday = AS_OF.date() - timedelta(days=1)
    restated = [c for c in later.openai_costs if c.day == yesterday]
    assert restated
    gone, *others = restated
    later.openai_costs = [c for c in later.openai_costs if c.day != yesterday] + [
        replace(c, amount_usd=c.amount_usd + Decimal("0.000001")) for c in others
    ]
    landed, _ = land(later, clean_warehouse, A_DAY_LATER)
    after = landed_costs(clean_warehouse)
    assert (gone.day, gone.project_id, gone.line_item) not in after
    assert after == costs_of(later)
    assert A_DAY_LATER.date() in {day for day, _, _ in after}
    changed = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    assert landed.changes == len(changed)
    assert {day for day, _, _ in changed} <= {yesterday, AS_OF.date(), A_DAY_LATER.date()}


def test_a_back_fill_of_past_days_moves_no_cursor(clean_warehouse: WarehouseTarget) -> None:
    world = world_at()
    first, last = date(2026, 11, 1), date(2026, 11, 5)
    land(world, clean_warehouse, since=first, until=last)
    assert landed_costs(clean_warehouse) == {
        key: amount for key, amount in costs_of(world).items() if first <= key[0] <= last
    }
    assert query(clean_warehouse, "select 1 from ops.cursors") == []
    land(world, clean_warehouse)
    assert landed_costs(clean_warehouse) == costs_of(world)


def test_a_first_run_may_begin_at_a_day(clean_warehouse: WarehouseTarget) -> None:
    world, first = world_at(), date(2026, 11, 10)
    land(world, clean_warehouse, since=first)
    land(world, clean_warehouse)
    assert {day for day, _, _ in landed_costs(clean_warehouse)} == {
        day for day, _, _ in costs_of(world) if day >= first
    }


def test_many_days_come_in_pages(clean_warehouse: WarehouseTarget) -> None:
    world = world_at()
    some = world.openai_costs[0]
    long_ago = AS_OF.date() - timedelta(days=399)
    world.openai_costs = [replace(some, day=long_ago + timedelta(days=n)) for n in range(400)]
    _, service = land(world, clean_warehouse, since=long_ago)
    assert landed_costs(clean_warehouse) == costs_of(world)
    assert service.calls == {f"GET {standin.PATH}": 3}


def test_a_malformed_amount_goes_to_quarantine(clean_warehouse: WarehouseTarget) -> None:
    world = world_at()
    with serving(standin.service(world, KEY), "malformed") as base:
        landed = extract(extractor(base), clean_warehouse)
    assert landed.quarantined == 1
    ((location, reason, payload),) = quarantine(clean_warehouse)
    assert location.startswith("bucket 2026-")
    assert reason == "amount.value is no number but 'not a number'"
    assert '"line_item"' in payload
    assert len(landed_costs(clean_warehouse)) == len(world.openai_costs) - 1


def result(value: Any, line_item: str | None = "gpt") -> dict[str, Any]:
    return {"amount": {"value": value, "currency": "usd"}, "line_item": line_item}


@pytest.mark.parametrize(
    ("bucket", "reason"),
    [
        ({"start_time": MIDNIGHT, "results": [result("NaN")]}, "amount.value is no number"),
        ({"start_time": MIDNIGHT, "results": [result(True)]}, "amount.value is no number"),
        ({"start_time": MIDNIGHT, "results": [{"amount": 3}]}, "the result has no amount"),
        (
            {"start_time": MIDNIGHT, "results": [{"amount": {"value": 1, "currency": "eur"}}]},
            "the currency is 'eur', not 'usd'",
        ),
        ({"start_time": MIDNIGHT, "results": ["x"]}, "the result is not an object"),
        ({"start_time": "today", "results": []}, "not a bucket"),
        ({"start_time": 10**30, "results": []}, "not a bucket"),
        ({"start_time": MIDNIGHT}, "not a bucket"),
        (None, "not a bucket"),
    ],
)
def test_results_that_are_none(bucket: Any, reason: str) -> None:
    (row,) = parse_bucket(bucket)
    assert isinstance(row, BadRow)
    assert row.reason.startswith(reason)


def test_ungrouped_costs_have_empty_keys_and_twins_are_refused() -> None:
    results = [result(Decimal("0.10"), None), result("0.20"), result("0.30")]
    rows = list(parse_bucket({"start_time": MIDNIGHT, "results": results}))
    assert [row.values for row in rows if isinstance(row, Row)] == [
        (date(2025, 11, 16), "", ""),
        (date(2025, 11, 16), "", "gpt"),
    ]
    assert isinstance(rows[2], BadRow)
    assert "twice" in rows[2].reason


@pytest.mark.parametrize(
    ("fault", "error", "said"),
    [
        ("401", CredentialsError, "OpenAI refused the key"),
        ("429", QuotaError, "OpenAI limits the rate"),
        ("503", SourceUnavailableError, "OpenAI cannot be read at http://127"),
        ("400", SourceUnavailableError, "OpenAI cannot be read at http://127"),
        ("truncated", SourceUnavailableError, "not JSON"),
    ],
)
def test_failures_are_told_in_a_sentence(
    clean_warehouse: WarehouseTarget, fault: str, error: type[Exception], said: str
) -> None:
    service = standin.service(world_at(), KEY)
    with serving(service, fault) as base, pytest.raises(error, match=said) as caught:
        extract(extractor(base), clean_warehouse)
    assert KEY not in str(caught.value)
    tried = sum(service.calls.values())
    assert tried == (IMPATIENT.attempts if fault in ("429", "503", "truncated") else 1)
    assert query(clean_warehouse, "select 1 from ops.batches") == []


def test_a_wrong_key_is_told(clean_warehouse: WarehouseTarget) -> None:
    with serving(standin.service(world_at(), KEY)) as base:
        with pytest.raises(CredentialsError, match="OPENAI_ADMIN_KEY"):
            extract(extractor(base, "sk-wrong"), clean_warehouse)
        assert "accepts the admin key" in extractor(base).check()
        with pytest.raises(CredentialsError):
            extractor(base, "sk-wrong").check()
    with pytest.raises(ConfigurationError, match="OPENAI_ADMIN_KEY"):
        extractor(base, "sk-ü").check()
    assert KEY not in repr(OpenAIConfig(KEY))


def test_a_dead_server_is_told(clean_warehouse: WarehouseTarget) -> None:
    with pytest.raises(SourceUnavailableError, match="OPENAI_API_BASE"):
        extract(extractor(dead_address()), clean_warehouse)


@pytest.mark.parametrize("base", ["ftp://127.0.0.1", "nowhere", "http://[::", "http://h:port"])
def test_an_address_that_is_none_is_told(clean_warehouse: WarehouseTarget, base: str) -> None:
    with pytest.raises(ConfigurationError, match="OPENAI_API_BASE is not the address"):
        extract(extractor(base), clean_warehouse)
