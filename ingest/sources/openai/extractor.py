"""What OpenAI charged the organisation: `GET /v1/organization/costs` into `raw_costs.openai_costs`.

One result of a daily bucket (UTC), by project and line item, is a row. The bucket of a day that
is still running grows, and the last days are restated, so each extraction asks for a few days
again and replaces them whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from ingest import shapes
from ingest.extraction import Extraction
from ingest.landing import BadRow, Row
from ingest.retrying import TIMEOUT_SECONDS, Backoff
from ingest.shapes import quoted
from ingest.sources.bad_rows import as_text
from ingest.sources.days import Window, find_window
from ingest.sources.json_api import JsonApi, base_address
from ingest.streams import OPENAI_COSTS
from warehouse.errors import SourceUnavailableError

DEFAULT_BASE = "https://api.openai.com/v1"
_PATH = "/v1/organization/costs"
_BUCKETS_A_PAGE = 180  # the most that the API gives
_is_amount = shapes.number()
_TOLD_AGAIN = 3  # times that the page before may come in the place of the next


@dataclass(frozen=True)
class OpenAIConfig:
    """The admin key, and the address: with or without its final `/v1`."""

    admin_key: str = field(repr=False)
    base: str = DEFAULT_BASE
    backoff: Backoff = field(default_factory=Backoff)
    timeout_seconds: float = TIMEOUT_SECONDS


class OpenAIExtractor:
    """Lands `openai_costs`."""

    name = "openai"

    def __init__(self, config: OpenAIConfig) -> None:
        """Take the credentials and the address."""
        self._config = config

    def extract(self, extraction: Extraction) -> None:
        """Replace the days that may have changed; see `find_window`."""
        window = find_window(extraction, OPENAI_COSTS)
        if window is None:
            return
        extraction.progress.start(self.name, OPENAI_COSTS.name, window.days)
        rows: list[Row | BadRow] = []
        with self._api() as api:
            for bucket in _buckets(api, window):
                rows += parse_bucket(bucket)
                extraction.progress.advance(self.name, OPENAI_COSTS.name)
        extraction.lander.land(
            OPENAI_COSTS,
            rows,
            cursors=window.cursors,
            partitions=[window.partition("bucket_date")],
        )

    def check(self) -> str:
        """Ask for the costs of yesterday."""
        yesterday = datetime.now(UTC).date() - timedelta(days=1)
        with self._api() as api:
            for _ in _buckets(api, Window(yesterday, yesterday, ())):
                pass
        return f"OpenAI answers at {api.base} and accepts the admin key."

    def _api(self) -> JsonApi:
        return JsonApi(
            service="OpenAI",
            base=base_address(self._config.base, "OPENAI_API_BASE"),
            base_setting="OPENAI_API_BASE",
            key_setting="OPENAI_ADMIN_KEY",
            secret=self._config.admin_key,
            headers={"Authorization": f"Bearer {self._config.admin_key}"},
            backoff=self._config.backoff,
            timeout_seconds=self._config.timeout_seconds,
        )


def _buckets(api: JsonApi, window: Window) -> Iterator[dict[str, Any]]:
    """Yield the daily buckets of the window, page after page."""
    query: dict[str, Any] = {
        "start_time": int(window.start.timestamp()),
        "end_time": int(window.end.timestamp()),
        "bucket_width": "1d",
        "group_by": ["project_id", "line_item"],
        "limit": _BUCKETS_A_PAGE,
    }
    pages_seen: set[str] = set()
    told_again = 0
    while True:
        page = api.ask("GET", _PATH, params=query)
        if not isinstance(page, dict) or not isinstance(page.get("data"), list):
            raise _nonsense(api, "a page of costs without its `data`")
        yield from page["data"]
        following = page.get("next_page")
        if not page.get("has_more"):
            return
        if following == query.get("page") and told_again < _TOLD_AGAIN:
            told_again += 1  # the page before came once more; its rows are the same
            continue
        if not isinstance(following, str) or following in pages_seen:
            raise _nonsense(api, "more pages of costs but not where they are")
        pages_seen.add(following)
        query["page"] = following


def _nonsense(api: JsonApi, what: str) -> SourceUnavailableError:
    return SourceUnavailableError(
        f"OpenAI answered {what}.",
        hint=f"Check that OPENAI_API_BASE ({api.base}) is OpenAI's address.",
    )


def parse_bucket(bucket: Any) -> Iterator[Row | BadRow]:
    """Yield the rows of a daily bucket: one a project and line item ('' where it has none)."""
    try:
        day = datetime.fromtimestamp(bucket["start_time"], UTC).date()
        results = list(bucket["results"])
    except (TypeError, KeyError, ValueError, OverflowError, OSError) as error:
        reason = f"not a bucket with its start_time and results ({error!r})"
        yield BadRow("a bucket of organization/costs", reason, as_text(bucket))
        return
    seen: dict[tuple[str, str], Any] = {}
    for number, result in enumerate(results):
        row = _parse_result(day, number, result, seen)
        if row is not None:
            yield row


def _parse_result(
    day: date, number: int, result: Any, seen: dict[tuple[str, str], Any]
) -> Row | BadRow | None:
    """Return the row of a result; None for one that is told a second time as it was."""
    location = f"bucket {day}, result {number}"
    reason = _fault(result)
    if reason is None:
        key = (result.get("project_id") or "", result.get("line_item") or "")
        if key not in seen:
            seen[key] = result
            return Row((day, *key), result)
        if seen[key] == result:
            return None
        reason = "the bucket holds this project and line item twice"
    return BadRow(location, reason, as_text(result))


def _fault(result: Any) -> str | None:
    """Return what is wrong with a result, None where nothing is."""
    if not isinstance(result, dict):
        return "the result is not an object"
    amount = result.get("amount")
    if not isinstance(amount, dict):
        return "the result has no amount"
    if amount.get("value") is None:
        return "amount.value is missing"
    reason = _is_amount(amount["value"])
    if reason is not None:
        return f"amount.value {reason}"
    for name in ("project_id", "line_item"):
        if not isinstance(result.get(name), str | None):
            return f"{name} is no text but {quoted(result[name])}"
    currency = amount.get("currency")
    return (
        None if str(currency).lower() == "usd" else f"the currency is {quoted(currency)}, not 'usd'"
    )
