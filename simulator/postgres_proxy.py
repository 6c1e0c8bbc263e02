"""A TCP proxy before PostgreSQL that does what networks do, exactly when it hurts.

It understands the wire protocol well enough to count statements, and so can break a connection
before a statement reaches the server, halfway, or when the server has done it and the client has
not heard so: at COMMIT this is the difference between all and nothing. ::

    python -m simulator.postgres_proxy --to 127.0.0.1:5432 --match ^commit --nth 3 \
        --when after --do reset

It prints the port to connect to, and at the end (SIGINT, SIGTERM) how many statements went through.
What travels through it is not encrypted: it answers a client's wish for TLS with no.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import re
import signal
import socket
import struct
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from simulator.postgres_faults import Chooser, Fault, What, When, nth
from simulator.postgres_wire import (
    COPY_BEGINS,
    COPY_DATA,
    COPY_DONE,
    GSS_REQUEST,
    QUERY,
    READY_FOR_QUERY,
    SSL_REQUEST,
    SYNC,
    Framing,
    Message,
    Statement,
    StatementReader,
)

_CHUNK = 65_536
_AFTERWARDS_SECONDS = 0.3  # the server's answer to a late statement goes to nobody meanwhile
_GONE_SECONDS = 10.0


class PostgresProxy:
    """The proxy. `choose` says which statements meet a fault; it may be replaced at any time."""

    def __init__(self, host: str, port: int, choose: Chooser | None = None) -> None:
        """Take the server's address."""
        self.to = (host, port)
        self.choose = choose
        self.is_up = True
        self.latency_seconds = 0.0
        self.connections = 0
        self.statements = 0
        self.keeps: Callable[[Statement], object] | None = None
        self.port = 0

    async def listen(self, port: int = 0) -> asyncio.Server:
        """Listen on loopback; `port` says where."""
        server = await asyncio.start_server(self._accept, "127.0.0.1", port)
        self.port = server.sockets[0].getsockname()[1]
        return server

    def note(self, connection: int, kind: str, text: str) -> Fault | None:
        """Count a statement; return what is to go wrong with it."""
        self.statements += 1
        statement = Statement(self.statements, connection, kind, text)
        if self.keeps is not None:
            self.keeps(statement)
        fault = self.choose(statement) if self.choose is not None else None
        if fault is not None and fault.for_good:
            self.is_up = False
        return fault

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        client = _Side(reader, writer)
        if not self.is_up:
            client.reset()
            return
        self.connections += 1
        try:
            server = _Side(*await asyncio.open_connection(*self.to))
        except OSError:
            client.reset()
            return
        await _Link(self, self.connections, client, server).carry()


@dataclass(frozen=True, slots=True)
class _Side:
    """One end of a connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, data: bytes | bytearray) -> None:
        if data:
            self.writer.write(bytes(data))
            await self.writer.drain()

    def reset(self) -> None:
        """End it with a reset: what was not sent yet is lost."""
        bound: socket.socket = self.writer.get_extra_info("socket")
        with contextlib.suppress(OSError):
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    def close(self) -> None:
        """End it in order."""
        self.writer.close()

    async def end(self) -> None:
        """Wait until the other end is gone; what it still sends is lost."""
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(_GONE_SECONDS):
                while await self.reader.read(_CHUNK):
                    pass


class _BrokenError(Exception):
    """The connection was ended by a fault."""


class _Link:
    """One connection, and the way through the proxy."""

    def __init__(self, proxy: PostgresProxy, number: int, client: _Side, server: _Side) -> None:
        self._proxy = proxy
        self._number = number
        self._client = client
        self._server = server
        self._statements = StatementReader()
        # How often the server is to say that it is ready: once at first, then once a Query or Sync.
        self._awaited, self._ready = 1, 0
        self._held: tuple[Fault, int] | None = None
        self._copies_by_query = False

    async def carry(self) -> None:
        """Carry everything both ways until one side ends."""
        ways = [asyncio.create_task(way) for way in (self._to_server(), self._to_client())]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            ended = await asyncio.gather(*ways, return_exceptions=True)
            for side in (self._client, self._server):
                side.close()
        for error in ended:
            if isinstance(error, Exception) and not isinstance(error, OSError | _BrokenError):
                raise error

    async def _to_server(self) -> None:
        framing = Framing(is_client=True)
        while chunk := await self._client.reader.read(_CHUNK):
            if self._proxy.latency_seconds:
                await asyncio.sleep(self._proxy.latency_seconds)
            passed = bytearray()
            for message in framing.feed(chunk):
                if not message.kind and message.code in (SSL_REQUEST, GSS_REQUEST):
                    await self._client.send(b"N")
                    continue
                fault = self._fault_of(message)
                if fault is not None and fault.when is not When.AFTER:
                    half = len(message.data) // 2 if fault.when is When.HALFWAY else 0
                    await self._server.send(passed + message.data[:half])
                    await self._strike(fault, message)
                    passed = bytearray(message.data[half:])
                else:
                    passed += message.data
                if message.kind in (QUERY, SYNC):
                    self._awaited += 1
                if fault is not None and fault.when is When.AFTER:
                    await self._server.send(passed)
                    passed.clear()
                    if message.kind == COPY_DATA:  # there is no answer to a piece of COPY
                        await self._strike(fault, message)
            await self._server.send(passed)

    def _fault_of(self, message: Message) -> Fault | None:
        found = self._statements.read(message)
        if found is None:
            return None
        fault = self._proxy.note(self._number, *found)
        if fault is not None and fault.when is When.AFTER and message.kind != COPY_DATA:
            # The end of a COPY by Query is answered as that Query is, which was counted already.
            is_counted = message.kind == COPY_DONE and self._copies_by_query
            self._held = fault, self._awaited + (not is_counted)
        if message.kind not in (COPY_DATA, COPY_DONE):
            self._copies_by_query = message.kind == QUERY
        return fault

    async def _to_client(self) -> None:
        framing = Framing(is_client=False)
        held = bytearray()
        while chunk := await self._server.reader.read(_CHUNK):
            for message in framing.feed(chunk):
                held += message.data
                self._ready += message.kind == READY_FOR_QUERY
                if self._held is None:
                    continue
                fault, ready = self._held
                if self._ready >= ready or message.kind in COPY_BEGINS:
                    await self._strike(fault, message)
                    self._held = None
            if self._held is None:
                await self._client.send(held)
                held.clear()

    async def _strike(self, fault: Fault, message: Message) -> None:
        """Do what the fault says. Raises `_BrokenError` unless all goes on afterwards."""
        if fault.act is not None:
            fault.act()
        if fault.what is What.STALL:
            await asyncio.sleep(fault.seconds)
            return
        if fault.what is What.KILL:
            # After the statement the other way is at reading: it notices the end, and ends this.
            gone = asyncio.sleep(_GONE_SECONDS) if self._held else self._client.end()
            await gone
        elif fault.what is What.LATE:
            self._client.reset()
            await asyncio.sleep(fault.seconds)
            await self._server.send(message.data)
            await asyncio.sleep(_AFTERWARDS_SECONDS)
        elif fault.what is What.RESET:
            self._client.reset()
            self._server.reset()
        raise _BrokenError


@contextlib.contextmanager
def running(host: str, port: int, choose: Chooser | None = None) -> Iterator[PostgresProxy]:
    """Let a proxy run in a thread of this process while the context lasts."""
    proxy = PostgresProxy(host, port, choose)
    loop = asyncio.new_event_loop()
    ready, stop = threading.Event(), asyncio.Event()

    async def serve() -> None:
        server = await proxy.listen()
        ready.set()
        await stop.wait()
        server.close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()

    thread = threading.Thread(
        target=lambda: loop.run_until_complete(serve()), name="postgres-proxy", daemon=True
    )
    thread.start()
    try:
        if not ready.wait(timeout=10):
            raise TimeoutError("The proxy did not start.")
        yield proxy
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(timeout=10)
        loop.close()


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m simulator.postgres_proxy",
        description="Stand between a client and PostgreSQL, and break the connection at a point.",
    )
    parser.add_argument("--to", required=True, metavar="HOST:PORT", help="the server")
    parser.add_argument("--port", type=int, default=0, help="where to listen (default: a free one)")
    parser.add_argument("--do", type=What, choices=[w for w in What if w is not What.KILL])
    parser.add_argument("--when", type=When, choices=list(When), default=When.BEFORE)
    parser.add_argument("--match", default="", help="a pattern of the statement's text")
    parser.add_argument("--nth", type=int, default=1, help="which of those that match")
    parser.add_argument("--seconds", type=float, default=1.0, help="how long a stall is")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before each statement")
    parser.add_argument("--for-good", action="store_true", help="let nobody connect after that")
    return parser.parse_args(argv)


async def _run(options: argparse.Namespace) -> PostgresProxy:
    host, _, port = options.to.rpartition(":")
    pattern = re.compile(options.match, re.IGNORECASE)
    choose = None
    if options.do is not None:
        fault = Fault(options.do, options.when, options.seconds, for_good=options.for_good)
        choose = nth(options.nth, fault, lambda each: bool(pattern.search(each.text)))
    proxy = PostgresProxy(host, int(port), choose)
    proxy.latency_seconds = options.latency
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    server = await proxy.listen(options.port)
    print(proxy.port, flush=True)
    await stop.wait()
    server.close()
    return proxy


def main(argv: Sequence[str] | None = None) -> int:
    """Run the proxy until a signal comes."""
    proxy = asyncio.run(_run(_arguments(argv)))
    print(f"{proxy.statements} statements of {proxy.connections} connections", file=sys.stderr)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
