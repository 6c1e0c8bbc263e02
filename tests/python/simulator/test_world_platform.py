"""The platform database of a synthetic world: complete, and only touched where it differs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import psycopg
import pytest
from cryptography.fernet import Fernet

from simulator.world.synthetic import SyntheticWorld
from simulator.world.truth import video_costs
from warehouse.connection import WarehouseTarget

AS_OF = datetime(2026, 3, 20, 9, 30, tzinfo=UTC)
KEYS = {
    "users": "user_id",
    "channels": "channel_id",
    "videos": "video_id",
    "video_generation_jobs": "job_id",
    "cost_ledger": "entry_id",
    "video_costs": "cost_id",
    "thumbnails": "thumbnail_id",
    "api_logs": "log_id",
    "error_logs": "error_id",
    "system_metrics": "metric_id",
}
Versions = dict[tuple[str, str], str]


def versions(connection: psycopg.Connection) -> Versions:
    """Return which transaction wrote each row."""
    return {
        (table, key): xmin
        for table, column in KEYS.items()
        for key, xmin in connection.execute(
            f"select {column}::text, xmin::text from ytempire.{table}".encode()
        )
    }


def watermarks(connection: psycopg.Connection, since: datetime) -> set[tuple[str, str]]:
    """Return the rows that say they changed after an instant."""
    return {
        (table, key)
        for table, column in KEYS.items()
        for (key,) in connection.execute(
            f"select {column}::text from ytempire.{table} where updated_at > %s".encode(), [since]
        )
    }


@pytest.fixture(scope="module")
def filled(new_warehouse: Callable[[], WarehouseTarget]) -> tuple[SyntheticWorld, str]:
    """Return a small world and the platform database that it filled; read it only."""
    key = Fernet.generate_key().decode()
    world = SyntheticWorld(7, "small", AS_OF, token_encryption_key=key)
    url = new_warehouse().conninfo()
    world.fill_platform(url)
    return world, url


def test_filling_touches_only_what_differs(
    filled: tuple[SyntheticWorld, str], warehouse: WarehouseTarget
) -> None:
    world, url = filled[0], warehouse.conninfo()
    world.fill_platform(url)
    with psycopg.connect(url, autocommit=True) as connection:
        first = versions(connection)
        assert {table for table, _ in first} == set(KEYS)
        assert watermarks(connection, AS_OF) == set()
        world.fill_platform(url)
        assert versions(connection) == first
        later = SyntheticWorld(
            7, "small", AS_OF + timedelta(days=1), world.first_day, world.token_encryption_key
        )
        later.fill_platform(url)
        now = versions(connection)
        changed = {row for row, writer in now.items() if first.get(row) != writer}
        assert first.keys() <= now.keys()
        assert 0 < len(changed) < len(now) / 5
        # An extractor that follows updated_at sees every change.
        assert changed == watermarks(connection, AS_OF)


def test_ledger_is_the_truth_of_costs(filled: tuple[SyntheticWorld, str]) -> None:
    world, url = filled
    with psycopg.connect(url) as connection:
        costs = connection.execute(
            "select video_id::text, sum(cost_usd)::text from ytempire.cost_ledger"
            " group by video_id order by video_id::text"
        ).fetchall()
        assert costs == video_costs(world)
        off = connection.execute(
            "select count(*) from ytempire.video_costs c join (select video_id, sum(cost_usd) usd"
            " from ytempire.cost_ledger group by video_id) l using (video_id)"
            " where abs(c.total_cost_cents - l.usd * 100) > 4.5"
        ).fetchone()
        assert off == (0,)
    amounts = [Decimal(cost) for _, cost in video_costs(world)]
    assert Decimal("1.9") < sum(amounts) / len(amounts) < Decimal("2.5")
    assert sum(amount > 3 for amount in amounts) > len(amounts) / 50


def test_ledger_agrees_with_the_providers(filled: tuple[SyntheticWorld, str]) -> None:
    world, url = filled
    with psycopg.connect(url) as connection:
        days = connection.execute(
            "select (occurred_at at time zone 'UTC')::date, sum(cost_usd) from ytempire.cost_ledger"
            " where component = 'openai' group by 1"
        ).fetchall()
    assert len(days) > 25
    for day, usd in days:
        billed = sum(each.amount_usd for each in world.openai_costs if each.day == day)
        assert usd < billed < usd * Decimal("1.01") + 1


def test_jobs_fail_and_are_tried_again(filled: tuple[SyntheticWorld, str]) -> None:
    with psycopg.connect(filled[1]) as connection:
        statuses: dict[str, int] = dict(
            connection.execute(
                "select status, count(*) from ytempire.video_generation_jobs group by status"
            ).fetchall()
        )
        assert statuses["completed"] > 1_000
        assert statuses["failed"] > 50
        wrong = connection.execute(
            "select count(*) from ytempire.video_generation_jobs where"
            " (status = 'failed') <> (error_message is not null)"
            " or (status = 'completed') <> (progress_percentage = 100)"
            " or greatest(started_at, completed_at, failed_at) > updated_at"
        ).fetchone()
        assert wrong == (0,)
        retried = connection.execute(
            "select count(*) from ytempire.video_generation_jobs where retry_count > 0"
        ).fetchone()
        assert retried is not None
        assert retried[0] > 50


def test_refresh_tokens_are_encrypted(filled: tuple[SyntheticWorld, str]) -> None:
    world, url = filled
    assert world.token_encryption_key is not None
    fernet = Fernet(world.token_encryption_key)
    with psycopg.connect(url) as connection:
        sealed: dict[str, str] = dict(
            connection.execute(
                "select youtube_channel_id, oauth_refresh_token from ytempire.channels"
            ).fetchall()
        )
    for channel in world.channels:
        opened = fernet.decrypt(sealed[channel.youtube_channel_id].encode()).decode()
        assert opened == channel.refresh_token


def test_owners_uploads_are_not_in_the_platforms_books(
    filled: tuple[SyntheticWorld, str],
) -> None:
    world, url = filled
    with psycopg.connect(url) as connection:
        known = {row[0] for row in connection.execute("select video_id from ytempire.videos")}
    videos = [video for each in world.channels for video in world.videos(each.youtube_channel_id)]
    owners = {v.platform_video_id for v in videos if v.generation_method == "owner_upload"}
    assert owners
    assert known == {video.platform_video_id for video in videos} - owners
