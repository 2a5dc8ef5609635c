# SPDX-License-Identifier: Apache-2.0
"""The number is given when two pictures agree, and never else."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from kiosk.camera.latest import LatestFrame
from kiosk.camera.ports import Frame
from kiosk.camera.thread import CameraThread
from kiosk.clock import SystemClock
from kiosk.reader.surface.ports import SurfaceHint
from kiosk.reader.surface.reader import CameraSurface
from kiosk.secret import Secret
from kiosk.simulator.patients.people import patient
from kiosk.simulator.surface_card.face import draw_card, face_of
from kiosk.simulator.surface_card.scene import SurfaceScene
from tests.fakes.clock import FakeClock

ONE, OTHER = b"51032720301029", b"51032720301020"
Said = bytes | SurfaceHint


class Camera:
    """Camera and box: as many pictures as wanted, at once."""

    def __init__(self, pictures: int = 100) -> None:
        self.pictures = pictures
        self.wanted: list[bool] = []
        self.given: list[NDArray[np.uint8]] = []

    def want(self) -> None:
        self.wanted.append(True)

    def unwant(self) -> None:
        self.wanted.append(False)

    def wait_closed(self, timeout_s: float) -> bool:
        return True

    def wait_newer(self, than: int, timeout_s: float) -> Frame | None:
        if len(self.given) >= self.pictures:
            return None
        self.given.append(np.full((4, 4, 3), 200, dtype=np.uint8))
        return Frame(self.given[-1], than + 1, 0.0)


class Pictures:
    """Says what it is told to say, picture by picture."""

    def __init__(self, said: Sequence[Said | Exception]) -> None:
        self.said = list(said)
        self.secrets: list[Secret] = []

    def read(self, frame: NDArray[np.uint8], today: date) -> Secret | SurfaceHint:
        now = self.said.pop(0)
        if isinstance(now, Exception):
            raise now
        if isinstance(now, SurfaceHint):
            return now
        self.secrets.append(Secret.of(now))
        return self.secrets[-1]


def read(*said: Said) -> tuple[bytes | None, SurfaceHint | None, Pictures, Camera]:
    camera, pictures = Camera(len(said)), Pictures(said)
    surface = CameraSurface(camera, camera, pictures, FakeClock())
    fields = surface.read()
    assert camera.wanted == [True, False]
    assert all(not image.any() for image in camera.given)
    number = None if fields is None else bytes(fields.number_b.view())
    if fields is not None:
        fields.clear()
    assert all(len(secret) == 0 for secret in pictures.secrets)
    return number, surface.hint, pictures, camera


def test_two_that_agree() -> None:
    number, hint, _, camera = read(ONE, ONE, OTHER)
    assert (number, hint) == (ONE, None)
    assert len(camera.given) == 2


def test_two_that_do_not() -> None:
    assert read(ONE, OTHER, OTHER, OTHER)[:2] == (None, SurfaceHint.DISAGREE)


def test_one_reading_is_none() -> None:
    assert read(ONE)[:2] == (None, SurfaceHint.DISAGREE)
    assert read(ONE, SurfaceHint.GLARE)[:2] == (None, SurfaceHint.DISAGREE)


def test_a_bad_picture_in_between_does_not_matter() -> None:
    assert read(SurfaceHint.NO_CARD, ONE, SurfaceHint.BLURRED, ONE)[0] == ONE


@pytest.mark.parametrize("hint", SurfaceHint)
def test_the_last_hint_says_what_to_do(hint: SurfaceHint) -> None:
    assert read(SurfaceHint.NO_CARD, *[hint] * 5)[:2] == (None, hint)


def test_gregorian_is_believed_twice_and_ends_it() -> None:
    number, hint, _, camera = read(SurfaceHint.GREGORIAN, SurfaceHint.GREGORIAN, ONE, ONE)
    assert (number, hint) == (None, SurfaceHint.GREGORIAN)
    assert len(camera.given) == 2
    assert read(SurfaceHint.GREGORIAN, ONE, ONE)[:2] == (None, SurfaceHint.DISAGREE)


def test_no_picture_and_no_time() -> None:
    assert read()[:2] == (None, SurfaceHint.NO_PICTURE)
    camera = Camera()
    surface = CameraSurface(camera, camera, Pictures([]), FakeClock(), time_limit_s=0)
    assert surface.read() is None
    assert surface.hint is SurfaceHint.NO_PICTURE


@given(st.lists(st.sampled_from([ONE, OTHER, *SurfaceHint]), max_size=8))
def test_a_number_is_given_only_when_read_twice_and_never_contradicted(said: list[Said]) -> None:
    number, hint, pictures, _ = read(*said)
    looked_at = said[: len(said) - len(pictures.said)]
    if number is None:
        assert hint is not None
    else:
        assert [one for one in looked_at if isinstance(one, bytes)] == [number, number]


def test_a_failure_puts_the_camera_out_and_leaves_no_digit() -> None:
    camera, pictures = Camera(), Pictures([ONE, ValueError("x")])
    with pytest.raises(ValueError, match="x"):
        CameraSurface(camera, camera, pictures, FakeClock()).read()
    assert camera.wanted == [True, False]
    assert len(pictures.secrets[0]) == 0


def test_nothing_read_is_told_to_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    read(ONE, OTHER)
    read(ONE, ONE)
    assert "disagree" in caplog.text
    for digits in ("510327", "1029", "1020"):
        assert digits not in caplog.text


@pytest.mark.expect_log("kiosk.camera: .*CAM-001")
def test_with_the_camera_thread_of_the_kiosk() -> None:
    clock = SystemClock()
    scene = SurfaceScene(clock, period_s=0.01)
    scene.lay(draw_card(face_of(patient("hanako"), date(2026, 6, 1))))
    box = LatestFrame()
    thread = CameraThread(scene, box, lambda _: None)
    thread.start()
    try:
        surface = CameraSurface(thread, box, Pictures([ONE, ONE]), clock, time_limit_s=60, frame_wait_s=30)
        fields = surface.read()
        assert fields is not None
        assert not thread.camera_open
        scene.plug(plugged=False)
        surface = CameraSurface(thread, box, Pictures([]), clock, time_limit_s=0.1)
        assert surface.read() is None
        assert surface.hint is SurfaceHint.NO_PICTURE
    finally:
        thread.stop()
        assert thread.join()
