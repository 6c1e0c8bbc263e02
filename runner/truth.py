"""Compare the marts with the truth that the synthetic world wrote down.

The world knows what it told the stand-in APIs: revenue and views by channel and day, MRR by user
and month and how it moved, cost by video and of marketing. What comes out of the marts must be
equal, to the last digit.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from warehouse.connection import Connection, WarehouseTarget, connect

Key = tuple[str, ...]
Figures = dict[Key, tuple[Decimal, ...]]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Figures of the marts beside the truth. `differences` says each that is not equal."""

    name: str
    compared: int
    total: Decimal
    differences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Subject:
    name: str
    file: str
    keys: tuple[str, ...]
    figures: tuple[str, ...]
    query: str
    adds_up: tuple[str, ...] = ()
    """The figures that the total is of; by default all that are money."""


# A NULL revenue (of a channel that is not monetised) counts as the truth's empty field: zero.
_SUBJECTS = (
    _Subject(
        "views and revenue by channel and day",
        "channel_days.csv",
        ("youtube_channel_id", "date_day"),
        ("views", "revenue_usd"),
        """
        select dim_channels.youtube_channel_id, channel_days.date_day::text,
            channel_days.views, channel_days.revenue_usd
        from marts.fct_channel_days as channel_days
        inner join marts.dim_channels using (user_id, channel_id)
        """,
    ),
    _Subject(
        "MRR by user and month",
        "mrr.csv",
        ("user_id", "month_start"),
        ("base_mrr", "overage_mrr"),
        "select user_id::text, month_start::text, base_mrr, overage_mrr "
        "from marts.fct_mrr_movements",
    ),
    _Subject(
        "movement of MRR by user and month",
        "mrr_movements.csv",
        ("user_id", "month_start", "movement"),
        ("opening_mrr", "closing_mrr"),
        "select user_id::text, month_start::text, mrr_movement, opening_mrr, closing_mrr "
        "from marts.fct_mrr_movements",
        adds_up=("closing_mrr",),
    ),
    _Subject(
        "cost of marketing by month and category",
        "marketing_costs.csv",
        ("month_start", "category"),
        ("cost_usd",),
        """
        select month_start::text, category, cost_usd
        from marts.cac_monthly
        cross join lateral (
            values
                ('paid_ads', paid_ads_cost_usd),
                ('content_marketing', content_marketing_cost_usd),
                ('sales', sales_cost_usd),
                ('other', other_marketing_cost_usd)
        ) as costs (category, cost_usd)
        """,
    ),
    _Subject(
        "cost by video",
        "video_costs.csv",
        ("platform_video_id",),
        ("cost_usd",),
        "select video_id::text, sum(cost_usd) from marts.fct_video_costs group by video_id",
    ),
)


def compare_with_truth(target: WarehouseTarget, truth_dir: Path) -> list[Comparison]:
    """Return, for each subject, how many figures were compared and which differ."""
    with connect(target, application_name="ytempire-truth") as connection:
        return [_compare(connection, subject, truth_dir) for subject in _SUBJECTS]


def _compare(connection: Connection, subject: _Subject, truth_dir: Path) -> Comparison:
    with (truth_dir / subject.file).open(encoding="utf-8", newline="") as file:
        truth = _figures(_truth_rows(csv.DictReader(file), subject), len(subject.keys))
    marts = _figures(iter(connection.execute(subject.query)), len(subject.keys))
    return Comparison(
        name=subject.name,
        compared=len(truth) * len(subject.figures),
        total=sum((_money(subject, figures) for figures in truth.values()), Decimal()),
        differences=tuple(_differences(subject, truth, marts)),
    )


def _money(subject: _Subject, figures: tuple[Decimal, ...]) -> Decimal:
    named = zip(subject.figures, figures, strict=True)
    summed = subject.adds_up or tuple(name for name in subject.figures if name != "views")
    return sum((value for name, value in named if name in summed), Decimal())


def _truth_rows(rows: Iterable[dict[str, str]], subject: _Subject) -> Iterator[tuple[Any, ...]]:
    for row in rows:
        keys = tuple(row[name] for name in subject.keys)
        yield (*keys, *(Decimal(row[name] or 0) for name in subject.figures))


def _figures(rows: Iterator[tuple[Any, ...]], keys: int) -> Figures:
    return {tuple(row[:keys]): tuple(Decimal(value or 0) for value in row[keys:]) for row in rows}


def _differences(subject: _Subject, truth: Figures, marts: Figures) -> Iterator[str]:
    # A row that only one side has stands for zeros: the marts fill days without views.
    nothing = (Decimal(),) * len(subject.figures)
    for key in sorted(truth.keys() | marts.keys()):
        told, built = truth.get(key, nothing), marts.get(key, nothing)
        for name, true_value, value in zip(subject.figures, told, built, strict=True):
            if true_value != value:
                yield f"{', '.join(key)}: {name} is {value}, in truth {true_value}"
