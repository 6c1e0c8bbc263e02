"""The files of a synthetic world: expenses and the truth."""

from __future__ import annotations

import csv
import json
import os
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from simulator.world.synthetic import SyntheticWorld

AS_OF = datetime(2026, 3, 20, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def world() -> SyntheticWorld:
    return SyntheticWorld(7, "small", AS_OF)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_expense_files_cover_the_billing_history(world: SyntheticWorld, tmp_path: Path) -> None:
    world.write_expenses(tmp_path)
    files = sorted(tmp_path.iterdir())
    assert [files[0].name, files[-1].name] == ["expenses-2024-12.csv", "expenses-2026-03.csv"]
    assert len(files) == 16
    first = files[0].read_text(encoding="utf-8").splitlines()[0]
    assert first == "date,department,category,vendor,description,amount,currency"
    every = [row for file in files for row in rows(file)]
    assert max(row["date"] for row in every) <= "2026-03-20"
    marketing = {row["category"] for row in every if row["department"] == "marketing"}
    assert marketing == {"paid_ads", "content_marketing", "sales"}
    assert {"infrastructure", "engineering"} <= {row["department"] for row in every}
    amounts = [row["amount"] for row in every]
    notation = re.compile(r"\$?\d{1,3}(,\d{3})*\.\d\d|\d+\.\d\d|\(\d+\.\d\d\)")
    assert all(notation.fullmatch(amount) for amount in amounts)
    for mark in ("$", ",", "("):
        assert any(mark in amount for amount in amounts), mark


def test_expense_files_are_rewritten_only_where_they_differ(
    world: SyntheticWorld, tmp_path: Path
) -> None:
    world.write_expenses(tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    for path in tmp_path.iterdir():
        os.utime(path, (0, 0))
    world.write_expenses(tmp_path)
    assert all(path.stat().st_mtime == 0 for path in tmp_path.iterdir())
    SyntheticWorld(7, "small", AS_OF + timedelta(days=5), world.first_day).write_expenses(tmp_path)
    changed = {path.name for path in tmp_path.iterdir() if path.stat().st_mtime != 0}
    assert changed == {"expenses-2026-03.csv"}
    running = tmp_path / "expenses-2026-03.csv"
    assert running.read_bytes().startswith(before["expenses-2026-03.csv"])


def test_truth_files(world: SyntheticWorld, tmp_path: Path) -> None:
    world.write_truth(tmp_path)
    days, mrr = rows(tmp_path / "channel_days.csv"), rows(tmp_path / "mrr.csv")
    videos, costs = rows(tmp_path / "videos.csv"), rows(tmp_path / "video_costs.csv")
    summary = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))
    unmonetised = {c.youtube_channel_id for c in world.channels if not c.is_monetised}
    assert {r["youtube_channel_id"] for r in days if not r["revenue_usd"]} == unmonetised
    told = {(r["youtube_channel_id"], r["date_day"]): r for r in days}
    channel = world.channels[0]
    for day in world.channel_days(
        channel.youtube_channel_id, world.first_day, world.last_report_day
    ):
        row = told.pop((channel.youtube_channel_id, day.day.isoformat()))
        assert int(row["views"]) == day.views
        assert Decimal(row["revenue_usd"]) == Decimal(day.revenue_mills) / 1_000
    assert not any(own == channel.youtube_channel_id for own, _ in told)
    assert {r["user_id"] for r in mrr} == {str(user.user_id) for user in world.users}
    assert max(r["month_start"] for r in mrr) == "2026-03-01"
    assert {r["youtube_video_id"] for r in videos} == {
        video.youtube_video_id
        for each in world.channels
        for video in world.videos(each.youtube_channel_id)
        if video.status == "published"
    }
    assert summary["public_videos"] == len(videos)
    assert Decimal(summary["cost_usd"]) == sum(Decimal(r["cost_usd"]) for r in costs)
    assert Decimal(summary["revenue_usd"]) == sum(Decimal(r["revenue_usd"] or 0) for r in days)
    for lines in (days, mrr, videos, costs):
        values = [tuple(row.values()) for row in lines]
        assert values == sorted(values)


def test_truth_of_movements_leads_from_month_to_month(
    world: SyntheticWorld, tmp_path: Path
) -> None:
    world.write_truth(tmp_path)
    moved, mrr = rows(tmp_path / "mrr_movements.csv"), rows(tmp_path / "mrr.csv")
    closings = [Decimal(row["base_mrr"]) + Decimal(row["overage_mrr"]) for row in mrr]
    assert [Decimal(row["closing_mrr"]) for row in moved] == closings
    for before, row in pairwise(moved):
        follows = before["user_id"] == row["user_id"]
        assert row["opening_mrr"] == (before["closing_mrr"] if follows else "0.00")
    names = {row["movement"] for row in moved}
    assert names == {"new", "expansion", "contraction", "churn", "reactivation", "none"}


def test_truth_of_marketing_is_what_the_files_say(world: SyntheticWorld, tmp_path: Path) -> None:
    world.write_truth(tmp_path)
    world.write_expenses(tmp_path / "expenses")
    booked: dict[tuple[str, str], Decimal] = {}
    for file in (tmp_path / "expenses").iterdir():
        for row in rows(file):
            if row["department"] == "marketing":
                plain = re.sub(r"[$,()]", "", row["amount"])
                amount = Decimal(plain) * (-1 if row["amount"].startswith("(") else 1)
                key = (row["date"][:7] + "-01", row["category"])
                booked[key] = booked.get(key, Decimal()) + amount
    truth = rows(tmp_path / "marketing_costs.csv")
    told = {(row["month_start"], row["category"]): Decimal(row["cost_usd"]) for row in truth}
    assert told == booked


def test_truth_is_the_same_bytes_again(world: SyntheticWorld, tmp_path: Path) -> None:
    world.write_truth(tmp_path / "one")
    SyntheticWorld(7, "small", AS_OF).write_truth(tmp_path / "two")
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


def test_infrastructure_files_depend_on_the_seed_and_the_instant_alone(
    world: SyntheticWorld, tmp_path: Path
) -> None:
    world.write_infrastructure_costs(tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert len(before) == 16
    assert {"infrastructure-2026-02.xlsx", "infrastructure-2026-03.csv"} <= set(before)
    for path in tmp_path.iterdir():
        os.utime(path, (0, 0))
    SyntheticWorld(7, "small", AS_OF).write_infrastructure_costs(tmp_path)
    assert all(path.stat().st_mtime == 0 for path in tmp_path.iterdir())
    later = SyntheticWorld(7, "small", AS_OF + timedelta(days=5), world.first_day)
    later.write_infrastructure_costs(tmp_path)
    changed = {path.name for path in tmp_path.iterdir() if path.stat().st_mtime != 0}
    assert changed == {"infrastructure-2026-03.csv"}
    running = tmp_path / "infrastructure-2026-03.csv"
    assert running.read_bytes().startswith(before["infrastructure-2026-03.csv"])
    assert (
        list(later.infrastructure_costs())[: 5 * 400]
        == list(world.infrastructure_costs())[: 5 * 400]
    )
