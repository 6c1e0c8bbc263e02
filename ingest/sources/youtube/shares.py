"""Fair shares of what there is not enough of.

Max-min fairness: everybody may have as much as everybody else; what one does not need flows on
to those who need more. So a user with ten times the videos waits for the rest of them, and
nobody waits for that user. Pure functions of whole numbers.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


def fair_shares(capacity: int, asked: Mapping[K, int]) -> dict[K, int]:
    """Return how much of the capacity each gets.

    Nobody gets more than was asked, nor less than the smaller of that and an equal share; as much
    as can be given away is.
    """
    shares: dict[K, int] = {}
    left, waiting = max(0, capacity), len(asked)
    for key in sorted(asked, key=lambda key: asked[key]):
        shares[key] = min(asked[key], left // waiting)
        left -= shares[key]
        waiting -= 1
    return shares


@dataclass(frozen=True, slots=True)
class Ask(Generic[K, T]):
    """Something that somebody wants read, and what it costs."""

    who: K
    cost: int
    item: T


def choose(
    asks: Sequence[Ask[K, T]],
    capacity: int,
    later: Mapping[K, int],
    pace: Fraction = Fraction(1),
) -> list[Ask[K, T]]:
    """Return which of the asks are granted now; each one's most urgent come first.

    `later` is what each will want besides until the capacity is renewed. Who cannot have all of
    that gets no more now than `pace` says of the share, so that it lasts.
    """
    asked: dict[K, int] = defaultdict(int)
    for ask in asks:
        asked[ask.who] += ask.cost
    wanted = {who: asked.get(who, 0) + later.get(who, 0) for who in asked.keys() | later.keys()}
    shares = fair_shares(capacity, wanted)
    allowed = {
        who: cost if shares[who] == wanted[who] else min(cost, math.ceil(shares[who] * pace))
        for who, cost in asked.items()
    }
    granted = []
    for ask in asks:
        if ask.cost <= allowed.get(ask.who, 0):
            allowed[ask.who] -= ask.cost
            granted.append(ask)
    return granted
