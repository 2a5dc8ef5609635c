# SPDX-License-Identifier: Apache-2.0
"""A drawn person does what the screen asks for; a picture of one does not."""

from __future__ import annotations

import numpy as np
import pytest

from kiosk.clock import SystemClock
from kiosk.simulator.acting import STRAIGHT, Acting, Presence, alive
from kiosk.simulator.camera import Scene, SimulatedCamera, _drawn
from kiosk.simulator.patients.drawing import Pose

SMALL = (320, 180)


@pytest.mark.parametrize(
    ("asked", "moved"),
    [
        ("turn_left", "yaw"),
        ("turn_right", "yaw"),
        ("come_closer", "nearer"),
        ("look_left", "gaze"),
        ("look_right", "gaze"),
    ],
)
def test_what_is_asked_is_done_in_time_and_undone(asked: str, moved: str) -> None:
    acting = Acting().asked(asked, 10.0)
    assert acting.at(10.2) == STRAIGHT  # nobody reacts at once
    assert getattr(acting.at(11.0), moved) != 0
    assert acting.asked(asked, 11.0) is acting
    back = acting.asked("", 12.0)
    assert getattr(back.at(12.1), moved) != 0
    assert back.at(13.0) == STRAIGHT


def test_a_persons_left_is_the_pictures_right() -> None:
    moved = Acting().asked("turn_left", 0.0).at(2.0)
    assert alive(Pose(), 2.0, 1, moved).yaw > 15
    assert alive(Pose(), 2.0, 1, Acting().asked("look_right", 0.0).at(2.0)).gaze < 0


@pytest.mark.parametrize("presence", [each for each in Presence if each is not Presence.PERSON])
def test_a_picture_does_not_hear_what_is_asked(presence: Presence) -> None:
    still = Scene(people=("hanako",), presence=presence)
    asked = Scene(people=("hanako",), presence=presence, acting=Acting().asked("turn_left", 0.0))
    assert np.array_equal(_drawn(still, 5.0, 3, 0.1, SMALL), _drawn(asked, 5.0, 3, 0.1, SMALL))


def test_a_frozen_picture_is_the_same_bit_for_bit() -> None:
    frozen = Scene(people=("hanako",), presence=Presence.FROZEN)
    assert np.array_equal(_drawn(frozen, 5.0, 3, 0.1, SMALL), _drawn(frozen, 6.0, 9, 0.1, SMALL))


def test_the_camera_tells_the_person(clocked_camera: SimulatedCamera) -> None:
    clocked_camera.stand("hanako")
    clocked_camera.asked("turn_left")
    assert clocked_camera.scene.acting.goal.yaw > 0
    clocked_camera.asked("")
    assert clocked_camera.scene.acting.goal == STRAIGHT


@pytest.fixture
def clocked_camera() -> SimulatedCamera:
    return SimulatedCamera(SystemClock(), size=SMALL)
