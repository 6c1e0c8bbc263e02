"""Any story ends in the right state: see `right_state` for what that is.

Hypothesis makes up what happens: extractions, kills and resets at any statement, back-fills,
figures told anew, permissions revoked and given back, the quota used up, midnight in California,
channels and videos that come and go. After one more, undisturbed extraction all must be right.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

import hypothesis.strategies as st
import pytest
from chaos_runs import EXPECTED_EXITS, Order, copied, disturb, extract
from chaos_stage import Stage
from chaos_world import Story
from hypothesis import HealthCheck, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from right_state import faults_of

from ingest.sources.youtube.failures import next_pacific_midnight
from simulator.postgres_faults import Fault, What, When
from simulator.postgres_proxy import running
from simulator.world.days import pacific_date
from warehouse.connection import WarehouseTarget

STORIES = int(os.environ.get("YTEMPIRE_CHAOS_STORIES", "0"))  # 0: the few that CI tells
STEPS = 12 if STORIES else 5
KILLED, CREDENTIALS, QUOTA, DATABASE = -9, 4, 5, 8
MOST_CHANNELS, MOST_VIDEOS = 4, 8
Thing = TypeVar("Thing")
pytestmark = pytest.mark.slow


# What happens on a stage; the number says to which channel, video, user or day.
Event = Callable[[Stage, int], object]


def figures_are_told_anew(stage: Stage, which: int) -> None:
    _figures_change(stage.story, which, within=7, money=False)


def revenue_is_told_anew(stage: Stage, which: int) -> None:
    _figures_change(stage.story, which, within=45, money=True)


def _figures_change(story: Story, which: int, *, within: int, money: bool) -> None:
    days = story.days(within)
    if days:
        day = days[-1 - which % len(days)]  # the oldest that may change first
        story.restate(_one_of(story.channels, which).youtube_channel_id, day, money=money)


def a_permission_is_revoked(stage: Stage, which: int) -> None:
    stage.story.revoked.add(_one_of(stage.story.channels, which).refresh_token)


def permissions_are_given_back(stage: Stage, _: int) -> None:
    stage.story.revoked.clear()


def the_quota_is_used_up(stage: Stage, _: int) -> None:
    stage.use_up_quota()


def a_channel_is_connected(stage: Stage, _: int) -> None:
    if len(stage.story.channels) < MOST_CHANNELS:
        stage.story.add_channel()


def a_video_is_published(stage: Stage, which: int) -> None:
    if len(stage.story.videos) < MOST_VIDEOS:
        stage.story.add_video(which % len(stage.story.channels))


def a_video_is_deleted(stage: Stage, which: int) -> None:
    stage.story.gone.add(_one_of(stage.story.videos, which).platform_video_id)


def a_channel_is_deleted(stage: Stage, which: int) -> None:
    if len(stage.story.present_channels) > 1:
        stage.story.gone.add(_one_of(stage.story.present_channels, which).platform_channel_id)


def a_user_changes(stage: Stage, which: int) -> None:
    stage.story.change_user(which % len(stage.story.users))


def an_expense_is_booked(stage: Stage, _: int) -> None:
    stage.story.expenses.append("2026-05-19,engineering,tools,Tools,Editor,80,USD")


def midnight_passes_in_california(stage: Stage, _: int) -> None:
    stage.story.now = next_pacific_midnight(stage.story.now) + timedelta(minutes=5)


def _minutes_pass(minutes: int) -> Event:
    def pass_them(stage: Stage, _: int) -> None:
        stage.story.now += timedelta(minutes=minutes)

    return pass_them


def _one_of(things: Sequence[Thing], which: int) -> Thing:
    return things[which % len(things)]


EVENTS: tuple[Event, ...] = (
    *(midnight_passes_in_california, *map(_minutes_pass, (20, 400, 1500))),
    *(figures_are_told_anew, revenue_is_told_anew, the_quota_is_used_up),
    *(a_permission_is_revoked, permissions_are_given_back),
    *(a_channel_is_connected, a_channel_is_deleted),
    *(a_video_is_published, a_video_is_deleted, a_user_changes, an_expense_is_booked),
)
Happened = list[tuple[Event, int]]
HAPPENED = st.lists(st.tuples(st.sampled_from(EVENTS), st.integers(0, 9)), max_size=5)


class Chronicle(RuleBasedStateMachine):
    """A story and a warehouse that it is extracted into."""

    template: WarehouseTarget
    platform: WarehouseTarget
    place: Path

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.story = Story()
        self.instants: set[datetime] = set()
        self.has_begun = False

    @initialize()
    def begin(self) -> None:
        stage = Stage(self.story, self.platform, self.place)
        self.stage = self.stack.enter_context(stage.open())
        self.target = self.stack.enter_context(copied(self.template))
        self.proxy = self.stack.enter_context(running(self.target.host, self.target.port))
        self.is_told = True

    def order(self) -> Order:
        if not self.is_told:
            self.stage.play()
            self.is_told = True
        self.instants.add(self.story.now)
        return Order(self.target, self.stage.environment, self.story.now, log=self.place / "log")

    def ended(self, code: int, *more: int) -> None:
        assert code in {*EXPECTED_EXITS, CREDENTIALS, QUOTA, *more}, f"exit code {code}"

    def go_on(self, events: Happened) -> None:
        for event, which in events:
            event(self.stage, which)
        self.is_told = self.is_told and not events

    @rule(before=HAPPENED)
    def is_extracted(self, before: Happened) -> None:
        self.go_on(before)
        self.ended(extract(self.order()))
        self.has_begun = True

    @rule(
        before=HAPPENED,
        number=st.integers(1, 500),
        what=st.sampled_from([What.KILL, What.RESET]),
        when=st.sampled_from(When),
    )
    def is_disturbed(self, before: Happened, number: int, what: What, when: When) -> None:
        self.go_on(before)
        self.proxy.statements = 0
        fault = Fault(what, when)
        self.ended(disturb(self.order(), self.proxy, number, fault), KILLED, DATABASE)

    # A first run that is told a day begins the history of costs there, as it should.
    @precondition(lambda self: self.has_begun)
    @rule(before=HAPPENED, days=st.integers(0, 9))
    def is_filled_back(self, before: Happened, days: int) -> None:
        self.go_on(before)
        since = pacific_date(self.story.now) - timedelta(days=days)
        self.ended(extract(replace(self.order(), since=since)))

    def teardown(self) -> None:
        try:
            if hasattr(self, "target"):
                self.ends_well()
        finally:
            self.stack.close()

    def ends_well(self) -> None:
        """A day later, all permissions given back: one undisturbed extraction makes it right."""
        self.story.revoked.clear()
        self.story.now += timedelta(hours=25)
        self.is_told = False
        order = self.order()
        assert extract(order) in EXPECTED_EXITS
        with copied(self.template) as fresh:
            assert extract(replace(order, target=fresh)) in EXPECTED_EXITS
            assert faults_of(self.target, fresh, self.story, self.instants) == []


def test_any_story_ends_in_the_right_state(
    new_warehouse: Callable[[], WarehouseTarget],
    new_migrated_warehouse: Callable[[], WarehouseTarget],
    tmp_path: Path,
) -> None:
    class Told(Chronicle):
        template, platform, place = new_migrated_warehouse(), new_warehouse(), tmp_path

    run_state_machine_as_test(
        Told,
        settings=settings(
            max_examples=STORIES or 3,
            stateful_step_count=STEPS,
            derandomize=not STORIES,
            deadline=None,
            database=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
