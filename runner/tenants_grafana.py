"""The users' organisations in Grafana, as `ytempire tenants` keeps them beside the roles."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from ipaddress import ip_address
from typing import Any
from uuid import UUID

import typer

from grafana.organisations import (
    GrafanaApi,
    Kept,
    Wanted,
    Warehouse,
    keep_organisations,
    remove_organisations,
)
from runner.settings import Settings
from warehouse.connection import WarehouseTarget
from warehouse.errors import ConfigurationError
from warehouse.tenants import Tenant, TenantSecrets

NOT_SET = "Grafana: not set (GRAFANA_URL), so nothing was done there."
_KNOWN_MODES = {"disable", "require", "verify-ca", "verify-full"}


def keep(
    settings: Settings,
    target: WarehouseTarget,
    tenants: Sequence[Tenant],
    secrets: TenantSecrets,
    *,
    removes: bool = True,
) -> Kept | None:
    """Bring Grafana's organisations in line with the tenants; None where no Grafana is set.

    First passwords of new accounts are written down before the accounts are made. Raises
    ConfigurationError for settings that are not whole, CredentialsError and
    SourceUnavailableError as Grafana answers.
    """
    with _grafana(settings) as api:
        if api is None:
            return None
        wanted = [
            Wanted(
                tenant.role,
                tenant.email,
                secrets.get(tenant.user_id) or "",
                partial(_first_password, secrets, tenant.user_id),
            )
            for tenant in tenants
        ]
        return keep_organisations(api, wanted, seen_by_grafana(settings, target), removes=removes)


def _first_password(secrets: TenantSecrets, user_id: UUID) -> str:
    word = secrets.first_password(user_id)
    secrets.save()
    return word


def remove(settings: Settings, target: WarehouseTarget, roles: Collection[str]) -> Kept | None:
    """Remove the organisations of roles that were removed; None where no Grafana is set."""
    with _grafana(settings) as api:
        if api is None:
            return None
        return remove_organisations(api, roles, seen_by_grafana(settings, target))


def tell(kept: Kept | None) -> None:
    """Say in a line what was done in Grafana, and in one each what a person should look at."""
    if kept is None:
        typer.echo(NOT_SET)
        return
    typer.echo(
        f"Grafana: {len(kept.created)} organisations created, {len(kept.updated)} brought up to "
        f"date, {len(kept.removed)} removed, {len(kept.kept)} as they were."
    )
    if kept.created:
        typer.echo("Users log in with their e-mail address; their first passwords are in the file.")
    for problem in kept.problems:
        typer.echo(f"Look at: {problem}.", err=True)


def as_json(kept: Kept | None) -> dict[str, Any] | None:
    """Give the report's part on Grafana."""
    return None if kept is None else asdict(kept)


def seen_by_grafana(settings: Settings, target: WarehouseTarget) -> Warehouse:
    """Return where Grafana finds the warehouse: where we do, unless it is set otherwise."""
    host = settings.grafana_pghost or target.host
    port = settings.grafana_pgport or target.port
    mode = settings.grafana_pgsslmode or target.sslmode
    if mode not in _KNOWN_MODES:  # libpq's "prefer", which Grafana does not know
        mode = "disable" if _is_local(host) else "require"
    return Warehouse(f"[{host}]:{port}" if ":" in host else f"{host}:{port}", target.database, mode)


def _is_local(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.startswith("/")


@contextmanager
def _grafana(settings: Settings) -> Iterator[GrafanaApi | None]:
    if not settings.grafana_url:
        yield None
        return
    if settings.grafana_admin_password is None:
        raise ConfigurationError(
            "GRAFANA_URL is set, GRAFANA_ADMIN_PASSWORD is not.",
            hint="Set it, or unset GRAFANA_URL: then only the roles are kept.",
        )
    if not settings.grafana_url.startswith(("http://", "https://")):
        raise ConfigurationError(
            f"GRAFANA_URL is {settings.grafana_url}, which is no web address.",
            hint="Write it as http://127.0.0.1:3000.",
        )
    password = settings.grafana_admin_password.get_secret_value()
    with GrafanaApi(settings.grafana_url, settings.grafana_admin_user, password) as api:
        yield api
