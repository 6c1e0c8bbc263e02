"""The dashboards, and the folder that each is generated into."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath

from grafana.dashboards import (
    channels,
    costs,
    data_quality,
    executive,
    finance,
    generation,
    operations,
    pipeline_runs,
    user_channels,
    user_costs,
    user_revenue,
    users,
    youtube_quota,
)
from grafana.normalise import Json


@dataclass(frozen=True)
class Entry:
    """A dashboard: whom it is for (the folder of its provider), its file's name, its builder."""

    audience: str
    name: str
    build: Callable[[], Json]

    @property
    def path(self) -> PurePosixPath:
        """Give the file's path below the folder of generated dashboards."""
        return PurePosixPath(self.audience) / f"{self.name}.json"


CATALOGUE: tuple[Entry, ...] = (
    Entry("staff", "executive", executive.build),
    Entry("staff", "operations", operations.build),
    Entry("staff", "generation", generation.build),
    Entry("staff", "youtube_quota", youtube_quota.build),
    Entry("staff", "pipeline_runs", pipeline_runs.build),
    Entry("staff", "data_quality", data_quality.build),
    Entry("staff", "channels", channels.build),
    Entry("staff", "costs", costs.build),
    Entry("staff", "finance", finance.build),
    Entry("staff", "users", users.build),
    Entry("user", "user_revenue", user_revenue.build),
    Entry("user", "user_channels", user_channels.build),
    Entry("user", "user_costs", user_costs.build),
)


def find(name: str) -> Entry:
    """Give the dashboard of this name; `KeyError` when there is none."""
    for entry in CATALOGUE:
        if entry.name == name:
            return entry
    raise KeyError(name)
