# SPDX-License-Identifier: Apache-2.0
"""What a person is asked to do, in an order that nobody can know, and whether they did it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median
from typing import Final, Protocol

from kiosk.auth.face.liveness.samples import Sample


class Challenge(StrEnum):
    """One thing to do; left and right are the person's own."""

    TURN_LEFT = "turn_left"
    TURN_RIGHT = "turn_right"
    COME_CLOSER = "come_closer"
    LOOK_LEFT = "look_left"
    LOOK_RIGHT = "look_right"


TURNS: Final = (Challenge.TURN_LEFT, Challenge.TURN_RIGHT)
LOOKS: Final = (Challenge.LOOK_LEFT, Challenge.LOOK_RIGHT)


class Answer(StrEnum):
    """How a challenge stands."""

    WAITING = "waiting"
    RIGHT = "right"
    WRONG = "wrong"  # a movement, but another one
    LATE = "late"


class Chance(Protocol):
    """Where the choice comes from: the system's own randomness, or a test's."""

    def choice(self, seq: Sequence[Challenge], /) -> Challenge:
        """One of them."""
        ...

    def random(self) -> float:
        """From 0 to below 1."""
        ...


@dataclass(frozen=True, slots=True)
class ChallengeLimits:
    """How much of a movement counts. See docs/face.md, "Liveness", for where the figures come from."""

    within_s: float = 3.0
    reaction_s: float = 0.15  # nobody moves as asked sooner than that: it was moving already
    turn: float = 0.18  # a little turn, some 15 degrees; unasked swaying stays below 0.1
    closer: float = 1.12  # the eyes so many times as far apart: half a hand nearer
    gaze: float = 0.15  # of half an eye's width; its jitter has a deviation of 0.045
    in_a_row: int = 2  # so that one wrongly placed point is no answer


@dataclass(frozen=True, slots=True)
class Baseline:
    """How this person looks straight ahead: every movement is measured from here."""

    turn: float
    gaze: float | None
    span: float


def baseline_of(samples: Sequence[Sample]) -> Baseline:
    """The middle of some frames of somebody who looks ahead."""
    gazes = [sample.gaze for sample in samples if sample.gaze is not None]
    return Baseline(
        turn=median(sample.turn for sample in samples),
        gaze=median(gazes) if len(gazes) == len(samples) else None,
        span=median(sample.span for sample in samples),
    )


def choose(
    chance: Chance, asked: Sequence[Challenge], *, turn_shown: bool, left: int, eyes_seen: bool
) -> Challenge:
    """The next thing to ask for: never one that was asked already, and a turn as the last if none was shown.

    Only a turn shows depth; the others alone could be done with a picture.
    """
    fresh = [each for each in Challenge if each not in asked and (eyes_seen or each not in LOOKS)]
    turns = [each for each in fresh if each in TURNS] or list(TURNS)
    others = [each for each in fresh if each not in TURNS]
    if not others or (not turn_shown and (left <= 1 or chance.random() < 1 / 2)):
        return chance.choice(turns)
    return chance.choice(others if turn_shown else fresh)


def answer_of(
    challenge: Challenge, asked_at: float, base: Baseline, samples: Sequence[Sample], limits: ChallengeLimits
) -> Answer:
    """How a challenge stands after the frames since it was asked."""
    right = wrong = 0
    for sample in samples:
        if sample.at - asked_at > limits.within_s:
            return Answer.LATE
        reach = _reach(challenge, base, sample, limits)
        right, wrong = (right + 1 if reach >= 1 else 0), (wrong + 1 if reach <= -1 else 0)
        if max(right, wrong) < limits.in_a_row:
            continue
        if sample.at - asked_at < limits.reaction_s:
            return Answer.WRONG
        return Answer.RIGHT if right else Answer.WRONG
    return Answer.WAITING


def _reach(challenge: Challenge, base: Baseline, sample: Sample, limits: ChallengeLimits) -> float:
    """How much of the movement there is: 1 is enough, -1 is enough of the opposite."""
    match challenge:
        case Challenge.TURN_LEFT:  # a person's left is the picture's right
            return (sample.turn - base.turn) / limits.turn
        case Challenge.TURN_RIGHT:
            return (base.turn - sample.turn) / limits.turn
        case Challenge.COME_CLOSER:
            return (sample.span / base.span - 1) / (limits.closer - 1)
        case Challenge.LOOK_LEFT | Challenge.LOOK_RIGHT:
            if sample.gaze is None or base.gaze is None:
                return 0.0
            sign = 1 if challenge is Challenge.LOOK_LEFT else -1
            return sign * (sample.gaze - base.gaze) / limits.gaze
