"""Keeping what was computed: some of it for a while, some until it is asked for."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Generic, TypeVar, overload

T = TypeVar("T")


class Recent(Generic[T]):
    """Keeps what a function gave for the numbers that were asked for last."""

    def __init__(self, size: int, make: Callable[[int], T]) -> None:
        self._size, self._make = size, make
        self._kept: OrderedDict[int, T] = OrderedDict()

    def __getitem__(self, number: int) -> T:
        """Return what is kept under the number, made now if it is not there."""
        if number in self._kept:
            self._kept.move_to_end(number)
            return self._kept[number]
        made = self._kept[number] = self._make(number)
        if len(self._kept) > self._size:
            self._kept.popitem(last=False)
        return made


class LazySequence(Sequence[T]):
    """A sequence that is made when it is first looked at."""

    def __init__(self, make: Callable[[], Sequence[T]]) -> None:
        self._make = make

    @cached_property
    def _made(self) -> Sequence[T]:
        return self._make()

    @overload
    def __getitem__(self, index: int) -> T: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[T]: ...

    def __getitem__(self, index: int | slice) -> T | Sequence[T]:
        """Return an element or a part."""
        return self._made[index]

    def __len__(self) -> int:
        return len(self._made)
