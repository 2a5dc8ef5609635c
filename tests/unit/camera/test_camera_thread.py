# SPDX-License-Identifier: Apache-2.0
"""The camera thread, the newest-frame box and the preview."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from kiosk.camera.latest import LatestFrame
from kiosk.camera.ports import CameraError, Frame
from kiosk.camera.preview import preview
from kiosk.camera.thread import CameraThread
from kiosk.errors import FailureCode

WAIT_S = 5.0
ROOM = np.full((480, 640, 3), 90, np.uint8)


class FakeCamera:
    """Gives frames as long as nothing is set to fail."""

    name = "fake"

    def __init__(self) -> None:
        self.open_failure: FailureCode | None = None
        self.read_failure: FailureCode | None = None
        self.surprise: Exception | None = None
        self.image = ROOM
        self.per_second = 30
        self.opened = 0
        self.closed = 0
        self.sequence = 0
        self._pace = threading.Event()

    def open(self) -> None:
        if self.open_failure:
            raise CameraError(self.open_failure)
        self.opened += 1

    def read(self) -> Frame:
        self._pace.wait(0.002)
        if self.surprise:
            raise self.surprise
        if self.read_failure:
            raise CameraError(self.read_failure)
        self.sequence += 1
        return Frame(self.image, self.sequence, self.sequence / self.per_second)

    def close(self) -> None:
        self.closed += 1


class Statuses:
    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.all: list[FailureCode | None] = []

    def __call__(self, code: FailureCode | None) -> None:
        with self.changed:
            self.all.append(code)
            self.changed.notify_all()

    def until(self, wanted: Callable[[list[FailureCode | None]], bool]) -> bool:
        with self.changed:
            return self.changed.wait_for(lambda: wanted(self.all), WAIT_S)


@pytest.fixture
def camera() -> FakeCamera:
    return FakeCamera()


@pytest.fixture
def box() -> LatestFrame:
    return LatestFrame()


@pytest.fixture
def statuses() -> Statuses:
    return Statuses()


@pytest.fixture
def thread(camera: FakeCamera, box: LatestFrame, statuses: Statuses) -> Iterator[CameraThread]:
    running = CameraThread(camera, box, statuses, retry_s=0.01)
    running.start()
    yield running
    running.stop()
    assert running.join(WAIT_S)


def test_the_camera_stays_off_until_it_is_wanted(thread: CameraThread, camera: FakeCamera) -> None:
    assert not thread.camera_open
    assert camera.opened == 0


def test_frames_come_while_wanted_and_the_light_goes_off_after(
    thread: CameraThread, camera: FakeCamera, box: LatestFrame
) -> None:
    thread.want()
    first = box.wait_newer(0, WAIT_S)
    assert first is not None
    assert box.wait_newer(first.sequence, WAIT_S) is not None
    assert thread.camera_open
    thread.unwant()
    assert thread.wait_closed(WAIT_S)
    assert camera.closed == 1


def test_nobodys_picture_stays_in_the_box(thread: CameraThread, box: LatestFrame) -> None:
    thread.want()
    assert box.wait_newer(0, WAIT_S)
    thread.unwant()
    assert thread.wait_closed(WAIT_S)
    thread.stop()
    assert thread.join(WAIT_S)
    assert box.get() is None


@pytest.mark.expect_log("CAM-001")
def test_a_missing_camera_is_told_once_and_found_again(
    thread: CameraThread, camera: FakeCamera, box: LatestFrame, statuses: Statuses
) -> None:
    camera.open_failure = FailureCode.CAMERA_MISSING
    thread.want()
    assert statuses.until(lambda told: told == [FailureCode.CAMERA_MISSING])
    camera.open_failure = None
    assert box.wait_newer(0, WAIT_S)
    assert statuses.until(lambda told: told[-1] is None)
    assert statuses.all == [FailureCode.CAMERA_MISSING, None]


@pytest.mark.expect_log("CAM-003")
def test_a_camera_that_falls_silent_is_closed_and_tried_again(
    thread: CameraThread, camera: FakeCamera, box: LatestFrame, statuses: Statuses
) -> None:
    thread.want()
    assert box.wait_newer(0, WAIT_S)
    camera.read_failure = FailureCode.CAMERA_NO_FRAMES
    assert statuses.until(lambda told: FailureCode.CAMERA_NO_FRAMES in told)
    camera.read_failure = None
    assert statuses.until(lambda told: told[-1] is None and len(told) == 3)
    assert camera.opened >= 2


@pytest.mark.expect_log("CAM-003", "RuntimeError")
def test_a_drivers_surprise_does_not_end_the_thread_nor_reach_the_log(
    thread: CameraThread, camera: FakeCamera, statuses: Statuses, caplog: pytest.LogCaptureFixture
) -> None:
    camera.surprise = RuntimeError("pixels of 試験　花子")
    thread.want()
    assert statuses.until(lambda told: told == [FailureCode.CAMERA_NO_FRAMES])
    camera.surprise = None
    assert statuses.until(lambda told: told[-1] is None)
    assert "花子" not in caplog.text


@pytest.mark.expect_log("CAM-007")
def test_a_covered_lens_is_told_and_the_camera_stays_on_until_it_is_uncovered(
    thread: CameraThread, camera: FakeCamera, statuses: Statuses
) -> None:
    camera.image = np.zeros_like(ROOM)
    thread.want()
    assert statuses.until(lambda told: told[-1:] == [FailureCode.CAMERA_BLACK])
    camera.image = ROOM
    assert statuses.until(lambda told: told[-1] is None)
    assert camera.opened == 1


@pytest.mark.expect_log("CAM-005")
def test_a_slow_camera_is_logged_and_goes_on(
    thread: CameraThread,
    camera: FakeCamera,
    box: LatestFrame,
    statuses: Statuses,
    caplog: pytest.LogCaptureFixture,
) -> None:
    camera.per_second = 5
    thread.want()
    assert box.wait_newer(60, WAIT_S)
    assert statuses.all == [None]
    assert caplog.text.count("CAM-005") == 1


def test_whoever_wants_pictures_again_is_told_again(thread: CameraThread, statuses: Statuses) -> None:
    thread.want()
    assert statuses.until(lambda told: told == [None])
    thread.unwant()
    assert thread.wait_closed(WAIT_S)
    thread.want()
    assert statuses.until(lambda told: told == [None, None])


def test_the_box_holds_only_the_newest() -> None:
    box = LatestFrame()
    for number in (1, 2, 3):
        box.put(Frame(np.zeros((1, 1, 3), np.uint8), number, 0.0))
    newest = box.wait_newer(1, 0)
    assert newest is not None
    assert newest.sequence == 3
    assert box.wait_newer(3, 0.01) is None


def test_a_frame_does_not_print_its_picture() -> None:
    assert repr(Frame(np.full((2, 2, 3), 77, np.uint8), 9, 0.0)) == "Frame(9)"


def test_the_preview_is_mirrored_rgb_and_of_the_wished_size() -> None:
    image = np.zeros((720, 1280, 3), np.uint8)
    image[:, :640] = (255, 0, 0)  # blue on the left half
    shown = preview(Frame(image, 1, 0.0), (360, 480))
    assert shown.shape == (480, 360, 3)
    assert shown.flags["C_CONTIGUOUS"]
    assert tuple(shown[240, 20]) == (0, 0, 0)
    assert tuple(shown[240, 340]) == (0, 0, 255)


def test_a_picture_taller_than_the_preview_is_cropped_and_not_squeezed() -> None:
    image = np.zeros((400, 200, 3), np.uint8)
    image[100:300] = 255
    shown = preview(Frame(image, 1, 0.0), (100, 100))
    assert shown.min() > 250
