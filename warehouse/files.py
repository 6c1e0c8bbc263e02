"""The small files beside the data directory of the embedded server."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from warehouse.placement import directory_errors, own_like_directory


class ServerFiles:
    """The state (password, port), the log and the start lock in `home`."""

    def __init__(self, home: Path) -> None:
        self.state = home / "server.json"
        self.log = home / "postgres.log"
        self._lock = home / "start.lock"

    def read(self) -> dict[str, str]:
        """Return the state; empty when there is none, or it cannot be understood."""
        with directory_errors(self.state):
            try:
                state = json.loads(self.state.read_text(encoding="utf-8"))
            except (FileNotFoundError, ValueError):
                return {}
        if not isinstance(state, dict):
            return {}
        return {str(name): str(value) for name, value in state.items()}

    def save(self, state: Mapping[str, str]) -> None:
        """Replace the state, whole or not at all; nothing is written when it is the same."""
        if self.read() == state:
            return
        with directory_errors(self.state):
            write_private(self.state, (json.dumps(state, indent=2) + "\n").encode())

    @contextmanager
    def lock(self) -> Iterator[int]:
        """Hold the start lock; yields its descriptor."""
        with directory_errors(self._lock):
            descriptor = os.open(self._lock, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            own_like_directory(self._lock)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield descriptor
        finally:
            os.close(descriptor)


def write_private(path: Path, content: bytes) -> None:
    """Replace a file, whole or not at all, by one that only its owner may read."""
    new = path.with_name(f"{path.name}.{os.getpid()}.new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    own_like_directory(new)
    new.replace(path)
