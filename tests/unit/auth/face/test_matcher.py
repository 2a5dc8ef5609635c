# SPDX-License-Identifier: Apache-2.0
"""The decision."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from kiosk.auth.face.matcher import Decision, MatchPolicy, decide, distance
from kiosk.errors import ConfigurationError, FailureCode

REFERENCE = np.zeros(128)


def at(apart: float) -> NDArray[np.float64]:
    vector = np.zeros(128)
    vector[5] = apart
    return vector


@pytest.mark.parametrize(
    ("apart", "decision"), [(0.0, Decision.MATCH), (0.345, Decision.MATCH), (0.3451, Decision.NOT_CONFIRMED)]
)
def test_the_default_threshold(apart: float, decision: Decision) -> None:
    assert decide(REFERENCE, [at(apart)] * 3, MatchPolicy()) is decision


def test_it_is_the_mean_that_counts() -> None:
    assert distance(REFERENCE, [at(0.2), at(0.3), at(0.4)]) == pytest.approx(0.3)
    assert decide(REFERENCE, [at(0.5), at(0.3), at(0.1)], MatchPolicy()) is Decision.MATCH


def test_too_few_probes_confirm_nobody() -> None:
    assert decide(REFERENCE, [at(0.0)] * 2, MatchPolicy()) is Decision.NOT_CONFIRMED


def test_numbers_that_are_none_confirm_nobody() -> None:
    assert decide(REFERENCE, [at(float("nan"))] * 3, MatchPolicy()) is Decision.NOT_CONFIRMED


@pytest.mark.parametrize("threshold", [0.2, 0.4501, 0.6, float("nan"), float("inf")])
def test_a_threshold_out_of_range_is_refused(threshold: float) -> None:
    with pytest.raises(ConfigurationError) as raised:
        MatchPolicy(threshold=threshold)
    assert raised.value.code is FailureCode.CONFIG_INVALID


@pytest.mark.parametrize("probes", [0, 1, 2, 6])
def test_fewer_than_three_frames_are_refused(probes: int) -> None:
    with pytest.raises(ConfigurationError):
        MatchPolicy(probes=probes)
