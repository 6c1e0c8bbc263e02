"""`python -m simulator.serve` as a process: its files, its ready file, its end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import http_calls
import httpx
import psycopg
import pytest
from cryptography.fernet import Fernet

from simulator import serve
from warehouse.connection import WarehouseTarget

START_SECONDS = 30
SETTINGS = {
    *("YOUTUBE_DATA_ENDPOINT", "YOUTUBE_ANALYTICS_ENDPOINT", "YOUTUBE_REPORTING_ENDPOINT"),
    "YOUTUBE_API_KEY",
    *("GOOGLE_CLIENT_ID", "GOOGLE_CLIENT_SECRET", "GOOGLE_TOKEN_URI", "STRIPE_API_BASE"),
    *("STRIPE_API_KEY", "OPENAI_API_BASE", "OPENAI_ADMIN_KEY", "ELEVENLABS_API_BASE"),
    *("ELEVENLABS_API_KEY", "TOKEN_ENCRYPTION_KEY", "EXPENSES_DIR"),
}
Starter = Callable[..., subprocess.Popen[bytes]]


def command(tmp_path: Path, *more: str) -> list[str]:
    catalogue = tmp_path / "videos.csv"
    catalogue.write_text(
        "video_id,title,channel_title,category_id,tags,views,likes,dislikes,comment_total,"
        "thumbnail_link,date\n"
        "aaaaaaaaaaa,Title,Channel,28,one,100,10,1,5,https://i.ytimg.com/vi/x/1.jpg,29.09\n"
    )
    return [
        *(sys.executable, "-m", "simulator.serve", "--catalog", str(catalogue)),
        *("--ready-file", str(tmp_path / "ready.json")),
        *("--expenses-dir", str(tmp_path / "expenses"), "--truth-dir", str(tmp_path / "truth")),
        *more,
    ]


@pytest.fixture
def start() -> Iterator[Starter]:
    started: list[subprocess.Popen[bytes]] = []

    def run(arguments: list[str], **options: Any) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(arguments, stderr=subprocess.PIPE, **options)
        started.append(process)
        return process

    yield run
    for process in started:
        if process.poll() is None:
            process.kill()
        process.wait()
        if process.stderr is not None:
            process.stderr.close()


def when_ready(tmp_path: Path, process: subprocess.Popen[bytes]) -> dict[str, Any]:
    ready = tmp_path / "ready.json"
    limit = time.monotonic() + START_SECONDS
    while not ready.exists():
        assert process.poll() is None, process.stderr and process.stderr.read().decode()
        assert time.monotonic() < limit, "not ready in time"
        time.sleep(0.02)
    found: dict[str, Any] = json.loads(ready.read_text())
    return found


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_ready_file_and_signals(tmp_path: Path, start: Starter, number: signal.Signals) -> None:
    process = start(command(tmp_path, "--fail", "stripe=503"))
    document = when_ready(tmp_path, process)
    settings = document["environment"]
    assert set(settings) == SETTINGS
    Fernet(settings["TOKEN_ENCRYPTION_KEY"])
    assert document["world"] == {
        "seed": None,
        "scale": None,
        "catalog": str(tmp_path / "videos.csv"),
        "start": "2017-09-29",
        "as_of": "2017-09-30T00:00:00+00:00",
    }
    assert document["truth_dir"] == str(tmp_path / "truth")
    assert (tmp_path / "truth" / "videos.csv").exists()
    assert (tmp_path / "expenses").is_dir()
    answer = http_calls.get(
        settings["YOUTUBE_DATA_ENDPOINT"] + "/youtube/v3/videos",
        params={"key": settings["YOUTUBE_API_KEY"], "part": "snippet", "id": "aaaaaaaaaaa"},
    )
    assert answer.json()["items"][0]["snippet"]["title"] == "Title"
    assert http_calls.get(settings["STRIPE_API_BASE"] + "/v1/customers").status_code == 503
    process.send_signal(number)
    assert process.wait(timeout=10) == 0


def test_a_synthetic_world(tmp_path: Path, start: Starter, warehouse: WarehouseTarget) -> None:
    url = (
        f"postgresql://{warehouse.user}:{warehouse.password}@{warehouse.host}:{warehouse.port}/"
        f"{warehouse.database}"
    )
    arguments = command(tmp_path, "--platform-database-url", url, "--seed", "7")
    del arguments[3:5]  # no catalogue
    process = start([*arguments, "--as-of", "2026-11-20T12:00:00+00:00", "--start", "2026-11-01"])
    document = when_ready(tmp_path, process)
    settings = document["environment"]
    assert set(settings) == SETTINGS | {"PLATFORM_DATABASE_URL"}
    assert document["world"]["start"] == "2026-11-01"
    cipher = Fernet(settings["TOKEN_ENCRYPTION_KEY"])
    with psycopg.connect(settings["PLATFORM_DATABASE_URL"]) as connection:
        users = connection.execute("select count(*) from ytempire.users").fetchone()
        token = connection.execute(
            "select oauth_refresh_token from ytempire.channels limit 1"
        ).fetchone()
    assert users is not None
    assert users[0] >= 5  # the active ones, and some who left
    assert token is not None
    form = {
        "grant_type": "refresh_token",
        "client_id": settings["GOOGLE_CLIENT_ID"],
        "client_secret": settings["GOOGLE_CLIENT_SECRET"],
        "refresh_token": cipher.decrypt(token[0].encode()).decode(),
    }
    assert http_calls.post(settings["GOOGLE_TOKEN_URI"], data=form).status_code == 200
    assert list((tmp_path / "expenses").glob("expenses-*.csv"))
    assert (tmp_path / "truth" / "channel_days.csv").exists()


def test_it_ends_with_its_parent(tmp_path: Path, start: Starter) -> None:
    arguments = command(tmp_path)
    script = (
        "import subprocess, sys, time\n"
        f"process = subprocess.Popen({arguments!r})\n"
        "print(process.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    parent = start([sys.executable, "-c", script], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    settings = when_ready(tmp_path, parent)["environment"]
    parent.kill()
    parent.wait()
    parent.stdout.close()
    limit = time.monotonic() + 10
    with pytest.raises(httpx.TransportError):  # noqa: PT012
        while time.monotonic() < limit:
            http_calls.get(settings["STRIPE_API_BASE"] + "/_calls")
            time.sleep(0.1)
    while time.monotonic() < limit and Path(f"/proc/{child}").exists():
        time.sleep(0.1)


def test_failures_have_their_exit_codes(
    tmp_path: Path, start: Starter, capsys: pytest.CaptureFixture[str]
) -> None:
    first = start(command(tmp_path))
    taken = when_ready(tmp_path, first)["environment"]["STRIPE_API_BASE"].rpartition(":")[2]
    arguments = command(tmp_path)[3:]
    assert serve.main([*arguments, "--port", taken]) == serve.EXIT_PORT
    nowhere = "postgresql://nobody@127.0.0.1:1/none?connect_timeout=2"
    assert serve.main([*arguments, "--platform-database-url", nowhere]) == serve.EXIT_DATABASE
    a_file = str(tmp_path / "videos.csv")
    assert serve.main([*arguments, "--truth-dir", a_file]) == serve.EXIT_DIRECTORY
    errors = capsys.readouterr().err
    assert "port" in errors
    assert "platform database" in errors
    for wrong in (["--fail", "stripe=200"], ["--catalog", "/nothing.csv"]):
        with pytest.raises(SystemExit) as stopped:
            serve.main([*arguments, *wrong])
        assert stopped.value.code == 2


def test_the_key_of_the_environment_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TOKEN_ENCRYPTION_KEY", raising=False)
    assert serve.encryption_key(7) == serve.encryption_key(7)
    assert serve.encryption_key(7) != serve.encryption_key(8)
    monkeypatch.setenv("TOKEN_ENCRYPTION_KEY", "given")
    assert serve.encryption_key(7) == "given"


def test_the_ready_file_is_never_half_there(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "ready.json"
    serve.write_atomically(target, {"a": 1})
    assert json.loads(target.read_text()) == {"a": 1}
    assert os.listdir(target.parent) == ["ready.json"]
