"""`ytempire tenants`: made, repeated, renewed, removed, checked."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from commands import Ytempire

from runner.pipeline import Plan, run
from runner.progress import Silent
from warehouse.connection import WarehouseTarget, connect
from warehouse.tenants import TenantSecrets, role_name


@pytest.fixture
def command(tiny_marts: WarehouseTarget, tmp_path: Path) -> Ytempire:
    return Ytempire(tiny_marts, tmp_path, {})


def _passwords(command: Ytempire) -> Path:
    return command.home / "tenants" / "passwords.env"


def _users(command: Ytempire) -> dict[str, UUID]:
    with connect(command.target) as connection:
        return dict(connection.execute("select email, user_id from marts.dim_users").fetchall())


def _rows(command: Ytempire, user_id: UUID, password: str | None = None) -> int:
    word = password or TenantSecrets(_passwords(command)).get(user_id) or ""
    own = replace(command.target, user=role_name(user_id), password=word)
    with psycopg.connect(own.conninfo()) as connection:
        return int(connection.execute("select count(*) from marts.fct_days").fetchall()[0][0])


def test_sync_gives_each_user_their_rows_and_repeated_changes_nothing(command: Ytempire) -> None:
    first = command.report("tenants", "sync")
    assert (len(first["created"]), first["problems"]) == (3, [])
    users = _users(command)
    assert [_rows(command, users[f"{number}@example.com"]) for number in range(3)] == [1, 2, 3]
    assert _passwords(command).stat().st_mode & 0o777 == 0o600
    before = _passwords(command).read_bytes()
    second = command.report("tenants", "sync")
    assert (len(second["kept"]), second["created"], second["removed"]) == (3, [], [])
    assert _passwords(command).read_bytes() == before
    with connect(command.target) as connection:
        hashed = connection.execute(
            "select rolpassword from pg_authid where rolname = %s",
            [role_name(users["0@example.com"])],
        ).fetchone()
    assert hashed is not None
    assert hashed[0].startswith("SCRAM-SHA-256$")


def test_who_leaves_is_locked_out(command: Ytempire) -> None:
    command("tenants", "sync")
    gone = _users(command)["1@example.com"]
    password = TenantSecrets(_passwords(command)).get(gone)
    with connect(command.target, autocommit=True) as connection:
        connection.execute(
            "update marts.dim_users set is_active = false where user_id = %s", [gone]
        )
    assert command.report("tenants", "sync")["removed"] == [role_name(gone)]
    with pytest.raises(psycopg.OperationalError):
        _rows(command, gone, password)
    assert TenantSecrets(_passwords(command)).get(gone) is None


def test_new_passwords_for_one_or_all(command: Ytempire) -> None:
    command("tenants", "sync")
    user = _users(command)["2@example.com"]
    before = {id_: TenantSecrets(_passwords(command)).get(id_) for id_ in _users(command).values()}
    assert command.report("tenants", "rotate", "2@example.com")["rotated"] == [role_name(user)]
    with pytest.raises(psycopg.OperationalError, match="password"):
        _rows(command, user, before[user])
    assert _rows(command, user) == 3
    command("tenants", "rotate", "--all")
    after = {id_: TenantSecrets(_passwords(command)).get(id_) for id_ in before}
    assert not set(before.values()) & set(after.values())


def test_a_password_that_was_not_set_any_more_is_set_by_the_next_sync(command: Ytempire) -> None:
    """As after a kill between writing the file and altering the role."""
    command("tenants", "sync")
    user = _users(command)["0@example.com"]
    secrets = TenantSecrets(_passwords(command))
    secrets.renew(user)
    secrets.save()
    assert command.report("tenants", "sync")["repaired"] == [role_name(user)]
    assert _rows(command, user) == 1


def test_a_membership_by_mistake_is_taken_back(command: Ytempire) -> None:
    command("tenants", "sync")
    user = _users(command)["0@example.com"]
    with connect(command.target, autocommit=True) as connection:
        connection.execute(f"grant ytempire_staff to {role_name(user)}".encode())
    assert _rows(command, user) == 6
    command("tenants", "sync")
    assert _rows(command, user) == 1


def test_passwords_that_others_may_read_are_refused(command: Ytempire) -> None:
    command("tenants", "sync")
    _passwords(command).chmod(0o644)
    refused = command("tenants", "sync", exit_code=3)
    assert "others may read it" in refused.stderr
    assert "rotate --all" in refused.stderr
    command("tenants", "rotate", "--all")
    command("tenants", "sync")


def test_the_check_keeps_what_it_found_and_fails_on_a_breach(command: Ytempire) -> None:
    command("tenants", "sync")
    assert command.report("tenants", "check") == {"checked": 6, "breaches": []}
    with connect(command.target, autocommit=True) as connection:
        connection.execute("alter table marts.fct_days disable row level security")
    told = command("tenants", "check", exit_code=14)
    assert "Tenants see rows of others" in told.stderr
    with connect(command.target) as connection:
        rows = connection.execute(
            "select relation, sum(foreign_rows) from ops.isolation_checks group by 1 order by 1"
        ).fetchall()
    assert rows == [("marts.dim_users", 0), ("marts.fct_days", 12)]


def test_each_run_looks_for_breaches(command: Ytempire) -> None:
    command("tenants", "sync")
    plan = Plan(
        "run",
        datetime(2026, 10, 20, tzinfo=UTC),
        {},
        {},
        extracts=False,
        validates=False,
        builds=False,
        tenant_passwords=_passwords(command),
    )
    assert run(command.target, plan, Silent()).exit_code == 0
    with connect(command.target, autocommit=True) as connection:
        connection.execute("grant select on marts.mrr_monthly to ytempire_tenants")
    report = run(command.target, plan, Silent())
    assert (report.exit_code, len(report.problems)) == (14, 1)


def test_marts_that_are_not_built_are_said_to_be(
    migrated_warehouse: WarehouseTarget, tmp_path: Path
) -> None:
    told = Ytempire(migrated_warehouse, tmp_path, {})("tenants", "sync", exit_code=3)
    assert "ytempire build" in told.stderr


def test_a_user_nobody_knows(command: Ytempire) -> None:
    assert "No active user" in command("tenants", "rotate", "x@example.com", exit_code=2).stderr
