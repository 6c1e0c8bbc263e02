"""Roles to log in as, for as long as it takes; what was there before stays as it was."""

from __future__ import annotations

import secrets as random_words
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import psycopg
from psycopg import sql

from warehouse.connection import Connection, WarehouseTarget, connect
from warehouse.errors import ConfigurationError, DatabaseError
from warehouse.tenants import (
    Tenant,
    TenantSecrets,
    read_tenants,
    remove_roles,
    sync_roles,
    tenant_roles,
)
from warehouse.tenants.roles import STAFF, protect_marts


@dataclass(frozen=True, slots=True)
class Logins:
    """Where the staff and each tenant log in."""

    staff: WarehouseTarget
    tenants: dict[UUID, WarehouseTarget]


@contextmanager
def logins(
    target: WarehouseTarget, known: TenantSecrets, at_most: int | None = None
) -> Iterator[Logins]:
    """Give a login for the staff and for each active user, or for `at_most` of them.

    A tenant who has a role logs in with the `known` password. The others get roles for this time,
    and so does the staff. Raises ConfigurationError where a role's password is not known or there
    is no user, DatabaseError where roles may not be made.
    """
    with (
        connect(target, autocommit=True, application_name="ytempire-bench") as connection,
        TemporaryDirectory(prefix="ytempire-bench-") as folder,
    ):
        present = tenant_roles(connection)
        tenants = read_tenants(connection)[:at_most]
        if not tenants:
            raise ConfigurationError("There is no active user.", hint="Run `ytempire run`.")
        old = [tenant for tenant in tenants if tenant.user_id in present]
        found = {tenant.user_id: _known(target, tenant, known) for tenant in old}
        made = TenantSecrets(Path(folder) / "passwords.env")
        new = [tenant for tenant in tenants if tenant.user_id not in present]
        staff = f"ytempire_bench_{random_words.token_hex(6)}"
        groups: list[str] = []
        try:
            changes = sync_roles(target, connection, new, made, removes=False)
            groups = changes.groups_created
            if groups:
                protect_marts(connection)
            word = _create_staff(connection, staff)
            for tenant in new:
                password = made.get(tenant.user_id) or ""
                found[tenant.user_id] = replace(target, user=tenant.role, password=password)
            yield Logins(replace(target, user=staff, password=word), found)
        finally:
            remove_roles(connection, [tenant.user_id for tenant in new], made)
            _drop(connection, [staff, *groups])


def _known(target: WarehouseTarget, tenant: Tenant, known: TenantSecrets) -> WarehouseTarget:
    own = replace(target, user=tenant.role, password=known.get(tenant.user_id) or "")
    try:
        connect(own, application_name="ytempire-bench").close()
    except DatabaseError as error:
        raise ConfigurationError(
            f"{tenant.role} is there and its password is not known: {error.what}",
            hint=f"It is looked for in {known.path}; `ytempire tenants sync` puts it there.",
        ) from error
    return own


def _create_staff(connection: Connection, name: str) -> str:
    """Make a login in the staff's group; return its password."""
    word = random_words.token_urlsafe(24)
    hashed = connection.pgconn.encrypt_password(word.encode(), name.encode(), b"scram-sha-256")
    role = sql.Identifier(name)
    with connection.transaction():
        connection.execute(
            sql.SQL("create role {} login password {}").format(role, hashed.decode())
        )
        connection.execute(sql.SQL("grant {} to {}").format(sql.Identifier(STAFF), role))
    return word


def _drop(connection: Connection, names: Sequence[str]) -> None:
    """Drop roles with all that was granted to them; those that are not there are passed over."""
    for name in names:
        if connection.execute("select 1 from pg_roles where rolname = %s", [name]).fetchone():
            role = sql.Identifier(name)
            connection.execute(sql.SQL("drop owned by {}").format(role))
            # a group that another database of the server has come to use meanwhile stays
            with suppress(psycopg.errors.DependentObjectsStillExist):
                connection.execute(sql.SQL("drop role {}").format(role))
