"""Who watched, read from the stand-in: parts that sum to the day, and no call too many."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from youtube_standin import AS_OF, START, TEN, Stage, lander_of, on_stage

from ingest.landing import BadRow, Lander, Row
from ingest.payload import JsonObject
from ingest.sources.youtube.analytics_plan import KnownVideo
from ingest.sources.youtube.analytics_reading import Landing, Outcome
from ingest.sources.youtube.breakdown_plan import BreakdownPlan
from ingest.sources.youtube.breakdown_reading import BreakdownReading
from ingest.sources.youtube.breakdowns import (
    BREAKDOWNS,
    COUNTRY,
    DEMOGRAPHICS,
    DEVICE,
    RETENTION,
    Breakdown,
    parse_breakdown,
)
from ingest.sources.youtube.failures import RefusedError
from ingest.sources.youtube.reports import Question
from ingest.sources.youtube.tokens import RefreshToken
from ingest.sources.youtube.windows import Asked, Days
from ingest.streams import (
    CHANNEL_DAY_COUNTRY,
    CHANNEL_DAY_DEVICE,
    CHANNEL_DAY_OPERATING_SYSTEM,
    CHANNEL_DAY_TRAFFIC_SOURCE,
    CHANNEL_MONTH_DEMOGRAPHICS,
    VIDEO_RETENTION,
    Stream,
)
from simulator.http.faults import Fault
from warehouse.connection import WarehouseTarget
from warehouse.errors import CredentialsError, SourceUnavailableError

DAY = timedelta(days=1)
DAILY = (
    CHANNEL_DAY_COUNTRY,
    CHANNEL_DAY_DEVICE,
    CHANNEL_DAY_OPERATING_SYSTEM,
    CHANNEL_DAY_TRAFFIC_SOURCE,
)
STREAMS = tuple(breakdown.stream for breakdown in BREAKDOWNS)
COUNTRY_DAYS = 3


@pytest.fixture
def lander(migrated_warehouse: WarehouseTarget) -> Iterator[Lander]:
    with lander_of(migrated_warehouse) as lander:
        yield lander


def read(stage: Stage, **settings: Any) -> None:
    given = {"with_audience": True, "country_days": COUNTRY_DAYS, "retention_videos": 2}
    stage.read_analytics(**{**given, **settings})


def read_all(stage: Stage, **settings: Any) -> None:
    stage.read_data()
    read(stage, **settings)


def different_days(stage: Stage, stream: Stream, first: date) -> list[tuple[Any, ...]]:
    """Return the channels' days since the first whose parts do not sum to the day."""
    return stage.lander.query(
        f"""
        with parts as (
            select channel_id, report_date, sum((payload ->> 'views')::int) as views,
                sum((payload ->> 'estimatedMinutesWatched')::int) as minutes
            from {stream.table} group by 1, 2
        )
        select * from parts full join (
            select channel_id, report_date, (payload ->> 'views')::int as views,
                (payload ->> 'estimatedMinutesWatched')::int as minutes
            from raw_youtube.channel_day_core
        ) as core using (channel_id, report_date)
        where report_date >= %s
            and (parts.views, parts.minutes) is distinct from (core.views, core.minutes)
        """,
        (first,),
    )


def check_sums(stage: Stage, countries_since: date) -> None:
    for stream in DAILY:
        first = countries_since if stream is CHANNEL_DAY_COUNTRY else START - 99 * DAY
        assert different_days(stage, stream, first) == []
        assert len({row[0] for row in stage.select(stream, "channel_id")}) == TEN


def contents(stage: Stage) -> list[object]:
    return [stage.select(stream, "payload::text, _batch_id") for stream in STREAMS]


class TestTruth:
    def test_the_first_run(self, lander: Lander) -> None:
        with on_stage(lander) as stage:
            read_all(stage)
            last = stage.world.last_report_day
            check_sums(stage, last - (COUNTRY_DAYS - 1) * DAY)
            days = {row[0] for row in stage.select(CHANNEL_DAY_COUNTRY, "report_date")}
            assert days == {last - n * DAY for n in range(COUNTRY_DAYS)}
            months = lander.query(
                """
                select channel_id, report_month, sum((payload ->> 'viewerPercentage')::numeric)
                from raw_youtube.channel_month_demographics group by 1, 2
                """
            )
            assert len(months) == TEN
            assert {row[1:] for row in months} == {(date(2026, 11, 1), Decimal(100))}
            assert not stage.quarantine()

    def test_the_curves_are_those_of_the_most_viewed_videos(self, lander: Lander) -> None:
        with on_stage(lander) as stage:
            read_all(stage)
            points = lander.query(
                """
                select channel_id, video_id, count(*), min(elapsed_ratio), max(elapsed_ratio)
                from raw_youtube.video_retention group by 1, 2
                """
            )
            assert {row[2:] for row in points} == {(100, Decimal("0.01"), Decimal(1))}
            most = lander.query(
                """
                select channel_id, video_id from (
                    select channel_id, video_id, row_number() over (
                        partition by channel_id
                        order by sum((payload ->> 'views')::int) desc, video_id
                    ) as place
                    from raw_youtube.video_day_core group by 1, 2
                ) as ranked where place <= 2
                """
            )
            assert {row[:2] for row in points} == set(most)
            assert len(most) == 2 * TEN

    def test_right_away_nothing_is_asked_and_nothing_changes(self, lander: Lander) -> None:
        with on_stage(lander) as stage:
            read_all(stage)
            calls, before = stage.calls(), contents(stage)
            stage.landed()
            for later in (timedelta(0), timedelta(hours=2)):
                stage.as_of = AS_OF + later
                read(stage)
            assert stage.calls() == calls
            assert not stage.lander.results
            assert contents(stage) == before

    def test_a_day_later_the_new_day_and_what_was_restated(self, lander: Lander) -> None:
        with on_stage(lander) as stage:
            read_all(stage)
            since = stage.world.last_report_day - (COUNTRY_DAYS - 1) * DAY
            retention = stage.select(VIDEO_RETENTION, "payload::text")
        with on_stage(lander, AS_OF + DAY) as stage:
            stage.read_data()
            stage.read_analytics()
            before = stage.calls()["reports"]
            changed = different_days(stage, CHANNEL_DAY_COUNTRY, since)
            assert {row[1] for row in changed} >= {stage.world.last_report_day}
            stage.landed()
            read(stage)
            check_sums(stage, since)
            # A call for each day that is new or moved, and one for each of the other splits.
            assert stage.calls()["reports"] - before == len(changed) + 3 * TEN
            assert set(stage.landed()) == {stream.name for stream in DAILY}
            assert stage.select(VIDEO_RETENTION, "payload::text") == retention

    def test_weeks_later_nothing_is_missing(self, lander: Lander) -> None:
        with on_stage(lander) as stage:
            read_all(stage)
            since = stage.world.last_report_day - (COUNTRY_DAYS - 1) * DAY
            stage.landed()
        with on_stage(lander, AS_OF + 30 * DAY) as stage:
            read_all(stage)
            check_sums(stage, since)
            months = {row[0] for row in stage.select(CHANNEL_MONTH_DEMOGRAPHICS, "report_month")}
            assert months == {date(2026, 11, 1), date(2026, 12, 1)}
            assert stage.landed()["video_retention"] > 0
            cursor = next(iter(lander.read_cursors(CHANNEL_MONTH_DEMOGRAPHICS).values()))
            assert cursor["final_month"] == "2026-11-01"


class TestSettings:
    def test_nothing_that_is_switched_off(self, lander: Lander) -> None:
        with on_stage(lander) as stage:
            read_all(stage, country_days=0, retention_videos=0)
            assert not stage.select(CHANNEL_DAY_COUNTRY, "1")
            assert not stage.select(VIDEO_RETENTION, "1")
            assert stage.select(CHANNEL_DAY_DEVICE, "1")

    def test_a_back_fill(self, lander: Lander) -> None:
        with on_stage(lander) as stage:
            read_all(stage)
            cursors = [lander.read_cursors(stream) for stream in STREAMS]
            stage.landed()
            read_since(stage, START)
            check_sums(stage, START)
            assert set(stage.landed()) == {"channel_day_country"}
            calls = stage.calls()["reports"]
            assert [lander.read_cursors(stream) for stream in STREAMS] == cursors
            read_since(stage, START)  # no country is asked for again
            unpaid = sum(not channel.is_monetised for channel in stage.channels)
            assert stage.calls()["reports"] - calls == (4 + 3 + 1) * TEN - 2 * unpaid + unpaid


def read_since(stage: Stage, since: date) -> None:
    settings = {"with_audience": True, "country_days": COUNTRY_DAYS}
    stage.analytics(**settings).extract(stage.extraction(since))


class TestTrouble:
    def test_an_owner_who_revoked_the_permission(self, lander: Lander) -> None:
        with on_stage(lander) as stage:
            stage.read_data()
            revoked = min(stage.tokens)
            stage.tokens[revoked] = RefreshToken("1//revoked")
            with pytest.raises(CredentialsError, match=revoked):
                read(stage)
            channels = {row[0] for row in stage.select(CHANNEL_DAY_DEVICE, "channel_id")}
            assert len(channels) == TEN - 1
            assert revoked not in channels

    def test_a_malformed_row_keeps_the_part_that_was_landed(self, lander: Lander) -> None:
        with on_stage(lander) as stage:
            read_all(stage)
        with on_stage(lander, AS_OF + DAY) as stage:
            stage.read_data()
            stage.read_analytics()
        faults = {"youtube_analytics": Fault("malformed")}
        with on_stage(lander, AS_OF + DAY, faults=faults) as stage:
            read(stage, threads=1)
            [(stream, location, reason)] = stage.quarantine()
            assert stream == "channel_day_device"
            assert location.endswith(", row 1")
            assert reason == "the row does not have the 4 values of its columns"

    def test_an_interrupted_reading_is_made_up_for(self, lander: Lander) -> None:
        with on_stage(lander) as stage:
            stage.read_data()
            stage.read_analytics()
        with (
            on_stage(lander, faults={"youtube_analytics": Fault("status", 503)}) as stage,
            pytest.raises(SourceUnavailableError),
        ):
            read(stage)
        with on_stage(lander) as stage:
            read(stage)
            check_sums(stage, stage.world.last_report_day - (COUNTRY_DAYS - 1) * DAY)


class TestReading:
    """One channel's audience without any server."""

    TODAY = date(2026, 11, 20)

    def landings(self, plan: BreakdownPlan, refused: Breakdown) -> tuple[list[Landing], Outcome]:
        def query(question: Question, days: Days, videos: Sequence[str]) -> JsonObject:
            if question is refused and "fine" not in videos:
                raise RefusedError(400, "badRequest", "no")
            row = dict.fromkeys((*question.dimensions, *question.metrics), 1)
            row |= {"day": days.first.isoformat()} if "day" in row else {}
            row |= {"deviceType": "TV"} if "deviceType" in row else {}
            return {"columnHeaders": [{"name": n} for n in row], "rows": [list(row.values())]}

        reading = BreakdownReading(plan, Asked(self.TODAY), AS_OF, query, COUNTRY_DAYS)
        *landings, outcome = reading.read()
        assert isinstance(outcome, Outcome)
        return [each for each in landings if isinstance(each, Landing)], outcome

    def plan(self) -> BreakdownPlan:
        return BreakdownPlan("UC1", UUID(int=1), date(2026, 1, 1), date(2026, 11, 17))

    def test_a_report_that_is_refused_stays_where_it_was(self) -> None:
        plan, stream = self.plan(), DEVICE.stream.name
        plan.days = {stream: Days(date(2026, 11, 1), plan.processed)}
        plan.cursors = {stream: {"through": "2026-11-10", "final_month": "2026-09-01"}}
        [landing], outcome = self.landings(plan, DEVICE)
        assert outcome.refusal == "400 badRequest: no"
        assert isinstance(landing.table.rows[0], BadRow)
        assert not landing.partitions
        assert landing.cursors[0].value == {
            "through": "2026-11-10",
            "final_month": "2026-09-01",
            "refreshed_on": "2026-11-20",
            "refreshed_at": AS_OF.isoformat(),
            "refused": "badRequest",
        }
        [landing], outcome = self.landings(plan, COUNTRY)
        assert (outcome.refusal, len(landing.table.rows)) == (None, 1)
        assert landing.cursors[0].value["through"] == "2026-11-17"
        assert landing.cursors[0].value["final_month"] == "2026-10-01"

    def test_a_curve_that_is_refused_leaves_the_others(self) -> None:
        plan = self.plan()
        plan.videos = [KnownVideo("gone", plan.first_day), KnownVideo("fine", plan.first_day)]
        [landing], outcome = self.landings(plan, RETENTION)
        assert outcome.refusal is None
        gone, fine = landing.table.rows
        assert isinstance(gone, BadRow)
        assert gone.location == "video_retention of gone"
        assert isinstance(fine, Row)
        assert fine.values == ("UC1", "fine", Decimal(1))
        assert [part.equals["video_id"] for part in landing.partitions] == ["fine"]


class TestParsing:
    DAYS = Days(date(2026, 11, 1), date(2026, 11, 10))

    def parse(self, breakdown: Breakdown, row: JsonObject) -> Row | BadRow:
        answer: JsonObject = {
            "columnHeaders": [{"name": name} for name in row],
            "rows": [list(row.values())],
        }
        [parsed] = parse_breakdown(answer, breakdown, "UC1", self.DAYS, "video1").rows
        return parsed

    def test_keys(self) -> None:
        core: JsonObject = {"views": 1, "engagedViews": 1, "estimatedMinutesWatched": 2}
        for breakdown, row, key in (
            (COUNTRY, {**core, "country": "DE"}, ("UC1", date(2026, 11, 1), "DE")),
            (
                DEVICE,
                {**core, "day": "2026-11-03", "deviceType": "TV"},
                ("UC1", date(2026, 11, 3), "TV"),
            ),
            (
                DEMOGRAPHICS,
                {"ageGroup": "age65-", "gender": "male", "viewerPercentage": Decimal("1.5")},
                ("UC1", date(2026, 11, 1), "age65-/male"),
            ),
            (
                RETENTION,
                {
                    "elapsedVideoTimeRatio": Decimal("0.05"),
                    "audienceWatchRatio": Decimal("1.2"),
                    "relativeRetentionPerformance": None,
                },
                ("UC1", "video1", Decimal("0.05")),
            ),
        ):
            parsed = self.parse(breakdown, row)
            assert isinstance(parsed, Row)
            assert (parsed.values, parsed.payload) == (key, row)

    @pytest.mark.parametrize(
        ("breakdown", "changes", "reason"),
        [
            (COUNTRY, {"country": ""}, "country is no name but ''"),
            (COUNTRY, {"country": 49}, "country is no name but 49"),
            (COUNTRY, {"views": None}, "views is missing"),
            (COUNTRY, {"views": "7"}, "views is no number but '7'"),
            (COUNTRY, {"views": -7}, "views cannot be -7"),
            (DEVICE, {"day": "2026-11-11"}, "day 2026-11-11 was not asked for"),
            (DEMOGRAPHICS, {"viewerPercentage": 101}, "viewerPercentage cannot be 101"),
            (RETENTION, {"elapsedVideoTimeRatio": 2}, "elapsedVideoTimeRatio is no share"),
            (RETENTION, {"elapsedVideoTimeRatio": "a"}, "elapsedVideoTimeRatio is no number"),
        ],
    )
    def test_what_cannot_be_read(
        self, breakdown: Breakdown, changes: JsonObject, reason: str
    ) -> None:
        row: JsonObject = dict.fromkeys((*breakdown.dimensions, *breakdown.metrics), 1)
        row |= dict.fromkeys(breakdown.parts, "x") if breakdown is not RETENTION else {}
        row |= {"day": "2026-11-02"} if breakdown.is_by_day else {}
        parsed = self.parse(breakdown, {**row, **changes})
        assert isinstance(parsed, BadRow)
        assert parsed.reason.startswith(reason)
