"""What the marts say of YouTube's quota is what the extractors keep to."""

from __future__ import annotations

import csv
from pathlib import Path

from ingest.sources.youtube.quota import API, BUCKETS

SEED = Path(__file__).parents[3] / "seeds" / "youtube_quota_buckets.csv"


def test_the_seed_has_the_buckets_of_the_extractors() -> None:
    with SEED.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    told = {row["bucket"]: int(row["daily_units"]) for row in rows if row["api_name"] == API}
    assert told == BUCKETS
