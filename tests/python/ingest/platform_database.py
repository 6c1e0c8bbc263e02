"""Fill and change the platform's database, and extract from it into a warehouse."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from standins import AS_OF, IMPATIENT, Landed, extract, payloads

from ingest.sources.platform.connection import PlatformConfig
from ingest.sources.platform.extractor import PlatformExtractor
from ingest.streams import PLATFORM_TABLES
from warehouse.connection import WarehouseTarget, connect

RAW = [f"raw_platform.{table}" for table in PLATFORM_TABLES]
USER = UUID(int=1)


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
