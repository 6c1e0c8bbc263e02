"""Show the catalogue and answers: for a person, as CSV, as JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from rich.console import Console
from rich.table import Table

from runner.metrics.asking import Answer
from runner.metrics.catalogue import Catalogue, Metric

_RATE_ENDINGS = ("_rate", "_share", "_retention", "_margin")


def as_csv(answer: Answer) -> str:
    """Return the answer as CSV with a header; a figure that is not known is empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(answer.columns)
    writer.writerows([[_exact(value) for value in row] for row in answer.rows])
    return text.getvalue()


def as_json(answer: Answer) -> str:
    """Return the answer as a JSON list of objects; decimals are strings, to lose nothing."""
    rows = [dict(zip(answer.columns, map(_json_value, row), strict=True)) for row in answer.rows]
    return json.dumps(rows, indent=2)


def print_answer(console: Console, answer: Answer, metrics: Sequence[str]) -> None:
    """Print the answer as a table: rates as percent, amounts with two decimals."""
    table = Table(box=None, pad_edge=False)
    for name in answer.columns:
        table.add_column(name, justify="right" if name in metrics else "left", no_wrap=True)
    for row in answer.rows:
        table.add_row(
            *(
                _shown(name, value) if name in metrics else _exact(value) or "–"
                for name, value in zip(answer.columns, row, strict=True)
            )
        )
    console.print(table)
    if not answer.rows:
        console.print("No rows: nothing is known of this period and these conditions.")


def catalogue_json(catalogue: Catalogue, metrics: Sequence[Metric]) -> str:
    """Return the catalogue as a JSON list."""
    return json.dumps([_described(catalogue, metric) for metric in metrics], indent=2)


def print_catalogue(console: Console, metrics: Sequence[Metric]) -> None:
    """Print one line a metric."""
    table = Table(box=None, pad_edge=False, show_edge=False)
    for name in ("metric", "kind", "mart", "by", "definition"):
        table.add_column(name, no_wrap=name != "definition", overflow="fold")
    for metric in metrics:
        marts = ", ".join(metric.marts)
        table.add_row(metric.name, metric.kind, marts, metric.grain, metric.summary)
    console.print(table)
    console.print(f"{len(metrics)} metrics. One of them whole: ytempire metrics list NAME")


def print_metric(console: Console, catalogue: Catalogue, metric: Metric) -> None:
    """Print all that is known of one metric."""
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in _described(catalogue, metric).items():
        shown = ", ".join(value) if isinstance(value, list) else str(value).strip()
        table.add_row(name, shown)
    console.print(table)


def _described(catalogue: Catalogue, metric: Metric) -> dict[str, Any]:
    return {
        "name": metric.name,
        "label": metric.label,
        "definition": metric.description.strip(),
        "kind": metric.kind,
        "formula": metric.formula,
        "marts": list(metric.marts),
        "equals": list(metric.equals),
        "finest_grain": metric.grain,
        "needs_time": metric.needs_time,
        "dimensions": list(catalogue.dimensions([metric.name])),
    }


def _shown(name: str, value: Any) -> str:
    if value is None:
        return "–"
    if name.endswith(_RATE_ENDINGS):
        return f"{value:.1%}"
    if isinstance(value, Decimal):
        return f"{value:,.2f}" if abs(value) >= 1 or not value else f"{value:,.4f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _exact(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def _json_value(value: Any) -> Any:
    if isinstance(value, Decimal | date | datetime | UUID):
        return _exact(value)
    return value
