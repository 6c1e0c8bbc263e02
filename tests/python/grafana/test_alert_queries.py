"""Every alert's query, run as Grafana would on a whole small world, as the staff's role.

For each rule there is a figure on which it fires and one, on its limit, on which it does not.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from tenanted import Tenanted

from grafana.alerts.evaluate import EvaluationError, Instance, evaluate
from grafana.alerts.rule_files import rule_item
from grafana.alerts.rules import Rule, read_rules
from grafana.execute import Column, Frame, fetch
from grafana.normalise import Json
from grafana.preview import latest_build
from grafana.reader import TimeRange
from warehouse.connection import Connection, connect

RULES = {rule.name: rule for rule in read_rules()}
EACH_RULE = pytest.mark.parametrize("name", RULES)

FIGURES: dict[str, tuple[str, str]] = {
    "error_rate": ("51", "50"),
    "quota_warning": ("0.9", "0.91"),
    "quota_critical": ("0.9001", "0.9"),
    "revenue_target_miss": ("0.799999", "0.8"),
    "generation_failures": ("0.100001", "0.1"),
    "video_cost_warning": ("1", "0"),
    "video_cost_critical": ("1", "0"),
    "reconciliation": ("0.010001", "0.01"),
    "completeness": ("0.949999", "0.95"),
    "anomaly": ("0.100001", "0.1"),
    "failed_run": ("1", "0"),
    "isolation_breach": ("1", "0"),
    "validation_failure": ("1", "0"),
}
"""For each rule a figure that fires and one that does not."""

AGES: dict[str, tuple[timedelta, timedelta]] = {
    "source_stale": (timedelta(seconds=1), timedelta(0)),
    "no_run": (timedelta(hours=6, seconds=1), timedelta(hours=6)),
}
"""For each rule of the clock how long ago its time ran out, or its last build was."""


@pytest.fixture(scope="module")
def as_of(tenanted: Tenanted) -> datetime:
    with connect(tenanted.target) as connection:
        return latest_build(connection)


@contextmanager
def _passing(tenanted: Tenanted) -> Iterator[Connection]:
    """Connect so that whatever is written is gone at the end."""
    with connect(tenanted.target) as connection:
        for mart in sorted({rule.mart for rule in RULES.values()}):
            connection.execute(f"delete from {mart}".encode())
        yield connection
        connection.rollback()


def _put(
    connection: Connection, rule: Rule, subject: str, value: Decimal, clock: datetime | None
) -> None:
    connection.execute(
        f"""
        insert into {rule.mart} (
            rule_name, subject, title, severity, severity_rank, comparison, threshold,
            alert_value, basis, is_firing, clock_from_at, fires_at, evidence, runbook, measured_at
        ) values (%s, %s, %s, %s, 1, %s, %s, %s, 1, false, %s, %s, '', '', now())
        """.encode(),
        (
            *(rule.name, subject, rule.title, rule.severity, rule.comparison, rule.threshold),
            *(value, clock, clock),
        ),
    )


def _ask(connection: Connection, rule: Json, now: datetime) -> Frame:
    """Run the query as Grafana does: in the staff's role, for the range that ends now."""
    connection.execute("set local role ytempire_staff")
    query = rule["data"][0]
    begin = now - timedelta(seconds=query["relativeTimeRange"]["from"])
    frame = fetch(connection, TimeRange(begin, now).expand(query["model"]["rawSql"]))
    connection.execute("set local role none")
    return frame


def test_every_rule_has_its_figures() -> None:
    assert set(FIGURES) | set(AGES) == set(RULES)
    assert set(AGES) == {rule.name for rule in RULES.values() if rule.clock_seconds}


@EACH_RULE
def test_a_rule_fires_beyond_its_limit_and_not_on_it(
    tenanted: Tenanted, as_of: datetime, name: str
) -> None:
    rule = RULES[name]
    with _passing(tenanted) as connection:
        if name in AGES:
            for subject, age in zip(("out", "in"), AGES[name], strict=True):
                _put(connection, rule, subject, Decimal(0), as_of - age)
        else:
            for subject, figure in zip(("out", "in"), FIGURES[name], strict=True):
                _put(connection, rule, subject, Decimal(figure), None)
        instances = evaluate(rule_item(rule), _ask(connection, rule_item(rule), as_of))
    assert {dict(instance.labels)["subject"]: instance.is_firing for instance in instances} == {
        "out": True,
        "in": False,
    }


@EACH_RULE
def test_a_rule_without_rows_has_no_data(tenanted: Tenanted, as_of: datetime, name: str) -> None:
    item = rule_item(RULES[name])
    with _passing(tenanted) as connection:
        assert evaluate(item, _ask(connection, item, as_of)) == []


@EACH_RULE
def test_grafana_says_what_the_mart_says(tenanted: Tenanted, as_of: datetime, name: str) -> None:
    """On the built marts, at the moment of the build: one rule is not judged in two ways."""
    item = rule_item(RULES[name])
    with connect(tenanted.target) as connection:
        rows = connection.execute(
            f"select subject, is_firing from {RULES[name].mart} where rule_name = %s".encode(),
            (name,),
        ).fetchall()
        instances = evaluate(item, _ask(connection, item, as_of))
    assert rows
    assert {dict(instance.labels)["subject"]: instance.is_firing for instance in instances} == dict(
        rows
    )


def test_a_pipeline_that_stands_still_is_noticed(tenanted: Tenanted, as_of: datetime) -> None:
    late = as_of + timedelta(hours=7)
    with connect(tenanted.target) as connection:
        for name in ("no_run", "source_stale"):
            item = rule_item(RULES[name])
            instances = evaluate(item, _ask(connection, item, late))
            assert instances
            assert all(instance.is_firing for instance in instances), name


_NUMBER = Column("value", "number")
_SUBJECT = Column("subject", "text")


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        (Frame((_SUBJECT,), (("a",),)), "exactly one column of numbers"),
        (Frame((_NUMBER, Column("other", "number")), ((1, 2),)), "exactly one column of numbers"),
        (Frame((Column("time", "time"), _NUMBER), ()), "neither the number nor text"),
        (Frame((_SUBJECT, _NUMBER), (("a", 1), ("a", 2))), "uniquely"),
    ],
)
def test_rows_that_grafana_refuses(frame: Frame, expected: str) -> None:
    with pytest.raises(EvaluationError, match=expected):
        evaluate(rule_item(RULES["error_rate"]), frame)


def test_an_unknown_number_is_no_data() -> None:
    frame = Frame((_SUBJECT, _NUMBER), (("a", None), ("b", 51)))
    assert evaluate(rule_item(RULES["error_rate"]), frame) == [
        Instance((("subject", "a"),), None, None),
        Instance((("subject", "b"),), 51.0, True),
    ]


@pytest.mark.parametrize(
    ("kind", "params", "fires", "silent"),
    [
        ("gt", [2], [2.1], [2, 1]),
        ("lt", [2], [1.9], [2, 3]),
        ("within_range", [1, 2], [1.1, 1.9], [1, 2, 0, 3]),
        ("outside_range", [1, 2], [0.9, 2.1], [1, 2, 1.5]),
    ],
)
def test_thresholds_compare_as_grafana_does(
    kind: str, params: list[float], fires: list[float], silent: list[float]
) -> None:
    item = rule_item(RULES["error_rate"])
    item["data"][1]["model"]["conditions"][0]["evaluator"] = {"type": kind, "params": params}
    for values, expected in ((fires, True), (silent, False)):
        for value in values:
            (instance,) = evaluate(item, Frame((_NUMBER,), ((value,),)))
            assert instance.is_firing is expected


def test_a_threshold_that_grafana_does_not_know() -> None:
    item = rule_item(RULES["error_rate"])
    model = item["data"][1]["model"]
    for evaluator in ({"type": "near", "params": [1]}, {"type": "within_range", "params": [1]}):
        model["conditions"] = [{"evaluator": evaluator}]
        with pytest.raises(EvaluationError):
            evaluate(item, Frame((_NUMBER,), ((1,),)))
    model["conditions"] = []
    with pytest.raises(EvaluationError, match="exactly one condition"):
        evaluate(item, Frame((_NUMBER,), ((1,),)))
