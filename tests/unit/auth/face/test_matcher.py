# SPDX-License-Identifier: Apache-2.0
"""The decision."""

from __future__ import annotations

import json
from dataclasses import asdict

import numpy as np
import pytest
from numpy.typing import NDArray

from kiosk.auth.face.matcher import Decision, MatchPolicy, centred, decide, distance, policy_for
from kiosk.errors import ConfigurationError, FailureCode

CENTRE = tuple([0.5] + [0.0] * 127)
RULE = MatchPolicy(thresholds=(0.3, 0.28, 0.25, 0.24, 0.2), centre=CENTRE)
REFERENCE = np.zeros(128)
REFERENCE[:2] = 0.5, 1.0


def at(apart: float, length: float = 1.0) -> NDArray[np.float64]:
    """An embedding so far from the reference, seen from the centre."""
    vector = np.zeros(128)
    cosine = 1 - apart
    vector[:3] = 0.5, length * cosine, length * np.sqrt(1 - cosine**2)
    return vector


@pytest.mark.parametrize(
    ("apart", "probes", "decision"),
    [
        (0.0, 3, Decision.MATCH),
        (0.2499, 3, Decision.MATCH),
        (0.2501, 3, Decision.NOT_CONFIRMED),
        (0.2399, 4, Decision.MATCH),
        (0.2401, 4, Decision.NOT_CONFIRMED),
        (0.1999, 5, Decision.MATCH),
        (0.2001, 5, Decision.NOT_CONFIRMED),
        (0.2001, 9, Decision.NOT_CONFIRMED),
        (1.7, 3, Decision.NOT_CONFIRMED),
    ],
)
def test_each_number_of_frames_has_its_threshold(apart: float, probes: int, decision: Decision) -> None:
    assert decide(REFERENCE, [at(apart)] * probes, RULE) is decision


def test_it_is_the_direction_from_the_centre_that_counts() -> None:
    assert distance(REFERENCE, [at(0.2, length=0.1)] * 3, CENTRE) == pytest.approx(0.2)
    assert distance(REFERENCE, [at(0.2)] * 3, [0.0] * 128) != pytest.approx(0.2)


def test_it_is_the_mean_that_counts() -> None:
    aside, other = at(0.5), at(0.5)
    other[2] *= -1
    assert decide(REFERENCE, [aside, aside, aside], RULE) is Decision.NOT_CONFIRMED
    assert decide(REFERENCE, [aside, other, at(0.0)], RULE) is Decision.MATCH


def test_too_few_probes_confirm_nobody() -> None:
    assert decide(REFERENCE, [at(0.0)] * 2, RULE) is Decision.NOT_CONFIRMED
    assert decide(REFERENCE, [at(0.0)] * 4, MatchPolicy(probes=5)) is Decision.NOT_CONFIRMED


def test_numbers_that_are_none_confirm_nobody() -> None:
    assert decide(REFERENCE, [at(float("nan"))] * 3, RULE) is Decision.NOT_CONFIRMED
    nowhere = np.array(CENTRE)  # at the centre there is no direction
    with np.errstate(invalid="ignore"):
        assert decide(REFERENCE, [nowhere] * 3, RULE) is Decision.NOT_CONFIRMED


def test_nothing_handed_in_is_changed() -> None:
    reference, probe = REFERENCE.copy(), at(0.1)
    distance(reference, [probe, probe], CENTRE)
    assert np.array_equal(reference, REFERENCE)
    assert np.array_equal(probe, at(0.1))
    assert centred(np.stack([reference, probe]), CENTRE).shape == (2, 128)


@pytest.mark.parametrize("bad", [0.0, -0.1, 1.0, float("nan"), float("inf")])
def test_a_threshold_that_is_none_is_refused(bad: float) -> None:
    with pytest.raises(ConfigurationError) as raised:
        MatchPolicy(thresholds=(0.2, 0.2, 0.2, 0.2, bad))
    assert raised.value.code is FailureCode.CONFIG_INVALID
    with pytest.raises(ConfigurationError):
        MatchPolicy(thresholds=(0.2,))


@pytest.mark.parametrize("probes", [0, 1, 2, 6])
def test_fewer_than_three_frames_are_refused(probes: int) -> None:
    with pytest.raises(ConfigurationError):
        MatchPolicy(probes=probes)


def test_the_policy_reaches_the_face_process_unchanged() -> None:
    """The process is told by JSON; what decides there must be what was chosen here."""
    policy = policy_for("", 0.0003, 3)
    assert MatchPolicy(**json.loads(json.dumps(asdict(policy)))) == policy == MatchPolicy()


def test_a_stricter_rate_and_more_tries_are_stricter() -> None:
    usual, stricter, single = policy_for("", 3e-4, 3), policy_for("", 1e-4, 3), policy_for("", 3e-4, 1)
    for frames in range(1, 6):
        assert stricter.threshold(frames) < usual.threshold(frames) < single.threshold(frames)


@pytest.mark.parametrize("rate", [0.0034, 0.01, 1.0, 0.0, -1.0, float("nan")])
def test_a_rate_weaker_than_one_in_three_hundred_is_refused(rate: float) -> None:
    with pytest.raises(ConfigurationError) as raised:
        policy_for("", rate, 3)
    assert raised.value.code is FailureCode.CONFIG_INVALID
    assert "1 in 300" in raised.value.detail
    policy_for("", 1 / 300, 3)
