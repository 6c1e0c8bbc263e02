"""Close what PostgreSQL leaves open to every role, and say what could not be closed."""

from __future__ import annotations

import psycopg
from psycopg import sql

from warehouse.connection import Connection
from warehouse.tenants.roles import STAFF, TENANTS

# Functions that every role may run and that change something others see: large objects (storage),
# advisory locks (a tenant could hold the lock of the runs).
_OPEN_FUNCTIONS = r"^(lo_.*|loread|lowrite|pg_(try_)?advisory_.*)$"


def harden(connection: Connection) -> list[str]:
    """Take from everybody what no tenant needs, in this database; return what was not possible.

    The server's common databases and those beside this one (the demo's platform) are closed too
    where they are ours: a tenant has no business in them. Repeated, it changes nothing.
    """
    database = sql.Identifier(connection.info.dbname)
    problems: list[str] = []
    for group in (STAFF, TENANTS):
        _try(
            connection,
            sql.SQL("grant connect on database {} to {}").format(database, sql.Identifier(group)),
            problems,
        )
    for (name,) in connection.execute(
        """
        select datname from pg_database
        where datallowconn and pg_has_role(current_user, datdba, 'usage')
            and (
                datname in (current_database(), 'postgres', 'template1')
                or starts_with(datname, current_database() || '_')
            )
            and exists (
                select from aclexplode(coalesce(datacl, acldefault('d', datdba)))
                where grantee = 0
            )
        """
    ).fetchall():
        revoke = sql.SQL("revoke connect, temporary on database {} from public")
        _try(connection, revoke.format(sql.Identifier(name)), problems)
    for schema in ("public", "marts"):
        if connection.execute("select 1 from pg_namespace where nspname = %s", [schema]).fetchone():
            revoke = sql.SQL("revoke create on schema {} from public")
            _try(connection, revoke.format(sql.Identifier(schema)), problems)
    _close_functions(connection, problems)
    return problems


def _close_functions(connection: Connection, problems: list[str]) -> None:
    """Revoke the functions of large objects and advisory locks from everybody but their owner.

    Our own pipeline takes advisory locks: where it is no superuser it gets them back by name.
    """
    rows = connection.execute(
        """
        select oid::regprocedure::text
        from pg_proc
        where pronamespace = 'pg_catalog'::regnamespace and proname ~ %s
            and (proacl is null or exists (
                select from aclexplode(proacl) where grantee = 0 and privilege_type = 'EXECUTE'
            ))
        """,
        [_OPEN_FUNCTIONS],
    ).fetchall()
    if not rows:
        return
    names = sql.SQL(", ").join(sql.SQL(name) for (name,) in rows)
    owner = sql.Identifier(connection.info.user)
    with connection.transaction():
        if _try(connection, sql.SQL("grant execute on function {} to {}").format(names, owner), []):
            _try(
                connection,
                sql.SQL("revoke execute on function {} from public").format(names),
                problems,
            )
        else:
            problems.append(
                "large objects and advisory locks stay open to tenants: only a superuser can "
                "revoke their functions from everybody"
            )


def _try(connection: Connection, statement: sql.Composed, problems: list[str]) -> bool:
    try:
        with connection.transaction():
            connection.execute(statement)
    except psycopg.errors.InsufficientPrivilege as error:
        problems.append(str(error.diag.message_primary))
        return False
    return True
