# SPDX-License-Identifier: Apache-2.0
"""The adapter around OpenCV's capture, without a camera."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from kiosk.camera.capture import V4l2Camera
from kiosk.camera.ports import CameraError
from kiosk.clock import SystemClock
from kiosk.errors import FailureCode


class FakeCapture:
    """Stands in for `cv2.VideoCapture`."""

    opens = True
    pictures = 2
    device: Path | None = None

    def __init__(self, *_: object) -> None:
        self.settings: dict[int, float] = {}
        self.released = False
        self.left = self.pictures

    def isOpened(self) -> bool:  # noqa: N802  # OpenCV's name
        return self.opens

    def set(self, key: int, value: float) -> bool:
        self.settings[key] = value
        return True

    def read(self) -> tuple[bool, NDArray[np.uint8] | None]:
        if self.left == 0:
            if self.device is not None:
                self.device.unlink(missing_ok=True)
            return False, None
        self.left -= 1
        return True, np.zeros((2, 2, 3), np.uint8)

    def release(self) -> None:
        self.released = True


@pytest.fixture
def device(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "video0"
    path.touch()
    monkeypatch.setattr(cv2, "VideoCapture", FakeCapture)
    monkeypatch.setattr(FakeCapture, "opens", True)
    monkeypatch.setattr(FakeCapture, "device", None)
    return path


def failure(camera: V4l2Camera, step: str) -> FailureCode:
    with pytest.raises(CameraError) as raised:
        getattr(camera, step)()
    return raised.value.code


def test_no_such_device(tmp_path: Path) -> None:
    assert failure(V4l2Camera(SystemClock(), str(tmp_path / "none")), "open") is FailureCode.CAMERA_MISSING


def test_a_device_somebody_else_has(device: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FakeCapture, "opens", False)
    assert failure(V4l2Camera(SystemClock(), str(device)), "open") is FailureCode.CAMERA_BUSY


def test_a_real_capture_of_no_camera_is_busy_and_says_nothing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    plain_file = tmp_path / "video7"
    plain_file.touch()
    assert failure(V4l2Camera(SystemClock(), str(plain_file)), "open") is FailureCode.CAMERA_BUSY
    assert capfd.readouterr() == ("", "")


def test_frames_are_numbered_and_an_empty_device_is_silent(device: Path) -> None:
    camera = V4l2Camera(SystemClock(), str(device))
    camera.open()
    assert [camera.read().sequence, camera.read().sequence] == [1, 2]
    assert failure(camera, "read") is FailureCode.CAMERA_NO_FRAMES


def test_a_device_that_goes_away_is_missing(device: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FakeCapture, "device", device)
    camera = V4l2Camera(SystemClock(), str(device))
    camera.open()
    camera.read(), camera.read()
    assert failure(camera, "read") is FailureCode.CAMERA_MISSING


def test_closing_twice_is_fine_and_reading_after_it_is_not(device: Path) -> None:
    camera = V4l2Camera(SystemClock(), str(device))
    camera.open()
    camera.close()
    camera.close()
    assert failure(camera, "read") is FailureCode.CAMERA_NO_FRAMES


def test_a_bare_number_names_a_device() -> None:
    assert V4l2Camera(SystemClock(), "2").name == "/dev/video2"
