"""Bad weather: faults that strike now and then, so that getting through them can be tested.

``--faults SPEC``, a list with commas of

- ``all``, or a kind of `KINDS`: it strikes at its usual rate;
- ``KIND=RATE``, ``all=RATE``: at another rate (0 to 1);
- ``SERVICE/KIND``, ``SERVICE/all=RATE``: for one service; what comes later in the list wins;
- ``in-a-row=N``: how often the same call may fail in a row (usually 2, which every client bears);
- ``seed=N``: other strokes of fate than those of the world's seed.

Whether a fault strikes is drawn from the seed, the kind and the call itself with its number, not
from the order in which calls come: several threads meet the same weather as one.
"""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode

from simulator.http.faults import FaultError

KINDS: Mapping[str, float] = {
    "429": 0.01,  # too many calls
    "429-wait": 0.005,  # the same, with how long to wait
    "5xx": 0.02,  # in the service's words, or as a gateway's page
    "rate-limit": 0.01,  # Google's 403 for too many calls
    "drop": 0.02,  # the connection ends before the answer
    "drop-midway": 0.01,  # or in its middle
    "stall": 0.003,  # nothing comes any more, and the connection stays
    "short-body": 0.01,  # fewer bytes than Content-Length says
    "broken-body": 0.01,  # half the body, and a Content-Length that agrees
    "duplicate": 0.02,  # a page, or rows of a page, told twice
    "slow": 0.01,  # a late answer, in small pieces
    "skew": 0.02,  # a clock that is hours off: Date, the life of tokens
}
_HARMLESS = frozenset({"slow"})
"""Kinds that need no second try, however often they strike."""
_PAGE_PARAMETERS = ("pageToken", "starting_after", "page")
BEARABLE = 2


@dataclass(frozen=True, slots=True)
class Call:
    """What is asked for: the same call has the same key, whoever makes it and when."""

    key: str
    listing: str
    page: str | None

    @classmethod
    def of(cls, method: str, path: str, query: str, body: bytes) -> Call:
        """Return the call; `listing` and `page` tell the pages of a list from each other."""
        pairs = sorted(parse_qsl(query, keep_blank_values=True))
        page = next((value for name, value in pairs if name in _PAGE_PARAMETERS), None)
        rest = [pair for pair in pairs if pair[0] not in _PAGE_PARAMETERS]
        digest = hashlib.blake2b(body, digest_size=8).hexdigest() if body else ""
        listing = f"{method} {path}?{urlencode(rest)} {digest}"
        return cls(f"{listing} {page}", listing, page)


@dataclass
class Weather:
    """How often each kind strikes, by service, and what has struck so far."""

    rates: Mapping[str, Mapping[str, float]]
    seed: int
    in_a_row: int = BEARABLE
    struck: Counter[tuple[str, str]] = field(default_factory=Counter)
    _asked: Counter[tuple[str, str]] = field(default_factory=Counter)
    _failed: Counter[tuple[str, str]] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def strike(self, service: str, call: Call, able: Sequence[str]) -> str | None:
        """Return what strikes this call, None for nothing; `able` are the kinds that can."""
        with self._lock:
            asked = (service, call.key)
            self._asked[asked] += 1
            kind = self._drawn(service, call.key, self._asked[asked], able)
            if kind is None or kind in _HARMLESS:
                del self._failed[asked]
            else:
                self._failed[asked] += 1
            if kind is not None:
                self.struck[service, kind] += 1
            return kind

    def _drawn(self, service: str, key: str, number: int, able: Sequence[str]) -> str | None:
        may_fail = self._failed[service, key] < self.in_a_row
        for kind in able:
            rate = self.rates.get(service, {}).get(kind, 0.0)
            if (may_fail or kind in _HARMLESS) and self.draw(kind, service, key, number) < rate:
                return kind
        return None

    def draw(self, *names: object) -> float:
        """Return a number from 0 to 1 that is always the same for the same names."""
        text = "\n".join(map(str, (self.seed, *names)))
        digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
        return int.from_bytes(digest) / 2**64

    def counts(self, service: str) -> dict[str, int]:
        """Return how often each kind has struck a service."""
        with self._lock:
            return {kind: n for (name, kind), n in sorted(self.struck.items()) if name == service}


def parse_weather(text: str, services: Sequence[str], seed: int) -> Weather:
    """Return the weather that a specification describes. Raises `FaultError`."""
    rates: dict[str, dict[str, float]] = {service: {} for service in services}
    in_a_row = BEARABLE
    for term in (part.strip() for part in text.split(",")):
        name, _, value = term.partition("=")
        if name in ("in-a-row", "seed"):
            number = _whole(name, value)
            in_a_row, seed = (number, seed) if name == "in-a-row" else (in_a_row, number)
            continue
        where, _, kind = name.rpartition("/")
        if where and where not in services:
            raise FaultError(f"There is no service {where!r}: one of {', '.join(services)}.")
        if kind not in KINDS and kind != "all":
            raise FaultError(f"There is no fault {kind!r}: all, or {', '.join(KINDS)}.")
        for each in KINDS if kind == "all" else (kind,):
            rate = _rate(term, value) if value else KINDS[each]
            for service in (where,) if where else services:
                rates[service][each] = rate
    return Weather(rates, seed, in_a_row)


def _rate(term: str, text: str) -> float:
    try:
        rate = float(text)
    except ValueError:
        rate = -1.0
    if not 0 <= rate <= 1:
        raise FaultError(f"The rate of a fault is a number from 0 to 1: {term!r}.")
    return rate


def _whole(name: str, text: str) -> int:
    if not text.isdecimal():
        raise FaultError(f"{name} is a whole number, not {text!r}.")
    return int(text)
