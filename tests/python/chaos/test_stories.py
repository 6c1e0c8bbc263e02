"""Any story ends in the right state: see `right_state` for what that is.

Hypothesis makes up what happens: extractions, kills and resets at any statement, back-fills,
figures told anew, permissions revoked and given back, the quota used up, midnight in California,
channels and videos that come and go. After one more, undisturbed extraction all must be right.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

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
STEPS = 12 if STORIES else 8
KILLED, CREDENTIALS, QUOTA, DATABASE = -9, 4, 5, 8
MOST_CHANNELS, MOST_VIDEOS = 4, 8
pytestmark = pytest.mark.slow


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

    @rule()
    def extracts(self) -> None:
        self.ended(extract(self.order()))

    @rule(
        number=st.integers(1, 1100),
        what=st.sampled_from([What.KILL, What.RESET]),
        when=st.sampled_from(When),
    )
    def is_disturbed(self, number: int, what: What, when: When) -> None:
        self.proxy.statements = 0
        fault = Fault(what, when)
        self.ended(disturb(self.order(), self.proxy, number, fault), KILLED, DATABASE)

    @rule(days=st.integers(0, 9))
    def fills_back(self, days: int) -> None:
        since = pacific_date(self.story.now) - timedelta(days=days)
        self.ended(extract(replace(self.order(), since=since)))

    @rule(minutes=st.sampled_from([20, 400, 1500]))
    def time_passes(self, minutes: int) -> None:
        self.story.now += timedelta(minutes=minutes)
        self.is_told = False

    @rule()
    def midnight_passes(self) -> None:
        self.story.now = next_pacific_midnight(self.story.now) + timedelta(minutes=5)
        self.is_told = False

    @rule(channel=st.integers(0, MOST_CHANNELS), day=st.integers(0, 6), money=st.booleans())
    def figures_are_told_anew(self, channel: int, day: int, money: bool) -> None:
        identity = self.story.channels[channel % len(self.story.channels)].youtube_channel_id
        days = self.story.days(within=45 if money else 7)
        if days:
            self.story.restate(identity, days[day % len(days)], money=money)
            self.is_told = False

    @rule(channel=st.integers(0, MOST_CHANNELS))
    def a_permission_is_revoked(self, channel: int) -> None:
        token = self.story.channels[channel % len(self.story.channels)].refresh_token
        self.story.revoked.add(token)
        self.is_told = False

    @precondition(lambda self: self.story.revoked)
    @rule()
    def permissions_are_given_back(self) -> None:
        self.story.revoked.clear()
        self.is_told = False

    @rule()
    def the_quota_is_used_up(self) -> None:
        self.stage.use_up_quota()

    @precondition(lambda self: len(self.story.channels) < MOST_CHANNELS)
    @rule()
    def a_channel_is_connected(self) -> None:
        self.story.add_channel()
        self.is_told = False

    @precondition(lambda self: len(self.story.videos) < MOST_VIDEOS)
    @rule(channel=st.integers(0, MOST_CHANNELS))
    def a_video_is_published(self, channel: int) -> None:
        self.story.add_video(channel % len(self.story.channels))
        self.is_told = False

    @rule(video=st.integers(0, MOST_VIDEOS))
    def a_video_is_deleted(self, video: int) -> None:
        self.story.gone.add(self.story.videos[video % len(self.story.videos)].platform_video_id)
        self.is_told = False

    @precondition(lambda self: len(self.story.present_channels) > 1)
    @rule(channel=st.integers(0, MOST_CHANNELS))
    def a_channel_is_deleted(self, channel: int) -> None:
        gone = self.story.channels[channel % len(self.story.channels)]
        self.story.gone.add(gone.platform_channel_id)
        self.is_told = False

    @rule(user=st.integers(0, 1))
    def a_user_and_the_expenses_change(self, user: int) -> None:
        self.story.change_user(user)
        self.story.expenses.append("2026-05-19,engineering,tools,Tools,Editor,80,USD")
        self.is_told = False

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
