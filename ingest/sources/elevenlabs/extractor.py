"""What the ElevenLabs workspace used, by UTC day and product, into `raw_costs.elevenlabs_usage`.

`POST /v1/workspace/analytics/query/usage-by-product-over-time` answers with a table. Its columns
are found by name, its measures by their unit, and its rows become objects: each column by its
name as it came, and beside them `product`, `credits_used` and `usage_usd`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from ingest import shapes
from ingest.extraction import Extraction
from ingest.landing import BadRow, Row
from ingest.retrying import TIMEOUT_SECONDS, Backoff
from ingest.sources.bad_rows import as_text
from ingest.sources.days import Window, find_window
from ingest.sources.json_api import JsonApi, base_address
from ingest.streams import ELEVENLABS_USAGE
from warehouse.errors import SourceUnavailableError

DEFAULT_BASE = "https://api.elevenlabs.io"
_PATH = "/v1/workspace/analytics/query/usage-by-product-over-time"
_DAY_SECONDS = 86_400
_is_amount = shapes.number()
_EARLIEST = date(2020, 1, 1)  # the API refuses earlier times


@dataclass(frozen=True)
class ElevenLabsConfig:
    """The API key, and the address: with or without a final `/v1`."""

    api_key: str = field(repr=False)
    base: str = DEFAULT_BASE
    backoff: Backoff = field(default_factory=Backoff)
    timeout_seconds: float = TIMEOUT_SECONDS


class ElevenLabsExtractor:
    """Lands `elevenlabs_usage`."""

    name = "elevenlabs"

    def __init__(self, config: ElevenLabsConfig) -> None:
        """Take the credentials and the address."""
        self._config = config

    def extract(self, extraction: Extraction) -> None:
        """Replace the days that may have changed; see `find_window`."""
        window = find_window(extraction, ELEVENLABS_USAGE, not_before=_EARLIEST)
        if window is None:
            return
        extraction.progress.start(self.name, ELEVENLABS_USAGE.name, window.days)
        with self._api() as api:
            rows = list(parse_table(_ask(api, window)))
        extraction.lander.land(
            ELEVENLABS_USAGE,
            rows,
            cursors=window.cursors,
            partitions=[window.partition("usage_date")],
        )
        extraction.progress.advance(self.name, ELEVENLABS_USAGE.name, window.days)

    def check(self) -> str:
        """Ask for the usage of yesterday."""
        yesterday = datetime.now(UTC).date() - timedelta(days=1)
        with self._api() as api:
            _ask(api, Window(yesterday, yesterday, ()))
        return f"ElevenLabs answers at {api.base} and accepts the key."

    def _api(self) -> JsonApi:
        return JsonApi(
            service="ElevenLabs",
            base=base_address(self._config.base, "ELEVENLABS_API_BASE"),
            base_setting="ELEVENLABS_API_BASE",
            key_setting="ELEVENLABS_API_KEY",
            secret=self._config.api_key,
            headers={"xi-api-key": self._config.api_key},
            backoff=self._config.backoff,
            timeout_seconds=self._config.timeout_seconds,
        )


def _ask(api: JsonApi, window: Window) -> Any:
    question = {
        "start_time": int(window.start.timestamp()) * 1000,
        "end_time": int(window.end.timestamp()) * 1000,
        "interval_seconds": _DAY_SECONDS,
        "group_by": ["product_type"],
        "time_zone": "UTC",
    }
    return api.ask("POST", _PATH, json=question)


@dataclass(frozen=True, slots=True)
class _Columns:
    """Where in a row the answer's columns stand."""

    names: list[str]
    timestamp: int
    product: int
    credits_used: int
    usage_usd: int


def parse_table(table: Any) -> Iterator[Row | BadRow]:
    """Yield the rows of the answer. Raises `SourceUnavailableError` where it is no such table."""
    columns = _find_columns(table)
    seen: dict[tuple[Any, ...], Row] = {}
    for number, values in enumerate(table["rows"]):
        row = _parse_row(columns, number, values)
        if isinstance(row, BadRow):
            yield row
        elif row.values not in seen:
            seen[row.values] = row
            yield row
        elif seen[row.values] != row:  # the very same row, told a second time, says nothing new
            reason = "the table holds this day and product twice"
            yield BadRow(f"row {number}", reason, as_text(values))


def _find_columns(table: Any) -> _Columns:
    """Find the day and the product by name, the measures by their unit."""
    try:
        names = [str(name) for name in table["columns"]]
        units = [str(unit or "").lower() for unit in table.get("column_units") or []]
        list(table["rows"])
        return _Columns(
            names,
            names.index("timestamp"),
            names.index("product_type"),
            units.index("credits") if "credits" in units else names.index("credits_used"),
            units.index("usd"),
        )
    except (TypeError, KeyError, AttributeError, ValueError) as error:
        given = table.get("columns") if isinstance(table, Mapping) else type(table).__name__
        raise SourceUnavailableError(
            "ElevenLabs answered no table of usage with the columns timestamp, product_type, "
            f"credits and US dollars (but {given}).",
            hint="Check ELEVENLABS_API_BASE; their format may have changed.",
        ) from error


def _parse_row(columns: _Columns, number: int, values: Any) -> Row | BadRow:
    try:
        if not isinstance(values, list):
            raise ValueError("the row is no list of values")
        if len(values) != len(columns.names):
            raise ValueError(f"{len(values)} values for {len(columns.names)} columns")
        day = _parse_day(values[columns.timestamp])
        product = values[columns.product]
        if not isinstance(product, str) or not product:
            raise ValueError("product_type is missing")
        measures = {
            "credits_used": _parse_number(values[columns.credits_used], "credits_used"),
            "usage_usd": _parse_number(values[columns.usage_usd], columns.names[columns.usage_usd]),
        }
    except (TypeError, ValueError, OverflowError, OSError) as error:
        return BadRow(f"row {number}", str(error), as_text(values))
    payload = dict(zip(columns.names, values, strict=True))
    return Row((day, product), {**payload, "product": product, **measures})


def _parse_day(value: Any) -> date:
    """Return the UTC day of a bucket's start: ISO 8601, or milliseconds."""
    if isinstance(value, str) and not value.isdigit():
        instant = datetime.fromisoformat(value)
        return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).astimezone(UTC).date()
    return datetime.fromtimestamp(int(value) / 1000, UTC).date()


def _parse_number(value: Any, name: str) -> str:
    """Return the digits of a measure, which comes as text or as a number."""
    reason = "is missing" if value is None else _is_amount(value)
    if reason is not None:
        raise ValueError(f"{name} {reason}")
    return str(value)
