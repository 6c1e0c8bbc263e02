"""The semantic layer of the built demo."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from commands import BuiltWarehouse

from runner.metrics.asking import Semantics


@pytest.fixture(scope="session")
def semantics(build_demo: Callable[[int], BuiltWarehouse]) -> Semantics:
    """Return the semantic layer as the demo's build wrote it."""
    home = build_demo(7).truth_dir.parents[1]
    return Semantics(json.loads((home / "target" / "semantic_manifest.json").read_text()))
