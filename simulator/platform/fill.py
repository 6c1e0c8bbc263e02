"""Filling the platform database: its schema, then every table in the order of its references."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import psycopg
from cryptography.fernet import Fernet, InvalidToken

from simulator.platform.tables import Table, replace_rows
from simulator.world.model import Channel

_SCHEMA = Path(__file__).with_name("schema.sql")


def create_schema(connection: psycopg.Connection) -> None:
    """Create the platform's schema where it is not there yet."""
    connection.execute(_SCHEMA.read_bytes())


def fill(connection: psycopg.Connection, tables: Iterable[Table]) -> dict[str, int]:
    """Bring the tables up to date in one transaction; return the changed rows by table."""
    changed: dict[str, int] = {}
    with connection.transaction():
        create_schema(connection)
        for table in tables:
            changed[table.name] = changed.get(table.name, 0) + replace_rows(connection, table)
    for name in changed:
        connection.execute(f"analyze ytempire.{name}")
    return changed


def sealed_tokens(
    connection: psycopg.Connection, channels: Iterable[Channel], key: str | None
) -> Mapping[str, str | None]:
    """Return the encrypted refresh token of each channel, by YouTube channel id.

    Encryption gives other bytes each time, so a token that the database holds already is kept:
    filling twice changes nothing. Without a key there are no tokens.
    """
    if key is None:
        return {channel.youtube_channel_id: None for channel in channels}
    fernet = Fernet(key)
    present: dict[str, str | None] = dict(
        connection.execute(
            "select youtube_channel_id, oauth_refresh_token from ytempire.channels"
        ).fetchall()
    )
    sealed: dict[str, str | None] = {}
    for channel in channels:
        kept = present.get(channel.youtube_channel_id)
        if kept is None or _opened(fernet, kept) != channel.refresh_token:
            kept = fernet.encrypt(channel.refresh_token.encode()).decode()
        sealed[channel.youtube_channel_id] = kept
    return sealed


def _opened(fernet: Fernet, sealed: str) -> str | None:
    try:
        return fernet.decrypt(sealed.encode()).decode()
    except InvalidToken:
        return None
