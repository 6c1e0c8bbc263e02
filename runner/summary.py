"""Summaries that a person enjoys reading."""

from __future__ import annotations

from decimal import Decimal

from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from runner.figures import KeyFigures, Overview
from runner.report import RunReport, SourceReport
from runner.truth import Comparison
from validation.outcomes import Validation
from warehouse.connection import WarehouseTarget

_TITLES = {
    "platform": "Platform database",
    "youtube_data": "YouTube Data API",
    "youtube_analytics": "YouTube Analytics API",
    "youtube_reporting": "YouTube Reporting API",
    "stripe": "Stripe",
    "openai": "OpenAI costs",
    "elevenlabs": "ElevenLabs usage",
    "expenses": "Expense files",
    "infrastructure": "Infrastructure costs",
}
_WIDE = 110
"""Columns of a terminal from which on the streams fit beside their source."""


def make_console() -> Console:
    """Return a console as wide as the terminal, and a wide one where there is none."""
    console = Console()
    return console if console.is_terminal else Console(width=120)


_MARKS = {"landed": "[green]✓[/]", "disabled": "[yellow]–[/]", "failed": "[red]✗[/]"}


def print_run(console: Console, report: RunReport) -> None:
    """Print what was landed, what was built, and what went wrong."""
    if report.sources:
        console.print(_landed(report, with_streams=console.width >= _WIDE))
    if report.validation is not None:
        console.print(_validated(report.validation))
    if report.build is not None:
        console.print(_built(report))
    for problem in report.problems:
        console.print(Text.assemble(("✗ ", "red"), str(problem)))


def print_figures(console: Console, figures: KeyFigures) -> None:
    """Print the key figures and the best channels."""
    if figures.overview is None:
        console.print("[yellow]The marts hold no overview yet.[/]")
        return
    console.print(_key_figures(figures.overview))
    console.print(_top_channels(figures))


def print_truth(console: Console, comparisons: list[Comparison]) -> None:
    """Print how the marts compare with the world's truth."""
    for item in comparisons:
        if item.differences:
            console.print(f"[red]✗[/] {item.name}: {len(item.differences)} figures differ")
            for difference in item.differences[:5]:
                console.print(f"    {difference}", highlight=False)
        else:
            console.print(
                f"[green]✓[/] {item.name}: {item.compared:,} figures equal the world's truth"
                f" (total {money(item.total)})",
                highlight=False,
            )


def money(value: Decimal | None, places: int = 2) -> str:
    """Return dollars with thousands separators, a dash for unknown."""
    return "–" if value is None else f"${value:,.{places}f}"


def percent(value: Decimal | None, *, signed: bool = False) -> str:
    """Return a fraction of 1 as percent, a dash for unknown."""
    if value is None:
        return "–"
    return f"{value:+.1%}" if signed else f"{value:.1%}"


def _landed(report: RunReport, *, with_streams: bool) -> Table:
    table = Table(title="Landed", title_justify="left", box=None, pad_edge=False)
    table.add_column("")
    table.add_column("source")
    for name in ("rows read", "landed", "quarantined", "calls", "seconds"):
        table.add_column(name, justify="right")
    if with_streams:
        table.add_column("streams", overflow="fold", style="dim")
    for source in report.sources:
        cells = _source_cells(source)[: None if with_streams else -1]
        table.add_row(_MARKS[source.status], _TITLES[source.source], *cells)
    return table


def _source_cells(source: SourceReport) -> tuple[str, ...]:
    if source.status == "disabled":
        return ("", "", "", "", "", source.message)
    streams = ", ".join(
        f"{name.replace('_', ' ')} {landed:,}" for name, (_, landed) in source.rows.items()
    )
    return (
        f"{source.rows_read:,}",
        f"{source.rows_landed:,}",
        f"{source.quarantined:,}",
        f"{source.calls:,}" if source.calls else "",
        f"{source.seconds:.1f}",
        streams,
    )


def _validated(validation: Validation) -> Text:
    """Return the line of validation, and each warning below it: failures are told as problems."""
    mark = ("✗ ", "red") if validation.failed else ("✓ ", "green")
    lines = [Text.assemble(mark, validation.line())]
    lines += [Text.assemble(("! ", "yellow"), str(item)) for item in validation.warnings[:3]]
    return Text("\n").join(lines)


def _built(report: RunReport) -> Text:
    built = report.build
    if built is None:
        return Text()
    slowest = sorted(
        (node for node in built.nodes if node.kind == "model"), key=lambda node: -node.seconds
    )[:3]
    return Text.assemble(
        ("Built  ", "italic"),
        f"{built.count('model')} models, {built.count('seed')} seeds, "
        f"{built.count('snapshot')} snapshots"
        + (f", {built.current} models up to date; " if built.current else "; "),
        (f"{built.count('test')} data tests and {built.count('unit_test')} unit tests", "bold"),
        " passed in ",
        f"{report.seconds.get('build', 0):.0f} s",
        (f"  (slowest: {', '.join(f'{n.name} {n.seconds:.1f} s' for n in slowest)})", "dim"),
    )


def _key_figures(overview: Overview) -> RenderableType:
    cells = [
        (
            "MRR",
            money(overview.total_mrr),
            f"{percent(overview.last_month_mrr_growth_rate, signed=True)} in the last full month",
        ),
        ("Active users", f"{overview.active_users}", f"{overview.paying_users} paying"),
        ("Channels", f"{overview.active_channels}", f"{overview.videos_today} videos today"),
        ("Revenue, 30 days", money(overview.revenue_30d_usd), f"to {overview.last_report_date}"),
        (
            "Cost a video",
            money(overview.average_cost_per_video_30d_usd),
            f"{percent(overview.share_of_videos_at_target_cost_30d)} at or below $3.00",
        ),
    ]
    grid = Table.grid(expand=True)
    for _ in cells:
        grid.add_column(ratio=1)
    grid.add_row(
        *(
            Panel(Group(Text(value, style="bold cyan"), Text(note, style="dim")), title=title)
            for title, value, note in cells
        )
    )
    return grid


def _top_channels(figures: KeyFigures) -> Table:
    table = Table(
        title="Top channels by 30-day revenue", title_justify="left", box=None, pad_edge=False
    )
    table.add_column("channel")
    table.add_column("niche")
    table.add_column("tier")
    for name in ("views", "revenue", "growth"):
        table.add_column(name, justify="right")
    for channel in figures.top_channels:
        table.add_row(
            channel.channel_name,
            channel.niche,
            channel.performance_tier,
            f"{channel.views_30d:,}",
            money(channel.revenue_30d_usd),
            percent(channel.revenue_growth_30d, signed=True),
        )
    return table


def print_next_steps(console: Console, target: WarehouseTarget, report: RunReport) -> None:
    """Print how long it took and what one can do with the warehouse now."""
    steps = ", ".join(f"{step} {seconds:.1f} s" for step, seconds in report.seconds.items())
    console.print(f"[dim]Time: {steps}[/]", highlight=False)
    console.print()
    console.print("[bold]The warehouse stays up. What next?[/]")
    for what, how in (
        ("Ask it", 'ytempire psql -c "select * from marts.mrr_monthly order by 1"'),
        (
            "Connect",
            f"host={target.host} port={target.port} dbname={target.database} "
            f"user={target.user}, the password is in .env",
        ),
        ("Build by hand", "dbt build   (then: dbt docs generate --static)"),
        ("Browse the models", "make docs, then open target/static_index.html"),
        ("See the dashboard", "make grafana-preview; Grafana itself: grafana/README.md"),
        ("Your own data", "copy .env.example to .env, then: ytempire doctor, ytempire run"),
        ("Stop it", "make down"),
    ):
        console.print(f"  {what:<18} {how}", highlight=False, markup=False)
