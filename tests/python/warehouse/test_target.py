"""Which warehouse is meant, and what plain `dbt build` learns of it from `.env`."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from warehouse.errors import DirectoryError
from warehouse.server import EmbeddedServer, ServerInfo
from warehouse.target import resolve_target, write_dotenv_block

ServerMaker = Callable[..., EmbeddedServer]
INFO = ServerInfo("127.0.0.1", 54329, "ytempire", "first", 1, Path("/data"))
OTHER = ServerInfo("127.0.0.1", 40000, "ytempire", "second", 1, Path("/data"))


def _values(path: Path) -> dict[str, str]:
    lines = [line for line in path.read_text().splitlines() if line and line[0] != "#"]
    return dict(line.split("=", 1) for line in lines)


def test_with_a_host_nothing_is_started(new_server: ServerMaker, tmp_path: Path) -> None:
    server = new_server()
    target = resolve_target(server, dotenv=tmp_path / ".env", host="db.example", user="me")
    assert (target.host, target.port, target.user) == ("db.example", 5432, "me")
    assert (target.database, target.sslmode) == ("ytempire", "prefer")
    assert not server.home.exists()
    assert not (tmp_path / ".env").exists()


def test_without_a_host_the_embedded_server_is_started(
    new_server: ServerMaker, tmp_path: Path
) -> None:
    server = new_server()
    target = resolve_target(
        server, dotenv=tmp_path / ".env", port=1, user="ignored", password="x", database="mine"
    )
    info = server.status().info
    assert info is not None
    assert target == info.target("mine")
    assert _values(tmp_path / ".env") == {
        "YTEMPIRE_EMBEDDED_PORT": str(info.port),
        "YTEMPIRE_EMBEDDED_PASSWORD": info.password,
    }


def test_the_block_is_written_only_when_it_changes(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    assert write_dotenv_block(path, INFO)
    assert path.stat().st_mode & 0o777 == 0o600
    before = path.stat()
    assert not write_dotenv_block(path, INFO)
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    assert path.stat().st_ino == before.st_ino
    assert write_dotenv_block(path, OTHER)
    assert _values(path)["YTEMPIRE_EMBEDDED_PORT"] == "40000"
    path.chmod(0o644)
    assert not write_dotenv_block(path, OTHER)
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "own",
    [
        b"A=1\nB='two words' # comment\n\n",
        b"A=1",  # no newline at the end
        b"A=1\r\nB=2\r\n",
        "CITY=Z\u00fcrich\n".encode("latin-1"),
    ],
)
def test_the_users_own_lines_stay(tmp_path: Path, own: bytes) -> None:
    path = tmp_path / ".env"
    path.write_bytes(own)
    path.chmod(0o644)
    write_dotenv_block(path, INFO)
    assert path.read_bytes().startswith(own)
    path.write_bytes(path.read_bytes() + b"LATER=1\n")
    write_dotenv_block(path, OTHER)
    after = path.read_bytes()
    assert after.startswith(own)
    assert after.endswith(b"LATER=1\n")
    assert after.count(b"YTEMPIRE_EMBEDDED_PORT") == 1
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    real = tmp_path / "settings"
    real.write_text("A=1\n")
    link = tmp_path / ".env"
    link.symlink_to(real)
    write_dotenv_block(link, INFO)
    assert link.is_symlink()
    assert _values(real)["A"] == "1"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_what_root_writes_belongs_to_the_projects_owner(tmp_path: Path) -> None:
    os.chown(tmp_path, 65534, 65534)
    write_dotenv_block(tmp_path / ".env", INFO)
    assert (tmp_path / ".env").stat().st_uid == 65534


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DirectoryError):
        write_dotenv_block(tmp_path / "file" / ".env", INFO)
