"""The extractor of the platform's database in bad weather: what it tells and what it survives."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import psycopg
import pytest
from platform_database import add_metrics, change, config, keys, land
from standins import AS_OF, IMPATIENT, extract

from ingest.sources.platform.connection import PlatformConfig, open_connection, reading
from ingest.sources.platform.extractor import PlatformExtractor
from warehouse.connection import WarehouseTarget, connect
from warehouse.errors import ConfigurationError, CredentialsError, SourceUnavailableError


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


@contextmanager
def reader_role(platform: WarehouseTarget) -> Iterator[WarehouseTarget]:
    """Make a login role without rights; give the database as it sees it."""
    name = f"reader_{platform.database}"
    change(platform, f"create role {name} login password 'let me in'")
    try:
        yield replace(platform, user=name, password="let me in")
    finally:
        change(platform, f"drop role {name}")


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
