"""The metrics and dimensions that can be asked, as dbt's semantic manifest declares them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

GRAINS = ("day", "week", "month", "quarter", "year")
ENTITY_WORDS = {"user": "platform_user", "user_id": "platform_user"}
"""Words for entities beside their names; `<entity>_id` is understood of all of them."""
TIME = "metric_time"


class BadQuestion(ValueError):
    """A question that names what there is not, or asks for what cannot be told."""


@dataclass(frozen=True, slots=True)
class Dimension:
    """What metrics can be cut by; `path` is MetricFlow's name, `channel__niche`."""

    name: str
    path: str
    description: str
    grain: str | None = None
    is_entity: bool = False


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric: what it means, how it is computed and where its figures stand."""

    name: str
    label: str
    description: str
    kind: str
    formula: str
    marts: tuple[str, ...]
    grain: str
    needs_time: bool
    equals: tuple[str, ...] = ()

    @property
    def summary(self) -> str:
        """Return the first sentence of the description, without tables."""
        paragraph = self.description.strip().split("\n\n")[0]
        lines = [line for line in paragraph.splitlines() if not line.startswith("|")]
        text = " ".join(" ".join(lines).split()) or self.label
        return text.split(". ")[0].rstrip(".:") + "."


@dataclass(frozen=True)
class Catalogue:
    """The semantic manifest, read for people: short names and what belongs together."""

    manifest: Mapping[str, Any]
    _paths: dict[str, dict[str, Dimension]] = field(default_factory=dict)

    @cached_property
    def metrics(self) -> dict[str, Metric]:
        """Return the metrics by name, in order of the alphabet."""
        return {name: self._metric(name) for name in sorted(self._declared)}

    def check_metrics(self, names: Sequence[str]) -> None:
        """Raise `BadQuestion` with suggestions where a metric is not known."""
        if not names:
            raise BadQuestion("No metric is named. `ytempire metrics list` shows them.")
        for name in names:
            if name not in self._declared:
                raise BadQuestion(
                    f"There is no metric {name!r}.{suggest(name, self._declared)}"
                    " `ytempire metrics list` shows them all."
                )

    def grain(self, names: Iterable[str]) -> str:
        """Return the finest grain at which all of the metrics are known."""
        grains = {str(_grain_of(model)) for model in self._models_of(names)}
        return max(grains or {"day"}, key=GRAINS.index)

    def dimensions(self, names: Sequence[str]) -> dict[str, Dimension]:
        """Return what all of the metrics can be cut by, by short name; time first."""
        models = self._models_of(names)
        reachable = [self._reachable(model) for model in models]
        common = [
            dimension
            for path, dimension in reachable[0].items()
            if all(path in other for other in reachable[1:])
        ]
        finest = GRAINS.index(self.grain(names))
        found = {
            grain: Dimension(
                grain, f"{TIME}__{grain}", f"The metric's own time, by {grain}.", grain
            )
            for grain in GRAINS[finest:]
        }
        for dimension in sorted(common, key=lambda item: (item.path.count("__"), item.path)):
            found.setdefault(dimension.name, dimension)
        return found

    def resolve(self, word: str, names: Sequence[str]) -> Dimension:
        """Return the dimension that a word means for these metrics.

        A word is a grain of time, a dimension's short name or whole path, or an entity; a time
        dimension may end with a grain of its own (`signup_date__month`). Raises `BadQuestion`.
        """
        found = self.dimensions(names)
        by_path = {dimension.path: dimension for dimension in found.values()}
        plain = word.removeprefix(f"{TIME}__")
        entity = ENTITY_WORDS.get(word, word.removesuffix("_id"))
        for candidate in (found.get(plain), by_path.get(word), found.get(entity)):
            if candidate is not None:
                return candidate
        start, _, grain = word.rpartition("__")
        parent = found.get(start) or by_path.get(start)
        if parent is not None and parent.grain and grain in GRAINS:
            if GRAINS.index(grain) < GRAINS.index(parent.grain):
                raise BadQuestion(f"{start} is known by {parent.grain}, not by {grain}.")
            return Dimension(word, f"{parent.path}__{grain}", parent.description, grain)
        asked = ", ".join(names)
        if plain in GRAINS:
            raise BadQuestion(f"{asked}: known by {self.grain(names)}, not by {plain}.")
        raise BadQuestion(
            f"{asked}: cannot be told by {word!r}.{suggest(word, found)}"
            f" Choose of {', '.join(found)}."
        )

    @cached_property
    def _declared(self) -> dict[str, Mapping[str, Any]]:
        return {metric["name"]: metric for metric in self.manifest["metrics"]}

    @cached_property
    def _models(self) -> list[Mapping[str, Any]]:
        return list(self.manifest["semantic_models"])

    @cached_property
    def _measures(self) -> dict[str, tuple[Mapping[str, Any], Mapping[str, Any]]]:
        return {
            measure["name"]: (measure, model)
            for model in self._models
            for measure in model["measures"]
        }

    def _inputs(self, name: str) -> list[Mapping[str, Any]]:
        given = self._declared[name]["type_params"]
        cumulative = given.get("cumulative_type_params") or {}
        wanted = [given.get("numerator"), given.get("denominator"), cumulative.get("metric")]
        return [item for item in [*wanted, *(given.get("metrics") or ())] if item]

    def _models_of(self, names: Iterable[str]) -> list[Mapping[str, Any]]:
        found: dict[str, Mapping[str, Any]] = {}
        for name in names:
            if name in self._measures:
                model = self._measures[name][1]
                found[model["name"]] = model
            else:
                inputs = [item["name"] for item in self._inputs(name)]
                found |= {model["name"]: model for model in self._models_of(inputs)}
        return list(found.values())

    def _needs_time(self, name: str) -> bool:
        declared = self._declared[name]
        if declared["type"] == "cumulative":
            return True
        return any(
            item.get("offset_window")
            or item.get("offset_to_grain")
            or self._needs_time(item["name"])
            for item in self._inputs(name)
        )

    def _metric(self, name: str) -> Metric:
        declared = self._declared[name]
        measure = self._measures.get(name, ({}, {}))[0]
        metas = [(item.get("config") or {}).get("meta") or {} for item in (declared, measure)]
        return Metric(
            name=name,
            label=declared.get("label") or name,
            description=declared.get("description") or "",
            kind=declared["type"],
            formula=self._formula(declared),
            marts=tuple(model["node_relation"]["alias"] for model in self._models_of([name])),
            grain=self.grain([name]),
            needs_time=self._needs_time(name),
            equals=tuple(column for meta in metas for column in meta.get("equals", ())),
        )

    def _formula(self, declared: Mapping[str, Any]) -> str:
        given = declared["type_params"]
        if declared["type"] == "ratio":
            return f"{given['numerator']['name']} / {given['denominator']['name']}"
        if declared["type"] == "cumulative":
            return _cumulative_formula(given["cumulative_type_params"])
        if declared["type"] == "derived":
            shifted = [
                f"; {item.get('alias') or item['name']}: {item['name']}"
                f" {_window(item['offset_window'])} before"
                for item in given["metrics"]
                if item.get("offset_window")
            ]
            return f"{given['expr']}{''.join(shifted)}"
        measure, _ = self._measures[declared["name"]]
        ends = {"max": " at the period's end", "min": " at the period's beginning"}
        snapshot = str((measure.get("non_additive_dimension") or {}).get("window_choice"))
        return f"{measure['agg']}({measure.get('expr') or measure['name']}){ends.get(snapshot, '')}"

    def _reachable(self, model: Mapping[str, Any]) -> dict[str, Dimension]:
        if model["name"] not in self._paths:
            found = self._own(model, model.get("primary_entity"))
            for entity in model["entities"]:
                name = entity["name"]
                found[name] = Dimension(name, name, f"Each {name} by its id.", None, True)
                for other in self._models:
                    if any(_is_key(item, name) for item in other["entities"]):
                        found |= self._own(other, name)
            self._paths[model["name"]] = found
        return self._paths[model["name"]]

    def _own(self, model: Mapping[str, Any], entity: str | None) -> dict[str, Dimension]:
        keys = [item["name"] for item in model["entities"] if item["type"] == "primary"]
        prefix = entity or keys[0]
        found = {}
        for item in model["dimensions"]:
            path = f"{prefix}__{item['name']}"
            grain = (item.get("type_params") or {}).get("time_granularity")
            text = " ".join((item.get("description") or "").split())
            found[path] = Dimension(item["name"], path, text, grain)
        return found


def suggest(word: str, known: Iterable[str]) -> str:
    """Return ' Did you mean ...?' with the known words that are near, or nothing."""
    names = list(known)
    near = difflib.get_close_matches(word, names, n=3, cutoff=0.6)
    near += [name for name in names if word in name and name not in near][: 3 - len(near)]
    return f" Did you mean {', '.join(near)}?" if near else ""


def _is_key(entity: Mapping[str, Any], name: str) -> bool:
    return bool(entity["name"] == name and entity["type"] in ("primary", "unique"))


def _grain_of(model: Mapping[str, Any]) -> str:
    wanted = (model.get("defaults") or {}).get("agg_time_dimension")
    for item in model["dimensions"]:
        if item["name"] == wanted:
            return str(item["type_params"]["time_granularity"])
    return "day"


def _window(window: Mapping[str, Any]) -> str:
    return f"{window['count']} {str(window['granularity']).rstrip('s')}s"


def _cumulative_formula(given: Mapping[str, Any]) -> str:
    name = given["metric"]["name"]
    if given.get("window"):
        return f"{name} over {_window(given['window'])}"
    if given.get("grain_to_date"):
        return f"{name} since the {given['grain_to_date']} began"
    return f"{name} to date"
