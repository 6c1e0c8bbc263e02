"""The pages of every API, made of what the demo landed, and how our code reads them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from ingest import streams
from ingest.extraction import CallLedger
from ingest.landing import BadRow, Row
from ingest.payload import JsonObject, parse_json
from ingest.retrying import Backoff
from ingest.sources.days import Window
from ingest.sources.elevenlabs import extractor as elevenlabs
from ingest.sources.openai import extractor as openai
from ingest.sources.stripe.client import StripeApi, StripeConfig
from ingest.sources.stripe.objects import parse_object
from ingest.sources.youtube import breakdowns, reports, resources
from ingest.sources.youtube.bulk_reports import BULK_REPORTS, Listed, parse_csv, read_listing
from ingest.sources.youtube.client import Api, GoogleApi
from ingest.sources.youtube.windows import Days
from ingest.streams import REPORTING_REPORTS, Stream
from warehouse.connection import WarehouseTarget, connect

AS_OF = datetime(2026, 10, 20, 15, 30, tzinfo=UTC)
AT_ONCE = Backoff(attempts=1)
ROWS = 5
STREAMS = [each for each in vars(streams).values() if isinstance(each, Stream)]
Rows = list[Row | BadRow]


@dataclass
class Server:
    """Answers every call with the same body."""

    url: str
    body: bytes = b"{}"


@contextmanager
def serving() -> Iterator[Server]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(told.body)))
            self.end_headers()
            self.wfile.write(told.body)

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told = Server(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield told
    server.shutdown()
    thread.join()
    server.server_close()


@dataclass
class Answer:
    """An answer of an API: its rows, the page around them, how it is read, and where it lands."""

    name: str
    stream: Stream
    views: tuple[str, ...]
    rows: list[Any]
    page: Callable[[list[Any]], Any]
    read: Callable[[Server], Rows]
    parts: list[str] = field(default_factory=list)


def stream(name: str) -> Stream:
    return next(each for each in STREAMS if each.name == name)


def _google(server: Server, name: str, version: str) -> GoogleApi:
    api = Api("API", name, version, server.url, "AN_ENDPOINT", "key")
    return GoogleApi(api, CallLedger(None), backoff=AT_ONCE, timeout_seconds=5)


def _items(parse: Callable[..., resources.Parsed], part: str) -> Callable[[Server], Rows]:
    def read(server: Server) -> Rows:
        api = _google(server, "youtube", "v3")
        answer = api.call(api.service.videos().list(part="id", id="a"), "default")
        parsed = parse(resources.items_of(answer), "here")
        # An item that is none is told with the rows; a bad counter with the snapshots.
        lost = parsed.rows if part == "snapshots" else []
        return [*getattr(parsed, part), *(row for row in lost if isinstance(row, BadRow))]

    return read


def _reported(question: reports.Question, keys: tuple[Any, ...]) -> Callable[[Server], Rows]:
    days = Days(date(2026, 1, 1), date(2026, 12, 31))

    def read(server: Server) -> Rows:
        api = _google(server, "youtubeAnalytics", "v2")
        request = api.service.reports().query(
            ids="channel==MINE", startDate="2026-01-01", endDate="2026-12-31", metrics="views"
        )
        answer = api.call(request, "analytics")
        if isinstance(question, reports.Report):
            return reports.parse_report(answer, question, keys[0], days).rows
        video = keys[1] if question is breakdowns.RETENTION else ""
        return breakdowns.parse_breakdown(answer, question, keys[0], days, video).rows  # type: ignore[arg-type]

    return read


def _listing(server: Server) -> Rows:
    api = _google(server, "youtubereporting", "v1")
    answer = api.call(api.service.jobs().reports().list(jobId="job"), "reporting")
    items = answer.get("reports", [])
    found = read_listing(items if isinstance(items, list) else [items], "job")
    return [
        Row((each.report_id, "job", "UC1", "type", each.day, each.created_at), each.payload(0))
        if isinstance(each, Listed)
        else each
        for each in found
    ]


def _stripe(of: Stream) -> Callable[[Server], Rows]:
    def read(server: Server) -> Rows:
        config = StripeConfig("sk_test_key", server.url, AT_ONCE)
        with closing(StripeApi(config)) as api:
            return [
                parse_object(of, found) for page in api.pages(f"/v1/{of.name}") for found in page
            ]

    return read


def _openai(server: Server) -> Rows:
    config = openai.OpenAIConfig("key", server.url, AT_ONCE)
    window = Window(date(2026, 10, 1), date(2026, 10, 2), ())
    with openai.OpenAIExtractor(config)._api() as api:
        return [
            row for bucket in openai._buckets(api, window) for row in openai.parse_bucket(bucket)
        ]


def _elevenlabs(server: Server) -> Rows:
    config = elevenlabs.ElevenLabsConfig("key", server.url, AT_ONCE)
    window = Window(date(2026, 10, 1), date(2026, 10, 2), ())
    with elevenlabs.ElevenLabsExtractor(config)._api() as api:
        return list(elevenlabs.parse_table(elevenlabs._ask(api, window)))


def csv_rows(rows: list[Any], channel: str, day: date, content: bytes | None = None) -> Rows:
    """Read a bulk report of some rows, or of other bytes."""
    if content is None:
        lines = [",".join(rows[0]), *(",".join(map(str, row.values())) for row in rows)]
        content = "\n".join(lines).encode(errors="surrogatepass") + b"\n"
    listed = Listed("report", day, AS_OF, "resource", {})
    return parse_csv(content, BULK_REPORTS["channel_reach_basic_a1"], channel, listed)


def landed(target: WarehouseTarget, of: Stream) -> list[tuple[Any, ...]]:
    """Return some rows of a stream: its columns, then its payload, of one first key."""
    columns = ", ".join(column.name for column in of.columns)
    with connect(target) as connection:
        rows = connection.execute(
            f"select {columns}, payload::text from {of.table} where {of.columns[0].name} = "
            f"(select min({of.columns[0].name}) from {of.table}) or {len(of.keys)} = 1 "
            f"order by {columns} limit {ROWS}".encode()
        ).fetchall()
    return [(*row[:-1], parse_json(row[-1])) for row in rows]


def _table(rows: list[Any], names: list[str]) -> JsonObject:
    return {"kind": "x", "columnHeaders": [{"name": name} for name in names], "rows": rows}


def answers(target: WarehouseTarget) -> Iterator[Answer]:
    """Yield an answer of each kind, of what is landed."""
    yield from _data_answers(target)
    for question, view in (
        (reports.CHANNEL_CORE, "channel_day_core"),
        (reports.CHANNEL_REVENUE, "channel_day_revenue"),
        (reports.VIDEO_CORE, "video_day_core"),
        (reports.VIDEO_REVENUE, "video_day_revenue"),
        (breakdowns.COUNTRY, "channel_day_countries"),
        (breakdowns.DEVICE, "channel_day_devices"),
        (breakdowns.OPERATING_SYSTEM, "channel_day_operating_systems"),
        (breakdowns.TRAFFIC_SOURCE, "channel_day_traffic_sources"),
        (breakdowns.DEMOGRAPHICS, "channel_month_demographics"),
        (breakdowns.RETENTION, "video_retention"),
    ):
        held = landed(target, question.stream)
        names = list(held[0][-1])
        yield Answer(
            question.stream.name,
            question.stream,
            (f"stg_youtube__{view}",),
            [[row[-1][name] for name in names] for row in held],
            lambda rows, names=names: _table(rows, names),  # type: ignore[misc]
            _reported(question, held[0]),
        )
    listed = [
        {**row[-1], "downloadUrl": f"http://x/v1/media/{row[0]}"}
        for row in landed(target, REPORTING_REPORTS)
    ]
    yield Answer(
        "reporting_reports", REPORTING_REPORTS, (), listed, lambda rows: {"reports": rows}, _listing
    )
    yield from _cost_answers(target)


def _data_answers(target: WarehouseTarget) -> Iterator[Answer]:
    def page(rows: list[Any]) -> JsonObject:
        return {"kind": "youtube#listResponse", "items": rows}

    channels = [row[-1] for row in landed(target, stream("channels"))]
    counted = [row[-1] for row in landed(target, stream("channel_snapshots"))][:1] * ROWS
    both = [{**a, "statistics": b} for a, b in zip(channels, counted, strict=True)]
    videos = [row[-1] for row in landed(target, stream("videos"))]
    figures = [row[-1] for row in landed(target, stream("video_snapshots"))][:1] * ROWS
    watched = [{**a, "statistics": b} for a, b in zip(videos, figures, strict=True)]
    playlist = landed(target, stream("playlist_items"))
    for name, rows, parse, part in (
        ("channels", both, resources.parse_channels, "rows"),
        ("channel_snapshots", both, resources.parse_channels, "snapshots"),
        ("videos", watched, resources.parse_videos, "rows"),
        ("video_snapshots", watched, resources.parse_stats, "snapshots"),
    ):
        reading = _items(lambda items, at, parse=parse: parse(items, at, AS_OF), part)  # type: ignore[misc]
        yield Answer(name, stream(name), (f"stg_youtube__{name}",), rows, page, reading)

    def entries(items: Any, at: str) -> resources.Parsed:
        return resources.parse_playlist_items(items, at, playlist[0][0])

    views = ("stg_youtube__playlist_items",)
    found = [row[-1] for row in playlist]
    reading = _items(entries, "rows")
    yield Answer("playlist_items", stream("playlist_items"), views, found, page, reading)


def _cost_answers(target: WarehouseTarget) -> Iterator[Answer]:
    views: Mapping[str, tuple[str, ...]] = {
        "events": (),
        "invoices": ("stg_stripe__invoices", "stg_stripe__invoice_lines"),
    }
    for of in STREAMS:
        if of.source == "stripe":
            yield Answer(
                of.name,
                of,
                views.get(of.name, (f"stg_stripe__{of.name}",)),
                [row[-1] for row in landed(target, of)],
                lambda rows: {"object": "list", "data": rows, "has_more": False},
                _stripe(of),
            )
    costs, usage = stream("openai_costs"), stream("elevenlabs_usage")
    day = int(datetime(2026, 10, 1, tzinfo=UTC).timestamp())
    yield Answer(
        "openai_costs",
        costs,
        ("stg_costs__openai_costs",),
        [row[-1] for row in landed(target, costs)][:3],
        lambda rows: {
            "object": "page",
            "data": [{"start_time": day, "results": rows}],
            "has_more": False,
        },
        _openai,
    )
    held = [row[-1] for row in landed(target, usage)]
    names = [name for name in held[0] if name not in ("product", "usage_usd")]
    yield Answer(
        "elevenlabs_usage",
        usage,
        ("stg_costs__elevenlabs_usage",),
        [[row[name] for name in names] for row in held],
        lambda rows: {"columns": names, "column_units": _units(names), "rows": rows},
        _elevenlabs,
    )


def _units(names: list[str]) -> list[str | None]:
    """Return the units of the columns, which tell what they are."""
    units = {"credits_used": "credits", "total_cost": "usd"}
    return [units.get(name) for name in names]
