"""Malformed answers of every API: no crash, nothing lost, nothing landed that breaks a build.

A row that cannot be read is in quarantine with a reason, its neighbours are landed; where a whole
answer is none, the source's error says so. Whatever is landed, the staging models can read.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

import psycopg
import pytest
from answers import Answer, Rows, Server, answers, csv_rows, landed, serving, stream
from commands import BuiltWarehouse
from malformed import DAMAGES, JUNK, ODDITIES, changed, to_json

from ingest.landing import BadRow, Lander, Row
from ingest.sources.youtube.resources import UnreadableError
from ingest.streams import Stream
from warehouse.connection import WarehouseTarget, connect
from warehouse.errors import SourceUnavailableError

pytestmark = pytest.mark.slow

SEED = 7
ROWS_CHANGED = int(os.environ.get("YTEMPIRE_ROWS_CHANGED", "15"))
"""How many times a row of each answer is changed, its four neighbours left alone."""
REACH = stream("reporting_reach_basic")


@pytest.fixture
def emptied(
    build_demo: Callable[[int], BuiltWarehouse],
    scratch_copy: Callable[[BuiltWarehouse], BuiltWarehouse],
) -> tuple[WarehouseTarget, list[Answer], list[tuple[Any, ...]]]:
    """Return a warehouse with all models and no rows, and what answers were made of."""
    target = scratch_copy(build_demo(7)).target
    told, reach = list(answers(target)), landed(target, REACH)
    with connect(target) as connection:
        tables = connection.execute(
            "select string_agg(format('%I.%I', schemaname, tablename), ', ') from pg_tables "
            "where schemaname like 'raw%'"
        ).fetchone()
        assert tables is not None
        connection.execute(f"truncate {tables[0]}".encode())
        connection.execute("truncate ops.quarantine, ops.batches cascade")
    return target, told, reach


@contextmanager
def landing(target: WarehouseTarget) -> Iterator[Lander]:
    with Lander(lambda: connect(target), None, lambda: datetime.now(UTC)) as lander:
        yield lander


def keys(rows: Rows) -> list[tuple[Any, ...]]:
    return [row.values if isinstance(row, Row) else () for row in rows]


def check(
    lander: Lander,
    of: Stream,
    views: tuple[str, ...],
    rows: Rows,
    expected: list[tuple[Any, ...]],
    what: str,
) -> int:
    """Land the rows; see that all of `expected` are there and the rest is accounted for.

    Returns how many rows went to quarantine.
    """
    connection = lander.connection
    connection.execute(f"delete from {of.table}".encode())
    connection.execute("delete from ops.quarantine")
    connection.commit()
    result = lander.land(of, rows)
    names = ", ".join(column.name for column in of.columns)
    there = set(connection.execute(f"select {names} from {of.table}".encode()).fetchall())
    told = connection.execute("select location, reason, payload from ops.quarantine").fetchall()
    connection.commit()
    assert set(expected) <= there, what
    assert len(told) == result.rows_quarantined, what
    assert len(there) + len(told) == len(rows), what
    assert all(location and len(reason) > 5 and payload for location, reason, payload in told), what
    for view in views:
        query = f"select md5(string_agg(v::text, '')) from staging.{view} v"
        try:
            connection.execute(query.encode())
        except psycopg.DataError as error:
            pytest.fail(f"{what} is landed and breaks {view}: {error}")
    connection.commit()
    return len(told)


def test_a_changed_row_is_told_and_its_neighbours_are_landed(
    emptied: tuple[WarehouseTarget, list[Answer], list[tuple[Any, ...]]],
) -> None:
    target, told, _ = emptied
    chance = random.Random(SEED)
    quarantined = {each.name: 0 for each in told}
    with serving() as server, landing(target) as lander:
        for answer in told:
            server.body = to_json(answer.page(answer.rows))
            good = keys(answer.read(server))
            assert check(lander, answer.stream, answer.views, answer.read(server), good, "") == 0
            for _ in range(ROWS_CHANGED):
                at = chance.randrange(len(answer.rows))
                said, row = changed(chance, answer.rows[at])
                what = f"{answer.name}, row {at}: {said}"
                server.body = to_json(answer.page([*answer.rows[:at], row, *answer.rows[at + 1 :]]))
                rows = answer.read(server)
                others = [*good[:at], *good[at + 1 :]]
                quarantined[answer.name] += check(
                    lander, answer.stream, answer.views, rows, others, what
                )
    assert len(told) * ROWS_CHANGED > 200
    assert min(quarantined.values()) >= 1, sorted(quarantined.items(), key=lambda item: item[1])


def test_an_answer_that_is_none_is_said_to_be(
    emptied: tuple[WarehouseTarget, list[Answer], list[tuple[Any, ...]]],
) -> None:
    _, told, _ = emptied
    with serving() as server:
        for answer in told:
            body = to_json(answer.page(answer.rows))
            server.body = body
            good = keys(answer.read(server))
            for name, damage in DAMAGES.items():
                server.body = damage(body)
                _refused_or_whole(answer, server, good, f"{answer.name}: {name}")
            for name, make in ODDITIES.items():
                server.body = make(body)
                assert keys(answer.read(server)) == good, f"{answer.name}: {name}"


def _refused_or_whole(answer: Answer, server: Server, good: list[Any], what: str) -> None:
    rows, said = _read(answer, server)
    assert keys(rows) == good or (not rows and len(said) > 40), what


def _read(answer: Answer, server: Server) -> tuple[Rows, str]:
    """Return the rows of an answer, or what is said of one that is none."""
    try:
        return answer.read(server), ""
    except SourceUnavailableError as error:
        return [], str(error)


def test_a_page_whose_list_is_something_else(
    emptied: tuple[WarehouseTarget, list[Answer], list[tuple[Any, ...]]],
) -> None:
    _, told, _ = emptied
    with serving() as server:
        for answer in told:
            for junk in JUNK:
                server.body = to_json(answer.page(junk))
                rows, said = _read(answer, server)
                assert all(isinstance(row, BadRow) for row in rows), f"{answer.name}: {junk!r:.40}"
                assert rows or said or not junk, f"{answer.name}: {junk!r:.40} is lost"


def test_a_bulk_report_with_a_bad_line(
    emptied: tuple[WarehouseTarget, list[Answer], list[tuple[Any, ...]]],
) -> None:
    target, _, held = emptied
    channel, day = held[0][:2]
    rows = [row[-1] for row in held if row[:2] == (channel, day)]
    chance = random.Random(SEED)
    good = keys(csv_rows(rows, channel, day))
    assert len(good) > 1
    with landing(target) as lander:
        for _ in range(60):
            at, name = chance.randrange(len(rows)), chance.choice(list(rows[0]))
            junk = chance.choice([each for each in JUNK if isinstance(each, str | int | None)])
            text = "" if junk is None else str(junk)
            row = {**rows[at], name: text}
            read = csv_rows([*rows[:at], row, *rows[at + 1 :]], channel, day)
            # A line end within a value makes two lines of one, so that those after it move.
            others = good if "\n" not in text else []
            kept = [key for n, key in enumerate(others) if n != at]
            views = ("stg_youtube__reporting_reach",)
            check(lander, REACH, views, read, kept, f"{name} is {text!r:.40}")


@pytest.mark.parametrize(
    "content",
    [b"", b"\n", b"\0\0\0\n", b'"date"x,channel_id\n', b"date,date\n1,2\n", b"<html>\n",
     "date,channel_id\n".encode("utf-16")],
)  # fmt: skip
def test_a_bulk_report_that_is_none(content: bytes) -> None:
    with pytest.raises(UnreadableError):
        csv_rows([], "UC1", date(2026, 10, 1), content)
