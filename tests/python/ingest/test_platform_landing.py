"""What the extractor of the platform's database lands, and what it reads again."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from cryptography.fernet import Fernet
from platform_database import RAW, add_metrics, add_user_and_channel, change, keys, land
from standins import A_DAY_LATER, AS_OF, payloads, query, raw_rows

from ingest.sources.platform.extractor import KEYS
from ingest.streams import PLATFORM_TABLES
from simulator.world.synthetic import SyntheticWorld
from warehouse.connection import WarehouseTarget

START = date(2026, 10, 17)


def test_the_worlds_tables_are_landed(
    platform: WarehouseTarget, clean_warehouse: WarehouseTarget
) -> None:
    key = Fernet.generate_key().decode()
    world = SyntheticWorld(7, "small", AS_OF, START, key)
    world.fill_platform(platform.url())
    land(platform, clean_warehouse, page_rows=1_000)
    for table in PLATFORM_TABLES:
        expected = query(
            platform,
            f"""
            select {KEYS[table]}::text, to_jsonb(t) - 'oauth_refresh_token'
            from ytempire.{table} as t
            """,
        )
        assert expected, table
        assert payloads(clean_warehouse, f"raw_platform.{table}") == dict(expected)
    before = raw_rows(clean_warehouse, *RAW)
    assert land(platform, clean_warehouse).changes == 0
    assert raw_rows(clean_warehouse, *RAW) == before

    SyntheticWorld(7, "small", A_DAY_LATER, START, key).fill_platform(platform.url())
    landed = land(platform, clean_warehouse, A_DAY_LATER)
    changed = query(
        platform, f"select count(*) from ytempire.cost_ledger where updated_at > '{AS_OF}'"
    )
    assert 0 < landed.changed["cost_ledger"] == changed[0][0]
    assert query(clean_warehouse, "select count(*) from raw_platform.videos") == query(
        platform, "select count(*) from ytempire.videos"
    )


def test_numbers_times_and_texts_are_landed_as_they_are(
    platform: WarehouseTarget, clean_warehouse: WarehouseTarget
) -> None:
    change(platform, "alter role current_user set timezone = 'Asia/Tokyo'")
    try:
        add_user_and_channel(platform, "gAAAAA")
        add_metrics(platform, range(1, 2), AS_OF)
        land(platform, clean_warehouse)
    finally:
        change(platform, "alter role current_user reset timezone")
    (user,) = payloads(clean_warehouse, "raw_platform.users").values()
    assert user["target_revenue"] == Decimal("10000.10")
    assert user["created_at"] == "2026-11-16T12:00:00+00:00"
    (channel,) = payloads(clean_warehouse, "raw_platform.channels").values()
    assert channel["channel_name"] == "Café ☕"
    (text,) = query(clean_warehouse, "select payload::text from raw_platform.system_metrics")
    assert '"cpu_usage": 0.10' in text[0]
    assert '"gpu_usage": null' in text[0]


def test_a_refresh_token_is_never_landed(
    platform: WarehouseTarget, clean_warehouse: WarehouseTarget
) -> None:
    token = Fernet(Fernet.generate_key()).encrypt(b"1//refresh").decode()
    add_user_and_channel(platform, token)
    land(platform, clean_warehouse)
    assert len(payloads(clean_warehouse, "raw_platform.channels")) == 1
    tables = query(
        clean_warehouse,
        """
        select format('%I.%I', table_schema, table_name) from information_schema.tables
        where (table_schema like 'raw%' or table_schema = 'ops') and table_type = 'BASE TABLE'
        """,
    )
    assert len(tables) > 20
    for (table,) in tables:
        for (row,) in query(clean_warehouse, f"select t::text from {table} as t"):
            assert token not in row
            assert "oauth_refresh_token" not in row


def test_a_second_run_changes_nothing_and_reads_the_overlap_alone(
    platform: WarehouseTarget, clean_warehouse: WarehouseTarget
) -> None:
    add_metrics(platform, range(1, 1000), AS_OF - timedelta(days=2))
    add_metrics(platform, range(1000, 1003), AS_OF - timedelta(minutes=1))
    assert land(platform, clean_warehouse).changes == 1002
    before = raw_rows(clean_warehouse, *RAW)
    again = land(platform, clean_warehouse)
    assert (again.read, again.changes) == ({"system_metrics": 3}, 0)
    assert raw_rows(clean_warehouse, *RAW) == before


def test_a_day_later_only_what_changed_is_landed(
    platform: WarehouseTarget, clean_warehouse: WarehouseTarget
) -> None:
    add_metrics(platform, range(1, 100), AS_OF - timedelta(days=1))
    add_metrics(platform, range(100, 103), AS_OF + timedelta(seconds=1))
    land(platform, clean_warehouse)
    assert keys(clean_warehouse) == set(range(1, 100))  # what is later is left
    late = AS_OF - timedelta(days=1, minutes=4)  # begun before, committed after
    add_metrics(platform, range(103, 104), late)
    change(
        platform,
        "update ytempire.system_metrics set queue_depth = 7, updated_at = %s where metric_id = 5",
        A_DAY_LATER,
    )
    assert land(platform, clean_warehouse, A_DAY_LATER).changes == 5
    landed = payloads(clean_warehouse, "raw_platform.system_metrics")
    assert {int(key) for key in landed} == set(range(1, 104))
    assert landed["5"]["queue_depth"] == 7


@pytest.mark.parametrize("page_rows", [1, 7, 50])
def test_pages_lose_nothing_where_many_rows_changed_at_once(
    platform: WarehouseTarget, clean_warehouse: WarehouseTarget, page_rows: int
) -> None:
    # 9, 10 and 100 sort otherwise as texts than as numbers
    add_metrics(platform, range(1, 31), AS_OF - timedelta(days=1))
    add_metrics(platform, range(95, 120), AS_OF - timedelta(hours=1))
    landed = land(platform, clean_warehouse, page_rows=page_rows)
    assert landed.read["system_metrics"] == 55
    assert keys(clean_warehouse) == {*range(1, 31), *range(95, 120)}
    cursor = query(clean_warehouse, "select value from ops.cursors where stream = 'system_metrics'")
    assert cursor == [({"updated_at": "2026-11-16T11:00:00+00:00", "id": "119"},)]


def test_a_back_fill_reads_its_days_and_moves_no_cursor(
    platform: WarehouseTarget, clean_warehouse: WarehouseTarget
) -> None:
    day = datetime(2026, 11, 10, tzinfo=UTC)
    for number, at in enumerate(
        [day - timedelta(microseconds=1), day, day + timedelta(hours=47, minutes=59, seconds=59)]
    ):
        add_metrics(platform, range(number, number + 1), at)
    add_metrics(platform, range(3, 4), day + timedelta(days=2))
    land(platform, clean_warehouse, since=day.date(), until=date(2026, 11, 11))
    assert keys(clean_warehouse) == {1, 2}
    assert query(clean_warehouse, "select 1 from ops.cursors") == []
    land(platform, clean_warehouse, until=date(2026, 11, 9))
    assert keys(clean_warehouse) == {0, 1, 2}
