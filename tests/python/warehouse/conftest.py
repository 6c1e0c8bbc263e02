"""A directory that the server's account can enter, and servers that are gone after the test."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from warehouse import placement
from warehouse import server as server_module
from warehouse.server import EmbeddedServer

ServerMaker = Callable[..., EmbeddedServer]


@pytest.fixture
def public_path() -> Iterator[Path]:
    """Return a directory that everybody may enter; pytest's own are private."""
    path = Path(tempfile.mkdtemp(prefix="ytempire-test-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def new_server(public_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ServerMaker]:
    """Return a function that makes embedded servers, by default all of the same home."""
    monkeypatch.delenv("PG_BINDIR", raising=False)
    for module in (placement, server_module):
        monkeypatch.setattr(module, "OUTSIDE", public_path / "outside")
    project = public_path / f'a user\'s "pro\\ject" in Zürich {"x" * 100}'
    project.mkdir(mode=0o755)
    made: list[EmbeddedServer] = []

    def make(home: Path | None = None, **options: Any) -> EmbeddedServer:
        options = {"usual_port": None, "durable": False} | options
        made.append(EmbeddedServer(home or project / ".ytempire", **options))
        return made[-1]

    yield make
    for server in made:
        if server.home.is_dir():
            server.stop()
