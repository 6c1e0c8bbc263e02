"""Back-fills that take days: nothing twice, within the day's calls, after the day's own work."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from standins import Steps
from youtube_standin import SEED, TEN, Stage, on_stage

from ingest.landing import Lander
from ingest.sources.youtube.back_fill import (
    API,
    BACK_FILL_BUCKET,
    BUCKET,
    BackFill,
    Outlook,
    outlooks,
    unfinished,
)
from ingest.sources.youtube.back_filling import Allowance
from ingest.sources.youtube.quota import Usage
from ingest.sources.youtube.windows import Days
from ingest.streams import (
    CHANNEL_DAY_CORE,
    CHANNEL_DAY_COUNTRY,
    CHANNEL_DAY_DEVICE,
    CHANNEL_MONTH_DEMOGRAPHICS,
    VIDEO_DAY_REVENUE,
)
from simulator.world.synthetic import SyntheticWorld
from warehouse.connection import WarehouseTarget, connect

DAY = timedelta(days=1)
FIRST = date(2026, 10, 26)
AS_OF = datetime(2026, 11, 14, 12, 5, tzinfo=UTC)
STREAMS = (
    CHANNEL_DAY_CORE,
    VIDEO_DAY_REVENUE,
    CHANNEL_DAY_COUNTRY,
    CHANNEL_DAY_DEVICE,
    CHANNEL_MONTH_DEMOGRAPHICS,
)
AUDIENCE = {"with_audience": True, "country_days": 2, "retention_videos": 0}


class Clock:
    """An instant that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = AS_OF

    def __call__(self) -> datetime:
        return self.now


class Killed(BaseException):
    """Ends an extraction as a kill does."""


@pytest.fixture(scope="module")
def world() -> SyntheticWorld:
    return SyntheticWorld(SEED, "small", AS_OF, FIRST)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def stage(
    migrated_warehouse: WarehouseTarget, world: SyntheticWorld, clock: Clock
) -> Iterator[Stage]:
    """Return a stage on which the day's own work is done."""
    with (
        Lander(lambda: connect(migrated_warehouse), None, clock) as lander,
        on_stage(lander, AS_OF, world=world) as stage,
    ):
        stage.read_data()
        stage.read_analytics(**AUDIENCE)
        stage.ledger.write(lander)
        yield stage


def go_on(stage: Stage, since: date | None = None, **settings: Any) -> list[str]:
    """Extract once and return what was said of the back-fill; no day: an ordinary run."""
    extraction = stage.extraction(since)
    given = {**AUDIENCE, "threads": 1, **settings}
    stage.analytics(**given).extract(extraction)
    stage.ledger.write(stage.lander)
    return extraction.notes


def made(stage: Stage, bucket: str, since: datetime = AS_OF - DAY) -> int:
    """Return the calls to the API since an instant."""
    [(count,)] = stage.lander.query(
        "select count(*) from ops.api_calls where api = %s and bucket = %s and called_at >= %s",
        (API, bucket, since),
    )
    return int(count)


def contents(stage: Stage) -> list[Any]:
    return [stage.select(stream, f"{', '.join(stream.keys)}, payload::text") for stream in STREAMS]


@pytest.fixture(scope="module")
def one_go(
    new_migrated_warehouse: Callable[[], WarehouseTarget], world: SyntheticWorld
) -> tuple[int, list[Any]]:
    """Return the calls and the contents of a back-fill that nothing ends early."""
    target = new_migrated_warehouse()
    with (
        Lander(lambda: connect(target), None, Clock()) as lander,
        on_stage(lander, AS_OF, world=world) as stage,
    ):
        stage.read_data()
        stage.read_analytics(**AUDIENCE)
        stage.ledger.write(lander)
        [said] = go_on(stage, FIRST)
        assert "finished 2026-11-14 12:05 UTC" in said
        return made(stage, BACK_FILL_BUCKET), contents(stage)


def test_it_goes_on_day_by_day_and_asks_nothing_twice(
    stage: Stage, clock: Clock, one_go: tuple[int, list[Any]]
) -> None:
    calls, expected = one_go
    daily = made(stage, BUCKET) + calls // 4
    days = 0
    while not days or unfinished(stage.lander.query):
        began = clock.now
        # Asked for once; ordinary runs go on with it, and so does the same command.
        said = go_on(stage, FIRST if days in (0, 2) else None, daily_calls=daily)
        before = made(stage, BACK_FILL_BUCKET)
        assert made(stage, BACK_FILL_BUCKET, began) > 0
        assert made(stage, BACK_FILL_BUCKET, began) + made(stage, BUCKET, began) <= daily
        if days == 0:
            assert "calls to go: about" in said[0]
            assert go_on(stage, FIRST, daily_calls=daily)[0] == said[0]
            assert made(stage, BACK_FILL_BUCKET) == before
        days += 1
        clock.now += DAY
    # The first day's share is what its own work had left; the others have more.
    assert days in (2, 3, 4)
    assert made(stage, BACK_FILL_BUCKET) == calls
    assert contents(stage) == expected
    [(rows, finished)] = stage.lander.query(
        "select days_done = days_total, finished_at from ops.back_fills"
    )
    assert rows
    assert finished == clock.now - DAY
    assert not stage.lander.query("select 1 from ops.cursors where scope like 'back-fill%%'")


def test_a_killed_one_goes_on_where_it_was(stage: Stage, one_go: tuple[int, list[Any]]) -> None:
    calls, expected = one_go
    steps = 0

    def kill() -> None:
        nonlocal steps
        steps += 1
        if steps == 3 * TEN // 2:
            raise Killed

    extraction = replace(stage.extraction(FIRST), progress=Steps(kill))
    with pytest.raises(Killed):
        stage.analytics(**AUDIENCE, threads=1).extract(extraction)
    stage.ledger.write(stage.lander)
    before = made(stage, BACK_FILL_BUCKET)
    assert 0 < before < calls
    go_on(stage, FIRST)
    assert not unfinished(stage.lander.query)
    # A piece of work has at most 31 days of countries and four more calls.
    assert calls <= made(stage, BACK_FILL_BUCKET) <= calls + 35
    assert contents(stage) == expected


def test_the_days_own_work_goes_first(stage: Stage, clock: Clock) -> None:
    day = AS_OF + DAY
    go_on(stage, FIRST, daily_calls=made(stage, BUCKET) + 5)
    clock.now = stage.as_of = day
    go_on(stage, daily_calls=20)
    needed = made(stage, BUCKET, day)
    assert needed > 20  # what is due is read whatever the back-fill wants
    assert made(stage, BACK_FILL_BUCKET, day) == 0
    assert unfinished(stage.lander.query)


def test_an_ordinary_run_does_a_part_of_it_and_gives_way(stage: Stage) -> None:
    extraction = replace(stage.extraction(FIRST), is_awaited=lambda: True)
    stage.analytics(**AUDIENCE, threads=1).extract(extraction)
    stage.ledger.write(stage.lander)
    before = made(stage, BACK_FILL_BUCKET)
    assert 0 < before <= 8
    go_on(stage, back_fill_calls_a_run=40)
    assert 0 < made(stage, BACK_FILL_BUCKET) - before <= 40
    assert unfinished(stage.lander.query)
    before = made(stage, BACK_FILL_BUCKET)
    stage.lander.write(
        """
        insert into ops.api_calls
            (called_at, api, method, bucket, units, status_code, reason, latency_ms)
        values (%s, %s, 'reports.query', %s, 1, 403, 'quotaExceeded', 1)
        """,
        [(AS_OF, API, BUCKET)],
    )
    go_on(stage, FIRST)
    assert made(stage, BACK_FILL_BUCKET) == before


def test_a_piece_that_is_more_than_a_day_has_is_done_all_the_same() -> None:
    midnight = AS_OF
    fresh = Usage(midnight, midnight + DAY)
    assert Allowance(10, fresh, None).take(11)
    used = replace(fresh, units={BUCKET: 1})
    assert not Allowance(10, used, None).take(10)
    run = Allowance(10, used, 2)
    assert [run.take(4), run.take(1), run.take(0)] == [True, False, False]


FILL = BackFill(
    "youtube_analytics", date(2026, 1, 15), date(2026, 3, 2), True, 1000, 250, AS_OF - DAY
)


def test_months_the_latest_first() -> None:
    assert list(FILL.months()) == [
        Days(date(2026, 3, 1), date(2026, 3, 2)),
        Days(date(2026, 2, 1), date(2026, 2, 28)),
        Days(date(2026, 1, 15), date(2026, 1, 31)),
    ]


def test_the_outlook_counts_calls_and_days(migrated_warehouse: WarehouseTarget) -> None:
    """250 channel-days took 500 calls in a day, so that 750 take 1,500 more: 3 days at that pace.

    The day's own work leaves 500 calls of 1,350, which are done today; 1,000 are left for later.
    """
    with Lander(lambda: connect(migrated_warehouse), None, Clock()) as lander:
        lander.write(
            "insert into ops.back_fills values (%s, %s, %s, true, 1000, 250, %s, %s)",
            [("youtube_analytics", FILL.since, FILL.until, FILL.asked_at, AS_OF)],
        )
        lander.write(
            """
            insert into ops.api_calls (called_at, api, method, bucket, units, latency_ms)
            select %s, %s, 'reports.query', %s, 1, 1 from generate_series(1, %s)
            """,
            [
                (AS_OF - DAY, API, BACK_FILL_BUCKET, 500),
                (AS_OF, API, BUCKET, 850),
            ],
        )
        [outlook] = outlooks(lander.query, 1350, AS_OF)
    assert outlook == Outlook(FILL, 1500, 500, 2, date(2026, 11, 16))
    assert str(outlook) == (
        "back-fill of youtube_analytics, 2026-01-15 to 2026-03-02: 250 of 1,000 channel-days "
        "(25%); about 1,500 calls to go: about 2 days, until 2026-11-16 at 500 calls a day"
    )
