"""Fixtures for the tests of the extractors."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from youtube_reporting_standin import AS_OF, some_channels, world_of
from youtube_standin import lander_of

import simulator.platform
from ingest.landing import Row
from ingest.streams import platform_stream
from warehouse.connection import WarehouseTarget, connect

SCHEMA = Path(simulator.platform.__file__).with_name("schema.sql")


@pytest.fixture(scope="session")
def shared_warehouse(new_migrated_warehouse: Callable[[], WarehouseTarget]) -> WarehouseTarget:
    """Return a migrated warehouse that the tests of a worker use one after the other."""
    return new_migrated_warehouse()


@pytest.fixture
def clean_warehouse(shared_warehouse: WarehouseTarget) -> WarehouseTarget:
    """Return a migrated warehouse without rows: quicker than a database of the test's own."""
    with connect(shared_warehouse) as connection:
        connection.execute(
            """
            do $$
            begin
                execute (
                    select 'truncate ' || string_agg(format('%I.%I', schemaname, tablename), ', ')
                    from pg_tables
                    where schemaname ~ '^(raw_|ops$)' and tablename !~ 'version|migration'
                );
            end $$
            """
        )
    return shared_warehouse


@pytest.fixture
def target(clean_warehouse: WarehouseTarget) -> WarehouseTarget:
    """Return a warehouse that knows five channels of the platform."""
    rows = [
        Row(
            (str(channel.platform_channel_id), AS_OF),
            {
                "youtube_channel_id": channel.youtube_channel_id,
                "user_id": str(channel.user_id),
                "status": "active",
            },
        )
        for channel in some_channels(world_of(AS_OF))
    ]
    with lander_of(clean_warehouse) as lander:
        lander.land(platform_stream("channels"), rows)
    return clean_warehouse


@pytest.fixture(scope="session")
def platform_database(new_warehouse: Callable[[], WarehouseTarget]) -> WarehouseTarget:
    """Return a database for the platform's schema that the tests of a worker use in turn."""
    return new_warehouse()


@pytest.fixture
def platform(platform_database: WarehouseTarget) -> WarehouseTarget:
    """Return the platform's database, its tables made anew and without rows."""
    with connect(platform_database, autocommit=True) as connection:
        connection.execute("drop schema if exists ytempire cascade")
        connection.execute(SCHEMA.read_bytes())
    return platform_database
