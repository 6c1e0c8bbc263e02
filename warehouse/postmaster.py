"""The embedded server as a process: is it alive, start it, wait for it, stop it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from warehouse.cluster import clean_environment, cluster_name
from warehouse.errors import DatabaseError
from warehouse.placement import Account, directory_errors

_POLL_SECONDS = 0.05
_PROC = Path("/proc")


@dataclass(frozen=True)
class PostmasterFile:
    """What `postmaster.pid` says about the server that runs, or ran, on a data directory."""

    pid: int
    port: int


def read_postmaster_file(data: Path) -> PostmasterFile | None:
    """Read `postmaster.pid`; None when there is none, or it is not written to its end yet."""
    with directory_errors(data):
        try:
            lines = (data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return None
    try:
        return PostmasterFile(pid=int(lines[0]), port=int(lines[3]))
    except (IndexError, ValueError):
        return None


def running_postmaster(data: Path) -> PostmasterFile | None:
    """Return the live postmaster of `data`, or None: a file alone proves nothing."""
    found = read_postmaster_file(data)
    return found if found and is_postmaster_of(found.pid, data) else None


def is_postmaster_of(pid: int, data: Path) -> bool:
    """Say whether process `pid` is a server on `data`, not a dead one nor a stranger."""
    command = _command_of(pid)
    if not command or Path(command[0]).name not in ("postgres", "postmaster"):
        return False
    if "-D" not in command[:-1]:
        return True
    return Path(command[command.index("-D") + 1]).resolve() == data.resolve()


def _command_of(pid: int) -> list[str]:
    """Return the words of a process's command line; empty for a dead one, or a zombie."""
    if (_PROC / "self").exists():
        try:
            return os.fsdecode((_PROC / str(pid) / "cmdline").read_bytes()).split("\0")[:-1]
        except OSError:
            return []
    shown = subprocess.run(
        ["/bin/ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return shown.stdout.split()


def is_alive(pid: int) -> bool:
    """Say whether there is a process `pid` that is more than a zombie."""
    if (_PROC / "self").exists():
        try:
            stat = (_PROC / str(pid) / "stat").read_text(errors="replace")
        except OSError:
            return False
        return stat.rpartition(")")[2].split()[0] not in ("Z", "X")
    return _is_taken(pid)


def _is_taken(pid: int) -> bool:
    """Say whether the pid is in use, if only by a zombie that nobody collects."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def launch(program: str, data: Path, port: int, log: Path, account: Account) -> int:
    """Start the server in the background, with its log at the end of `log`; return its pid.

    A shell in between makes the server nobody's child: it outlives us, and once dead it leaves
    no zombie that would keep the next server off the data.
    """
    environment = clean_environment()
    left = read_postmaster_file(data)
    if left and _is_taken(left.pid) and not is_postmaster_of(left.pid, data):
        # After a reboot another program may have the dead server's pid (or a zombie has it, where
        # process 1 collects none), and PostgreSQL would refuse to start for as long as it is
        # there. It passes over the pid of its grandparent, which pg_ctl tells it so; and still
        # checks that nothing uses the memory of the old server.
        environment["PG_GRANDPARENT_PID"] = str(left.pid)
    with directory_errors(log), log.open("ab") as log_file:
        started = account.run(
            [
                *("/bin/sh", "-c", '"$@" >&2 & echo $!', "sh"),
                *(program, "-D", str(data), "-p", str(port)),
            ],
            cwd=data,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=log_file,
            start_new_session=True,
        )
    return int(started.stdout)


def wait_until(ready: Callable[[], bool], alive: Callable[[], bool], seconds: float) -> bool:
    """Wait until `ready`; False when it is no longer `alive`. Raises TimeoutError."""
    deadline = time.monotonic() + seconds
    while True:
        if ready():
            return True
        if not alive():
            return False
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(_POLL_SECONDS)


def stop_postmaster(data: Path, pid: int, *, patience: float = 60.0) -> None:
    """Stop the server: sessions are ended, then everything is written; then without writing."""
    for sign in (signal.SIGINT, signal.SIGQUIT):
        try:
            os.kill(pid, sign)
        except ProcessLookupError:
            return
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if not is_postmaster_of(pid, data):
                return
            time.sleep(_POLL_SECONDS)
    raise DatabaseError(
        f"The embedded server (process {pid}) does not stop.",
        hint=f"Look at it with `ps -fp {pid}` and at its log beside {data}.",
    )


def end_orphans(data: Path) -> None:
    """End the processes of a killed server that are in the middle of a long statement.

    They know of its death only when their statement ends, and until then no server can start.
    """
    title = f"postgres: {cluster_name(data)}: "
    for entry in _PROC.glob("[0-9]*"):
        pid = int(entry.name)
        if " ".join(_command_of(pid)).startswith(title):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGQUIT)


def log_size(log: Path) -> int:
    """Return the log's size in bytes, 0 when there is none."""
    return log.stat().st_size if log.exists() else 0


def log_since(log: Path, offset: int) -> str:
    """Return what was added to the log since it was `offset` bytes long."""
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(offset)
        return file.read().decode("utf-8", errors="replace")
