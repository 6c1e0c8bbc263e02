"""`ytempire metrics`: the catalogue of the semantic layer, and questions to it."""

from __future__ import annotations

import fnmatch
import json
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from runner.metrics.catalogue import BadQuestion, Catalogue, Metric, suggest
from runner.settings import PROJECT_DIR, Settings, load_settings
from warehouse.errors import BuildError

metrics = typer.Typer(
    help="The semantic layer: every metric by name, cut by any of its dimensions.",
    no_args_is_help=True,
)

Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"])]


@metrics.command("list")
def list_metrics(
    pattern: Annotated[
        str | None, typer.Argument(help="A metric's name, a part of it, or a pattern with *.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="With all that is known.")] = False,
) -> None:
    """Show the metrics with their definitions; of a single one, all that is known."""
    from runner.metrics import showing
    from runner.summary import make_console

    catalogue = Catalogue(read_manifest())
    found = _matching(catalogue, pattern)
    if as_json:
        typer.echo(showing.catalogue_json(catalogue, found))
    elif len(found) == 1:
        showing.print_metric(make_console(), catalogue, found[0])
    else:
        showing.print_catalogue(make_console(), found)


@metrics.command("query")
def query(
    names: Annotated[str, typer.Argument(help="Metrics, with commas: total_mrr,arpa")],
    by: Annotated[
        list[str] | None,
        typer.Option(help="day, week, month, quarter, year or a dimension; with commas, or again."),
    ] = None,
    where: Annotated[
        list[str] | None, typer.Option(help="niche = 'fitness'; again: all must hold.")
    ] = None,
    since: Day = None,
    until: Day = None,
    order: Annotated[
        list[str] | None, typer.Option(help="What to order by; -name from the greatest down.")
    ] = None,
    limit: Annotated[int | None, typer.Option(help="At most as many rows.", min=1)] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="CSV on standard output.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="JSON on standard output.")] = False,
    as_sql: Annotated[bool, typer.Option("--sql", help="Show the SQL, do not run it.")] = False,
) -> None:
    """Answer a question: metrics, by dimensions, recomputed at the grain that is asked."""
    from runner.metrics.asking import Question, Semantics
    from runner.metrics.engine import Engine

    settings = load_settings()
    manifest = read_manifest()
    semantics = Semantics(manifest, Engine(manifest, settings.state_dir / "metrics"))
    question = Question(
        metrics=_words([names]),
        by=_words(by),
        where=tuple(where or ()),
        since=since.date() if since else None,
        until=until.date() if until else None,
        order=_words(order),
        limit=limit,
    )
    try:
        if as_sql:
            typer.echo(semantics.engine.sql(semantics.understand(question)[0]))
            return
        _answer(settings, semantics, question, as_csv=as_csv, as_json=as_json)
    except BadQuestion as error:
        raise typer.BadParameter(str(error)) from error


def _answer(
    settings: Settings, semantics: Any, question: Any, *, as_csv: bool, as_json: bool
) -> None:
    from runner import warehouse_access as access
    from runner.metrics import showing

    semantics.understand(question)  # a wrong question needs no server to be refused
    answer = semantics.ask(access.open_server(settings), question)
    if as_csv:
        typer.echo(showing.as_csv(answer), nl=False)
    elif as_json:
        typer.echo(showing.as_json(answer))
    else:
        from runner.summary import make_console

        showing.print_answer(make_console(), answer, question.metrics)


def read_manifest() -> dict[str, Any]:
    """Return dbt's semantic manifest, written anew where a definition is younger than it."""
    place = Path(os.environ.get("DBT_TARGET_PATH") or PROJECT_DIR / "target")
    file = (PROJECT_DIR / place) / "semantic_manifest.json"
    folders = (PROJECT_DIR / "models" / "semantic", PROJECT_DIR / "models" / "docs")
    youngest = max(path.stat().st_mtime for folder in folders for path in folder.iterdir())
    if not file.exists() or file.stat().st_mtime < youngest:
        _parse(file)
    manifest: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return manifest


def _parse(file: Path) -> None:
    print("Reading the metrics' definitions, once ...", file=sys.stderr)
    places = ["--project-dir", str(PROJECT_DIR), "--profiles-dir", str(PROJECT_DIR)]
    program = str(Path(sys.executable).with_name("dbt"))
    command = [program, "--quiet", "parse", *places]
    done = subprocess.run(command, cwd=PROJECT_DIR, capture_output=True, text=True, check=False)
    if done.returncode or not file.exists():
        lines = [line for line in done.stdout.splitlines() if line.strip()]
        raise BuildError(
            f"dbt cannot read the models: {' '.join(lines[:2]) or 'no message'}",
            hint="Try `dbt parse`.",
        )


def _matching(catalogue: Catalogue, pattern: str | None) -> list[Metric]:
    known = catalogue.metrics
    if pattern is None:
        return list(known.values())
    if pattern in known:
        return [known[pattern]]
    wanted = pattern if any(sign in pattern for sign in "*?[") else f"*{pattern}*"
    found = [metric for name, metric in known.items() if fnmatch.fnmatch(name, wanted)]
    if not found:
        raise typer.BadParameter(f"No metric is like {pattern!r}.{suggest(pattern, known)}")
    return found


def _words(given: list[str] | None) -> tuple[str, ...]:
    return tuple(word.strip() for item in given or () for word in item.split(",") if word.strip())
