"""What validation found, expectation by expectation."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from warehouse.errors import ValidationError


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one expectation found on one stream; `samples` are some of the unexpected rows."""

    source: str
    stream: str
    table: str
    expectation: str
    is_critical: bool
    passed: bool
    rows_checked: int
    rows_unexpected: int
    advice: str = ""
    detail: str = ""
    samples: tuple[dict[str, str], ...] = ()

    def __str__(self) -> str:
        if self.passed:
            return f"{self.table}: {self.expectation}."
        if not self.samples and self.detail:
            return f"{self.table}: whether {self.expectation} cannot be told: {self.detail}"
        rows = "row" if self.rows_unexpected == 1 else "rows"
        return (
            f"{self.table}: {self.rows_unexpected:,} {rows} of {self.rows_checked:,} against "
            f"“{self.expectation}”. {self.advice}"
        )


@dataclass(slots=True)
class Validation:
    """All outcomes of a run."""

    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def streams(self) -> int:
        """Return how many streams were checked."""
        return len({outcome.table for outcome in self.outcomes})

    @property
    def failed(self) -> list[Outcome]:
        """Return the critical expectations that were not met."""
        return [item for item in self.outcomes if not item.passed and item.is_critical]

    @property
    def warnings(self) -> list[Outcome]:
        """Return the other expectations that were not met."""
        return [item for item in self.outcomes if not item.passed and not item.is_critical]

    @property
    def failed_tables(self) -> list[str]:
        """Return the raw tables on which nothing may be built."""
        return sorted({outcome.table for outcome in self.failed})

    @property
    def error(self) -> ValidationError | None:
        """Return the error that says what failed and what to do, None where nothing did."""
        if not self.failed:
            return None
        first, more = self.failed[0], len(self.failed) - 1
        others = f" {more} more failed too." if more else ""
        return ValidationError(
            f"Validation failed on {first}{others}",
            hint=(
                "What depends on it keeps its last good state. See .ytempire/validation.html; "
                "ytempire build builds it nevertheless."
            ),
        )

    def line(self) -> str:
        """Return the one line of a summary."""
        what = f"{self.streams} streams with {len(self.outcomes)} expectations"
        if not self.outcomes:
            return "Nothing new to validate."
        if not self.failed and not self.warnings:
            return f"Validated {what}, all met"
        unmet = Counter(item.is_critical for item in (*self.failed, *self.warnings))
        said = [
            f"{unmet[critical]} {name}"
            for critical, name in ((True, "failed"), (False, "to look at (warnings)"))
            if unmet[critical]
        ]
        return f"Validated {what}: {' and '.join(said)}"

    def as_json(self) -> dict[str, Any]:
        """Return plain values: the counts, and each expectation that was not met."""
        return {
            "streams": self.streams,
            "expectations": len(self.outcomes),
            "failed": [_told(item) for item in self.failed],
            "warnings": [_told(item) for item in self.warnings],
        }


def _told(item: Outcome) -> dict[str, Any]:
    return {
        "source": item.source,
        "stream": item.stream,
        "expectation": item.expectation,
        "rows_checked": item.rows_checked,
        "rows_unexpected": item.rows_unexpected,
        "detail": item.detail,
    }
