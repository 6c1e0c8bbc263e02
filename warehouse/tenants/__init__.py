"""Tenants of the warehouse: a login role for each user, who sees the rows of their own.

The rows are kept apart by the policies of `ops.protect_mart`, which compare `user_id` with the
name of the role. What is here makes the roles (`roles`), keeps their passwords (`secrets`), closes
what PostgreSQL leaves open to everybody (`hardening`), and looks whether it holds (`isolation`).
"""

from warehouse.tenants.isolation import ForeignRows, check_isolation
from warehouse.tenants.roles import (
    Changes,
    Tenant,
    read_tenants,
    remove_roles,
    role_name,
    sync_roles,
    tenant_roles,
)
from warehouse.tenants.secrets import TenantSecrets

__all__ = [
    "Changes",
    "ForeignRows",
    "Tenant",
    "TenantSecrets",
    "check_isolation",
    "read_tenants",
    "remove_roles",
    "role_name",
    "sync_roles",
    "tenant_roles",
]
