"""What a person meets when something is wrong.

A clear sentence, an exit code of its own, and everything else landed.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from commands import AS_OF, Ytempire, serving

from ingest.sources import SOURCES
from warehouse.connection import WarehouseTarget, connect

pytestmark = pytest.mark.slow

WORLD = ("--seed", "7", "--scale", "small")


@pytest.fixture
def place(tmp_path: Path, migrated_warehouse: WarehouseTarget) -> tuple[WarehouseTarget, Path]:
    return migrated_warehouse, tmp_path


def _extract(
    target: WarehouseTarget,
    home: Path,
    told: Mapping[str, str],
    changed: Mapping[str, str | None],
    exit_code: int,
) -> tuple[dict[str, str], str]:
    """Extract with some settings changed; return how each source fared and the complaints."""
    settings = {name: value for name, value in {**told, **changed}.items() if value is not None}
    command = Ytempire(target, home, settings)
    made = command("extract", "--as-of", AS_OF.isoformat(), "--json", exit_code=exit_code)
    with connect(target) as connection:
        fared = dict(
            connection.execute(
                """
                select source, status from ops.source_results
                where run_id = (select run_id from ops.runs order by started_at desc limit 1)
                """
            ).fetchall()
        )
    return fared, made.stderr


def _others_landed(fared: Mapping[str, str], *excepted: str) -> bool:
    return {source for source, status in fared.items() if status == "landed"} == (
        set(SOURCES) - set(excepted)
    )


@pytest.mark.parametrize(
    ("changed", "exit_code", "source", "status", "sentence"),
    [
        pytest.param(
            {"STRIPE_API_KEY": None},
            3,
            "stripe",
            "disabled",
            "stripe is left out: STRIPE_API_KEY is not set.",
            id="missing key",
        ),
        pytest.param(
            {"STRIPE_API_KEY": "sk_test_wrong"}, 4, "stripe", "failed", "Stripe", id="wrong key"
        ),
        pytest.param(
            {"YOUTUBE_API_KEY": "wrong"},
            4,
            "youtube_data",
            "failed",
            "YOUTUBE_API_KEY",
            id="wrong API key",
        ),
        pytest.param(
            {"OPENAI_API_BASE": "http://127.0.0.1:9/v1"},
            6,
            "openai",
            "failed",
            "127.0.0.1:9",
            id="server down",
        ),
        pytest.param(
            {"EXPENSES_DIR": "/nonexistent/expenses"},
            3,
            "expenses",
            "failed",
            "/nonexistent/expenses",
            id="missing folder",
        ),
    ],
)
def test_a_wrong_setting(
    place: tuple[WarehouseTarget, Path],
    changed: dict[str, str | None],
    exit_code: int,
    source: str,
    status: str,
    sentence: str,
) -> None:
    target, home = place
    platform = replace(target, database=f"{target.database}_platform")
    with serving(home, platform, AS_OF, *WORLD) as told:
        fared, complaints = _extract(target, home, told["environment"], changed, exit_code)
    assert fared[source] == status
    assert sentence in complaints
    assert "Traceback" not in complaints
    assert _others_landed(fared, source)


@pytest.mark.parametrize(
    ("failure", "exit_code", "source", "sentence"),
    [
        pytest.param("youtube_data=quota", 5, "youtube_data", "quota", id="quota exceeded"),
        pytest.param("stripe=503", 6, "stripe", "503", id="server errors"),
        pytest.param("openai=malformed", 7, "openai", "ops.quarantine", id="a malformed row"),
        pytest.param(
            "youtube_data=malformed", 7, "youtube_data", "ops.quarantine", id="a malformed item"
        ),
    ],
)
def test_a_source_that_fails(
    place: tuple[WarehouseTarget, Path], failure: str, exit_code: int, source: str, sentence: str
) -> None:
    target, home = place
    platform = replace(target, database=f"{target.database}_platform")
    with serving(home, platform, AS_OF, *WORLD, "--fail", failure) as told:
        fared, complaints = _extract(target, home, told["environment"], {}, exit_code)
    assert sentence in complaints
    assert "Traceback" not in complaints
    malformed = exit_code == 7
    assert _others_landed(fared, *(() if malformed else (source,)))
    with connect(target) as connection:
        bad = connection.execute("select source, reason, payload from ops.quarantine").fetchall()
    assert bool(bad) == malformed
    assert all(row[0] == source and row[1] and row[2] for row in bad)


@pytest.fixture
def deaf_port() -> Iterator[int]:
    """Give a port that takes connections and never answers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_database_that_does_not_answer(
    warehouse: WarehouseTarget, tmp_path: Path, deaf_port: int
) -> None:
    started = time.monotonic()
    made = Ytempire(replace(warehouse, port=deaf_port, connect_timeout=2), tmp_path, {})(
        "build", exit_code=8
    )
    assert time.monotonic() - started < 60
    assert f"127.0.0.1:{deaf_port}" in made.stderr
    assert "Traceback" not in made.stderr


def _embedded(home: Path, settings: Mapping[str, str]) -> Ytempire:
    """Return the command with an embedded server of its own."""
    nowhere = WarehouseTarget("", 0, "", "", "")
    return Ytempire(nowhere, home, {"PGHOST": "", "PGPORT": "", "PGUSER": "", **settings})


def test_a_port_in_use(tmp_path: Path, deaf_port: int) -> None:
    command = _embedded(tmp_path, {"YTEMPIRE_PORT": str(deaf_port), "PGDATABASE": ""})
    made = command("up", exit_code=9)
    assert str(deaf_port) in made.stderr
    assert "Traceback" not in made.stderr


def test_a_data_directory_that_cannot_be_written(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("not a folder")
    home = in_the_way / "home"
    command = _embedded(tmp_path, {"YTEMPIRE_HOME": str(home), "PGDATABASE": ""})
    made = command("up", exit_code=10)
    assert str(in_the_way) in made.stderr
    assert "Traceback" not in made.stderr


def test_a_model_that_cannot_be_built(migrated_warehouse: WarehouseTarget, tmp_path: Path) -> None:
    with connect(migrated_warehouse) as connection:
        connection.execute("drop table raw_billing.invoices")
    made = Ytempire(migrated_warehouse, tmp_path, {})("build", exit_code=11)
    # The models' unit tests come first, and miss what they read.
    assert '"raw_billing"."invoices" because the relation doesn\'t exist' in made.stderr
    assert "Traceback" not in made.stderr


def test_nothing_is_set_up(migrated_warehouse: WarehouseTarget, tmp_path: Path) -> None:
    made = Ytempire(migrated_warehouse, tmp_path, {})("run", exit_code=3)
    assert ".env.example" in made.stderr


def test_a_setting_that_makes_no_sense(migrated_warehouse: WarehouseTarget, tmp_path: Path) -> None:
    made = Ytempire(migrated_warehouse, tmp_path, {"PGPORT": "five"})("status", exit_code=3)
    assert "PGPORT" in made.stderr
