"""Login roles of the tenants: made, brought up to date, given new passwords, and removed.

A tenant's role is named `tenant_<user id, 32 hex digits>`. It belongs to `ytempire_tenants`, which
has nothing but the right to read the marts; a tenant who takes that role's name by `set role` sees
no row, because the policies read the tenant's id in the role's name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

import psycopg
from psycopg import sql

from warehouse.connection import Connection, WarehouseTarget, connect
from warehouse.errors import ConfigurationError, DatabaseError
from warehouse.tenants.secrets import TenantSecrets

TENANTS = "ytempire_tenants"
STAFF = "ytempire_staff"
CONNECTION_LIMIT = 10
SETTINGS = {
    "default_transaction_read_only": "on",
    "idle_in_transaction_session_timeout": "60s",
    "jit": "off",
    "lock_timeout": "2s",
    "search_path": "marts",
    "statement_timeout": "15s",
    "temp_file_limit": "256MB",
    "TimeZone": "UTC",
    "work_mem": "16MB",
}
"""What a tenant's session begins with. It protects the server from mistakes, not the rows from
curiosity: a session may change most of these."""
_ADMINISTRATORS_ONLY = {"temp_file_limit"}
_ROLE = re.compile(r"tenant_([0-9a-f]{32})")
_ATTRIBUTES = (
    "login inherit nosuperuser nocreatedb nocreaterole noreplication nobypassrls connection limit "
)


@dataclass(frozen=True, slots=True, order=True)
class Tenant:
    """A user of the platform, as the marts know them."""

    user_id: UUID
    email: str

    @property
    def role(self) -> str:
        """Return the name of the tenant's login role."""
        return role_name(self.user_id)


@dataclass(slots=True)
class Changes:
    """What was done to the roles."""

    created: list[str] = field(default_factory=list)
    rotated: list[str] = field(default_factory=list)
    repaired: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    groups_created: list[str] = field(default_factory=list)


def role_name(user_id: UUID) -> str:
    """Return the name of a tenant's login role."""
    return f"tenant_{user_id.hex}"


def read_tenants(connection: Connection) -> list[Tenant]:
    """Return the active users. Raises ConfigurationError while the marts are not built."""
    try:
        rows = connection.execute(
            "select user_id, email from marts.dim_users where is_active order by user_id"
        ).fetchall()
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName) as error:
        raise ConfigurationError(
            "There is no marts.dim_users, so nobody knows who the tenants are.",
            hint="Build the marts first: `ytempire build`.",
        ) from error
    return [Tenant(*row) for row in rows]


def tenant_roles(connection: Connection) -> dict[UUID, str]:
    """Return the roles of this database's tenants by user.

    Roles are the server's, and another warehouse may be on it, so that each role says in its
    comment whose it is.
    """
    rows = connection.execute(
        """
        select rolname from pg_roles
        where rolname ~ '^tenant_[0-9a-f]{32}$' and shobj_description(oid, 'pg_authid') = %s
        order by rolname
        """,
        [_mark(connection)],
    ).fetchall()
    matches = (_ROLE.fullmatch(name) for (name,) in rows)
    return {UUID(match[1]): match[0] for match in matches if match}


def ensure_groups(connection: Connection) -> list[str]:
    """Make the two group roles, that read the marts, where they are missing; return their names.

    Raises DatabaseError when the connected role may not make roles.
    """
    made = []
    for name in (STAFF, TENANTS):
        if connection.execute("select 1 from pg_roles where rolname = %s", [name]).fetchone():
            continue
        try:
            _as_administrator(connection, sql.SQL("create role {}").format(sql.Identifier(name)))
        except (psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
            continue  # made just now for another database of the server
        made.append(name)
    for name in (STAFF, TENANTS):
        grant = sql.SQL("grant usage on schema marts to {}").format(sql.Identifier(name))
        connection.execute(grant)
    return made


def protect_marts(connection: Connection) -> None:
    """Protect all marts that are there: needed when a group was made after them."""
    connection.execute(
        """
        select ops.protect_mart(oid)
        from pg_class
        where relnamespace = 'marts'::regnamespace and relkind in ('r', 'p', 'v', 'm')
        """
    )


def sync_roles(
    target: WarehouseTarget,
    connection: Connection,
    tenants: Sequence[Tenant],
    secrets: TenantSecrets,
    *,
    rotate: Iterable[UUID] = (),
    removes: bool = True,
) -> Changes:
    """Bring the roles to what the tenants are; `connection` is in autocommit.

    A role whose password is not known gets a new one, and so does each of `rotate`. One that does
    not let the known password in is given it again. With `removes`, roles of nobody among the
    tenants are dropped. The file of passwords is written before a password is set, so that none is
    set that nobody knows; running it again after a kill puts right what was left. Raises
    DatabaseError when roles may not be made.
    """
    changes = Changes(groups_created=ensure_groups(connection))
    present = tenant_roles(connection)
    renewed = set(rotate)
    renewed |= {tenant.user_id for tenant in tenants if secrets.get(tenant.user_id) is None}
    for user_id in renewed:
        secrets.renew(user_id)
    secrets.save()
    for tenant in tenants:
        is_new = tenant.user_id not in present
        if is_new:
            _create(connection, tenant.role)
            changes.created.append(tenant.role)
        _settle(connection, tenant.role)
        word = secrets.get(tenant.user_id) or ""
        if is_new or tenant.user_id in renewed:
            _set_password(connection, tenant.role, word)
            changes.rotated += [] if is_new else [tenant.role]
        elif not _can_log_in(replace(target, user=tenant.role, password=word)):
            _set_password(connection, tenant.role, word)
            changes.repaired.append(tenant.role)
        else:
            changes.kept.append(tenant.role)
    if removes:
        wanted = {tenant.user_id for tenant in tenants}
        leaving = [user_id for user_id in present if user_id not in wanted]
        changes.removed = remove_roles(connection, leaving, secrets)
    return changes


def remove_roles(
    connection: Connection, leaving: Iterable[UUID], secrets: TenantSecrets
) -> list[str]:
    """End the sessions of tenants, drop their roles and forget their passwords."""
    removed = []
    present = tenant_roles(connection)
    for user_id in leaving:
        if user_id in present:
            _drop(connection, present[user_id])
            removed.append(present[user_id])
        secrets.forget(user_id)
        secrets.save()
    return removed


def _settle(connection: Connection, name: str) -> None:
    """Give a role its attributes, its one group and what its sessions begin with."""
    role = sql.Identifier(name)
    attributes = sql.SQL(f"{_ATTRIBUTES}{CONNECTION_LIMIT}")
    _as_administrator(connection, sql.SQL("alter role {} {}").format(role, attributes))
    _leave_other_groups(connection, name)
    _as_administrator(connection, sql.SQL("grant {} to {}").format(sql.Identifier(TENANTS), role))
    for setting, value in SETTINGS.items():
        statement = sql.SQL("alter role {} set {} = {}")
        try:
            connection.execute(statement.format(role, sql.Identifier(setting), sql.Literal(value)))
        except psycopg.errors.InsufficientPrivilege:
            if setting not in _ADMINISTRATORS_ONLY:
                raise


def _set_password(connection: Connection, role: str, word: str) -> None:
    """Set a password, hashed here: the server's log may show statements."""
    hashed = connection.pgconn.encrypt_password(word.encode(), role.encode(), b"scram-sha-256")
    statement = sql.SQL("alter role {} password {}")
    _as_administrator(
        connection, statement.format(sql.Identifier(role), sql.Literal(hashed.decode()))
    )


def _can_log_in(own: WarehouseTarget) -> bool:
    try:
        connect(own, application_name="ytempire-tenants").close()
    except DatabaseError as error:
        if "password" in error.what or "connect" in str(error.__cause__):
            return False
        raise
    return True


def _create(connection: Connection, role: str) -> None:
    """Make a role and mark it as this database's, both or nothing."""
    if connection.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone():
        raise ConfigurationError(
            f"The server has a role {role} already, which is not of database "
            f"{connection.info.dbname}.",
            hint="Drop it, or sync the tenants of the database that it is of.",
        )
    name = sql.Identifier(role)
    with connection.transaction():
        _as_administrator(connection, sql.SQL("create role {}").format(name))
        mark = sql.Literal(_mark(connection))
        _as_administrator(connection, sql.SQL("comment on role {} is {}").format(name, mark))


def _mark(connection: Connection) -> str:
    return f"A tenant of the YTEMPIRE warehouse in database {connection.info.dbname}"


def _leave_other_groups(connection: Connection, role: str) -> None:
    """Take a tenant out of every group but the tenants': a membership is a way to others' rows."""
    rows = connection.execute(
        """
        select granted.rolname
        from pg_auth_members
        inner join pg_roles as granted on granted.oid = pg_auth_members.roleid
        inner join pg_roles as member on member.oid = pg_auth_members.member
        where member.rolname = %s and granted.rolname <> %s
        """,
        [role, TENANTS],
    ).fetchall()
    for (group,) in rows:
        revoke = sql.SQL("revoke {} from {}")
        _as_administrator(connection, revoke.format(sql.Identifier(group), sql.Identifier(role)))


def _drop(connection: Connection, role: str) -> None:
    name = sql.Identifier(role)
    _as_administrator(connection, sql.SQL("alter role {} nologin").format(name))
    connection.execute(
        "select pg_terminate_backend(pid, 5000) from pg_stat_activity where usename = %s", [role]
    )
    try:
        connection.execute(sql.SQL("drop owned by {}").format(name))
        connection.execute(sql.SQL("drop role {}").format(name))
    except psycopg.errors.DependentObjectsStillExist as error:
        raise DatabaseError(
            f"The role {role} cannot be dropped: {error.diag.message_detail or error}.",
            hint="It can log in no more. Drop what it owns in the other databases, then repeat.",
        ) from error


def _as_administrator(connection: Connection, statement: sql.Composed) -> None:
    """Run a statement that only a role with CREATEROLE may run."""
    try:
        connection.execute(statement)
    except psycopg.errors.InsufficientPrivilege as error:
        raise DatabaseError(
            f"{connection.info.user} may not make or change roles: {error.diag.message_primary}.",
            hint=f"As an administrator: alter role {connection.info.user} createrole;",
        ) from error
