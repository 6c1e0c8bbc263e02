"""Every model and column is documented, every mart tested, measured on the built demo."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from commands import PROJECT, BuiltWarehouse, Ytempire

from runner.coverage import prepare, program, undocumented, untested_marts

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def artifacts(
    build_demo: Callable[[int], BuiltWarehouse], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    built = build_demo(7)
    home = tmp_path_factory.mktemp("coverage")
    shutil.copytree(built.truth_dir.parents[1] / "target", home / "target")
    command = [program("dbt"), "docs", "generate", "--quiet", "--no-compile"]
    environment = Ytempire(built.target, home, {}).environment()
    subprocess.run(command, cwd=PROJECT, env=environment, check=True)
    return home / "target"


def test_every_column_is_documented_and_every_mart_tested(artifacts: Path) -> None:
    folder, manifest = prepare(artifacts)
    assert undocumented(folder) is None
    assert untested_marts(manifest) == []


def test_a_column_without_description_is_found(artifacts: Path) -> None:
    manifest = json.loads((artifacts / "manifest.json").read_text())
    manifest["nodes"]["model.ytempire.mrr_monthly"]["columns"]["arpa"]["description"] = ""
    folder, _ = prepare(artifacts)
    (folder / "manifest.json").write_text(json.dumps(manifest))
    assert "mrr_monthly" in str(undocumented(folder))


def test_a_mart_without_test_is_found() -> None:
    node = {"resource_type": "model", "path": "marts/core/a.sql"}
    manifest: Mapping[str, Any] = {
        "nodes": {"model.a": {**node, "name": "a"}, "model.b": {**node, "name": "b"}},
        "child_map": {"model.a": ["model.c"], "model.b": ["test.d"]},
    }
    assert untested_marts(manifest) == ["a"]
