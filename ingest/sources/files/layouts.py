"""What the files of each source must hold: their columns, and where their rows go."""

from __future__ import annotations

from dataclasses import dataclass

from ingest.streams import EXPENSES, INFRASTRUCTURE_COSTS, Stream


@dataclass(frozen=True, slots=True)
class Layout:
    """The files of one source.

    `columns` are those that a header must name, `needed` those that no row may leave empty,
    `sheet` the sheet of a workbook that is read where there is one of that name.
    """

    stream: Stream
    noun: str
    setting: str
    sheet: str
    columns: tuple[str, ...]
    needed: tuple[str, ...]

    @property
    def day_column(self) -> str:
        """Return the name under which the date is landed."""
        return self.stream.columns[-1].name


EXPENSE_FILES = Layout(
    EXPENSES,
    "expense",
    "EXPENSES_DIR",
    "expenses",
    ("date", "department", "category", "vendor", "description", "amount", "currency"),
    ("date", "department", "category", "amount", "currency"),  # vendor may be unknown
)
INFRASTRUCTURE_FILES = Layout(
    INFRASTRUCTURE_COSTS,
    "infrastructure cost",
    "INFRASTRUCTURE_COSTS_DIR",
    "infrastructure",
    ("date", "service", "resource", "component", "amount", "currency"),
    ("date", "service", "component", "amount", "currency"),
)
