"""Which nodes of the dbt project a build has to build and test, and which are up to date after it.

Pure functions of fingerprints (`runner.fingerprints`) and of what is noted as built.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set

from ingest.sources import TIERS
from runner.fingerprints import Node, downstream, upstream


def choose(
    nodes: Mapping[str, Node],
    built: Mapping[str, str],
    standing: Set[str],
    *,
    without: Iterable[str] = (),
    tier: str = "daily",
    unit_tests: bool = True,
) -> set[str]:
    """Return the ids of what is to be built and tested.

    `built` has the fingerprints of what is noted as built, `standing` what has a table or view,
    `without` ids of sources: what depends on them is left out.
    """
    left_out = downstream(nodes, without)
    chosen = {
        name
        for name in in_tier(nodes, tier) - left_out
        if built.get(name) != nodes[name].fingerprint
        and (unit_tests or nodes[name].kind != "unit_test")
        and left_out.isdisjoint(nodes[name].parents)
    }
    return chosen | _dropped_with(nodes, chosen, standing)


def in_tier(nodes: Mapping[str, Node], tier: str) -> set[str]:
    """Return what a tier builds: its models with all that they are built on, and their tests."""
    if tier == TIERS[-1]:
        return set(nodes)
    tags = frozenset(TIERS[: TIERS.index(tier) + 1])
    models = upstream(nodes, (name for name, node in nodes.items() if node.tags & tags))
    tests = {
        name
        for name, node in nodes.items()
        if node.kind in ("test", "unit_test") and models.issuperset(_built_parents(nodes, node))
    }
    return models | tests


def _dropped_with(nodes: Mapping[str, Node], chosen: Set[str], standing: Set[str]) -> set[str]:
    """Return the views that dbt drops with what is built anew: a view hangs on what it reads."""
    replaced = {name for name in chosen if nodes[name].relation is not None}
    dropped = set()
    for name, node in nodes.items():  # parents come before children
        hangs = node.is_view and name in standing and not replaced.isdisjoint(node.parents)
        if hangs and name not in chosen:
            dropped.add(name)
            replaced.add(name)
    return dropped


def up_to_date(nodes: Mapping[str, Node], built: Mapping[str, str], well: Set[str]) -> list[str]:
    """Return what can be noted as built, of what went `well`: its inputs are all up to date.

    What was built on something that failed, was left out or was not asked for cannot be.
    """
    current = {name for name, node in nodes.items() if built.get(name) == node.fingerprint}
    noted = []
    for name, node in nodes.items():  # parents come before children
        is_sound = node.kind == "unit_test" or current.issuperset(_built_parents(nodes, node))
        if name in well and is_sound:
            current.add(name)
            noted.append(name)
    return noted


def _built_parents(nodes: Mapping[str, Node], node: Node) -> list[str]:
    return [parent for parent in node.parents if parent in nodes]
