"""Runs that are repeated, killed, or continued a day later."""

from __future__ import annotations

import csv
import random
import subprocess
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from commands import AS_OF, BuiltWarehouse, Ytempire, contents, serving

from runner.truth import compare_with_truth
from warehouse.connection import WarehouseTarget, connect

pytestmark = pytest.mark.slow

RAW = ("raw_youtube", "raw_billing", "raw_costs", "raw_platform")
BUILT = ("marts", "intermediate")
# What tells of the runs themselves has more to tell after each.
OF_THE_RUNS = {"pipeline_runs", "validation_days", "pipeline_alert_measures", "alert_conditions"}

OF_THE_CALLS = {"api_endpoint_hours", "api_service_hours", "youtube_quota_days"}


@pytest.fixture
def continued(
    build_demo: Callable[[int], BuiltWarehouse],
    scratch_copy: Callable[[BuiltWarehouse], BuiltWarehouse],
) -> BuiltWarehouse:
    """Return a copy of the warehouse that the demo of seed 7 filled."""
    return scratch_copy(build_demo(7))


def _told(target: WarehouseTarget, *schemas: str) -> dict[str, tuple[int, str]]:
    """Return the contents of all tables but those that tell of the runs."""
    found = contents(target, schemas)
    return {table: told for table, told in found.items() if table.split(".")[1] not in OF_THE_RUNS}


def _world(built: BuiltWarehouse) -> tuple[str, ...]:
    """Return the arguments that let the stand-ins tell the same world."""
    with connect(built.target) as connection:
        row = connection.execute("select value from ops.notes where name = 'demo_world'").fetchone()
    assert row is not None
    held = row[0]
    return ("--seed", str(held["seed"]), "--scale", held["scale"], "--start", held["start"])


def _platform(target: WarehouseTarget) -> WarehouseTarget:
    return replace(target, database=f"{target.database}_platform")


def _landed(report: dict[str, Any]) -> dict[str, int]:
    return {
        f"{source['source']}.{name}": stream["rows_landed"]
        for source in report["sources"]
        for name, stream in source["streams"].items()
        if stream["rows_landed"]
    }


def test_a_second_run_changes_nothing(continued: BuiltWarehouse, tmp_path: Path) -> None:
    before = _told(continued.target, *RAW, *BUILT)
    with serving(tmp_path, _platform(continued.target), AS_OF, *_world(continued)) as told:
        command = Ytempire(continued.target, tmp_path, told["environment"])
        report = command.report("run", "--as-of", AS_OF.isoformat())
        hot = command.report("run", "--tier", "hot", "--as-of", AS_OF.isoformat())
    assert [source["source"] for source in hot["sources"]] == ["platform", "youtube_data"]
    built = {node["name"] for node in hot["build"]["nodes"]}
    assert "pipeline_runs" in built
    assert not {"cost_days", "mrr_monthly", "fct_video_days"} & built
    assert _landed(report) == {}
    assert _told(continued.target, *RAW, *BUILT) == before
    # All is up to date then but what tells of the runs themselves. In a copy of a warehouse nothing
    # was, as PostgreSQL's counts of changed rows are not copied.
    command("build")  # the hot run moved cursors, upon which slower models are built too
    again = command.report("build")
    assert 0 < again["build"]["models"] < again["build"]["models_up_to_date"] / 4
    assert _told(continued.target, *RAW, *BUILT) == before
    # A row that somebody mends by hand changes what is built on it, and nothing else.
    with connect(continued.target) as connection:
        connection.execute("update raw_platform.error_logs set _loaded_at = _loaded_at")
    mended = {node["name"] for node in command.report("build")["build"]["nodes"]}
    assert {"stg_platform__error_logs", "platform_error_hours"} <= mended
    assert not {"dim_channels", "mrr_monthly", "fct_video_days"} & mended


def test_a_day_later_only_what_is_new_is_fetched(continued: BuiltWarehouse, tmp_path: Path) -> None:
    later = AS_OF + timedelta(days=1)
    first = {source["source"]: source for source in continued.report["sources"]}
    with serving(tmp_path, _platform(continued.target), later, *_world(continued)) as told:
        command = Ytempire(continued.target, tmp_path, told["environment"])
        report = command.report("run", "--as-of", later.isoformat())
        truth = compare_with_truth(continued.target, Path(told["truth_dir"]))
    assert [item.differences for item in truth] == [()] * len(truth)
    assert len(truth) >= 5
    second = {source["source"]: source for source in report["sources"]}
    # A day of thirty is new, and some days of the restatement windows changed. The counters of
    # every video that is due are a new snapshot, which is all that may be as many as before.
    for name in ("platform", "youtube_data", "youtube_analytics"):
        before, after = _rows(first[name]), _rows(second[name])
        assert 0 < after < before / 5, (name, before, after)
    assert second["youtube_analytics"]["calls"] <= first["youtube_analytics"]["calls"]
    with connect(continued.target) as connection:
        days = connection.execute(
            """
            select max(report_date) - %s::date,
                count(*) filter (where batches.run_id = (
                    select run_id from ops.runs order by started_at desc limit 1
                )) < count(*)
            from raw_youtube.channel_day_core
            inner join ops.batches on batches.batch_id = channel_day_core._batch_id
            """,
            (_last_report_day(continued),),
        ).fetchone()
    assert days == (1, True)


def _rows(source: dict[str, Any]) -> int:
    return sum(
        stream["rows_landed"]
        for name, stream in source["streams"].items()
        if name not in ("channel_snapshots", "video_snapshots")
    )


def _last_report_day(built: BuiltWarehouse) -> str:
    with (built.truth_dir / "channel_days.csv").open(encoding="utf-8") as file:
        return max(row["date_day"] for row in csv.DictReader(file))


def test_kills_at_random_moments_leave_no_trace(
    build_demo: Callable[[int], BuiltWarehouse],
    new_migrated_warehouse: Callable[[], WarehouseTarget],
    tmp_path: Path,
) -> None:
    undisturbed = build_demo(7)
    target = new_migrated_warehouse()
    chance = random.Random(20)
    kills = 0
    with serving(tmp_path, _platform(target), AS_OF, *_world(undisturbed)) as told:
        command = Ytempire(target, tmp_path, told["environment"])
        while kills < 20:
            # Early ones hit the start and the extraction, later ones the build.
            moment = chance.uniform(0.5, 3) if kills < 10 else chance.uniform(2, 9)
            with command.start("run", "--as-of", AS_OF.isoformat(), "--json") as process:
                try:
                    process.communicate(timeout=moment)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.communicate()
                    kills += 1
        command("run", "--as-of", AS_OF.isoformat(), "--json")
    expected, found = (_told(built, *RAW, *BUILT) for built in (undisturbed.target, target))
    assert found.keys() == expected.keys()
    differing = {table for table in expected if found[table] != expected[table]}
    # Runs that were killed had called, too.
    assert differing <= {f"marts.{mart}" for mart in OF_THE_CALLS}
    with connect(target) as connection:
        interrupted = connection.execute(
            "select count(*) from ops.runs where status = 'interrupted'"
        ).fetchone()
    assert interrupted is not None
    assert interrupted[0] >= 5


def test_two_runs_at_once_do_not_mix(continued: BuiltWarehouse, tmp_path: Path) -> None:
    with serving(tmp_path, _platform(continued.target), AS_OF, *_world(continued)) as told:
        command = Ytempire(continued.target, tmp_path, told["environment"])
        arguments = ("run", "--as-of", AS_OF.isoformat())
        with command.start(*arguments) as first:
            _wait_for_a_run(continued.target)
            impatient = command(*arguments, "--wait-seconds", "0", exit_code=12)
            patient = command(*arguments, "--wait-seconds", "290")
            first.communicate()
            assert first.returncode == 0
    assert "Another run is in progress" in impatient.stderr
    assert "Waiting up to 290 s" in patient.stdout


def _wait_for_a_run(target: WarehouseTarget) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with connect(target) as connection:
            row = connection.execute(
                "select exists (select from ops.runs where status = 'running')"
            ).fetchone()
        if row is not None and row[0]:
            return
        time.sleep(0.05)
    pytest.fail("the first run did not start")


CATALOGUE = Path(__file__).resolve().parents[4] / "shared" / "data" / "youtube_trending_us_2017.csv"
# The file's dates are day.month, and a spreadsheet has eaten October's last zero.
_MONTHS = {"09": 9, "1": 10}
_AFTER_THE_FILE = datetime(2017, 10, 25, 12, tzinfo=UTC)


def _real_videos() -> tuple[dict[str, set[str]], dict[str, set[int]]]:
    """Return the file's titles by video, and its view counts of each video's last day."""
    titles: dict[str, set[str]] = {}
    views: dict[str, dict[tuple[int, int], set[int]]] = {}
    with CATALOGUE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            day, _, month = row["date"].partition(".")
            if month not in _MONTHS:
                continue  # a row whose columns are shifted
            # The same spreadsheet took ids that begin with "-" for formulas.
            video = row["video_id"]
            if video == "#NAME?":
                video = row["thumbnail_link"].split("/")[-2]
            titles.setdefault(video, set()).add(row["title"])
            at = (_MONTHS[month], int(day))
            views.setdefault(video, {}).setdefault(at, set()).add(int(row["views"]))
    return titles, {video: by_day[max(by_day)] for video, by_day in views.items()}


@pytest.mark.skipif(not CATALOGUE.exists(), reason="the catalogue of real videos is not here")
def test_a_catalogue_of_real_videos(migrated_warehouse: WarehouseTarget, tmp_path: Path) -> None:
    platform = _platform(migrated_warehouse)
    with serving(tmp_path, platform, _AFTER_THE_FILE, "--catalog", str(CATALOGUE)) as told:
        command = Ytempire(migrated_warehouse, tmp_path, told["environment"])
        at = ("--as-of", told["world"]["as_of"], "--json")
        # Bulk reports of 1,200 channels would take more calls than YouTube allows in a day.
        command("extract", "platform", "youtube_data", "youtube_analytics", *at, timeout=900)
        command("build", *at, timeout=900)
    titles, views = _real_videos()
    with connect(migrated_warehouse) as connection:
        found = {
            video: (title, count)
            for video, title, count in connection.execute(
                "select youtube_video_id, title, views from marts.dim_videos"
            )
        }
    assert len(titles) > 2000
    assert found.keys() == titles.keys()
    assert not {video for video, known in titles.items() if found[video][0] not in known}
    assert not {video for video, counts in views.items() if found[video][1] not in counts}
