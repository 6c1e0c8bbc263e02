"""A run whose gate refuses a stream: what depends on it stays, the rest is built."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from commands import AS_OF, contents
from psycopg.types.json import Jsonb

from runner import pipeline
from runner.progress import Silent
from warehouse.connection import WarehouseTarget, connect

pytestmark = pytest.mark.slow

USERS = [f"00000000-0000-4000-8000-00000000000{n}" for n in (1, 2)]
# One mart on the refused stream and one beside it, with all that they need.
MARTS = ("+fct_video_costs", "+dim_users")


def _land(target: WarehouseTarget, table: str, identity: str, **payload: Any) -> None:
    instants = dict.fromkeys(("created_at", "updated_at", "occurred_at"), AS_OF.isoformat())
    with connect(target) as connection:
        connection.execute(
            f"insert into raw_platform.{table} values"
            " (%s, %s, %s, gen_random_uuid(), clock_timestamp())",
            (identity, AS_OF, Jsonb({**instants, **payload})),
        )


def _land_user(target: WarehouseTarget, user: str) -> None:
    _land(
        target,
        "users",
        user,
        user_id=user,
        email=f"{user}@example.com",
        full_name="A",
        status="active",
        subscription_tier="starter",
        acquisition_channel="referral",
        country="DE",
        time_zone="Europe/Berlin",
        target_revenue="10000",
    )


def _land_cost(target: WarehouseTarget, entry: str, usd: str) -> None:
    identity = f"00000000-0000-4000-8000-0000000000{entry}"
    ids = {"entry_id": identity, "user_id": USERS[0], "channel_id": USERS[0], "video_id": USERS[0]}
    _land(target, "cost_ledger", identity, **ids, component="openai", cost_usd=usd, units="1")


def test_what_depends_on_a_refused_stream_keeps_its_last_good_state(
    migrated_warehouse: WarehouseTarget, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBT_TARGET_PATH", str(tmp_path / "target"))
    monkeypatch.setenv("DBT_LOG_PATH", str(tmp_path / "logs"))
    # Tests that need more marts than these are left out.
    monkeypatch.setenv("DBT_INDIRECT_SELECTION", "cautious")
    plan = pipeline.Plan(
        command="run",
        as_of=AS_OF,
        configs={},
        missing={},
        extracts=False,
        select=MARTS,
        page=tmp_path / "validation.html",
    )
    _land_user(migrated_warehouse, USERS[0])
    _land_cost(migrated_warehouse, "01", "0.25")
    first = pipeline.run(migrated_warehouse, plan, Silent())
    assert first.exit_code == 0, first.problems
    before = contents(migrated_warehouse, ["marts"])
    assert before["marts.fct_video_costs"][0] == before["marts.dim_users"][0] == 1

    _land_user(migrated_warehouse, USERS[1])
    _land_cost(migrated_warehouse, "02", "1.50")
    _land_cost(migrated_warehouse, "03", "-3")
    report = pipeline.run(migrated_warehouse, plan, Silent())
    assert report.exit_code == 13
    after = contents(migrated_warehouse, ["marts"])
    assert after["marts.dim_users"][0] == 2
    assert after["marts.fct_video_costs"] == before["marts.fct_video_costs"]
