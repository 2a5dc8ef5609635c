# SPDX-License-Identifier: Apache-2.0
"""The decision: is it the person on the card? Numbers only; no picture comes here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from kiosk.errors import ConfigurationError, FailureCode

Embedding = NDArray[np.float64]

DEFAULT_THRESHOLD: Final = 0.345
WEAKEST_THRESHOLD: Final = 0.45
STRICTEST_THRESHOLD: Final = 0.25
DEFAULT_PROBES: Final = 3
MOST_PROBES: Final = 5


class Decision(StrEnum):
    """There is no third answer: "another person" is nothing that a face distance can say."""

    MATCH = "match"
    NOT_CONFIRMED = "not_confirmed"


@dataclass(frozen=True, slots=True)
class MatchPolicy:
    """How near is near enough, and on how many frames.

    The default belongs to the mean of three frames, grey and mirrored on both sides; it is worth nothing for
    another pipeline. Weaker than 0.45 takes more than one in a hundred strangers: the kiosk refuses it.
    """

    threshold: float = DEFAULT_THRESHOLD
    probes: int = DEFAULT_PROBES

    def __post_init__(self) -> None:
        if not STRICTEST_THRESHOLD <= self.threshold <= WEAKEST_THRESHOLD:
            detail = f"face.threshold must be from {STRICTEST_THRESHOLD} to {WEAKEST_THRESHOLD}"
            raise ConfigurationError(FailureCode.CONFIG_INVALID, detail=detail)
        if not DEFAULT_PROBES <= self.probes <= MOST_PROBES:
            detail = f"face.probes must be from {DEFAULT_PROBES} to {MOST_PROBES}"
            raise ConfigurationError(FailureCode.CONFIG_INVALID, detail=detail)


def distance(reference: Embedding, probes: Sequence[Embedding]) -> float:
    """How far the mean of the probes is from the reference; for tools and tests, never for a log."""
    return float(np.linalg.norm(np.mean(np.stack(probes), axis=0) - reference))


def decide(reference: Embedding, probes: Sequence[Embedding], policy: MatchPolicy) -> Decision:
    """The decision on one try; too few probes, or numbers that are none, never confirm anybody."""
    if len(probes) < policy.probes:
        return Decision.NOT_CONFIRMED
    apart = distance(reference, probes)
    # written so that NaN confirms nobody
    return Decision.MATCH if apart <= policy.threshold else Decision.NOT_CONFIRMED
