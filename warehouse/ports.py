"""Ports on this machine's loopback address."""

from __future__ import annotations

import socket

from warehouse.errors import PortInUseError

HOST = "127.0.0.1"
USUAL_PORT = 54329


def is_free(port: int) -> bool:
    """Say whether nothing listens on `port`."""
    with socket.socket() as probe:
        # as PostgreSQL does: connections of a server that is gone do not keep its port
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def free_port(*preferred: int | None) -> int:
    """Return the first of the preferred ports that is free, else any free port."""
    for port in preferred:
        if port and is_free(port):
            return port
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def port_in_use(port: int) -> PortInUseError:
    """Return the error that says so."""
    return PortInUseError(
        f"Port {port} on {HOST} is used by another program.",
        hint="Set YTEMPIRE_PORT to another, or to none: a free port is then taken.",
    )
