"""Dashboard variables put into SQL, as Grafana's PostgreSQL datasource does in the browser.

Write `in (${name:sqlstring})` in every panel: it quotes a single value and a list alike. The
plain `$name` quotes a list but not a single value, which is how injections and type errors
come about; `singlequote` escapes with backslashes, which PostgreSQL does not read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

VariableValue = str | int | float | Sequence[str]

_VARIABLE = re.compile(r"\$\{(\w+)(?::(\w+))?\}|\[\[(\w+?)(?::(\w+))?\]\]|\$(\w+)")


def interpolate(sql: str, variables: Mapping[str, VariableValue]) -> str:
    """Replace `$name`, `${name}`, `${name:format}` and `[[name]]` by the variable's value.

    Names that are not in `variables`, macros among them, are left as they stand. Raises
    `ValueError` for a format that is not used here.
    """

    def replace(match: re.Match[str]) -> str:
        name = match[1] or match[3] or match[5]
        if name not in variables:
            return match[0]
        return _render(variables[name], match[2] or match[4])

    return _VARIABLE.sub(replace, sql)


def _render(value: VariableValue, format_name: str | None) -> str:
    if format_name is None:
        return _plain(value)
    if format_name not in _FORMATS:
        raise ValueError(f"variable format {format_name!r} is not one of {sorted(_FORMATS)}")
    values = [str(value)] if isinstance(value, str | int | float) else list(value)
    return _FORMATS[format_name](values)


def _plain(value: VariableValue) -> str:
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, str):
        return value.replace("'", "''")
    return _sqlstring(value)


def _sqlstring(values: Sequence[str]) -> str:
    return ",".join("'" + value.replace("'", "''") + "'" for value in values)


def _singlequote(values: Sequence[str]) -> str:
    return ",".join("'" + value.replace("'", "\\'") + "'" for value in values)


_FORMATS: Mapping[str, Callable[[Sequence[str]], str]] = {
    "sqlstring": _sqlstring,
    "singlequote": _singlequote,
    "csv": ",".join,
    "raw": ",".join,
}
