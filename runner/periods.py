"""Read periods of subscriptions from a CSV file, refusing what cannot be meant."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TextIO

from warehouse.errors import BadDataError

COLUMNS = ("subscription_id", "customer_id", "start_date", "end_date", "monthly_amount")
_LARGEST = Decimal(10) ** 12


@dataclass(frozen=True, slots=True)
class Period:
    """A customer's subscription from a day on, up to a day exclusive (None: it runs)."""

    subscription_id: str
    customer_id: str
    start: date
    end: date | None
    monthly_usd: Decimal


def read_periods(path: Path) -> list[Period]:
    """Return the periods of a file.

    Raises `BadDataError` naming the file, the line and what is wrong with it.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            periods = list(_rows(path, file))
    except OSError as error:
        raise BadDataError(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise BadDataError(f"{path} is not UTF-8 text.", hint="Save it as CSV, UTF-8.") from error
    if not periods:
        raise BadDataError(f"{path} has no periods.", hint=f"A line has: {', '.join(COLUMNS)}.")
    return periods


def _rows(path: Path, file: TextIO) -> Iterator[Period]:
    reader = csv.reader(file, strict=True)
    places: list[int] | None = None
    width = 0
    try:
        for row in reader:
            if not any(field.strip() for field in row):
                continue
            if places is None:
                places = _places(path, [name.strip().lower() for name in row])
                width = len(row)
            elif len(row) != width:
                raise ValueError(f"it has {len(row)} fields where the first line has {width}")
            else:
                yield _period(*(row[place].strip() for place in places))
    except UnicodeDecodeError:
        raise  # a kind of ValueError, but of no line
    except (csv.Error, ValueError) as error:
        raise BadDataError(f"{path}, line {reader.line_num}: {error}.") from error


def _places(path: Path, header: list[str]) -> list[int]:
    missing = [name for name in COLUMNS if name not in header]
    if missing:
        raise BadDataError(
            f"{path}, line 1: the column {missing[0]} is missing.",
            hint=f"The first line names: {', '.join(COLUMNS)}.",
        )
    return [header.index(name) for name in COLUMNS]


def _period(subscription: str, customer: str, start: str, end: str, amount: str) -> Period:
    if not customer:
        raise ValueError("the customer_id is empty")
    begins = _day("start_date", start)
    ends = _day("end_date", end) if end else None
    if ends is not None and ends < begins:
        raise ValueError(f"the end_date {ends} is before the start_date {begins}")
    return Period(subscription, customer, begins, ends, _amount(amount))


def _day(name: str, text: str) -> date:
    try:
        return date.fromisoformat(text[:10] if text[10:] in ("", " 00:00:00") else text)
    except ValueError:
        raise ValueError(f"the {name} {text!r} is not a date as 2026-01-31") from None


def _amount(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"the monthly_amount {text!r} is not a number") from None
    if not amount.is_finite() or not 0 <= amount < _LARGEST:
        raise ValueError(f"the monthly_amount {text} is no amount of money")
    if amount != amount.quantize(Decimal("0.01")):
        raise ValueError(f"the monthly_amount {text} has parts of a cent")
    return amount
