"""The `ytempire` command."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.text import Text

from ingest.sources import SOURCES, TIERS
from runner import demo as demonstration
from runner import warehouse_access as access
from runner.explaining.command import explain
from runner.metrics.command import metrics
from runner.settings import PROJECT_DIR, load_settings
from runner.tenants_command import app as tenants
from runner.tenants_command import secrets_file
from warehouse.errors import ConfigurationError, YtempireError

app = typer.Typer(
    help="The analytics warehouse of YTEMPIRE: land raw data, build the marts, look at them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
simulate = typer.Typer(help="Stand-in APIs on loopback.", no_args_is_help=True)
app.add_typer(simulate, name="simulate")
app.command()(explain)
app.add_typer(metrics, name="metrics")
app.add_typer(tenants, name="tenants")

_INSTANTS = ["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d"]
AsOf = Annotated[
    datetime | None,
    typer.Option(
        help="The instant that 'today' is relative to, UTC. Default: now.", formats=_INSTANTS
    ),
]
Since = Annotated[
    datetime | None,
    typer.Option(help="Back-fill from this day, whatever was landed.", formats=["%Y-%m-%d"]),
]
Until = Annotated[
    datetime | None, typer.Option(help="Back-fill to this day.", formats=["%Y-%m-%d"])
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON report on standard output.")]
WaitSeconds = Annotated[float, typer.Option(help="How long to wait for another run to end.", min=0)]


@app.command()
def up() -> None:
    """Start the embedded PostgreSQL, or say which server is used instead."""
    target = access.open_warehouse(load_settings())
    typer.echo(f"The warehouse is up: {target}")


@app.command()
def down(
    delete_data: Annotated[bool, typer.Option(help="Delete the server's data too.")] = False,
    yes: Annotated[bool, typer.Option(help="Do not ask.")] = False,
) -> None:
    """Stop the embedded PostgreSQL. Its data are kept unless they are to be deleted."""
    settings = load_settings()
    if access.is_own_server(settings):
        typer.echo(f"PGHOST is set: the server at {settings.pghost} is yours and is left alone.")
        return
    if delete_data and not yes:
        typer.confirm(f"Delete all data in {settings.state_dir}?", abort=True)
    stopped = access.stop_embedded(settings, delete_data=delete_data)
    typer.echo("The embedded server is stopped." if stopped else "No embedded server was running.")
    if delete_data:
        typer.echo("Its data are deleted.")


@app.command()
def status(as_json: AsJson = False) -> None:
    """Show the server, the last run and how fresh each source is. Starts nothing."""
    from runner.status import print_status, read_status

    found = read_status(load_settings())
    if as_json:
        typer.echo(json.dumps(found.as_json(), indent=2))
    else:
        print_status(Console(), found)


@app.command()
def quota(as_json: AsJson = False) -> None:
    """Show YouTube's quota of the day: used, remaining, planned, and each user's share."""
    from runner.quota import print_quota, read_quota

    found = read_quota(load_settings(), _instant(None))
    if as_json:
        typer.echo(json.dumps(found.as_json() if found else None, indent=2))
    else:
        print_quota(Console(), found)


@app.command()
def doctor() -> None:
    """Say for each setting and source whether it works, and what to do if not."""
    from runner.doctor import examine

    settings = load_settings()
    console = Console()
    marks = {"works": "[green]✓[/]", "left out": "[yellow]–[/]", "fails": "[red]✗[/]"}
    errors = []
    for finding in examine(settings, lambda: access.open_warehouse(settings), _instant(None)):
        line = Text.from_markup(f"{marks[finding.state]} [bold]{finding.subject}[/]: ")
        console.print(line.append(finding.detail), soft_wrap=True)
        if finding.error is not None:
            errors.append(finding.error)
    if errors:
        raise typer.Exit(min(error.exit_code for error in errors))


@app.command()
def migrate() -> None:
    """Bring the raw schemas and the books to their newest version."""
    from warehouse.migrate import migrate as apply

    applied = apply(access.open_database(load_settings()))
    typer.echo(f"Applied: {', '.join(applied)}" if applied else "Nothing to apply.")


@app.command()
def extract(
    sources: Annotated[
        list[str] | None, typer.Argument(help=f"Of: {', '.join(SOURCES)}. Default: all.")
    ] = None,
    since: Since = None,
    until: Until = None,
    as_of: AsOf = None,
    wait_seconds: WaitSeconds = 60,
    as_json: AsJson = False,
) -> None:
    """Land what is new in the sources, or the days asked for."""
    unknown = sorted(set(sources or ()) - set(SOURCES))
    if unknown:
        raise typer.BadParameter(f"{', '.join(unknown)}: choose of {', '.join(SOURCES)}.")
    days = [None if day is None else day.date() for day in (since, until)]
    if days[0] and days[1] and days[0] > days[1]:
        raise typer.BadParameter("--since is after --until.")
    _run("extract", as_of, as_json, wait_seconds, only=sources or (), days=days, builds=False)


@app.command()
def build(
    select: Annotated[
        list[str] | None, typer.Option(help="dbt's selection; may be given again.")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Build and test also what is up to date.")
    ] = False,
    full_refresh: Annotated[
        bool, typer.Option(help="Build everything, incremental models from nothing.")
    ] = False,
    as_of: Annotated[
        datetime | None,
        typer.Option(
            help="The instant that 'today' is relative to, UTC. "
            "Default: that of the last extraction.",
            formats=_INSTANTS,
        ),
    ] = None,
    wait_seconds: WaitSeconds = 60,
    as_json: AsJson = False,
) -> None:
    """Build and test what changed: its code, its data, or the instant that it asks for."""
    _run(
        "build",
        as_of,
        as_json,
        wait_seconds,
        extracts=False,
        select=select or (),
        everything=everything,
        full_refresh=full_refresh,
    )


@app.command()
def validate(as_of: AsOf = None, wait_seconds: WaitSeconds = 60, as_json: AsJson = False) -> None:
    """Check everything that was landed, and write the page .ytempire/validation.html."""
    _run("validate", as_of, as_json, wait_seconds, extracts=False, builds=False)


@app.command()
def run(
    tier: Annotated[
        str, typer.Option(help="Of: hot, hourly (brings what is hot along), daily (everything).")
    ] = "daily",
    as_of: AsOf = None,
    wait_seconds: WaitSeconds = 60,
    as_json: AsJson = False,
) -> None:
    """Extract, validate, build and check: the one job for a scheduler. Safe to start twice."""
    if tier not in TIERS:
        raise typer.BadParameter(f"The tier is one of {', '.join(TIERS)}.")
    _run("run", as_of, as_json, wait_seconds, tier=tier)


@app.command()
def demo(
    seed: Annotated[int, typer.Option(help="The seed of the synthetic world.")] = 7,
    scale: Annotated[
        str, typer.Option(help="small (5 users), mvp (50) or growth (500).")
    ] = "small",
    as_of: AsOf = None,
    fresh: Annotated[bool, typer.Option(help="Empty the demo's warehouse first.")] = False,
    faults: Annotated[
        str | None,
        typer.Option(help="Bad weather between here and the APIs: all, or e.g. 5xx=0.1,stall."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Land a synthetic world through the stand-in APIs, build every mart, show the figures."""
    if scale not in ("small", "mvp", "growth"):
        raise typer.BadParameter("The scale is small, mvp or growth.")
    from runner.demo_command import run_demo

    world = demonstration.DemoWorld(seed, scale, _instant(as_of))
    code = run_demo(load_settings(), world, fresh=fresh, as_json=as_json, faults=faults)
    raise typer.Exit(code)


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
)
def psql(context: typer.Context) -> None:
    """Open psql on the warehouse; further arguments go to psql."""
    settings = load_settings()
    target = access.open_warehouse(settings)
    program = access.find_psql(settings)
    os.execve(program, [program, *context.args], {**os.environ, **target.environment()})  # noqa: S606


@simulate.command(
    "serve",
    context_settings={
        "allow_extra_args": True,
        "ignore_unknown_options": True,
        "help_option_names": [],
    },
)
def simulate_serve(context: typer.Context) -> None:
    """Serve the stand-in APIs until interrupted. See `ytempire simulate serve --help`."""
    command = [sys.executable, "-m", "simulator.serve", *context.args]
    raise typer.Exit(subprocess.call(command, cwd=PROJECT_DIR))


def _run(
    command: str,
    as_of: datetime | None,
    as_json: bool,
    wait_seconds: float,
    *,
    only: Sequence[str] = (),
    days: list[date | None] | None = None,
    extracts: bool = True,
    builds: bool = True,
    select: Sequence[str] = (),
    everything: bool = False,
    tier: str = "daily",
    full_refresh: bool = False,
) -> NoReturn:
    from runner import pipeline, summary
    from runner.progress import display
    from runner.wiring import missing_settings, source_configs

    settings = load_settings()
    missing = missing_settings(settings)
    if extracts:
        _refuse_nothing(missing, only)
    since, until = days or [None, None]
    target = access.open_warehouse(settings)
    # Nothing is known of the time after the last extraction.
    at = as_of or (pipeline.last_extraction(target) if command == "build" else None)
    plan = pipeline.Plan(
        command=command,
        as_of=_instant(at),
        configs=source_configs(settings),
        missing=missing,
        only=only,
        since=since,
        until=until,
        extracts=extracts,
        validates=(extracts and builds) or command == "validate",
        validates_everything=command == "validate",
        tenant_passwords=secrets_file(settings),
        page=settings.state_dir / "validation.html",
        builds=builds,
        builds_everything=everything,
        tier=tier,
        select=select,
        full_refresh=full_refresh,
        wait_seconds=wait_seconds,
    )
    with display(quiet=as_json) as shown:
        report = pipeline.run(target, plan, shown)
    if as_json:
        typer.echo(json.dumps(report.as_json(), indent=2))
    elif sys.stdout.isatty():
        summary.print_run(summary.make_console(), report)
    for problem in report.problems if as_json or not sys.stdout.isatty() else ():
        _complain(problem)
    raise typer.Exit(report.exit_code)


def _refuse_nothing(missing: Mapping[str, object], only: Sequence[str]) -> None:
    """Refuse to extract where no source at all has what it needs."""
    if not only and missing.keys() >= set(SOURCES):
        raise ConfigurationError(
            "No source is set up, so there is nothing to extract.",
            hint="Copy .env.example to .env and fill in what you have, or try `ytempire demo`.",
        )


def _instant(as_of: datetime | None) -> datetime:
    if as_of is None:
        return demonstration.now()
    return as_of.replace(tzinfo=UTC) if as_of.tzinfo is None else as_of.astimezone(UTC)


def _complain(error: YtempireError) -> None:
    print(f"ytempire: {error}", file=sys.stderr)


def main() -> None:
    """Run the command; an expected failure is one sentence and its own exit code."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    # The client says every refusal aloud that the extractors understand and tell in their words.
    logging.getLogger("googleapiclient").setLevel(logging.ERROR)
    try:
        app()
    except YtempireError as error:
        _complain(error)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        print("ytempire: interrupted; nothing half-done is left.", file=sys.stderr)
        sys.exit(130)


if __name__ == "__main__":
    main()
