# SPDX-License-Identifier: Apache-2.0
"""The camera that draws."""

from __future__ import annotations

import numpy as np
import pytest

from kiosk.camera.ports import BgrImage, Camera, CameraError
from kiosk.clock import SystemClock
from kiosk.errors import FailureCode
from kiosk.simulator.camera import SimulatedCamera
from kiosk.simulator.stances import Device

SMALL = (320, 180)


@pytest.fixture
def camera() -> SimulatedCamera:
    return SimulatedCamera(SystemClock(), size=SMALL, fps=200)


def failure_on_reading(camera: Camera) -> FailureCode:
    with pytest.raises(CameraError) as raised:
        camera.read()
    return raised.value.code


def test_its_light_is_on_while_somebody_holds_it(camera: SimulatedCamera) -> None:
    seen = [camera.light_on]
    camera.open()
    seen.append(camera.light_on)
    camera.close()
    camera.close()
    seen.append(camera.light_on)
    assert seen == [False, True, False]


def test_frames_are_numbered_and_show_who_stands_there(camera: SimulatedCamera) -> None:
    camera.open()
    nobody = camera.read()
    camera.stand("goro")
    somebody = camera.read()
    camera.two("goro", "yuki")
    both = camera.read()
    camera.leave()
    left = camera.read()
    assert [frame.sequence for frame in (nobody, somebody, both, left)] == [1, 2, 3, 4]

    def difference(first: BgrImage, second: BgrImage) -> float:
        return float(np.mean(np.abs(first.astype(int) - second)))

    assert difference(nobody.image, somebody.image) > 8
    assert difference(somebody.image, both.image) > 8
    assert difference(nobody.image, left.image) < 5


def test_people_move_a_little(camera: SimulatedCamera) -> None:
    camera.open()
    camera.stand("hanako")
    assert not np.array_equal(camera.read().image, camera.read().image)


def test_the_light_in_the_room(camera: SimulatedCamera) -> None:
    camera.open()
    bright = camera.read().image.mean()
    camera.light(0.2)
    assert camera.read().image.mean() < bright * 0.4


def test_pulled_out_and_put_back(camera: SimulatedCamera) -> None:
    camera.open()
    camera.become(Device.UNPLUGGED)
    assert failure_on_reading(camera) is FailureCode.CAMERA_MISSING
    camera.close()
    with pytest.raises(CameraError):
        camera.open()
    camera.become(Device.WELL)
    camera.open()
    assert camera.read().sequence == 1


def test_taken_by_another_program(camera: SimulatedCamera) -> None:
    camera.become(Device.BUSY)
    with pytest.raises(CameraError) as raised:
        camera.open()
    assert raised.value.code is FailureCode.CAMERA_BUSY


def test_frozen_or_never_opened_gives_nothing(camera: SimulatedCamera) -> None:
    assert failure_on_reading(camera) is FailureCode.CAMERA_NO_FRAMES
    camera.open()
    camera.become(Device.SILENT)
    assert failure_on_reading(camera) is FailureCode.CAMERA_NO_FRAMES


def test_the_person_turns_steps_back_and_aside(camera: SimulatedCamera) -> None:
    camera.turn(20)
    camera.step(2)
    camera.aside(0.2)
    pose = camera.scene.pose
    assert (pose.yaw, pose.distance, pose.dx) == (20, 2, 0.2)
