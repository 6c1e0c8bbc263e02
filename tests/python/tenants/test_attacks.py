"""What a tenant with a SQL prompt may try, and what comes of it."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import psycopg
import pytest
from tenanted import Tenanted

from warehouse.connection import Connection, connect
from warehouse.tenants.roles import SETTINGS

REFUSED = (
    psycopg.errors.InsufficientPrivilege,
    psycopg.errors.UndefinedFunction,
    psycopg.errors.CantChangeRuntimeParam,
    psycopg.errors.FeatureNotSupported,
)
WRITABLE = "set default_transaction_read_only = off"
FIGURES = "marts.fct_channel_days"

# {other}: the user id of another tenant; {role}: that tenant's role; {owner}: who builds the marts.
REFUSALS = {
    "become the owner": ["set role {owner}"],
    "become another tenant": ["set role {role}"],
    "become the staff": ["set role ytempire_staff"],
    "begin a session as the owner": ["set session authorization {owner}"],
    "begin a session as another tenant": ["set session authorization {role}"],
    "grant oneself another tenant's role": ["grant {role} to current_user"],
    "grant oneself the marts of the staff": ["grant select on marts.mrr_monthly to current_user"],
    "alter another's password": ["alter role {role} password 'x'"],
    "take off one's own limits": ["alter role current_user bypassrls"],
    "rename oneself": ["alter role {me} rename to {role}0"],
    "turn row security off": ["set row_security = off", f"select count(*) from {FIGURES}"],
    "alter the table": [f"alter table {FIGURES} disable row level security"],
    "drop the policy": [f"drop policy tenant on {FIGURES}"],
    "add a policy": [f"create policy mine on {FIGURES} using (true)"],
    "write a row": [f"delete from {FIGURES}"],
    "update a row": [f"update {FIGURES} set views = 0"],
    "empty a mart": [f"truncate {FIGURES}"],
    "lock a mart": ["begin", f"lock {FIGURES}"],
    "call what protects the marts": [f"select ops.protect_mart('{FIGURES}'::regclass, true)"],
    "read the raw tables": ["select * from raw_platform.users"],
    "read the staging views": ["select * from staging.stg_platform__users"],
    "read the intermediate views": ["select * from intermediate.int_mrr_by_user_month"],
    "read the history": ["select * from snapshots.users_subscription"],
    "read the books": ["select * from ops.runs"],
    "read the staff's marts": ["select * from marts.mrr_monthly"],
    "read the passwords": ["select rolpassword from pg_authid"],
    "read the planner's samples": ["select stavalues1 from pg_statistic"],
    "create a table": ["create table marts.mine (a int)"],
    "create in public": ["create table public.x (a int)"],
    "create a temporary table": ["create temporary table x (a int)"],
    "create a view": [f"create view marts.v as table {FIGURES}"],
    "create a function": [
        "create function public.leak(text) "
        "returns boolean language plpgsql cost 0.0000001 as $$ begin return true; end $$",
    ],
    "create an operator": [
        "create operator public.=== (leftarg = uuid, rightarg = uuid, function = uuid_eq)",
    ],
    "create a schema": ["create schema mine"],
    "copy to a file": [f"copy {FIGURES} to '/tmp/leak'"],
    "copy to a program": [f"copy {FIGURES} to program 'cat'"],
    "read a file": ["select pg_read_file('postgresql.conf')"],
    "list files": ["select pg_ls_dir('.')"],
    "import a file": ["select lo_import('/etc/passwd')"],
    "make a large object": ["select lo_create(0)"],
    "connect elsewhere by dblink": ["create extension dblink"],
    "connect elsewhere by a foreign server": ["create extension postgres_fdw"],
    "read files by a foreign table": ["create extension file_fdw"],
    "run a program at logging": ["set log_directory = '/tmp'"],
    "load a library": ["load 'auto_explain'"],
    "hold the lock of the runs": ["select pg_advisory_lock(1)"],
    "end the owner's session": [
        "select pg_terminate_backend({pid})",
    ],
    "cancel the owner's query": ["select pg_cancel_backend({pid})"],
    "listen to replication": ["select pg_create_logical_replication_slot('x', 'test_decoding')"],
    "reload the configuration": ["select pg_reload_conf()"],
    "a DO block of the owner's": [
        "do $$ begin set local role {owner}; execute 'select 1 from ops.runs'; end $$"
    ],
}

# Nothing is refused, and nothing is told: {other} appears in no answer.
SILENCES = {
    "ask for another's rows": f"select * from {FIGURES} where user_id = '{{other}}'",
    "ask for all but one's own": (
        f"select * from {FIGURES} where user_id <> substr(current_user, 8)::uuid"
    ),
    "join one's way": (
        f"select * from {FIGURES} as a full join marts.dim_users as b using (user_id) "
        "where b.user_id = '{other}'"
    ),
    "claim by a setting": (
        "select set_config('app.tenant', '{other}', false), "
        f"(select count(*) from {FIGURES} where user_id = '{{other}}')"
    ),
    "shadow a name by the search path": (
        "select count(*) from (select set_config('search_path', 'ops,marts,pg_temp', false)) as s, "
        f"{FIGURES} where user_id = '{{other}}'"
    ),
    "tell by an error": (
        f"select 1 / (case when user_id = '{{other}}' then 0 else 1 end) from {FIGURES}"
    ),
    "tell by a cast": (
        "select case when user_id = '{other}' then email::int else 0 end from marts.dim_users"
    ),
    "a prepared statement": (
        f"prepare peek as select * from {FIGURES} where user_id = '{{other}}'; execute peek"
    ),
    "a cursor that outlives its transaction": (
        f"begin; declare peek cursor with hold for select * from {FIGURES} "
        "where user_id = '{other}'; commit; fetch all peek"
    ),
    "copy out": f"select count(*) from {FIGURES} where user_id::text = '{{other}}'",
    "statistics of columns": (
        "select tablename, most_common_vals::text, histogram_bounds::text from pg_stats "
        "where schemaname = 'marts' and tablename not in ('dim_dates', 'time_spine')"
    ),
    "extended statistics": (
        "select tablename, most_common_vals::text from pg_stats_ext where schemaname = 'marts'"
    ),
    "queries of others": (
        "select query from pg_stat_activity where usename <> current_user "
        "and query <> '<insufficient privilege>' and query <> ''"
    ),
    "large objects of others": "select * from pg_largeobject_metadata",
    "cursors and statements of others": (
        "select statement from pg_cursors where statement like '%{other}%'"
    ),
    "the group's own view of the rows": (
        f"begin; set local role ytempire_tenants; select * from {FIGURES}; commit"
    ),
}


def _words(tenanted: Tenanted, pid: int) -> dict[str, str]:
    me, other = tenanted.tenants[:2]
    return {
        "me": me.role,
        "other": str(other.user_id),
        "role": other.role,
        "owner": tenanted.target.user,
        "pid": str(pid),
    }


def _fill(statement: str, words: dict[str, str]) -> bytes:
    for name, word in words.items():
        statement = statement.replace("{" + name + "}", word)
    return statement.encode()


@pytest.mark.parametrize("name", REFUSALS)
def test_attack_is_refused(tenanted: Tenanted, name: str) -> None:
    with connect(tenanted.target) as owner, tenanted.login(tenanted.tenants[0]) as mine:
        words = _words(tenanted, owner.info.backend_pid)
        mine.execute(WRITABLE.encode())
        with pytest.raises(REFUSED):  # noqa: PT012
            for statement in REFUSALS[name]:
                mine.execute(_fill(statement, words))


@pytest.mark.parametrize("name", SILENCES)
def test_attack_tells_nothing(tenanted: Tenanted, name: str) -> None:
    with connect(tenanted.target) as owner, tenanted.login(tenanted.tenants[0]) as mine:
        words = _words(tenanted, owner.info.backend_pid)
        told = _everything(mine, _fill(SILENCES[name], words))
    seen = [value for row in told for value in row]
    if name in ("claim by a setting", "shadow a name by the search path", "copy out"):
        assert seen[-1] == 0
    elif name in ("tell by an error", "tell by a cast"):
        assert set(seen) <= {0, 1}
    else:
        assert told == []


def _everything(connection: Connection, statements: bytes) -> list[tuple[object, ...]]:
    """Run statements one by one, and return the rows of all of them."""
    rows: list[tuple[object, ...]] = []
    for statement in statements.split(b"; "):
        cursor = connection.execute(statement)
        if cursor.description is not None:
            rows += cursor.fetchall()
    return rows


def test_explain_says_the_same_of_everybody(tenanted: Tenanted) -> None:
    """Estimates come from statistics over all tenants; there are none of these marts."""
    nobody = UUID(int=0)
    with connect(tenanted.target, autocommit=True) as owner:
        owner.execute(f"analyze {FIGURES}".encode())
    with tenanted.login(tenanted.tenants[0]) as mine:
        plans = [
            mine.execute(
                f"explain select * from {FIGURES} where user_id = '{user}' "
                f"and views > {views}".encode()
            ).fetchall()
            for user in (tenanted.tenants[1].user_id, nobody)
            for views in (1, 1_000_000_000)
        ]
    told = {
        str(plan)
        .replace(str(tenanted.tenants[1].user_id), "x")
        .replace(str(nobody), "x")
        .replace("1000000000", "1")
        for plan in plans
    }
    assert len(told) == 1


def test_a_tenant_cannot_enter_another_database(tenanted: Tenanted) -> None:
    tenant = tenanted.tenants[0]
    password = tenanted.secrets.get(tenant.user_id)
    assert password is not None
    elsewhere = replace(tenanted.target, user=tenant.role, password=password, database="postgres")
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        psycopg.connect(elsewhere.conninfo())


def test_nobody_gets_in_with_a_wrong_password(tenanted: Tenanted) -> None:
    own = replace(tenanted.target, user=tenanted.tenants[0].role, password="guess")
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(own.conninfo())


def test_a_session_begins_with_the_limits(tenanted: Tenanted) -> None:
    with tenanted.login(tenanted.tenants[0]) as mine:
        shown = {name: mine.execute(f"show {name}".encode()).fetchall()[0][0] for name in SETTINGS}
    assert shown["default_transaction_read_only"] == "on"
    assert shown["statement_timeout"] == "15s"
