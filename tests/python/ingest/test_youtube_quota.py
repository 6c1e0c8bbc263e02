"""The quota's day, the budget, fair shares, and how an extraction keeps to them."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from youtube_day import BIG, simulate
from youtube_standin import AS_OF, TEN, lander_of, on_stage

from ingest.extraction import ApiCall, CallLedger
from ingest.landing import Lander
from ingest.sources.youtube import day_plan, schedule
from ingest.sources.youtube.day_plan import Holdings, plan_day, slots_between
from ingest.sources.youtube.quota import (
    DEFAULT_BUCKET,
    STATS_BUCKET,
    Budget,
    BudgetSpentError,
    Usage,
    pacific_midnight,
    read_usage,
)
from ingest.sources.youtube.shares import Ask, choose, fair_shares
from ingest.sources.youtube.state import read_holdings
from ingest.streams import VIDEOS
from runner.quota import BucketUse, report
from warehouse.connection import WarehouseTarget
from warehouse.errors import QuotaError

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NOON = datetime(2026, 11, 20, 20, tzinfo=UTC)


@pytest.fixture
def lander(migrated_warehouse: WarehouseTarget) -> Iterator[Lander]:
    with lander_of(migrated_warehouse) as lander:
        yield lander


class TestFairShares:
    @given(st.integers(0, 2000), st.dictionaries(st.integers(), st.integers(0, 500), max_size=20))
    def test_properties(self, capacity: int, asked: dict[int, int]) -> None:
        shares = fair_shares(capacity, asked)
        assert shares.keys() == asked.keys()
        assert sum(shares.values()) == min(capacity, sum(asked.values()))
        for key, share in shares.items():
            assert min(asked[key], capacity // len(asked)) <= share <= asked[key]
        # Who goes short has as much as anybody, but for a remainder.
        short = [shares[key] for key in asked if shares[key] < asked[key]]
        assert not short or max(shares.values()) <= min(short) + 1

    def test_what_one_does_not_need_flows_on(self) -> None:
        assert fair_shares(100, {"small": 10, "middle": 40, "big": 1000}) == {
            "small": 10,
            "middle": 40,
            "big": 50,
        }

    def test_nothing_to_share(self) -> None:
        assert fair_shares(-5, {"one": 3}) == {"one": 0}
        assert fair_shares(5, {}) == {}

    @given(
        st.integers(0, 300),
        st.lists(st.tuples(st.integers(0, 5), st.integers(1, 60)), max_size=30),
        st.dictionaries(st.integers(0, 5), st.integers(0, 200)),
        st.fractions(0, 1),
    )
    def test_what_is_chosen(
        self,
        capacity: int,
        wants: list[tuple[int, int]],
        later: dict[int, int],
        pace: Fraction,
    ) -> None:
        asks = [Ask(who, cost, number) for number, (who, cost) in enumerate(wants)]
        granted = choose(asks, capacity, later, pace)
        assert sum(ask.cost for ask in granted) <= capacity
        assert [ask.item for ask in granted] == sorted(ask.item for ask in granted)
        if sum(ask.cost for ask in asks) + sum(later.values()) <= capacity:
            assert granted == asks

    def test_the_most_urgent_first_and_never_at_the_others_cost(self) -> None:
        asks = [Ask("big", 1, n) for n in range(100)] + [Ask("small", 1, n) for n in range(5)]
        granted = choose(asks, 50, {"small": 15})
        assert [ask.item for ask in granted if ask.who == "big"] == list(range(30))
        assert sum(ask.who == "small" for ask in granted) == 5

    def test_a_pace_holds_back_only_who_cannot_have_all(self) -> None:
        asks = [Ask("big", 1, n) for n in range(100)] + [Ask("small", 1, n) for n in range(5)]
        granted = choose(asks, 50, {"small": 15}, Fraction(1, 10))
        assert sum(ask.who == "big" for ask in granted) == 3
        assert sum(ask.who == "small" for ask in granted) == 5


class TestDay:
    @pytest.mark.parametrize(
        ("now", "start", "hours"),
        [
            (NOON, datetime(2026, 11, 20, 8, tzinfo=UTC), 24),
            (datetime(2026, 7, 1, 6, 59, tzinfo=UTC), datetime(2026, 6, 30, 7, tzinfo=UTC), 24),
            (datetime(2026, 3, 8, 12, tzinfo=UTC), datetime(2026, 3, 8, 8, tzinfo=UTC), 23),
            (datetime(2026, 11, 1, 12, tzinfo=UTC), datetime(2026, 11, 1, 7, tzinfo=UTC), 25),
        ],
    )
    def test_midnights_in_california(self, now: datetime, start: datetime, hours: int) -> None:
        assert pacific_midnight(now) == start
        usage = read_usage(lambda *_: [], now)
        assert (usage.day_start, usage.resets_at) == (start, start + hours * HOUR)

    def test_slots(self) -> None:
        assert slots_between(NOON, NOON + HOUR, 15 * MINUTE) == 3
        assert slots_between(NOON + MINUTE, NOON + HOUR + MINUTE, 15 * MINUTE) == 4
        assert slots_between(NOON, NOON, HOUR) == 0

    def test_plan(self) -> None:
        user = uuid4()
        plan = plan_day(
            NOON, [Holdings(user, 5, (30, 40, 500, 7), 10)], refresh_days=7, reconcile_days=7
        )
        rows = plan.rows[user]
        assert rows[day_plan.CHANNEL_COUNTERS] == 5 * 47  # 12 hours are left
        assert [rows[kind] for kind in day_plan.COUNTERS] == [30 * 47, 40 * 11, 500, 0]
        assert rows[day_plan.NEW_VIDEOS] == 5
        assert plan.by_user() == {user: sum(plan.by_kind().values())}

    def test_pace(self) -> None:
        usage = Usage(NOON - 12 * HOUR, NOON + 12 * HOUR)
        assert usage.pace(NOON) == 1
        usage = Usage(NOON - 12 * HOUR, NOON + 12 * HOUR, last_call_at=NOON - HOUR)
        assert usage.pace(NOON) == Fraction(1, 12)

    def test_kinds_and_lateness(self) -> None:
        kinds = [day_plan.counters_kind(NOON - days * DAY, NOON) for days in (3, 4, 90, 91)]
        assert kinds == list(day_plan.COUNTERS)
        assert day_plan.counters_kind(None, NOON) == day_plan.COUNTERS[-1]
        assert schedule.lateness(NOON - DAY, NOON - HOUR, NOON) == 4
        assert schedule.lateness(NOON - 5 * DAY, NOON - HOUR, NOON) == 1


class TestBudget:
    def test_it_ends(self) -> None:
        budget = Budget(10, Usage(NOON, NOON + DAY, {DEFAULT_BUCKET: 5, STATS_BUCKET: 3}))
        budget.admit(DEFAULT_BUCKET, 1)
        budget.refund(1)
        budget.admit(STATS_BUCKET, 2)
        with pytest.raises(BudgetSpentError, match="10 units a day"):
            budget.admit(STATS_BUCKET, 1)

    def test_a_closed_bucket(self) -> None:
        budget = Budget(10, Usage(NOON, NOON + DAY, closed=frozenset({DEFAULT_BUCKET})))
        with pytest.raises(QuotaError, match="bucket default") as caught:
            budget.admit(DEFAULT_BUCKET, 1)
        assert not isinstance(caught.value, BudgetSpentError)
        budget.admit(STATS_BUCKET, 1)
        budget.close(STATS_BUCKET)
        with pytest.raises(QuotaError, match=f"bucket {STATS_BUCKET}"):
            budget.admit(STATS_BUCKET, 1)


def note(lander: Lander, at: datetime, bucket: str, units: int, reason: str | None = None) -> None:
    ledger = CallLedger(None)
    status = 403 if reason else 200
    ledger.add(ApiCall(at, "youtube", "videos.list", bucket, units, status, reason, 5))
    ledger.add(ApiCall(at, "youtubeAnalytics", "reports.query", "default", 1, 200, None, 5))
    ledger.write(lander)


class TestBooks:
    def test_usage_is_of_the_day(self, lander: Lander) -> None:
        midnight = pacific_midnight(NOON)
        note(lander, midnight - MINUTE, DEFAULT_BUCKET, 100, "quotaExceeded")
        note(lander, midnight, DEFAULT_BUCKET, 10)
        note(lander, midnight + HOUR, STATS_BUCKET, 7, "quotaExceeded")
        usage = read_usage(lander.query, NOON)
        assert usage.units == {DEFAULT_BUCKET: 10, STATS_BUCKET: 7}
        assert usage.closed == {STATS_BUCKET}
        assert usage.last_call_at == midnight + HOUR

    def test_a_budget_that_does_not_do(
        self, lander: Lander, caplog: pytest.LogCaptureFixture
    ) -> None:
        """What fits is read, the rest is told in a line and read when the budget allows."""
        with on_stage(lander) as stage, caplog.at_level(logging.WARNING):
            stage.read_data(daily_units=15)
            assert 0 < stage.calls().total() <= 15
            [line] = [each for each in caplog.messages if "wait for a later run" in each]
            assert "budget of 15 units a day" in line
            before = stage.calls()
            stage.read_data(daily_units=15)
            assert (stage.calls() - before).total() <= 15 - before.total()
            stage.read_data()
            assert stage.landed()["channels"] == TEN
            assert len(stage.select(VIDEOS, "video_id")) == len(stage.public_videos())

    def test_nothing_is_asked_when_the_day_is_used_up(self, lander: Lander) -> None:
        with on_stage(lander) as stage:
            stage.read_data(daily_units=0)
            assert not stage.calls()
            assert not stage.landed()

    def test_a_bucket_that_youtube_closed_stays_closed_until_midnight(self, lander: Lander) -> None:
        with on_stage(lander) as stage:
            note(lander, lander.clock(), DEFAULT_BUCKET, 1, "quotaExceeded")
            with pytest.raises(QuotaError, match="bucket default"):
                stage.read_data()
            assert not stage.calls()
            lander.query(
                "update ops.api_calls set called_at = called_at - interval '1 day' returning 1"
            )
            stage.read_data()
            assert stage.calls()["channels"] == 1

    def test_what_users_hold(self, lander: Lander) -> None:
        with on_stage(lander) as stage:
            stage.read_data()
            owners = {each.youtube_channel_id: each.user_id for each in stage.channels}
            held = read_holdings(lander.query, owners, AS_OF)
            assert sum(each.channels for each in held) == TEN
            ages = [
                AS_OF - video.published_at
                for video in stage.public_videos().values()
                if video.published_at
            ]
            young, week, quarter, older = (
                sum(each.videos[band] for each in held) for band in range(4)
            )
            assert young == sum(age <= 72 * HOUR for age in ages)
            assert week == sum(72 * HOUR < age <= 7 * DAY for age in ages)
            assert older == sum(age > 90 * DAY for age in ages)
            assert young + week + quarter + older == len(ages)
            assert sum(each.published_last_day for each in held) == sum(age <= DAY for age in ages)

    def test_the_report(self, lander: Lander) -> None:
        with on_stage(lander) as stage:
            stage.read_data()
            used = stage.calls().total()
            now = lander.clock()
            lander.write(
                """
                insert into ops.api_calls
                    (called_at, api, method, bucket, units, status_code, reason, latency_ms)
                values (%s, %s, 'm', 'b', 1, 200, %s, 1)
                """,
                [
                    (now, "youtubeAnalytics", None),
                    (now - 2 * DAY, "youtubeAnalytics", None),
                    (now, "youtubereporting", None),
                    (now, "youtubereporting", "quotaExceeded"),
                ],
            )
            told = report(lander, 100, now, 50)
            assert told.calls == [
                BucketUse("analytics", 1, 50, 49, False),
                BucketUse("reporting", 2, 20_000, 0, True),
            ]
            assert (told.used, told.remaining) == (used, 100 - used)
            assert [(each.bucket, each.used) for each in told.buckets][:2] == [
                (DEFAULT_BUCKET, used),
                (STATS_BUCKET, 0),
            ]
            assert {kind.kind for kind in told.plan} == set(day_plan.KINDS)
            assert {UUID(user.user_id) for user in told.users} == {
                channel.user_id for channel in stage.channels
            }
            assert all(user.share <= user.wanted for user in told.users)
            assert told.as_json()["resets_at"] == told.resets_at.isoformat()


class TestSimulatedDay:
    """45,000 videos of 250 channels, a run each 15 minutes."""

    def test_every_promise_is_kept_within_the_budget(self) -> None:
        day = simulate(failures=0.1)
        assert day.total < 8_500
        assert max(day.buckets.values()) < 10_000
        assert max(day.worst.values()) <= 1.0
        assert day.runs_cut_short == 0

    @pytest.mark.parametrize(("units", "is_big_late"), [(8_500, False), (4_500, True)])
    def test_who_owns_half_of_all_videos_does_not_starve_the_others(
        self, units: int, is_big_late: bool
    ) -> None:
        day = simulate(big_share=0.5, daily_units=units)
        assert day.total <= units
        assert day.worst_of_others() <= 1.0
        assert (day.worst[BIG] > 1.0) is is_big_late
        assert day.rows[BIG] > 5 * max(rows for user, rows in day.rows.items() if user != BIG)
