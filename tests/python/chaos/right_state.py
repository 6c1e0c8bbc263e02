"""What it means that a warehouse is in the right state, whatever happened before.

It is compared with a fresh one that the same world was extracted into once, undisturbed:

- what there is now is landed as it is told now, and once: platform rows, channels, videos,
  playlists, Stripe's objects and events, cost days, expenses;
- every report day of a channel that is still there has the figures that are told now;
- what is gone stays landed, as it was told last; the platform's deletions say so;
- snapshots are a superset of the fresh ones: each was taken at an instant of an extraction and
  says what was true at that instant;
- each row, cursor and quarantined row belongs to a batch that was committed; no run is left open.

Curves of retention and viewers' ages are read once a week, so that they may be older.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from chaos_runs import read_state
from chaos_world import Story, minutes_since_begin

from ingest.streams import (
    CHANNEL_DAY_CORE,
    CHANNEL_DAY_COUNTRY,
    CHANNEL_DAY_DEVICE,
    CHANNEL_DAY_OPERATING_SYSTEM,
    CHANNEL_DAY_REVENUE,
    CHANNEL_DAY_TRAFFIC_SOURCE,
    CHANNEL_SNAPSHOTS,
    CHANNELS,
    ELEVENLABS_USAGE,
    EXPENSES,
    OPENAI_COSTS,
    PLATFORM_TABLES,
    PLAYLIST_ITEMS,
    REPORTING_REACH_BASIC,
    STRIPE_CUSTOMERS,
    STRIPE_EVENTS,
    STRIPE_INVOICES,
    STRIPE_PRICES,
    STRIPE_PRODUCTS,
    VIDEO_DAY_CORE,
    VIDEO_DAY_REVENUE,
    VIDEO_SNAPSHOTS,
    VIDEOS,
    Stream,
    platform_stream,
)
from warehouse.connection import Connection, WarehouseTarget, connect

Rows = Mapping[tuple[Any, ...], Any]

# Told whole each time, or gone on with by events: nothing of it is ever gone here.
_SAME = (
    *(STRIPE_CUSTOMERS, STRIPE_PRODUCTS, STRIPE_PRICES, STRIPE_INVOICES, STRIPE_EVENTS),
    *(OPENAI_COSTS, ELEVENLABS_USAGE, EXPENSES),
)
# By channel, a figure for each processed day.
_CHANNEL_DAYS = (
    *(CHANNEL_DAY_CORE, CHANNEL_DAY_REVENUE, CHANNEL_DAY_DEVICE),
    *(CHANNEL_DAY_OPERATING_SYSTEM, CHANNEL_DAY_TRAFFIC_SOURCE),
)
_ENTITIES = (CHANNELS, VIDEOS, PLAYLIST_ITEMS)


def faults_of(
    target: WarehouseTarget, fresh: WarehouseTarget, story: Story, instants: set[datetime]
) -> list[str]:
    """Return what is not right, in sentences; `instants` are those of all extractions."""
    state = read_state(target)
    found = [f"{table}: {n} rows of no batch" for table, n in state.orphans.items()]
    found += ["a run is still running"] if "running" in state.runs else []
    with connect(target) as landed, connect(fresh) as told:
        check = _Check(landed, told, story, instants, found)
        check.same()
        check.platform()
        check.entities()
        check.reports()
        check.snapshots(VIDEO_SNAPSHOTS, 10, lambda key: int(key[0][3:]))
        check.snapshots(CHANNEL_SNAPSHOTS, 100, lambda _: 0)
    expected = {row for row in read_state(fresh).quarantine if row[0] == "expenses"}
    mine = [row for row in state.quarantine if row[0] == "expenses"]
    if set(mine) != expected or len(mine) != len(expected):
        found.append(f"quarantine: {mine}, not {expected}")
    return found


class _Check:
    """One comparison; adds what it finds to a list."""

    def __init__(
        self,
        landed: Connection,
        told: Connection,
        story: Story,
        instants: set[datetime],
        found: list[str],
    ) -> None:
        self._landed, self._told, self._found = landed, told, found
        self._story, self._instants = story, instants
        self._channels = {each.youtube_channel_id for each in story.present_channels}
        self._videos = {str(each.youtube_video_id) for each in story.present_videos}

    def _both(self, stream: Stream) -> tuple[Rows, Rows]:
        return _rows(self._landed, stream), _rows(self._told, stream)

    def _compare(self, stream: Stream, landed: Rows, told: Rows) -> None:
        for key in sorted(landed.keys() | told.keys(), key=str):
            if key not in landed:
                self._found.append(f"{stream.name} {key} is missing")
            elif key not in told:
                self._found.append(f"{stream.name} {key} is told no more")
            elif landed[key] != told[key]:
                self._found.append(f"{stream.name} {key}: {landed[key]}, but told {told[key]}")

    def same(self) -> None:
        """What is never gone is as it is told."""
        for stream in _SAME:
            self._compare(stream, *self._both(stream))

    def platform(self) -> None:
        """Rows are as the platform has them; those that it has no more are noted."""
        gone: set[tuple[str, str]] = set()
        for table in PLATFORM_TABLES:
            stream = platform_stream(table)
            landed, told = self._both(stream)
            gone |= {(table, key[0]) for key in landed.keys() - told.keys()}
            self._compare(stream, _only(landed, lambda key: key in told), told)  # noqa: B023
        notes = self._landed.execute(
            "select table_name, id from raw_platform.deletions "
            "where (payload ->> 'is_deleted')::boolean"
        ).fetchall()
        if set(notes) != gone:
            self._found.append(f"deletions: {sorted(notes)} are noted, not {sorted(gone)}")

    def entities(self) -> None:
        """What YouTube shows is as it shows it; what it shows no more stays."""
        for stream in _ENTITIES:
            landed, told = self._both(stream)
            self._compare(stream, _only(landed, lambda key: key in told), told)  # noqa: B023

    def reports(self) -> None:
        """Each day of a channel that is there has the figures of now."""
        for stream in _CHANNEL_DAYS:
            landed, told = self._both(stream)
            self._compare(stream, _only(landed, self._is_there), told)
        for stream in (VIDEO_DAY_CORE, VIDEO_DAY_REVENUE):
            landed, told = self._both(stream)
            self._compare(stream, _only(landed, lambda key: key[2] in self._videos), told)
        landed, told = self._both(CHANNEL_DAY_COUNTRY)
        days = {key[:2] for key in told}
        self._compare(CHANNEL_DAY_COUNTRY, _only(landed, lambda key: key[:2] in days), told)
        self._parts_sum_to_days(landed)
        whole = self._channels - {
            each.youtube_channel_id
            for each in self._story.videos
            if each.platform_video_id in self._story.gone  # its row of a report stays or goes
        }
        landed, told = (
            _only(rows, lambda key: key[0] in whole) for rows in self._both(REPORTING_REACH_BASIC)
        )
        self._compare(REPORTING_REACH_BASIC, landed, told)

    def _parts_sum_to_days(self, parts: Rows) -> None:
        days = _rows(self._landed, CHANNEL_DAY_CORE)
        sums: dict[tuple[Any, ...], int] = {}
        for key, payload in _only(parts, self._is_there).items():
            sums[key[:2]] = sums.get(key[:2], 0) + payload["views"]
        self._found += [
            f"the countries of {day} sum to {views} views, the day has {days[day]['views']}"
            for day, views in sums.items()
            if days[day]["views"] != views
        ]

    def _is_there(self, key: tuple[Any, ...]) -> bool:
        return key[0] in self._channels

    def snapshots(
        self, stream: Stream, a_minute: int, more: Callable[[tuple[Any, ...]], int]
    ) -> None:
        """Each says what was true at an instant of an extraction; the latest are there."""
        landed, told = self._both(stream)
        for key, payload in landed.items():
            true = a_minute * minutes_since_begin(key[1]) + more(key)
            if key[1] not in self._instants or int(payload["viewCount"]) != true:
                self._found.append(f"{stream.name} {key}: {payload}, true is {true}")
        self._compare(stream, _only(landed, lambda key: key in told), told)


def _rows(connection: Connection, stream: Stream) -> Rows:
    keys = ", ".join(stream.keys)
    rows = connection.execute(f"select payload, {keys} from {stream.table}".encode()).fetchall()
    return {row[1:]: row[0] for row in rows}


def _only(rows: Rows, wanted: Callable[[tuple[Any, ...]], bool]) -> Rows:
    return {key: payload for key, payload in rows.items() if wanted(key)}
