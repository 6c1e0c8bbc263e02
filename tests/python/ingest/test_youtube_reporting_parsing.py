"""What the Reporting extractor reads out of reports, listings and settings."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from youtube_reporting_standin import AS_OF, BASIC, DAY, REACH

from ingest.landing import BadRow, Row
from ingest.sources.youtube.bulk_reports import (
    BULK_REPORTS,
    Listed,
    newest_of_days,
    parse_csv,
    partitions_of,
    read_listing,
    read_report_types,
)
from ingest.sources.youtube.resources import UnreadableError
from warehouse.errors import ConfigurationError

REPORT = Listed("77", date(2026, 11, 1), AS_OF, "CHANNEL/UC1/jobs/j/reports/77", {"id": "77"})
HEAD = "date,channel_id,video_id,video_thumbnail_impressions,video_thumbnail_impressions_ctr"


def parsed(*lines: str, head: str = HEAD) -> list[Row | BadRow]:
    content = "\n".join([head, *lines, ""]).encode("utf-8", "surrogateescape")
    return parse_csv(content, BULK_REPORTS[REACH], "UC1", REPORT)


class TestCsv:
    def test_values_are_kept_as_told(self) -> None:
        (row,) = parsed("20261101,UC1,,300,3.2E-2")
        assert isinstance(row, Row)
        assert row.values == ("UC1", date(2026, 11, 1), 2)
        assert list(row.payload.values()) == ["20261101", "UC1", "", "300", "3.2E-2"]

    def test_columns_are_found_by_name(self) -> None:
        turned = ",".join(["new_metric", *HEAD.split(",")[::-1]])
        (row,) = parsed("x,0.05,300,abc,UC1,20261101", head="\ufeff" + turned)
        assert isinstance(row, Row)
        assert row.payload["video_id"] == "abc"
        assert row.payload["new_metric"] == "x"

    @pytest.mark.parametrize(
        ("line", "reason"),
        [
            ("20261101,UC1,abc,300", "4 values for 5 columns"),
            ("20261102,UC1,abc,300,0.1", "date is not the report's"),
            ("20261101,UC2,abc,300,0.1", "channel_id is not the report's"),
            ("20261101,UC1,abc,many,0.1", "is no count"),
            ("20261101,UC1,abc,,0.1", "is no count"),
            ("20261101,UC1,abc,-3,0.1", "is no count"),
            ("20261101,UC1,abc,3.5,0.1", "is no count"),
            ("20261101,UC1,abc,300,NaN", "is no number"),
            ("20261101,UC1,abc,300,5%", "is no number"),
            ('20261101,UC1,"abc"x,300,0.1', "expected after"),
        ],
    )
    def test_bad_rows_are_set_aside(self, line: str, reason: str) -> None:
        rows = parsed("20261101,UC1,one,300,0.1", line, "20261101,UC1,two,300,")
        assert [type(row) for row in rows] == [Row, BadRow, Row]
        (bad,) = [row for row in rows if isinstance(row, BadRow)]
        assert bad.location == "report 77, line 3"
        assert reason in bad.reason

    def test_a_report_without_rows(self) -> None:
        assert parsed() == []

    @pytest.mark.parametrize("head", ["", "date,video_id", f"{HEAD},date"])
    def test_a_report_without_its_columns(self, head: str) -> None:
        with pytest.raises(UnreadableError, match="column"):
            parsed("20261101,UC1,abc,300,0.1", head=head)


class TestListing:
    def item(self, **changes: Any) -> dict[str, Any]:
        return {
            "id": "1",
            "startTime": "2026-11-01T07:00:00Z",
            "createTime": "2026-11-03T20:00:00.123456Z",
            "downloadUrl": "https://youtubereporting.googleapis.com/v1/media/CHANNEL/a/b?alt=media",
            **changes,
        }

    def test_a_report_is_of_a_pacific_day(self) -> None:
        (report,) = read_listing([self.item()], "job 1")
        assert isinstance(report, Listed)
        assert report.day == date(2026, 11, 1)
        assert report.resource_name == "CHANNEL/a/b"

    @pytest.mark.parametrize(
        "changes",
        [
            {"id": ""},
            {"startTime": "yesterday"},
            {"createTime": None},
            {"createTime": "2026-13-01T00:00:00Z"},
            {"downloadUrl": "https://elsewhere.example.com/x"},
        ],
    )
    def test_what_is_no_report(self, changes: dict[str, Any]) -> None:
        (bad,) = read_listing([self.item(**changes)], "job 1")
        assert isinstance(bad, BadRow)
        assert bad.location == "job 1, report 1"

    def test_the_newest_report_of_a_day_wins(self) -> None:
        older = replace(REPORT, report_id="1", created_at=AS_OF - DAY)
        other = replace(REPORT, report_id="2", day=date(2026, 11, 2))
        listed = [older, REPORT, other]
        assert newest_of_days(listed, {}) == [REPORT, other]
        assert newest_of_days(listed, {REPORT.day: REPORT.age}) == [other]
        assert newest_of_days([older], {REPORT.day: REPORT.age}) == []
        assert newest_of_days(listed, {REPORT.day: older.age}) == [REPORT, other]

    def test_days_in_a_row_are_one_partition(self) -> None:
        days = [date(2026, 11, day) for day in (3, 1, 2, 7)]
        spans = [(part.first_day, part.last_day) for part in partitions_of("UC1", days)]
        assert spans == [(days[1], days[0]), (days[3], days[3])]


class TestSettings:
    def test_types(self) -> None:
        assert read_report_types(None) == (REACH,)
        assert read_report_types(f" {BASIC}, {REACH},{BASIC}") == (BASIC, REACH)
        with pytest.raises(ConfigurationError, match="channel_basic_a2") as caught:
            read_report_types("channel_basic_a2")
        assert REACH in str(caught.value.hint)
