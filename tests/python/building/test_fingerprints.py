"""What changes a node's fingerprint, on the manifest of the project itself."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from dbt.cli.main import dbtRunner

from ingest import streams
from ingest.sources import SOURCE_TIERS
from runner.built import _BOOKS, _streams
from runner.fingerprints import Node, downstream, fingerprinted
from runner.planning import in_tier
from runner.settings import PROJECT_DIR

AS_OF = datetime(2026, 10, 20, 15, 30, tzinfo=UTC)
_PREFIX = "model.ytempire."


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Any:
    place: Path = tmp_path_factory.mktemp("dbt")
    arguments = ["--quiet", "--log-path", str(place), "parse", "--target-path", str(place)]
    places = ["--project-dir", str(PROJECT_DIR), "--profiles-dir", str(PROJECT_DIR)]
    parsed = dbtRunner().invoke([*arguments, *places])
    assert parsed.success, parsed.exception
    return parsed.result


@pytest.fixture(scope="module")
def versions(manifest: Any) -> dict[str, str]:
    return {f"{item.schema}.{item.identifier}": "1" for item in manifest.sources.values()}


@pytest.fixture(scope="module")
def nodes(manifest: Any, versions: dict[str, str]) -> dict[str, Node]:
    return fingerprinted(manifest, versions, AS_OF, "0001")


def _differ(before: dict[str, Node], after: dict[str, Node]) -> set[str]:
    assert before.keys() == after.keys()
    return {name for name in before if before[name].fingerprint != after[name].fingerprint}


def _without_unit_tests(names: set[str]) -> set[str]:
    return {name for name in names if not name.startswith("unit_test.")}


def test_every_source_has_a_version(manifest: Any) -> None:
    known = {*_BOOKS, *_streams().values()}
    told = {f"{item.schema}.{item.identifier}" for item in manifest.sources.values()}
    assert not told - known


def test_the_same_project_has_the_same_fingerprints(
    manifest: Any, versions: dict[str, str], nodes: dict[str, Node]
) -> None:
    assert _differ(nodes, fingerprinted(manifest, versions, AS_OF, "0001")) == set()
    migrated = fingerprinted(manifest, versions, AS_OF, "0002")
    assert _differ(nodes, migrated) == nodes.keys()


def test_new_rows_reach_what_is_built_on_them(
    manifest: Any, versions: dict[str, str], nodes: dict[str, Node]
) -> None:
    landed = {**versions, "raw_platform.api_logs": "2"}
    changed = _differ(nodes, fingerprinted(manifest, landed, AS_OF, "0001"))
    source = "source.ytempire.platform.api_logs"
    assert changed == downstream(nodes, [source]) - {source}
    assert f"{_PREFIX}api_endpoint_hours" in changed
    assert f"{_PREFIX}mrr_monthly" not in changed


def test_a_table_without_a_version_counts_as_changed(
    manifest: Any, versions: dict[str, str], nodes: dict[str, Node]
) -> None:
    known = {table: one for table, one in versions.items() if table != "ops.batches"}
    first, second = (fingerprinted(manifest, known, AS_OF, "0001") for _ in range(2))
    assert f"{_PREFIX}stg_ops__batches" in _differ(first, second)


def test_another_instant_reaches_what_asks_for_it(
    manifest: Any, versions: dict[str, str], nodes: dict[str, Node]
) -> None:
    later = fingerprinted(manifest, versions, AS_OF + timedelta(minutes=1), "0001")
    changed = _differ(nodes, later)
    asking = {
        name
        for name, node in manifest.nodes.items()
        if re.search(r"\bas_of(_date)?\(", getattr(node, "raw_code", "")) and name in nodes
    }
    assert _without_unit_tests(changed) == downstream(nodes, asking)
    assert f"{_PREFIX}dim_dates" in asking
    # Staging tells what was landed, whatever the instant; the code is the same.
    assert f"{_PREFIX}stg_stripe__invoices" not in changed
    assert not {name for name in changed if name.startswith("unit_test.")}


def _a_model(manifest: Any) -> None:
    manifest.nodes[f"{_PREFIX}channel_performance"].raw_code += " "


def _a_description(manifest: Any) -> None:
    column = manifest.nodes[f"{_PREFIX}channel_performance"].columns["user_id"]
    column.description += "!"


def _a_seed(manifest: Any) -> None:
    manifest.nodes["seed.ytempire.channel_tier_thresholds"].checksum.checksum = "another"


def _a_macro_of_a_macro(manifest: Any) -> None:
    manifest.macros["macro.ytempire.utc_date"].macro_sql += " "


def _a_macro_that_nobody_calls(manifest: Any) -> None:
    manifest.macros["macro.ytempire.generate_schema_name"].macro_sql += " "


@pytest.mark.parametrize(
    ("change", "changed_ones", "others"),
    [
        (_a_model, {"channel_performance"}, {"fct_channel_days"}),
        (_a_description, {"channel_performance"}, {"fct_channel_days"}),
        (_a_seed, {"channel_performance"}, {"fct_channel_days"}),
        # as_of_date() calls utc_date()
        (_a_macro_of_a_macro, {"fct_reported_figures"}, {"stg_stripe__invoices"}),
        (_a_macro_that_nobody_calls, {"stg_stripe__invoices", "mrr_monthly"}, set()),
    ],
)
def test_changed_code_reaches_what_uses_it(
    manifest: Any,
    versions: dict[str, str],
    nodes: dict[str, Node],
    change: Callable[[Any], None],
    changed_ones: set[str],
    others: set[str],
) -> None:
    altered = copy.deepcopy(manifest)
    change(altered)
    changed = _differ(nodes, fingerprinted(altered, versions, AS_OF, "0001"))
    assert {_PREFIX + name for name in changed_ones} <= changed
    assert not {_PREFIX + name for name in others} & changed


def test_a_unit_test_runs_again_when_its_model_changed(
    manifest: Any, versions: dict[str, str], nodes: dict[str, Node]
) -> None:
    altered = copy.deepcopy(manifest)
    altered.nodes[f"{_PREFIX}mrr_monthly"].raw_code += " "
    changed = _differ(nodes, fingerprinted(altered, versions, AS_OF, "0001"))
    tests = {name for name in changed if name.startswith("unit_test.")}
    assert tests
    assert {nodes[name].parents[0] for name in tests} >= {f"{_PREFIX}mrr_monthly"}
    assert not {name for name in tests if ".fct_video_days." in name}


@pytest.mark.parametrize("tier", ["hot", "hourly", "daily"])
def test_a_tier_is_what_dbt_selects(
    manifest: Any, nodes: dict[str, Node], tier: str, tmp_path: Path
) -> None:
    arguments = ["--quiet", "--log-path", str(tmp_path), "ls", "--selector", tier]
    arguments += ["--output", "json", "--output-keys", "unique_id", "--resource-type"]
    arguments += ["model", "--resource-type", "seed", "--resource-type", "snapshot"]
    places = ["--project-dir", str(PROJECT_DIR), "--profiles-dir", str(PROJECT_DIR)]
    listed = dbtRunner(manifest=copy.deepcopy(manifest)).invoke(
        [*arguments, "--target-path", str(tmp_path), *places]
    )
    selected = {json.loads(line)["unique_id"] for line in listed.result}
    assert selected == {name for name in in_tier(nodes, tier) if nodes[name].relation}


def test_what_is_hot_is_built_on_nothing_that_tells_days(nodes: dict[str, Node]) -> None:
    hot = {nodes[name].name for name in in_tier(nodes, "hot")}
    assert {"queue_hours", "api_endpoint_hours", "dim_videos"} <= hot
    assert not {name for name in hot if name.startswith("stg_youtube__video_day")}


def test_a_stream_has_the_tier_of_its_source(manifest: Any) -> None:
    tagged = {f"{one.schema}.{one.identifier}": set(one.tags) for one in manifest.sources.values()}
    named = [item for item in vars(streams).values() if isinstance(item, streams.Stream)]
    for stream in [*named, *map(streams.platform_stream, streams.PLATFORM_TABLES)]:
        expected = SOURCE_TIERS.get(stream.source, "daily")
        assert tagged.get(stream.table, {expected}) == {expected}, stream.table
