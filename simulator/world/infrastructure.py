"""The files of infrastructure costs: what servers, storage and traffic cost by day.

One file a month. Odd months are CSV files and even months workbooks, as a finance department
sends them; the bytes of a file depend on the seed and the instant alone.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from openpyxl import Workbook

from simulator.world.days import add_months, first_instant, month_start, months_between, next_month
from simulator.world.lives import HISTORY_MONTHS
from simulator.world.random_streams import generator

HEADER = ("date", "service", "resource", "component", "amount", "currency")
_PACKED_AT = (1980, 1, 1, 0, 0, 0)
_MODIFIED = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")

Cost = tuple[date, str, str, str, Decimal]


@dataclass(frozen=True, slots=True)
class _Resource:
    """Something that costs about so much a day, and how much that varies."""

    service: str
    resource: str
    component: str
    usd: float
    spread: float = 0.08


_RESOURCES = (
    _Resource("compute", "render-01", "rendering", 6.4, 0.2),
    _Resource("compute", "app-01", "platform", 2.1, 0.0),
    _Resource("database", "postgres-primary", "platform", 3.3, 0.0),
    _Resource("storage", "videos", "storage", 1.2),
    _Resource("network", "egress", "delivery", 0.9, 0.3),
)


class Infrastructure:
    """The infrastructure costs of a world's billing history, up to an instant."""

    def __init__(self, seed: int, start: date, as_of: datetime) -> None:
        self._seed, self._as_of = seed, as_of
        self._first = add_months(first_instant(month_start(start)), -HISTORY_MONTHS).date()

    def costs(self) -> Iterator[Cost]:
        """Yield (day, service, resource, component, US dollars), oldest first."""
        for month in months_between(self._first, self._as_of.date()):
            yield from self._month(month)

    def write(self, directory: Path) -> None:
        """Write the files; one whose content is right already is left alone."""
        directory.mkdir(parents=True, exist_ok=True)
        for month in months_between(self._first, self._as_of.date()):
            rows = list(self._month(month))
            kind, content = ("csv", _csv(rows)) if month.month % 2 else ("xlsx", _workbook(rows))
            path = directory / f"infrastructure-{month:%Y-%m}.{kind}"
            if not path.exists() or path.read_bytes() != content:
                path.write_bytes(content)

    def _month(self, month: date) -> Iterator[Cost]:
        stream = generator(self._seed, "infrastructure", month)
        day = month
        while day < next_month(month):
            for each in _RESOURCES:
                cents = round(each.usd * float(stream.lognormal(0.0, each.spread)) * 10_000)
                if day < self._as_of.date():  # a day is billed once it is over
                    usd = Decimal(cents) / 10_000
                    yield day, each.service, each.resource, each.component, usd
            day += timedelta(days=1)


def _csv(rows: list[Cost]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows((day.isoformat(), *names, f"${usd}", "USD") for day, *names, usd in rows)
    return text.getvalue().encode()


def _workbook(rows: list[Cost]) -> bytes:
    """Return a workbook whose bytes do not tell when it was written."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("infrastructure")
    sheet.append(HEADER)
    for day, *names, usd in rows:
        sheet.append((day, *names, float(usd), "USD"))
    written, timeless = io.BytesIO(), io.BytesIO()
    book.save(written)
    with zipfile.ZipFile(written) as before, zipfile.ZipFile(timeless, "w") as after:
        for part in before.infolist():
            content = _MODIFIED.sub(rb"\g<1>2026-01-01T00:00:00Z", before.read(part))
            after.writestr(
                zipfile.ZipInfo(part.filename, _PACKED_AT), content, zipfile.ZIP_DEFLATED
            )
    return timeless.getvalue()
