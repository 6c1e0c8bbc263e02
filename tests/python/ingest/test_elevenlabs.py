"""ElevenLabs' extractor against the stand-in."""

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
from ingest.sources.elevenlabs.extractor import (
    ElevenLabsConfig,
    ElevenLabsExtractor,
    parse_table,
)
from simulator.http import elevenlabs as standin
from simulator.http.service import Service
from simulator.world.synthetic import SyntheticWorld
from warehouse.connection import WarehouseTarget
from warehouse.errors import CredentialsError, QuotaError, SourceUnavailableError

KEY = "sk_eleven_0a1b2c3d4e5f"
TABLE = "raw_costs.elevenlabs_usage"
START = date(2026, 10, 17)


def world_at(as_of: datetime = AS_OF) -> SyntheticWorld:
    return SyntheticWorld(7, "small", as_of, START)


def extractor(base: str, key: str = KEY) -> ElevenLabsExtractor:
    return ElevenLabsExtractor(ElevenLabsConfig(key, base, IMPATIENT))


def land(
    world: SyntheticWorld, target: WarehouseTarget, as_of: datetime = AS_OF, **days: Any
) -> tuple[Landed, Service]:
    service = standin.service(world, KEY)
    with serving(service) as base:
        return extract(extractor(base), target, as_of, **days), service


def landed_usage(target: WarehouseTarget) -> dict[tuple[date, str], tuple[str, Decimal, Decimal]]:
    return {
        key: (row["product"], Decimal(row["credits_used"]), Decimal(row["usage_usd"]))
        for key, row in payloads(target, TABLE, "usage_date, product").items()
    }


def usage_of(world: SyntheticWorld) -> dict[tuple[date, str], tuple[str, Decimal, Decimal]]:
    return {
        (u.day, u.product): (u.product, Decimal(u.credits_used), u.usage_usd)
        for u in world.elevenlabs_usage
    }


def test_the_usage_is_landed_to_the_digit(clean_warehouse: WarehouseTarget) -> None:
    world = world_at()
    land(world, clean_warehouse)
    assert usage_of(world)
    assert landed_usage(clean_warehouse) == usage_of(world)


def test_a_second_run_changes_nothing_with_one_call(clean_warehouse: WarehouseTarget) -> None:
    land(world_at(), clean_warehouse)
    before = raw_rows(clean_warehouse, TABLE)
    landed, service = land(world_at(), clean_warehouse)
    assert raw_rows(clean_warehouse, TABLE) == before
    assert landed.changes == 0
    assert service.calls == {f"POST {standin.PATH}": 1}


def test_a_day_later_the_new_and_the_restated_days_are_landed(
    clean_warehouse: WarehouseTarget,
) -> None:
    land(world_at(), clean_warehouse)
    before = landed_usage(clean_warehouse)
    later = world_at(A_DAY_LATER)
    yesterday = AS_OF.date() - timedelta(days=1)
    later.elevenlabs_usage = [
        replace(u, credits_used=u.credits_used + 1) if u.day == yesterday else u
        for u in later.elevenlabs_usage
    ]
    landed, _ = land(later, clean_warehouse, A_DAY_LATER)
    after = landed_usage(clean_warehouse)
    assert after == usage_of(later)
    changed = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    assert landed.changes == len(changed)
    assert {day for day, _ in changed} <= {yesterday, AS_OF.date(), A_DAY_LATER.date()}


def test_a_back_fill_of_past_days_moves_no_cursor(clean_warehouse: WarehouseTarget) -> None:
    world, first, last = world_at(), date(2026, 11, 1), date(2026, 11, 5)
    land(world, clean_warehouse, since=first, until=last)
    assert landed_usage(clean_warehouse) == {
        key: used for key, used in usage_of(world).items() if first <= key[0] <= last
    }
    assert query(clean_warehouse, "select 1 from ops.cursors") == []


def test_days_before_the_api_are_not_asked_for(clean_warehouse: WarehouseTarget) -> None:
    world = world_at()
    land(world, clean_warehouse, since=date(1999, 1, 1))
    assert landed_usage(clean_warehouse) == usage_of(world)
    _, service = land(world, clean_warehouse, since=date(1999, 1, 1), until=date(1999, 1, 2))
    assert not service.calls


def test_a_malformed_row_goes_to_quarantine(clean_warehouse: WarehouseTarget) -> None:
    world = world_at()
    with serving(standin.service(world, KEY), "malformed") as base:
        landed = extract(extractor(base), clean_warehouse)
    assert landed.quarantined == 1
    ((location, reason, payload),) = quarantine(clean_warehouse)
    assert (location, reason) == ("row 0", "1 values for 4 columns")
    assert payload.startswith('["2026-')
    assert len(landed_usage(clean_warehouse)) == len(world.elevenlabs_usage) - 1


def table(*rows: list[Any]) -> dict[str, Any]:
    return {
        "columns": ["total_cost", "product_type", "credits_used", "timestamp"],
        "column_units": ["usd", "", "credits", None],
        "rows": list(rows),
    }


def test_columns_are_found_by_name_and_unit_not_by_place() -> None:
    seconds = "2026-11-01T00:00:00Z"
    rows = list(
        parse_table(
            table(["1.10", "tts", "5", seconds], [Decimal("0.2"), "dubbing", 7, 1_793_491_200_000])
        )
    )
    first, second = (row for row in rows if isinstance(row, Row))
    assert first.values == (date(2026, 11, 1), "tts")
    assert second.values == (date(2026, 11, 1), "dubbing")
    assert first.payload == {
        "total_cost": "1.10",
        "product_type": "tts",
        "credits_used": "5",
        "timestamp": seconds,
        "product": "tts",
        "usage_usd": "1.10",
    }
    assert (second.payload["credits_used"], second.payload["usage_usd"]) == ("7", "0.2")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (["1", "tts", "5", "yesterday"], "Invalid isoformat"),
        (["1", "tts", "5", None], "int()"),
        (["1", "tts", "5", 10**30], ""),
        (["1", "", "5", "2026-11-01"], "product_type is missing"),
        (["one", "tts", "5", "2026-11-01"], "total_cost is no number but 'one'"),
        (["1", "tts", None, "2026-11-01"], "credits_used is missing"),
        (["1", "tts", "Infinity", "2026-11-01"], "credits_used is no number"),
        (7, ""),
    ],
)
def test_rows_that_are_none(row: Any, reason: str) -> None:
    (found,) = parse_table(table(row))
    assert isinstance(found, BadRow)
    assert found.reason.startswith(reason)


def test_a_day_and_product_given_twice_is_refused() -> None:
    twins = list(
        parse_table(table(["1", "tts", "5", "2026-11-01"], ["2", "tts", "6", "2026-11-01"]))
    )
    assert isinstance(twins[1], BadRow)
    assert "twice" in twins[1].reason


@pytest.mark.parametrize(
    "answer",
    [None, [], {"columns": ["a"], "rows": []}, {"rows": []}, {**table(), "column_units": None}],
)
def test_an_answer_that_is_no_such_table_is_told(answer: Any) -> None:
    with pytest.raises(SourceUnavailableError, match="no table of usage"):
        list(parse_table(answer))


@pytest.mark.parametrize(
    ("fault", "error", "said"),
    [
        ("401", CredentialsError, "ElevenLabs refused the key"),
        ("429", QuotaError, "ElevenLabs limits the rate"),
        ("503", SourceUnavailableError, "ElevenLabs cannot be read at http://127"),
        ("422", SourceUnavailableError, "ElevenLabs cannot be read at http://127"),
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


def test_a_wrong_key_is_told(clean_warehouse: WarehouseTarget) -> None:
    with serving(standin.service(world_at(), KEY)) as base:
        with pytest.raises(CredentialsError, match="ELEVENLABS_API_KEY"):
            extract(extractor(base, "wrong"), clean_warehouse)
        assert "accepts the key" in extractor(base).check()
    assert KEY not in repr(ElevenLabsConfig(KEY))


def test_a_dead_server_is_told(clean_warehouse: WarehouseTarget) -> None:
    with pytest.raises(SourceUnavailableError, match="ELEVENLABS_API_BASE"):
        extract(extractor(dead_address()), clean_warehouse)
