"""Try the movements of recurring revenue on subscription periods of one's own: `make mrr-check`.

The models that build the marts are run, as they are, upon the months of a CSV file in place of the
months of invoices, in schemas of their own that go again. The file has a line for each period of a
subscription: subscription_id, customer_id, start_date, end_date (the first day without it; empty
while it runs), monthly_amount. A period counts in the months whose first day is within it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer
from psycopg import sql
from rich.console import Console
from rich.table import Table

from runner import warehouse_access as access
from runner.build import Wanted, build
from runner.periods import Period, read_periods
from runner.progress import Silent
from runner.settings import Settings, load_settings
from warehouse.connection import Connection, WarehouseTarget, connect
from warehouse.errors import BadDataError, YtempireError
from warehouse.locks import run_lock

PREFIX = "mrr_check_"
MOVEMENTS = ("new", "reactivation", "expansion", "contraction", "churn")
_MODELS = ("fct_mrr_movements", "mrr_monthly")

# The shape of int_mrr_by_user_month: a customer's months from the first one on, what is in force.
_MONTHS = """
    create table {schema}.int_mrr_by_user_month as
    with bounds as (
        select
            greatest(date_trunc('month', min(start_date)), %(first)s::timestamp) as first_month,
            date_trunc('month', max(greatest(start_date, end_date)) + interval '1 month - 1 day')
                as last_month
        from mrr_check_periods
    ),

    months as (
        select periods.customer_id, series.month_start::date as month_start
        from (
            select customer_id, date_trunc('month', min(start_date)) as first_month
            from mrr_check_periods
            group by customer_id
        ) as periods
        cross join bounds
        cross join lateral generate_series(
            greatest(periods.first_month, bounds.first_month), bounds.last_month, '1 month'
        ) as series (month_start)
    )

    select
        md5(months.customer_id)::uuid as user_id,
        months.month_start,
        true as is_complete_month,
        count(periods.customer_id) > 0 as has_subscription,
        coalesce(sum(periods.monthly_amount), 0)::numeric(18, 2) as base_mrr,
        0::numeric(18, 2) as overage_mrr
    from months
    left join mrr_check_periods as periods
        on months.customer_id = periods.customer_id
        and periods.start_date <= months.month_start
        and (periods.end_date is null or periods.end_date > months.month_start)
    group by months.customer_id, months.month_start
"""


@dataclass(frozen=True, slots=True)
class Month:
    """A month's movements, amounts as they change MRR, and whether they lead to its closing."""

    month: date
    opening: Decimal
    counts: dict[str, int]
    amounts: dict[str, Decimal]
    closing: Decimal

    @property
    def holds(self) -> bool:
        """Say whether opening and movements are the closing."""
        return self.opening + sum(self.amounts.values()) == self.closing


def check(
    settings: Settings, target: WarehouseTarget, periods: Sequence[Period], first: date | None
) -> list[Month]:
    """Run the marts' models on the periods, from a month on, and return what they say.

    Raises `BuildError` where a data test of the models fails, the identity's among them.
    """
    with (
        connect(target, application_name="ytempire-mrr-check") as connection,
        run_lock(connection, "mrr check", wait=False),
        _schemas(connection),
    ):
        _fill(connection, periods, first)
        with _environment(settings.state_dir / "mrr-check"):
            wanted = Wanted(select=_MODELS, unit_tests=False)
            build(target, datetime.now(UTC), Silent(), wanted)
        return _read(connection)


@contextmanager
def _schemas(connection: Connection) -> Iterator[None]:
    names = sql.SQL(", ").join(sql.Identifier(PREFIX + each) for each in ("intermediate", "marts"))
    drop = sql.SQL("drop schema if exists {} cascade").format(names)
    connection.execute(drop)
    connection.execute(f"create schema {PREFIX}intermediate".encode())
    connection.commit()
    try:
        yield
    finally:
        connection.rollback()
        connection.execute(drop)
        connection.commit()


def _fill(connection: Connection, periods: Sequence[Period], first: date | None) -> None:
    connection.execute(
        "create temporary table mrr_check_periods (customer_id text, start_date date,"
        " end_date date, monthly_amount numeric) on commit drop"
    )
    with connection.cursor().copy("copy mrr_check_periods from stdin") as copy:
        for each in periods:
            copy.write_row((each.customer_id, each.start, each.end, each.monthly_usd))
    months = sql.SQL(_MONTHS).format(schema=sql.Identifier(PREFIX + "intermediate"))
    connection.execute(months, {"first": first or date.min})
    found = connection.execute(
        f"select exists (select from {PREFIX}intermediate.int_mrr_by_user_month)".encode()
    ).fetchone()
    connection.commit()
    if not found or not found[0]:
        raise BadDataError("No period reaches the months that were asked for.")


@contextmanager
def _environment(place: Path) -> Iterator[None]:
    """Have dbt build into the schemas of the check, with a parsed project of its own."""
    ours = {
        "YTEMPIRE_SCHEMA_PREFIX": PREFIX,
        "DBT_TARGET_PATH": str(place / "target"),
        "DBT_LOG_PATH": str(place / "logs"),
        # Tests that compare with marts of other data are left out.
        "DBT_INDIRECT_SELECTION": "cautious",
    }
    before = {name: os.environ.get(name) for name in ours}
    os.environ.update(ours)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name)
            else:
                os.environ[name] = value


def _read(connection: Connection) -> list[Month]:
    moved: dict[tuple[date, str], tuple[int, Decimal]] = {
        (month, movement): (count, amount)
        for month, movement, count, amount in connection.execute(
            "select month_start, mrr_movement, count(*), sum(mrr_change) "
            f"from {PREFIX}marts.fct_mrr_movements group by month_start, mrr_movement".encode()
        )
    }
    months = connection.execute(
        f"select month_start, opening_mrr, closing_mrr from {PREFIX}marts.mrr_monthly "
        "order by month_start".encode()
    ).fetchall()
    return [
        Month(
            month,
            opening,
            {name: moved.get((month, name), (0, Decimal()))[0] for name in MOVEMENTS},
            {name: moved.get((month, name), (0, Decimal()))[1] for name in MOVEMENTS},
            closing,
        )
        for month, opening, closing in months
    ]


def _print(console: Console, months: Sequence[Month]) -> None:
    by_month = Table(title="By month", title_justify="left", box=None, pad_edge=False)
    for name in ("month", "opening", *MOVEMENTS, "closing", ""):
        by_month.add_column(name, justify="right")
    for each in months:
        moved = [f"{each.amounts[name]:,.2f}" if each.counts[name] else "" for name in MOVEMENTS]
        mark = "" if each.holds else "does not add up"
        by_month.add_row(
            f"{each.month:%Y-%m}", f"{each.opening:,.2f}", *moved, f"{each.closing:,.2f}", mark
        )
    console.print(by_month)
    total = Table(title="\nAll months", title_justify="left", box=None, pad_edge=False)
    for name in ("movement", "count", "amount"):
        total.add_column(name, justify="left" if name == "movement" else "right")
    for name in MOVEMENTS:
        count = sum(each.counts[name] for each in months)
        amount = sum((each.amounts[name] for each in months), Decimal())
        total.add_row(name, f"{count:,}", f"{amount:,.2f}")
    console.print(total)
    broken = [f"{each.month:%Y-%m}" for each in months if not each.holds]
    if broken:
        console.print(f"\nopening + movements is NOT closing in {', '.join(broken)}")
    else:
        console.print(f"\nopening + movements = closing in each of {len(months)} months")


def mrr_check(
    file: Annotated[Path, typer.Argument(help="CSV file of subscription periods.")],
    first_month: Annotated[
        datetime | None,
        typer.Option("--from", help="First month to look at. Default: all.", formats=["%Y-%m"]),
    ] = None,
) -> None:
    """Print count and amount of each movement of MRR, and whether they add up each month."""
    periods = read_periods(file)
    settings = load_settings()
    target = access.open_warehouse(settings)
    months = check(settings, target, periods, first_month.date() if first_month else None)
    console = Console()
    _print(console if console.is_terminal else Console(width=120), months)
    if not all(each.holds for each in months):
        raise typer.Exit(11)


if __name__ == "__main__":
    try:
        typer.run(mrr_check)
    except YtempireError as problem:
        print(f"ytempire: {problem}", file=sys.stderr)
        sys.exit(problem.exit_code)
