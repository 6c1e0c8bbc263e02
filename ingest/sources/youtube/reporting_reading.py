"""Reads the bulk reports of one channel: finds its jobs, lists, downloads, parses."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from ingest.landing import BadRow, Cursor, Partition, Row
from ingest.payload import JsonObject
from ingest.shapes import quoted
from ingest.sources.youtube.bulk_reports import (
    BULK_REPORTS,
    Listed,
    newest_of_days,
    parse_csv,
    partitions_of,
    read_listing,
)
from ingest.sources.youtube.failures import OwnerError, RefusedError
from ingest.sources.youtube.reporting_plan import ReportingPlan, TypePlan, scope_of
from ingest.sources.youtube.resources import UnreadableError, bad_row
from ingest.sources.youtube.windows import Asked
from ingest.streams import REPORTING_JOBS, REPORTING_REPORTS, Stream
from warehouse.errors import SourceUnavailableError

ROWS_A_BATCH = 5_000  # of some 30 columns each, a few batches waiting at a time
# A listing may show a report a little after its instant of creation.
_OVERLAP = timedelta(days=1)
_NOT_FOUND, _CONFLICT = 404, 409


class ReportingCalls(Protocol):
    """What can be asked on behalf of a channel's owner."""

    def jobs(self) -> list[JsonObject]:
        """Return the channel's jobs."""

    def create_job(self, report_type: str) -> JsonObject:
        """Create a job."""

    def reports(self, job_id: str, **asked: str) -> list[Any]:
        """Return the reports of a job, of all pages."""

    def download(self, resource_name: str) -> bytes:
        """Return the CSV of a report."""


@dataclass(frozen=True, slots=True)
class Landing:
    """What to land as one batch."""

    stream: Stream
    rows: Sequence[Row | BadRow]
    partitions: Sequence[Partition] = ()
    cursors: Sequence[Cursor] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of a channel: all is read, its owner must reconnect, or YouTube refused something."""

    channel_id: str
    owner_error: OwnerError | None = None
    refusals: tuple[str, ...] = ()


@dataclass
class ReportingReading:
    """One channel in one extraction."""

    plan: ReportingPlan
    asked: Asked
    as_of: datetime
    calls: ReportingCalls
    _jobs: list[JsonObject] | None = None
    _refusals: list[str] = field(default_factory=list)

    def read(self) -> Iterator[Landing | Outcome]:
        """Yield what to land, type by type, then how it ended."""
        try:
            for each in self.plan.types:
                try:
                    yield from self._read_type(each)
                except RefusedError as error:
                    yield self._refused(each, error)
        except OwnerError as error:
            yield Outcome(self.plan.channel_id, error)
            return
        yield Outcome(self.plan.channel_id, refusals=tuple(self._refusals))

    def _read_type(self, each: TypePlan) -> Iterator[Landing]:
        """Yield a type's batches; the last one has the cursor."""
        job_id = each.cursor.get("job_id")
        items: list[Any] | None = None
        if job_id is not None:
            try:
                items = self._list(each, job_id)
            except RefusedError as error:
                if error.status != _NOT_FOUND:
                    raise
        if job_id is None or items is None:
            job = self._find_job(each.report_type)
            if not job.get("id"):
                raise SourceUnavailableError(
                    f"YouTube answered no job but {quoted(job)} for {each.report_type}.",
                    hint="Run the command again later.",
                )
            job_id = str(job["id"])
            key = (job_id, self.plan.channel_id, each.report_type)
            yield Landing(REPORTING_JOBS, [Row(key, job)])
            items = self._list(each, job_id)
        found = list(read_listing(items, f"job {job_id}"))
        listed = [entry for entry in found if isinstance(entry, Listed)]
        unread: list[Row | BadRow] = [entry for entry in found if isinstance(entry, BadRow)]
        known = {} if self.asked.is_back_fill else each.known
        noted = yield from self._download(each, job_id, newest_of_days(listed, known))
        cursors = self._cursors(each, job_id, listed)
        yield Landing(REPORTING_REPORTS, [*noted, *unread], cursors=cursors)

    def _find_job(self, report_type: str) -> JsonObject:
        """Return the channel's job of a type; it is created where there is none."""
        if self._jobs is None:
            self._jobs = self.calls.jobs()
        for attempt in range(2):
            for job in self._jobs:
                if job.get("reportTypeId") == report_type and job.get("id"):
                    return job
            try:
                return self.calls.create_job(report_type)
            except RefusedError as error:
                if error.status != _CONFLICT or attempt:
                    raise
                self._jobs = self.calls.jobs()  # somebody else created it meanwhile
        raise AssertionError  # the second attempt returns or raises

    def _list(self, each: TypePlan, job_id: str) -> list[Any]:
        if self.asked.is_back_fill:
            return self.calls.reports(job_id, **self._asked_days())
        after = each.cursor.get("created_after")
        if after is None or job_id != each.cursor.get("job_id"):
            return self.calls.reports(job_id)
        since = datetime.fromisoformat(after) - _OVERLAP
        return self.calls.reports(job_id, createdAfter=_instant(since))

    def _asked_days(self) -> dict[str, str]:
        """Return the days that a person asked for; a Pacific midnight is 7 or 8 hours later."""
        days = {}
        if self.asked.since is not None:
            days["startTimeAtOrAfter"] = f"{self.asked.since}T00:00:00Z"
        if self.asked.until is not None:
            days["startTimeBefore"] = f"{self.asked.until + timedelta(days=1)}T00:00:00Z"
        return days

    def _download(
        self, each: TypePlan, job_id: str, reports: Sequence[Listed]
    ) -> Generator[Landing, None, list[Row | BadRow]]:
        """Yield the rows of the reports, and what is noted of them; return what is left of that."""
        kind = BULK_REPORTS[each.report_type]
        channel = self.plan.channel_id
        rows: list[Row | BadRow] = []
        read: list[Row | BadRow] = []
        days = []
        for number, report in enumerate(reports, start=1):
            try:
                parsed = parse_csv(self.calls.download(report.resource_name), kind, channel, report)
            except UnreadableError as error:
                where = f"report {report.report_id} of {report.day}"
                rows.append(bad_row(where, str(error), report.payload(0)))
                continue
            except RefusedError as error:
                if error.status != _NOT_FOUND:
                    raise
                self._refusals.append(f"report {report.report_id} of {report.day}: {error}")
                continue
            rows += parsed
            days.append(report.day)
            key = (report.report_id, job_id, channel, each.report_type)
            read.append(Row((*key, report.day, report.created_at), report.payload(len(parsed))))
            if len(rows) >= ROWS_A_BATCH and number < len(reports):
                yield Landing(kind.stream, rows, partitions_of(channel, days))
                yield Landing(REPORTING_REPORTS, read)
                rows, read, days = [], [], []
        if rows or days:
            yield Landing(kind.stream, rows, partitions_of(channel, days))
        return read

    def _cursors(self, each: TypePlan, job_id: str, listed: Sequence[Listed]) -> list[Cursor]:
        """Return how far the listing was read; days that are filled back do not move it."""
        if self.asked.is_back_fill:
            return []
        before = each.cursor.get("created_after")
        seen = [report.created_at for report in listed]
        if before is not None:
            seen.append(datetime.fromisoformat(before))
        return [
            self._cursor(
                each, {"job_id": job_id, "created_after": _instant(max(seen)) if seen else None}
            )
        ]

    def _cursor(self, each: TypePlan, value: dict[str, Any]) -> Cursor:
        scope = scope_of(self.plan.channel_id, each.report_type)
        return Cursor(scope, {**value, "listed_at": self.as_of.isoformat()})

    def _refused(self, each: TypePlan, error: RefusedError) -> Landing:
        """Return what is noted of a refusal; it is asked again with the next listing."""
        self._refusals.append(str(error))
        where = f"{each.report_type} of {self.plan.channel_id}"
        kept = {name: each.cursor.get(name) for name in ("job_id", "created_after")}
        cursor = self._cursor(each, {**kept, "refused": error.reason})
        return Landing(REPORTING_REPORTS, [bad_row(where, str(error), None)], cursors=[cursor])


def _instant(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
