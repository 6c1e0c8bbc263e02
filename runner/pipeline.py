"""The one job that a scheduler calls: extract from every source, validate, build and test.

A source that fails does not stop the others, nor the build: what was landed is built, and the
run ends with the failure's exit code. What was landed is validated first: where it is not as
expected, the models that depend on it are left out and keep their last good state. Two runs at
once do not mix: the second waits for the first, or says so. A run that was killed leaves no trace
but its row in `ops.runs`, which the next run marks as interrupted.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID, uuid4

import psycopg

from ingest.extraction import CallLedger, Extraction, Extractor
from ingest.landing import Connection, Lander
from ingest.registry import SourceConfigs, build_extractors
from ingest.sources import sources_of_tier
from runner import build as dbt
from runner.progress import Display
from runner.report import RunReport, SourceReport
from runner.settings import PROJECT_DIR
from runner.wiring import Missing
from validation.checking import APPLICATION_NAME as VALIDATION_NAME
from validation.gate import validate
from warehouse.connection import WarehouseTarget, connect
from warehouse.errors import (
    AlreadyRunningError,
    BadDataError,
    ConfigurationError,
    YtempireError,
)
from warehouse.locks import run_lock
from warehouse.tenants import TenantSecrets
from warehouse.tenants.isolation import breach, look_and_note

Clock = Callable[[], datetime]

RUN_NAME = "ytempire-run"
# Sources whose back-fills may take days, within the calls of each.
_FILLING_BACK = ("youtube_analytics",)
_RUNS_AT_WORK = """
    select count(*) from pg_stat_activity
    where datname = current_database() and usename = current_user and application_name = %s
"""


def utc_now() -> datetime:
    """Return the present instant in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Plan:
    """What a run is to do."""

    command: str
    as_of: datetime
    configs: SourceConfigs
    missing: dict[str, Missing]
    only: Sequence[str] = ()
    since: date | None = None
    until: date | None = None
    extracts: bool = True
    validates: bool = True
    validates_everything: bool = False
    tenant_passwords: Path | None = None
    page: Path = PROJECT_DIR / ".ytempire" / "validation.html"
    builds: bool = True
    builds_everything: bool = False
    tier: str = "daily"
    select: Sequence[str] = ()
    full_refresh: bool = False
    wait_seconds: float = 60.0
    clock: Clock = field(default=utc_now)

    @property
    def is_back_fill(self) -> bool:
        """Tell whether particular days are asked for."""
        return self.since is not None or self.until is not None


def last_extraction(target: WarehouseTarget) -> datetime | None:
    """Return the as-of instant of the last run that extracted: what the raw tables tell of."""
    with connect(target, autocommit=True, application_name=RUN_NAME) as connection:
        found = connection.execute(
            """
            select as_of from ops.runs
            where command in ('extract', 'run', 'demo') and status <> 'running'
            order by started_at desc limit 1
            """
        ).fetchone()
    return found[0] if found else None


def run(target: WarehouseTarget, plan: Plan, shown: Display) -> RunReport:
    """Carry out a plan. Problems of sources and of the build are in the report, not raised.

    Raises `AlreadyRunningError` when another run holds the lock for longer than the plan waits,
    `DatabaseError` when the warehouse cannot be reached.
    """
    report = RunReport(uuid4(), plan.command, plan.as_of)
    with (
        connect(target, autocommit=True, application_name=RUN_NAME) as books,
        _exclusive(books, plan.wait_seconds, shown),
    ):
        _clear_up_after_killed_runs(books, plan.clock)
        _note_start(books, report, plan.clock)
        try:
            _carry_out(target, plan, report, shown)
        except YtempireError as error:
            _note_end(books, report, plan.clock, error)
            raise
        _note_end(books, report, plan.clock, None)
    return report


def _carry_out(target: WarehouseTarget, plan: Plan, report: RunReport, shown: Display) -> None:
    if plan.extracts:
        with report.timed("extract"):
            _extract(target, plan, report, shown)
    if plan.validates:
        with report.timed("validate"):
            report.validation = validate(
                target,
                report.run_id,
                plan.as_of,
                plan.clock,
                plan.page,
                everything=plan.validates_everything,
            )
            shown.say(report.validation.line())
    if plan.builds:
        with report.timed("build"):
            try:
                wanted = dbt.Wanted(
                    select=plan.select,
                    without=report.validation.failed_tables if report.validation else (),
                    everything=plan.builds_everything,
                    full_refresh=plan.full_refresh,
                    unit_tests=plan.command != "run",
                    tier=plan.tier,
                )
                report.build = dbt.build(target, plan.as_of, shown, wanted)
                shown.say(_built_line(report.build))
            except YtempireError as error:
                report.build_error = error
                shown.say(f"build: {error}")
    if plan.command == "run" and plan.tenant_passwords and plan.tenant_passwords.exists():
        with report.timed("isolation"):
            _check_isolation(target, plan, plan.tenant_passwords, report, shown)


def _check_isolation(
    target: WarehouseTarget, plan: Plan, passwords: Path, report: RunReport, shown: Display
) -> None:
    """Look whether any tenant sees rows of another one in what stands there now."""
    try:
        with connect(target, autocommit=True, application_name="ytempire-tenants") as connection:
            found = look_and_note(target, connection, TenantSecrets(passwords), plan.clock())
        breaches = [str(item) for item in found if item.rows]
        if breaches:
            raise breach(breaches)
    except YtempireError as error:
        report.isolation_error = error
        shown.say(f"isolation: {error}")
    else:
        shown.say(f"isolation: {len(found)} pairs of tenant and relation, no row of others")


def _extract(target: WarehouseTarget, plan: Plan, report: RunReport, shown: Display) -> None:
    calls = CallLedger(report.run_id)
    extractors = {extractor.name: extractor for extractor in build_extractors(plan.configs)}

    def open_connection() -> Connection:
        return connect(target, application_name="ytempire-extract")

    with Lander(open_connection, report.run_id, plan.clock) as lander:

        def is_awaited() -> bool:
            [(runs,)] = lander.query(_RUNS_AT_WORK, (RUN_NAME,))
            return bool(runs > 1)

        extraction = Extraction(
            lander, plan.as_of, plan.since, plan.until, shown, calls, is_awaited
        )
        for source in _in_order(plan):
            fared = _extract_source(source, extractors.get(source), plan, extraction)
            report.sources.append(fared)
            _note_source(lander, report.run_id, fared, plan.clock)
            shown.say(_source_line(fared))


def _in_order(plan: Plan) -> list[str]:
    """Return the sources of the plan; what may fill back for hours comes last."""
    sources = list(plan.only or sources_of_tier(plan.tier))
    return sorted(sources, key=_FILLING_BACK.__contains__) if plan.is_back_fill else sources


def _extract_source(
    source: str, extractor: Extractor | None, plan: Plan, extraction: Extraction
) -> SourceReport:
    if extractor is None:
        return _left_out(source, plan)
    fared = SourceReport(source, "landed")
    lander = extraction.lander
    before, calls_before = len(lander.results), extraction.calls.written
    started = time.perf_counter()
    try:
        if plan.is_back_fill and source in _FILLING_BACK:
            # The day's own work goes first; the back-fill gets the calls that it leaves.
            extractor.extract(replace(extraction, since=None, until=None, notes=[]))
        extractor.extract(extraction)
    except YtempireError as error:
        fared.status, fared.message, fared.error = "failed", str(error), error
    finally:
        extraction.calls.write(lander)
    fared.seconds = time.perf_counter() - started
    fared.calls = extraction.calls.written - calls_before
    if extraction.notes and fared.error is None:
        fared.message = ". ".join(extraction.notes)
        extraction.notes.clear()
    for stream, result in lander.results[before:]:
        read, landed = fared.rows.get(stream.name, (0, 0))
        fared.rows[stream.name] = (read + result.rows_read, landed + result.rows_landed)
        fared.quarantined += result.rows_quarantined
    if fared.quarantined and fared.error is None:
        fared.error = BadDataError(
            f"{source}: {fared.quarantined} rows could not be read and are in ops.quarantine.",
            hint="See their reasons there; the other rows were landed.",
        )
        fared.message = str(fared.error)
    return fared


def _left_out(source: str, plan: Plan) -> SourceReport:
    missing = plan.missing[source]
    fared = SourceReport(source, "disabled", str(missing))
    if missing.is_half_set or source in plan.only:
        fared.error = ConfigurationError(str(missing), hint="See .env.example.")
    return fared


def _source_line(fared: SourceReport) -> str:
    if fared.status == "disabled":
        return fared.message
    line = f"{fared.source}: {fared.rows_read:,} rows read, {fared.rows_landed:,} landed"
    line += f" in {fared.seconds:.1f} s"
    return f"{line}. {fared.message}" if fared.message else line


def _built_line(built: dbt.BuildReport) -> str:
    return (
        f"dbt: {built.count('model')} models, {built.count('seed')} seeds, "
        f"{built.count('snapshot')} snapshots built, {built.current} models up to date; "
        f"{built.count('test', 'unit_test')} tests passed"
    )


@contextmanager
def _exclusive(books: Connection, wait_seconds: float, shown: Display) -> Iterator[None]:
    """Hold the lock of runs; wait for it for a while when another run has it."""
    deadline = time.monotonic() + wait_seconds
    told = False
    while True:
        try:
            with run_lock(books, "run", wait=False):
                yield
                return
        except AlreadyRunningError as error:
            if time.monotonic() >= deadline:
                raise
            if not told:
                shown.say(f"{error.what} Waiting up to {wait_seconds:.0f} s for it ...")
                told = True
        time.sleep(0.5)


def _clear_up_after_killed_runs(books: Connection, clock: Clock) -> None:
    """End the database sessions that a killed run left at work, and mark its row."""
    books.execute(
        """
        select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and usename = current_user
            and application_name = any(%s) and pid <> pg_backend_pid()
        """,
        ([dbt.APPLICATION_NAME, "ytempire-extract", VALIDATION_NAME],),
    )
    books.execute(
        "update ops.runs set status = 'interrupted', finished_at = %s where status = 'running'",
        (clock(),),
    )


def _note_start(books: Connection, report: RunReport, clock: Clock) -> None:
    books.execute(
        """
        insert into ops.runs (run_id, command, as_of, started_at, status)
        values (%s, %s, %s, %s, 'running')
        """,
        (report.run_id, report.command, report.as_of, clock()),
    )


def _note_end(
    books: Connection, report: RunReport, clock: Clock, error: YtempireError | None
) -> None:
    problems = [*report.problems, *([error] if error else [])]
    code = error.exit_code if error else report.exit_code
    try:
        books.execute(
            """
            update ops.runs set status = %s, exit_code = %s, finished_at = %s, message = %s
            where run_id = %s
            """,
            (
                "failed" if code else "succeeded",
                code,
                clock(),
                " ".join(map(str, problems)) or None,
                report.run_id,
            ),
        )
    except psycopg.OperationalError:
        if error is None:
            raise


def _note_source(lander: Lander, run_id: UUID, fared: SourceReport, clock: Clock) -> None:
    lander.write(
        # Where the answer to COMMIT was lost, it is written a second time.
        "insert into ops.source_results values (%s, %s, %s, %s, %s, %s, %s) on conflict do nothing",
        [
            (
                run_id,
                fared.source,
                fared.status,
                fared.rows_landed,
                fared.quarantined,
                fared.message or None,
                clock(),
            )
        ],
    )
