"""Days and months: Pacific report days, the lag of Analytics, and Stripe's billing calendar."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from simulator.world.random_streams import Ints, generator

PACIFIC = ZoneInfo("America/Los_Angeles")


def to_instant(seconds: int) -> datetime:
    """Return the UTC instant of whole seconds since 1970."""
    return datetime.fromtimestamp(seconds, UTC)


def to_seconds(instant: datetime) -> int:
    """Return whole seconds since 1970."""
    return int(instant.timestamp())


def pacific_date(instant: datetime) -> date:
    """Return the Pacific calendar day of an instant."""
    return instant.astimezone(PACIFIC).date()


def pacific_midnight(day: date) -> datetime:
    """Return the instant at which a Pacific day begins (days of 23 and 25 hours included)."""
    return datetime.combine(day, time(), PACIFIC).astimezone(UTC)


def day_starts(first: date, days: int, zone: ZoneInfo) -> Ints:
    """Return the seconds at which each of `days` + 1 days in a row begins in a time zone."""
    starts = (
        datetime.combine(first + timedelta(days=n), time(), zone).timestamp()
        for n in range(days + 1)
    )
    return np.fromiter(starts, dtype=np.int64, count=days + 1)


def last_report_day(as_of: datetime) -> date:
    """Return the last Pacific day that Analytics has fully processed at an instant.

    A day is there 48 to 72 hours after its end: two days before the present one, from an hour of
    the day on that differs from day to day; until then three. It never steps back.
    """
    today = as_of.astimezone(PACIFIC)
    ready_hour = int(generator("analytics processing", today.date()).integers(1, 15))
    return today.date() - timedelta(days=2 if today.hour >= ready_hour else 3)


def month_start(day: date) -> date:
    """Return the first day of the month."""
    return day.replace(day=1)


def add_months(instant: datetime, months: int) -> datetime:
    """Move an instant by months as Stripe's billing anchors do: clamped to the month's end."""
    index = instant.year * 12 + instant.month - 1 + months
    year, month = index // 12, index % 12 + 1
    return instant.replace(year=year, month=month, day=min(instant.day, monthrange(year, month)[1]))


def first_instant(month: date) -> datetime:
    """Return the UTC instant at which a billing month begins."""
    return datetime(month.year, month.month, 1, tzinfo=UTC)


def next_month(month: date) -> date:
    """Return the first day of the following month."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def months_between(first: date, last: date) -> list[date]:
    """Return the first days of the months from `first`'s to `last`'s, both included."""
    months = [month_start(first)]
    while months[-1] < month_start(last):
        months.append(next_month(months[-1]))
    return months
