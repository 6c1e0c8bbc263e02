"""Which warehouse is meant: the user's own server, or the embedded one."""

from __future__ import annotations

from pathlib import Path

from warehouse.connection import WarehouseTarget
from warehouse.dotenv import write_dotenv_block
from warehouse.server import EmbeddedServer

__all__ = ["resolve_target", "write_dotenv_block"]

DEFAULT_NAME = "ytempire"


def resolve_target(
    server: EmbeddedServer,
    *,
    dotenv: Path | None,
    host: str | None = None,
    port: int | None = None,
    user: str | None = None,
    password: str | None = None,
    database: str | None = None,
    sslmode: str | None = None,
) -> WarehouseTarget:
    """Return the warehouse's address, from the values of the PG* variables.

    With a `host` it is the user's own server, and nothing is started. Without one the embedded
    `server` is started if it does not run, `port`, `user` and `password` are its own, and they
    are kept in the file `dotenv` for programs that we do not start. The database need not exist.
    """
    if host:
        return WarehouseTarget(
            host=host,
            port=port or 5432,
            user=user or DEFAULT_NAME,
            password=password or "",
            database=database or DEFAULT_NAME,
            sslmode=sslmode or "prefer",
        )
    info = server.start()
    if dotenv is not None:
        write_dotenv_block(dotenv, info)
    return info.target(database or DEFAULT_NAME)
