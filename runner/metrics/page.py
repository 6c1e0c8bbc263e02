"""Write docs/metrics.md from docs blocks, the marts' columns with them, and the semantic layer.

Run `python -m runner.metrics.page`, or `make docs-metrics`; with --check nothing is written, and
the exit code is 1 where the page is not what the definitions give.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from runner.settings import PROJECT_DIR

PAGE = "docs/metrics.md"
_BLOCK = re.compile(r"{%-?\s*docs\s+(\w+)\s*-?%}(.*?){%-?\s*enddocs\s*-?%}", re.DOTALL)
_REFERENCE = re.compile(r"""{{\s*doc\(\s*['"](\w+)['"]\s*\)\s*}}""")
_NOT_METRICS = {"columns"}  # identifiers and the like
_HEAD = """# Metrics

What each figure means: formula, what is in and out, edge cases; the columns of the marts that carry
it, and the name by which `ytempire metrics query` knows it. This page is written from
`models/docs`, `models/marts` and `models/semantic` by `make docs-metrics`; change it there.
"""
_LAYER = """## The semantic layer

Every metric of `ytempire metrics`, by area. Ratios are divided at the grain that is asked; "at the
end" and "at the beginning" say which month of a longer period counts.
"""


def page(project: Path = PROJECT_DIR) -> str:
    """Return the text of the page."""
    blocks = {file.stem: _blocks(file) for file in sorted((project / "models/docs").glob("*.md"))}
    texts = {name: text for found in blocks.values() for name, text in found.items()}
    columns = _columns_of_marts(project)
    metrics = {area: list(_metrics(file, texts)) for area, file in _semantic_files(project)}
    asked: dict[str, list[str]] = defaultdict(list)
    for metric in (metric for found in metrics.values() for metric in found):
        if metric["block"]:
            asked[metric["block"]].append(metric["name"])
    parts = [_HEAD]
    for area, found in blocks.items():
        shown = [name for name in found if name in columns or name in asked]
        if not shown or area in _NOT_METRICS:
            continue
        parts.append(f"## {area.capitalize()}\n")
        parts += [_definition(name, texts[name], columns[name], asked[name]) for name in shown]
    parts.append(_LAYER)
    parts += [_table(area, found) for area, found in metrics.items()]
    return "\n".join(parts)


def _blocks(file: Path) -> dict[str, str]:
    found = _BLOCK.findall(file.read_text(encoding="utf-8"))
    return {name: text.strip() for name, text in found}


def _semantic_files(project: Path) -> list[tuple[str, Path]]:
    files = sorted((project / "models/semantic").glob("*.yml"))
    return [(file.stem.lstrip("_"), file) for file in files]


def _load(file: Path) -> Mapping[str, Any]:
    # The C library's loader, ten times as fast as Python's.
    loaded: Mapping[str, Any] = yaml.load(file.read_text(encoding="utf-8"), yaml.CSafeLoader)
    return loaded


def _columns_of_marts(project: Path) -> dict[str, list[str]]:
    """Return the marts' columns by the block that describes them."""
    found: dict[str, list[str]] = defaultdict(list)
    for file in sorted((project / "models/marts").rglob("*.yml")):
        for model in _load(file).get("models") or ():
            for column in model.get("columns") or ():
                for name in _REFERENCE.findall(column.get("description") or ""):
                    found[name].append(f"{model['name']}.{column['name']}")
    return found


def _metrics(file: Path, texts: Mapping[str, str]) -> Iterator[dict[str, str]]:
    loaded = _load(file)
    for model in loaded.get("semantic_models") or ():
        mart = "".join(re.findall(r"ref\('(\w+)'\)", model["model"]))
        for measure in model.get("measures") or ():
            formula = f"{measure['agg']}({measure.get('expr', measure['name'])})"
            ends = {"max": " at the end", "min": " at the beginning"}
            snapshot = (measure.get("non_additive_dimension") or {}).get("window_choice", "")
            yield _metric(measure, f"{formula}{ends.get(snapshot, '')} of `{mart}`", texts)
    for metric in loaded.get("metrics") or ():
        yield _metric(metric, _formula(metric), texts)


def _formula(metric: Mapping[str, Any]) -> str:
    if metric["type"] == "ratio":
        return f"{metric['numerator']} / {metric['denominator']}"
    if metric["type"] == "cumulative":
        over = f"over {metric['window']}" if "window" in metric else "to date"
        if "grain_to_date" in metric:
            over = f"since the {metric['grain_to_date']} began"
        return f"{metric['input_metric']} {over}"
    shifted = [
        f"; {item['alias']}: {item['name']} {item['offset_window']} before"
        for item in metric["input_metrics"]
        if isinstance(item, dict)
    ]
    return f"{metric['expr']}{''.join(shifted)}"


def _metric(declared: Mapping[str, Any], formula: str, texts: Mapping[str, str]) -> dict[str, str]:
    description = str(declared["description"]).strip()
    reference = _REFERENCE.fullmatch(description)
    block = reference[1] if reference else ""
    if block:
        said = f"see [{block}](#{block})" if block in texts else ""
    else:
        said = " ".join(description.split())
    names = {"name": str(declared["name"]), "label": str(declared["label"])}
    return {**names, "formula": formula, "said": said, "block": block}


def _definition(name: str, text: str, columns: list[str], asked: list[str]) -> str:
    lines = [f"### {name}\n", text, ""]
    if columns:
        lines.append(f"In {', '.join(f'`{column}`' for column in sorted(columns))}.")
    if asked:
        lines.append(f"Asked as {', '.join(f'`{metric}`' for metric in asked)}.")
    return "\n".join([*lines, ""])


def _table(area: str, metrics: list[dict[str, str]]) -> str:
    lines = [f"### {area.capitalize()}, as metrics\n"]
    lines += ["| metric | what | formula | definition |", "|---|---|---|---|"]
    for metric in metrics:
        cells = [f"`{metric['name']}`", metric["label"], metric["formula"], metric["said"]]
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join([*lines, ""])


def main(arguments: list[str]) -> int:
    """Write the page, or compare it; return the exit code."""
    file = PROJECT_DIR / PAGE
    text = page()
    if "--check" in arguments:
        if file.exists() and file.read_text(encoding="utf-8") == text:
            return 0
        print(f"{PAGE} is not what the definitions give: run `make docs-metrics`.", file=sys.stderr)
        return 1
    file.write_text(text, encoding="utf-8")
    print(PAGE)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
