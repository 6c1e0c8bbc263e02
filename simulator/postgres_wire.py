"""As much of PostgreSQL's wire protocol (version 3) as tells the statements of a connection.

Facts: postgresql.org/docs/current/protocol-message-formats.html
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

SSL_REQUEST, GSS_REQUEST, CANCEL_REQUEST = 80877103, 80877104, 80877102
READY_FOR_QUERY = b"Z"
COPY_BEGINS = b"GHW"
COPY_DATA, COPY_DONE = b"d", b"c"
SYNC, QUERY = b"S", b"Q"
_UNTYPED, _TYPED = 4, 5  # bytes of a message's head


@dataclass(frozen=True, slots=True)
class Message:
    """A message, whole. `kind` is its first byte, empty in those that open a connection."""

    kind: bytes
    data: bytes

    @property
    def code(self) -> int:
        """Return what a message that opens a connection asks for."""
        return int.from_bytes(self.data[4:8], "big")


class Framing:
    """Cuts what one side sends into its messages."""

    def __init__(self, *, is_client: bool) -> None:
        """Begin with the first byte of a connection; a client's first messages have no kind."""
        self._opens = is_client
        self._rest = b""

    def feed(self, chunk: bytes) -> Iterator[Message]:
        """Yield the messages that are complete with this chunk."""
        data, at = self._rest + chunk, 0
        while True:
            head = _UNTYPED if self._opens else _TYPED
            if len(data) - at < head:
                break
            (length,) = struct.unpack_from("!i", data, at + head - 4)
            end = at + head - 4 + length
            if len(data) < end:
                break
            message = Message(b"" if self._opens else data[at : at + 1], data[at:end])
            if self._opens:
                self._opens = message.code in (SSL_REQUEST, GSS_REQUEST)
            at = end
            self._rest = data[at:]
            yield message
        self._rest = data[at:]


@dataclass(frozen=True, slots=True)
class Statement:
    """Something that a client has the server do.

    `number` counts the statements of all connections from 1. `kind` is query (simple protocol),
    execute (extended), copy_data (a piece of COPY's rows) or copy_done (their end).
    """

    number: int
    connection: int
    kind: str
    text: str

    @property
    def is_commit(self) -> bool:
        """Tell whether it commits a transaction that was begun."""
        return self.text.strip().lower().startswith("commit")


class StatementReader:
    """Tells which messages of a client are statements, and their text."""

    def __init__(self) -> None:
        """Begin a connection, which has prepared nothing."""
        self._prepared: dict[bytes, str] = {}
        self._portals: dict[bytes, str] = {}

    def read(self, message: Message) -> tuple[str, str] | None:
        """Return kind and text of a statement, None for another message."""
        kind, body = message.kind, message.data[_TYPED:]
        if kind == QUERY:
            return "query", _text(body)
        if kind == b"P":
            name, text, _ = body.split(b"\0", 2)
            self._prepared[name] = _text(text)
        elif kind == b"B":
            portal, name, _ = body.split(b"\0", 2)
            self._portals[portal] = self._prepared.get(name, "")
        elif kind == b"E":
            return "execute", self._portals.get(body.split(b"\0", 1)[0], "")
        elif kind == COPY_DATA:
            return "copy_data", ""
        elif kind == COPY_DONE:
            return "copy_done", ""
        return None


def _text(data: bytes) -> str:
    return data.rstrip(b"\0").decode(errors="replace")
