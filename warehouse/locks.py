"""Locks that the database server keeps: they end with the connection, however it dies."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from warehouse.connection import Connection
from warehouse.errors import AlreadyRunningError


def lock_key(name: str) -> int:
    """Return the advisory lock's number for `name`: 64 bits of its hash, signed."""
    return int.from_bytes(hashlib.sha256(f"ytempire:{name}".encode()).digest()[:8], signed=True)


@contextmanager
def run_lock(connection: Connection, name: str, *, wait: bool) -> Iterator[None]:
    """Hold the lock `name` of this database: for one run at a time.

    The lock belongs to the session, not to a transaction: commits and rollbacks inside are free,
    and it is gone as soon as the process or its connection is. With `wait`, wait for the holder;
    otherwise raise AlreadyRunningError. The connection may be in autocommit or not, but must not
    be in a failed transaction, and is to stay open and unpooled.
    """
    key = lock_key(name)
    _in_own_transaction(connection)
    if wait:
        connection.execute("select pg_advisory_lock(%s)", [key])
    else:
        row = connection.execute("select pg_try_advisory_lock(%s)", [key]).fetchone()
        if row is None or not row[0]:
            _end_transaction(connection)
            raise AlreadyRunningError(
                f"Another run is in progress ({name}{_holder(connection, key)}).",
                hint="Wait for it to end, or look for it with `ytempire status`.",
            )
    _end_transaction(connection)
    try:
        yield
    finally:
        _release(connection, key)


def _in_own_transaction(connection: Connection) -> None:
    if connection.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
        raise ValueError("run_lock wants a connection outside of a transaction")


def _end_transaction(connection: Connection) -> None:
    """End the transaction that a statement opened, so that none is left idle for the whole run."""
    if not connection.autocommit:
        connection.commit()


def _holder(connection: Connection, key: int) -> str:
    """Say who holds the lock; nothing when it was given back meanwhile."""
    row = connection.execute(
        """
        select activity.application_name, activity.pid, activity.backend_start
        from pg_locks as locks
        inner join pg_stat_activity as activity on activity.pid = locks.pid
        where
            locks.locktype = 'advisory' and locks.granted
            and locks.database = (select oid from pg_database where datname = current_database())
            and ((locks.classid::bigint << 32) | locks.objid::bigint) = %s
        """,
        [key],
    ).fetchone()
    _end_transaction(connection)
    if row is None or row[2] is None:
        return ""
    return f", {row[0] or 'a connection'} since {row[2]:%Y-%m-%d %H:%M:%S %Z}, backend {row[1]}"


def _release(connection: Connection, key: int) -> None:
    if connection.closed:
        return
    status = connection.info.transaction_status
    if status != psycopg.pq.TransactionStatus.IDLE:
        connection.rollback()  # what the body did not commit is not ours to keep
    connection.execute("select pg_advisory_unlock(%s)", [key])
    _end_transaction(connection)
