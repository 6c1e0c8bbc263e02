"""A figure explains itself: which mart answers, how it is computed, the rows and the sources."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from commands import BuiltWarehouse, Ytempire

from runner.explaining.answer import Answer, explain
from runner.explaining.finding import Question, QuestionError, choose, month_of, pairs
from runner.explaining.lineage import formulas, is_additive, upstream, without_window
from runner.explaining.manifest import Project, read_project
from runner.explaining.sources import stream_of
from warehouse.connection import connect


def _node(path: str, columns: str, key: str, parents: tuple[str, ...], code: str) -> dict[str, Any]:
    name = path.rpartition("/")[2]
    return {
        "unique_id": f"model.y.{name}",
        "name": name,
        "resource_type": "model",
        "fqn": ["y", *path.split("/")],
        "schema": path.split("/")[0],
        "alias": name,
        "original_file_path": f"models/{path}.sql",
        "raw_code": code,
        "constraints": [{"type": "primary_key", "columns": key.split()}] if key else [],
        "columns": {
            column: {
                "name": column,
                "description": f"What {column} is.",
                "data_type": "date" if column in ("month_start", "date_day") else "numeric(18, 2)",
                "doc_blocks": [f"doc.y.{column}"],
            }
            for column in columns.split()
        },
        "depends_on": {"nodes": [f"model.y.{parent}" for parent in parents]},
    }


@pytest.fixture
def project() -> Project:
    """A project of five models: months of users, months, an overview, channels, days."""
    nodes = [
        _node(
            "marts/f/user_months",
            "user_id month_start closing_mrr is_paying",
            "user_id month_start",
            (),
            "select base + overage as closing_mrr",
        ),
        _node(
            "marts/f/months",
            "month_start total_mrr arpa paying_users",
            "month_start",
            ("user_months",),
            """
            select sum(closing_mrr) as total_mrr,
                count(*) filter (where is_paying) as paying_users
            from x ), r as (
            select total_mrr::numeric(18, 2) as total_mrr,
                {{ ratio('total_mrr', 'paying_users') }} as arpa
            """,
        ),
        _node("marts/f/overview", "month_start total_mrr", "month_start", ("months",), "select *"),
        _node(
            "marts/c/days",
            "user_id channel_id date_day revenue_usd",
            "user_id channel_id date_day",
            (),
            "select r as revenue_usd",
        ),
        _node(
            "marts/c/channels",
            "user_id channel_id niche revenue_30d_usd",
            "user_id channel_id",
            ("days",),
            "{{ template }}",
        ),
    ]
    return read_project({"nodes": {n["unique_id"]: n for n in nodes}, "sources": {}})


def test_a_formula_is_the_expression_before_its_name() -> None:
    code = """
    select a, -- (not this as x
        case when b then c end as skip, sum(
        e, f) as x, x::numeric(18, 2) as x
    """
    assert formulas(code, "x") == ["sum( e, f)"]
    assert formulas(code, "y") == []
    assert formulas("select distinct g.h + 1 as z", "z") == ["g.h + 1"]


def test_windows_and_rates_are_told_by_their_names() -> None:
    assert without_window("revenue_30d_usd") == "revenue_usd"
    assert without_window("cost_total_usd") == "cost_usd"
    assert without_window("revenue_month_to_date_usd") == "revenue_usd"
    assert is_additive("revenue_usd")
    for name in ("roi", "rpm", "views_per_hour", "average_cost", "is_paying"):
        assert not is_additive(name)


def test_the_mart_that_others_read_a_figure_from_answers(project: Project) -> None:
    choice = choose(project, Question("total_mrr", {"month": month_of("2026-10")}))
    assert (choice.mart.name, choice.latest_of) == ("months", ())
    assert choice.filters == {"month_start": month_of("2026-10")}
    assert choose(project, Question("total_mrr", {})).latest_of == ("month_start",)
    assert choose(project, Question("total_mrr", {}, "overview")).mart.name == "overview"


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        (Question("totl_mrr", {}), "no figure 'totl_mrr' in the marts. Did you mean total_mrr"),
        (Question("total_mrr", {"user_id": "u"}), "is not kept by user: it stands in months by"),
        (Question("revenue_30d_usd", {}), "say which, by --user and --channel"),
        (Question("total_mrr", {}, "days"), "days is no mart with the figure total_mrr"),
    ],
)  # fmt: skip
def test_what_cannot_be_answered_is_said(
    project: Project, question: Question, sentence: str
) -> None:
    with pytest.raises(QuestionError, match=sentence):
        choose(project, question)


def test_months_and_conditions_are_read() -> None:
    assert month_of("2026-10-17") == month_of("2026-10")
    assert pairs(["niche=a=b"]) == {"niche": "a=b"}
    for wrong in ("october", "2026-13", "2026"):
        with pytest.raises(QuestionError, match="write it like 2026-10"):
            month_of(wrong)
    with pytest.raises(QuestionError, match="write --where"):
        pairs(["niche"])


def test_ingredients_are_followed_through_the_formulas(project: Project) -> None:
    mart = project.mart("months")
    assert mart is not None
    assert [(i.model.name, i.columns) for i in upstream(project, mart, "arpa")] == [
        ("user_months", ("closing_mrr", "is_paying"))
    ]
    channels = project.mart("channels")
    assert channels is not None
    assert [i.model.name for i in upstream(project, channels, "revenue_30d_usd")] == ["days"]


def test_raw_tables_are_known_by_the_streams_that_land_in_them() -> None:
    assert stream_of("raw_billing.invoices") == ("stripe", "invoices")
    assert stream_of("raw_platform.users") == ("platform", "users")
    assert stream_of("raw_costs.openai_costs") == ("openai", "openai_costs")
    assert stream_of("raw_youtube.channel_day_revenue") == (
        "youtube_analytics", "channel_day_revenue",
    )  # fmt: skip


class TestBuilt:
    """On the marts of the small demo."""

    pytestmark = pytest.mark.slow

    @pytest.fixture(scope="class")
    def demo(self, build_demo: Callable[[int], BuiltWarehouse]) -> BuiltWarehouse:
        return build_demo(7)

    @pytest.fixture(scope="class")
    def built_project(self, demo: BuiltWarehouse) -> Project:
        home = demo.truth_dir.parents[1]
        return read_project(json.loads((home / "target" / "manifest.json").read_text()))

    def ask(self, demo: BuiltWarehouse, project: Project, metric: str, **filters: Any) -> Answer:
        with connect(demo.target) as connection:
            return explain(connection, project, Question(metric, filters), 5)

    def test_mrr_is_made_of_the_users_months(
        self, demo: BuiltWarehouse, built_project: Project
    ) -> None:
        answer = self.ask(demo, built_project, "total_mrr", month=month_of("2026-10"))
        assert answer.behind is not None
        assert answer.behind.model.name == "fct_mrr_movements"
        assert answer.behind.total == answer.value > 0
        assert answer.behind.count >= len(answer.behind.rows) == 5
        assert "Monthly recurring revenue" in answer.definition
        assert answer.formulas == ("sum(closing_mrr)",)
        by_table = {source.table: source for source in answer.sources}
        assert by_table["raw_billing.invoices"].loaded_at is not None
        assert by_table["raw_billing.invoices"].checks > 0
        assert not any(source.failures for source in answer.sources)

    def test_the_days_behind_a_channel_and_a_user_sum_up(
        self, demo: BuiltWarehouse, built_project: Project
    ) -> None:
        with connect(demo.target) as connection:
            email, handle = connection.execute(
                "select email, channel_handle from marts.channel_performance "
                "inner join marts.dim_channels using (user_id, channel_id) "
                "inner join marts.dim_users using (user_id) "
                "order by revenue_30d_usd desc nulls last limit 1"
            ).fetchone() or ("", "")
        for filters in ({"channel_id": handle}, {"user_id": email.upper()}):
            answer = self.ask(demo, built_project, "revenue_30d_usd", **filters)
            assert answer.behind is not None
            assert answer.behind.model.name == "fct_channel_days"
            assert answer.behind.total == answer.value > 0
        rate = self.ask(demo, built_project, "roi_30d", channel_id=handle)
        assert rate.behind is not None
        assert {"revenue_usd", "cost_usd"} <= {*rate.behind.columns}

    def test_no_data_is_said(self, demo: BuiltWarehouse, built_project: Project) -> None:
        with pytest.raises(QuestionError, match=r"No data: mrr_monthly has no row of .* goes from"):
            self.ask(demo, built_project, "total_mrr", month=month_of("2031-01"))
        with pytest.raises(QuestionError, match="No channel is called 'nobody'"):
            self.ask(demo, built_project, "revenue_30d_usd", channel_id="nobody")

    def test_a_source_that_failed_is_told(
        self,
        demo: BuiltWarehouse,
        built_project: Project,
        scratch_copy: Callable[[BuiltWarehouse], BuiltWarehouse],
    ) -> None:
        spoilt = scratch_copy(demo)
        with connect(spoilt.target) as connection:
            connection.execute(
                "update ops.validation_results set passed = false, detail = '3 rows of no amount' "
                "where stream = 'invoices' and ctid = (select min(ctid) from ops.validation_results"
                " where stream = 'invoices')"
            )
        answer = self.ask(spoilt, built_project, "total_mrr")
        failed = {source.stream: source.failures for source in answer.sources if source.failures}
        assert failed == {"invoices": ("3 rows of no amount",)}

    def test_the_command_gives_json_and_refuses(self, demo: BuiltWarehouse) -> None:
        home = demo.truth_dir.parents[1]
        command = Ytempire(demo.target, home, {})
        told = json.loads(command("explain", "total_mrr", "--month", "2026-10", "--json").stdout)
        with connect(demo.target) as connection:
            (value,) = connection.execute(
                "select total_mrr from marts.mrr_monthly where month_start = '2026-10-01'"
            ).fetchone() or (None,)
        assert Decimal(told["value"]) == value
        assert told["docs_blocks"] == ["mrr"]
        refused = command("explain", "totl_mrr", exit_code=2)
        assert "Did you mean" in refused.stderr
