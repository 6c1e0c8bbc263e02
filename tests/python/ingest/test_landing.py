"""Landing: what each way of writing changes, what is quarantined, what the cursor says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from ingest.landing import BadRow, Cursor, Lander, Partition, Row
from ingest.streams import (
    CHANNEL_DAY_REVENUE,
    CHANNELS,
    EXPENSES,
    VIDEO_DAY_CORE,
    VIDEO_SNAPSHOTS,
    VIDEOS,
    Stream,
)
from warehouse.connection import WarehouseTarget, connect
from warehouse.errors import DatabaseError

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = date(2026, 11, 17)


class Clock:
    """Gives a later minute each time."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        self.now += timedelta(minutes=1)
        return self.now


@pytest.fixture
def lander(migrated_warehouse: WarehouseTarget) -> Iterator[Lander]:
    with Lander(lambda: connect(migrated_warehouse), None, Clock()) as lander:
        yield lander


def landed(lander: Lander, stream: Stream, columns: str = "payload") -> list[tuple[Any, ...]]:
    keys = ", ".join(stream.keys)
    return lander.query(f"select {columns} from {stream.table} order by {keys}")


def quarantine(lander: Lander) -> list[tuple[Any, ...]]:
    return lander.query(
        "select location, reason, payload from ops.quarantine order by quarantine_id"
    )


def channel(name: str, title: Any) -> Row:
    return Row((name,), {"title": title})


class TestMerge:
    def test_rows_are_added_and_changed(self, lander: Lander) -> None:
        lander.land(CHANNELS, [channel("UC1", "one"), channel("UC2", "two")])
        result = lander.land(CHANNELS, [channel("UC2", "zwei"), channel("UC3", "three")])
        assert (result.rows_read, result.rows_landed, result.rows_quarantined) == (2, 2, 0)
        assert landed(lander, CHANNELS, "payload->>'title'") == [("one",), ("zwei",), ("three",)]

    def test_only_what_differs_is_written(self, lander: Lander) -> None:
        first = lander.land(CHANNELS, [channel("UC1", "one"), channel("UC2", "two")])
        second = lander.land(CHANNELS, [channel("UC1", "one"), channel("UC2", "zwei")])
        assert second.rows_landed == 1
        batches = landed(lander, CHANNELS, "channel_id, _batch_id, _loaded_at")
        assert batches == [
            ("UC1", first.batch_id, NOW + timedelta(minutes=1)),
            ("UC2", second.batch_id, NOW + timedelta(minutes=2)),
        ]

    def test_a_column_beside_the_key_is_written_when_it_differs(self, lander: Lander) -> None:
        lander.land(VIDEOS, [Row(("v1", "UC1"), {})])
        assert lander.land(VIDEOS, [Row(("v1", "UC2"), {})]).rows_landed == 1
        assert landed(lander, VIDEOS, "channel_id") == [("UC2",)]

    def test_the_last_of_several_rows_with_one_key_wins(self, lander: Lander) -> None:
        rows = [channel("UC1", "first"), channel("UC2", "two"), channel("UC1", "last")]
        result = lander.land(CHANNELS, rows)
        assert (result.rows_read, result.rows_landed) == (3, 2)
        assert landed(lander, CHANNELS, "payload->>'title'") == [("last",), ("two",)]

    def test_numbers_keep_their_digits(self, lander: Lander) -> None:
        money = Decimal("0.1000000000000000055511151231257827")
        lander.land(CHANNELS, [Row(("UC1",), {"money": money, "count": 18446744073709551615})])
        assert landed(lander, CHANNELS, "payload->>'money', payload->>'count'") == [
            (str(money), "18446744073709551615")
        ]

    def test_texts_are_byte_for_byte(self, lander: Lander) -> None:
        title = 'a\u2028b \\u0000 \U0001f600 "quoted" \\ \x7f \ufeff\'; drop table --'
        lander.land(CHANNELS, [channel("UC1", title)])
        assert landed(lander, CHANNELS, "payload->>'title'") == [(title,)]


class TestAppend:
    def test_a_snapshot_that_is_there_stays_as_it_is(self, lander: Lander) -> None:
        lander.land(VIDEO_SNAPSHOTS, [Row(("v1", NOW), {"viewCount": "1"})])
        again = [
            Row(("v1", NOW), {"viewCount": "2"}),
            Row(("v1", NOW + timedelta(minutes=15)), {"viewCount": "3"}),
        ]
        assert lander.land(VIDEO_SNAPSHOTS, again).rows_landed == 1
        assert landed(lander, VIDEO_SNAPSHOTS, "payload->>'viewCount'") == [("1",), ("3",)]

    @pytest.mark.parametrize("spoiler", ["nothing", "held", "twice", "unreadable", "refused"])
    def test_whatever_is_among_them_the_others_are_appended(
        self, lander: Lander, spoiler: str
    ) -> None:
        lander.land(VIDEO_SNAPSHOTS, [Row(("held", NOW), {"x": "old"})])
        spoilers: dict[str, list[Row | BadRow]] = {
            "nothing": [],
            "held": [Row(("held", NOW), {"x": "new"})],
            "twice": [Row(("v1", NOW), {"x": "first"})],
            "unreadable": [Row(("v\0", NOW), {}), BadRow("page 1", "no id", "{}")],
            "refused": [Row(("huge", NOW), {"x": Decimal("1e200000")})],
        }
        good = [Row((f"v{n}", NOW), {"x": str(n)}) for n in (1, 2, 3)]
        result = lander.land(VIDEO_SNAPSHOTS, [*spoilers[spoiler], *good])
        bad = {"unreadable": 2, "refused": 1}.get(spoiler, 0)
        assert (result.rows_landed, result.rows_quarantined) == (3, bad)
        assert len(quarantine(lander)) == bad
        assert landed(lander, VIDEO_SNAPSHOTS, "video_id, payload->>'x'") == [
            ("held", "old"),
            ("v1", "1"),
            ("v2", "2"),
            ("v3", "3"),
        ]

    def test_partitions_are_made_for_the_months_that_come(self, lander: Lander) -> None:
        instants = [
            datetime(2026, 10, 31, 23, 59, tzinfo=UTC),
            datetime(2026, 11, 1, tzinfo=UTC),
            datetime(2005, 6, 1, tzinfo=UTC),
        ]
        lander.land(VIDEO_SNAPSHOTS, [Row(("v1", instant), {}) for instant in instants])
        partitions = lander.query(
            """
            select inhrelid::regclass::text from pg_inherits
            where inhparent = 'raw_youtube.video_snapshots'::regclass order by 1
            """
        )
        assert partitions == [
            ("raw_youtube.video_snapshots_2005_06",),
            ("raw_youtube.video_snapshots_2026_10",),
            ("raw_youtube.video_snapshots_2026_11",),
        ]


class TestReplace:
    @staticmethod
    def revenue(name: str, day: date, amount: str) -> Row:
        return Row((name, day), {"estimatedRevenue": Decimal(amount)})

    def test_rows_that_are_no_longer_given_go(self, lander: Lander) -> None:
        days = [DAY + timedelta(days=n) for n in range(4)]
        everything = [self.revenue(name, day, "1.5") for name in ("UC1", "UC2") for day in days]
        lander.land(CHANNEL_DAY_REVENUE, everything)
        result = lander.land(
            CHANNEL_DAY_REVENUE,
            [self.revenue("UC1", days[1], "1.5"), self.revenue("UC1", days[2], "2")],
            partitions=[Partition({"channel_id": "UC1"}, "report_date", days[1], days[3])],
        )
        assert result.rows_landed == 2  # one changed, one gone
        amounts = "channel_id, report_date, payload->>'estimatedRevenue'"
        assert landed(lander, CHANNEL_DAY_REVENUE, amounts) == [
            ("UC1", days[0], "1.5"),
            ("UC1", days[1], "1.5"),
            ("UC1", days[2], "2"),
            *(("UC2", day, "1.5") for day in days),
        ]

    def test_an_empty_answer_empties_the_partition(self, lander: Lander) -> None:
        lander.land(CHANNEL_DAY_REVENUE, [self.revenue("UC1", DAY, "1")])
        partition = Partition({"channel_id": "UC1"}, "report_date", DAY, DAY)
        assert lander.land(CHANNEL_DAY_REVENUE, [], partitions=[partition]).rows_landed == 1
        assert landed(lander, CHANNEL_DAY_REVENUE) == []

    def test_the_same_again_changes_nothing(self, lander: Lander) -> None:
        rows = [Row(("UC1", DAY, f"v{n}"), {"views": n}) for n in range(500)]
        partition = Partition({"channel_id": "UC1"}, "report_date", DAY, DAY)
        assert lander.land(VIDEO_DAY_CORE, rows, partitions=[partition]).rows_landed == 500
        assert lander.land(VIDEO_DAY_CORE, rows, partitions=[partition]).rows_landed == 0

    def test_a_partition_may_be_the_whole_table(self, lander: Lander) -> None:
        rows = [Row(("file", number, DAY), {}) for number in (1, 2, 3)]
        lander.land(EXPENSES, rows)
        assert lander.land(EXPENSES, rows[:1], partitions=[Partition({})]).rows_landed == 2


class TestQuarantine:
    def test_a_bad_row_that_is_read_again_is_kept_once(self, lander: Lander) -> None:
        bad = BadRow("page 1, item 3", "no id", "{}")
        results = [lander.land(CHANNELS, [bad]) for _ in range(2)]
        assert [result.rows_quarantined for result in results] == [1, 1]
        assert quarantine(lander) == [("page 1, item 3", "no id", "{}")]

    @pytest.mark.parametrize(
        ("title", "reason"),
        [
            ("a\0b", "the text holds a NUL character, which PostgreSQL cannot store"),
            ("a\ud83d", "surrogates not allowed"),
            (float("nan"), "the number nan is not finite"),
            (float("-inf"), "the number -inf is not finite"),
            (Decimal("NaN"), "the number NaN is not finite"),
            (Decimal("1E+200000"), "value overflows numeric format"),
            (object(), "is not JSON serializable"),
        ],
    )
    def test_a_payload_that_cannot_be_held(self, lander: Lander, title: Any, reason: str) -> None:
        rows = [channel("UC1", "one"), channel("UC2", title), channel("UC3", "three")]
        result = lander.land(CHANNELS, rows, cursors=[Cursor("", {"at": 3})])
        assert (result.rows_read, result.rows_landed, result.rows_quarantined) == (3, 2, 1)
        assert landed(lander, CHANNELS, "channel_id") == [("UC1",), ("UC3",)]
        [(location, told, payload)] = quarantine(lander)
        assert location == "channel_id=UC2"
        assert reason in told
        assert "title" in payload
        assert lander.read_cursor(CHANNELS) == {"at": 3}

    @pytest.mark.parametrize(
        ("stream", "values", "reason"),
        [
            (CHANNELS, (None,), "channel_id is not a text but None"),
            (CHANNELS, ("a\0",), "channel_id holds a NUL character"),
            (CHANNELS, ("\udc00",), "channel_id holds half a surrogate pair"),
            (CHANNELS, ("x" * 3000,), "channel_id is 3000 bytes long"),
            (CHANNELS, ("UC1", "more"), "2 values for 1 columns"),
            (CHANNEL_DAY_REVENUE, ("UC1", "2026-02-30"), "report_date is not a date but"),
            (CHANNEL_DAY_REVENUE, ("UC1", NOW), "report_date is not a date but"),
            (VIDEO_DAY_CORE, ("UC1", date(1, 1, 1), "v1"), "report_date lies outside 2005 to 2099"),
            (VIDEO_SNAPSHOTS, ("v1", NOW.replace(tzinfo=None)), "captured_at is not an instant"),
            (VIDEO_SNAPSHOTS, ("v1", None), "captured_at is not an instant"),
            (EXPENSES, ("f", 2**31, DAY), "line_number is beyond 32 bits"),
            (EXPENSES, ("f", True, DAY), "line_number is not an integer"),
            (EXPENSES, ("f", 1, None), "expense_date is not a date"),
        ],
    )
    def test_a_key_that_cannot_be_held(
        self, lander: Lander, stream: Stream, values: tuple[Any, ...], reason: str
    ) -> None:
        good = {
            CHANNELS: ("UC9",),
            CHANNEL_DAY_REVENUE: ("UC9", DAY),
            VIDEO_DAY_CORE: ("UC9", DAY, "v9"),
            VIDEO_SNAPSHOTS: ("v9", NOW),
            EXPENSES: ("f", 9, DAY),
        }[stream]
        result = lander.land(stream, [Row(values, {"x": 1}), Row(good, {"x": 2})])
        assert (result.rows_landed, result.rows_quarantined) == (1, 1)
        assert landed(lander, stream, "payload->>'x'") == [("2",)]
        [(_, told, payload)] = quarantine(lander)
        assert told.startswith(reason)
        assert payload == '{"x":1}'

    def test_what_the_extractor_could_not_read(self, lander: Lander) -> None:
        bad = BadRow("page 2, item 7", "no id\0", '{"half": "\udc00"}')
        result = lander.land(CHANNELS, [bad, channel("UC1", "one")])
        assert (result.rows_read, result.rows_landed, result.rows_quarantined) == (2, 1, 1)
        assert quarantine(lander) == [("page 2, item 7", "no id\\x00", '{"half": "\\udc00"}')]

    def test_many_bad_rows_among_many_good_ones(self, lander: Lander) -> None:
        rows = [
            channel(f"UC{n:04}", Decimal("1E+200000") if n % 100 == 99 else n) for n in range(1000)
        ]
        result = lander.land(CHANNELS, rows)
        assert (result.rows_landed, result.rows_quarantined) == (990, 10)

    def test_the_books_tell_of_the_batch(self, lander: Lander) -> None:
        result = lander.land(
            CHANNELS,
            [BadRow("here", "why", "what"), channel("UC1", "one")],
            cursors=[Cursor("UC1", {"page": "abc"}), Cursor("UC2", {"page": None})],
        )
        assert lander.query(
            """
            select batch_id, run_id, source, stream, scope, rows_read, rows_landed,
                rows_quarantined
            from ops.batches
            """
        ) == [(result.batch_id, None, "youtube_data", "channels", "UC1", 2, 1, 1)]
        assert lander.read_cursors(CHANNELS) == {"UC1": {"page": "abc"}, "UC2": {"page": None}}
        assert lander.read_cursor(CHANNELS) is None
        assert [(stream.name, found) for stream, found in lander.results] == [("channels", result)]


class TestCursors:
    def test_a_cursor_is_committed_with_its_rows(self, lander: Lander) -> None:
        lander.land(CHANNELS, [channel("UC1", "one")], cursors=[Cursor("", {"page": 1})])
        # The scope None violates a constraint only when all rows have been written.
        broken: Any = None
        with pytest.raises(psycopg.IntegrityError):
            lander.land(CHANNELS, [channel("UC2", "two")], cursors=[Cursor(broken, {"page": 2})])
        assert landed(lander, CHANNELS, "channel_id") == [("UC1",)]
        assert lander.read_cursors(CHANNELS) == {"": {"page": 1}}
        assert lander.query("select count(*) from ops.batches") == [(1,)]

    def test_a_cursor_alone_is_a_batch_too(self, lander: Lander) -> None:
        lander.land(CHANNELS, [], cursors=[Cursor("UC1", {"seen": "2026-11-20"})])
        assert lander.read_cursor(CHANNELS, "UC1") == {"seen": "2026-11-20"}


def test_nobody_listens() -> None:
    nowhere = WarehouseTarget("127.0.0.1", 1, "nobody", "", "nothing", connect_timeout=2)
    with (
        Lander(lambda: connect(nowhere), None, Clock()) as lander,
        pytest.raises(DatabaseError, match="Nothing listens"),
    ):
        lander.land(CHANNELS, [channel("UC1", "one")])
