"""Monthly partitions: made when needed, once, without stopping anybody."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta, timezone
from threading import Barrier

import pytest

from warehouse.connection import WarehouseTarget, connect
from warehouse.errors import BadDataError
from warehouse.partitions import ensure_partitions

SNAPSHOTS = "raw_youtube.video_snapshots"
DAYS = "raw_youtube.video_day_core"
NEW_DAY = f"insert into {DAYS} values (%s, %s, 'v', '{{}}', gen_random_uuid(), now())"
INSERT = f"""
    insert into {SNAPSHOTS} (video_id, captured_at, payload, _batch_id, _loaded_at)
    values (%s, %s, '{{}}', gen_random_uuid(), now())
    returning tableoid::regclass::text
"""


def test_the_months_of_a_span_are_made_once(migrated_warehouse: WarehouseTarget) -> None:
    with connect(migrated_warehouse) as connection:
        first, last = datetime(2026, 11, 30, 23, 59, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
        made = ensure_partitions(connection, SNAPSHOTS, first, last)
        assert made == [f"video_snapshots_{month}" for month in ("2026_11", "2026_12", "2027_01")]
        assert ensure_partitions(connection, SNAPSHOTS, first, last) == []
        for moment, partition in ((first, "2026_11"), (last, "2027_01")):
            row = connection.execute(INSERT, ["video", moment]).fetchone()
            assert row == (f"raw_youtube.video_snapshots_{partition}",)
        keys = connection.execute(
            "select count(*) from pg_index where indisprimary and indrelid = any(%s::regclass[])",
            [[f"raw_youtube.{name}" for name in made]],
        ).fetchone()
        assert keys == (3,)


def test_months_are_utc_months_whatever_the_session_and_the_value_say(
    migrated_warehouse: WarehouseTarget,
) -> None:
    west = timezone(timedelta(hours=-8))
    with connect(migrated_warehouse) as connection:
        connection.execute("set timezone = 'America/Los_Angeles'")
        moment = datetime(2026, 11, 30, 17, 0, tzinfo=west)  # December in UTC
        assert ensure_partitions(connection, SNAPSHOTS, moment, moment) == [
            "video_snapshots_2026_12"
        ]
        row = connection.execute(INSERT, ["video", moment]).fetchone()
        assert row == ("raw_youtube.video_snapshots_2026_12",)
    with pytest.raises(ValueError, match="time zone"):
        ensure_partitions(connection, SNAPSHOTS, datetime(2026, 1, 1), moment)  # noqa: DTZ001


def test_tables_by_day(migrated_warehouse: WarehouseTarget) -> None:
    with connect(migrated_warehouse) as connection:
        made = ensure_partitions(connection, DAYS, date(2026, 12, 31), date(2027, 1, 1))
        assert made == ["video_day_core_2026_12", "video_day_core_2027_01"]
        row = connection.execute(
            f"{NEW_DAY} returning tableoid::regclass::text", ["c", date(2026, 12, 31)]
        ).fetchone()
        assert row == ("raw_youtube.video_day_core_2026_12",)


def test_a_rollback_takes_them_back(migrated_warehouse: WarehouseTarget) -> None:
    day = date(2026, 5, 5)
    with connect(migrated_warehouse) as connection:
        assert ensure_partitions(connection, DAYS, day, day)
        connection.rollback()
        assert ensure_partitions(connection, DAYS, day, day) == ["video_day_core_2026_05"]


def test_many_at_once_make_each_month_once(migrated_warehouse: WarehouseTarget) -> None:
    ready = Barrier(4)

    def make(number: int) -> list[str]:
        with connect(migrated_warehouse) as connection:
            ready.wait()
            made = ensure_partitions(connection, DAYS, date(2026, 1, 1), date(2026, 12, 31))
            connection.execute(NEW_DAY, [f"c{number}", date(2026, 3, 1 + number)])
            return made

    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(make, range(4)))
    assert sorted(map(len, made)) == [0, 0, 0, 12]


def test_readers_and_writers_need_not_wait(migrated_warehouse: WarehouseTarget) -> None:
    with connect(migrated_warehouse) as maker, connect(migrated_warehouse) as other:
        ensure_partitions(other, DAYS, date(2026, 1, 1), date(2026, 1, 1))
        other.commit()
        ensure_partitions(maker, DAYS, date(2026, 2, 1), date(2026, 2, 1))  # not committed
        other.execute("set lock_timeout = '2s'")
        other.execute(f"select from {DAYS}".encode())
        other.execute(NEW_DAY, ["c", date(2026, 1, 1)])


def test_an_absurd_span_is_refused(migrated_warehouse: WarehouseTarget) -> None:
    with connect(migrated_warehouse) as connection, pytest.raises(BadDataError, match="0001-01"):
        ensure_partitions(connection, DAYS, date(1, 1, 1), date(2026, 1, 1))
