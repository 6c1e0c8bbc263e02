"""A run that is killed, or whose line is reset, at any statement loses and doubles nothing.

At each point: a copy of the warehouse as it was, a run that is disturbed there, a run that is not.
Then every raw table, cursor and quarantined row is as after one undisturbed run, and no more rows
were landed in all. `make chaos` tries hundreds of points, `make test` a few.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import cycle
from pathlib import Path

import pytest
from chaos_runs import EXPECTED_EXITS, SOURCES, Order, State, copied, disturb, extract, read_state
from chaos_stage import Stage
from chaos_world import Story

from simulator.postgres_faults import Fault, What, When
from simulator.postgres_proxy import PostgresProxy, running
from simulator.postgres_wire import Statement
from warehouse.connection import WarehouseTarget

POINTS = int(os.environ.get("YTEMPIRE_CHAOS_POINTS", "2"))  # of each scenario
PART = 22  # points of one test, so that workers can share them
ANYWHERE = (
    Fault(What.KILL, When.AFTER),
    Fault(What.RESET, When.BEFORE),
    Fault(What.KILL, When.HALFWAY),
    Fault(What.RESET, When.AFTER),
    Fault(What.KILL, When.BEFORE),
    Fault(What.RESET, When.HALFWAY),
)
AT_COMMIT = (
    Fault(What.RESET, When.AFTER),
    Fault(What.KILL, When.AFTER),
    Fault(What.RESET, When.BEFORE),
    Fault(What.KILL, When.BEFORE),
    Fault(What.LATE, seconds=0.5),
)
KILLED, UNREACHABLE = -9, 8
WarehouseMaker = Callable[[], WarehouseTarget]
pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Scenario:
    """What is landed at first, then what is landed while it is disturbed; `later`: a day later."""

    name: str
    before: tuple[str, ...]
    sources: tuple[str, ...]
    later: bool = False


SCENARIOS = (
    Scenario("public", (), ("platform", "youtube_data")),
    Scenario("owners", ("platform", "youtube_data"), ("youtube_analytics", "youtube_reporting")),
    Scenario("costs", (), ("stripe", "openai", "elevenlabs", "expenses")),
    Scenario("a day later", SOURCES, SOURCES, later=True),
)


def a_day_passes(story: Story) -> None:
    """Let entities change, come and go, and figures be told anew."""
    alpha, beta = story.channels[:2]
    story.now += timedelta(days=1, hours=3)
    story.change_user(0)
    story.add_video(0, story.now - timedelta(hours=5))
    story.gone.add(story.videos[1].platform_video_id)
    for day in story.days(within=4)[1:]:
        story.restate(alpha.youtube_channel_id, day)
        story.restate(beta.youtube_channel_id, day)
    story.expenses += ["2026-05-19,engineering,tools,Tools,Editor,80,USD", "2026-05-19,,,,,1,USD"]


@dataclass
class Rehearsal:
    """A scenario that is prepared: where it begins, where it must end, and its statements."""

    base: WarehouseTarget
    order: Order
    expected: State
    statements: list[Statement]

    def points(self, count: int) -> list[tuple[int, Fault]]:
        """Return where to strike, and how: half all over, half at the COMMITs of batches."""
        everywhere = [each.number for each in self.statements]
        commits = list(_commits_of_batches(self.statements))
        return [
            *zip(_spread(everywhere, count - count // 2), cycle(ANYWHERE)),
            *zip(_spread(commits, count // 2), cycle(AT_COMMIT)),
        ]


def _commits_of_batches(statements: Sequence[Statement]) -> Iterator[int]:
    has_batch = False
    for each in statements:
        has_batch |= "insert into ops.batches" in each.text
        if each.is_commit:
            if has_batch:
                yield each.number
            has_batch = False


def _spread(numbers: list[int], count: int) -> list[int]:
    return [numbers[(2 * n + 1) * len(numbers) // (2 * count)] for n in range(count)]


@contextmanager
def rehearsed(
    scenario: Scenario, new_warehouse: WarehouseMaker, base: WarehouseTarget, place: Path
) -> Iterator[tuple[Rehearsal, PostgresProxy]]:
    """Land what comes before the scenario, then the scenario itself, undisturbed, in a copy."""
    with ExitStack() as stack:
        stage = stack.enter_context(Stage(Story(), new_warehouse(), place).open())
        proxy = stack.enter_context(running(base.host, base.port))
        order = Order(base, stage.environment, stage.story.now, scenario.before, log=place / "log")
        if scenario.before:
            assert extract(order) in EXPECTED_EXITS
        if scenario.later:
            a_day_passes(stage.story)
            stage.play()
        order = replace(order, now=stage.story.now, only=scenario.sources)
        statements: list[Statement] = []
        with copied(base) as copy:
            proxy.keeps = statements.append
            counted = replace(order, target=copy)
            assert disturb(counted, proxy, 0, Fault(What.RESET)) in EXPECTED_EXITS
            proxy.keeps = None
            expected = read_state(copy)
        assert expected.landed
        yield Rehearsal(base, order, expected, statements), proxy


@pytest.mark.parametrize("part", range(-(-POINTS // PART)))
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_nothing_is_lost_and_nothing_is_there_twice(
    scenario: Scenario,
    part: int,
    new_warehouse: WarehouseMaker,
    new_migrated_warehouse: WarehouseMaker,
    tmp_path: Path,
) -> None:
    wrong: dict[str, object] = {}
    with rehearsed(scenario, new_warehouse, new_migrated_warehouse(), tmp_path) as (known, proxy):
        for number, fault in known.points(POINTS)[part * PART : (part + 1) * PART]:
            said = f"{fault.what.value} {fault.when.value} statement {number}: "
            said += repr(known.statements[number - 1].text[:60])
            with copied(known.base) as target:
                order = replace(known.order, target=target)
                code, kept = _disturbed(order, proxy, number, fault)
                found = {}
                if code in EXPECTED_EXITS:  # it went on by itself
                    found = read_state(target).differences(known.expected, with_batches=True)
                again = extract(order)
                found |= read_state(target).differences(known.expected)
            allowed = {KILLED} if fault.what is What.KILL else {*EXPECTED_EXITS, UNREACHABLE}
            if kept != number or code not in allowed or again not in EXPECTED_EXITS or found:
                wrong[said] = (kept, code, again, found)
    assert not wrong


def _disturbed(
    order: Order, proxy: PostgresProxy, number: int, fault: Fault
) -> tuple[int, int | None]:
    """Return the exit code of a run with a fault, and at which statement it struck."""
    struck: list[int] = []

    def keep(statement: Statement) -> None:
        if statement.number == number:
            struck.append(statement.number)

    proxy.statements, proxy.keeps = 0, keep
    try:
        code = disturb(order, proxy, number, fault)
    finally:
        proxy.keeps = None
    return code, struck[0] if struck else None
