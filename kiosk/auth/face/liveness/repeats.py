# SPDX-License-Identifier: Apache-2.0
"""Frames that come again: a picture that stands still, and a clip that begins anew."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from kiosk.auth.face.liveness.samples import Sample

APART_S: Final = 0.5
"""A camera may give one picture twice in a row, in the dark or when it is asked too often; never later."""
LOOP_SPAN_S: Final = 1.5
_LOOP_FEWEST: Final = 8
_LOOP_LEAST_LAG_S: Final = 1.8
_LOOP_LIKENESS: Final = 0.3
_LOOP_LAG_SPREAD_S: Final = 0.14
_LEAST_MOVEMENT: Final = 1.5
"""Grey values, root mean square over 48 × 27 means: noise makes a tenth of it, a still person half."""


def frozen_for(samples: Sequence[Sample]) -> float:
    """Seconds for which the newest frames have been one and the same picture, bit for bit."""
    if not samples:
        return 0.0
    last = samples[-1]
    began = last.at
    for sample in reversed(samples):
        if sample.stamp != last.stamp:
            break
        began = sample.at
    return last.at - began


def exact_repeats(samples: Sequence[Sample]) -> int:
    """How many pictures have been there before, bit for bit, with other ones between.

    No sensor gives one picture twice: the noise alone is never the same.
    """
    first_at: dict[int, float] = {}
    repeats = 0
    before: int | None = None
    for sample in samples:
        seen_at = first_at.setdefault(sample.stamp, sample.at)
        if sample.stamp != before and sample.at - seen_at >= APART_S:
            repeats += 1
        before = sample.stamp
    return repeats


def is_looped(samples: Sequence[Sample]) -> bool:
    """Whether the last second and a half goes by as some time before, movement for movement.

    For a clip that is filmed off a screen, where noise hides that the pictures are the same. Somebody who
    moves back and forth passes the same places, too, but not at the same distance in time; and of somebody
    who hardly moves nothing is said.
    """
    if not samples:
        return False
    now = samples[-1].at
    recent = [sample for sample in samples if now - sample.at <= LOOP_SPAN_S]
    if len(recent) < _LOOP_FEWEST or now - recent[0].at < 0.8 * LOOP_SPAN_S:
        return False
    thumbs = np.stack([sample.thumb for sample in samples]).reshape(len(samples), -1)
    lags: list[float] = []
    for sample in recent:
        earlier = [i for i, other in enumerate(samples) if sample.at - other.at >= _LOOP_LEAST_LAG_S]
        if len(earlier) < _LOOP_FEWEST:
            return False
        apart = np.sqrt(np.mean((thumbs[earlier] - sample.thumb.reshape(1, -1)) ** 2, axis=1))
        typical, best = float(np.median(apart)), int(np.argmin(apart))
        if typical < _LEAST_MOVEMENT or apart[best] > _LOOP_LIKENESS * typical:
            return False
        lags.append(sample.at - samples[earlier[best]].at)
    return max(lags) - min(lags) <= _LOOP_LAG_SPREAD_S
