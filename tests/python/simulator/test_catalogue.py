"""The world of a catalogue of real videos: what is read, what is served, what is spoilt."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from cryptography.fernet import Fernet
from googleapiclient.discovery import build

from simulator.catalogue import CatalogueWorld, channel_id, platform_video_id
from simulator.catalogue_rows import CatalogueError, read_day, read_id
from simulator.http.server import running
from warehouse.connection import WarehouseTarget

REAL_FILE = Path("../shared/data/youtube_trending_us_2017.csv")
HEADER = (
    "video_id,title,channel_title,category_id,tags,views,likes,dislikes,comment_total,"
    "thumbnail_link,date"
)
ROWS = """\
aaaaaaaaaaa,Old title,Channel One,28,one|two words,100,10,1,5,https://i.ytimg.com/vi/aaaaaaaaaaa/default.jpg,29.09
bbbbbbbbbbb,"Quotes "" and, commas — № 1",Chäñnel,10,[none],7,0,0,0,https://i.ytimg.com/vi/bbbbbbbbbbb/default.jpg,29.09
aaaaaaaaaaa,New title  ,Channel One,28,one,150,12,1,4,https://i.ytimg.com/vi/aaaaaaaaaaa/default.jpg,30.09
#NAME?,Spoilt id,Channel One,22,[none],9,1,0,0,https://i.ytimg.com/vi/-ccccccccc_/default.jpg,1.1
aaaaaaaaaaa,New title  ,Channel One,28,one,170,13,1,6,https://i.ytimg.com/vi/aaaaaaaaaaa/default.jpg,1.1
aaaaaaaaaaa,New title  ,Channel One,28,one,175,13,1,6,https://i.ytimg.com/vi/aaaaaaaaaaa/default.jpg,100
ddddddddddd,Bad count,Channel One,28,one,many,3,0,1,https://i.ytimg.com/vi/ddddddddddd/default.jpg,10.1
too,few,columns
#NAME?,No id anywhere,Channel One,28,one,1,1,1,1,https://example.com/x.jpg,10.1
eeeeeeeeeee,No channel,,28,one,1,1,1,1,https://i.ytimg.com/vi/eeeeeeeeeee/default.jpg,10.1
"""
OCTOBER_10 = date(2017, 10, 10)


def write(path: Path, content: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(content.encode(encoding))
    return path


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    return write(tmp_path / "videos.csv", f"{HEADER}\n{ROWS}")


@pytest.fixture
def world(catalogue: Path) -> CatalogueWorld:
    return CatalogueWorld(catalogue)


def test_a_video_is_as_on_its_last_day(world: CatalogueWorld) -> None:
    video = world.find_video("aaaaaaaaaaa")
    assert video is not None
    assert video.title == "New title  "
    counters = world.counters(video)
    assert (counters.views, counters.likes, counters.comments) == (175, 13, 6)
    assert video.published_at == datetime(2017, 9, 29, tzinfo=UTC)
    assert video.platform_video_id == platform_video_id("aaaaaaaaaaa")
    assert video.tags == ("one",)
    assert world.as_of == datetime(2017, 10, 11, tzinfo=UTC)


def test_what_is_spoilt_is_mended_or_rejected(world: CatalogueWorld) -> None:
    mended = world.find_video("-ccccccccc_")
    assert mended is not None
    assert mended.title == "Spoilt id"
    bad_count = world.find_video("ddddddddddd")
    assert bad_count is not None
    assert world.counters(bad_count).views == 0
    assert world.counters(bad_count).likes == 3
    assert [(entry.line, entry.reason) for entry in world.rejected] == [
        (9, "3 columns instead of 11"),
        (10, "no video id ('#NAME?')"),
        (11, "no channel"),
    ]


def test_channels(world: CatalogueWorld) -> None:
    assert [channel.name for channel in world.channels] == ["Channel One", "Chäñnel"]
    one, other = world.channels
    assert one.youtube_channel_id == channel_id("Channel One")
    assert len(one.youtube_channel_id) == 24
    assert one.niche == "technology"
    assert len({one.handle, other.handle}) == 2
    assert [v.youtube_video_id for v in world.videos(one.youtube_channel_id)] == [
        *("aaaaaaaaaaa", "-ccccccccc_", "ddddddddddd")
    ]
    assert world.channel_counters(one).views == 175 + 9


def test_report_days_are_differences(world: CatalogueWorld) -> None:
    first, last = date(2017, 9, 1), date(2017, 12, 31)
    identity = channel_id("Channel One")
    days = list(world.video_days(identity, ["aaaaaaaaaaa", "bbbbbbbbbbb"], first, last))
    assert [(video, day.day, day.views, day.likes, day.comments) for video, day in days] == [
        ("aaaaaaaaaaa", date(2017, 9, 30), 50, 2, 0),
        ("aaaaaaaaaaa", date(2017, 10, 1), 25, 1, 2),
    ]
    channel_days = world.channel_days(identity, first, last)
    assert [(day.day, day.views) for day in channel_days] == [
        (date(2017, 9, 30), 50),
        (date(2017, 10, 1), 25),
    ]
    assert world.last_report_day == date(2017, 10, 8)


def test_nothing_later_than_the_instant_is_told(catalogue: Path) -> None:
    world = CatalogueWorld(catalogue, datetime(2017, 9, 30, 12, tzinfo=UTC))
    video = world.find_video("aaaaaaaaaaa")
    assert video is not None
    assert world.counters(video).views == 150
    assert world.find_video("-ccccccccc_") is None
    with pytest.raises(CatalogueError, match="no video"):
        CatalogueWorld(catalogue, datetime(2017, 9, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("13.09", date(2017, 9, 13)),
        ("1.1", date(2017, 10, 1)),
        ("10.1", date(2017, 10, 10)),
        ("01.01", date(2017, 1, 1)),
        ("100", OCTOBER_10),
        ("31.02", OCTOBER_10),
        ("5.2", OCTOBER_10),
        ("", OCTOBER_10),
    ],
)
def test_dates(text: str, day: date) -> None:
    assert read_day(text, OCTOBER_10) == day


def test_ids() -> None:
    assert read_id("aaaaaaaaaaa", "") == "aaaaaaaaaaa"
    assert read_id("#NAME?", "https://i.ytimg.com/vi/=bbbbbbbbbb/default.jpg") is None
    assert read_id("short", "https://i.ytimg.com/vi/-bbbbbbbbb_/default.jpg") == "-bbbbbbbbb_"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    content = f"{HEADER}\n{ROWS}".replace("№", "N°").replace("\n", "\r\n")
    world = CatalogueWorld(write(tmp_path / "videos.csv", content, encoding))
    video = world.find_video("bbbbbbbbbbb")
    assert video is not None
    assert video.title == 'Quotes " and, commas — N° 1'


def test_a_file_of_something_else(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="no column"):
        CatalogueWorld(write(tmp_path / "other.csv", "a,b\n1,2\n"))
    with pytest.raises(CatalogueError, match="no column"):
        CatalogueWorld(write(tmp_path / "empty.csv", ""))
    with pytest.raises(CatalogueError, match="no video"):
        CatalogueWorld(write(tmp_path / "header.csv", HEADER + "\n"))


def test_the_platform_has_the_channels_and_no_videos(
    world: CatalogueWorld, catalogue: Path, warehouse: WarehouseTarget
) -> None:
    url = (
        f"postgresql://{warehouse.user}:{warehouse.password}@{warehouse.host}:{warehouse.port}/"
        f"{warehouse.database}"
    )
    key = Fernet.generate_key().decode()
    world.fill_platform(url)
    CatalogueWorld(catalogue, token_encryption_key=key).fill_platform(url)
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "select youtube_channel_id, oauth_refresh_token from ytempire.channels "
            "order by channel_name"
        ).fetchall()
        counts = connection.execute(
            "select (select count(*) from ytempire.users), (select count(*) from ytempire.videos)"
        ).fetchone()
    assert counts == (1, 0)
    assert [row[0] for row in rows] == [channel.youtube_channel_id for channel in world.channels]
    token = Fernet(key).decrypt(rows[0][1].encode()).decode()
    assert token == world.channels[0].refresh_token


def test_truth(world: CatalogueWorld, tmp_path: Path) -> None:
    world.write_expenses(tmp_path)
    world.write_truth(tmp_path)
    names = {path.name for path in tmp_path.iterdir()} - {"videos.csv"}
    assert names == {"channel_days.csv", "mrr.csv", "video_costs.csv", "summary.json"}
    with (tmp_path / "videos.csv").open(newline="") as file:
        views = {row["youtube_video_id"]: row["views"] for row in csv.DictReader(file)}
    assert views == {
        "aaaaaaaaaaa": "175",
        "bbbbbbbbbbb": "7",
        "-ccccccccc_": "9",
        "ddddddddddd": "0",
    }


def _served(client: Any, ids: list[str]) -> Iterator[dict[str, Any]]:
    for start in range(0, len(ids), 50):
        batch = ",".join(ids[start : start + 50])
        yield from client.videos().list(part="snippet,statistics", id=batch).execute()["items"]


@pytest.mark.skipif(not REAL_FILE.exists(), reason="the real catalogue is not here")
def test_every_video_of_the_real_file_is_served() -> None:
    with REAL_FILE.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    # the file is in the order of its days, so the last row of a video is its last
    expected = {
        row["thumbnail_link"].split("/")[4]: (row["title"], row["views"], row["channel_title"])
        for row in rows
    }
    world = CatalogueWorld(REAL_FILE)
    assert world.rejected == []
    assert world.first_day == date(2017, 9, 13)
    assert world.as_of == datetime(2017, 10, 23, tzinfo=UTC)
    with running(world) as up:
        client = build(
            "youtube",
            "v3",
            developerKey=up.url("YOUTUBE_API_KEY"),
            static_discovery=True,
            client_options={"api_endpoint": up.url("YOUTUBE_DATA_ENDPOINT")},
        )
        served = {
            item["id"]: (
                item["snippet"]["title"],
                item["statistics"]["viewCount"],
                item["snippet"]["channelTitle"],
            )
            for item in _served(client, list(expected))
        }
    assert served == expected
    assert len(served) == 2364
