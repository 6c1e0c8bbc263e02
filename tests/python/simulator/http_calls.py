"""Plain HTTP calls to the stand-ins. One client for all: making one loads certificates."""

from __future__ import annotations

from functools import cache
from typing import Any

import httpx


@cache
def _client() -> httpx.Client:
    return httpx.Client(verify=False, timeout=30)


def get(url: str, **options: Any) -> httpx.Response:
    return _client().get(url, **options)


def post(url: str, **options: Any) -> httpx.Response:
    return _client().post(url, **options)
