"""The way through the pages of a list."""

from __future__ import annotations

from collections import Counter

from ingest.payload import JsonObject
from warehouse.errors import SourceUnavailableError

_TOLD_AGAIN = 3  # times that a page may come in the place of the next one


class Pages:
    """Follows the tokens of a list; one that leads nowhere ends it with an error."""

    def __init__(self) -> None:
        """Begin with the first page, which needs no token."""
        self.token: str | None = None
        self._told: Counter[str] = Counter()

    def turn(self, answer: JsonObject) -> bool:
        """Take the token of the next page; False where there is none.

        Raises `SourceUnavailableError` for a token that is none, or that is told again and again.
        """
        token = answer.get("nextPageToken")
        if not token:
            self.token = None
            return False
        if not isinstance(token, str) or self._told[token] > _TOLD_AGAIN:
            raise SourceUnavailableError(
                f"YouTube answered more pages but not where they are ({str(token)[:80]!r}).",
                hint="Run the command again later.",
            )
        self._told[token] += 1
        self.token = token
        return True
