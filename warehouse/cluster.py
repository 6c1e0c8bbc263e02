"""The data directory of the embedded server: made once, given settings at every start."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from warehouse.binaries import Binaries
from warehouse.errors import ConfigurationError, DatabaseError
from warehouse.placement import Account, directory_errors

OWNER = "ytempire"
SETTINGS_FILE = "ytempire.conf"
_MIB = 1024 * 1024


def clean_environment(**more: str) -> dict[str, str]:
    """Return an environment in which no PG* variable of the user changes what the server does."""
    kept = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TMPDIR")
    return {name: os.environ[name] for name in kept if name in os.environ} | {"LC_ALL": "C"} | more


def create_cluster(
    data: Path,
    binaries: Binaries,
    account: Account,
    *,
    password: str,
    keep_open: int,
    durable: bool = True,
) -> None:
    """Make a new data directory at `data`, whole or not at all.

    `keep_open` is the descriptor of the start lock: initdb holds it too, so that a second start
    waits for an initdb whose parent was killed.
    """
    major, _ = binaries.version()
    new = data.with_name(f"{data.name}.new")
    secret = data.with_name(f"{data.name}.pwfile")
    with directory_errors(data.parent):
        try:
            _write_for(account, secret, password)
            for locale in _locales(major):
                shutil.rmtree(new, ignore_errors=True)
                new.mkdir(mode=0o700)
                account.give(new)
                done = account.run(
                    [
                        *(binaries.program("initdb"), "-D", str(new), "-U", OWNER),
                        *(f"--pwfile={secret}", "--auth=scram-sha-256", "--encoding=UTF8"),
                        *locale,
                        *(() if durable else ("--no-sync",)),
                    ],
                    cwd=new,
                    env=clean_environment(),
                    capture_output=True,
                    pass_fds=(keep_open,),
                )
                if done.returncode == 0:
                    break
            else:
                shutil.rmtree(new, ignore_errors=True)
                raise DatabaseError(
                    f"The embedded database could not be made in {data}: "
                    f"{(done.stderr or done.stdout).strip()[-800:]}",
                    hint="Free disk space or correct the cause named above, and run it again.",
                )
        finally:
            secret.unlink(missing_ok=True)
        with (new / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write(f"\ninclude_if_exists = '{SETTINGS_FILE}'\n")
        new.rename(data)


def _locales(major: int) -> list[list[str]]:
    """Return initdb's locale options, best first: code point order, Unicode upper and lower."""
    if major >= 17:
        return [["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]]
    return [["--locale=C", "--lc-ctype=C.UTF-8"], ["--locale=C"]]


def check_major_version(data: Path, binaries: Binaries) -> None:
    """Refuse a data directory that another major version of PostgreSQL wrote."""
    with directory_errors(data):
        written = (data / "PG_VERSION").read_text(encoding="ascii").strip()
    major, _ = binaries.version()
    if written != str(major):
        raise ConfigurationError(
            f"The embedded database in {data} was made by PostgreSQL {written}, but the server "
            f"programs in {binaries.bindir} are PostgreSQL {major}.",
            hint=f"Set PG_BINDIR to the programs of PostgreSQL {written}, or move the directory "
            "away: the next run then fills a new database.",
        )


def write_settings(
    data: Path, binaries: Binaries, account: Account, more: Mapping[str, str]
) -> None:
    """Write the server's settings for this machine; `alter system` still overrides them."""
    settings = {
        **machine_settings(),
        **_fixed_settings(binaries),
        "cluster_name": cluster_name(data),
        **more,
    }
    lines = ["# Written at every start; use `alter system` for settings of your own."]
    lines += [f"{name} = '{value}'" for name, value in settings.items()]
    with directory_errors(data):
        new = data / f"{SETTINGS_FILE}.new"
        _write_for(account, new, "\n".join(lines) + "\n")
        new.replace(data / SETTINGS_FILE)


def cluster_name(data: Path) -> str:
    """Return the name that the titles of this server's processes carry."""
    return f"ytempire-{hashlib.sha256(str(data.resolve()).encode()).hexdigest()[:12]}"


def _fixed_settings(binaries: Binaries) -> dict[str, str]:
    preload = "pg_stat_statements"
    return {
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "max_connections": "120",
        "password_encryption": "scram-sha-256",
        "shared_preload_libraries": preload if binaries.has_library(preload) else "",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "lc_messages": "C",
        "jit": "off",
        "random_page_cost": "1.1",
        "max_locks_per_transaction": "256",
        "max_wal_size": "2GB",
        "wal_compression": "on",
        "checkpoint_timeout": "15min",
        "log_checkpoints": "off",
        "log_lock_waits": "on",
        "log_line_prefix": "%m [%p] %q%a ",
    }


def machine_settings() -> dict[str, str]:
    """Return the settings that depend on the machine's memory."""
    memory = _memory()
    buffers = min(512 * _MIB, max(64 * _MIB, memory // 8))
    settings = {
        "shared_buffers": f"{buffers // _MIB}MB",
        "effective_cache_size": f"{max(128, memory // 2 // _MIB)}MB",
        "work_mem": f"{min(32, max(4, memory // 128 // _MIB))}MB",
        "maintenance_work_mem": f"{min(256, max(32, memory // 16 // _MIB))}MB",
    }
    shared = Path("/dev/shm")  # noqa: S108 - only its size is looked at
    if not shared.is_dir() or shutil.disk_usage(shared).total < 512 * _MIB:
        # a container's usual 64 MB are too few for parallel queries
        settings["dynamic_shared_memory_type"] = "mmap"
    return settings


def _memory() -> int:
    """Return the bytes of memory we may use: the machine's, or the container's limit."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        limit = Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii").strip()
    except OSError:
        return memory
    return min(memory, int(limit)) if limit.isdigit() else memory


def reset_password(data: Path, binaries: Binaries, account: Account, password: str) -> None:
    """Give the owner a new password; the server must be stopped."""
    done = account.run(
        [binaries.program("postgres"), "--single", "-D", str(data), "postgres"],
        cwd=data,
        env=clean_environment(),
        input=f"alter role {OWNER} password '{password}'\n",
        capture_output=True,
    )
    if done.returncode != 0 or "ERROR" in done.stderr:
        raise DatabaseError(
            f"The password of the embedded database in {data} is lost and a new one could not be "
            f"set: {done.stderr.strip()[-800:]}",
            hint="Move the directory away: the next run then fills a new database.",
        )


def _write_for(account: Account, path: Path, text: str) -> None:
    """Write a file that only `account` (and root) can read."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    account.give(path)
