"""An incremental build gives the rows of a full refresh, whatever happened in between."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from commands import AS_OF, BuiltWarehouse
from dbt.cli.main import dbtRunner

from runner.settings import PROJECT_DIR
from warehouse.connection import WarehouseTarget, connect

Run = Callable[..., None]
Row = tuple[Any, ...]

# By YouTube's id: the channel and day whose reports change, another whole day that goes, a day that
# is told of for the first time, and videos that the platform has lost. Each on the day that has
# most rows, so that there is something to change.
_CHANGES = """
create temporary table days as
    select channel_id, report_date, row_number() over (order by count(*) desc, channel_id) as place
    from raw_youtube.video_day_revenue group by channel_id, report_date;
update raw_youtube.video_day_core as report
set payload = payload || '{"views": 987654}', _loaded_at = clock_timestamp()
from days where place = 1 and (report.channel_id, report.report_date)
    = (days.channel_id, days.report_date);
delete from raw_youtube.video_day_revenue as report using days
where place = 2 and (report.channel_id, report.report_date) = (days.channel_id, days.report_date)
    and video_id = (select min(video_id) from raw_youtube.video_day_revenue as least
        where (least.channel_id, least.report_date) = (days.channel_id, days.report_date));
delete from raw_youtube.video_day_core as report using days
where place = 3 and (report.channel_id, report.report_date) = (days.channel_id, days.report_date);
delete from raw_youtube.video_day_revenue as report using days
where place = 3 and (report.channel_id, report.report_date) = (days.channel_id, days.report_date);
delete from raw_youtube.reporting_reach_basic as report using days
where place = 3 and (report.channel_id, report.report_date) = (days.channel_id, days.report_date);
insert into raw_youtube.video_day_core
select report.channel_id, (select min(report_date) from days) - 1, video_id,
    payload, _batch_id, clock_timestamp()
from raw_youtube.video_day_core as report inner join days
on place = 4 and (report.channel_id, report.report_date) = (days.channel_id, days.report_date);
delete from raw_platform.videos where id in (
    select id from raw_platform.videos where payload ->> 'youtube_video_id' is not null
    order by id limit 5
);
"""


@pytest.fixture
def target(
    build_demo: Callable[[int], BuiltWarehouse],
    scratch_copy: Callable[[BuiltWarehouse], BuiltWarehouse],
) -> WarehouseTarget:
    return scratch_copy(build_demo(7)).target


@pytest.fixture
def run(target: WarehouseTarget, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return a function that runs dbt on the models of video days as of an instant."""
    for name, value in target.environment().items():
        monkeypatch.setenv(name, value)
    common = ["--quiet", "--log-level", "none", "--log-path", str(tmp_path)]
    places = ["--project-dir", str(PROJECT_DIR), "--profiles-dir", str(PROJECT_DIR)]
    places += ["--target-path", str(tmp_path)]
    manifest: Any = dbtRunner().invoke([*common, "parse", *places]).result

    def run_models(as_of: datetime, *arguments: str) -> None:
        monkeypatch.setenv("YTEMPIRE_AS_OF", as_of.isoformat())
        models = ["--select", "dim_channels", "dim_videos", "int_video_days_reached"]
        runner = dbtRunner(manifest=copy.deepcopy(manifest))
        result: Any = runner.invoke(
            [*common, "run", *arguments, *models, "fct_video_days", *places]
        )
        assert result.success, [item.message for item in result.result.results]

    return run_models


def _rows(target: WarehouseTarget) -> set[Row]:
    with connect(target) as connection:
        found = connection.execute("select * from marts.fct_video_days").fetchall()
    assert len(found) == len(set(found))
    return set(found)


def test_video_days_are_those_of_a_full_refresh(target: WarehouseTarget, run: Run) -> None:
    run(AS_OF)
    before = _rows(target)
    with connect(target) as connection:
        connection.execute(_CHANGES)
    run(AS_OF)
    incremental = _rows(target)
    assert before - incremental
    assert incremental - before
    assert len(before & incremental) > len(before) / 2
    # An earlier instant knows fewer days, told as they are known now.
    earlier = AS_OF - timedelta(days=6)
    run(earlier)
    incremental_earlier = _rows(target)
    assert 0 < len(incremental_earlier) < len(incremental)
    run(AS_OF)
    assert _rows(target) == incremental
    run(AS_OF, "--full-refresh")
    assert _rows(target) == incremental
    run(earlier, "--full-refresh")
    assert _rows(target) == incremental_earlier
