"""A TCP proxy before PostgreSQL that does what networks do at the worst moment."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

COMMIT = b"COMMIT\0"
CHUNK = 65536


@dataclass
class Link:
    """The two sides of one connection."""

    client: socket.socket
    server: socket.socket

    def close(self) -> None:
        for side in (self.client, self.server):
            close(side)


Fault = Callable[[Link, bytes], None]


@dataclass
class Proxy:
    """Passes everything on, until `fault` is set: then the next COMMIT (or `mark`) is its own.

    The fault is called once, in place of passing on the bytes that hold the mark.
    """

    host: str
    port: int
    fault: Fault | None = None
    mark: bytes = COMMIT
    is_up: bool = True
    connections: int = 0
    _listener: socket.socket = field(default_factory=socket.socket)

    def __enter__(self) -> Proxy:
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen()
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        close(self._listener)

    @property
    def address(self) -> int:
        """Return the port to connect to."""
        port: int = self._listener.getsockname()[1]
        return port

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if not self.is_up:
                close(client)
                continue
            self.connections += 1
            link = Link(client, socket.create_connection((self.host, self.port)))
            for turn in (self._from_client, self._from_server):
                threading.Thread(target=turn, args=(link,), daemon=True).start()

    def _from_client(self, link: Link) -> None:
        with contextlib.suppress(OSError):
            while data := link.client.recv(CHUNK):
                fault = self.fault
                if fault is not None and self.mark in data:
                    self.fault = None
                    fault(link, data)
                    return
                link.server.sendall(data)
        link.close()

    @staticmethod
    def _from_server(link: Link) -> None:
        with contextlib.suppress(OSError):
            while data := link.server.recv(CHUNK):
                link.client.sendall(data)
        link.close()


def close(side: socket.socket) -> None:
    """Close a socket now, also where another thread waits for it."""
    with contextlib.suppress(OSError):
        side.shutdown(socket.SHUT_RDWR)
    side.close()


def drop(link: Link, _: bytes) -> None:
    """Cut the line before the bytes arrive."""
    link.close()


def lose_answer(link: Link, data: bytes) -> None:
    """Let the bytes arrive and cut the client off before it hears the answer."""
    close(link.client)
    link.server.sendall(data)
    time.sleep(0.3)  # the server's answer goes to nobody
    close(link.server)


def arrive_late(link: Link, data: bytes) -> None:
    """Cut the client off at once; the bytes reach the server a second later."""
    close(link.client)
    time.sleep(1)
    link.server.sendall(data)
    time.sleep(0.3)
    close(link.server)
