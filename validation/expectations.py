"""What is expected of a stream, and the SQL that shows a stream's payloads as typed columns.

A suite names the figures that are read out of a stream's payloads. A figure that cannot be read
is NULL in its column and named in the column `unreadable`; a required one that is absent is named
in `missing`. So every other expectation can compare numbers and instants without fear of a cast.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

CLOCK_TOLERANCE = timedelta(hours=1)
"""How far clocks may differ before an instant counts as lying in the future."""

_PACIFIC = ZoneInfo("America/Los_Angeles")


class Kind(Enum):
    """How the text of a figure is read: the pattern that it must match, and its type."""

    NUMBER = (r"^-?[0-9]{1,30}(\.[0-9]{1,30})?$", "numeric")
    WHOLE = (r"^-?[0-9]{1,18}$", "numeric")
    INSTANT = (
        "^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}"
        r"(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})$",
        "timestamptz",
    )
    UUID = ("^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$", "text")
    DURATION = ("^P([0-9]+D)?(T([0-9]+H)?([0-9]+M)?([0-9]+S)?)?$", "text")
    TEXT = ("", "text")


@dataclass(frozen=True, slots=True)
class Figure:
    """A value in the payload: its path with dots, how it is read, the column that it becomes."""

    path: str
    kind: Kind
    is_required: bool = True
    name: str = ""

    @property
    def column(self) -> str:
        """Return the column's name: the last part of the path where no other is given."""
        return self.name or self.path.rpartition(".")[2]

    @property
    def text_sql(self) -> str:
        """Return the SQL of the figure's text; an empty one, as in a CSV file, is absent."""
        return f"nullif(payload #>> '{{{self.path.replace('.', ',')}}}', '')"

    @property
    def readable_sql(self) -> str:
        """Return the SQL condition that the text can be read; NULL where the figure is absent."""
        pattern = self.kind.value[0]
        return f"({self.text_sql}) ~ '{pattern}'" if pattern else "true"

    @property
    def value_sql(self) -> str:
        """Return the SQL of the figure's value: NULL where it cannot be read."""
        type_ = self.kind.value[1]
        return f"case when {self.readable_sql} then ({self.text_sql})::{type_} end"

    @property
    def column_sql(self) -> str:
        """Return the SQL of the figure's column."""
        return f'{self.value_sql} as "{self.column}"'


@dataclass(frozen=True, slots=True)
class Expectation:
    """What must hold for every row, told by the condition of an unexpected row.

    `unexpected` is SQL over the suite's columns. `column` with `allowed`, or with `minimum` and
    `maximum`, is the plain form for one column instead. A critical one stops the build of what
    depends on the stream. `advice` says what to do when it fails.
    """

    name: str
    unexpected: str = ""
    is_critical: bool = True
    advice: str = "See what the source says now; once it is mended, extract and validate again."
    column: str = ""
    allowed: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True, slots=True)
class Suite:
    """The expectations of a raw table. `columns` are further ones: name and SQL."""

    table: str
    keys: tuple[str, ...]
    figures: tuple[Figure, ...] = ()
    expectations: tuple[Expectation, ...] = ()
    columns: tuple[tuple[str, str], ...] = ()

    def every_expectation(self) -> tuple[Expectation, ...]:
        """Return the suite's expectations, those of readability first."""
        readable = any(figure.kind is not Kind.TEXT for figure in self.figures)
        required = any(figure.is_required for figure in self.figures)
        return (
            *((_READABLE,) if readable else ()),
            *((_REQUIRED,) if required else ()),
            *self.expectations,
        )

    def batch_sql(self, landed_after: datetime | None, as_of: datetime) -> str:
        """Return the query of the rows that were landed after an instant, None: of all rows."""
        columns = [
            *self.keys,
            *(figure.column_sql for figure in self.figures),
            *(f'{sql} as "{name}"' for name, sql in self.columns),
        ]
        if self.figures:
            columns += [
                _named(self.figures, lambda figure: f"not ({figure.readable_sql})", "unreadable"),
                _named(
                    [figure for figure in self.figures if figure.is_required],
                    lambda figure: f"({figure.text_sql}) is null",
                    "missing",
                ),
            ]
        where = "" if landed_after is None else f" where _loaded_at > {_instant(landed_after)}"
        query = f"select {', '.join(columns)} from {self.table}{where}"
        return at_instant(query, as_of)


_READABLE = Expectation(
    "figures can be read",
    "unreadable is not null",
    advice="Look at the payloads of these rows: the source may have changed its format.",
)
_REQUIRED = Expectation(
    "required figures are there",
    "missing is not null",
    advice="Look at the payloads of these rows: the source may have renamed a field.",
)


def at_instant(sql: str, as_of: datetime) -> str:
    """Put the as-of instant in the place of $latest, $today and $pacific_today."""
    return (
        sql.replace("$latest", _instant(as_of + CLOCK_TOLERANCE))
        .replace("$today", f"date '{as_of.astimezone(UTC).date()}'")
        .replace("$pacific_today", f"date '{as_of.astimezone(_PACIFIC).date()}'")
    )


def not_negative(*columns: str) -> Expectation:
    """Expect that no count is below zero."""
    return Expectation(
        "counts are not negative",
        f"least({', '.join(map(_quoted, columns))}) < 0",
        advice="A count below zero is a defect of the source: ask for the day again.",
    )


def not_in_future(*columns: str, is_critical: bool = True) -> Expectation:
    """Expect that no instant lies after the as-of instant (clocks may differ by an hour)."""
    return Expectation(
        "nothing is dated in the future",
        f"greatest({', '.join(map(_quoted, columns))}) > $latest",
        is_critical,
        advice="Check the clocks here and at the source, and the --as-of that was given.",
    )


def between(
    column: str, minimum: float, maximum: float, name: str, *, is_critical: bool = True
) -> Expectation:
    """Expect that a column lies in a range, both ends included."""
    return Expectation(
        name,
        is_critical=is_critical,
        column=column,
        minimum=minimum,
        maximum=maximum,
        advice=f"A figure outside {minimum:g} to {maximum:g} is a mistake of unit or of source.",
    )


def one_of(column: str, allowed: tuple[str, ...], name: str, advice: str) -> Expectation:
    """Expect that a column holds one of some values."""
    return Expectation(name, column=column, allowed=allowed, advice=advice)


def numbers(*paths: str, is_required: bool = True) -> tuple[Figure, ...]:
    """Return figures that are numbers with or without decimals."""
    return tuple(Figure(path, Kind.NUMBER, is_required) for path in paths)


def wholes(*paths: str, is_required: bool = True) -> tuple[Figure, ...]:
    """Return figures that are whole numbers."""
    return tuple(Figure(path, Kind.WHOLE, is_required) for path in paths)


def _named(figures: Sequence[Figure], condition: Callable[[Figure], str], column: str) -> str:
    """Return a column with the paths of the figures that meet a condition, NULL for none."""
    names = [f"case when {condition(figure)} then '{figure.path}' end" for figure in figures]
    return f"nullif(concat_ws(', ', {', '.join(names or ['null'])}), '') as {column}"


def _quoted(column: str) -> str:
    return f'"{column}"'


def _instant(instant: datetime) -> str:
    return f"timestamptz '{instant.astimezone(UTC).isoformat()}'"
