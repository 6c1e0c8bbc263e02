"""A warehouse whose users may log in, for the tests of isolation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from warehouse.connection import Connection, WarehouseTarget, connect
from warehouse.tenants import Tenant, TenantSecrets


@dataclass(frozen=True)
class Tenanted:
    """A warehouse whose users may log in."""

    target: WarehouseTarget
    tenants: list[Tenant]
    secrets: TenantSecrets

    @contextmanager
    def login(self, tenant: Tenant) -> Iterator[Connection]:
        """Log in as a tenant, as Grafana would."""
        password = self.secrets.get(tenant.user_id)
        assert password is not None
        own = replace(self.target, user=tenant.role, password=password)
        with connect(own, autocommit=True) as connection:
            yield connection
