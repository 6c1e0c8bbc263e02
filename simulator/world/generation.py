"""The generation of videos: attempts, their stages, failures and retries."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simulator.world.random_streams import Ints, Noise

STAGES = (
    "script_generation",
    "voice_synthesis",
    "visual_generation",
    "video_assembly",
    "quality_check",
)
MAX_ATTEMPTS = 3
SUCCEEDED = len(STAGES)  # as the failed stage of an attempt that did not fail

_FAILURE_RATES = np.array([0.09, 0.40, 0.60])  # of the first, second and third attempt
_FAILURE_STAGES = np.array([0.22, 0.42, 0.72, 0.92])  # cumulative, by stage
_STAGE_SHARES = np.array([0.12, 0.18, 0.38, 0.24, 0.08])  # of an attempt's time


@dataclass(frozen=True, slots=True)
class Attempts:
    """Up to three attempts at each video: arrays of (videos, attempts); moments in seconds."""

    count: Ints  # (videos,); 0: not made by the platform
    created: Ints
    started: Ints
    ended: Ints
    failed_stage: Ints  # SUCCEEDED where it did not fail
    stage_ends: Ints  # (videos, attempts, stages)

    @property
    def failed_for_good(self) -> npt.NDArray[np.bool_]:
        """Say which videos failed in each of their attempts."""
        last = np.maximum(self.count - 1, 0)[:, None]
        stage = np.take_along_axis(self.failed_stage, last, axis=1)[:, 0]
        return (self.count > 0) & (stage < SUCCEEDED)

    @property
    def completed(self) -> Ints:
        """Return the end of the last attempt."""
        last = np.maximum(self.count - 1, 0)[:, None]
        return np.asarray(np.take_along_axis(self.ended, last, axis=1)[:, 0])


def attempts_of(
    noise: Noise, serial: Ints, queued: Ints, is_made: npt.NDArray[np.bool_]
) -> Attempts:
    """Return the attempts at videos queued at those moments."""
    videos, turns = serial[:, None], np.arange(MAX_ATTEMPTS)
    fails = noise.uniform("attempt fails", videos, turns) < _FAILURE_RATES
    where = noise.uniform("failure stage", videos, turns)
    stage = np.where(fails, np.searchsorted(_FAILURE_STAGES, where, side="right"), SUCCEEDED)
    count = np.where(fails[:, 0] & fails[:, 1], 3, np.where(fails[:, 0], 2, 1))
    waits = 60 * noise.integers("attempt wait", 2, 35, videos, turns)
    full = 480 + (np.exp(0.35 * noise.normal("attempt time", videos, turns)) * 700).astype(np.int64)
    bounds = full[:, :, None] * np.cumsum(_STAGE_SHARES)
    reached = np.minimum(stage, SUCCEEDED - 1)[:, :, None]
    length = np.take_along_axis(bounds, reached, axis=2)[:, :, 0].astype(np.int64)
    ended = queued[:, None] + np.cumsum(waits + length, axis=1)
    started = ended - length
    created = np.concatenate([queued[:, None], ended[:, :-1]], axis=1)
    stage_ends = started[:, :, None] + np.minimum(bounds.astype(np.int64), length[:, :, None])
    return Attempts(np.where(is_made, count, 0), created, started, ended, stage, stage_ends)
