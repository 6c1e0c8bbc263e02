"""The preview draws a dashboard in every state, and says what is wrong when it cannot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tenanted import Tenanted

from grafana import preview
from warehouse.connection import WarehouseTarget

EXECUTIVE = ["--dashboard", "executive"]
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.mark.parametrize("state", ["filled", "empty", "one row"])
def test_a_dashboard_is_drawn(
    stub_warehouses: Callable[[str], WarehouseTarget], tmp_path: Path, state: str
) -> None:
    dsn = stub_warehouses(state).conninfo()
    assert preview.main([*EXECUTIVE, "--output", str(tmp_path), "--dsn", dsn]) == 0
    assert (tmp_path / "executive.png").read_bytes().startswith(PNG)


def test_the_same_rows_give_the_same_picture(
    stub_warehouses: Callable[[str], WarehouseTarget], tmp_path: Path
) -> None:
    dsn = stub_warehouses("filled").conninfo()
    for name in ("one", "two"):
        assert preview.main([*EXECUTIVE, "--output", str(tmp_path / name), "--dsn", dsn]) == 0
    one, two = ((tmp_path / name / "executive.png").read_bytes() for name in ("one", "two"))
    assert one == two


def test_the_variables_lead_to_the_database(
    stub_warehouses: Callable[[str], WarehouseTarget],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in stub_warehouses("filled").environment().items():
        monkeypatch.setenv(name, value)
    assert preview.main([*EXECUTIVE, "--output", str(tmp_path), "--as-of", "2026-11-01"]) == 0


def test_a_users_dashboard_is_drawn_as_that_user(tenanted: Tenanted, tmp_path: Path) -> None:
    tenant = tenanted.tenants[0]
    word = tenanted.secrets.get(tenant.user_id) or ""
    targets = {
        "owner": tenanted.target,
        "tenant": replace(tenanted.target, user=tenant.role, password=word),
    }
    for name, target in targets.items():
        arguments = ["--output", str(tmp_path / name), "--dsn", target.conninfo()]
        assert preview.main([*arguments, "--dashboard", "user_costs"]) == 0
        assert (tmp_path / name / "user_costs.png").read_bytes().startswith(PNG)


def test_without_a_database_it_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("PGHOST", raising=False)
    monkeypatch.setenv("YTEMPIRE_HOME", str(tmp_path / "nothing"))
    assert preview.main(["--output", str(tmp_path)]) == 3
    assert "ytempire up" in capsys.readouterr().err


def test_without_marts_it_says_what_to_do(
    warehouse: WarehouseTarget, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert preview.main(["--output", str(tmp_path), "--dsn", warehouse.conninfo()]) == 8
    assert "ytempire build" in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_is_named(
    stub_warehouses: Callable[[str], WarehouseTarget],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "file").touch()
    dsn = stub_warehouses("empty").conninfo()
    assert preview.main(["--output", str(tmp_path / "file"), "--dsn", dsn]) == 10
    assert "cannot be written" in capsys.readouterr().err
