# SPDX-License-Identifier: Apache-2.0
"""The effects that need the camera and the face process, and their results as events."""

from __future__ import annotations

from collections.abc import Callable

from kiosk.auth.face import results
from kiosk.auth.face.session import FaceVerifier
from kiosk.camera.thread import CameraThread
from kiosk.errors import FailureCode
from kiosk.flow import effects as ef
from kiosk.flow import events as ev
from kiosk.runtime.ports import Post
from kiosk.runtime.vault import SessionVault


class FaceEffects:
    """Starts and stops tries at the face.

    Lives on: main thread; `hear` and `camera_status` only pass on what other threads tell.
    """

    def __init__(
        self,
        verifier: FaceVerifier,
        camera: CameraThread,
        vault: SessionVault,
        post: Post,
        to_main_thread: Callable[[Callable[[], None]], None],
    ) -> None:
        self._verifier = verifier
        self._camera = camera
        self._vault = vault
        self._post = post
        self._to_main_thread = to_main_thread
        self._trying = 0
        self._begun = 0  # how many tries; a result of an earlier one is none of this one

    def perform(self, effect: ef.Effect) -> bool:
        """Begin or end a try."""
        match effect:
            case ef.StartFace(session_no=number):
                self._start(number)
            case ef.StopFace():
                self.stop()
            case _:
                return False
        return True

    def _start(self, number: int) -> None:
        photo = self._vault.photo
        if photo is None:
            self._post(ev.FaceUnavailable(session_no=number, code=FailureCode.PHOTO_NOT_OPENED))
            return
        self._verifier.stop_try()  # what is told from here on is of the new one
        self._begun += 1
        self._trying = number
        self._camera.want()
        self._verifier.begin(photo)

    def stop(self) -> None:
        """End the try under way; the camera goes off."""
        self._trying = 0
        self._verifier.stop_try()
        self._camera.unwant()

    def forget(self) -> None:
        """End the try, and have photo, frames and numbers overwritten."""
        self.stop()
        self._verifier.forget()

    def hear(self, result: results.FaceResult) -> None:
        """What face verification tells, on whichever thread."""
        begun = self._begun
        self._to_main_thread(lambda: self._heard(result, begun))

    def camera_status(self, code: FailureCode | None) -> None:
        """What the camera tells, on its thread."""
        if code is not None:
            self._to_main_thread(lambda: self._camera_failed(code))

    def _camera_failed(self, code: FailureCode) -> None:
        if self._trying:
            self._post(ev.FaceUnavailable(session_no=self._trying, code=code))

    def _heard(self, result: results.FaceResult, begun: int) -> None:
        number = self._trying
        if not number or begun != self._begun:
            return
        match result:
            case results.ReferenceReady():
                self._verifier.start_try()
            case results.ReferenceRejected(code) | results.Unavailable(code):
                self._post(ev.FaceUnavailable(session_no=number, code=code))
            case results.Hint(hint):
                self._post(ev.FaceHinted(session_no=number, hint=hint.value if hint else ""))
            case results.Progress(good, wanted):
                self._post(ev.FaceProgressed(session_no=number, good_frames=good, frames_wanted=wanted))
            case results.Asked(prompt):
                self._post(ev.FaceAsked(session_no=number, challenge=prompt))
                self._verifier.shown(prompt)
            case results.Matched():
                self._post(ev.FaceMatched(session_no=number))
            case results.NotConfirmed():
                self._post(ev.FaceNotConfirmed(session_no=number))
            case results.NotShown():
                self._post(ev.MovementNotShown(session_no=number))
            case results.Doubted():
                self._post(ev.LivenessDoubted(session_no=number))
            case results.Available():
                pass
