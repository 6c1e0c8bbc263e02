"""`ytempire tenants`: the users' own logins to their rows of the marts, and to Grafana."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from grafana.organisations import Kept
from runner import tenants_grafana
from runner import warehouse_access as access
from runner.settings import Settings, load_settings
from warehouse.connection import Connection, WarehouseTarget, connect
from warehouse.locks import run_lock
from warehouse.tenants import (
    Changes,
    Tenant,
    TenantSecrets,
    read_tenants,
    remove_roles,
    sync_roles,
    tenant_roles,
)
from warehouse.tenants.hardening import harden
from warehouse.tenants.isolation import breach, look_and_note
from warehouse.tenants.roles import protect_marts

app = typer.Typer(
    help="The users' own logins to their rows of the marts, and to Grafana.", no_args_is_help=True
)
AsJson = Annotated[bool, typer.Option("--json", help="One JSON report on standard output.")]
Emails = Annotated[list[str] | None, typer.Argument(help="Users, by e-mail address.")]


@app.command()
def sync(as_json: AsJson = False) -> None:
    """Make, renew and remove roles until they are what the active users are. Safe to repeat.

    With GRAFANA_URL, so too the users' organisations, datasources, dashboards and accounts there.
    """
    settings = load_settings()
    with _warehouse(settings) as (target, connection):
        secrets = TenantSecrets(secrets_file(settings))
        tenants = read_tenants(connection)
        changes = sync_roles(target, connection, tenants, secrets)
        if changes.groups_created:
            protect_marts(connection)
        problems = harden(connection)
        kept = tenants_grafana.keep(settings, target, tenants, secrets)
    _tell(changes, problems, secrets.path, as_json, kept)


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """Show each tenant's role, and whether its password is known here."""
    settings = load_settings()
    with _warehouse(settings) as (_, connection):
        tenants = {tenant.user_id: tenant for tenant in read_tenants(connection)}
        roles = tenant_roles(connection)
        sessions: dict[str, int] = dict(
            connection.execute(
                "select usename::text, count(*) from pg_stat_activity group by usename"
            ).fetchall()
        )
    secrets = TenantSecrets(secrets_file(settings))
    rows: list[dict[str, Any]] = [
        {
            "user_id": str(user_id),
            "email": tenants[user_id].email if user_id in tenants else None,
            "role": roles.get(user_id),
            "has_password": secrets.get(user_id) is not None,
            "sessions": sessions.get(roles.get(user_id, ""), 0),
        }
        for user_id in sorted(tenants.keys() | roles.keys())
    ]
    if as_json:
        typer.echo(json.dumps(rows, indent=2))
        return
    table = Table("User", "Role", "Password known", "Sessions")
    for row in rows:
        table.add_row(
            row["email"] or "no active user: `ytempire tenants sync` removes the role",
            row["role"] or "none yet: `ytempire tenants sync` makes it",
            "yes" if row["has_password"] else "no",
            str(row["sessions"]),
        )
    Console().print(table)


@app.command()
def rotate(
    emails: Emails = None,
    all_: Annotated[bool, typer.Option("--all", help="Every tenant.")] = False,
    as_json: AsJson = False,
) -> None:
    """Give tenants new passwords; their open sessions end when they are closed."""
    settings = load_settings()
    if bool(emails) == all_:
        raise typer.BadParameter("Name users by e-mail address, or say --all.")
    with _warehouse(settings) as (target, connection):
        tenants = read_tenants(connection)
        chosen = tenants if all_ else _named(tenants, emails or [])
        path = secrets_file(settings)
        if all_ and path.exists():
            path.chmod(0o600)  # who has read the old ones has nothing
        secrets = TenantSecrets(path)
        changes = sync_roles(
            target,
            connection,
            tenants,
            secrets,
            rotate=[tenant.user_id for tenant in chosen],
            removes=False,
        )
        kept = tenants_grafana.keep(settings, target, chosen, secrets, removes=False)
    _tell(changes, [], secrets.path, as_json, kept)


@app.command()
def remove(emails: Emails = None, as_json: AsJson = False) -> None:
    """End the sessions of users and drop their roles; the next sync makes them again."""
    settings = load_settings()
    with _warehouse(settings) as (target, connection):
        chosen = _named(read_tenants(connection), emails or [])
        secrets = TenantSecrets(secrets_file(settings))
        removed = remove_roles(connection, [tenant.user_id for tenant in chosen], secrets)
        kept = tenants_grafana.remove(settings, target, [tenant.role for tenant in chosen])
    _tell(Changes(removed=removed), [], secrets.path, as_json, kept)


@app.command()
def check(as_json: AsJson = False) -> None:
    """Log in as each tenant and count the rows of others that can be seen: it must be none."""
    settings = load_settings()
    with _warehouse(settings) as (target, connection):
        secrets = TenantSecrets(secrets_file(settings))
        found = look_and_note(target, connection, secrets, datetime.now(UTC))
    breaches = [str(item) for item in found if item.rows]
    if as_json:
        typer.echo(json.dumps({"checked": len(found), "breaches": breaches}, indent=2))
    else:
        typer.echo(f"{len(found):,} pairs of tenant and relation looked at.")
    if breaches:
        raise breach(breaches)
    if not as_json:
        typer.echo("No tenant sees a row of somebody else's.")


def secrets_file(settings: Settings) -> Path:
    """Return where the tenants' passwords are kept."""
    return settings.state_dir / "tenants" / "passwords.env"


@contextmanager
def _warehouse(settings: Settings) -> Iterator[tuple[WarehouseTarget, Connection]]:
    target = access.open_warehouse(settings)
    with (
        connect(target, autocommit=True, application_name="ytempire-tenants") as connection,
        run_lock(connection, "tenants", wait=True),
    ):
        yield target, connection


def _named(tenants: list[Tenant], emails: list[str]) -> list[Tenant]:
    by_email = {tenant.email: tenant for tenant in tenants}
    unknown = sorted(set(emails) - by_email.keys())
    if unknown or not emails:
        what = f"No active user has the address {', '.join(unknown)}." if unknown else "Name users."
        raise typer.BadParameter(f"{what} `ytempire tenants list` shows them.")
    return [by_email[email] for email in emails]


def _tell(
    changes: Changes, problems: list[str], path: Path, as_json: bool, kept: Kept | None
) -> None:
    if as_json:
        typer.echo(
            json.dumps(
                {
                    "created": changes.created,
                    "rotated": changes.rotated,
                    "repaired": changes.repaired,
                    "removed": changes.removed,
                    "kept": changes.kept,
                    "problems": problems,
                    "passwords": str(path),
                    "grafana": tenants_grafana.as_json(kept),
                },
                indent=2,
            )
        )
        return
    typer.echo(
        f"Tenants: {len(changes.created)} roles created, {len(changes.rotated)} given a new "
        f"password, {len(changes.repaired)} given their password again, "
        f"{len(changes.removed)} removed, {len(changes.kept)} as they were."
    )
    if changes.created or changes.rotated:
        typer.echo(f"Their passwords are in {path}, readable by its owner alone.")
    for problem in problems:
        typer.echo(f"Not closed: {problem}.", err=True)
    tenants_grafana.tell(kept)
