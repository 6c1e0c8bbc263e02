"""What can go wrong between a client and PostgreSQL, and when."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from simulator.postgres_wire import Statement


class When(Enum):
    """When a fault strikes, seen from the server."""

    BEFORE = "before"
    """The statement does not arrive."""

    HALFWAY = "halfway"
    """Half of its bytes arrive."""

    AFTER = "after"
    """It is done, together with what the client sent along; the client does not hear of it."""


class What(Enum):
    """What a fault does to the connection."""

    RESET = "reset"
    """Both sides get a reset."""

    CUT = "cut"
    """Both sides see an orderly end."""

    LATE = "late"
    """The client gets a reset at once, the statement reaches the server `seconds` later."""

    STALL = "stall"
    """Nothing moves for `seconds`; then all goes on."""

    KILL = "kill"
    """Only `act` is called, which is to kill the client; the server sees its end."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong. `act` is called at that moment; `for_good`: nobody can connect any more."""

    what: What
    when: When = When.BEFORE
    seconds: float = 0.0
    act: Callable[[], object] | None = None
    for_good: bool = False


Chooser = Callable[[Statement], Fault | None]


def nth(number: int, fault: Fault, matches: Callable[[Statement], bool] | None = None) -> Chooser:
    """Return what chooses the fault for the nth statement (of those that match)."""
    seen = 0

    def choose(statement: Statement) -> Fault | None:
        nonlocal seen
        if matches is not None and not matches(statement):
            return None
        seen += 1
        return fault if seen == number else None

    return choose
