# SPDX-License-Identifier: Apache-2.0
"""The camera thread: reads pictures while somebody wants them, and finds a lost camera again."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Final

import cv2

from kiosk.camera.health import CameraHealth
from kiosk.camera.latest import LatestFrame
from kiosk.camera.ports import Camera, CameraError
from kiosk.errors import FailureCode

LOG = logging.getLogger("kiosk.camera")

RETRY_S: Final = 1.0

StatusCallback = Callable[[FailureCode | None], None]


class CameraThread:
    """Owns the camera: opened when pictures are wanted, closed at once when not, so that its light is honest.

    Built and steered from any thread; the camera itself is touched on the camera thread only, and so is
    `on_status` called: with a code when the camera fails, with None when pictures come (again).
    """

    def __init__(
        self, camera: Camera, box: LatestFrame, on_status: StatusCallback, *, retry_s: float = RETRY_S
    ) -> None:
        self._camera = camera
        self._box = box
        self._on_status = on_status
        self._retry_s = retry_s
        self._changed = threading.Condition()
        self._wanted = False
        self._stopping = False
        self._open = False
        self._reported: FailureCode | None = None
        self._told = False
        self._thread = threading.Thread(target=self._run, name="camera", daemon=True)

    @property
    def camera_open(self) -> bool:
        """Whether the device is held, which is when its light is on."""
        with self._changed:
            return self._open

    def start(self) -> None:
        """Start the thread; the camera stays off."""
        self._thread.start()

    def want(self) -> None:
        """Pictures are wanted from now on."""
        self._set_wanted(wanted=True)

    def unwant(self) -> None:
        """No more pictures are wanted: the camera is closed and the box emptied, by the camera thread."""
        self._set_wanted(wanted=False)

    def wait_closed(self, timeout_s: float) -> bool:
        """Wait until the device is let go; False when the time is over."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._open, timeout_s)

    def stop(self) -> None:
        """Ask the thread to end."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()

    def join(self, timeout_s: float = 5.0) -> bool:
        """Wait for the thread's end; False when it did not come in time."""
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _set_wanted(self, *, wanted: bool) -> None:
        with self._changed:
            self._wanted = wanted
            self._changed.notify_all()

    def _goes_on(self) -> bool:
        with self._changed:
            return self._wanted and not self._stopping

    def _run(self) -> None:
        # pictures are small: helpers that first have to get a processor make a busy machine slower
        cv2.setNumThreads(1)
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._wanted or self._stopping)
                if self._stopping:
                    return
            self._told = False  # whoever wants pictures now hears how it stands, even if it is as before
            while self._goes_on():
                problem = self._read_while_wanted()
                self._box.clear()
                if problem is not None:
                    self._report(problem)
                    with self._changed:
                        self._changed.wait_for(lambda: not self._wanted or self._stopping, self._retry_s)

    def _read_while_wanted(self) -> FailureCode | None:
        try:
            self._camera.open()
            self._set_open(is_open=True)
            health = CameraHealth()
            while self._goes_on():
                frame = self._camera.read()
                self._box.put(frame)
                self._report(health.see(frame))
                if health.newly_slow():  # receptions go on with it
                    LOG.warning("camera %s: %s", self._camera.name, FailureCode.CAMERA_SLOW.value)
        except CameraError as error:
            return error.code
        except Exception as error:  # a driver's surprise must not end the thread
            LOG.error("camera driver failed: %s", type(error).__name__)  # noqa: TRY400  # no exception text in logs
            return FailureCode.CAMERA_NO_FRAMES
        finally:
            self._camera.close()
            self._set_open(is_open=False)
        return None

    def _set_open(self, *, is_open: bool) -> None:
        with self._changed:
            self._open = is_open
            self._changed.notify_all()

    def _report(self, code: FailureCode | None) -> None:
        if self._told and code == self._reported:
            return
        if code is not None:
            LOG.warning("camera %s: %s", self._camera.name, code.value)
        elif self._reported is not None:
            LOG.info("camera %s is back", self._camera.name)
        self._reported, self._told = code, True
        self._on_status(code)
