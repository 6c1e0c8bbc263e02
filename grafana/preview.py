"""`python -m grafana.preview --output DIR`: draw the dashboards from real rows, without Grafana.

Reads the database that --dsn or the PG* variables name, else the project's embedded server if it
runs, and writes one PNG a dashboard, laid out on Grafana's grid. It shows what is in the marts;
it is not a copy of Grafana's own drawing. A user's dashboards are drawn as a user sees them: as the
tenant's role that --dsn logs in as, else as the one who published most.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from charts.page import Box, Page
from charts.theme import DARK
from grafana.dashboards import CATALOGUE, find
from grafana.execute import Frame, fetch
from grafana.normalise import Json, every_panel
from grafana.preview_panels import draw_panel
from grafana.reader import PanelQuery, TimeRange, moment
from grafana.selectors import first_choice
from warehouse.errors import ConfigurationError, DatabaseError, DirectoryError, YtempireError
from warehouse.server import EmbeddedServer

_PROJECT = Path(__file__).resolve().parent.parent
_WIDTH = 1680
_HEADER = 52
_UNIT = 36
_GAP = 8
_TENANT = "tenant_"


def picture(dashboard: Json, connection: psycopg.Connection[Any], now: datetime) -> Page:
    """Draw a dashboard as it would look at `now`; errors of its queries are psycopg's."""
    rows = list(every_panel(dashboard))
    bottom = max(panel["gridPos"]["y"] + panel["gridPos"]["h"] for panel in rows)
    page = Page(_WIDTH, _HEADER + bottom * _UNIT + _GAP, DARK)
    page.text(2 * _GAP, _HEADER / 2, dashboard["title"], size=14, bold=True)
    time = dashboard["time"]
    start = moment(time["from"], now)
    page.text(
        _WIDTH - 300, _HEADER / 2, f"{start:%Y-%m-%d %H:%M} to {now:%Y-%m-%d %H:%M} UTC", size=9
    )
    span = TimeRange(start, now)
    chosen = first_choice(dashboard, lambda sql: fetch(connection, span.expand(sql)))
    for panel in rows:
        box = _box(panel["gridPos"])
        if panel["type"] == "row":
            page.text(box.x + 4, box.y + box.height / 2, f"∨  {panel['title']}", size=11, bold=True)
            continue
        if panel["type"] == "text":
            draw_panel(page, page.card(box, panel["title"]), panel, Frame((), ()), span)
            continue
        query = PanelQuery(dashboard, panel, panel["targets"][0])
        own_span = query.range(now)
        frame = fetch(connection, own_span.expand(query.sql, chosen))
        draw_panel(page, page.card(box, panel["title"]), panel, frame, own_span)
    return page


def _box(position: Json) -> Box:
    column = (_WIDTH - _GAP) / 24
    return Box(
        _GAP + position["x"] * column,
        _HEADER + position["y"] * _UNIT,
        position["w"] * column - _GAP,
        position["h"] * _UNIT - _GAP,
    )


def latest_build(connection: psycopg.Connection[Any]) -> datetime:
    """Give the instant that the marts describe, or now when they are empty.

    A tenant may not ask the staff's mart, and has the instant of their last video.
    """
    query = "select max(as_of) as as_of from marts.executive_overview"
    if _current_user(connection).startswith(_TENANT):
        query = "select max(published_at) as as_of from marts.video_performance"
    frame: Frame = fetch(connection, query)
    as_of = frame.rows[0][0]
    return as_of if isinstance(as_of, datetime) else datetime.now(UTC)


def draw_all(
    connection: psycopg.Connection[Any], output: Path, names: Sequence[str], now: datetime | None
) -> list[Path]:
    """Write a PNG for each dashboard named and give the paths."""
    output.mkdir(parents=True, exist_ok=True)
    end = (now or latest_build(connection)).astimezone(UTC)
    paths = []
    for name in names:
        entry = find(name)
        tenant = _tenant(connection) if entry.audience == "user" else None
        if entry.audience == "user" and tenant is None:
            print(f"{name} is a user's: `ytempire tenants sync` makes users.", file=sys.stderr)
            continue
        paths.append(output / f"{name}.png")
        with _as(connection, tenant):
            picture(entry.build(), connection, end).save(paths[-1])
    return paths


def _current_user(connection: psycopg.Connection[Any]) -> str:
    return str(fetch(connection, "select current_user::text as me").rows[0][0])


def _tenant(connection: psycopg.Connection[Any]) -> str | None:
    """Give the role that a user's dashboards are drawn as: one's own, or who published most."""
    me = _current_user(connection)
    if me.startswith(_TENANT):
        return me
    frame = fetch(
        connection,
        """
        select roles.rolname::text as role
        from pg_roles as roles
        inner join marts.dim_videos as videos
            on roles.rolname = 'tenant_' || replace(videos.user_id::text, '-', '')
        group by roles.rolname
        order by count(*) desc, roles.rolname
        limit 1
        """,
    )
    return str(frame.rows[0][0]) if frame.rows else None


@contextmanager
def _as(connection: psycopg.Connection[Any], role: str | None) -> Iterator[None]:
    """See the rows that `role` sees; needs to be an administrator, or that role itself."""
    if role is None or role == _current_user(connection):
        yield
        return
    connection.execute(sql.SQL("set role {}").format(sql.Identifier(role)))
    try:
        yield
    finally:
        connection.execute("reset role")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit code is that of the error tree."""
    names = [entry.name for entry in CATALOGUE]
    parser = argparse.ArgumentParser(prog="python -m grafana.preview", description=__doc__)
    parser.add_argument("--output", type=Path, required=True, metavar="DIR")
    parser.add_argument("--dashboard", action="append", choices=names, metavar="NAME")
    parser.add_argument("--as-of", type=datetime.fromisoformat, metavar="ISO")
    parser.add_argument("--dsn", default="", help="libpq connection string, else the PG* variables")
    options = parser.parse_args(arguments)
    try:
        return _run(options, names)
    except YtempireError as error:
        print(error, file=sys.stderr)
        return error.exit_code


def _run(options: argparse.Namespace, names: Sequence[str]) -> int:
    now = options.as_of
    if now is not None and now.tzinfo is None:
        now = now.replace(tzinfo=UTC)
    try:
        with psycopg.connect(options.dsn or _conninfo(), autocommit=True) as connection:
            paths = draw_all(connection, options.output, options.dashboard or names, now)
    except psycopg.errors.UndefinedTable as error:
        raise DatabaseError(
            "The marts are not there yet.", hint="Build them first: ytempire build."
        ) from error
    except psycopg.Error as error:
        raise DatabaseError(
            f"The database refused: {error}", hint="Check --dsn or the PG* variables."
        ) from error
    except OSError as error:
        raise DirectoryError(
            f"The pictures cannot be written to {options.output}: {error.strerror}.",
            hint="Give another --output.",
        ) from error
    for path in paths:
        print(path)
    return 0


def _conninfo() -> str:
    """Give "" when libpq finds its way by the PG* variables, else the embedded server's address."""
    if os.environ.get("PGHOST"):
        return ""
    home = Path(os.environ.get("YTEMPIRE_HOME") or _PROJECT / ".ytempire")
    server = EmbeddedServer(home).status().info
    if server is None:
        raise ConfigurationError(
            "There is no database to draw from: no PGHOST, and the embedded server does not run.",
            hint="Run `ytempire up`, set the PG* variables, or give --dsn.",
        )
    return server.target(os.environ.get("PGDATABASE") or "ytempire").conninfo()


if __name__ == "__main__":
    sys.exit(main())
