"""What YouTube's policy has us forget: the text of videos that cannot be read again.

Stored metadata is to be refreshed or deleted within 30 days. A video that vanished is not
refreshed any more, nor is one of a channel that was disconnected: title, description, tags and
thumbnails go, identifiers, dates and figures stay. A video that comes back is read again whole.
Fact: developers.google.com/youtube/terms/developer-policies
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from ingest.extraction import batched
from ingest.landing import Cursor, Lander, Row
from ingest.sources.youtube.schedule import PATIENT_MISSES, is_older
from ingest.streams import PLAYLIST_ITEMS, VIDEO_SNAPSHOTS, VIDEOS

KEPT_FOR = timedelta(days=30)
TEXTS = ("title", "description", "tags", "thumbnails", "localized")
_LOOKED_EVERY = timedelta(days=1)
_SCOPE = "forgotten"
_ROWS_A_BATCH = 5_000


def forget_text(
    lander: Lander, connected: Collection[str], as_of: datetime, refresh_days: int
) -> int:
    """Land the videos that were last seen too long ago without their text; once a day.

    `connected` are the channels that are read. Metadata may be `refresh_days` older than the last
    counters that came, so that it goes so much earlier than after 30 days without any. Returns how
    many videos were forgotten.
    """
    looked_at = (lander.read_cursor(VIDEOS, _SCOPE) or {}).get("at")
    if not is_older(looked_at, _LOOKED_EVERY, as_of):
        return 0
    seen_before = as_of - KEPT_FOR + timedelta(days=refresh_days)
    found = lander.query(
        _UNSEEN,
        (
            VIDEO_SNAPSHOTS.source,
            VIDEO_SNAPSHOTS.name,
            PATIENT_MISSES,
            sorted(connected),
            list(TEXTS),
            seen_before,
        ),
    )
    for some in batched(found, _ROWS_A_BATCH):
        entries = lander.query(
            "select channel_id, video_id, payload from raw_youtube.playlist_items"
            " where video_id = any(%s)",
            ([video for video, *_ in some],),
        )
        # The entries first: a video that still has its text is found again after a crash.
        lander.land(
            PLAYLIST_ITEMS,
            [Row((channel, video), _without(item)) for channel, video, item in entries],
        )
        lander.land(
            VIDEOS, [Row((video, channel), _without(item)) for video, channel, item in some]
        )
    lander.land(VIDEOS, [], cursors=[Cursor(_SCOPE, {"at": as_of.isoformat()})])
    return len(found)


def _without(item: dict[str, object]) -> dict[str, object]:
    snippet = item.get("snippet")
    if not isinstance(snippet, dict):
        return item
    kept = {name: value for name, value in snippet.items() if name not in TEXTS}
    return {**item, "snippet": kept}


_UNSEEN = """
    with gone as (
        select scope as video_id from ops.cursors
        where source = %s and stream = %s and (value ->> 'misses')::integer >= %s
    )

    select videos.video_id, videos.channel_id, videos.payload from raw_youtube.videos as videos
    where (
            videos.video_id in (select gone.video_id from gone)
            or videos.channel_id <> all(%s::text[])
        )
        and videos.payload -> 'snippet' ?| %s::text[]
        and not exists (
            select from raw_youtube.video_snapshots as snapshots
            where snapshots.video_id = videos.video_id and snapshots.captured_at > %s
        )
    order by videos.video_id
"""
