"""Randomness that belongs to an entity and a purpose, never to the order of the calls.

Two kinds. `generator` gives a numpy Generator of its own to each entity and purpose, for things
drawn one after another (what was drawn first stays when more is drawn later). `Noise` is a hash
of integers, for tables of numbers: the value at (video 17, day 40) is the same whether the table
has 41 days or 400, which is what lets a later instant extend a world without touching its past.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as BinasciiError
from hashlib import blake2b
from uuid import UUID

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_MASK_32 = 0xFFFFFFFF


def digest(size: int, *parts: object) -> bytes:
    """Return `size` bytes (64 at most) that depend on the parts alone."""
    return blake2b("\x1f".join(map(str, parts)).encode(), digest_size=size).digest()


def generator(*parts: object) -> np.random.Generator:
    """Return the random generator of the entity and purpose that the parts name."""
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest(16, *parts), "big")))


def stable_uuid(*parts: object) -> UUID:
    """Return the (version 4 shaped) UUID of the entity that the parts name."""
    return UUID(bytes=digest(16, *parts), version=4)


def base62(length: int, *parts: object) -> str:
    """Return letters and digits that name the entity, as in the ids of Stripe."""
    number = int.from_bytes(digest(32, *parts), "big")
    letters = []
    for _ in range(length):
        number, index = divmod(number, 62)
        letters.append(_BASE62[index])
    return "".join(letters)


def base64_id(data: bytes) -> str:
    """Return the bytes as YouTube writes its ids: URL-safe base64 without padding."""
    return urlsafe_b64encode(data).decode().rstrip("=")


class VideoIds:
    """YouTube's video ids: 64 bits, here an encryption of (channel number, serial number).

    Reading an id back needs no index of all videos, which a large world could not hold.
    """

    def __init__(self, seed: int) -> None:
        self._keys = tuple(digest(16, seed, "video id", turn) for turn in range(4))

    def encode(self, channel_number: int, serial: int) -> str:
        """Return the 11 characters of a channel's video."""
        left, right = channel_number, serial
        for key in self._keys:
            left, right = right, left ^ self._scramble(key, right)
        return base64_id(left.to_bytes(4, "big") + right.to_bytes(4, "big"))

    def decode(self, video_id: str) -> tuple[int, int] | None:
        """Return (channel number, serial number); None where it is not the form of an id."""
        try:
            data = urlsafe_b64decode(video_id + "=")
        except (BinasciiError, ValueError):
            return None
        if len(data) != 8 or base64_id(data) != video_id:
            return None
        left, right = int.from_bytes(data[:4], "big"), int.from_bytes(data[4:], "big")
        for key in reversed(self._keys):
            left, right = right ^ self._scramble(key, left), left
        return left, right

    @staticmethod
    def _scramble(key: bytes, half: int) -> int:
        hashed = blake2b(half.to_bytes(4, "big"), digest_size=4, key=key).digest()
        return int.from_bytes(hashed, "big") & _MASK_32


class Noise:
    """Random numbers as a function of (entity, purpose, indices); indices broadcast."""

    def __init__(self, *parts: object) -> None:
        self._parts = parts

    def words(self, purpose: str, *indices: npt.ArrayLike) -> Words:
        """Return 64 random bits for each combination of the indices (splitmix64)."""
        key = int.from_bytes(digest(8, *self._parts, purpose), "big")
        state: Words = np.array([key], dtype=np.uint64)
        for index in indices:
            column = np.atleast_1d(np.asarray(index)).astype(np.int64).view(np.uint64)
            state = self._mix(state + (column + np.uint64(1)) * _GOLDEN)
        return state

    def uniform(self, purpose: str, *indices: npt.ArrayLike) -> Floats:
        """Return numbers in [0, 1)."""
        words = self.words(purpose, *indices) >> np.uint64(11)
        return words.astype(np.float64) * 2.0**-53

    def normal(self, purpose: str, *indices: npt.ArrayLike) -> Floats:
        """Return standard normal numbers (Box and Muller)."""
        radius = np.sqrt(-2.0 * np.log1p(-self.uniform(purpose + " radius", *indices)))
        turn = np.cos(2.0 * np.pi * self.uniform(purpose + " turn", *indices))
        return np.asarray(radius * turn, dtype=np.float64)

    def integers(self, purpose: str, low: int, high: int, *indices: npt.ArrayLike) -> Ints:
        """Return whole numbers in [low, high)."""
        span = self.uniform(purpose, *indices) * (high - low)
        return low + span.astype(np.int64)

    def round(self, purpose: str, expected: npt.ArrayLike, *indices: npt.ArrayLike) -> Ints:
        """Round up or down at random, so that small numbers keep their mean."""
        return np.floor(np.asarray(expected) + self.uniform(purpose, *indices)).astype(np.int64)

    @staticmethod
    def _mix(words: Words) -> Words:
        words = (words ^ (words >> np.uint64(30))) * _MIX_1
        words = (words ^ (words >> np.uint64(27))) * _MIX_2
        return words ^ (words >> np.uint64(31))
