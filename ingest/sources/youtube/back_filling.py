"""Works through a back-fill in pieces of a channel's month, as far as the day's calls reach.

The latest month of all channels comes first, so that users wait alike, and of each month the
channels' own days, then their audience, which needs them. A piece is begun where there are calls
for the whole of it; what a killed run had begun is read again.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Protocol, TypeVar

from ingest.extraction import Extraction
from ingest.payload import JsonObject
from ingest.side_by_side import side_by_side
from ingest.sources.youtube.analytics_plan import ChannelPlan, plan_channels
from ingest.sources.youtube.analytics_reading import (
    CHANNEL_DAYS,
    MOST_VIDEOS,
    ChannelReading,
    Landing,
    Outcome,
    days_a_question,
)
from ingest.sources.youtube.back_fill import (
    AUDIENCE,
    EARLIEST,
    OWN_DAYS,
    BackFill,
    ask_for,
    note_progress,
    outlooks,
    todays_usage,
    unfinished,
)
from ingest.sources.youtube.breakdown_plan import BreakdownPlan, plan_breakdowns
from ingest.sources.youtube.breakdown_reading import BreakdownReading
from ingest.sources.youtube.config import YouTubeAnalyticsConfig
from ingest.sources.youtube.quota import Usage
from ingest.sources.youtube.reports import CHANNEL_CORE, REPORTS
from ingest.sources.youtube.windows import Asked, Days
from ingest.streams import Stream

Query = Callable[[Any, Days, Sequence[str]], JsonObject]
P = TypeVar("P", ChannelPlan, BreakdownPlan)

logger = logging.getLogger(__name__)


class Allowance:
    """The calls that a run may make for back-fills. For use by several threads."""

    def __init__(self, daily_calls: int, usage: Usage, a_run: int | None) -> None:
        """Take the most calls of a day and what was used of it, and the most calls of the run."""
        self._left = 0 if usage.closed else max(0, daily_calls - usage.total)
        self._is_whole_day = not usage.total and not usage.closed
        self._a_run = a_run
        self._taken = 0
        self._lock = threading.Lock()
        self.is_closed = not self._left

    def take(self, calls: int) -> bool:
        """Set calls aside for a piece; False, from then on, where there are too few.

        A piece that alone is more than a day, or a run, has is begun all the same: it would never
        be done otherwise.
        """
        with self._lock:
            fits = calls <= self._left or (self._is_whole_day and not self._taken)
            if self._a_run is not None and self._taken:
                fits = fits and self._taken + calls <= self._a_run
            if self.is_closed or not fits:
                self.is_closed = True
                return False
            self._left -= calls
            self._taken += calls
            return True

    def close(self) -> None:
        """Let nothing more be begun."""
        self.is_closed = True


@dataclass
class Filling:
    """A back-fill in one extraction.

    `plans` are the channels with all of its days; `failed` are those whose owners must reconnect,
    and it grows.
    """

    extraction: Extraction
    config: YouTubeAnalyticsConfig
    back_fill: BackFill
    today: date
    allowance: Allowance
    plans: Sequence[ChannelPlan]
    asking: Asking
    failed: set[str]

    def __post_init__(self) -> None:
        self.windows = {
            plan.channel_id: plan.days[CHANNEL_CORE.stream.name]
            for plan in self.plans
            if CHANNEL_CORE.stream.name in plan.days
        }

    @property
    def _streams(self) -> tuple[Stream, ...]:
        return (OWN_DAYS, AUDIENCE) if self.config.with_audience else (OWN_DAYS,)

    def go_on(self) -> None:
        """Do what is left of the back-fill, until it is done or the calls are used up."""
        self._note()
        earliest = min((days.first for days in self.windows.values()), default=self.today)
        total = sum((days.last - days.first).days + 1 for days in self.windows.values())
        source = self.back_fill.source
        self.extraction.progress.start(source, "back-fill", total * len(self._streams))
        try:
            for month in self.back_fill.months():
                if self.allowance.is_closed or month.last < earliest:
                    break
                self._read_month(month)
        finally:
            self._note()

    def _note(self) -> None:
        note_progress(self.extraction.lander, self.back_fill, self.windows, self._streams)

    def _read_month(self, month: Days) -> None:
        asked = Asked(self.today, month.first, month.last)
        todo = self._todo(OWN_DAYS, month)
        plans = [_within(plan, month) for plan in self.plans if plan.channel_id in todo]
        as_of, ask, country_days = self.extraction.as_of, self.asking.of, self.config.country_days
        self._read(
            OWN_DAYS,
            plans,
            todo,
            _calls,
            lambda plan: ChannelReading(plan, asked, as_of, ask(plan)),
        )
        if not self.config.with_audience or self.allowance.is_closed:
            return
        todo = self._todo(AUDIENCE, month)
        wanted = plan_breakdowns(self.extraction.lander, asked, self.config, self.failed)
        parts = self.asking.able([plan for plan in wanted if plan.channel_id in todo])
        self._read(
            AUDIENCE,
            parts,
            todo,
            _audience_calls,
            lambda plan: BreakdownReading(plan, asked, as_of, ask(plan), country_days),
        )

    def _todo(self, stream: Stream, month: Days) -> dict[str, Days]:
        """Return the channels that have days in the month which are not done yet, and the days."""
        reached = self.back_fill.reached(self.extraction.lander, stream)
        todo = {}
        for channel, days in self.windows.items():
            first, last = max(days.first, month.first), min(days.last, month.last)
            if first > last or channel in self.failed:
                continue
            if channel not in reached or reached[channel] > first:
                todo[channel] = Days(first, last)
        return todo

    def _read(
        self,
        stream: Stream,
        plans: Sequence[P],
        todo: Mapping[str, Days],
        calls_of: Callable[[P], int],
        reading: Callable[[P], ChannelReading | BreakdownReading],
    ) -> None:
        """Land a month's pieces, each with the mark that it is done."""

        def work(plan: P) -> Iterator[Landing | Outcome]:
            if self.allowance.take(calls_of(plan)):
                yield from reading(plan).read()

        silent = todo.keys() - {plan.channel_id for plan in plans}
        self._mark(stream, {channel: todo[channel] for channel in silent})
        for result in side_by_side(work, plans, self.config.threads):
            self.extraction.calls.write(self.extraction.lander)
            if isinstance(result, Landing):
                self.extraction.lander.land(
                    result.report.stream,
                    result.table.rows,
                    cursors=result.cursors,
                    partitions=result.partitions,
                )
                continue
            if result.refusal:
                logger.warning("the reports of %s: %s", result.channel_id, result.refusal)
            if result.owner_error:
                self.failed.add(result.channel_id)
            else:
                self._mark(stream, {result.channel_id: todo[result.channel_id]})
            if self.extraction.is_awaited():
                self.allowance.close()

    def _mark(self, stream: Stream, done: Mapping[str, Days]) -> None:
        if not done:
            return
        marks = [self.back_fill.mark(channel, days.first) for channel, days in done.items()]
        self.extraction.lander.land(stream, [], cursors=marks)
        steps = sum((days.last - days.first).days + 1 for days in done.values())
        self.extraction.progress.advance(self.back_fill.source, "back-fill", steps)


class Asking(Protocol):
    """Asks about channels on behalf of their owners."""

    def able(self, plans: Sequence[P]) -> list[P]:
        """Return the channels whose owner gave us a token."""

    def of(self, plan: ChannelPlan | BreakdownPlan) -> Query:
        """Return what asks about a channel that is `able`."""


def fill_back(
    extraction: Extraction,
    asked: Asked,
    config: YouTubeAnalyticsConfig,
    asking: Asking,
    failed: Sequence[str],
) -> list[str]:
    """Fill back the days asked for, else go on with what was asked for before.

    The day's own work has gone first; this has what is left of the day's calls. Returns the
    channels whose owners must reconnect, beside those that `failed` before.
    """
    lander = extraction.lander
    if not asked.is_back_fill:
        fills = unfinished(lander.query)
    elif (asked.since or EARLIEST) > min(asked.until or asked.today, asked.today):
        fills = []
    else:
        fills = [ask_for(lander, asked)]
    if not fills:
        return []
    extraction.calls.write(lander)
    a_run = None if asked.is_back_fill else config.back_fill_calls_a_run
    usage = todays_usage(lander.query, lander.clock())
    allowance = Allowance(config.daily_calls, usage, a_run)
    lost = set(failed)
    for fill in fills:
        plans = plan_channels(lander, Asked(asked.today, fill.since, fill.until), config)
        able = asking.able(plans)
        if able or not plans:  # else nobody has connected a channel yet
            Filling(extraction, config, fill, asked.today, allowance, able, asking, lost).go_on()
    extraction.notes.extend(
        str(outlook)
        for outlook in outlooks(lander.query, config.daily_calls, lander.clock())
        if any(outlook.back_fill.asked_at == fill.asked_at for fill in fills)
    )
    return sorted(lost - set(failed))


def _within(plan: ChannelPlan, month: Days) -> ChannelPlan:
    """Return the plan for the days of one month."""
    days = {
        name: Days(max(each.first, month.first), min(each.last, month.last))
        for name, each in plan.days.items()
        if each.first <= month.last and each.last >= month.first
    }
    return replace(plan, days=days)


def _calls(plan: ChannelPlan) -> int:
    """Return how many calls a channel's own days take, without any that fails."""
    calls = 0
    for report in REPORTS:
        days = plan.days.get(report.stream.name)
        if days is None:
            continue
        if not report.is_by_video:
            calls += sum(1 for _ in days.split(CHANNEL_DAYS))
            continue
        for part in days.split(days_a_question(len(plan.videos))):
            able = sum(video.published_on <= part.last for video in plan.videos)
            calls += -(-able // MOST_VIDEOS)
    return calls


def _audience_calls(plan: BreakdownPlan) -> int:
    """Return how many calls a month of a channel's audience takes."""
    return len(plan.days) + len(plan.country_days or ()) + len(plan.months or ())
