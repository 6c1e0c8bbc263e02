"""The stubs have columns that the marts promise by contract, with the types they promise."""

from __future__ import annotations

import re

import pytest
from stub_marts import DDL, contract


def _stubs() -> dict[str, dict[str, str]]:
    tables = {}
    for name, body in re.findall(r"create table marts\.(\w+) \((.*?)\n\);", DDL, re.DOTALL):
        columns = re.sub(r", primary key \(.*?\)", "", " ".join(body.split()))
        pairs = re.findall(r"(\w+) ([a-z]+(?:\(\d+, \d+\))?)(?: primary key)?(?:, |$)", columns)
        tables[name] = {column: kind.replace(" ", "") for column, kind in pairs}
    return tables


@pytest.mark.parametrize("name", _stubs())
def test_a_stub_is_part_of_its_mart(name: str) -> None:
    promised = contract()[name]
    for column, kind in _stubs()[name].items():
        assert column in promised
        assert promised[column].replace(" ", "").split("(")[0] == kind.split("(")[0]
