# SPDX-License-Identifier: Apache-2.0
"""What speaks against a person standing there, each sign as a value of its own. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median
from typing import Final

import numpy as np

from kiosk.auth.face.liveness.repeats import exact_repeats, frozen_for, is_looped
from kiosk.auth.face.liveness.samples import Sample


class Sign(StrEnum):
    """One sign."""

    BORDER = "border"
    RIPPLE = "ripple"
    FLAT = "flat"
    FROZEN = "frozen"
    LOOPED = "looped"


DOUBT: Final = 1.0
WEAK: Final = 0.5


@dataclass(frozen=True, slots=True)
class Reading:
    """How strong a sign is: from `DOUBT` on it decides, from `WEAK` on more is asked for."""

    sign: Sign
    strength: float


@dataclass(frozen=True, slots=True)
class SignLimits:
    """Where a sign begins to count. See docs/face.md, "Liveness", for where the figures come from."""

    fewest: int = 5  # frames with what is looked for round the face
    border_share: float = 0.6
    border_moved: float = 0.02  # of the face's width: below it a frame and a wall can't be told apart
    ripple: float = 16.0
    frozen_s: float = 1.0
    repeats: int = 3
    depth: float = 0.01  # of the face's width


def read_signs(
    samples: Sequence[Sample], ripples: Sequence[float], limits: SignLimits
) -> tuple[Reading, ...]:
    """All signs but the one that a turn shows (`flatness`).

    The samples are of one face; the ripples may be of all that were seen, since nobody has any.
    """
    return (
        Reading(Sign.BORDER, _border(samples, limits)),
        Reading(Sign.RIPPLE, _ripple(ripples, limits)),
        Reading(Sign.FROZEN, frozen_for(samples) / limits.frozen_s),
        Reading(Sign.LOOPED, _looped(samples, limits)),
    )


def flatness(depth: float | None, limits: SignLimits) -> Reading:
    """What a turn showed; nothing could be followed where `depth` is None, which proves nothing."""
    if depth is None:
        return Reading(Sign.FLAT, WEAK)
    return Reading(Sign.FLAT, DOUBT if depth < limits.depth else 0.0)


def still_strength(sample: Sample, limits: SignLimits) -> tuple[Reading, ...]:
    """The signs of a single picture, where nothing moves: a frame round the face counts as it is."""
    if sample.surround is None:
        return ()
    border = DOUBT if sample.surround.border is not None else 0.0
    return (
        Reading(Sign.BORDER, border),
        Reading(Sign.RIPPLE, sample.surround.ripple / limits.ripple),
    )


def _border(samples: Sequence[Sample], limits: SignLimits) -> float:
    """A frame that keeps its place to the face while the face moves is held up; a door stays where it is."""
    looked = [sample for sample in samples if sample.surround is not None]
    framed = [
        (sample, sample.surround.border)
        for sample in looked
        if sample.surround is not None and sample.surround.border is not None
    ]
    if len(framed) < limits.fewest or len(framed) < limits.border_share * len(looked):
        return 0.0
    width = median(sample.face_width for sample in looked)
    eyes = np.array([sample.eyes[0] for sample, _ in framed])
    frame = np.array([border.middle_x for _, border in framed])
    moved = _spread(eyes)
    if moved < limits.border_moved * width:
        return WEAK
    return DOUBT if _spread(frame - eyes) < 0.5 * moved else 0.0


def _spread(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
    """Without the outermost tenths, which are lines taken for others."""
    low, high = np.quantile(values, (0.1, 0.9))
    return float(high - low)


def _ripple(ripples: Sequence[float], limits: SignLimits) -> float:
    if len(ripples) < limits.fewest:
        return 0.0
    return median(ripples) / limits.ripple


def _looped(samples: Sequence[Sample], limits: SignLimits) -> float:
    if exact_repeats(samples) >= limits.repeats or is_looped(samples):
        return DOUBT
    return 0.0
