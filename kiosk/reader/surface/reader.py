# SPDX-License-Identifier: Apache-2.0
"""The camera over the reader, as a reader of the card's printed face."""

from __future__ import annotations

import hmac
import logging
from datetime import date
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from kiosk.camera.ports import Frame
from kiosk.clock import Clock, tokyo_date
from kiosk.reader.surface.ports import PrintedFields, SurfaceHint
from kiosk.secret import Secret

LOG = logging.getLogger("kiosk.reader.surface")

TIME_LIMIT_S: Final = 8.0
MOST_FRAMES: Final = 6
FRAME_WAIT_S: Final = 3.0
_CLOSED_S: Final = 2.0


class SurfaceCamera(Protocol):
    """The thread that owns the camera: `CameraThread`."""

    def want(self) -> None:
        """Pictures are wanted from now on."""
        ...

    def unwant(self) -> None:
        """No more pictures are wanted."""
        ...

    def wait_closed(self, timeout_s: float) -> bool:
        """Wait until the camera is let go of."""
        ...


class FrameBox(Protocol):
    """Where that thread puts its pictures: `LatestFrame`."""

    def wait_newer(self, than: int, timeout_s: float) -> Frame | None:
        """The next picture with a higher number; None when the time is over."""
        ...


class PictureReader(Protocol):
    """What reads one picture: `FaceReader`."""

    def read(self, frame: NDArray[np.uint8], today: date) -> Secret | SurfaceHint:
        """The fourteen digits, which whoever asked for them clears, or why there are none."""
        ...


class CameraSurface:
    """A `SurfaceReader` that looks at the card through a camera.

    The number is given only when readings of two different pictures agree in all fourteen digits; a picture
    that says otherwise ends it. The camera is on for that time only. Its pictures have no other reader, so
    each is overwritten once it was looked at.

    Lives on: any thread but the main one; one `read` at a time.
    """

    def __init__(
        self,
        camera: SurfaceCamera,
        box: FrameBox,
        pictures: PictureReader,
        clock: Clock,
        *,
        time_limit_s: float = TIME_LIMIT_S,
        most_frames: int = MOST_FRAMES,
        frame_wait_s: float = FRAME_WAIT_S,
    ) -> None:
        self._camera = camera
        self._box = box
        self._pictures = pictures
        self._clock = clock
        self._time_limit_s = time_limit_s
        self._most_frames = most_frames
        self._frame_wait_s = frame_wait_s
        self._hint: SurfaceHint | None = None

    @property
    def hint(self) -> SurfaceHint | None:
        """Why the last `read` gave nothing, which says what to do."""
        return self._hint

    def read(self) -> PrintedFields | None:
        """The printed fields, or None where two pictures did not agree on them in time."""
        self._hint = None
        self._camera.want()
        try:
            result = self._two_that_agree()
        finally:
            self._camera.unwant()
            self._camera.wait_closed(_CLOSED_S)
        if isinstance(result, SurfaceHint):
            self._hint = result
            LOG.info("printed face not read: %s", result.value)
            return None
        return PrintedFields(result)

    def _two_that_agree(self) -> Secret | SurfaceHint:
        first: Secret | None = None
        hint, gregorian = SurfaceHint.NO_PICTURE, 0
        sequence = -1
        end = self._clock.monotonic() + self._time_limit_s
        try:
            for _ in range(self._most_frames):
                left_s = end - self._clock.monotonic()
                frame = (
                    self._box.wait_newer(sequence, min(left_s, self._frame_wait_s)) if left_s > 0 else None
                )
                if frame is None:
                    break
                sequence = frame.sequence
                read = self._look_at(frame)
                if isinstance(read, SurfaceHint):
                    hint = read
                    gregorian += read is SurfaceHint.GREGORIAN
                    if gregorian == 2:
                        return hint
                    continue
                if first is None:
                    first = read
                    continue
                with read:
                    if gregorian or not _same(first, read):
                        return SurfaceHint.DISAGREE
                agreed, first = first, None
                return agreed
            return SurfaceHint.DISAGREE if first is not None else hint
        finally:
            if first is not None:
                first.clear()

    def _look_at(self, frame: Frame) -> Secret | SurfaceHint:
        try:
            return self._pictures.read(frame.image, tokyo_date(self._clock.now()))
        finally:
            if frame.image.flags.writeable:
                frame.image.fill(0)


def _same(one: Secret, other: Secret) -> bool:
    with one.view() as left, other.view() as right:
        return hmac.compare_digest(left, right)
