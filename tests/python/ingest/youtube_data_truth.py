"""What the Data API's extractor landed, held against the world's truth."""

from __future__ import annotations

from youtube_standin import Stage

from ingest.streams import CHANNELS, PLAYLIST_ITEMS, VIDEO_SNAPSHOTS, VIDEOS


def landed_titles(stage: Stage) -> dict[str, str]:
    return dict(stage.select(VIDEOS, "video_id, payload #>> '{snippet,title}'"))


def check_against_world(stage: Stage) -> None:
    """Hold what was landed against the world's truth."""
    public = stage.public_videos()
    assert landed_titles(stage) == {name: video.title for name, video in public.items()}
    owners = dict(stage.select(VIDEOS, "video_id, channel_id"))
    assert owners == {name: video.youtube_channel_id for name, video in public.items()}
    assert sorted(stage.select(PLAYLIST_ITEMS, "video_id, channel_id")) == sorted(owners.items())
    assert {row[0] for row in stage.select(CHANNELS, "channel_id")} == {
        channel.youtube_channel_id for channel in stage.channels
    }
    views = dict(
        stage.select(
            VIDEO_SNAPSHOTS, "video_id, payload ->> 'viewCount'", f"captured_at = '{stage.as_of}'"
        )
    )
    assert views == {name: str(stage.world.counters(public[name]).views) for name in views}
