"""Requests and answers on the wire: parameters, exact JSON, opaque page tokens, instants."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

import orjson
from starlette.requests import Request
from starlette.responses import Response


def _exact(value: object) -> orjson.Fragment:
    """Write a decimal with its very digits, never by way of a float."""
    if isinstance(value, Decimal):
        return orjson.Fragment(format(value, "f"))
    raise TypeError(f"{type(value).__name__} does not go into JSON")


def dumps(value: Any) -> bytes:
    """Return `value` as JSON; decimals are numbers with their exact digits."""
    return orjson.dumps(value, default=_exact)


class JsonResponse(Response):
    """An answer in JSON."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """Return the body; bytes are taken for JSON already made."""
        return content if isinstance(content, bytes) else dumps(content)


class Parameters:
    """The parameters of a call, each possibly repeated, wherever they were sent."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        """Take the pairs in the order they came."""
        self._values: dict[str, list[str]] = {}
        for name, value in pairs:
            self._values.setdefault(name, []).append(value)

    def __contains__(self, name: object) -> bool:
        return name in self._values

    def names(self) -> list[str]:
        """Return the names, in the order they came."""
        return list(self._values)

    def get(self, name: str) -> str | None:
        """Return the last value of `name`, as servers do, None where there is none."""
        values = self._values.get(name)
        return values[-1] if values else None

    def all(self, name: str) -> list[str]:
        """Return every value of `name`."""
        return self._values.get(name, [])

    def listed(self, name: str) -> list[str]:
        """Return the items of a list given with commas, with repetition, or with both."""
        return [item for value in self.all(name) for item in value.split(",") if item]


async def parameters(request: Request) -> Parameters:
    """Return the call's parameters: the query's, and the form's of an overridden POST."""
    pairs = list(request.query_params.multi_items())
    if request.method == "POST":
        body = (await request.body()).decode()
        pairs += parse_qsl(body, keep_blank_values=True)
    return Parameters(pairs)


def instant(value: datetime) -> str:
    """Return a UTC instant as RFC 3339, fractions only where there are any."""
    text = value.astimezone(UTC).isoformat(timespec="auto" if value.microsecond else "seconds")
    return text.replace("+00:00", "Z")


def unix(value: datetime) -> int:
    """Return an instant in whole Unix seconds."""
    return int(value.timestamp())


def unix_or_none(value: datetime | None) -> int | None:
    """Return an instant in whole Unix seconds, None for None."""
    return None if value is None else unix(value)


def etag(value: Mapping[str, Any]) -> str:
    """Return a fingerprint of a resource."""
    digest = hashlib.blake2b(dumps(value), digest_size=20).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def page_token(offset: int, scope: str) -> str:
    """Return an opaque token for the page that begins at `offset` of the listing `scope`."""
    mark = hashlib.blake2b(scope.encode(), digest_size=4).hexdigest()
    return base64.urlsafe_b64encode(f"{mark}:{offset}".encode()).decode().rstrip("=")


def page_offset(token: str, scope: str) -> int | None:
    """Return the offset a token stands for, None where it is not a token of this listing."""
    try:
        text = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()
        offset = int(text.partition(":")[2])
    except ValueError:
        return None
    return offset if offset >= 0 and page_token(offset, scope) == token else None
