# SPDX-License-Identifier: Apache-2.0
"""The decision: is it the person on the card? Numbers only; no picture comes here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from kiosk.auth.face.calibration import (
    DEFAULT_TRIES,
    MOST_PROBES,
    SESSION_RATE,
    WEAKEST_SESSION_RATE,
    ThresholdTable,
    load_table,
    per_try,
    shipped_table,
)
from kiosk.errors import ConfigurationError, FailureCode

Embedding = NDArray[np.float64]

FEWEST_PROBES: Final = 3


class Decision(StrEnum):
    """There is no third answer: "another person" is nothing that a face distance can say."""

    MATCH = "match"
    NOT_CONFIRMED = "not_confirmed"


def _shipped_thresholds() -> tuple[float, ...]:
    return shipped_table().thresholds(per_try(SESSION_RATE, DEFAULT_TRIES))


def _shipped_centre() -> tuple[float, ...]:
    return shipped_table().centre


@dataclass(frozen=True, slots=True)
class MatchPolicy:
    """How near is near enough, for each number of frames, and what is subtracted before.

    Both come from a table of thresholds (`policy_for`), and are worth nothing for another pipeline than that
    table's. `probes` is how many frames a decision takes at least.
    """

    thresholds: tuple[float, ...] = field(default_factory=_shipped_thresholds)
    centre: tuple[float, ...] = field(default_factory=_shipped_centre)
    probes: int = FEWEST_PROBES

    def __post_init__(self) -> None:
        # the face process is told its policy as JSON, which has no tuples
        object.__setattr__(self, "thresholds", tuple(self.thresholds))
        object.__setattr__(self, "centre", tuple(self.centre))
        # written so that NaN is refused, too
        if len(self.thresholds) != MOST_PROBES or not all(0.0 < each < 1.0 for each in self.thresholds):
            detail = f"face thresholds must be {MOST_PROBES} numbers between 0 and 1"
            raise ConfigurationError(FailureCode.CONFIG_INVALID, detail=detail)
        if not FEWEST_PROBES <= self.probes <= MOST_PROBES:
            detail = f"face probes must be from {FEWEST_PROBES} to {MOST_PROBES}"
            raise ConfigurationError(FailureCode.CONFIG_INVALID, detail=detail)

    def threshold(self, probes: int) -> float:
        """How near is near enough where the mean is of so many frames."""
        return self.thresholds[min(probes, MOST_PROBES) - 1]


def policy_for(file: str, session_rate: float, tries: int) -> MatchPolicy:
    """The policy of a wanted false match rate a session; `file` names a table, nothing the shipped one.

    All tries of a session together stay below the rate: each gets its share of it, which holds however much
    the tries of one stranger resemble each other.
    """
    if not 0.0 < session_rate <= WEAKEST_SESSION_RATE:
        detail = "face.false_match_rate must not be weaker than 1 in 300 a reception"
        raise ConfigurationError(FailureCode.CONFIG_INVALID, detail=detail)
    table: ThresholdTable = load_table(file) if file else shipped_table()
    return MatchPolicy(table.thresholds(per_try(session_rate, tries)), table.centre)


def centred(embeddings: Embedding, centre: Sequence[float] | Embedding) -> Embedding:
    """Rows as directions from the centre, each of length one; a new array."""
    moved = np.asarray(embeddings - np.asarray(centre), dtype=np.float64)
    moved /= np.linalg.norm(moved, axis=-1, keepdims=True)
    return moved


def distance(reference: Embedding, probes: Sequence[Embedding], centre: Sequence[float]) -> float:
    """How far the mean of the probes is from the reference: 0 the same direction, 1 at a right angle.

    For the decision, for tools and tests; never for a log. What it computes with is overwritten.
    """
    pair = np.zeros((2, reference.shape[0]))
    pair[0] = reference
    for probe in probes:
        pair[1] += probe
    pair[1] /= len(probes)
    directions = centred(pair, centre)
    apart = 1.0 - float(directions[0] @ directions[1])
    pair.fill(0)
    directions.fill(0)
    return apart


def decide(reference: Embedding, probes: Sequence[Embedding], policy: MatchPolicy) -> Decision:
    """The decision on one try; too few probes, or numbers that are none, never confirm anybody."""
    if len(probes) < policy.probes:
        return Decision.NOT_CONFIRMED
    used = probes[:MOST_PROBES]
    apart = distance(reference, used, policy.centre)
    # written so that NaN confirms nobody
    return Decision.MATCH if apart <= policy.threshold(len(used)) else Decision.NOT_CONFIRMED
