"""What is understood of a question, and what is refused with which words."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from runner.metrics.asking import Question, Semantics
from runner.metrics.catalogue import BadQuestion, Dimension
from runner.metrics.engine import Engine, Request
from runner.metrics.filters import translate

DIMENSIONS = {
    "niche": Dimension("niche", "channel__niche", "Subject."),
    "channel": Dimension("channel", "channel", "Each channel.", None, True),
    "month": Dimension("month", "metric_time__month", "Time.", "month"),
    "signup_date": Dimension("signup_date", "platform_user__signup_date", "Day.", "day"),
}


def resolve(word: str) -> Dimension:
    if word not in DIMENSIONS:
        raise BadQuestion(f"unknown {word}")
    return DIMENSIONS[word]


@pytest.mark.parametrize(
    ("condition", "wanted"),
    [
        ("niche = 'fitness'", "{{ Dimension('channel__niche') }} = 'fitness'"),
        ("niche = 'it''s'", "{{ Dimension('channel__niche') }} = 'it''s'"),
        (
            "month >= '2026-01-01' and not niche in ('a', 'b')",
            "{{ TimeDimension('metric_time', 'month') }} >= '2026-01-01'"
            " and not {{ Dimension('channel__niche') }} in ('a', 'b')",
        ),
        ("channel is not null", "{{ Entity('channel') }} is not null"),
        (
            "signup_date < '2026-01-01'",
            "{{ TimeDimension('platform_user__signup_date', 'day') }} < '2026-01-01'",
        ),
    ],
)
def test_conditions_become_metricflows(condition: str, wanted: str) -> None:
    assert translate(condition, resolve) == wanted


@pytest.mark.parametrize(
    "condition",
    [
        "niche = 'a'; drop table users",
        "niche = 'a' -- and more",
        "niche = 'a' /* more */",
        "niche = (select email from dim_users)",
        "niche = pg_sleep(10)",
        "niche = $$a$$",
        'niche = "email"',
        r"niche = E'a\'b'",
        r"niche = 'a\'",
        "niche = '{{ Metric(1) }}'",
        "{{ Dimension('channel__niche') }} = 'a'",
        "1 = 1",
        "niche::text = 'a'",
    ],
)
def test_conditions_can_name_nothing_but_dimensions(condition: str) -> None:
    with pytest.raises(BadQuestion):
        translate(condition, resolve)


@pytest.mark.parametrize(
    ("question", "said"),
    [
        (Question(("total_mmr",)), "Did you mean total_mrr"),
        (Question(()), "metrics list"),
        (Question(("total_mrr",), ("nich",)), "cannot be told by 'nich'"),
        (Question(("views",), ("nich",)), "Did you mean niche"),
        (Question(("total_mrr",), ("day",)), "known by month, not by day"),
        (Question(("total_mrr", "views"), ("niche",)), "cannot be told by 'niche'"),
        (Question(("views",), ("connected_date__hour",)), "cannot be told by"),
        (Question(("views_7d",), ("niche",)), "ask it by day"),
        (Question(("mrr_previous_month",)), "ask it by month"),
        (Question(("views",), ("niche",), order=("-view",)), "Did you mean views"),
        (Question(("views",), since=date(2026, 2, 1), until=date(2026, 1, 1)), "is after"),
        (Question(("views",), where=("nich = 'a'",)), "Did you mean niche"),
    ],
)
def test_a_wrong_question_is_told_what_would_be_right(
    semantics: Semantics, question: Question, said: str
) -> None:
    with pytest.raises(BadQuestion) as refusal:
        semantics.understand(question)
    assert said in str(refusal.value)


@pytest.mark.parametrize(
    ("word", "path"),
    [
        ("month", "metric_time__month"),
        ("metric_time__month", "metric_time__month"),
        ("niche", "channel__niche"),
        ("channel__niche", "channel__niche"),
        ("user", "platform_user"),
        ("user_id", "platform_user"),
        ("channel_id", "channel"),
        ("country", "platform_user__country"),
        ("signup_date__month", "platform_user__signup_date__month"),
    ],
)
def test_words_for_dimensions(semantics: Semantics, word: str, path: str) -> None:
    assert semantics.catalogue.resolve(word, ["views"]).path == path


def test_the_catalogue_says_all_of_a_metric(semantics: Semantics) -> None:
    metrics = semantics.catalogue.metrics
    assert len(metrics) >= 200
    for metric in metrics.values():
        assert len(metric.description) >= 15, metric.name
        assert metric.label != metric.name
        assert metric.marts
        assert metric.formula
        assert semantics.catalogue.dimensions([metric.name])
    assert {metric.kind for metric in metrics.values()} == {
        "simple", "ratio", "derived", "cumulative"
    }  # fmt: skip
    retention = metrics["net_revenue_retention"]
    assert retention.formula == "retained_and_expanded_mrr / opening_mrr"
    assert retention.grain == "month"
    assert retention.marts == ("fct_mrr_movements",)
    assert metrics["opening_mrr"].formula.endswith("at the period's beginning")


def test_each_metric_can_be_asked(semantics: Semantics) -> None:
    for name, metric in semantics.catalogue.metrics.items():
        asked = Question((name,), (metric.grain,) if metric.needs_time else ())
        assert semantics.engine.sql(semantics.understand(asked)[0]).lstrip().startswith(
            ("--", "SELECT", "WITH")
        )  # fmt: skip


def test_written_sql_is_kept_until_a_definition_changes(
    semantics: Semantics, tmp_path: Path
) -> None:
    manifest = json.loads(json.dumps(semantics.catalogue.manifest))
    first = Engine(manifest, tmp_path)
    sql = first.sql(Request(("views",)))
    (kept,) = tmp_path.rglob("*.sql")
    kept.write_text("kept")
    assert Engine(manifest, tmp_path).sql(Request(("views",))) == "kept"
    assert Engine(manifest, tmp_path).sql(Request(("likes",))) != "kept"
    manifest["metrics"][0]["description"] = "Another."
    assert Engine(manifest, tmp_path).sql(Request(("views",))) == sql
    assert not kept.exists()


def test_tables_are_named_by_schema_only(semantics: Semantics) -> None:
    sql = semantics.engine.sql(Request(("views_7d",), ("metric_time__day",)))
    assert '"marts"."fct_channel_days"' in sql
    assert '"marts"."time_spine"' in sql
