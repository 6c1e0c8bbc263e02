"""The gate: what was landed is checked before anything is built on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from uuid import UUID

from ingest import streams
from ingest.streams import PLATFORM_TABLES, Stream, platform_stream
from validation import books, business_suites, platform_suites, volumes, youtube_suites
from validation.checking import Check, checker
from validation.expectations import Expectation, Suite, at_instant
from validation.outcomes import Validation
from validation.page import write_page
from warehouse.connection import Connection, WarehouseTarget, connect

SUITES: tuple[Suite, ...] = (
    *youtube_suites.SUITES,
    *business_suites.SUITES,
    *platform_suites.SUITES,
)

_SOURCES = {
    "raw_youtube": "youtube",
    "raw_billing": "stripe",
    "raw_costs": "costs",
    "raw_platform": "platform",
}


def validate(
    target: WarehouseTarget,
    run_id: UUID,
    as_of: datetime,
    clock: Callable[[], datetime],
    page: Path,
    *,
    everything: bool = False,
) -> Validation:
    """Check what was landed since it was last found good, or everything; store what was found.

    The run must be noted in `ops.runs`. Writes the page, and raises `DatabaseError` where the
    warehouse cannot be reached, `DirectoryError` where the page cannot be written.
    """
    began = clock()
    with connect(target, autocommit=True, application_name="ytempire-validate") as connection:
        checks = _due(connection, as_of, everything=everything)
        validation = Validation()
        if checks:
            with checker(target) as great:
                for check in checks:
                    validation.outcomes.extend(great.run(check))
        checked = {owner[2] for check in checks for _, owner in check.expectations}
        books.store(connection, run_id, validation, checked, clock(), began)
    write_page(page, validation, run_id, as_of)
    return validation


def owner(table: str) -> tuple[str, str, str]:
    """Return source, stream and name of a raw table; one without a stream goes by its schema."""
    known = [item for item in vars(streams).values() if isinstance(item, Stream)]
    known += [platform_stream(name) for name in PLATFORM_TABLES]
    for stream in known:
        if stream.table == table:
            return stream.source, stream.name, table
    schema, _, name = table.partition(".")
    return _SOURCES[schema], name, table


def _due(connection: Connection, as_of: datetime, *, everything: bool) -> list[Check]:
    after = {} if everything else books.validated_until(connection)
    rows = books.rows_to_check(connection, [suite.table for suite in SUITES], after)
    checks = [
        Check(
            suite.table,
            suite.batch_sql(after.get(suite.table), as_of),
            suite.keys,
            rows[suite.table],
            tuple((_as_of(item, as_of), owner(suite.table)) for item in suite.every_expectation()),
        )
        for suite in SUITES
        if rows[suite.table]
    ]
    return [*checks, *_volumes(connection, as_of)]


def _as_of(expectation: Expectation, as_of: datetime) -> Expectation:
    return replace(expectation, unexpected=at_instant(expectation.unexpected, as_of))


def _volumes(connection: Connection, as_of: datetime) -> list[Check]:
    """Return one check of the days of every stream whose source was read."""
    read = books.sources_read(connection)
    due = tuple(item for item in volumes.VOLUMES if owner(item.table)[0] in read)
    if not due:
        return []
    expected = tuple(
        (expectation, owner(volume.table))
        for volume in due
        for expectation in volumes.expectations(volume)
    )
    query = volumes.batch_sql(due, as_of)
    return [Check("days", query, volumes.KEYS, volumes.WINDOW_DAYS, expected)]
