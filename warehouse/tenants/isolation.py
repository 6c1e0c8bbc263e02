"""Look, as each tenant, whether any row of somebody else's can be seen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from psycopg import sql

from warehouse.connection import Connection, WarehouseTarget, connect
from warehouse.errors import ConfigurationError, IsolationError
from warehouse.tenants.roles import Tenant, read_tenants, tenant_roles
from warehouse.tenants.secrets import TenantSecrets


@dataclass(frozen=True, slots=True)
class ForeignRows:
    """How many rows that are not theirs a tenant's role sees in a mart: 0 is what must be."""

    role: str
    relation: str
    rows: int

    def __str__(self) -> str:
        return f"{self.role} sees {self.rows} rows of others in {self.relation}"


def check_isolation(
    target: WarehouseTarget, tenants: Iterable[Tenant], secrets: TenantSecrets
) -> list[ForeignRows]:
    """Log in as each tenant and count others' rows in all that the tenant may read.

    A relation without a user_id counts with all its rows, unless it is noted in
    `ops.marts_for_all_tenants`. Raises ConfigurationError for a
    tenant without a password, DatabaseError for one who cannot log in.
    """
    found = []
    with connect(target) as connection:
        relations = _relations(connection)
        open_to_all = {
            row[0] for row in connection.execute("select relation from ops.marts_for_all_tenants")
        }
    for tenant in tenants:
        password = secrets.get(tenant.user_id)
        if password is None:
            raise ConfigurationError(
                f"There is no password for {tenant.role} in {secrets.path}.",
                hint="Run `ytempire tenants sync`.",
            )
        own = replace(target, user=tenant.role, password=password)
        with connect(own, application_name="ytempire-isolation") as connection:
            found += _count(connection, tenant, relations, open_to_all)
    return found


def look_and_note(
    target: WarehouseTarget, connection: Connection, secrets: TenantSecrets, at: datetime
) -> list[ForeignRows]:
    """Check the users that have a role, and keep what was found in `ops.isolation_checks`."""
    roles = tenant_roles(connection)
    tenants = [tenant for tenant in read_tenants(connection) if tenant.user_id in roles]
    found = check_isolation(target, tenants, secrets)
    with connection.cursor() as cursor:
        cursor.executemany(
            """
            insert into ops.isolation_checks (checked_at, role, relation, foreign_rows)
            values (%s, %s, %s, %s)
            """,
            [(at, item.role, item.relation, item.rows) for item in found],
        )
    return found


def breach(breaches: list[str]) -> IsolationError:
    """Say that tenants see rows of others."""
    more = f" and {len(breaches) - 3} more" if len(breaches) > 3 else ""
    return IsolationError(
        f"Tenants see rows of others: {'; '.join(breaches[:3])}{more}.",
        hint="Close it now: `revoke select on <relation> from ytempire_tenants`; then see who "
        "granted it, and build again.",
    )


def _relations(connection: Connection) -> list[tuple[str, str, bool]]:
    """Return schema, name and whether there is a user_id, of all that could hold rows of users."""
    return connection.execute(
        """
        select namespace.nspname, class.relname, exists (
            select from pg_attribute
            where attrelid = class.oid and attname = 'user_id' and not attisdropped
        )
        from pg_class as class
        inner join pg_namespace as namespace on namespace.oid = class.relnamespace
        where class.relkind in ('r', 'p', 'v', 'm', 'f')
            and namespace.nspname !~ '^pg_' and namespace.nspname <> 'information_schema'
        order by namespace.nspname, class.relname
        """
    ).fetchall()


def _count(
    connection: Connection,
    tenant: Tenant,
    relations: list[tuple[str, str, bool]],
    open_to_all: set[str],
) -> list[ForeignRows]:
    """Count in one statement: a tenant's session costs more than the rows, which an index finds."""
    readable = connection.execute(
        """
        select wanted.position
        from unnest(%s::text[], %s::text[]) with ordinality as wanted (schema, name, position)
        where has_schema_privilege(wanted.schema, 'usage')
            and has_table_privilege(format('%%I.%%I', wanted.schema, wanted.name), 'select')
        order by wanted.position
        """,
        [[schema for schema, _, _ in relations], [name for _, name, _ in relations]],
    ).fetchall()
    names, counts = [], []
    for (position,) in readable:
        schema, name, has_user_id = relations[position - 1]
        relation = f"{schema}.{name}"
        if not has_user_id and relation in open_to_all:
            continue
        names.append(relation)
        counts.append(_foreign_rows(schema, name, has_user_id, tenant.user_id))
    if not counts:
        return []
    rows = connection.execute(sql.SQL("select ") + sql.SQL(", ").join(counts)).fetchall()
    return [ForeignRows(tenant.role, *item) for item in zip(names, rows[0], strict=True)]


def _foreign_rows(schema: str, name: str, has_user_id: bool, user_id: UUID) -> sql.Composed:
    table = sql.Identifier(schema, name)
    if not has_user_id:
        return sql.SQL("(select count(*) from {})").format(table)
    count = sql.SQL("(select count(*) from {} where user_id is distinct from {})")
    return count.format(table, sql.Literal(user_id))
