"""Faults that can be asked of a service, so that bad weather can be tested.

``--fail SERVICE=KIND`` where KIND is

- a status (``503``, ``429``, ``401``): every call is answered with it, in the service's words;
- ``quota``: every call is answered as when the quota is used up;
- ``malformed``: one row is broken, in a way that is particular to the service, and stays so
  when it is asked for again; everything else is fine;
- ``truncated``: each body is cut short, its status still 200.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

KINDS = ("quota", "malformed", "truncated")


class FaultError(ValueError):
    """A fault that cannot be understood."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What a service should do wrong: a status, or one of `KINDS`."""

    kind: str
    status: int | None = None


def parse_faults(texts: Iterable[str], services: Iterable[str]) -> dict[str, Fault]:
    """Return the fault of each service named in `texts` (``SERVICE=KIND``)."""
    known = list(services)
    faults: dict[str, Fault] = {}
    for text in texts:
        service, _, kind = text.partition("=")
        if service not in known:
            raise FaultError(f"There is no service {service!r}: one of {', '.join(known)}.")
        if kind in KINDS:
            faults[service] = Fault(kind)
        elif kind.isdigit() and 400 <= int(kind) <= 599:
            faults[service] = Fault("status", int(kind))
        else:
            raise FaultError(f"There is no fault {kind!r}: a status, or {', '.join(KINDS)}.")
    return faults


class Breaker:
    """Does a fault to the bodies of one service."""

    def __init__(self, fault: Fault, malform: Callable[[bytes], bytes | None]) -> None:
        """Take the fault, and what breaks one row of a body (None: it has none to break)."""
        self._fault = fault
        self._malform = malform
        self._victim: str | None = None

    def broken(self, call: str, body: bytes) -> bytes:
        """Return the body of the answer to `call` (its path and query) as the fault leaves it."""
        if self._fault.kind == "truncated":
            return body[: max(1, len(body) * 2 // 3)]
        if self._fault.kind == "malformed" and self._victim in (None, call):
            broken = self._malform(body)
            if broken is not None:
                self._victim = call
                return broken
        return body
