"""Ask the warehouse: the metrics of a question, one row for each combination of dimensions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import psycopg

from runner.metrics.catalogue import BadQuestion, Catalogue, Dimension, suggest
from runner.metrics.engine import Engine, Request
from runner.metrics.filters import translate
from warehouse.connection import Connection, WarehouseTarget, connect
from warehouse.errors import BuildError, DatabaseError

_STATEMENT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Question:
    """Metrics by dimensions, in the words of the catalogue.

    `where`: conditions that all hold; `since` and `until`: days, both included; `order`: names of
    what is asked, with "-" in front from the greatest down.
    """

    metrics: tuple[str, ...]
    by: tuple[str, ...] = ()
    where: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    order: tuple[str, ...] = ()
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """Columns as the question names them, dimensions first; money and rates are Decimal."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    sql: str


class Semantics:
    """The semantic layer of one manifest; keep it, as the first question takes longest."""

    def __init__(self, manifest: Mapping[str, Any], engine: Engine | None = None) -> None:
        """Take dbt's semantic manifest."""
        self.catalogue = Catalogue(manifest)
        self.engine = engine or Engine(manifest)

    def ask(self, target: WarehouseTarget, question: Question) -> Answer:
        """Return the answer from the warehouse at `target`.

        Raises `BadQuestion` for a question that cannot be answered, `BuildError` where the marts
        are not built yet.
        """
        with open_session(target) as session:
            return self.ask_in(session, question)

    def ask_in(self, session: Connection, question: Question) -> Answer:
        """Return the answer in a session of `open_session`."""
        request, names = self.understand(question)
        sql = self.engine.sql(request)
        try:
            # Prepared, so that the server takes one statement and no more.
            cursor = session.execute(sql.encode(), prepare=True)
            rows = [tuple(map(_plain, row)) for row in cursor.fetchall()]
        except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName) as error:
            raise BuildError(
                f"A mart is not built yet: {error.diag.message_primary}.",
                hint="Build it: ytempire build",
            ) from error
        except psycopg.errors.QueryCanceled as error:
            raise DatabaseError(
                f"The answer takes longer than {_STATEMENT_SECONDS} s.",
                hint="Ask for less: --since, --where.",
            ) from error
        except psycopg.DataError as error:
            said = str(error).splitlines()[0]
            raise BadQuestion(f"The condition does not fit its dimension: {said}.") from error
        columns = [column.name for column in cursor.description or ()]
        order = [columns.index(name) for name in names]
        return Answer(tuple(names.values()), [tuple(row[at] for at in order) for row in rows], sql)

    def understand(self, question: Question) -> tuple[Request, dict[str, str]]:
        """Return MetricFlow's request, and its columns with the names that the question gives."""
        catalogue, metrics = self.catalogue, tuple(dict.fromkeys(question.metrics))
        catalogue.check_metrics(metrics)
        found = {word: catalogue.resolve(word, metrics) for word in question.by}
        self._check_time(metrics, found)
        if question.since and question.until and question.since > question.until:
            raise BadQuestion("The first day asked for (since) is after the last (until).")
        columns = {dimension.path: word for word, dimension in found.items()}
        order = tuple(_ordered(word, found, metrics) for word in question.order or question.by)
        request = Request(
            metrics=metrics,
            by=tuple(dimension.path for dimension in found.values()),
            where=tuple(
                translate(condition, lambda word: catalogue.resolve(word, metrics))
                for condition in question.where
            ),
            since=question.since,
            until=question.until,
            order=order,
            limit=question.limit,
        )
        return request, {**_with_grain(columns, found), **{name: name for name in metrics}}

    def _check_time(self, metrics: Sequence[str], found: Mapping[str, Dimension]) -> None:
        if any(dimension.path.startswith("metric_time__") for dimension in found.values()):
            return
        for name in metrics:
            metric = self.catalogue.metrics[name]
            if metric.needs_time:
                raise BadQuestion(
                    f"{name} runs over time ({metric.formula}): ask it by {metric.grain}"
                    " or by a longer period."
                )


def open_session(target: WarehouseTarget) -> Connection:
    """Return a session that reads only, in UTC, and gives up after a minute."""
    session = connect(target, application_name="ytempire-metrics")
    session.execute("set time zone 'UTC'")
    session.execute(f"set statement_timeout = '{_STATEMENT_SECONDS}s'".encode())
    session.execute("set default_transaction_read_only = on")
    session.commit()
    return session


def _with_grain(columns: Mapping[str, str], found: Mapping[str, Dimension]) -> dict[str, str]:
    """Return the columns as MetricFlow names them: a time dimension with its grain."""
    named = {}
    for path, word in columns.items():
        grain = found[word].grain
        suffix = f"__{grain}"
        named[path if grain is None or path.endswith(suffix) else path + suffix] = word
    return named


def _ordered(word: str, found: Mapping[str, Dimension], metrics: Sequence[str]) -> str:
    name = word.removeprefix("-")
    sign = "-" if word.startswith("-") else ""
    if name in found:
        return sign + found[name].path
    if name in metrics:
        return sign + name
    known = [*found, *metrics]
    raise BadQuestion(
        f"The answer has no {name!r} to be ordered by.{suggest(name, known)}"
        f" Choose of {', '.join(known)}."
    )


def _plain(value: Any) -> Any:
    """Return midnights as dates and whole numbers as integers."""
    if isinstance(value, datetime) and value.time() == time.min:
        return value.date()
    if isinstance(value, Decimal) and value == value.to_integral_value():
        return int(value) if value.as_tuple().exponent == 0 else value
    return value
