# SPDX-License-Identifier: Apache-2.0
"""A real camera, through Video4Linux and OpenCV."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from kiosk.camera.ports import CameraError, Frame
from kiosk.clock import Clock
from kiosk.errors import FailureCode

_READ_LIMIT_MS: Final = 3000
_EMPTY_READS: Final = 5


class V4l2Camera:
    """A device such as ``/dev/video0``, at the wished size and rate as far as it can.

    Lives on: the camera thread.
    """

    def __init__(
        self, clock: Clock, device: str = "/dev/video0", size: tuple[int, int] = (1280, 720), fps: int = 30
    ) -> None:
        self._clock = clock
        self._device = Path(f"/dev/video{device}" if device.isdigit() else device)
        self._size = size
        self._fps = fps
        self._capture: cv2.VideoCapture | None = None
        self._sequence = 0

    @property
    def name(self) -> str:
        """The device's path."""
        return str(self._device)

    def open(self) -> None:
        """Take the device; raises `CameraError` when it is missing or somebody else has it."""
        if not self._device.exists():
            raise CameraError(FailureCode.CAMERA_MISSING, detail=self.name)
        if not os.access(self._device, os.R_OK | os.W_OK):
            raise CameraError(FailureCode.CAMERA_BUSY, detail=f"{self.name}: no permission")
        # OpenCV tells of every failed try on standard error; the code says it already
        cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
        capture = cv2.VideoCapture(
            self.name,
            cv2.CAP_V4L2,
            [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, _READ_LIMIT_MS, cv2.CAP_PROP_READ_TIMEOUT_MSEC, _READ_LIMIT_MS],
        )
        if not capture.isOpened():
            capture.release()
            raise CameraError(FailureCode.CAMERA_BUSY, detail=self.name)
        # compressed pictures: most cameras reach 720p at 30 a second over USB 2 in no other way
        capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, self._size[0])
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, self._size[1])
        capture.set(cv2.CAP_PROP_FPS, self._fps)
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        self._capture = capture

    def read(self) -> Frame:
        """The next picture; raises `CameraError` when the device has gone or gives nothing."""
        if self._capture is None:
            raise CameraError(FailureCode.CAMERA_NO_FRAMES, detail=f"{self.name}: not open")
        for _ in range(_EMPTY_READS):
            taken, image = self._capture.read()
            if taken and image.size:
                self._sequence += 1
                return Frame(np.asarray(image, dtype=np.uint8), self._sequence, self._clock.monotonic())
            if not self._device.exists():
                raise CameraError(FailureCode.CAMERA_MISSING, detail=self.name)
        raise CameraError(FailureCode.CAMERA_NO_FRAMES, detail=self.name)

    def close(self) -> None:
        """Let go of the device."""
        if self._capture is not None:
            self._capture.release()
            self._capture = None
