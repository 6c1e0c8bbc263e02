"""The embedded server's life: started, shared, stopped, killed, refused."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from warehouse.connection import connect, ensure_database
from warehouse.errors import (
    ConfigurationError,
    DatabaseError,
    DirectoryError,
    PortInUseError,
)
from warehouse.migrate import HEAD, current_revision, migrate
from warehouse.server import EmbeddedServer, ServerInfo

ServerMaker = Callable[..., EmbeddedServer]
POSTGRES_15 = Path("/usr/lib/postgresql/15/bin")
SERVERS = [
    pytest.param(None, id="wheel"),
    pytest.param(
        POSTGRES_15,
        id="15",
        marks=pytest.mark.skipif(not POSTGRES_15.exists(), reason="no PostgreSQL 15 here"),
    ),
]
ROOT = Path(__file__).parents[3]
START = """
import json, sys
from contextlib import closing
from pathlib import Path
from warehouse.server import EmbeddedServer
info = EmbeddedServer(Path(sys.argv[1]), usual_port=None, durable=False).start()
print(json.dumps({"pid": info.pid, "port": info.port, "password": info.password}))
"""


def _start_elsewhere(home: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", START, str(home)],
        cwd=ROOT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def _query(info: ServerInfo, query: str) -> list[tuple[object, ...]]:
    with connect(info.target("postgres"), autocommit=True) as connection:
        cursor = connection.execute(query.encode())
        return cursor.fetchall() if cursor.description else []


@pytest.mark.parametrize("bindir", SERVERS)
def test_life_of_a_server(
    new_server: ServerMaker, bindir: Path | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPORT", "1")  # the user's variables must not reach the server
    monkeypatch.setenv("PGDATA", "/nowhere")
    monkeypatch.setenv("PGCLIENTENCODING", "LATIN1")
    if bindir:
        monkeypatch.setenv("PG_BINDIR", str(bindir))
    server = new_server()
    assert not server.status().running
    first = server.start()
    assert (first.host, first.user) == ("127.0.0.1", "ytempire")
    assert len(first.password) >= 24
    assert first.password not in repr(first)
    assert server.status().info == first
    monkeypatch.delenv("PGCLIENTENCODING")
    (version, encoding, zone, encryption, upper, collation, shown) = _query(
        first,
        """
        select
            current_setting('server_version_num')::int / 10000,
            current_setting('client_encoding'),
            current_setting('timezone'),
            (select left(rolpassword, 13) from pg_authid where rolname = current_user),
            upper('é'),
            (select array_agg(word order by word) from unnest(array['b', 'B', 'a', 'Ä']) as word),
            pg_encoding_to_char(encoding)
        from pg_database where datname = current_database()
        """,
    )[0]
    assert version == (15 if bindir else 18)
    assert encoding == "UTF8"
    assert (zone, encryption, upper, shown) == ("UTC", "SCRAM-SHA-256", "É", "UTF8")
    assert collation == ["B", "a", "b", "Ä"]
    _query(first, "create extension pg_stat_statements")
    _query(first, "select count(*) from pg_stat_statements")

    assert ensure_database(first.target())
    assert not ensure_database(first.target())
    assert migrate(first.target())[-1] == HEAD
    assert server.stop()
    assert not server.stop()
    assert not server.status().running
    second = server.start()
    assert second.pid != first.pid
    assert (second.port, second.password) == (first.port, first.password)
    assert current_revision(second.target()) == HEAD
    state = server.home / "server.json"
    assert state.stat().st_mode & 0o777 == 0o600
    assert server.log.stat().st_mode & 0o777 == 0o600


def test_only_the_password_opens_it(new_server: ServerMaker) -> None:
    info = new_server().start()
    login = f"host={info.host} port={info.port} user={info.user} dbname=postgres"
    for password in ("", "guess"):
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(make_conninfo(login, password=password, passfile="/dev/null"))


def test_usual_port_is_left_to_whoever_has_it(new_server: ServerMaker) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        with pytest.raises(PortInUseError, match=f"Port {taken} .* is used by another program"):
            new_server(port=taken).start()
        info = new_server(usual_port=taken).start()
        assert info.port != taken
    with pytest.raises(ConfigurationError, match=f"runs on port {info.port} already"):
        new_server(port=taken).start()
    new_server().stop()
    assert new_server(port=taken).start().port == taken


def test_committed_rows_survive_kill_9(new_server: ServerMaker) -> None:
    server = new_server()
    info = server.start()
    _query(info, "create table kept (number int)")
    for number in range(3):
        with closing(connect(info.target("postgres"))) as busy:
            # its process learns of the server's death when the statement ends
            busy.execute("set max_parallel_workers_per_gather = 0")
            busy.pgconn.send_query(b"select count(*) from generate_series(1, 5000000000)")
            _query(info, f"insert into kept values ({number})")
            os.kill(info.pid, signal.SIGKILL)
            info = server.start()
            assert _query(info, "select count(*) from kept") == [(number + 1,)]


def test_two_at_once_share_one_server(new_server: ServerMaker) -> None:
    server = new_server()
    starting = [_start_elsewhere(server.home) for _ in range(3)]
    answers = [process.communicate(timeout=60) for process in starting]
    assert [process.returncode for process in starting] == [0, 0, 0], answers
    infos = [json.loads(out) for out, _ in answers]
    assert infos[0] == infos[1] == infos[2]
    info = server.status().info
    assert info is not None
    assert info.pid == infos[0]["pid"]


def test_a_start_may_be_killed_at_any_moment(new_server: ServerMaker) -> None:
    server = new_server()
    for delay in (0.25, 0.32, 0.4, 0.5, 0.6, 0.7):
        process = _start_elsewhere(server.home)
        time.sleep(delay)
        process.kill()
        process.communicate()
    info = server.start()
    assert _query(info, "select 1") == [(1,)]
    assert {path.name for path in server.home.iterdir()} <= {
        *("postgres", "server.json", "postgres.log", "start.lock"),
        *(path.name for path in server.home.glob(".writable-*")),
        *(path.name for path in server.home.glob("*.new")),
    }


def test_a_stranger_with_the_dead_servers_pid_does_not_matter(new_server: ServerMaker) -> None:
    server = new_server()
    info = server.start()
    os.kill(info.pid, signal.SIGKILL)
    time.sleep(0.5)
    # as after a reboot: the pid of the dead server is now a process of the same user
    owner = info.data_directory.stat()
    user = owner.st_uid if os.geteuid() == 0 else None
    stranger = subprocess.Popen(["/bin/sleep", "60"], user=user)
    try:
        file = info.data_directory / "postmaster.pid"
        lines = file.read_text().splitlines(keepends=True)
        file.write_text("".join([f"{stranger.pid}\n", *lines[1:]]))
        assert not server.status().running
        assert not server.stop()
        assert server.start().pid != stranger.pid
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_lost_password_is_replaced(new_server: ServerMaker) -> None:
    server = new_server()
    old = server.start()
    _query(old, "create table kept (number int)")
    (server.home / "server.json").unlink()
    assert not server.status().running  # nobody can log in
    new = server.start()
    assert new.password != old.password
    assert _query(new, "select count(*) from kept") == [(0,)]
    (server.home / "server.json").write_text('{"password": "wrong"}')
    with pytest.raises(DatabaseError, match="does not accept the password"):
        server.start()


def test_data_of_another_version_are_refused(new_server: ServerMaker) -> None:
    server = new_server()
    data = server.start().data_directory
    server.stop()
    (data / "PG_VERSION").write_text("14\n")
    with pytest.raises(ConfigurationError, match="made by PostgreSQL 14, but") as e:
        server.start()
    assert "PG_BINDIR" in e.value.hint


def test_a_server_that_does_not_come_up_shows_its_log(new_server: ServerMaker) -> None:
    with pytest.raises(DatabaseError, match="no_such_library"):
        new_server(settings={"shared_preload_libraries": "no_such_library"}).start()
    new_server().start()


def test_wrong_bindir_is_said(new_server: ServerMaker, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no postgres and no initdb"):
        new_server(bindir=tmp_path).start()


def test_destroy_leaves_nothing(new_server: ServerMaker) -> None:
    server = new_server()
    assert not server.destroy()
    info = server.start()
    assert server.destroy()
    assert not info.data_directory.exists()
    assert server.start().password != info.password


@pytest.mark.parametrize("where", ["home", "above", "read-only"])
def test_unwritable_directory_is_said(
    new_server: ServerMaker, public_path: Path, where: str
) -> None:
    home = public_path / "in the way" / ".ytempire"
    if where == "above":
        home.parent.write_text("a file, which stops root as well")
    elif where == "home":
        home.parent.mkdir()
        home.write_text("a file")
    else:
        home = Path("/proc/ytempire/.ytempire")
    with pytest.raises(DirectoryError, match="cannot be used") as error:
        new_server(home).start()
    assert str(home) in error.value.what
    assert "PGHOST" in error.value.hint


def test_status_and_stop_make_nothing(new_server: ServerMaker) -> None:
    server: EmbeddedServer = new_server()
    assert not server.status().running
    assert not server.stop()
    assert not server.home.exists()
