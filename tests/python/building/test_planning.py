"""Which nodes a build builds, and which it may note as up to date, on a project of a few nodes."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from runner.fingerprints import Node
from runner.planning import choose, in_tier, up_to_date


def _node(
    name: str, *parents: str, kind: str = "model", view: bool = False, tags: tuple[str, ...] = ()
) -> Node:
    relation = None if kind.endswith("test") else ("marts", name)
    return Node(name, name, kind, parents, f"{name}, now", relation, view, frozenset(tags))


# raw -> staged (view) -> facts -> shown, with a view on facts beside, and bills from another source
NODES: Mapping[str, Node] = {
    node.node_id: node
    for node in (
        _node("seed", kind="seed"),
        _node("staged", "raw", view=True),
        _node("facts", "staged", "seed", tags=("hot",)),
        _node("beside", "facts", view=True),
        _node("bills", "raw_bills"),
        _node("shown", "beside", "bills", tags=("hourly",)),
        _node("facts_add_up", "facts", kind="test"),
        _node("shown_add_up", "shown", kind="test"),
        _node("facts_by_hand", "facts", kind="unit_test"),
    )
}
BUILT = {name: node.fingerprint for name, node in NODES.items()}
ALL = frozenset(NODES)


def _but(**older: str) -> dict[str, str]:
    return {**BUILT, **older}


def test_nothing_is_built_where_nothing_changed() -> None:
    assert choose(NODES, BUILT, ALL) == set()


def test_everything_is_built_at_first() -> None:
    assert choose(NODES, {}, set()) == ALL
    assert choose(NODES, {}, set(), unit_tests=False) == ALL - {"facts_by_hand"}


def test_what_has_no_note_is_built_and_the_views_that_go_with_it() -> None:
    """`facts` failed, or was built by hand: its rows are the same, but its views are dropped."""
    unknown = {name: made for name, made in BUILT.items() if name != "facts"}
    assert choose(NODES, unknown, ALL) == {"facts", "beside"}
    # A view that is not there cannot be dropped with what it reads.
    assert choose(NODES, unknown, ALL - {"beside"}) == {"facts"}


def test_a_test_that_failed_or_changed_runs_again_alone() -> None:
    assert choose(NODES, _but(facts_add_up="older"), ALL) == {"facts_add_up"}
    assert choose(NODES, _but(facts_by_hand="older"), ALL) == {"facts_by_hand"}


def test_what_depends_on_a_refused_stream_is_left_out() -> None:
    chosen = choose(NODES, {}, set(), without=["raw_bills"])
    assert chosen == ALL - {"bills", "shown", "shown_add_up"}
    assert "facts_by_hand" not in choose(NODES, {}, set(), without=["raw"])


@pytest.mark.parametrize(
    ("tier", "left_out"),
    [
        ("hot", {"beside", "bills", "shown", "shown_add_up"}),
        ("hourly", set()),
        ("daily", set()),
    ],
)
def test_a_tier_has_its_models_with_all_they_are_built_on(tier: str, left_out: set[str]) -> None:
    assert in_tier(NODES, tier) == ALL - left_out


def test_a_tier_makes_views_anew_that_it_drops() -> None:
    chosen = choose(NODES, _but(staged="older", facts="older"), ALL, tier="hot")
    assert chosen == {"staged", "facts", "beside"}


def test_what_went_well_is_up_to_date() -> None:
    assert set(up_to_date(NODES, {}, ALL)) == ALL


def test_what_was_built_on_something_older_is_not_up_to_date() -> None:
    # `staged` failed: what was built on its last good state is not what its fingerprint says.
    noted = set(up_to_date(NODES, _but(staged="older", facts="older"), {"facts", "facts_add_up"}))
    assert noted == set()
    # The tests of unit need no data.
    assert up_to_date(NODES, {}, {"facts_by_hand"}) == ["facts_by_hand"]
