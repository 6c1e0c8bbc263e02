"""Rows of the platform's database that are there no longer."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from platform_database import RAW, add_metrics, add_user_and_channel, change, land
from standins import A_DAY_LATER, AS_OF, payloads, query, raw_rows

from ingest.sources.platform import deletions as module
from warehouse.connection import WarehouseTarget
from warehouse.errors import SourceUnavailableError


def add_videos(platform: WarehouseTarget, numbers: range) -> None:
    change(
        platform,
        """
        insert into ytempire.videos (video_id, channel_id, title, status, queued_at, created_at,
            updated_at, content_type, generation_method)
        select ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, %s, 'A video',
            'queued', %s, %s, %s, 'news', 'automatic'
        from generate_series(%s::int, %s) as n
        """,
        UUID(int=2),
        *[AS_OF] * 3,
        numbers.start,
        numbers.stop - 1,
    )


def video(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012}"


def deletions(target: WarehouseTarget) -> dict[tuple[str, str], tuple[bool, datetime]]:
    rows = query(target, "select table_name, id, payload, noticed_at from raw_platform.deletions")
    return {(t, i): (payload["is_deleted"], at) for t, i, payload, at in rows}


def test_deleted_rows_are_noticed_once_a_day_and_their_return_too(
    platform: WarehouseTarget, clean_warehouse: WarehouseTarget, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PAGE_IDS", 7)  # several pages
    add_user_and_channel(platform, "token")
    add_videos(platform, range(1, 31))
    land(platform, clean_warehouse)
    assert deletions(clean_warehouse) == {}
    change(platform, "delete from ytempire.videos where video_id = any(%s)", [video(3), video(30)])
    land(platform, clean_warehouse, AS_OF + timedelta(hours=1))
    assert deletions(clean_warehouse) == {}  # not twice a day
    land(platform, clean_warehouse, A_DAY_LATER)
    gone = {("videos", video(n)): (True, A_DAY_LATER) for n in (3, 30)}
    assert deletions(clean_warehouse) == gone
    before = raw_rows(clean_warehouse, "raw_platform.deletions", *RAW)
    land(platform, clean_warehouse, A_DAY_LATER)
    next_day = A_DAY_LATER + timedelta(days=1)
    land(platform, clean_warehouse, next_day)
    assert raw_rows(clean_warehouse, "raw_platform.deletions", *RAW) == before
    assert len(payloads(clean_warehouse, "raw_platform.videos")) == 30  # what was landed stays
    add_videos(platform, range(3, 4))
    later = next_day + timedelta(days=1)
    land(platform, clean_warehouse, later)
    assert deletions(clean_warehouse) == {**gone, ("videos", video(3)): (False, later)}


def test_a_back_fill_and_records_of_what_happened_note_no_deletion(
    platform: WarehouseTarget, clean_warehouse: WarehouseTarget
) -> None:
    add_user_and_channel(platform, "token")
    add_videos(platform, range(1, 4))
    add_metrics(platform, range(1, 5), AS_OF)
    land(platform, clean_warehouse)
    change(platform, "delete from ytempire.videos where video_id = %s", video(1))
    change(platform, "delete from ytempire.system_metrics where metric_id = 1")
    land(platform, clean_warehouse, A_DAY_LATER, since=AS_OF.date())
    assert deletions(clean_warehouse) == {}
    land(platform, clean_warehouse, A_DAY_LATER)
    assert set(deletions(clean_warehouse)) == {("videos", video(1))}


def test_an_empty_table_is_told_instead_of_noting_that_all_is_deleted(
    platform: WarehouseTarget, clean_warehouse: WarehouseTarget
) -> None:
    add_user_and_channel(platform, "token")
    add_videos(platform, range(1, 4))
    land(platform, clean_warehouse)
    change(platform, "truncate ytempire.videos cascade")
    with pytest.raises(SourceUnavailableError, match="it is empty, though rows of it"):
        land(platform, clean_warehouse, A_DAY_LATER)
    assert deletions(clean_warehouse) == {}
