"""What a run did: for the summary that a person reads and the JSON that a machine reads."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from runner.build import BuildReport
from validation.outcomes import Validation
from warehouse.errors import YtempireError


@dataclass(slots=True)
class SourceReport:
    """How one source fared. `rows` by stream: read, landed (added, changed or removed)."""

    source: str
    status: str  # landed | disabled | failed
    message: str = ""
    rows: dict[str, tuple[int, int]] = field(default_factory=dict)
    quarantined: int = 0
    calls: int = 0
    seconds: float = 0.0
    error: YtempireError | None = None

    @property
    def rows_read(self) -> int:
        """Return how many rows were read."""
        return sum(read for read, _ in self.rows.values())

    @property
    def rows_landed(self) -> int:
        """Return how many rows were added, changed or removed."""
        return sum(landed for _, landed in self.rows.values())


@dataclass(slots=True)
class RunReport:
    """What one run did, step by step."""

    run_id: UUID
    command: str
    as_of: datetime
    sources: list[SourceReport] = field(default_factory=list)
    validation: Validation | None = None
    build: BuildReport | None = None
    build_error: YtempireError | None = None
    isolation_error: YtempireError | None = None
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        """Note how long a step takes."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[step] = self.seconds.get(step, 0.0) + time.perf_counter() - started

    @property
    def problems(self) -> list[YtempireError]:
        """Return what went wrong: a breach first, then the build's failure, then validation's."""
        gate = self.validation.error if self.validation is not None else None
        errors = [
            self.isolation_error,
            self.build_error,
            gate,
            *(source.error for source in self.sources),
        ]
        return [error for error in errors if error is not None]

    @property
    def exit_code(self) -> int:
        """Return 0, or the exit code of the gravest problem: breach, build, validation, by code."""
        if self.isolation_error is not None:
            return self.isolation_error.exit_code
        if self.build_error is not None:
            return self.build_error.exit_code
        if self.validation is not None and self.validation.error is not None:
            return self.validation.error.exit_code
        return min((error.exit_code for error in self.problems), default=0)

    def as_json(self) -> dict[str, Any]:
        """Return the report as plain values."""
        return {
            "run_id": str(self.run_id),
            "command": self.command,
            "as_of": self.as_of.isoformat(),
            "exit_code": self.exit_code,
            "sources": [
                {
                    "source": source.source,
                    "status": source.status,
                    "message": source.message,
                    "streams": {
                        stream: {"rows_read": read, "rows_landed": landed}
                        for stream, (read, landed) in source.rows.items()
                    },
                    "rows_quarantined": source.quarantined,
                    "calls": source.calls,
                    "seconds": round(source.seconds, 3),
                }
                for source in self.sources
            ],
            "validation": None if self.validation is None else self.validation.as_json(),
            "build": None
            if self.build is None
            else {
                "models": self.build.count("model"),
                "models_up_to_date": self.build.current,
                "seeds": self.build.count("seed"),
                "snapshots": self.build.count("snapshot"),
                "tests": self.build.count("test", "unit_test"),
                "nodes": [
                    {"name": node.name, "kind": node.kind, "seconds": round(node.seconds, 3)}
                    for node in self.build.nodes
                ],
            },
            "problems": [str(problem) for problem in self.problems],
            "seconds": {step: round(seconds, 3) for step, seconds in self.seconds.items()},
        }
