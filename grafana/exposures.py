"""dbt's exposures of the dashboards: which marts each of them reads, so that lineage ends there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import wrap

from grafana.lint import marts_of
from grafana.normalise import Json
from grafana.reader import queries
from grafana.selectors import annotation_queries, variable_queries

_HEAD = """\
# Written by `python -m grafana.generate` from the dashboards' queries; do not edit.
version: 2

exposures:
"""
_OWNER = """\
    owner:
      name: YTEMPIRE analytics
      email: analytics@ytempire.example
"""


def marts_read(dashboard: Json) -> list[str]:
    """Name the marts that a dashboard's panels, selectors and marks read, without their schema."""
    sources = [query.sql for query in queries(dashboard)]
    sources += [*variable_queries(dashboard).values(), *annotation_queries(dashboard).values()]
    return sorted({name.removeprefix("marts.") for sql in sources for name in marts_of(sql)})


def exposures(dashboards: Sequence[tuple[str, Json]]) -> str:
    """Give the YAML of the exposures of dashboards, each given with its file's name."""
    return _HEAD + "\n".join("".join(_exposure(*each)) for each in dashboards)


def _exposure(name: str, dashboard: Json) -> Iterator[str]:
    yield f"  - name: {name}_dashboard\n"
    yield f"    label: {dashboard['title'].removeprefix('YTEMPIRE ')}\n"
    yield "    type: dashboard\n    maturity: medium\n    description: >\n"
    yield from (f"      {line}\n" for line in wrap(dashboard["description"], 90))
    yield _OWNER
    yield "    depends_on:\n"
    yield from (f"      - ref('{mart}')\n" for mart in marts_read(dashboard))
