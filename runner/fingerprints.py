"""What each node of the dbt project is made of, as one hash: two that are equal need no new build.

A fingerprint covers the node's own code (SQL, configuration, columns, the macros it calls), the
as-of instant where that code asks for it, and the fingerprints of all its inputs, down to the
versions of the raw tables. So new data, a changed model or macro, or another instant reach exactly
what depends on them. Data tests are nodes like any other; unit tests see code alone.

Everything here is computed from dbt's manifest and reads nothing else.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

_AS_OF = "macro.ytempire.as_of"
_PROJECT = "macro.ytempire."
_BUILT = ("model", "seed", "snapshot")


@dataclass(frozen=True, slots=True)
class Node:
    """A node that dbt builds or tests; `relation` is its schema and name, None for a test."""

    node_id: str
    name: str
    kind: str  # model | seed | snapshot | test | unit_test
    parents: tuple[str, ...]
    fingerprint: str
    relation: tuple[str, str] | None
    is_view: bool
    tags: frozenset[str]

    @property
    def selector(self) -> str:
        """Return what selects this node alone on dbt's command line."""
        return f"unit_test:{self.name}" if self.kind == "unit_test" else self.name


def fingerprinted(
    manifest: Any, versions: Mapping[str, str], as_of: datetime, world: str
) -> dict[str, Node]:
    """Return all nodes by id, parents before children.

    `versions` has a version for each raw table (schema.table), which changes with its rows; one
    without a version counts as changed. `world` is what all nodes depend on beside the manifest.
    """
    return _Fingerprints(manifest, versions, as_of, world).nodes()


class _Fingerprints:
    def __init__(
        self, manifest: Any, versions: Mapping[str, str], as_of: datetime, world: str
    ) -> None:
        self._manifest, self._as_of = manifest, as_of.isoformat()
        self._macros: dict[str, frozenset[str]] = {}
        called = {
            macro
            for node in [*manifest.nodes.values(), *manifest.macros.values()]
            for macro in node.depends_on.macros
        }
        # What nobody calls by name overrides dbt's own (schema names): it concerns everything.
        everywhere = sorted(
            macro.macro_sql
            for name, macro in manifest.macros.items()
            if name.startswith(_PROJECT) and name not in called
        )
        self._world = _hash([world, everywhere])
        self._known = {
            source_id: versions.get(f"{source.schema}.{source.identifier}")
            # Never equal to anything: a table that no version is known of counts as changed.
            or str(uuid4())
            for source_id, source in manifest.sources.items()
        }
        self._code: dict[str, str] = {}

    def nodes(self) -> dict[str, Node]:
        found: dict[str, Node] = {}
        for node in self._parents_first():
            code = self._code[node.unique_id] = self._code_of(node)
            # A snapshot records what it is given; the instant alone gives it nothing new.
            asks = node.resource_type.value != "snapshot" and _AS_OF in self._called(node)
            inputs = [self._known[parent] for parent in self._inputs(node)]
            made = _hash([code, self._as_of if asks else None, inputs])
            self._known[node.unique_id] = made
            found[node.unique_id] = self._node(node, made)
        for node in self._manifest.unit_tests.values():
            found[node.unique_id] = self._unit_test(node)
        return found

    def _parents_first(self) -> list[Any]:
        waiting = {
            name: node
            for name, node in self._manifest.nodes.items()
            if node.resource_type.value in (*_BUILT, "test")
        }
        ordered: list[Any] = []
        seen: set[str] = set()

        def visit(name: str) -> None:
            if name in seen or name not in waiting:
                return
            seen.add(name)
            for parent in self._inputs(waiting[name]):
                visit(parent)
            ordered.append(waiting[name])

        for name in sorted(waiting):
            visit(name)
        return ordered

    def _inputs(self, node: Any) -> list[str]:
        # A seed is built on nothing.
        named = set(getattr(node.depends_on, "nodes", ()))
        return sorted(
            name for name in named if name in self._manifest.nodes or name in self._manifest.sources
        )

    def _called(self, node: Any) -> frozenset[str]:
        """Return all macros of this project and others that a node calls, directly or not."""
        return frozenset().union(*(self._closure(name) for name in node.depends_on.macros))

    def _closure(self, name: str) -> frozenset[str]:
        if name not in self._macros:
            self._macros[name] = frozenset({name})  # a macro may call itself
            macro = self._manifest.macros.get(name)
            inner = macro.depends_on.macros if macro is not None else ()
            self._macros[name] = frozenset({name}).union(*(self._closure(item) for item in inner))
        return self._macros[name]

    def _code_of(self, node: Any) -> str:
        macros = [
            self._manifest.macros[name].macro_sql
            for name in sorted(self._called(node))
            if name.startswith(_PROJECT)
        ]
        columns = {name: column.to_dict() for name, column in getattr(node, "columns", {}).items()}
        for column in columns.values():
            column.pop("doc_blocks", None)
        return _hash(
            [
                self._world,
                node.raw_code,
                node.checksum.checksum,
                node.config.to_dict(),
                node.description,
                columns,
                [item.to_dict() for item in getattr(node, "constraints", ())],
                [node.schema, node.alias],
                getattr(getattr(node, "test_metadata", None), "kwargs", None),
                macros,
            ]
        )

    def _node(self, node: Any, fingerprint: str) -> Node:
        kind = node.resource_type.value
        return Node(
            node_id=node.unique_id,
            name=node.name,
            kind=kind,
            parents=tuple(self._inputs(node)),
            fingerprint=fingerprint,
            relation=(node.schema, node.alias) if kind in _BUILT else None,
            is_view=node.config.materialized == "view",
            tags=frozenset(node.tags),
        )

    def _unit_test(self, node: Any) -> Node:
        model = next(name for name in node.depends_on.nodes if name.startswith("model."))
        tested = [name for name in node.depends_on.nodes if name in self._code]
        # The rows given take their types from the inputs' columns, hence their code.
        around = {
            name
            for item in tested
            for name in (item, *self._inputs(self._manifest.nodes[item]))
            if name in self._code
        }
        said = {
            "given": [item.to_dict() for item in node.given],
            "expect": node.expect.to_dict(),
            "overrides": node.overrides.to_dict() if node.overrides else None,
            "config": node.config.to_dict(),
        }
        return Node(
            node_id=node.unique_id,
            name=node.name,
            kind="unit_test",
            parents=(model,),
            fingerprint=_hash([said, [self._code[name] for name in sorted(around)]]),
            relation=None,
            is_view=False,
            tags=frozenset(),
        )


def downstream(nodes: Mapping[str, Node], of: Iterable[str]) -> set[str]:
    """Return nodes and sources with everything that is built on them, unit tests left out."""
    found = set(of)
    for name, node in nodes.items():  # parents come before children
        if node.kind != "unit_test" and not found.isdisjoint(node.parents):
            found.add(name)
    return found


def upstream(nodes: Mapping[str, Node], of: Iterable[str]) -> set[str]:
    """Return nodes with everything that they are built on."""
    found = set(of)
    for name in reversed(list(nodes)):
        if name in found:
            found.update(parent for parent in nodes[name].parents if parent in nodes)
    return found


def _hash(parts: object) -> str:
    text = json.dumps(parts, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
