"""Dashboards read back from their JSON: the queries of their panels and the ranges they run for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from grafana.macros import expand
from grafana.normalise import Json, every_panel
from grafana.variables import VariableValue, interpolate

_RELATIVE = re.compile(r"now(?:-(\d+)([smhdwMy]))?")
_FIXED_UNITS = {
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}
_USUAL_POINTS = 1_000


@dataclass(frozen=True)
class TimeRange:
    """What a panel's macros are expanded for."""

    from_: datetime
    to: datetime

    def expand(self, sql: str, variables: Mapping[str, VariableValue] | None = None) -> str:
        """Put in the `variables`, then expand the macros for this range, as Grafana does.

        It is done as for a panel a thousand pixels wide.
        """
        sql = interpolate(sql, variables or {})
        milliseconds = int((self.to - self.from_).total_seconds() * 1_000)
        return expand(sql, self.from_, self.to, max(1, milliseconds // _USUAL_POINTS))


@dataclass(frozen=True)
class PanelQuery:
    """One target of one panel."""

    dashboard: Json
    panel: Json
    target: Json

    @property
    def name(self) -> str:
        """Name the query for people: dashboard and panel."""
        return f"{self.dashboard['uid']}: {self.panel['title']}"

    @property
    def sql(self) -> str:
        """Give the SQL with its macros."""
        return str(self.target["rawSql"])

    def range(self, now: datetime) -> TimeRange:
        """Give the range that the panel is opened with: its own, else the dashboard's."""
        if "timeFrom" in self.panel:
            return TimeRange(moment(f"now-{self.panel['timeFrom']}", now), now)
        time = self.dashboard["time"]
        return TimeRange(moment(time["from"], now), moment(time["to"], now))


def panels(dashboard: Json) -> Iterator[Json]:
    """Walk through the panels that are no rows."""
    return (panel for panel in every_panel(dashboard) if panel["type"] != "row")


def queries(dashboard: Json) -> Iterator[PanelQuery]:
    """Walk through the targets of all panels."""
    for panel in panels(dashboard):
        for target in panel.get("targets", []):
            yield PanelQuery(dashboard, panel, target)


def moment(expression: str, now: datetime) -> datetime:
    """Read `now`, `now-30d`, `now-12M`, `now-1y`; months and years are the calendar's.

    Raises `ValueError` for the parts of Grafana's notation that no dashboard here uses.
    """
    match = _RELATIVE.fullmatch(expression)
    if match is None:
        raise ValueError(f"time {expression!r} is not of the form now-30d")
    if match[1] is None:
        return now
    count = int(match[1])
    if match[2] in _FIXED_UNITS:
        return now - count * _FIXED_UNITS[match[2]]
    return _months_before(now, count * (12 if match[2] == "y" else 1))


def _months_before(now: datetime, count: int) -> datetime:
    utc = now.astimezone(UTC)
    months = utc.year * 12 + utc.month - 1 - count
    year, month = divmod(months, 12)
    first_of_next = datetime(year + (month == 11), (month + 1) % 12 + 1, 1, tzinfo=UTC)
    last_day = (first_of_next - timedelta(days=1)).day
    return utc.replace(year=year, month=month + 1, day=min(utc.day, last_day))
