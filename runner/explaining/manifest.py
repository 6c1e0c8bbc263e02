"""The models as dbt knows them: columns, keys, definitions and what they are built on."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from runner.settings import PROJECT_DIR
from warehouse.errors import BuildError

_log = logging.getLogger(__name__)
_PARSED_FROM = ("models", "macros", "seeds", "snapshots", "dbt_project.yml")


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its type (empty where no contract tells it), meaning, and its docs blocks."""

    name: str
    data_type: str
    description: str
    doc_blocks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Model:
    """A model, seed, snapshot or source of the project."""

    unique_id: str
    name: str
    kind: str  # model | seed | snapshot | source
    layer: str  # marts | intermediate | staging | "" for others
    schema: str
    table: str
    path: str
    code: str
    columns: Mapping[str, Column]
    key: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()

    @property
    def relation(self) -> str:
        """Return `schema.table`."""
        return f"{self.schema}.{self.table}"


@dataclass(frozen=True)
class Project:
    """All models by their unique id."""

    models: Mapping[str, Model] = field(default_factory=dict)

    def marts(self) -> Iterator[Model]:
        """Yield the marts."""
        return (model for model in self.models.values() if model.layer == "marts")

    def mart(self, name: str) -> Model | None:
        """Return the mart of a name."""
        return next((model for model in self.marts() if model.name == name), None)

    def parents(self, model: Model) -> Iterator[Model]:
        """Yield what a model is built on directly."""
        return (self.models[name] for name in model.parents if name in self.models)

    def ancestors(self, model: Model) -> dict[str, Model]:
        """Return all that a model is built on, nearest first."""
        found: dict[str, Model] = {}
        layer = [model]
        while layer:
            above = [parent for each in layer for parent in self.parents(each)]
            layer = []
            for parent in above:
                if parent.unique_id not in found:
                    found[parent.unique_id] = parent
                    layer.append(parent)
        return found


def load_project() -> Project:
    """Return the project from dbt's manifest; the project is parsed where it is not up to date.

    Raises `BuildError` where it cannot be parsed and never was; else what was parsed last holds.
    """
    target = Path(os.environ.get("DBT_TARGET_PATH") or PROJECT_DIR / "target")
    path = target / "manifest.json"
    if not path.exists() or path.stat().st_mtime < _last_change():
        try:
            _parse(target)
        except BuildError as error:
            if not path.exists():
                raise
            _log.warning("The models are told as they were parsed last: %s", error.what)
    return read_project(json.loads(path.read_text(encoding="utf-8")))


def read_project(manifest: Mapping[str, Any]) -> Project:
    """Return the project that a manifest tells of."""
    nodes = [*manifest["nodes"].values(), *manifest["sources"].values()]
    wanted = {"model", "seed", "snapshot", "source"}
    return Project({n["unique_id"]: _model(n) for n in nodes if n["resource_type"] in wanted})


def _model(node: Mapping[str, Any]) -> Model:
    keys = [c["columns"] for c in node.get("constraints", []) if c["type"] == "primary_key"]
    fqn = node["fqn"]
    is_model = node["resource_type"] == "model" and len(fqn) > 1
    return Model(
        unique_id=node["unique_id"],
        name=node["name"],
        kind=node["resource_type"],
        layer=fqn[1] if is_model else "",
        schema=node["schema"],
        table=node.get("alias") or node["identifier"],
        path=node["original_file_path"],
        code=node.get("raw_code") or "",
        columns={
            name: Column(
                name,
                column.get("data_type") or "",
                (column.get("description") or "").strip(),
                tuple(block.rpartition(".")[2] for block in column.get("doc_blocks") or ()),
            )
            for name, column in node["columns"].items()
        },
        key=tuple(keys[0]) if keys else (),
        parents=tuple((node.get("depends_on") or {}).get("nodes", ())),
    )


def _last_change() -> float:
    """Return when a file that dbt parses was last changed."""
    files = (
        file
        for name in _PARSED_FROM
        for file in (PROJECT_DIR / name, *(PROJECT_DIR / name).rglob("*"))
        if file.suffix in {".sql", ".yml", ".md"}
    )
    return max(file.stat().st_mtime for file in files)


def _parse(target: Path) -> None:
    from dbt.cli.main import dbtRunner  # imported late: it takes seconds

    arguments = ["--quiet", "--log-level", "none", "parse", "--target-path", str(target)]
    places = ["--project-dir", str(PROJECT_DIR), "--profiles-dir", str(PROJECT_DIR)]
    result = dbtRunner().invoke([*arguments, *places])
    if not result.success:
        raise BuildError(
            f"dbt could not read the models: {result.exception}.", hint="Try `dbt parse`."
        )
