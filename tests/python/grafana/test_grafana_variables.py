"""Variables are put into SQL as Grafana puts them."""

from __future__ import annotations

import pytest

from grafana.variables import VariableValue, interpolate


@pytest.mark.parametrize(
    ("sql", "value", "expected"),
    [
        ("in (${v:sqlstring})", "a", "in ('a')"),
        ("in (${v:sqlstring})", ["a", "b"], "in ('a','b')"),
        ("in (${v:sqlstring})", ["O'Brien"], "in ('O''Brien')"),
        ("in (${v:sqlstring})", 7, "in ('7')"),
        ("in ($v)", ["a", "b'c"], "in ('a','b''c')"),
        ("= ${v}", "b'c", "= b''c"),
        ("= [[v]]", 7, "= 7"),
        ("= ${v:singlequote}", "b'c", "= 'b\\'c'"),
        ("= ${v:raw}", "b'c", "= b'c"),
        ("= ${v:csv}", ["1", "2"], "= 1,2"),
        ("${other:sqlstring} $__timeFilter(v) $vv", "a", "${other:sqlstring} $__timeFilter(v) $vv"),
    ],
)
def test_interpolation(sql: str, value: VariableValue, expected: str) -> None:
    assert interpolate(sql, {"v": value}) == expected


def test_an_injection_stays_inside_its_string() -> None:
    value = "x'); drop table marts.dim_users; --"
    sql = interpolate("in (${v:sqlstring})", {"v": value})
    assert sql == "in ('x''); drop table marts.dim_users; --')"


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(ValueError, match="glob"):
        interpolate("${v:glob}", {"v": "a"})
