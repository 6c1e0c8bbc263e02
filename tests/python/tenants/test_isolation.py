"""Every tenant against every relation and function: own rows all, others' none."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from psycopg import sql
from tenanted import Tenanted

from warehouse.connection import WarehouseTarget, connect
from warehouse.tenants import TenantSecrets, check_isolation, read_tenants, sync_roles
from warehouse.tenants.roles import protect_marts

OURS = "('pg_catalog', 'information_schema', 'pg_toast')"


def _relations(tenanted: Tenanted) -> list[tuple[str, str, bool]]:
    with connect(tenanted.target) as connection:
        return connection.execute(
            f"""
            select namespace.nspname, class.relname, exists (
                select from pg_attribute where attrelid = class.oid and attname = 'user_id'
            )
            from pg_class as class
            inner join pg_namespace as namespace on namespace.oid = class.relnamespace
            where class.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
                and namespace.nspname not in {OURS}
            order by 1, 2
            """.encode()
        ).fetchall()


def _rows_by_user(tenanted: Tenanted, name: str) -> dict[UUID, int]:
    with connect(tenanted.target) as connection:
        query = sql.SQL("select user_id, count(*) from {} group by user_id")
        return dict(connection.execute(query.format(sql.Identifier("marts", name))).fetchall())


def test_each_tenant_sees_all_own_rows_and_none_of_others(tenanted: Tenanted) -> None:
    relations = _relations(tenanted)
    with_users = [name for schema, name, has in relations if schema == "marts" and has]
    assert len(with_users) >= 10
    everybody = {name: _rows_by_user(tenanted, name) for name in with_users}
    assert sum(len(users) > 1 for users in everybody.values()) >= 10, "nothing to keep apart"
    for tenant in tenanted.tenants:
        with tenanted.login(tenant) as connection:
            for name in with_users:
                query = sql.SQL("select user_id, count(*) from {} group by user_id")
                seen = dict(
                    connection.execute(query.format(sql.Identifier("marts", name))).fetchall()
                )
                own = everybody[name].get(tenant.user_id)
                assert seen == ({tenant.user_id: own} if own else {}), (tenant.role, name)


def test_nothing_but_the_marts_can_be_read(tenanted: Tenanted) -> None:
    with tenanted.login(tenanted.tenants[0]) as connection:
        readable = []
        for schema, name, has_user_id in _relations(tenanted):
            try:
                connection.execute(
                    sql.SQL("select * from {} limit 1").format(sql.Identifier(schema, name))
                )
            except psycopg.errors.InsufficientPrivilege:
                continue
            if not has_user_id:
                readable.append(f"{schema}.{name}")
            else:
                assert schema == "marts"
    assert readable == ["marts.dim_dates", "marts.time_spine"]


def test_no_function_of_ours_can_be_run(tenanted: Tenanted) -> None:
    with tenanted.login(tenanted.tenants[0]) as connection:
        open_functions = connection.execute(
            f"""
            select proname from pg_proc
            inner join pg_namespace on pg_namespace.oid = pronamespace
            where nspname not in {OURS}
                and has_schema_privilege(nspname, 'usage')
                and has_function_privilege(pg_proc.oid, 'execute')
            """.encode()
        ).fetchall()
    assert open_functions == []


def test_every_mart_of_users_is_protected(tenanted: Tenanted) -> None:
    """A new mart with a user_id needs nobody to think of it; one without a policy fails here."""
    with connect(tenanted.target) as connection:
        unprotected = connection.execute(
            """
            select relname
            from pg_class
            where relnamespace = 'marts'::regnamespace and relkind in ('r', 'p', 'm', 'v')
                and exists (
                    select from pg_attribute
                    where attrelid = pg_class.oid and attname = 'user_id' and not attisdropped
                )
                and not (
                    (relkind = 'v' and coalesce(reloptions @> '{security_invoker=on}', false))
                    or relrowsecurity and relforcerowsecurity
                    and (
                        select array_agg(polname::text order by polname) from pg_policy
                        where polrelid = pg_class.oid
                    ) = '{owner,staff,tenant}'
                )
            """
        ).fetchall()
        granted = connection.execute(
            """
            select relname from pg_class
            where relnamespace = 'marts'::regnamespace and not relrowsecurity
                and has_table_privilege('ytempire_tenants', oid, 'select')
                and not exists (
                    select from ops.marts_for_all_tenants where relation = 'marts.' || relname
                )
            """
        ).fetchall()
    assert (unprotected, granted) == ([], [])


def test_no_row_of_others_in_the_built_warehouse(tenanted: Tenanted) -> None:
    found = check_isolation(tenanted.target, tenanted.tenants, tenanted.secrets)
    assert len(found) >= 10 * len(tenanted.tenants)
    assert [item for item in found if item.rows] == []


@pytest.mark.parametrize(
    ("mistake", "relation", "rows"),
    [
        ("alter table marts.fct_days disable row level security", "marts.fct_days", 5),
        ("create policy all_of_it on marts.fct_days using (true)", "marts.fct_days", 5),
        ("grant select on marts.mrr_monthly to ytempire_tenants", "marts.mrr_monthly", 2),
        (
            "create view marts.leak as select * from marts.fct_days; "
            "grant select on marts.leak to public",
            "marts.leak",
            5,
        ),
        (
            "create schema scratch; create table scratch.copy as table marts.fct_days; "
            "grant usage on schema scratch to public; grant select on scratch.copy to public",
            "scratch.copy",
            5,
        ),
    ],
)
def test_the_check_tells_each_breach(
    tiny_marts: WarehouseTarget, tmp_path: Path, mistake: str, relation: str, rows: int
) -> None:
    secrets = TenantSecrets(tmp_path / "passwords.env")
    with connect(tiny_marts, autocommit=True) as connection:
        tenants = read_tenants(connection)
        sync_roles(tiny_marts, connection, tenants, secrets)
        protect_marts(connection)
        assert not any(item.rows for item in check_isolation(tiny_marts, tenants, secrets))
        connection.execute(mistake.encode())
        first = next(tenant for tenant in tenants if tenant.email == "0@example.com")
        found = check_isolation(tiny_marts, [first], secrets)
    assert [(item.relation, item.rows) for item in found if item.rows] == [(relation, rows)]


def test_the_index_is_used(tenanted: Tenanted) -> None:
    with tenanted.login(tenanted.tenants[0]) as connection:
        connection.execute("set enable_seqscan = off")
        rows = connection.execute("explain select * from marts.fct_channel_days").fetchall()
    assert "Index Cond: (user_id = " in "\n".join(row[0] for row in rows)


def test_every_index_of_a_tenants_mart_begins_with_the_user(tenanted: Tenanted) -> None:
    # Another index could be read by a tenant's condition before the policy's, and EXPLAIN ANALYZE
    # would count others' rows that meet it.
    with connect(tenanted.target) as connection:
        others = connection.execute(
            """
            select indexes.indexrelid::regclass::text
            from pg_index as indexes
            inner join pg_class as class on class.oid = indexes.indrelid
            left join pg_attribute as first
                on first.attrelid = class.oid and first.attnum = indexes.indkey[0]
            where class.relnamespace = 'marts'::regnamespace and class.relrowsecurity
                and first.attname is distinct from 'user_id'
            """
        ).fetchall()
    assert others == []


def test_the_tenant_is_read_once_a_query(tenanted: Tenanted) -> None:
    with tenanted.login(tenanted.tenants[0]) as connection:
        plan = connection.execute(
            "explain (format json, verbose) select from marts.dim_videos "
            "inner join marts.dim_channels using (user_id, channel_id)"
        ).fetchall()[0][0][0]["Plan"]
    initial = [step for step in plan["Plans"] if step["Parent Relationship"] == "InitPlan"]
    rest = [step for step in plan["Plans"] if step["Parent Relationship"] != "InitPlan"]
    assert "current_user" in str(initial).lower()
    assert "current_user" not in str(rest).lower()
