"""Makes malformed answers: of a good page, one row is changed somewhere, or the bytes are."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator
from typing import Any

import simplejson

_DEEP = simplejson.loads('{"a":' * 60 + "1" + "}" * 60)
JUNK: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, 10**19, -(10**30), 10**400, simplejson.RawJSON("1e400"),
    simplejson.RawJSON("-1e-40000"), "", "abc", "1", "-7", "1_000", "1e5", "٣",
    "NaN", "nan", "Infinity",
    "nul\0l", "half \ud800", "x" * 5_000, "2026-02-30T00:00:00Z", "2026-13-01", "0000-00-00",
    "2026-10-01T00:00:00+20:00", "9999-12-31T23:59:59Z", "P999999999W", "PT", "true", "maybe",
    "../../etc", "a\nb", [], [[]], [None], {}, {"id": None}, _DEEP, [1, "a", None],
)  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of every value within a value, itself included."""
    yield path
    entries: Any = ()
    if isinstance(value, dict):
        entries = value.items()
    elif isinstance(value, list):
        entries = enumerate(value[:3])
    for key, inner in entries:
        yield from places(inner, (*path, key))


def changed(chance: random.Random, row: Any) -> tuple[str, Any]:
    """Return what was done to a row, and the row after it."""
    row = copy.deepcopy(row)
    paths = list(places(row))
    path = chance.choice(paths)
    # The top of a row decides what it is; half of the changes are made there.
    if chance.random() < 0.5:
        path = chance.choice([each for each in paths if len(each) <= 1])
    junk = copy.deepcopy(chance.choice(JUNK))
    if not path:
        return f"the row is {junk!r:.40}", junk
    at = row
    for key in path[:-1]:
        at = at[key]
    if chance.random() < 0.2:
        del at[path[-1]]
        return f"{path} is missing", row
    if chance.random() < 0.1 and isinstance(at, dict):
        at[chance.choice(["more", "nul\0l", "x" * 300])] = junk
        return f"{path[:-1]} has more", row
    at[path[-1]] = junk
    return f"{path} is {junk!r:.40}", row


def to_json(page: Any) -> bytes:
    """Return a page as JSON, half surrogates and all."""
    return simplejson.dumps(page, use_decimal=True, allow_nan=True).encode()


# Whole answers that are none, by what was done to them.
DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "cut short": lambda body: body[: len(body) * 2 // 3],
    "empty": lambda _: b"",
    "null": lambda _: b"null",
    "a list": lambda body: b"[" + body + b"]",
    "a text": lambda _: b'"all is well"',
    "a number": lambda _: b"17",
    "a page for people": lambda _: b"<html><body>Sign in to the network</body></html>",
    "UTF-16": lambda body: body.decode().encode("utf-16"),
    "Latin-1": lambda body: body[:-1] + b', "caf\xe9": 1}',
    "NaN": lambda body: body[:-1] + b', "more": NaN}',
    "an endless number": lambda body: body[:-1] + b', "more": ' + b"9" * 5_000 + b"}",
    "nested a hundred thousand times": lambda body: (
        body[:-1] + b', "more": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    ),
    "with a byte order mark": lambda body: b"\xef\xbb\xbf" + body,
    "two answers": lambda body: body + body,
}
# And some that are odd but say the same.
ODDITIES: dict[str, Callable[[bytes], bytes]] = {
    "a key twice": lambda body: b'{"kind": "another", ' + body[1:],
    "white space": lambda body: b"\r\n\t " + body + b"\n\n",
    "more than was asked for": lambda body: body[:-1] + b', "more": {"a": [1, null]}}',
}
