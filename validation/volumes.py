"""How many rows each day has, against the usual number of the days before.

Days are the source's own (report days, days on which a cost arose), so that a run that was left
out, or one that lands a month at once, does not look like a change of volume. The usual number is
the median of the window's days: one odd day does not move it. Only days count that the source
should have told in full, and only of sources that were read last time they were asked: a source
that failed says so itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from validation.expectations import Expectation, at_instant

WINDOW_DAYS = 14
LEAST_SHARE = 0.3
_LEAST_USUAL = 10
"""Below so many rows a day, chance alone moves more than the share."""


@dataclass(frozen=True, slots=True)
class Volume:
    """The day of a table's rows, how to skip old ones quickly, and the newest full day."""

    table: str
    day: str
    newest_day: str
    recent: str
    is_critical: bool = True


def _reports(*names: str, is_critical: bool = True) -> tuple[Volume, ...]:
    newest = "$pacific_today - 4"
    return tuple(
        Volume(
            f"raw_youtube.{name}",
            "report_date",
            newest,
            f"report_date >= {newest} - {WINDOW_DAYS}",
            is_critical,
        )
        for name in names
    )


def _costs(table: str, day: str) -> Volume:
    newest = "$today - 3"
    recent = f"{day} >= {newest} - {WINDOW_DAYS}"
    return Volume(f"raw_costs.{table}", day, newest, recent, is_critical=False)


def _platform(table: str, instant: str) -> Volume:
    day = f"((payload ->> '{instant}')::timestamptz at time zone 'UTC')::date"
    recent = f"updated_at >= ($today - 1 - {WINDOW_DAYS})"
    return Volume(f"raw_platform.{table}", day, "$today - 1", recent, is_critical=False)


VOLUMES = (
    *_reports("channel_day_core", "channel_day_revenue", "video_day_core", "video_day_revenue"),
    *_reports(
        "reporting_reach_basic",
        "reporting_basic",
        "reporting_traffic_source",
        "reporting_device_os",
        is_critical=False,
    ),
    _costs("openai_costs", "bucket_date"),
    _costs("elevenlabs_usage", "usage_date"),
    _platform("videos", "created_at"),
    _platform("cost_ledger", "occurred_at"),
)

_FEW = f"(found < {LEAST_SHARE} * usual and usual >= {_LEAST_USUAL} or found = 0 and usual > 2)"


def expectations(volume: Volume) -> tuple[Expectation, ...]:
    """Return what is expected of a table's days: of the newest one, and of those before."""
    advice = "Ask the source for these days again: ytempire extract --since DAY --until DAY."
    of_table = f"table_name = '{volume.table}'"
    return (
        Expectation(
            "the newest day has its usual rows",
            f"{of_table} and is_newest and {_FEW}",
            volume.is_critical,
            advice,
        ),
        Expectation(
            f"no day of the last {WINDOW_DAYS} is nearly empty",
            f"{of_table} and not is_newest and {_FEW}",
            is_critical=False,
            advice=advice,
        ),
    )


KEYS = ("day", "found", "usual")


def batch_sql(volumes: tuple[Volume, ...], as_of: datetime) -> str:
    """Return the query of the days of some tables: day, rows found, the usual number."""
    days = " union all ".join(f"({_days(volume, as_of)})" for volume in volumes)
    return f"select * from ({days}) as days"


def _days(volume: Volume, as_of: datetime) -> str:
    """A table's days from its first one in the window on, those without rows too."""
    query = f"""
        with counted as (
            select {volume.day} as day, count(*) as found
            from {volume.table}
            where {volume.recent} and {volume.day} > {volume.newest_day} - {WINDOW_DAYS}
            group by 1
        ), every_day as (
            select cast(each as date) as day, coalesce(counted.found, 0) as found
            from generate_series(
                cast((select min(day) from counted) as timestamp),
                cast({volume.newest_day} as timestamp),
                interval '1 day'
            ) as each
            left join counted on counted.day = cast(each as date)
        )
        select
            '{volume.table}' as table_name, day, found,
            (select percentile_cont(0.5) within group (order by found) from every_day) as usual,
            day = {volume.newest_day} as is_newest
        from every_day
    """
    return at_instant(query, as_of)
