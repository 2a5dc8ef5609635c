# SPDX-License-Identifier: Apache-2.0
"""What face verification tells reaches the try it is of, and no later one; what was asked is told back."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import cast

import numpy as np
import pytest

from kiosk.auth.face import results
from kiosk.auth.face.channel import Message, Verb
from kiosk.auth.face.process import FaceProcess
from kiosk.auth.face.session import FaceVerifier
from kiosk.camera.latest import LatestFrame
from kiosk.camera.ports import Frame
from kiosk.camera.thread import CameraThread
from kiosk.clock import SystemClock
from kiosk.errors import FailureCode
from kiosk.flow import effects as ef
from kiosk.flow import events as ev
from kiosk.runtime.face_effects import FaceEffects
from kiosk.runtime.vault import SessionVault
from kiosk.simulator.camera import SimulatedCamera


class _Verifier:
    def __init__(self) -> None:
        self.photos: list[bytes] = []
        self.tries = 0

    def begin(self, photo: bytearray) -> None:
        self.photos.append(bytes(photo))

    def start_try(self) -> None:
        self.tries += 1

    def stop_try(self) -> None:
        """Nothing goes on."""

    def shown(self, prompt: str) -> None:
        """Nobody waits for it."""

    def forget(self) -> None:
        """Nothing is kept."""


class _Camera:
    def __init__(self) -> None:
        self.on = False

    def want(self) -> None:
        self.on = True

    def unwant(self) -> None:
        self.on = False


class Kit:
    """Calls for the main thread wait until the test lets them run."""

    def __init__(self) -> None:
        self.vault, self.verifier, self.camera = SessionVault(), _Verifier(), _Camera()
        self.posted: list[ev.Event] = []
        self.waiting: deque[Callable[[], None]] = deque()
        self.face = FaceEffects(
            cast("FaceVerifier", self.verifier),
            cast("CameraThread", self.camera),
            self.vault,
            self.posted.append,
            self.waiting.append,
        )

    def session(self, number: int) -> None:
        self.vault.open(number, str(number))
        self.vault.photo = bytearray(b"photo %d" % number)
        self.face.perform(ef.StartFace(session_no=number))

    def main_thread(self) -> None:
        while self.waiting:
            self.waiting.popleft()()


@pytest.fixture
def kit() -> Kit:
    return Kit()


@pytest.mark.parametrize(
    ("result", "event"),
    [
        (results.Matched(), ev.FaceMatched(session_no=1)),
        (results.NotConfirmed(), ev.FaceNotConfirmed(session_no=1)),
        (results.NotShown(), ev.MovementNotShown(session_no=1)),
        (results.Doubted(), ev.LivenessDoubted(session_no=1)),
        (results.Hint(None), ev.FaceHinted(session_no=1, hint="")),
        (results.Progress(2, 6), ev.FaceProgressed(session_no=1, good_frames=2, frames_wanted=6)),
        (results.Asked("turn_left"), ev.FaceAsked(session_no=1, challenge="turn_left")),
        (
            results.Unavailable(FailureCode.CAMERA_BLACK),
            ev.FaceUnavailable(session_no=1, code=FailureCode.CAMERA_BLACK),
        ),
    ],
)
def test_a_result_is_told_in_its_session_and_in_no_other(
    kit: Kit, result: results.FaceResult, event: ev.Event
) -> None:
    kit.session(1)
    kit.face.hear(result)
    kit.main_thread()
    assert kit.posted == [event]
    kit.posted.clear()
    kit.face.hear(result)  # on its way while the first patient ends and the second one begins
    kit.face.forget()
    kit.session(2)
    kit.main_thread()
    assert kit.posted == []
    assert kit.verifier.photos == [b"photo 1", b"photo 2"]


def test_a_result_of_the_try_before_is_not_one_of_the_next(kit: Kit) -> None:
    kit.session(1)
    kit.face.hear(results.Matched())
    kit.face.perform(ef.StopFace(session_no=1))
    kit.face.perform(ef.StartFace(session_no=1))
    kit.main_thread()
    assert kit.posted == []


def test_the_try_begins_once_the_photo_was_read_and_the_camera_is_on_no_longer(kit: Kit) -> None:
    kit.session(1)
    assert kit.camera.on
    kit.face.hear(results.ReferenceReady())
    kit.main_thread()
    assert kit.verifier.tries == 1
    kit.face.stop()
    assert not kit.camera.on


def test_without_a_photo_there_is_no_try(kit: Kit) -> None:
    kit.vault.open(1, "1")
    kit.face.perform(ef.StartFace(session_no=1))
    assert kit.posted == [ev.FaceUnavailable(session_no=1, code=FailureCode.PHOTO_NOT_OPENED)]
    assert not kit.camera.on


def test_a_prompt_counts_from_when_the_screen_has_it() -> None:
    clock, box, told = SystemClock(), LatestFrame(), list[ev.Event]()
    process, vault = FaceProcess(clock), SessionVault()

    def hear(result: results.FaceResult) -> None:
        face.hear(result)

    verifier = FaceVerifier(box, process, hear, clock)
    camera = CameraThread(SimulatedCamera(clock), box, lambda _code: None)
    face = FaceEffects(verifier, camera, vault, told.append, lambda work: work())
    vault.hold_photo(b"a photo")
    assert face.perform(ef.StartFace(session_no=4))
    verifier.start_try()
    current = verifier._try
    assert current is not None
    picture = np.zeros((2, 2, 3), dtype=np.uint8)
    before = Frame(picture, 1, clock.monotonic())
    verifier._hear(Message(Verb.SEEN, current.ticket, prompt="turn_left"))
    after = Frame(picture, 2, clock.monotonic())
    assert ev.FaceAsked(session_no=4, challenge="turn_left") in told
    assert [verifier.asked_at(frame.taken_at) for frame in (before, after)] == ["", "turn_left"]
    face.forget()
    assert verifier.asked_at(after.taken_at) == ""
    assert verifier.join()
