"""The truth of a world as files, for tests to hold the warehouse against.

All sorted, amounts as decimal strings:

- `channel_days.csv`: youtube_channel_id, date_day, views, revenue_usd; the days that Analytics
  reports; revenue is empty for a channel that is not monetised.
- `mrr.csv`: user_id, month_start, base_mrr, overage_mrr; from a user's first month with a
  subscription to the running one.
- `mrr_movements.csv`: user_id, month_start, movement, opening_mrr, closing_mrr; the same months.
- `marketing_costs.csv`: month_start, category, cost_usd; what the expense files book on marketing.
- `video_costs.csv`: platform_video_id, cost_usd; videos with any entry in the call ledger.
- `videos.csv`: youtube_video_id, platform_video_id, views; videos that are public, with the views
  that YouTube shows.
- `summary.json`: counts and totals.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.world.costs import MICRO
from simulator.world.expenses import Expenses
from simulator.world.mrr import monthly_revenue, movements
from simulator.world.reports import report_days

if TYPE_CHECKING:
    from simulator.world.synthetic import SyntheticWorld

Lines = list[tuple[str, ...]]


def write_truth(world: SyntheticWorld, directory: Path) -> None:
    """Write the files of this module's description."""
    directory.mkdir(parents=True, exist_ok=True)
    days, mrr, costs, videos = (
        channel_days(world),
        mrr_months(world),
        video_costs(world),
        public(world),
    )
    _write(
        directory / "channel_days.csv",
        ("youtube_channel_id", "date_day", "views", "revenue_usd"),
        days,
    )
    _write(directory / "mrr.csv", ("user_id", "month_start", "base_mrr", "overage_mrr"), mrr)
    _write(
        directory / "mrr_movements.csv",
        ("user_id", "month_start", "movement", "opening_mrr", "closing_mrr"),
        mrr_movements(world),
    )
    _write(
        directory / "marketing_costs.csv",
        ("month_start", "category", "cost_usd"),
        marketing_costs(world),
    )
    _write(directory / "video_costs.csv", ("platform_video_id", "cost_usd"), costs)
    _write(directory / "videos.csv", ("youtube_video_id", "platform_video_id", "views"), videos)
    summary = {
        "users": len(world.users),
        "active_users": sum(user.status == "active" for user in world.users),
        "channels": len(world.channels),
        "videos": sum(len(world.plan(number)) for number in world.traits),
        "public_videos": len(videos),
        "channel_days": len(days),
        "revenue_usd": str(sum((Decimal(row[3] or 0) for row in days), Decimal(0))),
        "cost_usd": str(sum((Decimal(row[1]) for row in costs), Decimal(0))),
        "subscriptions": len(world.subscriptions),
        "invoices": len(world.invoices),
        "first_day": world.first_day.isoformat(),
        "last_report_day": world.last_report_day.isoformat(),
        "as_of": world.as_of.isoformat(),
    }
    text = json.dumps(summary, indent=2) + "\n"
    (directory / "summary.json").write_text(text, encoding="utf-8")


def channel_days(world: SyntheticWorld) -> Lines:
    """Return (YouTube channel id, day, views, revenue) of the days that Analytics reports."""
    lines: Lines = []
    for number, traits in world.traits.items():
        channel, figures = traits.channel, world.figures(number)
        views = figures.views.sum(axis=0).tolist()
        mills = figures.revenue_mills.sum(axis=0).tolist()
        for day, count, amount in zip(
            report_days(world.first_day, len(views)), views, mills, strict=True
        ):
            revenue = str(Decimal(amount).scaleb(-3)) if channel.is_monetised else ""
            if count:
                lines.append((channel.youtube_channel_id, day.isoformat(), str(count), revenue))
    return sorted(lines)


def mrr_months(world: SyntheticWorld) -> Lines:
    """Return (user id, month, base MRR, overage MRR)."""
    return sorted(
        (
            str(person.user.user_id),
            each.month.isoformat(),
            str(each.base_usd),
            str(each.overage_usd),
        )
        for person in world.people
        for each in monthly_revenue(person.life, world.as_of)
    )


def mrr_movements(world: SyntheticWorld) -> Lines:
    """Return (user id, month, movement, opening MRR, closing MRR)."""
    return sorted(
        (
            str(person.user.user_id),
            each.month.isoformat(),
            each.name,
            str(each.opening_usd),
            str(each.closing_usd),
        )
        for person in world.people
        for each in movements(person.life, world.as_of)
    )


def marketing_costs(world: SyntheticWorld) -> Lines:
    """Return (month, category, cost) of what is booked on marketing."""
    booked = Expenses(world.seed, world.first_day, world.as_of).booked("marketing")
    return sorted((month.isoformat(), name, str(usd)) for (month, name), usd in booked.items())


def video_costs(world: SyntheticWorld) -> Lines:
    """Return (platform video id, cost) of the videos that have cost anything."""
    lines: Lines = []
    for number, traits in world.traits.items():
        videos = world.videos(traits.channel.youtube_channel_id)
        micro = world.ledger(number).cost_by_video(len(videos)).tolist()
        lines += [
            (str(video.platform_video_id), str((amount * MICRO).quantize(MICRO)))
            for video, amount in zip(videos, micro, strict=True)
            if amount
        ]
    return sorted(lines)


def public(world: SyntheticWorld) -> Lines:
    """Return (YouTube video id, platform video id, views) of the public videos."""
    lines: Lines = []
    for number, traits in world.traits.items():
        videos = world.videos(traits.channel.youtube_channel_id)
        views = world.public_counts(number).views.tolist()
        lines += [
            (video.youtube_video_id or "", str(video.platform_video_id), str(count))
            for video, count in zip(videos, views, strict=True)
            if video.status == "published"
        ]
    return sorted(lines)


def _write(path: Path, header: Sequence[str], lines: Iterable[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(lines)
