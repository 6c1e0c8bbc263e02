"""One channel's reports without any server: chunks, ranges, partitions and cursors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from ingest.landing import BadRow, Partition, Row
from ingest.payload import JsonObject
from ingest.sources.youtube.analytics_plan import ChannelPlan, KnownVideo
from ingest.sources.youtube.analytics_reading import ChannelReading, Landing, Outcome
from ingest.sources.youtube.failures import OwnerError, RefusedError
from ingest.sources.youtube.reports import (
    CHANNEL_CORE,
    CHANNEL_REVENUE,
    REPORTS,
    VIDEO_CORE,
    VIDEO_REVENUE,
    Report,
    parse_report,
)
from ingest.sources.youtube.windows import Asked, Days, final_month, is_fresh, window
from warehouse.errors import SourceUnavailableError

AS_OF = datetime(2026, 11, 20, 12, tzinfo=UTC)
TODAY = date(2026, 11, 20)
NAME = "UCchannel"
OWNER = UUID(int=1)
DAY = timedelta(days=1)


def days_ago(days: int) -> date:
    return TODAY - days * DAY


@dataclass
class Youtube:
    """Answers with one view a day and video up to the last processed day; notes what it is asked.

    `missing` days are not in its answers.
    """

    processed: date = field(default_factory=lambda: days_ago(3))
    missing: set[date] = field(default_factory=set)
    errors: dict[Report, Exception] = field(default_factory=dict)
    asked: list[tuple[Report, Days, int]] = field(default_factory=list)

    def __call__(self, report: Report, days: Days, videos: Sequence[str]) -> JsonObject:
        self.asked.append((report, days, len(videos)))
        if report in self.errors:
            raise self.errors[report]
        names = [*report.dimensions, *report.metrics]
        rows: list[list[Any]] = []
        day = days.first
        while day <= min(days.last, self.processed):
            if day not in self.missing:
                for video in videos if report.is_by_video else [None]:
                    keys = [day.isoformat(), *([video] if video else [])]
                    rows.append([*keys, *([1] * len(report.metrics))])
            day += DAY
        answer: JsonObject = {"columnHeaders": [{"name": name} for name in names]}
        return {**answer, "rows": rows} if rows else answer


def read(
    plan: ChannelPlan, youtube: Youtube, asked: Asked | None = None
) -> tuple[list[Landing], Outcome]:
    *landings, outcome = ChannelReading(plan, asked or Asked(TODAY), AS_OF, youtube).read()
    assert isinstance(outcome, Outcome)
    return [each for each in landings if isinstance(each, Landing)], outcome


def plan(videos: int = 3, published: int = 30, **cursors: dict[str, Any]) -> ChannelPlan:
    known = [KnownVideo(f"video{n:06}", days_ago(published)) for n in range(videos)]
    whole = Days(days_ago(published), TODAY)
    return ChannelPlan(
        NAME,
        OWNER,
        videos=known,
        cursors=cursors,
        days={report.stream.name: whole for report in REPORTS},
    )


def of(landings: Sequence[Landing], report: Report) -> list[Landing]:
    return [landing for landing in landings if landing.report is report]


class TestReading:
    def test_each_report_is_asked_for_and_ends_with_its_cursor(self) -> None:
        youtube = Youtube()
        landings, outcome = read(plan(), youtube)
        assert outcome == Outcome(NAME)
        assert [report for report, _, _ in youtube.asked] == list(REPORTS)
        for report in REPORTS:
            *others, last = of(landings, report)
            assert not any(each.cursors for each in others)
            assert [cursor.value for cursor in last.cursors] == [
                {
                    "through": days_ago(3).isoformat(),
                    "final_month": "2026-10-01",
                    "refreshed_on": TODAY.isoformat(),
                    "refreshed_at": AS_OF.isoformat(),
                }
            ]

    def test_many_videos_are_asked_for_in_chunks_and_landed_together(self) -> None:
        youtube = Youtube()
        landings, _ = read(plan(videos=450, published=99), youtube)
        core = of(landings, VIDEO_CORE)
        assert {videos for report, _, videos in youtube.asked if report is VIDEO_CORE} == {200, 50}
        # 20,000 rows a batch: 44 days of 450 videos; the latest days come first.
        assert [landing.partitions[0] for landing in core] == [
            Partition({"channel_id": NAME}, "report_date", days_ago(43), days_ago(3)),
            Partition({"channel_id": NAME}, "report_date", days_ago(87), days_ago(44)),
            Partition({"channel_id": NAME}, "report_date", days_ago(99), days_ago(88)),
        ]
        assert [len(landing.table.rows) for landing in core] == [450 * 41, 450 * 44, 450 * 12]

    def test_a_video_is_not_asked_for_before_it_was_published(self) -> None:
        young = plan(videos=200)
        young.videos.append(KnownVideo("younger", days_ago(1)))
        young.days[VIDEO_CORE.stream.name] = Days(days_ago(150), TODAY)
        youtube = Youtube()
        read(young, youtube)
        asked = [(days, n) for report, days, n in youtube.asked if report is VIDEO_CORE]
        assert asked == [
            (Days(days_ago(98), TODAY), 200),
            (Days(days_ago(98), TODAY), 1),
        ]

    def test_rows_may_vanish_on_processed_days_alone(self) -> None:
        landings, _ = read(plan(), Youtube(missing={days_ago(5)}))
        partitions = [part for landing in landings for part in landing.partitions]
        assert {part.last_day for part in partitions} == {days_ago(3)}
        assert {part.first_day for part in partitions} == {days_ago(30)}

    def test_an_empty_answer_takes_nothing_away(self) -> None:
        before = {"through": days_ago(4).isoformat()}
        cursors = {report.stream.name: before for report in REPORTS}
        landings, _ = read(plan(**cursors), Youtube(processed=days_ago(99)))
        for report in (CHANNEL_CORE, CHANNEL_REVENUE):
            [landing] = of(landings, report)
            assert landing.partitions == []
            assert landing.cursors[0].value["through"] == days_ago(4).isoformat()

    def test_a_silent_channel_is_taken_to_be_read(self) -> None:
        landings, _ = read(plan(), Youtube(processed=days_ago(99)))
        [landing] = of(landings, CHANNEL_CORE)
        assert landing.cursors[0].value["through"] == days_ago(30).isoformat()

    def test_a_row_that_cannot_be_read_takes_nothing_away(self) -> None:
        class Broken(Youtube):
            def __call__(self, report: Report, days: Days, videos: Sequence[str]) -> JsonObject:
                answer = super().__call__(report, days, videos)
                answer["rows"][0][0] = "not a day"
                return answer

        landings, _ = read(plan(), Broken())
        assert all(landing.partitions in ([], ()) for landing in landings)
        assert all(isinstance(landing.table.rows[0], BadRow) for landing in landings)

    def test_back_filled_days_move_no_cursor(self) -> None:
        asked = Asked(TODAY, since=days_ago(9), until=days_ago(8))
        landings, _ = read(plan(), Youtube(), asked)
        assert landings
        assert not any(landing.cursors for landing in landings)

    def test_unpaid(self) -> None:
        youtube = Youtube(errors={CHANNEL_REVENUE: RefusedError(403, "forbidden", "no")})
        landings, outcome = read(plan(), youtube)
        assert outcome == Outcome(NAME)
        assert VIDEO_REVENUE not in [report for report, _, _ in youtube.asked]
        [landing] = of(landings, CHANNEL_REVENUE)
        assert landing.table.rows == []
        assert landing.cursors[0].value["monetised"] is False
        assert of(landings, VIDEO_CORE)

    def test_refused(self) -> None:
        youtube = Youtube(errors={CHANNEL_CORE: RefusedError(404, "notFound", "no channel")})
        landings, outcome = read(plan(), youtube)
        assert outcome == Outcome(NAME, refusal="404 notFound: no channel")
        assert len(youtube.asked) == 1
        [landing] = landings
        assert isinstance(landing.table.rows[0], BadRow)
        assert landing.cursors[0].value["refused"] == "notFound"

    def test_a_report_that_is_refused_does_not_stop_the_next(self) -> None:
        youtube = Youtube(errors={VIDEO_CORE: RefusedError(400, "badRequest", "not supported")})
        landings, outcome = read(plan(), youtube)
        assert outcome.refusal == "400 badRequest: not supported"
        assert len(of(landings, VIDEO_REVENUE)) == 1

    def test_the_owner_must_reconnect(self) -> None:
        error = OwnerError("revoked")
        _, outcome = read(plan(), Youtube(errors={VIDEO_CORE: error}))
        assert outcome == Outcome(NAME, owner_error=error)


class TestParsing:
    DAYS = Days(date(2026, 11, 1), date(2026, 11, 10))

    def answer(self, **values: Any) -> JsonObject:
        row = {"day": "2026-11-02", **dict.fromkeys(CHANNEL_CORE.metrics, 1), **values}
        return {"columnHeaders": [{"name": name} for name in row], "rows": [list(row.values())]}

    def test_columns_are_found_by_name(self) -> None:
        answer = self.answer(views=7)
        answer["columnHeaders"].reverse()
        answer["rows"][0].reverse()
        [row] = parse_report(answer, CHANNEL_CORE, NAME, self.DAYS).rows
        assert isinstance(row, Row)
        assert row.values == (NAME, date(2026, 11, 2))
        assert (row.payload["views"], row.payload["day"]) == (7, "2026-11-02")

    def test_a_column_that_is_missing(self) -> None:
        answer = self.answer()
        answer["columnHeaders"][3]["name"] = "somethingElse"
        with pytest.raises(SourceUnavailableError, match="without the column"):
            parse_report(answer, CHANNEL_CORE, NAME, self.DAYS)

    @pytest.mark.parametrize(
        ("values", "reason"),
        [
            ({"day": "2026-02-30"}, "day is no date"),
            ({"day": None}, "day is no date"),
            ({"day": "2026-11-11"}, "was not asked for"),
            ({"views": "12"}, "views is no number"),
            ({"views": True}, "views is no number"),
            ({"views": Decimal("1.5")}, "views is no whole number"),
        ],
    )
    def test_a_row_that_cannot_be_read(self, values: dict[str, Any], reason: str) -> None:
        [row] = parse_report(self.answer(**values), CHANNEL_CORE, NAME, self.DAYS).rows
        assert isinstance(row, BadRow)
        assert reason in row.reason
        assert row.location == "channel_day_core of UCchannel, 2026-11-01 to 2026-11-10, row 1"

    def test_no_data(self) -> None:
        assert parse_report({"columnHeaders": []}, CHANNEL_CORE, NAME, self.DAYS).rows == []
        assert parse_report({}, CHANNEL_CORE, NAME, self.DAYS).rows == []


class TestWindows:
    FIRST = date(2026, 1, 1)

    def test_the_first_time_the_whole_history(self) -> None:
        assert window(Asked(TODAY), {}, self.FIRST, 7) == Days(self.FIRST, TODAY)

    def test_later_what_is_new_and_what_may_be_restated(self) -> None:
        cursor = {
            "through": "2026-11-17",
            "refreshed_on": "2026-11-19",
            "final_month": "2026-10-01",
        }
        assert window(Asked(TODAY), cursor, self.FIRST, 7) == Days(date(2026, 11, 11), TODAY)
        assert window(Asked(TODAY), cursor, self.FIRST, 45) == Days(date(2026, 10, 4), TODAY)
        assert window(Asked(TODAY), cursor, date(2026, 11, 15), 7) == Days(
            date(2026, 11, 15), TODAY
        )

    @pytest.mark.parametrize(
        ("today", "first"),
        [
            (date(2026, 12, 10), date(2026, 11, 30)),  # November is not final yet
            (date(2026, 12, 11), date(2026, 11, 1)),
            (date(2027, 1, 10), date(2026, 11, 1)),
            (date(2027, 1, 11), date(2026, 11, 1)),  # December is too, and November was missed
        ],
    )
    def test_a_last_time_when_a_month_is_final(self, today: date, first: date) -> None:
        cursor = {"through": "2026-12-06", "refreshed_on": "2026-12-09"}
        done = {**cursor, "final_month": "2026-10-01"}
        assert window(Asked(today), done, self.FIRST, 7) == Days(first, today)
        unknown = window(Asked(today), cursor, self.FIRST, 7)
        assert unknown == Days(min(final_month(today), date(2026, 11, 30)), today)
        final = {**cursor, "final_month": final_month(today).isoformat()}
        assert window(Asked(today), final, self.FIRST, 7) == Days(date(2026, 11, 30), today)

    @pytest.mark.parametrize("refreshed_on", ["2026-11-20", "2026-11-21"])
    def test_once_a_day(self, refreshed_on: str) -> None:
        cursor = {"through": "2026-11-17", "refreshed_on": refreshed_on}
        assert window(Asked(TODAY), cursor, self.FIRST, 7) is None

    def test_days_that_are_asked_for(self) -> None:
        cursor = {"through": "2026-11-17", "refreshed_on": "2026-11-20"}
        since, until = date(2026, 3, 1), date(2026, 3, 5)
        for asked, days in (
            (Asked(TODAY, since, until), Days(since, until)),
            (Asked(TODAY, since), Days(since, TODAY)),
            (Asked(TODAY, None, until), Days(self.FIRST, until)),
            (Asked(TODAY, date(2025, 1, 1), until), Days(self.FIRST, until)),
            (Asked(TODAY, date(2027, 1, 1)), None),
        ):
            assert window(asked, cursor, self.FIRST, 7) == days

    @pytest.mark.parametrize(("day", "fresh"), [(1, True), (6, True), (7, False)])
    def test_an_unpaid_channel_is_left_alone_for_a_week(self, day: int, fresh: bool) -> None:
        cursor = {"monetised": False, "refreshed_on": "2026-11-20"}
        assert is_fresh(Asked(TODAY + day * DAY), cursor) is fresh

    def test_parts(self) -> None:
        days = Days(date(2026, 1, 1), date(2026, 1, 10))
        assert list(days.split(4)) == [
            Days(date(2026, 1, 7), date(2026, 1, 10)),
            Days(date(2026, 1, 3), date(2026, 1, 6)),
            Days(date(2026, 1, 1), date(2026, 1, 2)),
        ]
        assert list(days.split(10)) == [days]
        assert list(Days(date(2026, 1, 2), date(2026, 1, 1)).split(3)) == []
