"""What the gate does with what it finds: books, page, exclusions, exit code, volumes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import yaml

from runner import build as dbt
from runner import pipeline
from runner.progress import Silent
from runner.settings import PROJECT_DIR
from validation.gate import validate
from validation.outcomes import Validation
from validation.volumes import WINDOW_DAYS
from warehouse.connection import WarehouseTarget, connect
from warehouse.errors import ValidationError

AS_OF = datetime(2026, 10, 20, 15, 30, tzinfo=UTC)
NEWEST = AS_OF.date() - timedelta(days=4)


def _check(target: WarehouseTarget, page: Path) -> tuple[UUID, Validation]:
    run_id = uuid4()
    with connect(target) as connection:
        connection.execute(
            "insert into ops.runs values (%s, 'run', %s, now(), null, 'running', null, null)",
            (run_id, AS_OF),
        )
    return run_id, validate(target, run_id, AS_OF, lambda: datetime.now(UTC), page)


def _land_cost(target: WarehouseTarget, entry: int, cost: str) -> None:
    with connect(target) as connection:
        connection.execute(
            """
            insert into raw_platform.cost_ledger values (
                %s, %s,
                jsonb_build_object(
                    'entry_id', %s::text, 'cost_usd', %s::text, 'component', '<b>'
                ),
                gen_random_uuid(), clock_timestamp()
            ) on conflict (id) do update
            set payload = excluded.payload, _loaded_at = excluded._loaded_at
            """,
            (str(entry), AS_OF, f"00000000-0000-4000-8000-{entry:012}", cost),
        )


def _stored(target: WarehouseTarget) -> list[tuple[Any, ...]]:
    with connect(target) as connection:
        return connection.execute(
            "select * from ops.validation_results order by run_id, stream, expectation"
        ).fetchall()


def test_a_bad_row_stays_in_the_way_until_it_is_mended(
    migrated_warehouse: WarehouseTarget, tmp_path: Path
) -> None:
    page = tmp_path / "state" / "validation.html"
    _land_cost(migrated_warehouse, 1, "0.25")
    _, good = _check(migrated_warehouse, page)
    assert good.error is None
    assert good.line() == f"Validated 1 streams with {len(good.outcomes)} expectations, all met"

    _land_cost(migrated_warehouse, 2, "-3")
    run_id, bad = _check(migrated_warehouse, page)
    assert bad.failed_tables == ["raw_platform.cost_ledger"]
    assert isinstance(bad.error, ValidationError)
    assert bad.error.exit_code == 13
    for word in ("raw_platform.cost_ledger", "1 row of 1", "costs are not negative", "correct"):
        assert word in str(bad.error)

    stored = _stored(migrated_warehouse)
    assert len(stored) == len(good.outcomes) + len(bad.outcomes)
    failed = [row for row in stored if row[0] == run_id and not row[5] and row[4]]
    assert [row[1:4] for row in failed] == [("platform", "cost_ledger", "costs are not negative")]

    _, again = _check(migrated_warehouse, page)
    assert again.failed_tables == ["raw_platform.cost_ledger"]
    assert set(stored) < set(_stored(migrated_warehouse))

    _land_cost(migrated_warehouse, 2, "3")
    assert _check(migrated_warehouse, page)[1].error is None
    assert _check(migrated_warehouse, page)[1].line() == "Nothing new to validate."


def test_the_page_stands_alone(migrated_warehouse: WarehouseTarget, tmp_path: Path) -> None:
    page = tmp_path / "validation.html"
    _land_cost(migrated_warehouse, 1, "-1")
    run_id, _ = _check(migrated_warehouse, page)
    html = page.read_text(encoding="utf-8")
    assert str(run_id) in html
    assert "costs are not negative" in html
    assert "&lt;b&gt;" in html
    assert "http" not in html
    assert "prefers-color-scheme: dark" in html


def _land_days(target: WarehouseTarget, rows_by_age: dict[int, int]) -> None:
    with connect(target) as connection:
        connection.execute("truncate raw_youtube.channel_day_core")
        for age, rows in rows_by_age.items():
            day = NEWEST - timedelta(days=age)
            connection.execute(
                """
                insert into raw_youtube.channel_day_core
                select 'UC' || each, %s, jsonb_build_object('day', %s::text, 'views', 1),
                    gen_random_uuid(), clock_timestamp()
                from generate_series(1, %s) as each
                """,
                (day, str(day), rows),
            )


@pytest.mark.parametrize(
    ("changes", "failed", "warned"),
    [
        pytest.param({}, 0, 0, id="usual"),
        pytest.param({0: 7}, 0, 0, id="a third"),
        pytest.param({0: 5}, 1, 0, id="newest low"),
        pytest.param({0: 0}, 1, 0, id="newest empty"),
        pytest.param({6: 0, 9: 2}, 0, 1, id="older ones"),
    ],
)
def test_volumes(
    migrated_warehouse: WarehouseTarget,
    tmp_path: Path,
    changes: dict[int, int],
    failed: int,
    warned: int,
) -> None:
    page = tmp_path / "validation.html"
    _check(migrated_warehouse, page)
    with connect(migrated_warehouse) as connection:
        connection.execute(
            """
            insert into ops.source_results (run_id, source, status, finished_at)
            select run_id, 'youtube_analytics', 'landed', now() from ops.runs
            """
        )
    _land_days(migrated_warehouse, {**dict.fromkeys(range(WINDOW_DAYS), 20), **changes})
    _, found = _check(migrated_warehouse, page)
    assert (len(found.failed), len(found.warnings)) == (failed, warned)


def test_only_what_depends_on_it_is_left_out(
    migrated_warehouse: WarehouseTarget, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[str]] = []

    class Built:
        exception = None
        success = True
        result = None

    def invoke(arguments: list[str], shown: Any, manifest: Any) -> Built:
        asked.append(arguments)
        return Built()

    monkeypatch.setattr(dbt, "_invoke", invoke)
    monkeypatch.setenv("DBT_TARGET_PATH", str(tmp_path / "target"))
    monkeypatch.setenv("DBT_LOG_PATH", str(tmp_path / "logs"))
    _land_cost(migrated_warehouse, 1, "-1")
    plan = pipeline.Plan(
        command="run",
        as_of=AS_OF,
        configs={},
        missing={},
        extracts=False,
        page=tmp_path / "validation.html",
    )
    report = pipeline.run(migrated_warehouse, plan, Silent())
    chosen = " ".join(asked[0])
    assert "mrr_monthly" in chosen
    assert "stg_platform__cost_ledger" not in chosen
    assert "fct_video_costs" not in chosen
    assert report.exit_code == ValidationError.exit_code
    assert report.as_json()["validation"]["failed"][0]["rows_unexpected"] == 1
    with connect(migrated_warehouse) as connection:
        ended = connection.execute("select exit_code, message from ops.runs").fetchone()
    assert ended is not None
    assert ended[0] == ValidationError.exit_code
    assert "costs are not negative" in ended[1]

    pipeline.run(migrated_warehouse, replace(plan, validates=False), Silent())
    assert "--exclude" not in asked[1]


def test_dbt_knows_the_sources_that_are_left_out() -> None:
    known = {}
    for file in PROJECT_DIR.glob("models/staging/*/_*__sources.yml"):
        for source in yaml.safe_load(file.read_text(encoding="utf-8"))["sources"]:
            known[source["schema"]] = source["name"]
    assert known.items() >= dbt.DBT_SOURCES.items()
