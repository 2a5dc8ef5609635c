# SPDX-License-Identifier: Apache-2.0
"""What stands before the simulated camera, and how it moves: a person who does as asked, or a picture."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from kiosk.simulator.patients.drawing import Pose
from kiosk.simulator.patients.shown import Hold

_REACTION_S: Final = 0.35
_MOVE_S: Final = 0.4
_BLINK_EVERY_S: Final = 3.7
_BLINK_LASTS_S: Final = 0.3


class Presence(StrEnum):
    """What there is of a person."""

    PERSON = "person"
    STILL = "still"  # somebody who cannot move as the screen asks
    PRINT = "print"  # a printed photo, held up
    SCREEN = "screen"  # a phone that shows a clip of the person
    FROZEN = "frozen"  # one picture, fed in place of the camera
    LOOP = "loop"  # a clip, fed in place of the camera, over and over


@dataclass(frozen=True, slots=True)
class Offset:
    """How far somebody has moved from their own way of standing."""

    yaw: float = 0.0
    nearer: float = 0.0
    gaze: float = 0.0


STRAIGHT: Final = Offset()

# By what the screen asks for. A person's left is the picture's right.
_DONE_AS_ASKED: Final[Mapping[str, Offset]] = {
    "turn_left": Offset(yaw=24.0),
    "turn_right": Offset(yaw=-24.0),
    "come_closer": Offset(nearer=0.2),
    "look_left": Offset(gaze=1.0),
    "look_right": Offset(gaze=-1.0),
}


@dataclass(frozen=True, slots=True)
class Acting:
    """A movement from where somebody was to what was asked for, since `begun`."""

    origin: Offset = STRAIGHT
    goal: Offset = STRAIGHT
    begun: float = -1e9

    def asked(self, what: str, now: float) -> Acting:
        """Something else is asked for; nothing of it, and they look ahead again."""
        goal = _DONE_AS_ASKED.get(what, STRAIGHT)
        return self if goal == self.goal else Acting(self.at(now), goal, now)

    def at(self, now: float) -> Offset:
        """Where they are."""
        share = min(1.0, max(0.0, (now - self.begun - _REACTION_S) / _MOVE_S))
        eased = share * share * (3 - 2 * share)

        def between(one: float, other: float) -> float:
            return one + (other - one) * eased

        return Offset(
            between(self.origin.yaw, self.goal.yaw),
            between(self.origin.nearer, self.goal.nearer),
            between(self.origin.gaze, self.goal.gaze),
        )


def alive(pose: Pose, now: float, sequence: int, moved: Offset = STRAIGHT) -> Pose:
    """The pose with what was asked for, and the small movement that nobody can keep from making."""
    since_blink = now % _BLINK_EVERY_S
    blink = max(0.0, 1 - abs(since_blink / _BLINK_LASTS_S * 2 - 1))
    return replace(
        pose,
        yaw=pose.yaw + moved.yaw + 2.5 * math.sin(now * 0.9),
        blink=max(pose.blink, blink),
        distance=pose.distance * (1 - moved.nearer) * (1 + 0.012 * math.sin(now * 0.7)),
        dx=pose.dx + 0.006 * math.sin(now * 1.3),
        dy=pose.dy + 0.004 * math.sin(now * 1.9),
        gaze=pose.gaze + moved.gaze,
        seed=sequence,
    )


def held(pose: Pose, now: float, sequence: int) -> Hold:
    """A hand that holds a picture up, and is not as still as a head."""
    return Hold(
        yaw=pose.yaw + 7.0 * math.sin(now * 1.1),
        pitch=4.0 * math.sin(now * 0.8),
        roll=2.0 + 1.5 * math.sin(now * 0.6),
        dx=pose.dx + 0.016 * math.sin(now * 1.7),
        dy=pose.dy + 0.008 * math.sin(now * 1.3),
        nearness=1 / pose.distance,
        light=pose.light,
        seed=sequence,
    )
