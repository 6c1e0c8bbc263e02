"""The page that shows what validation found: one file, which needs nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from jinja2 import Environment, PackageLoader, StrictUndefined

from validation.outcomes import Outcome, Validation
from warehouse.errors import DirectoryError


@dataclass(frozen=True, slots=True)
class _Section:
    """The outcomes of one stream."""

    source: str
    stream: str
    table: str
    rows: int
    outcomes: tuple[Outcome, ...]

    @property
    def state(self) -> str:
        """Return failed, warning or met."""
        unmet = [outcome for outcome in self.outcomes if not outcome.passed]
        if any(outcome.is_critical for outcome in unmet):
            return "failed"
        return "warning" if unmet else "met"


def write_page(path: Path, validation: Validation, run_id: UUID, as_of: datetime) -> None:
    """Write the page. Raises `DirectoryError` where it cannot be written."""
    environment = Environment(
        loader=PackageLoader("validation", "."), autoescape=True, undefined=StrictUndefined
    )
    html = environment.get_template("page.html.j2").render(
        validation=validation,
        sections=sorted(_sections(validation), key=_gravest_first),
        run_id=run_id,
        as_of=f"{as_of:%Y-%m-%d %H:%M} UTC",
    )
    unfinished = path.with_suffix(".unfinished")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_text(html, encoding="utf-8")
        unfinished.replace(path)
    except OSError as error:
        raise DirectoryError(
            f"The page of validation cannot be written to {path}: {error.strerror}.",
            hint="Set YTEMPIRE_HOME to a folder that can be written.",
        ) from error


def _gravest_first(section: _Section) -> tuple[int, str, str]:
    return ("failed", "warning", "met").index(section.state), section.source, section.stream


def _sections(validation: Validation) -> Iterator[_Section]:
    for table in dict.fromkeys(outcome.table for outcome in validation.outcomes):
        outcomes = tuple(item for item in validation.outcomes if item.table == table)
        first = outcomes[0]
        rows = max(item.rows_checked for item in outcomes)
        yield _Section(first.source, first.stream, table, rows, outcomes)
