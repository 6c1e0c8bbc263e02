"""The stubs have columns that the marts promise by contract, with the types they promise."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from stub_marts import DDL

MODELS = Path(__file__).parents[3] / "models" / "marts"


def _contract() -> dict[str, dict[str, str]]:
    """Read each mart's columns and their types from the dbt project."""
    contract = {}
    for path in MODELS.rglob("_*__models.yml"):
        for model in yaml.safe_load(path.read_text(encoding="utf-8")).get("models") or []:
            columns = model.get("columns") or []
            contract[model["name"]] = {c["name"]: str(c.get("data_type")) for c in columns}
    return contract


def _stubs() -> dict[str, dict[str, str]]:
    tables = {}
    for name, body in re.findall(r"create table marts\.(\w+) \((.*?)\n\);", DDL, re.DOTALL):
        columns = re.sub(r", primary key \(.*?\)", "", " ".join(body.split()))
        pairs = re.findall(r"(\w+) ([a-z]+(?:\(\d+, \d+\))?)(?: primary key)?(?:, |$)", columns)
        tables[name] = {column: kind.replace(" ", "") for column, kind in pairs}
    return tables


@pytest.mark.parametrize("name", _stubs())
def test_a_stub_is_part_of_its_mart(name: str) -> None:
    promised = _contract()[name]
    for column, kind in _stubs()[name].items():
        assert column in promised
        assert promised[column].replace(" ", "").split("(")[0] == kind.split("(")[0]
