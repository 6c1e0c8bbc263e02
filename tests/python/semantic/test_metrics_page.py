"""docs/metrics.md is what the definitions give."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from runner.metrics.page import PAGE, page
from runner.settings import PROJECT_DIR


@pytest.fixture(scope="module")
def text() -> str:
    return page()


def test_the_page_is_what_the_definitions_give(text: str) -> None:
    written = (PROJECT_DIR / PAGE).read_text(encoding="utf-8")
    assert written == text, "Run `make docs-metrics`."


def test_a_changed_definition_changes_the_page(text: str, tmp_path: Path) -> None:
    shutil.copytree(PROJECT_DIR / "models", tmp_path / "models")
    block = tmp_path / "models/docs/finance.md"
    block.write_text(
        block.read_text().replace("Quick", "").replace("won for each", "lost for each")
    )
    assert page(tmp_path) != text


def test_a_definition_names_its_columns_and_metrics(text: str) -> None:
    start = text.index("### arpa\n")
    section = text[start : text.index("### ", start + 4)]
    assert "MRR / paying users" in section
    assert "In `mrr_monthly.arpa`." in section
    assert "Asked as `arpa`." in section
    assert "| `arpa` | ARPA | total_mrr / paying_users | see [arpa](#arpa) |" in text
