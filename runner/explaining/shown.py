"""Print an answer for people."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.markdown import Markdown
from rich.table import Table

from runner.explaining.answer import Answer
from runner.explaining.rows import RowsBehind
from runner.explaining.sources import SourceState


def print_answer(console: Console, answer: Answer) -> None:
    """Print a figure and what explains it."""
    mart = answer.choice.mart
    console.print(f"[bold]{answer.metric}[/] = [bold]{figure(answer.metric, answer.value)}[/]")
    key = ", ".join(f"{name} {figure(name, value)}" for name, value in answer.key.items())
    latest = " (the latest)" if answer.choice.latest_of else ""
    console.print(f"{mart.relation}, {key}{latest}\n", markup=False, soft_wrap=True)

    console.print("[bold]What it means[/]")
    console.print(Markdown(answer.definition or "It is not described."))
    if answer.doc_blocks:
        console.print(f"Docs block: {', '.join(answer.doc_blocks)}", style="dim")

    console.print("\n[bold]How it is computed[/]")
    console.print(f"Model {answer.computed_in.name} ({answer.computed_in.path})", soft_wrap=True)
    for formula in answer.formulas or ("(by a template: see the model)",):
        console.print(f"  {formula}", markup=False, highlight=False)
    for name, value in answer.formula_columns.items():
        console.print(f"  {name} = {figure(name, value)}", markup=False)

    _print_behind(console, answer.behind)
    _print_sources(console, answer.sources)
    if answer.built is not None:
        built = answer.built
        instant = f"{built.as_of:%Y-%m-%d %H:%M} UTC"
        console.print(f"Built by `ytempire {built.command}`, {built.status}, as of {instant}.")


def figure(name: str, value: Any) -> str:
    """Return a value as people read it: `name` says whether it is money or a fraction."""
    if value is None:
        return "not known (NULL)"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M} UTC"
    if isinstance(value, Decimal):
        digits = f"{value:,f}"
        if "." in digits:
            whole, _, fraction = digits.partition(".")
            digits = f"{whole}.{fraction.rstrip('0').ljust(2, '0')}"
        return f"{digits} USD" if name.endswith(("_usd", "_mrr")) or name == "arpa" else digits
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return str(value)


def _print_behind(console: Console, behind: RowsBehind | None) -> None:
    console.print("\n[bold]The rows behind it[/]")
    if behind is None:
        console.print("None can be told from the models; see the model's SQL.")
        return
    base = behind.columns[0]
    console.print(
        f"{len(behind.rows)} of {behind.count:,} rows of {behind.model.relation}, the weightiest "
        "first" + (f"; {base} of all: {figure(base, behind.total)}" if behind.total else ""),
        soft_wrap=True,
    )
    table = Table(box=None, pad_edge=False)
    names = _columns(behind.rows[0])
    for name in names:
        is_label = name in ("user", "channel", "video")
        table.add_column(
            name, no_wrap=True, overflow="ellipsis", max_width=32 if is_label else None
        )
    for row in behind.rows:
        table.add_row(*("" if row[name] is None else figure("", row[name]) for name in names))
    console.print(table)


def _columns(row: Mapping[str, Any]) -> list[str]:
    """Return the columns to show: names instead of ids where there are names, and these first."""
    labels = [name for name in ("user", "channel", "video") if name in row]
    ids = {f"{name}_id" for name in labels} | {f"youtube_{name}_id" for name in labels}
    return [*labels, *(name for name in row if name not in ids and name not in labels)]


def _print_sources(console: Console, sources: tuple[SourceState, ...]) -> None:
    console.print("\n[bold]Its sources[/]")
    table = Table(box=None, pad_edge=False)
    for name in ("table", "last loaded (UTC)", "quarantined", "validation"):
        table.add_column(name, no_wrap=name == "table")
    for each in sources:
        loaded = f"{each.loaded_at:%Y-%m-%d %H:%M}" if each.loaded_at else "never"
        table.add_row(each.table, loaded, f"{each.rows_quarantined:,}", _fared(each))
    console.print(table)
    if times := [each.checked_at for each in sources if each.checked_at is not None]:
        console.print(f"Validated at {min(times):%Y-%m-%d %H:%M} UTC or later.")


def _fared(state: SourceState) -> str:
    if state.checked_at is None:
        return "not validated"
    if state.failures:
        return (
            f"[red]{len(state.failures)} of {state.checks} failed:[/] {'; '.join(state.failures)}"
        )
    return f"all {state.checks} passed"
