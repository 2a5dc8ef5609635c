# SPDX-License-Identifier: Apache-2.0
"""Pictures that are no good, mountings, and devices with no lens behind them."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from kiosk.camera.device import identify, is_virtual, read_capability
from kiosk.camera.health import BLACK_S, CameraHealth, CameraSample, is_black, sampled, trouble_of
from kiosk.camera.mounting import mounted
from kiosk.camera.ports import Frame
from kiosk.errors import FailureCode

WISHED = (1280, 720)
ROOM = np.full((720, 1280, 3), 90, np.uint8)


def noise(level: float) -> NDArray[np.uint8]:
    return np.clip(np.random.default_rng(1).normal(level, 2, (720, 1280, 3)), 0, 255).astype(np.uint8)


def test_a_covered_lens_is_black_and_a_dark_room_is_not() -> None:
    assert is_black(noise(4))
    room = noise(8)
    room[100:200, 200:300] = 60  # a lamp in the corridor
    assert not is_black(room)


@pytest.mark.parametrize(
    ("sample", "code"),
    [
        (CameraSample(30, 1.0, 1280, 720), None),
        (CameraSample(30, 1.0, 720, 1280), None),
        (CameraSample(10, 2.0, 1280, 720), FailureCode.CAMERA_SLOW),
        (CameraSample(30, 1.0, 640, 480), FailureCode.CAMERA_SMALL),
        (CameraSample(5, 1.0, 640, 480, black=True), FailureCode.CAMERA_BLACK),
        (CameraSample(0, 1.0), FailureCode.CAMERA_NO_FRAMES),
    ],
)
def test_the_first_thing_a_technician_should_know(sample: CameraSample, code: FailureCode | None) -> None:
    assert trouble_of(sample, WISHED) is code


def test_a_small_picture_that_was_asked_for_is_no_trouble() -> None:
    assert trouble_of(CameraSample(30, 1.0, 640, 360), (640, 360)) is None


def test_black_pictures_are_told_after_a_while_and_forgotten_with_the_first_light() -> None:
    health = CameraHealth()
    black = noise(3)
    assert health.see(Frame(black, 1, 10.0)) is None
    assert health.see(Frame(black, 2, 10.1 + BLACK_S)) is FailureCode.CAMERA_BLACK
    assert health.see(Frame(ROOM, 3, 10.2 + BLACK_S)) is None


def test_pictures_too_small_for_a_face_are_told_at_once() -> None:
    tiny = np.full((240, 320, 3), 90, np.uint8)
    assert CameraHealth().see(Frame(tiny, 1, 0.0)) is FailureCode.CAMERA_SMALL


@pytest.mark.parametrize(("per_second", "slow"), [(5, True), (25, False)])
def test_five_pictures_a_second_are_told_once(per_second: int, *, slow: bool) -> None:
    health, told = CameraHealth(), []
    for number in range(8 * per_second):
        health.see(Frame(ROOM, number, number / per_second))
        told.append(health.newly_slow())
    assert sum(told) == slow


def test_a_sample_has_the_size_of_the_pictures() -> None:
    assert sampled(Frame(ROOM, 9, 1.0), 28, 1.0) == CameraSample(28, 1.0, 1280, 720, black=False)


class Still:
    """A camera with one picture: its upper left corner is white."""

    name = "still"

    def __init__(self) -> None:
        self.open_now = False

    def open(self) -> None:
        self.open_now = True

    def read(self) -> Frame:
        image = np.zeros((2, 3, 3), np.uint8)
        image[0, 0] = 255
        return Frame(image, 7, 1.5)

    def close(self) -> None:
        self.open_now = False


@pytest.mark.parametrize(
    ("rotation", "mirrored", "shape", "corner"),
    [
        (0, True, (2, 3), (0, 2)),
        (90, False, (3, 2), (0, 1)),
        (180, False, (2, 3), (1, 2)),
        (270, False, (3, 2), (2, 0)),
        (180, True, (2, 3), (1, 0)),
    ],
)
def test_pictures_are_set_upright(
    rotation: int, shape: tuple[int, int], corner: tuple[int, int], *, mirrored: bool
) -> None:
    still = Still()
    camera = mounted(still, rotation, mirrored=mirrored)
    assert camera.name == "still"
    camera.open()
    assert still.open_now
    frame = camera.read()
    assert frame.image.shape[:2] == shape
    assert frame.image[corner].tolist() == [255, 255, 255]
    assert (frame.sequence, frame.taken_at) == (7, 1.5)
    camera.close()
    assert not still.open_now


def test_a_camera_that_hangs_straight_is_used_as_it_is() -> None:
    still = Still()
    assert mounted(still, 0, mirrored=False) is still


def sysfs(folder: Path, place: str, name: str, driver: str) -> Path:
    """A part of the kernel's files about one device, ``video3``."""
    device = folder / "devices" / place / "video4linux" / "video3"
    device.mkdir(parents=True)
    (device / "name").write_text(name + "\n")
    if driver:
        drivers = folder / "bus" / "drivers" / driver
        drivers.mkdir(parents=True)
        (device / "device").mkdir()
        (device / "device" / "driver").symlink_to(drivers)
    listed = folder / "class" / "video4linux"
    listed.mkdir(parents=True)
    (listed / "video3").symlink_to(device)
    return listed


@pytest.mark.parametrize(
    ("place", "name", "driver", "virtual"),
    [
        ("pci0000:00/usb1/1-2", "HD Webcam: HD Webcam", "uvcvideo", False),
        ("virtual", "Front Desk Camera", "", True),  # v4l2loopback under a harmless name
        ("platform/vivid.0", "vivid-000-vid-cap", "vivid", True),
    ],
)
def test_a_device_by_the_kernels_files(
    tmp_path: Path, place: str, name: str, driver: str, *, virtual: bool
) -> None:
    listed = sysfs(tmp_path, place, name, driver)
    by_id = tmp_path / "by-id"
    by_id.symlink_to(tmp_path / "video3")  # as /dev/v4l/by-id names a camera
    for device in (str(tmp_path / "video3"), str(by_id)):
        found = identify(device, listed)
        assert (found.card, found.driver, found.virtual) == (name, driver, virtual)


def test_a_device_that_is_not_there_is_nothing() -> None:
    found = identify("/nowhere/video9", Path("/nowhere"))
    assert (found.card, found.driver, found.virtual) == ("", "", False)


def test_the_drivers_own_answer_is_read() -> None:
    bus = "platform:v4l2loopback-000"
    answer = struct.pack("16s32s32s4I3I", b"v4l2 loopback", b"OBS Camera", bus.encode(), *range(7))
    found = read_capability(answer)
    assert (found.driver, found.card, found.bus) == ("v4l2 loopback", "OBS Camera", bus)
    assert is_virtual(found.card, found.driver, found.bus)
    assert not is_virtual("HD Webcam", "uvcvideo", "usb-0000:00:14.0-2")
