"""`ytempire explain`: a figure, its definition, its rows, its sources."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from typing import Annotated, Any

import typer
from rich.console import Console

from runner import warehouse_access as access
from runner.explaining.answer import explain as answer_question
from runner.explaining.finding import Question, QuestionError, month_of, pairs
from runner.explaining.manifest import load_project
from runner.explaining.shown import print_answer
from runner.settings import load_settings
from warehouse.connection import connect


def explain(
    metric: Annotated[str, typer.Argument(help="A column of the marts, e.g. total_mrr.")],
    month: Annotated[str | None, typer.Option(help="Of this month, e.g. 2026-10.")] = None,
    date: Annotated[
        datetime | None, typer.Option(help="Of this day.", formats=["%Y-%m-%d"])
    ] = None,
    user: Annotated[str | None, typer.Option(help="Of this user: e-mail, name or id.")] = None,
    channel: Annotated[
        str | None, typer.Option(help="Of this channel: handle, name, YouTube's id or ours.")
    ] = None,
    video: Annotated[
        str | None, typer.Option(help="Of this video: YouTube's id, title or our id.")
    ] = None,
    where: Annotated[
        list[str] | None, typer.Option(help="Another column: niche=finance; may be given again.")
    ] = None,
    mart: Annotated[str | None, typer.Option(help="The mart, where several have it.")] = None,
    rows: Annotated[int, typer.Option(help="Most rows behind it to show.", min=1, max=1000)] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Explain a figure: what it means, how it is computed, the rows behind it, its sources."""
    try:
        given: dict[str, Any] = {
            "month": None if month is None else month_of(month),
            "date": None if date is None else date.date(),
            "user_id": user,
            "channel_id": channel,
            "video_id": video,
            **pairs(where or ()),
        }
        filters = {name: value for name, value in given.items() if value is not None}
        project = load_project()
        target = access.open_warehouse(load_settings())
        with connect(target, application_name="ytempire-explain") as connection:
            answer = answer_question(connection, project, Question(metric, filters, mart), rows)
    except QuestionError as error:
        raise typer.BadParameter(str(error)) from None
    if as_json:
        typer.echo(json.dumps(answer.as_json(), indent=2, ensure_ascii=False))
    else:
        # Lines that go to a file or another program are not cut to a terminal's width.
        print_answer(Console(width=None if sys.stdout.isatty() else 140), answer)
