"""Everything that explains one figure, read from the marts and the books."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from runner.explaining.finding import Choice, Question, QuestionError, choose
from runner.explaining.lineage import defining_model, words
from runner.explaining.manifest import Model, Project
from runner.explaining.rows import Row, RowsBehind, read_row, rows_behind
from runner.explaining.sources import SourceState, raw_tables, read_states
from warehouse.connection import Connection


@dataclass(frozen=True)
class Built:
    """The run that built the marts last."""

    command: str
    as_of: datetime
    finished_at: datetime | None
    status: str


@dataclass(frozen=True)
class Answer:
    """A figure and what explains it."""

    metric: str
    choice: Choice
    row: Row
    definition: str
    doc_blocks: tuple[str, ...]
    computed_in: Model
    formulas: tuple[str, ...]
    formula_columns: Mapping[str, Any]
    behind: RowsBehind | None
    sources: tuple[SourceState, ...]
    built: Built | None

    @property
    def value(self) -> Any:
        """Return the figure."""
        return self.row[self.metric]

    @property
    def key(self) -> dict[str, Any]:
        """Return the key of the figure's row."""
        return {name: self.row[name] for name in self.choice.mart.key}

    def as_json(self) -> dict[str, Any]:
        """Return the answer as plain values; money as decimal strings."""
        mart, behind = self.choice.mart, self.behind
        plain = {
            "metric": self.metric,
            "value": self.value,
            "data_type": mart.columns[self.metric].data_type,
            "definition": self.definition,
            "docs_blocks": list(self.doc_blocks),
            "mart": mart.relation,
            "key": self.key,
            "computed_in": {"model": self.computed_in.name, "path": self.computed_in.path},
            "formulas": list(self.formulas),
            "formula_columns": dict(self.formula_columns),
            "rows_behind": behind
            and {
                "model": behind.model.relation,
                "columns": list(behind.columns),
                "count": behind.count,
                "total": behind.total,
                "rows": list(behind.rows),
            },
            "sources": [
                {name: getattr(each, name) for name in each.__dataclass_fields__}
                for each in self.sources
            ],
            "built": self.built and vars(self.built),
        }
        return _plain(plain)  # type: ignore[no-any-return]


def explain(connection: Connection, project: Project, question: Question, limit: int) -> Answer:
    """Answer a question. Raises `QuestionError` where it cannot be answered as it is asked."""
    filters = dict(question.filters)
    _resolve(connection, project, filters)
    choice = choose(project, Question(question.metric, filters, question.mart))
    row = read_row(connection, choice)
    mart = choice.mart
    column = mart.columns[question.metric]
    computed_in, formulas = defining_model(project, mart, question.metric)
    named = {word for text in formulas for word in words(text)}
    beside = {n: row[n] for n in mart.columns if n in named and n != question.metric and n in row}
    return Answer(
        question.metric,
        choice,
        row,
        column.description,
        column.doc_blocks,
        computed_in,
        tuple(formulas),
        {name: value for name, value in beside.items() if name not in mart.key},
        rows_behind(connection, project, mart, question.metric, row, limit),
        tuple(read_states(connection, raw_tables(project, mart))),
        _built(connection),
    )


def _resolve(connection: Connection, project: Project, filters: dict[str, Any]) -> None:
    """Put ids in the place of what people call a user, a channel or a video."""
    names = {
        "user_id": ("dim_users", ("email", "full_name")),
        "channel_id": ("dim_channels", ("youtube_channel_id", "channel_handle", "channel_name")),
        "video_id": ("dim_videos", ("youtube_video_id", "title")),
    }
    for key in names.keys() & filters.keys():
        dimension, columns = names[key]
        mart, asked = project.mart(dimension), str(filters[key])
        if mart is None or _is_uuid(asked):
            continue
        matches = " or ".join(f"lower({column}) = any(%(asked)s)" for column in columns)
        found = connection.execute(
            f"select distinct {key} from {mart.relation} where {matches} limit 2",
            {"asked": [asked.lower(), "@" + asked.lower().lstrip("@"), asked.lower().lstrip("@")]},
        ).fetchall()
        what = key.removesuffix("_id")
        if len(found) != 1:
            many = f"Several {what}s are" if found else f"No {what} is"
            raise QuestionError(
                f"{many} called {asked!r}. A {what} goes by {' or '.join(columns)}."
            )
        filters[key] = found[0][0]


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _built(connection: Connection) -> Built | None:
    row = connection.execute(
        """
        select command, as_of, finished_at, status from ops.runs
        where command in ('build', 'run', 'demo') order by started_at desc limit 1
        """
    ).fetchone()
    return Built(*row) if row else None


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, Decimal | UUID):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value
