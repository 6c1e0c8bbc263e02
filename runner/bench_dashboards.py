"""Open the dashboards as many clients at once and time their queries: `make bench-dashboards`.

The staff's dashboards are asked for as a role of the staff, a user's as each tenant, by logins of
their own; roles that are not there are made, and gone at the end. A time is a client's: from asking
until the rows are there, waiting for one of the datasource's connections included. Everything has
been asked once before. Where the machine is not idle, read the ratios; its load is told.
"""

from __future__ import annotations

import json
import sys
from typing import Annotated

import psycopg
import typer
from psycopg.conninfo import conninfo_to_dict

from grafana.bench.clients import Load
from grafana.bench.measuring import measure
from grafana.dashboards import CATALOGUE
from runner import warehouse_access as access
from runner.bench_dashboards_report import as_json, show
from runner.settings import Settings, load_settings
from runner.tenants_command import secrets_file
from warehouse.connection import WarehouseTarget
from warehouse.errors import ConfigurationError, DatabaseError, YtempireError
from warehouse.tenants import TenantSecrets


def bench(
    clients: Annotated[list[int], typer.Option(help="How many clients; repeat it.", min=1)] = [  # noqa: B006
        1,
        50,
        200,
    ],
    seconds: Annotated[float, typer.Option(help="For how long each, at most.", min=0.1)] = 25,
    queries: Annotated[int, typer.Option(help="Queries of each, at most.", min=1)] = 20_000,
    pause: Annotated[
        float, typer.Option(help="Seconds that a client looks at a dashboard.", min=0)
    ] = 0,
    tenants: Annotated[
        int | None, typer.Option(help="How many users, by default all active ones.", min=1)
    ] = None,
    dashboard: Annotated[
        list[str] | None, typer.Option(help="A dashboard, by default all; repeat it.")
    ] = None,
    dsn: Annotated[
        str, typer.Option(help="libpq connection string, else the warehouse of the settings.")
    ] = "",
    to_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Time the queries of all dashboards, and what row-level security costs."""
    unknown = set(dashboard or ()) - {entry.name for entry in CATALOGUE}
    if unknown:
        raise typer.BadParameter(f"there is no dashboard {', '.join(sorted(unknown))}")
    try:
        settings = load_settings()
        measured = measure(
            _target(settings, dsn),
            TenantSecrets(secrets_file(settings)),
            [Load(each, queries, seconds, pause) for each in clients],
            names=dashboard or (),
            at_most=tenants,
            comparing_seconds=seconds,
        )
    except psycopg.errors.UndefinedTable as error:
        raise SystemExit(
            _fail(DatabaseError(f"A mart is missing: {error}", hint="Run `ytempire build`."))
        ) from error
    except YtempireError as error:
        raise SystemExit(_fail(error)) from error
    if to_json:
        print(json.dumps(as_json(measured), indent=2))
    else:
        show(measured)


def _fail(error: YtempireError) -> int:
    print(error, file=sys.stderr)
    return error.exit_code


def _target(settings: Settings, dsn: str) -> WarehouseTarget:
    if not dsn:
        target = access.running_warehouse(settings)
        if target is None:
            raise ConfigurationError("The warehouse is not up.", hint="Run `ytempire up`.")
        return target
    parts = conninfo_to_dict(dsn)
    return WarehouseTarget(
        host=str(parts.get("host", "127.0.0.1")),
        port=int(parts.get("port") or 5432),
        user=str(parts.get("user", "postgres")),
        password=str(parts.get("password", "")),
        database=str(parts.get("dbname", "ytempire")),
        sslmode=str(parts.get("sslmode", "prefer")),
    )


if __name__ == "__main__":
    typer.run(bench)
