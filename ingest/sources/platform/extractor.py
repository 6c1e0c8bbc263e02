"""The tables of the platform's database into `raw_platform`, by the time of their last change.

A row is landed as `to_jsonb` of the server says it, so numbers keep their digits. Secrets are
taken out by that server and never travel.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from psycopg import sql

from ingest.extraction import Extraction
from ingest.landing import Cursor, Row
from ingest.payload import parse_json
from ingest.sources.platform.connection import PlatformConfig, place
from ingest.sources.platform.deletions import ENTITIES, note_deletions
from ingest.sources.platform.reader import Reader, TableError
from ingest.streams import PLATFORM_TABLES, Stream, platform_stream
from warehouse.errors import SourceUnavailableError

KEYS = {
    "users": "user_id",
    "channels": "channel_id",
    "videos": "video_id",
    "video_generation_jobs": "job_id",
    "cost_ledger": "entry_id",
    "video_costs": "cost_id",
    "thumbnails": "thumbnail_id",
    "api_logs": "log_id",
    "error_logs": "error_id",
    "system_metrics": "metric_id",
}
SECRETS = ["oauth_refresh_token", "oauth_access_token", "password_hash"]


class PlatformExtractor:
    """Lands the tables of `PLATFORM_TABLES`."""

    name = "platform"

    def __init__(self, config: PlatformConfig) -> None:
        """Take the address of the database."""
        self._config = config

    def extract(self, extraction: Extraction) -> None:
        """Land the rows that changed since the cursor and up to the as-of instant.

        Pages go by (updated_at, key), each with its cursor, so that an interrupted extraction
        goes on where it was. The first page begins `overlap_seconds` before the cursor, for rows
        that became visible later than their time says; those that did not change are not
        rewritten. A back-fill reads the rows that changed on its days, and moves no cursor.
        A table that is missing or may not be read does not stop the others. Once a day the
        rows that are there no longer are noted: see `deletions`.
        """
        problems = []
        with closing(Reader(self._config)) as reader:
            for table in PLATFORM_TABLES:
                try:
                    _extract_table(reader, table, self._config, extraction)
                    if table in ENTITIES:
                        note_deletions(reader, table, KEYS[table], self._config, extraction)
                except TableError as error:
                    problems.append(f"{self._config.schema}.{table} ({error})")
        if problems:
            raise SourceUnavailableError(
                f"{len(problems)} of {len(PLATFORM_TABLES)} tables of the platform database "
                f"{place(self._config)} could not be read: {'; '.join(problems)}.",
                hint="Correct them, or the user's rights; the other tables were landed.",
            )

    def check(self) -> str:
        """Look for the tables."""
        query = sql.SQL("select tablename from pg_tables where schemaname = {}").format(
            self._config.schema
        )
        with closing(Reader(self._config)) as reader:
            found = reader.rows(query, lambda values: str(values[0]))
        missing = [table for table in PLATFORM_TABLES if table not in found]
        if missing:
            raise SourceUnavailableError(
                f"Schema {self._config.schema} of the platform database {place(self._config)} "
                f"lacks {', '.join(missing)}.",
                hint="Check that PLATFORM_DATABASE_URL names the platform's database.",
            )
        return f"The platform database {place(self._config)} has all {len(KEYS)} tables."


def _parse_row(values: tuple[Any, ...]) -> Row:
    return Row(values[:2], parse_json(values[2]))


@dataclass(frozen=True, slots=True)
class _Span:
    """Which rows of a table: changed from `start` on, after the key `after`, until `end`."""

    end: datetime
    start: datetime | None = None
    after: tuple[datetime, str] | None = None


def _extract_table(
    reader: Reader, table: str, config: PlatformConfig, extraction: Extraction
) -> None:
    stream = platform_stream(table)
    extraction.progress.start(stream.source, stream.name, None)
    is_back_fill = extraction.since is not None or extraction.until is not None
    span = _back_fill(extraction) if is_back_fill else _increment(stream, config, extraction)
    while rows := reader.rows(_query(table, span, config), _parse_row):
        key, updated_at = rows[-1].values
        reached = Cursor("", {"updated_at": updated_at.isoformat(), "id": key})
        extraction.lander.land(stream, rows, cursors=[] if is_back_fill else [reached])
        extraction.progress.advance(stream.source, stream.name, len(rows))
        if len(rows) < config.page_rows:
            return
        span = _Span(span.end, after=(updated_at, key))


def _increment(stream: Stream, config: PlatformConfig, extraction: Extraction) -> _Span:
    cursor = extraction.lander.read_cursor(stream)
    if cursor is None:
        return _Span(extraction.as_of)
    overlap = timedelta(seconds=config.overlap_seconds)
    return _Span(extraction.as_of, start=datetime.fromisoformat(cursor["updated_at"]) - overlap)


def _back_fill(extraction: Extraction) -> _Span:
    end = extraction.as_of
    if extraction.until is not None:
        end = min(end, _midnight(extraction.until, 1) - timedelta(microseconds=1))
    start = None if extraction.since is None else _midnight(extraction.since)
    return _Span(end, start=start)


def _midnight(day: date, days_later: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=days_later)


def _query(table: str, span: _Span, config: PlatformConfig) -> sql.Composed:
    """Return the query of a page: the key, the time of the last change, the row as JSON text."""
    key = sql.Identifier(KEYS[table])
    conditions: Sequence[sql.Composable] = [
        sql.SQL("updated_at <= {}").format(span.end),
        *([sql.SQL("updated_at >= {}").format(span.start)] if span.start else []),
        *([sql.SQL("(updated_at, {}) > ({}, {})").format(key, *span.after)] if span.after else []),
    ]
    return sql.SQL(
        """
        select {key}::text, updated_at, (to_jsonb(entity) - {secrets}::text[])::text
        from {table} as entity
        where {conditions}
        order by entity.updated_at, entity.{key}
        limit {limit}
        """
    ).format(
        key=key,
        secrets=SECRETS,
        table=sql.Identifier(config.schema, table),
        conditions=sql.SQL(" and ").join(conditions),
        limit=config.page_rows,
    )
