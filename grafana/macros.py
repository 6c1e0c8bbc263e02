"""The SQL macros of Grafana's PostgreSQL datasource, expanded as its backend expands them.

Nothing here is needed by Grafana: it lets tests, the bench and the preview run the very SQL that
a panel would send. The pattern knows no nesting: an argument can hold neither `)` nor a comma.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

_MACRO = re.compile(r"\$([_a-zA-Z0-9]+)\(([^)]*)\)")
_DATE_UNIT = re.compile(r"(\d+)([dwMy])")
_DURATION = re.compile(r"(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|ms|s|m|h)")
_DURATION_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600}
_DAY = 86_400.0
_YEAR = 365.25 * _DAY
_DATE_UNIT_SECONDS = {"d": _DAY, "w": 7 * _DAY, "M": _YEAR / 12, "y": _YEAR}
_INTERVAL_STEPS_MS = (
    ("y", 31_536_000_000),
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1_000),
    ("ms", 1),
)


class MacroError(ValueError):
    """A macro is unknown or its arguments cannot be read; Grafana would refuse the query."""


def expand(
    sql: str, from_: datetime, to: datetime, interval_ms: int, *, timescaledb: bool = False
) -> str:
    """Expand every macro of `sql` for the time range `from_` to `to`.

    `interval_ms` is what Grafana derives from the range and the panel's width; `timescaledb` is
    the datasource's flag of that name. Raises `MacroError` where Grafana reports an error.
    """
    sql = sql.replace("$__interval_ms", str(interval_ms))
    sql = sql.replace("$__interval", format_interval(interval_ms))
    sql = sql.replace("$__unixEpochFrom()", str(_unix(from_)))
    sql = sql.replace("$__unixEpochTo()", str(_unix(to)))
    engine = _Engine(from_, to, timescaledb)

    def replace(match: re.Match[str]) -> str:
        name = match[1]
        # An old spelling that Grafana still honours: a comma right after the call asks for the
        # alias. Like Grafana, look at the first call that is spelt so.
        end = sql.index(match[0]) + len(match[0])
        if name == "__timeGroup" and sql[end : end + 1] == ",":
            name = "__timeGroupAlias"
        return engine.evaluate(name, [argument.strip(" ") for argument in match[2].split(",")])

    return _MACRO.sub(replace, sql)


def format_interval(interval_ms: int) -> str:
    """Write an interval in its largest whole unit, as `$__interval` shows it."""
    for unit, size in _INTERVAL_STEPS_MS:
        if interval_ms >= size:
            return f"{interval_ms // size}{unit}"
    return "1ms"


def interval_seconds(text: str) -> float:
    """Read an interval such as `5m`, `1h30m`, `20ms`, `12d`, `1M` (a twelfth of a year)."""
    if unit := _DATE_UNIT.fullmatch(text):
        return int(unit[1]) * _DATE_UNIT_SECONDS[unit[2]]
    parts = _DURATION.findall(text)
    if not parts or "".join(parts) != text:
        raise MacroError(f"error parsing interval {text}")
    return sum(_part_seconds(part) for part in parts)


def _part_seconds(part: str) -> float:
    number = part.rstrip("nuµmsh")
    return float(number) * _DURATION_SECONDS[part[len(number) :]]


def _unix(moment: datetime) -> int:
    return int(moment.timestamp() // 1)


def _unix_nano(moment: datetime) -> int:
    return _unix(moment) * 1_000_000_000 + moment.microsecond * 1_000


def _rfc3339(moment: datetime) -> str:
    utc = moment.astimezone(UTC)
    fraction = f".{utc.microsecond:06d}".rstrip("0") if utc.microsecond else ""
    return f"{utc:%Y-%m-%dT%H:%M:%S}{fraction}Z"


def _go_float(value: float) -> str:
    """Write a float as Go's `%v` does: shortest digits, an exponent from a million on."""
    if value != 0 and not 1e-4 <= abs(value) < 1e6:
        mantissa, exponent = f"{value!r}".split("e") if "e" in repr(value) else _scientific(value)
        return f"{mantissa.removesuffix('.0')}e{int(exponent):+03d}"
    return repr(value).removesuffix(".0")


def _scientific(value: float) -> tuple[str, str]:
    for digits in range(17):
        text = f"{value:.{digits}e}"
        if float(text) == value:
            mantissa, exponent = text.split("e")
            return mantissa, exponent
    raise AssertionError("seventeen digits name every float")


class _Engine:
    """Evaluates one macro after the other for one time range."""

    def __init__(self, from_: datetime, to: datetime, timescaledb: bool) -> None:
        self._from = from_
        self._to = to
        self._timescaledb = timescaledb
        self._macros: dict[str, Callable[[list[str]], str]] = {
            "__time": lambda a: f'{a[0]} AS "time"',
            "__timeEpoch": lambda a: f'extract(epoch from {a[0]}) as "time"',
            "__timeFilter": lambda a: f"{a[0]} BETWEEN '{_rfc3339(from_)}' AND '{_rfc3339(to)}'",
            "__timeFrom": lambda _: f"'{_rfc3339(from_)}'",
            "__timeTo": lambda _: f"'{_rfc3339(to)}'",
            "__timeGroup": self._time_group,
            "__timeGroupAlias": lambda a: f'{self._time_group(a)} AS "time"',
            "__unixEpochFilter": lambda a: f"{a[0]} >= {_unix(from_)} AND {a[0]} <= {_unix(to)}",
            "__unixEpochNanoFilter": lambda a: (
                f"{a[0]} >= {_unix_nano(from_)} AND {a[0]} <= {_unix_nano(to)}"
            ),
            "__unixEpochNanoFrom": lambda _: str(_unix_nano(from_)),
            "__unixEpochNanoTo": lambda _: str(_unix_nano(to)),
            "__unixEpochGroup": self._epoch_group,
            "__unixEpochGroupAlias": lambda a: f'{self._epoch_group(a)} AS "time"',
        }

    def evaluate(self, name: str, arguments: list[str]) -> str:
        """Give the SQL that stands for the macro, or raise `MacroError`."""
        macro = self._macros.get(name)
        if macro is None:
            raise MacroError(f'unknown macro "{name}"')
        return macro(arguments)

    def _time_group(self, arguments: list[str]) -> str:
        seconds = _group_seconds("__timeGroup", arguments)
        if self._timescaledb:
            return f"time_bucket('{seconds:.3f}s',{arguments[0]})"
        text = _go_float(seconds)
        return f"floor(extract(epoch from {arguments[0]})/{text})*{text}"

    def _epoch_group(self, arguments: list[str]) -> str:
        text = _go_float(_group_seconds("__unixEpochGroup", arguments))
        return f"floor(({arguments[0]})/{text})*{text}"


def _group_seconds(name: str, arguments: list[str]) -> float:
    if len(arguments) < 2:
        raise MacroError(f"macro {name} needs time column and interval and optional fill value")
    seconds = interval_seconds(arguments[1].strip("'"))
    if len(arguments) == 3 and arguments[2] not in {"NULL", "previous"}:
        try:
            float(arguments[2])
        except ValueError:
            raise MacroError(f"error parsing fill value {arguments[2]}") from None
    return seconds
