"""Notice which rows of the platform are there no longer, and note it in `raw_platform.deletions`.

A row that goes does not tell; so once a day the ids that were landed are asked for again, page by
page. What was landed stays: that a row is gone is a note of its own, with `is_deleted`, and
where the row comes back the note says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date
from typing import Any

from psycopg import sql

from ingest.extraction import Extraction
from ingest.landing import Cursor, Row
from ingest.sources.platform.connection import PlatformConfig
from ingest.sources.platform.reader import Reader, TableError
from ingest.streams import PLATFORM_DELETIONS, platform_stream

ENTITIES = ("users", "channels", "videos", "video_generation_jobs", "video_costs", "thumbnails")
"""Tables whose rows stand for something that can go; the others are records of what happened."""

_PAGE_IDS = 10_000


def note_deletions(
    reader: Reader, table: str, key: str, config: PlatformConfig, extraction: Extraction
) -> None:
    """Note the rows of a table that went, or came back, since they were landed; once a UTC day.

    Raises `TableError` where the table is empty and rows of it were landed: that is more likely
    the wrong database than the end of all users.
    """
    today = extraction.as_of.astimezone(UTC).date()
    if not _is_due(table, today, extraction):
        return
    name = sql.Identifier(config.schema, table)
    key_type = _key_type(reader, table, key, config)
    is_checked = False
    for page in _landed_ids(table, extraction):
        if not is_checked and not reader.rows(
            sql.SQL("select 1 from {} limit 1").format(name), len
        ):
            raise TableError("it is empty, though rows of it were landed; no deletion is noted")
        is_checked = True
        asked = sql.SQL(
            "select {key}::text from {table} where {key} = any({ids}::text[]::{type}[])"
        ).format(key=sql.Identifier(key), table=name, ids=list(page), type=key_type)
        present = set(reader.rows(asked, _first))
        changed = [i for i, was_deleted in page.items() if was_deleted == (i in present)]
        if changed:
            extraction.lander.land(
                PLATFORM_DELETIONS, [_note(table, i, i not in present, extraction) for i in changed]
            )
    compared = Cursor(table, {"compared_on": today.isoformat()})
    extraction.lander.land(PLATFORM_DELETIONS, [], cursors=[compared])


def _is_due(table: str, today: date, extraction: Extraction) -> bool:
    """Say whether the table is to be compared now: not in a back-fill, and not twice a day."""
    if extraction.since is not None or extraction.until is not None:
        return False
    cursor = extraction.lander.read_cursor(PLATFORM_DELETIONS, table)
    return cursor is None or date.fromisoformat(cursor["compared_on"]) < today


def _key_type(reader: Reader, table: str, key: str, config: PlatformConfig) -> sql.SQL:
    """Return the key's type as PostgreSQL writes it, so that its index can be used."""
    query = sql.SQL(
        """
        select format_type(atttypid, atttypmod) from pg_attribute
        where attrelid = {table}::regclass and attname = {key}
        """
    ).format(table=sql.Identifier(config.schema, table).as_string(), key=key)
    found = reader.rows(query, _first)
    if not found:
        raise TableError(f"it has no column {key}")
    return sql.SQL(found[0])


def _landed_ids(table: str, extraction: Extraction) -> Iterator[dict[str, bool]]:
    """Yield pages of the ids that were landed, each with whether it is noted as deleted."""
    after = ""
    while True:
        rows = extraction.lander.query(
            f"""
            select landed.id, coalesce((note.payload ->> 'is_deleted')::boolean, false)
            from {platform_stream(table).table} as landed
            left join raw_platform.deletions as note
                on note.table_name = %s and note.id = landed.id
            where landed.id > %s
            order by landed.id
            limit %s
            """,
            (table, after, _PAGE_IDS),
        )
        if rows:
            yield dict(rows)
        if len(rows) < _PAGE_IDS:
            return
        after = rows[-1][0]


def _note(table: str, identity: str, is_deleted: bool, extraction: Extraction) -> Row:
    return Row((table, identity, extraction.as_of), {"is_deleted": is_deleted})


def _first(values: tuple[Any, ...]) -> str:
    return str(values[0])
