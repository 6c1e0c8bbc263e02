"""The macros expand as Grafana's PostgreSQL datasource expands them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from grafana.macros import MacroError, expand, format_interval, interval_seconds

FROM = datetime(2018, 4, 12, 18, 0, tzinfo=UTC)
TO = datetime(2018, 4, 12, 18, 5, tzinfo=UTC)


def expanded(sql: str, *, timescaledb: bool = False) -> str:
    return expand(sql, FROM, TO, 60_000, timescaledb=timescaledb)


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("select $__time(time_column)", 'select time_column AS "time"'),
        ("select $__timeEpoch(time_column)", 'select extract(epoch from time_column) as "time"'),
        (
            "WHERE $__timeFilter(time_column)",
            "WHERE time_column BETWEEN '2018-04-12T18:00:00Z' AND '2018-04-12T18:05:00Z'",
        ),
        ("select $__timeFrom()", "select '2018-04-12T18:00:00Z'"),
        ("select $__timeTo()", "select '2018-04-12T18:05:00Z'"),
        (
            "GROUP BY $__timeGroup(time_column,'5m')",
            "GROUP BY floor(extract(epoch from time_column)/300)*300",
        ),
        (
            "GROUP BY $__timeGroup(time_column , '5m')",
            "GROUP BY floor(extract(epoch from time_column)/300)*300",
        ),
        (
            "select $__timeGroupAlias(time_column,'5m')",
            'select floor(extract(epoch from time_column)/300)*300 AS "time"',
        ),
        (
            "select $__timeGroup(time_column,'5m'), value",
            'select floor(extract(epoch from time_column)/300)*300 AS "time", value',
        ),
        (
            "select $__timeGroupAlias(time_column,'5m', NULL)",
            'select floor(extract(epoch from time_column)/300)*300 AS "time"',
        ),
        (
            "select $__unixEpochFilter(time)",
            "select time >= 1523556000 AND time <= 1523556300",
        ),
        (
            "select $__unixEpochNanoFilter(time)",
            "select time >= 1523556000000000000 AND time <= 1523556300000000000",
        ),
        ("select $__unixEpochNanoFrom()", "select 1523556000000000000"),
        ("select $__unixEpochNanoTo()", "select 1523556300000000000"),
        ("$__unixEpochGroup(time_column,'5m')", "floor((time_column)/300)*300"),
        ("$__unixEpochGroupAlias(time_column,'5m')", 'floor((time_column)/300)*300 AS "time"'),
        ("$__unixEpochFrom() $__unixEpochTo()", "1523556000 1523556300"),
        ("$__interval_ms $__interval", "60000 1m"),
        ("select 1 from t -- nothing to expand", "select 1 from t -- nothing to expand"),
    ],
)
def test_known_cases(sql: str, expected: str) -> None:
    assert expanded(sql) == expected


@pytest.mark.parametrize(
    ("interval", "bucket"),
    [("5m", "300.000s"), ("12d", "1036800.000s"), ("20ms", "0.020s")],
)
def test_timescale_groups_by_time_bucket(interval: str, bucket: str) -> None:
    sql = f"GROUP BY $__timeGroup(time_column,'{interval}')"
    assert expanded(sql, timescaledb=True) == f"GROUP BY time_bucket('{bucket}',time_column)"


def test_long_intervals_are_written_as_go_writes_floats() -> None:
    assert expanded("$__unixEpochGroup(t,'12d')") == "floor((t)/1.0368e+06)*1.0368e+06"
    assert expanded("$__unixEpochGroup(t,'7d')") == "floor((t)/604800)*604800"
    assert expanded("$__unixEpochGroup(t,'20ms')") == "floor((t)/0.02)*0.02"


def test_fractions_of_a_second_lose_their_trailing_zeros() -> None:
    half = FROM + timedelta(milliseconds=500)
    assert expand("$__timeFrom()", half, TO, 1) == "'2018-04-12T18:00:00.5Z'"


def test_times_are_written_in_utc() -> None:
    elsewhere = FROM.astimezone(timezone(timedelta(hours=-7)))
    assert expand("$__timeFrom()", elsewhere, TO, 1) == "'2018-04-12T18:00:00Z'"


def test_an_alias_is_decided_by_the_first_call_that_is_spelt_the_same() -> None:
    sql = "select $__timeGroup(t,'1m'), 1 group by $__timeGroup(t,'1m')"
    group = "floor(extract(epoch from t)/60)*60"
    assert expanded(sql) == f'select {group} AS "time", 1 group by {group} AS "time"'


@pytest.mark.parametrize(
    "sql",
    [
        "$__nothing(t)",
        "$__timeGroup(t)",
        "$__timeGroup(t,'five')",
        "$__timeGroup(t,'5m',often)",
        "$__unixEpochGroup(t)",
    ],
)
def test_what_grafana_refuses_is_refused(sql: str) -> None:
    with pytest.raises(MacroError):
        expanded(sql)


def test_an_argument_ends_at_the_first_parenthesis() -> None:
    assert expanded("$__timeFilter(lower(t))") == (
        "lower(t BETWEEN '2018-04-12T18:00:00Z' AND '2018-04-12T18:05:00Z')"
    )


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("1h30m", 5_400), ("1.5h", 5_400), ("1w", 604_800), ("1y", 31_557_600)],
)
def test_intervals_are_read(text: str, seconds: float) -> None:
    assert interval_seconds(text) == seconds


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [(0, "1ms"), (20, "20ms"), (90_000, "1m"), (7_200_000, "2h"), (172_800_000, "2d")],
)
def test_intervals_are_written_in_their_largest_unit(milliseconds: int, text: str) -> None:
    assert format_interval(milliseconds) == text
