"""Run expectations with Great Expectations: one batch a stream, a temporary table each.

It is imported late, for its import takes seconds. It keeps nothing (an ephemeral context) and
calls nobody: its analytics are switched off before it is imported.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from validation.expectations import Expectation
from validation.outcomes import Outcome
from warehouse.connection import WarehouseTarget

if TYPE_CHECKING:
    from great_expectations.datasource.fluent.interfaces import Batch
    from great_expectations.datasource.fluent.postgres_datasource import PostgresDatasource

APPLICATION_NAME = "ytempire-validate"
_SAMPLES = 5
_LONGEST = 120


@dataclass(frozen=True, slots=True)
class Check:
    """Expectations on the rows of a query. `owners` are source, stream and table of each."""

    name: str
    query: str
    keys: tuple[str, ...]
    rows: int
    expectations: tuple[tuple[Expectation, tuple[str, str, str]], ...]


class Checker:
    """Great Expectations on one warehouse."""

    def __init__(self, source: PostgresDatasource) -> None:
        """Take the data source that batches are read from."""
        self._source = source

    def run(self, check: Check) -> Iterator[Outcome]:
        """Check one batch. What cannot be asked of the rows counts as not met."""
        from great_expectations.exceptions.exceptions import GreatExpectationsError
        from sqlalchemy.exc import SQLAlchemyError

        expectations = [expectation for expectation, _ in check.expectations]
        try:
            asset = self._source.add_query_asset(check.name, query=check.query)
            batch = asset.add_batch_definition_whole_table("rows").get_batch()
            found = _asked(batch, list(map(_expected, expectations)), "BASIC")
            unmet = [
                position
                for position, result in enumerate(found)
                if not result.success and _was_told(result)
            ]
            queries = [_rows_of(expectations[position]) for position in unmet]
            told = _asked(batch, queries, "COMPLETE") if queries else []
        except (GreatExpectationsError, SQLAlchemyError) as error:
            for expectation, owner in check.expectations:
                yield _untold(check, expectation, owner, _first_line(str(error)))
            return
        samples = dict(zip(unmet, told, strict=True))
        for position, (expectation, owner) in enumerate(check.expectations):
            yield _outcome(check, expectation, owner, found[position], samples.get(position))


@contextmanager
def checker(target: WarehouseTarget) -> Iterator[Checker]:
    """Give a checker for a warehouse; its connections are closed afterwards."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    # The module sets a level of its own, below the package's.
    logging.getLogger(ProgressBarsConfig.__module__).setLevel(logging.WARNING)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    options = quote("-c timezone=UTC -c statement_timeout=600000")
    url = f"{target.url()}&application_name={APPLICATION_NAME}&options={options}"
    source = context.data_sources.add_postgres("warehouse", connection_string=url)
    try:
        yield Checker(source)
    finally:
        source.get_engine().dispose()


def _asked(batch: Batch, expectations: list[Any], detail: str) -> list[Any]:
    """Return the results of expectations in their order."""
    import great_expectations as gx

    for position, expectation in enumerate(expectations):
        expectation.meta = {"position": position}
    suite = gx.ExpectationSuite(name=detail, expectations=expectations)
    found = batch.validate(suite, result_format={"result_format": detail})
    return sorted(found.results, key=lambda item: int(item.expectation_config.meta["position"]))


def _expected(expectation: Expectation) -> Any:
    """Return Great Expectations' own form of an expectation."""
    from great_expectations.expectations.core.expect_column_values_to_be_between import (
        ExpectColumnValuesToBeBetween,
    )
    from great_expectations.expectations.core.expect_column_values_to_be_in_set import (
        ExpectColumnValuesToBeInSet,
    )
    from great_expectations.expectations.core.unexpected_rows_expectation import (
        UnexpectedRowsExpectation,
    )
    from great_expectations.expectations.metadata_types import FailureSeverity

    severity = FailureSeverity.CRITICAL if expectation.is_critical else FailureSeverity.WARNING
    if expectation.allowed:
        return ExpectColumnValuesToBeInSet(
            column=expectation.column, value_set=list(expectation.allowed), severity=severity
        )
    if expectation.column:
        return ExpectColumnValuesToBeBetween(
            column=expectation.column,
            min_value=expectation.minimum,
            max_value=expectation.maximum,
            severity=severity,
        )
    query = f"select * from {{batch}} where {expectation.unexpected}"
    return UnexpectedRowsExpectation(unexpected_rows_query=query, severity=severity)


def _rows_of(expectation: Expectation) -> Any:
    """Return the question for some of the rows that an expectation was not met by."""
    from great_expectations.expectations.core.unexpected_rows_expectation import (
        UnexpectedRowsExpectation,
    )

    condition = expectation.unexpected
    if expectation.allowed:
        allowed = ", ".join(f"'{value}'" for value in expectation.allowed)
        condition = f'"{expectation.column}" not in ({allowed})'
    elif expectation.column:
        range_ = f"{expectation.minimum} and {expectation.maximum}"
        condition = f'"{expectation.column}" not between {range_}'
    query = f"select * from {{batch}} where {condition} limit {_SAMPLES}"
    return UnexpectedRowsExpectation(unexpected_rows_query=query)


def _outcome(
    check: Check, expectation: Expectation, owner: tuple[str, str, str], found: Any, told: Any
) -> Outcome:
    if not _was_told(found):
        return _untold(check, expectation, owner, _raised(found.exception_info))
    counted = found.result.get("unexpected_count" if expectation.column else "observed_value")
    rows = told.result["details"]["unexpected_rows"] if told and _was_told(told) else []
    samples = tuple(_sample(row, check.keys) for row in rows)
    detail = "; ".join(
        ", ".join(f"{name} {value}" for name, value in sample.items()) for sample in samples[:2]
    )
    return Outcome(
        *owner,
        expectation=expectation.name,
        is_critical=expectation.is_critical,
        passed=bool(found.success),
        rows_checked=check.rows,
        rows_unexpected=int(counted or 0),
        advice=expectation.advice,
        detail=detail,
        samples=samples,
    )


def _was_told(result: Any) -> bool:
    return result.exception_info.get("raised_exception") is False


def _untold(
    check: Check, expectation: Expectation, owner: tuple[str, str, str], why: str
) -> Outcome:
    return Outcome(
        *owner,
        expectation=expectation.name,
        is_critical=expectation.is_critical,
        passed=False,
        rows_checked=check.rows,
        rows_unexpected=0,
        advice=expectation.advice,
        detail=why,
    )


def _sample(row: Any, keys: Sequence[str]) -> dict[str, str]:
    """Return a row's values as short texts, the keys first; what is absent is left out."""
    values = dict(row)
    ordered = [*keys, *(name for name in values if name not in keys)]
    return {
        name: str(values[name])[:_LONGEST]
        for name in ordered
        if name in values and values[name] is not None
    }


def _raised(info: Any) -> str:
    """Return the message of an exception, however deep Great Expectations keeps it."""
    if isinstance(info, dict):
        if message := info.get("exception_message"):
            return _first_line(str(message))
        return next((text for value in info.values() if (text := _raised(value))), "")
    return ""


def _first_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[0] if lines else "no message"
