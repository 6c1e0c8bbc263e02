"""Who runs the embedded server, and where its data lies.

PostgreSQL refuses to run as root. When we are root, the server runs as the owner of the project
directory, else as `postgres`, else as `nobody`, whichever of them the machine knows. That account
must be able to reach the data: where it cannot enter the project (a clone in /root, or in a
`mktemp -d` directory of mode 700), the data go below /var/lib/ytempire and `.ytempire/postgres`
is a symbolic link to them.
"""

from __future__ import annotations

import os
import pwd
import secrets
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from warehouse.errors import ConfigurationError, DirectoryError

OUTSIDE = Path("/var/lib/ytempire")
_SPARE_ACCOUNTS = ("postgres", "nobody")


@dataclass(frozen=True)
class Account:
    """The operating system user that runs the server; `switch` says that it is not us."""

    name: str
    uid: int
    gid: int
    switch: bool

    def run(
        self, command: Sequence[str], *, cwd: Path, **options: Any
    ) -> subprocess.CompletedProcess[str]:
        """Run a program as this account, without a terminal, in a directory it may enter."""
        if self.switch:
            options |= {"user": self.uid, "group": self.gid, "extra_groups": []}
        if "input" not in options:
            options["stdin"] = subprocess.DEVNULL
        return subprocess.run(command, cwd=cwd, text=True, check=False, **options)

    def can_enter(self, directory: Path) -> bool:
        """Try, as this account, to enter `directory`."""
        if not self.switch:
            return os.access(directory, os.X_OK)
        command = ["/bin/sh", "-c", 'cd "$1"', "sh", str(directory)]
        return self.run(command, cwd=Path("/"), capture_output=True).returncode == 0

    def give(self, path: Path) -> None:
        """Make this account the owner of `path`."""
        if self.switch:
            os.chown(path, self.uid, self.gid)


def server_account(home: Path) -> Account:
    """Choose the account that runs the server of `home`.

    Raises ConfigurationError when there is none that PostgreSQL accepts.
    """
    us = os.geteuid()
    if us != 0:
        return _account(us, switch=False) or _no_account(f"user id {us}")
    data = home / "postgres"
    owner = data.stat().st_uid if data.exists() else home.parent.stat().st_uid
    if owner != 0 and (account := _account(owner, switch=True)):
        return account
    for name in _SPARE_ACCOUNTS:
        try:
            return _account(pwd.getpwnam(name).pw_uid, switch=True) or _no_account(name)
        except KeyError:
            continue
    return _no_account("root, who may not run PostgreSQL, and `postgres` and `nobody`")


def _account(uid: int, *, switch: bool) -> Account | None:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        return None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, switch)


def _no_account(tried: str) -> Account:
    raise ConfigurationError(
        f"PostgreSQL needs an account with an entry in /etc/passwd; there is none for {tried}.",
        hint="Run as a user that has one, or set PGHOST to use a server of your own.",
    )


@contextmanager
def directory_errors(path: Path) -> Iterator[None]:
    """Turn the operating system's refusals about `path` into a DirectoryError."""
    try:
        yield
    except OSError as error:
        raise DirectoryError(
            f"The directory {path} cannot be used: {error.strerror or error}"
            + (f" ({error.filename})." if error.filename else "."),
            hint="The embedded database keeps its data there: make it writable for you, or set "
            "PGHOST to use a server of your own.",
        ) from error


def prepare_home(home: Path) -> None:
    """Create the state directory `home`, or say why it cannot be written."""
    with directory_errors(home):
        if not home.is_dir():
            home.mkdir(parents=True, exist_ok=True)
            home.chmod(0o755)
            own_like_directory(home)
        probe = home / f".writable-{os.getpid()}"
        probe.touch()
        probe.unlink()


def own_like_directory(path: Path) -> None:
    """Give what root made in a user's directory to that user, who is to go on with it."""
    if os.geteuid() == 0:
        directory = path.parent.stat()
        os.chown(path, directory.st_uid, directory.st_gid)


def place_data(home: Path, account: Account) -> Path:
    """Return where the data directory is or shall be; it is not created, but reachable.

    Raises DirectoryError when data are there that `account` cannot use.
    """
    data = home / "postgres"
    with directory_errors(data):
        if data.exists():
            return _check_usable(data, account)
        if data.is_symlink() and account.can_enter(data.resolve().parent):
            return data.resolve()  # an earlier start was interrupted before it made the data
        if account.can_enter(home):
            data.unlink(missing_ok=True)  # a link whose target is gone
            return data.parent.resolve() / data.name
        with directory_errors(OUTSIDE):
            place = shared_place() / f"{home.resolve().parent.name}-{secrets.token_hex(6)}"
            place.mkdir()
            place.chmod(0o755)
        if not account.can_enter(place):
            raise DirectoryError(
                f"The account {account.name} runs the server, but can enter neither {home} nor "
                f"{place}.",
                hint="Run as a normal user, or set PGHOST to use a server of your own.",
            )
        data.unlink(missing_ok=True)
        data.symlink_to(place / "postgres")
        return place / "postgres"


def _check_usable(data: Path, account: Account) -> Path:
    place = data.resolve()
    if place.stat().st_uid != account.uid:
        raise DirectoryError(
            f"The embedded database in {place} belongs to another user than {account.name}.",
            hint="Run as the user who made it, or delete that directory to begin afresh.",
        )
    if not account.can_enter(place):
        raise DirectoryError(
            f"The account {account.name} runs the server and cannot enter {place}.",
            hint="Let everybody enter the directories above it (chmod o+x), or run as a user "
            "who may.",
        )
    return place


def shared_place() -> Path:
    """Return (and create) the directory for things every project on this machine may share."""
    with directory_errors(OUTSIDE):
        OUTSIDE.mkdir(mode=0o755, parents=True, exist_ok=True)
        OUTSIDE.chmod(0o755)
    return OUTSIDE
