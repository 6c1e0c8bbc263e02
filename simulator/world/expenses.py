"""The expense files: what the company books beside the providers' bills, one CSV a month.

Amounts are written as bookkeepers do, in several notations: 1234.50, "1,234.50", $89.00, and
(45.00) for a credit.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path

import numpy as np

from simulator.world.days import add_months, first_instant, month_start, months_between, next_month
from simulator.world.lives import HISTORY_MONTHS
from simulator.world.random_streams import generator

HEADER = ("date", "department", "category", "vendor", "description", "amount", "currency")


@dataclass(frozen=True, slots=True)
class _Habit:
    """A recurring expense: on which days of a month, about how much."""

    department: str
    category: str
    vendor: str
    description: str
    days: tuple[int, ...]
    usd: float
    spread: float = 0.25


_HABITS = (
    _Habit("marketing", "paid_ads", "Google Ads", "Search, brand & generic", (7, 14, 21, 28), 310),
    _Habit("marketing", "paid_ads", "Meta Platforms", "Lookalike campaign", (10, 24), 260),
    _Habit("marketing", "content_marketing", "Studio Nørd", "Blog posts, 4 pieces", (12,), 480),
    _Habit("marketing", "content_marketing", "Ahrefs", "SEO tool", (3,), 129, 0.0),
    _Habit("marketing", "sales", "HubSpot", "CRM seats", (1,), 180, 0.0),
    _Habit("marketing", "sales", "J. Pérez", "Commission", (26,), 420, 0.5),
    _Habit("infrastructure", "hosting", "Hetzner Online", "Dedicated servers", (2,), 640, 0.04),
    _Habit("infrastructure", "storage", "Backblaze", "B2 storage & egress", (4,), 145, 0.1),
    _Habit("infrastructure", "monitoring", "Grafana Labs", "Cloud Pro", (5,), 89, 0.0),
    _Habit("engineering", "tools", "GitHub", "Team seats, Copilot", (6,), 84, 0.0),
    _Habit("engineering", "tools", "JetBrains", 'All Products Pack ("renewal")', (18,), 74.9, 0.0),
    _Habit("finance", "payment_fees", "Stripe", "Processing fees", (30,), 390, 0.3),
    _Habit("operations", "office", "WeWork", "Hot desks", (1,), 350, 0.0),
)  # fmt: skip


_Row = tuple[date, _Habit, str, Decimal, str]
"""Day, habit, description, US dollars, and the amount as it is written."""


class Expenses:
    """The expenses of a world's whole billing history, up to an instant."""

    def __init__(self, seed: int, start: date, as_of: datetime) -> None:
        self._seed, self._as_of = seed, as_of
        self._first = add_months(first_instant(month_start(start)), -HISTORY_MONTHS).date()

    def write(self, directory: Path) -> None:
        """Write the files; one whose content is right already is left alone."""
        directory.mkdir(parents=True, exist_ok=True)
        for month in months_between(self._first, self._as_of.date()):
            path = directory / f"expenses-{month:%Y-%m}.csv"
            content = self.content(month).encode()
            if not path.exists() or path.read_bytes() != content:
                path.write_bytes(content)

    def content(self, month: date) -> str:
        """Return a month's file; a running month has the days up to the instant."""
        rows = sorted(
            (row for row in self._rows(month) if row[0] <= self._as_of.date()),
            key=lambda row: row[0],
        )
        text = StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(HEADER)
        writer.writerows(
            (day.isoformat(), *_names(habit, said), amount, "USD")
            for day, habit, said, _, amount in rows
        )
        return text.getvalue()

    def booked(self, department: str) -> dict[tuple[date, str], Decimal]:
        """Return what a department's months cost by (month, category), up to the instant."""
        totals: dict[tuple[date, str], Decimal] = {}
        for month in months_between(self._first, self._as_of.date()):
            for day, habit, _, usd, _ in self._rows(month):
                if habit.department == department and day <= self._as_of.date():
                    key = (month, habit.category)
                    totals[key] = totals.get(key, Decimal()) + usd
        return totals

    def _rows(self, month: date) -> Iterator[_Row]:
        stream = generator(self._seed, "expenses", month)
        last = (next_month(month) - timedelta(days=1)).day
        age = (month.year - self._first.year) * 12 + month.month - self._first.month
        for habit in _HABITS:
            for day in habit.days:
                usual = habit.usd * (1 + 0.03 * age if habit.spread else 1.0)
                usd = usual * float(stream.lognormal(0.0, habit.spread))
                amount = Decimal(round(usd * 100)) / 100
                text = _notation(amount, stream)
                yield month.replace(day=min(day, last)), habit, habit.description, amount, text
        if stream.random() < 0.5:
            credit = Decimal(int(stream.integers(1_500, 12_000))) / 100
            day = int(stream.integers(8, last + 1))
            said = "Credit for invalid clicks"
            yield month.replace(day=day), _HABITS[0], said, -credit, f"({credit:.2f})"


def _names(habit: _Habit, said: str) -> tuple[str, str, str, str]:
    return habit.department, habit.category, habit.vendor, said


def _notation(amount: Decimal, stream: np.random.Generator) -> str:
    """Write an amount in one of the notations that people use."""
    choice = float(stream.random())
    if choice < 0.15:
        return f"${amount:,.2f}"
    if choice < 0.35:
        return f"{amount:,.2f}"
    return f"{amount:.2f}"
