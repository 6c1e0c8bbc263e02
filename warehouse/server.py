"""The embedded PostgreSQL: found running or started, stopped, looked at.

State in `<project>/.ytempire/`::

    postgres/        the data directory, or a link to it (see placement)
    server.json      user, password and port; only its owner may read it
    postgres.log     the server's log; the one before is postgres.log.1
    start.lock       held while a server is started or stopped

Whether a server runs is never read from a file alone: a live process on the data directory that
accepts our password is what counts. So a kill -9 of anything, at any time, needs no repair.
"""

from __future__ import annotations

import secrets
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from warehouse.binaries import Binaries, find_binaries
from warehouse.cluster import (
    OWNER,
    check_major_version,
    create_cluster,
    reset_password,
    write_settings,
)
from warehouse.connection import WarehouseTarget
from warehouse.errors import ConfigurationError, DatabaseError
from warehouse.files import ServerFiles
from warehouse.placement import (
    OUTSIDE,
    Account,
    directory_errors,
    own_like_directory,
    place_data,
    prepare_home,
    server_account,
    shared_place,
)
from warehouse.ports import HOST, USUAL_PORT, free_port, is_free, port_in_use
from warehouse.postmaster import (
    PostmasterFile,
    end_orphans,
    is_alive,
    launch,
    log_since,
    log_size,
    running_postmaster,
    stop_postmaster,
    wait_until,
)

_START_SECONDS = 300.0  # recovery after a crash may have 2 GB of log to replay
_LINGER_SECONDS = 30.0  # what a killed server's last processes get to disappear
_LOG_BYTES = 10 * 1024 * 1024


@dataclass(frozen=True)
class ServerInfo:
    """A running embedded server and how to log in to it."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    pid: int
    data_directory: Path

    def target(self, database: str = "ytempire") -> WarehouseTarget:
        """Return the address of one of its databases."""
        return WarehouseTarget(
            self.host, self.port, self.user, self.password, database, sslmode="disable"
        )


@dataclass(frozen=True)
class ServerStatus:
    """What is known without starting anything; `info` is None when no server answers."""

    running: bool
    info: ServerInfo | None
    home: Path
    data_directory: Path | None
    log: Path


class EmbeddedServer:
    """The server of one project. Any number of processes may use it at once.

    `port` demands a port; by default it is the one of last time, else `usual_port`, else a
    free one. `settings` are more server settings; `durable=False` does not flush what initdb
    wrote to the disk, for tests.
    """

    def __init__(
        self,
        home: Path,
        *,
        port: int | None = None,
        usual_port: int | None = USUAL_PORT,
        bindir: str | Path | None = None,
        settings: Mapping[str, str] | None = None,
        durable: bool = True,
    ) -> None:
        self.home = home.absolute()
        self._files = ServerFiles(self.home)
        self.log = self._files.log
        self._demanded_port = port
        self._usual_port = usual_port
        self._bindir = bindir
        self._settings = settings or {}
        self._durable = durable

    def start(self) -> ServerInfo:
        """Return the running server; start it first if need be.

        Raises DirectoryError, ConfigurationError (no programs, wrong version), PortInUseError (a
        demanded port is taken) or DatabaseError (it does not come up: with its last log lines).
        """
        if info := self._running():
            return self._on_demanded_port(info)
        prepare_home(self.home)
        with self._files.lock() as lock:
            if info := self._running(patience=_START_SECONDS):
                return self._on_demanded_port(info)
            binaries = find_binaries(self._bindir)
            account = server_account(self.home)
            data = place_data(self.home, account)
            if not account.can_enter(binaries.bindir):
                binaries = binaries.copy_to(shared_place())
            state = self._prepare(data, binaries, account, lock)
            return self._launch(data, binaries, account, state)

    def stop(self) -> bool:
        """Stop the server, all data written; False when none ran."""
        data = self._data()
        if data is None:
            return False
        with self._files.lock():
            found = running_postmaster(data)
            if found is None:
                return False
            stop_postmaster(data, found.pid)
            return True

    def destroy(self) -> bool:
        """Stop the server and delete its data, wherever they lie; True when there were any."""
        self.stop()
        data = self._data()
        link = self.home / "postgres"
        with directory_errors(self.home):
            if data is not None:
                shutil.rmtree(data)
            if link.is_symlink():
                link.unlink()
                if data is not None and data.parent.parent == OUTSIDE:
                    data.parent.rmdir()
            self._files.state.unlink(missing_ok=True)
        return data is not None

    def status(self) -> ServerStatus:
        """Look, without starting or waiting for anything."""
        info = self._running()
        return ServerStatus(info is not None, info, self.home, self._data(), self.log)

    # ------------------------------------------------------------------ is it running?

    def _data(self) -> Path | None:
        data = self.home / "postgres"
        with directory_errors(data):
            return data.resolve() if (data / "PG_VERSION").exists() else None

    def _running(self, patience: float = 0.0) -> ServerInfo | None:
        """Return the server if it runs and accepts us; wait for one that is coming up."""
        data, state = self._data(), self._files.read()
        found = running_postmaster(data) if data else None
        if data is None or found is None:
            return None
        if "password" not in state:
            if patience:  # we hold the lock, and start() sets a new password
                stop_postmaster(data, found.pid)
            return None
        info = self._info(data, found, state["password"])
        up = self._wait_for(info, patience)
        return info if up else None

    def _wait_for(self, info: ServerInfo, patience: float) -> bool:
        try:
            return wait_until(lambda: self._accepts(info), lambda: is_alive(info.pid), patience)
        except TimeoutError:
            if not patience:
                return False
            raise self._did_not_come_up(log_since(self.log, 0)) from None

    def _accepts(self, info: ServerInfo) -> bool:
        try:
            psycopg.connect(info.target("postgres").conninfo(), connect_timeout=5).close()
        except psycopg.OperationalError as error:
            if "password authentication failed" in str(error):
                raise DatabaseError(
                    f"The embedded server at {info.host}:{info.port} does not accept the "
                    f"password in {self._files.state}.",
                    hint="Delete that file and start again: a new password is set.",
                ) from error
            return "too many clients" in str(error)
        return True

    def _on_demanded_port(self, info: ServerInfo) -> ServerInfo:
        if self._demanded_port not in (None, info.port):
            raise ConfigurationError(
                f"The embedded server runs on port {info.port} already, not on "
                f"{self._demanded_port}.",
                hint="Stop it first (`ytempire down`) to have it on another port.",
            )
        return info

    @staticmethod
    def _info(data: Path, found: PostmasterFile, password: str) -> ServerInfo:
        return ServerInfo(HOST, found.port, OWNER, password, found.pid, data)

    # ------------------------------------------------------------------ starting

    def _prepare(
        self, data: Path, binaries: Binaries, account: Account, lock: int
    ) -> dict[str, str]:
        state = self._files.read()
        known = "password" in state
        state.setdefault("password", secrets.token_urlsafe(24))
        self._files.save(state)
        if not (data / "PG_VERSION").exists():
            create_cluster(
                data,
                binaries,
                account,
                password=state["password"],
                keep_open=lock,
                durable=self._durable,
            )
        else:
            check_major_version(data, binaries)
            if not known:
                reset_password(data, binaries, account, state["password"])
        write_settings(data, binaries, account, self._settings)
        if log_size(self.log) > _LOG_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))
        return state

    def _launch(
        self, data: Path, binaries: Binaries, account: Account, state: dict[str, str]
    ) -> ServerInfo:
        deadline = time.monotonic() + _LINGER_SECONDS
        while True:
            port = self._choose_port(state)
            offset = log_size(self.log)
            pid = launch(binaries.program("postgres"), data, port, self.log, account)
            self.log.chmod(0o600)
            own_like_directory(self.log)
            info = self._info(data, PostmasterFile(pid, port), state["password"])
            if self._wait_for(info, _START_SECONDS):
                self._files.save(state | {"port": str(port)})
                return info
            # one that an interrupted start left behind may have come up meanwhile
            if other := self._running(patience=_START_SECONDS):
                return other
            said = log_since(self.log, offset)
            if _is_taken(said):
                if self._demanded_port:
                    raise port_in_use(port)
            elif not ("already exists" in said or "still in use" in said):
                raise self._did_not_come_up(said)
            if time.monotonic() > deadline:
                raise self._did_not_come_up(said)
            if "still in use" in said:
                end_orphans(data)
            time.sleep(0.2)

    def _choose_port(self, state: Mapping[str, str]) -> int:
        if self._demanded_port:
            if not is_free(self._demanded_port):
                raise port_in_use(self._demanded_port)
            return self._demanded_port
        return free_port(int(state.get("port", 0)), self._usual_port)

    def _did_not_come_up(self, log: str) -> DatabaseError:
        lines = "\n".join(f"    {line}" for line in log.strip().splitlines()[-8:])
        return DatabaseError(
            f"The embedded PostgreSQL does not come up. The end of its log ({self.log}):\n"
            f"{lines or '    (empty)'}\n",
            hint="Correct the cause, or set PGHOST to use a server of your own.",
        )


def _is_taken(log: str) -> bool:
    return "Address already in use" in log or "could not create any TCP/IP sockets" in log
