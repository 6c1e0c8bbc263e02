"""Say for each setting and source whether it works, and what to do if not."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from ingest.registry import build_extractors
from ingest.sources import SOURCES
from runner.settings import Settings
from runner.wiring import missing_settings, source_configs
from warehouse.connection import WarehouseTarget, connect
from warehouse.errors import ConfigurationError, YtempireError
from warehouse.migrate import pending


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `error` is None where it works or is left out on purpose."""

    subject: str
    state: str  # works | left out | fails
    detail: str
    error: YtempireError | None = None


def examine(
    settings: Settings, open_warehouse: Callable[[], WarehouseTarget], as_of: datetime
) -> Iterator[Finding]:
    """Yield what was found, one thing after the other, each as soon as it is known."""
    yield _attempt("Python", lambda: f"{sys.version.split()[0]} at {sys.prefix}")
    target: WarehouseTarget | None = None
    try:
        target = open_warehouse()
    except YtempireError as error:
        yield Finding("warehouse", "fails", str(error), error)
    if target is not None:
        found = target
        yield _attempt("warehouse", lambda: _server(found))
        yield _attempt("migrations", lambda: _migrations(found))
        yield _attempt("freshness", lambda: _freshness(found, as_of))
    yield from _sources(settings)


def _attempt(subject: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(subject, "works", look())
    except YtempireError as error:
        return Finding(subject, "fails", str(error), error)


def _server(target: WarehouseTarget) -> str:
    with connect(target, application_name="ytempire-doctor") as connection:
        row = connection.execute(
            """
            select current_setting('server_version'), current_setting('server_version_num')::int,
                pg_size_pretty(pg_database_size(current_database()))
            """
        ).fetchone()
    if row is None or row[1] < 150000:
        raise ConfigurationError(
            f"{target} runs PostgreSQL {row[0] if row else 'of unknown version'}.",
            hint="PostgreSQL 15 or newer is needed.",
        )
    return f"PostgreSQL {row[0]}, {target}, {row[2]}"


def _migrations(target: WarehouseTarget) -> str:
    missing = pending(target)
    if missing:
        raise ConfigurationError(
            f"The warehouse lacks {len(missing)} migrations: {', '.join(missing)}.",
            hint="Run: ytempire migrate",
        )
    return "all applied"


def _freshness(target: WarehouseTarget, as_of: datetime) -> str:
    if pending(target):
        return "nothing landed yet"
    with connect(target, application_name="ytempire-doctor") as connection:
        rows = connection.execute(
            "select source, max(committed_at) from ops.batches group by source order by source"
        ).fetchall()
    ages = [f"{source} {_age((as_of - at).total_seconds())}" for source, at in rows]
    return ", ".join(ages) or "nothing landed yet"


def _age(seconds: float) -> str:
    if seconds < 120:
        return "just now"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min ago"
    if seconds < 172800:
        return f"{seconds / 3600:.0f} h ago"
    return f"{seconds / 86400:.0f} days ago"


def _sources(settings: Settings) -> Iterator[Finding]:
    missing = missing_settings(settings)
    extractors = {item.name: item for item in build_extractors(source_configs(settings))}
    for source in SOURCES:
        if source in missing:
            lack = missing[source]
            error = ConfigurationError(str(lack), hint="See .env.example.")
            half = lack.is_half_set
            state = "fails" if half else "left out"
            yield Finding(source, state, f"left out, {lack.lack}", error if half else None)
        else:
            yield _attempt(source, extractors[source].check)
