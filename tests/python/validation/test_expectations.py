"""Each expectation is proven to fail on bad data, in a real migrated database."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from ingest import streams
from ingest.streams import PLATFORM_TABLES, Stream, platform_stream
from validation.gate import SUITES, owner, validate
from validation.outcomes import Validation
from warehouse.connection import WarehouseTarget, connect
from warehouse.partitions import ensure_partitions

AS_OF = datetime(2026, 10, 20, 15, 30, tzinfo=UTC)
YESTERDAY = date(2026, 10, 19)
TOMORROW = date(2026, 10, 22)
LATER = "2026-10-22T00:00:00Z"
BEFORE = "2026-10-10T00:00:00Z"
ID = "00000000-0000-4000-8000-000000000001"
"""A well-formed id, for whatever asks for one."""

DAY = {"report_date": YESTERDAY - timedelta(days=9), "channel_id": "UC1"}
PAST = {"created_at": BEFORE}
CORE = {"day": str(DAY["report_date"]), "views": 10, "engagedViews": 5, "likes": -1, "shares": 0}
REVENUE = {"day": str(DAY["report_date"]), "estimatedRevenue": 1.5, "adImpressions": 3, "cpm": 2}
INVOICE = {
    "currency": "usd",
    "customer": "cus_1",
    "total": 100,
    "lines": {"has_more": False, "data": [{"amount": 120}, {"amount": -20}]},
}

# A good row of every stream: its columns beside the key's first one, and its payload.
GOOD: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "raw_youtube.channels": ({}, {"snippet": {"publishedAt": BEFORE}}),
    "raw_youtube.channel_snapshots": (
        {"captured_at": BEFORE},
        {"viewCount": "7", "videoCount": "1"},
    ),
    "raw_youtube.playlist_items": ({"video_id": "v"}, {"contentDetails": {}}),
    "raw_youtube.videos": (
        {"channel_id": "UC1"},
        {"snippet": {"publishedAt": BEFORE}, "contentDetails": {"duration": "PT1M3S"}},
    ),
    "raw_youtube.video_snapshots": ({"captured_at": BEFORE}, {"viewCount": "7", "likeCount": "7"}),
    "raw_youtube.channel_day_core": (DAY, CORE),
    "raw_youtube.channel_day_revenue": (DAY, REVENUE),
    "raw_youtube.video_day_core": ({**DAY, "video_id": "v"}, CORE),
    "raw_youtube.video_day_revenue": ({**DAY, "video_id": "v"}, REVENUE),
    **{
        f"raw_youtube.channel_day_{part}": ({**DAY, "part": "US"}, {"views": 3})
        for part in ("country", "device", "operating_system", "traffic_source")
    },
    "raw_youtube.channel_month_demographics": (
        {"report_month": date(2026, 9, 1), "part": "age25-34/male"},
        {"viewerPercentage": 41.5},
    ),
    "raw_youtube.video_retention": (
        {"video_id": "v", "elapsed_ratio": 0.5},
        {"audienceWatchRatio": 1.2},
    ),
    "raw_youtube.reporting_jobs": ({"channel_id": "UC1", "report_type_id": "basic"}, {}),
    "raw_youtube.reporting_reports": (
        {**DAY, **PAST, "job_id": "j", "report_type_id": "basic"},
        {},
    ),
    "raw_youtube.reporting_reach_basic": (
        {**DAY, "line_number": 1},
        {"video_thumbnail_impressions": "900", "video_thumbnail_impressions_ctr": "0.05"},
    ),
    **{
        f"raw_youtube.reporting_{name}": ({**DAY, "line_number": 1}, {"views": "3"})
        for name in ("basic", "traffic_source", "device_os")
    },
    "raw_billing.customers": (PAST, {"metadata": {"user_id": ID}}),
    "raw_billing.products": (PAST, {"name": "Growth"}),
    "raw_billing.prices": (
        PAST,
        {"currency": "usd", "unit_amount": 9700, "unit_amount_decimal": "9700"},
    ),
    "raw_billing.subscriptions": (
        PAST,
        {"customer": "cus_1", "status": "active", "currency": "usd", "items": {"data": [{}]}},
    ),
    "raw_billing.invoices": (PAST, INVOICE),
    "raw_billing.refunds": (PAST, {"currency": "usd", "amount": 5}),
    "raw_billing.events": (PAST, {"type": "invoice.paid"}),
    "raw_costs.openai_costs": (
        {"bucket_date": YESTERDAY, "project_id": "p"},
        {"amount": {"value": 1.25, "currency": "usd"}},
    ),
    "raw_costs.elevenlabs_usage": ({"usage_date": YESTERDAY}, {"usage_usd": "0.5"}),
    "raw_costs.expenses": (
        {"line_number": 2, "expense_date": YESTERDAY},
        {"amount_usd": "-3.20"},
    ),
    "raw_costs.infrastructure_costs": (
        {"line_number": 2, "cost_date": YESTERDAY},
        {"amount_usd": "3.20"},
    ),
    "raw_platform.users": ({}, {"user_id": ID, "created_at": BEFORE, "target_revenue": 5}),
    "raw_platform.channels": (
        {},
        {"user_id": ID, "channel_id": ID, "created_at": BEFORE, "youtube_channel_id": "UC_a-1"},
    ),
    "raw_platform.videos": (
        {},
        {"video_id": ID, "channel_id": ID, "created_at": BEFORE, "duration_seconds": 5},
    ),
    "raw_platform.video_generation_jobs": ({}, {"job_id": ID, "video_id": ID, "retry_count": 0}),
    "raw_platform.cost_ledger": (
        {},
        {"entry_id": ID, "cost_usd": 0.5, "component": "gpu", "occurred_at": BEFORE},
    ),
    "raw_platform.video_costs": ({}, {"video_id": ID, "total_cost_cents": 5}),
    "raw_platform.thumbnails": ({}, {"video_id": ID, "clicks": 1, "impressions": 1}),
    "raw_platform.api_logs": ({}, {"occurred_at": BEFORE, "status_code": 200}),
    "raw_platform.error_logs": ({}, {"occurred_at": BEFORE}),
    "raw_platform.system_metrics": ({}, {"recorded_at": BEFORE, "cpu_usage": 5}),
    "raw_platform.deletions": ({"id": "1", "noticed_at": BEFORE}, {}),
}

# What is wrong with a row for each name of an expectation: columns, and what replaces a figure.
BAD_BY_NAME: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "report days are not ahead of Pacific time": (
        {"report_date": TOMORROW},
        {"day": str(TOMORROW)},
    ),
    "months are not ahead of Pacific time": ({"report_month": date(2026, 11, 1)}, {}),
    "the row's day is its report day": ({}, {"day": "2026-10-01"}),
    "engaged views are part of the views": ({}, {"engagedViews": 11}),
    "revenue of a day is sane, in US dollars": ({}, {"estimatedRevenue": 2e6}),
    "CPM is sane": ({}, {"cpm": 1001}),
    "likes are not above views": ({}, {"likeCount": "8"}),
    "shares of viewers are percentages": ({}, {"viewerPercentage": 100.1}),
    "places in the video are fractions of its length": ({"elapsed_ratio": 1.01}, {}),
    "jobs name their report type": ({"report_type_id": ""}, {}),
    "customers name their user": ({}, {"metadata": {"user_id": None}}),
    "amounts are in US dollars": ({}, {"currency": "eur"}),
    "prices are not negative": ({}, {"unit_amount_decimal": "-1"}),
    "subscriptions have items": ({}, {"items": {"data": []}}),
    "totals are sane, in cents": ({}, {"total": 10**11}),
    "amounts of lines are whole cents": (
        {},
        {"lines": {"has_more": False, "data": [{"amount": 1.5}]}},
    ),
    "all lines of an invoice are landed": (
        {},
        {"lines": {"has_more": True, "data": [{"amount": 1}]}},
    ),
    "refunds are not negative": ({}, {"amount": -1}),
    "a day's cost is sane and not negative": (
        {},
        {"amount": {"value": -1, "currency": "usd"}, "usage_usd": "-1"},
    ),
    "costs are in US dollars": ({}, {"amount": {"value": 1, "currency": "eur"}}),
    "credits are not negative": ({}, {"credits_used": "-1"}),
    "no day lies in the future": (
        {"bucket_date": TOMORROW, "usage_date": TOMORROW, "expense_date": TOMORROW}
        | {"cost_date": TOMORROW},
        {},
    ),
    "amounts are sane, in US dollars": ({}, {"amount_usd": "1000001"}),
    "channel ids are YouTube's": ({}, {"youtube_channel_id": "@handle"}),
    "progress is a percentage": ({}, {"progress_percentage": 101}),
    "quality scores lie in 0 to 100": ({}, {"quality_score": -1}),
    "costs are not negative": ({}, {"cost_usd": -0.01}),
    "the cost of a call is sane": ({}, {"cost_usd": 1000.01}),
    "status codes are HTTP's": ({}, {"status_code": 999}),
    "use of the processor is a percentage": ({}, {"cpu_usage": 101}),
    "use of memory is a percentage": ({}, {"memory_usage": 101}),
    "nothing is dated in the future": (
        {"created_at": LATER, "captured_at": LATER, "noticed_at": LATER},
        {"snippet": {"publishedAt": LATER}, "contentDetails": {"videoPublishedAt": LATER}}
        | dict.fromkeys(("created_at", "occurred_at", "recorded_at"), LATER),
    ),
}
CTR = "the click-through rate lies between 0 and 1"
# A bad row that is against another expectation too, and cannot be otherwise.
ALSO = {("raw_platform.cost_ledger", "costs are not negative"): "the cost of a call is sane"}


def _bad(table: str, expectation: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what makes a row of the table bad in the one way that the expectation is about."""
    suite = next(suite for suite in SUITES if suite.table == table)
    if expectation == "figures can be read":
        figure = next(item for item in suite.figures if item.kind.value[0])
        return {}, _nested(figure.path, "n/a")
    if expectation == "required figures are there":
        required = [figure.path for figure in suite.figures if figure.is_required]
        return {}, _nested(required[0], None) if required else {}
    if expectation == "counts are not negative":
        figure = next(item for item in suite.figures if item.kind.value[1] == "numeric")
        if "day_core" in table:
            figure = next(item for item in suite.figures if item.path == "shares")
        if "day_revenue" in table:
            figure = next(item for item in suite.figures if item.path == "adImpressions")
        if table == "raw_youtube.video_snapshots":
            figure = next(item for item in suite.figures if item.path == "likeCount")
        if table == "raw_platform.api_logs":
            figure = next(item for item in suite.figures if item.path == "response_time_ms")
        if table == "raw_platform.system_metrics":
            figure = next(item for item in suite.figures if item.path == "queue_depth")
        return {}, _nested(figure.path, -1)
    if expectation == CTR:
        return {}, {"clicks": 2, "video_thumbnail_impressions_ctr": "101"}
    return BAD_BY_NAME[expectation]


def _nested(path: str, value: Any) -> dict[str, Any]:
    for part in reversed(path.split(".")):
        value = {part: value}
    return dict(value)


def _merged(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Return an object with the values of another one over its own, at every depth."""
    return one | {
        name: _merged(one.get(name, {}), value) if isinstance(value, dict) else value
        for name, value in other.items()
    }


def _land(
    target: WarehouseTarget,
    table: str,
    number: int,
    *changes: tuple[dict[str, Any], dict[str, Any]],
) -> None:
    """Write a row as the lander does, told from others by the first text column of its key."""
    columns: dict[str, Any] = {}
    payload: dict[str, Any] = {}
    for more_columns, more_payload in changes:
        columns |= more_columns
        payload = _merged(payload, more_payload)
    with connect(target) as connection:
        found = connection.execute(
            """
            select column_name, data_type from information_schema.columns
            where table_schema || '.' || table_name = %s
                and is_nullable = 'NO' and column_name !~ '^_|^payload$'
            order by ordinal_position
            """,
            (table,),
        ).fetchall()
        row = {name: columns.get(name, BEFORE if "time" in kind else "x") for name, kind in found}
        first = next(name for name, kind in found if kind == "text")
        row[first] = f"key {number}"
        for column in ("report_date", "captured_at"):
            if column in row:
                day = row[column] if isinstance(row[column], date) else AS_OF.date()
                partitioned = connection.execute(
                    "select relkind = 'p' from pg_class where oid = %s::regclass", (table,)
                ).fetchone()
                if partitioned and partitioned[0]:
                    ensure_partitions(connection, table, day, day)
        names = ", ".join(row)
        marks = ", ".join(["%s"] * len(row))
        connection.execute(
            f"insert into {table} ({names}, payload, _batch_id, _loaded_at) "
            f"values ({marks}, %s, %s, now())".encode(),
            (*row.values(), json.dumps(payload), uuid4()),
        )


def _validate(target: WarehouseTarget, page: Path) -> tuple[UUID, Validation]:
    run_id = uuid4()
    with connect(target) as connection:
        connection.execute(
            "insert into ops.runs values (%s, 'validate', %s, now(), null, 'running', null, null)",
            (run_id, AS_OF),
        )
    return run_id, validate(target, run_id, AS_OF, lambda: datetime.now(UTC), page)


CASES = [
    (suite.table, expectation.name) for suite in SUITES for expectation in suite.every_expectation()
]


@pytest.fixture(scope="module")
def found(
    new_migrated_warehouse: Callable[[], WarehouseTarget],
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Validation, Validation]:
    """Return what is found in good rows alone, then with one bad row for each expectation."""
    target = new_migrated_warehouse()
    page = tmp_path_factory.mktemp("page") / "validation.html"
    for table, good in GOOD.items():
        _land(target, table, 0, good)
    _, clean = _validate(target, page)
    for number, (table, name) in enumerate(CASES, start=1):
        _land(target, table, number, GOOD[table], _bad(table, name))
    _, dirty = _validate(target, page)
    return clean, dirty


def test_good_rows_meet_every_expectation(found: tuple[Validation, Validation]) -> None:
    clean, _ = found
    assert not clean.failed
    assert not clean.warnings
    assert clean.streams == len(SUITES)


@pytest.mark.parametrize(("table", "name"), CASES)
def test_a_bad_row_is_found(found: tuple[Validation, Validation], table: str, name: str) -> None:
    _, dirty = found
    outcome = next(
        item for item in dirty.outcomes if (item.table, item.expectation) == (table, name)
    )
    number = CASES.index((table, name)) + 1
    assert not outcome.passed
    assert any(f"key {number}" in sample.values() for sample in outcome.samples)
    also = sum(ALSO.get(other) == name for other in CASES if other[0] == table)
    assert outcome.rows_unexpected == 1 + also
    assert outcome.advice


def test_every_raw_table_has_a_suite(migrated_warehouse: WarehouseTarget) -> None:
    with connect(migrated_warehouse) as connection:
        tables = connection.execute(
            """
            select nspname || '.' || relname from pg_class as relation
            inner join pg_namespace as schema on schema.oid = relation.relnamespace
            where nspname like 'raw\\_%' and relkind in ('r', 'p') and not relispartition
            """
        ).fetchall()
    assert {suite.table for suite in SUITES} == {table for (table,) in tables}


def test_streams_carry_their_own_names() -> None:
    known = [item for item in vars(streams).values() if isinstance(item, Stream)]
    known += [platform_stream(name) for name in PLATFORM_TABLES]
    for stream in known:
        assert owner(stream.table) == (stream.source, stream.name, stream.table)
