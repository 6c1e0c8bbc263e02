"""The schema of raw and ops: made once, whole, by any owner of a database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from alembic.script import ScriptDirectory

from warehouse import migrate as migrations
from warehouse.connection import WarehouseTarget, connect
from warehouse.errors import ConfigurationError, DatabaseError
from warehouse.migrate import HEAD, current_revision, migrate, pending


def _everything(target: WarehouseTarget) -> list[tuple[str, ...]]:
    with connect(target) as connection:
        return connection.execute(
            """
            select table_schema, table_name, column_name, data_type, is_nullable
            from information_schema.columns
            where table_schema = 'ops' or table_schema like 'raw%'
            order by 1, 2, 3
            """
        ).fetchall()


def test_migrating_twice_changes_nothing(warehouse: WarehouseTarget) -> None:
    assert current_revision(warehouse) is None
    assert pending(warehouse)[-1] == HEAD
    applied = migrate(warehouse)
    assert applied[0] == "0001"
    assert applied[-1] == HEAD
    before = _everything(warehouse)
    assert ("raw_youtube", "video_snapshots", "payload", "jsonb", "NO") in before
    assert current_revision(warehouse) == HEAD
    assert pending(warehouse) == []
    assert migrate(warehouse) == []
    assert _everything(warehouse) == before


def test_the_constant_is_the_newest_file() -> None:
    assert ScriptDirectory.from_config(migrations._config()).get_current_head() == HEAD


def test_concurrent_migrations_take_turns(warehouse: WarehouseTarget) -> None:
    with ThreadPoolExecutor(4) as pool:
        applied = list(pool.map(migrate, [warehouse] * 4))
    assert sorted(len(revisions) for revisions in applied)[:3] == [0, 0, 0]
    assert max(applied, key=len)[-1] == HEAD
    assert current_revision(warehouse) == HEAD


def test_the_template_is_migrated(migrated_warehouse: WarehouseTarget) -> None:
    assert current_revision(migrated_warehouse) == HEAD


def test_a_plain_owner_may_migrate_and_a_guest_is_told(warehouse: WarehouseTarget) -> None:
    role = f"owner_of_{warehouse.database}"
    owner = replace(warehouse, user=role, password="let me in")
    with connect(warehouse, autocommit=True) as connection:
        connection.execute(f"create role {role} login password 'let me in'".encode())
        try:
            with pytest.raises(DatabaseError, match=f"{role} must own the database"):
                migrate(owner)
            assert current_revision(warehouse) is None
            connection.execute(f"alter database {warehouse.database} owner to {role}".encode())
            assert migrate(owner)[-1] == HEAD
        finally:
            connection.execute(f"reassign owned by {role} to current_user".encode())
            connection.execute(f"drop role {role}".encode())


def test_a_database_from_the_future_is_refused(migrated_warehouse: WarehouseTarget) -> None:
    with connect(migrated_warehouse) as connection:
        connection.execute("update ops.schema_version set version_num = '9999'")
    with pytest.raises(ConfigurationError, match="9999"):
        migrate(migrated_warehouse)
