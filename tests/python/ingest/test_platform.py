"""The extractor of the platform's database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from cryptography.fernet import Fernet
from standins import A_DAY_LATER, AS_OF, IMPATIENT, Landed, extract, payloads, query, raw_rows

import simulator.platform
from ingest.sources.platform import deletions as module
from ingest.sources.platform.connection import PlatformConfig, open_connection, reading
from ingest.sources.platform.extractor import KEYS, PlatformExtractor
from ingest.streams import PLATFORM_TABLES
from simulator.world.synthetic import SyntheticWorld
from warehouse.connection import WarehouseTarget, connect
from warehouse.errors import ConfigurationError, CredentialsError, SourceUnavailableError

SCHEMA = Path(simulator.platform.__file__).with_name("schema.sql")
RAW = [f"raw_platform.{table}" for table in PLATFORM_TABLES]
USER = UUID(int=1)
START = date(2026, 10, 17)


@pytest.fixture(scope="module")
def platform_database(new_warehouse: Callable[[], WarehouseTarget]) -> WarehouseTarget:
    """Return a database for the platform's schema."""
    return new_warehouse()


@pytest.fixture
def platform(platform_database: WarehouseTarget) -> WarehouseTarget:
    """Return the platform's database, its tables made anew and without rows."""
    with connect(platform_database, autocommit=True) as connection:
        connection.execute("drop schema if exists ytempire cascade")
        connection.execute(SCHEMA.read_bytes())
    return platform_database


def config(platform: WarehouseTarget, **more: Any) -> PlatformConfig:
    return PlatformConfig(platform.url(), backoff=IMPATIENT, **more)


def land(
    platform: WarehouseTarget,
    target: WarehouseTarget,
    as_of: datetime = AS_OF,
    *,
    page_rows: int = 20_000,
    **days: Any,
) -> Landed:
    extractor = PlatformExtractor(config(platform, page_rows=page_rows))
    return extract(extractor, target, as_of, **days)


def change(platform: WarehouseTarget, statement: str, *parameters: Any) -> None:
    with connect(platform, autocommit=True) as connection:
        connection.execute(statement.encode(), parameters)


def add_metrics(platform: WarehouseTarget, numbers: range, updated_at: datetime) -> None:
    change(
        platform,
        """
        insert into ytempire.system_metrics
        select n, %s, 'host', 0.10, null, 99.99, 1.50, 0, %s
        from generate_series(%s::int, %s) as n
        """,
        updated_at,
        updated_at,
        numbers.start,
        numbers.stop - 1,
    )


def add_user_and_channel(platform: WarehouseTarget, token: str) -> None:
    change(
        platform,
        """
        insert into ytempire.users values
            (%s, 'a@example.com', 'Ada', 'growth', 'active', 'paid', 'GB', 'Europe/London',
             'cus_1', 10000.10, %s, %s)
        """,
        USER,
        AS_OF,
        AS_OF,
    )
    change(
        platform,
        """
        insert into ytempire.channels values
            (%s, %s, 'UC1', 'Café ☕', '@cafe', 'food', 'active', 'test', %s, %s, 0.30, %s, %s)
        """,
        UUID(int=2),
        USER,
        token,
        AS_OF,
        AS_OF,
        AS_OF,
    )


def keys(target: WarehouseTarget, table: str = "system_metrics") -> set[int]:
    return {int(key) for key in payloads(target, f"raw_platform.{table}")}


# ------------------------------------------------------------------ what is landed


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


# ------------------------------------------------------------------ what is read again


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


# ------------------------------------------------------------------ bad weather


def test_the_database_is_only_read(platform: WarehouseTarget) -> None:
    with open_connection(config(platform)) as connection:
        with (
            pytest.raises(psycopg.errors.ReadOnlySqlTransaction),
            reading(connection, config(platform)),
        ):
            connection.execute("delete from ytempire.users")
        with reading(connection, config(platform, statement_timeout_seconds=7)):
            found = connection.execute("show statement_timeout").fetchone()
        assert found == ("7s",)


def test_a_missing_table_is_told_and_the_others_are_landed(
    platform: WarehouseTarget, clean_warehouse: WarehouseTarget
) -> None:
    add_metrics(platform, range(1, 3), AS_OF)
    change(platform, "drop table ytempire.thumbnails")
    change(platform, "alter table ytempire.api_logs drop column updated_at")
    with pytest.raises(SourceUnavailableError) as caught:
        land(platform, clean_warehouse)
    said = str(caught.value)
    assert "2 of 10 tables of the platform database" in said
    assert 'ytempire.thumbnails (relation "ytempire.thumbnails" does not exist)' in said
    assert "ytempire.api_logs (column" in said
    assert keys(clean_warehouse) == {1, 2}
    with pytest.raises(SourceUnavailableError, match="lacks thumbnails"):
        PlatformExtractor(config(platform)).check()


def test_a_table_that_may_not_be_read_is_told(
    platform: WarehouseTarget, clean_warehouse: WarehouseTarget
) -> None:
    add_metrics(platform, range(1, 3), AS_OF)
    with reader_role(platform) as reader:
        change(platform, f"grant usage on schema ytempire to {reader.user}")
        change(platform, f"grant select on ytempire.system_metrics to {reader.user}")
        with pytest.raises(SourceUnavailableError, match="permission denied for table users"):
            land(reader, clean_warehouse)
        change(platform, f"drop owned by {reader.user}")
    assert keys(clean_warehouse) == {1, 2}


@contextmanager
def reader_role(platform: WarehouseTarget) -> Iterator[WarehouseTarget]:
    """Make a login role without rights; give the database as it sees it."""
    name = f"reader_{platform.database}"
    change(platform, f"create role {name} login password 'let me in'")
    try:
        yield replace(platform, user=name, password="let me in")
    finally:
        change(platform, f"drop role {name}")


def test_a_value_that_no_program_can_read_is_told_and_the_other_tables_are_landed(
    platform: WarehouseTarget, clean_warehouse: WarehouseTarget
) -> None:
    add_metrics(platform, range(1, 3), AS_OF)
    change(
        platform,
        "insert into ytempire.error_logs values (1, %s, 'error', 'x', 'y', '-infinity')",
        AS_OF,
    )
    with pytest.raises(SourceUnavailableError, match=r"1 of 10 tables.*ytempire\.error_logs"):
        land(platform, clean_warehouse)
    assert keys(clean_warehouse) == {1, 2}


def test_a_wrong_password_is_told_without_it(
    platform: WarehouseTarget, clean_warehouse: WarehouseTarget
) -> None:
    wrong = replace(platform, password="Tr0ub4dor&3")
    with pytest.raises(CredentialsError, match="PLATFORM_DATABASE_URL") as caught:
        land(wrong, clean_warehouse)
    assert "Tr0ub4dor" not in str(caught.value)
    assert "Tr0ub4dor" not in repr(config(wrong))


def test_a_missing_database_is_told(
    platform: WarehouseTarget, clean_warehouse: WarehouseTarget
) -> None:
    with pytest.raises(ConfigurationError, match="The platform database nowhere at"):
        land(replace(platform, database="nowhere"), clean_warehouse)


@pytest.mark.parametrize("url", ["postgresql://u:s3cret@host:notaport/x", "not a url s3cret"])
def test_an_address_that_is_none_is_told_without_its_password(
    clean_warehouse: WarehouseTarget, url: str
) -> None:
    extractor = PlatformExtractor(PlatformConfig(url, backoff=IMPATIENT))
    with pytest.raises((ConfigurationError, SourceUnavailableError)) as caught:
        extract(extractor, clean_warehouse)
    assert "s3cret" not in str(caught.value)
    assert "PLATFORM_DATABASE_URL" in str(caught.value)


def test_a_server_that_is_down_is_told(clean_warehouse: WarehouseTarget) -> None:
    down = replace(clean_warehouse, host="127.0.0.1", port=9)
    with pytest.raises(SourceUnavailableError, match=r"at 127\.0\.0\.1:9 does not answer"):
        land(down, clean_warehouse)


def test_a_lost_connection_is_opened_anew(
    platform: WarehouseTarget, clean_warehouse: WarehouseTarget
) -> None:
    add_metrics(platform, range(1, 40), AS_OF)
    extractor = PlatformExtractor(config(platform, page_rows=10))
    cut = """
        select pg_terminate_backend(pid) from pg_stat_activity
        where application_name = 'ytempire extract' and datname = %s
    """
    landed = extract(
        extractor, clean_warehouse, on_advance=lambda: change(platform, cut, platform.database)
    )
    assert landed.read["system_metrics"] == 39
    assert keys(clean_warehouse) == set(range(1, 40))


def test_a_query_that_takes_too_long_is_told_at_once(
    platform: WarehouseTarget, clean_warehouse: WarehouseTarget
) -> None:
    add_metrics(platform, range(1, 3), AS_OF)
    with connect(platform) as blocker:
        blocker.execute("lock table ytempire.users")
        impatient = PlatformExtractor(config(platform, statement_timeout_seconds=1))
        with pytest.raises(SourceUnavailableError, match="statement timeout"):
            extract(impatient, clean_warehouse)


def test_the_check_finds_the_tables(platform: WarehouseTarget) -> None:
    assert "has all 10 tables" in PlatformExtractor(config(platform)).check()


# ------------------------------------------------------------------ what is there no longer


def add_videos(platform: WarehouseTarget, numbers: range) -> None:
    change(
        platform,
        """
        insert into ytempire.videos (video_id, channel_id, title, status, queued_at, created_at,
            updated_at, content_type, generation_method)
        select ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, %s, 'A video',
            'queued', %s, %s, %s, 'news', 'automatic'
        from generate_series(%s::int, %s) as n
        """,
        UUID(int=2),
        *[AS_OF] * 3,
        numbers.start,
        numbers.stop - 1,
    )


def video(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012}"


def deletions(target: WarehouseTarget) -> dict[tuple[str, str], tuple[bool, datetime]]:
    rows = query(target, "select table_name, id, payload, noticed_at from raw_platform.deletions")
    return {(t, i): (payload["is_deleted"], at) for t, i, payload, at in rows}


def test_deleted_rows_are_noticed_once_a_day_and_their_return_too(
    platform: WarehouseTarget, clean_warehouse: WarehouseTarget, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PAGE_IDS", 7)  # several pages
    add_user_and_channel(platform, "token")
    add_videos(platform, range(1, 31))
    land(platform, clean_warehouse)
    assert deletions(clean_warehouse) == {}
    change(platform, "delete from ytempire.videos where video_id = any(%s)", [video(3), video(30)])
    land(platform, clean_warehouse, AS_OF + timedelta(hours=1))
    assert deletions(clean_warehouse) == {}  # not twice a day
    land(platform, clean_warehouse, A_DAY_LATER)
    gone = {("videos", video(n)): (True, A_DAY_LATER) for n in (3, 30)}
    assert deletions(clean_warehouse) == gone
    before = raw_rows(clean_warehouse, "raw_platform.deletions", *RAW)
    land(platform, clean_warehouse, A_DAY_LATER)
    next_day = A_DAY_LATER + timedelta(days=1)
    land(platform, clean_warehouse, next_day)
    assert raw_rows(clean_warehouse, "raw_platform.deletions", *RAW) == before
    assert len(payloads(clean_warehouse, "raw_platform.videos")) == 30  # what was landed stays
    add_videos(platform, range(3, 4))
    later = next_day + timedelta(days=1)
    land(platform, clean_warehouse, later)
    assert deletions(clean_warehouse) == {**gone, ("videos", video(3)): (False, later)}


def test_a_back_fill_and_records_of_what_happened_note_no_deletion(
    platform: WarehouseTarget, clean_warehouse: WarehouseTarget
) -> None:
    add_user_and_channel(platform, "token")
    add_videos(platform, range(1, 4))
    add_metrics(platform, range(1, 5), AS_OF)
    land(platform, clean_warehouse)
    change(platform, "delete from ytempire.videos where video_id = %s", video(1))
    change(platform, "delete from ytempire.system_metrics where metric_id = 1")
    land(platform, clean_warehouse, A_DAY_LATER, since=AS_OF.date())
    assert deletions(clean_warehouse) == {}
    land(platform, clean_warehouse, A_DAY_LATER)
    assert set(deletions(clean_warehouse)) == {("videos", video(1))}


def test_an_empty_table_is_told_instead_of_noting_that_all_is_deleted(
    platform: WarehouseTarget, clean_warehouse: WarehouseTarget
) -> None:
    add_user_and_channel(platform, "token")
    add_videos(platform, range(1, 4))
    land(platform, clean_warehouse)
    change(platform, "truncate ytempire.videos cascade")
    with pytest.raises(SourceUnavailableError, match="it is empty, though rows of it"):
        land(platform, clean_warehouse, A_DAY_LATER)
    assert deletions(clean_warehouse) == {}
