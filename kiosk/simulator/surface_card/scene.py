# SPDX-License-Identifier: Apache-2.0
"""A camera over the reader, on which drawn cards are laid."""

from __future__ import annotations

import threading
from typing import Final

from kiosk.camera.ports import CameraError, Frame
from kiosk.clock import Clock
from kiosk.errors import FailureCode
from kiosk.simulator.surface_card.face import PrintedCard
from kiosk.simulator.surface_card.spoiling import CLEAN, Spoiling, empty_reader, spoil

_PERIOD_S: Final = 0.1


class SurfaceScene:
    """A camera port that draws what lies on the reader.

    `open`, `read` and `close` belong to the camera thread; all else may be called from any thread.
    """

    def __init__(self, clock: Clock, *, period_s: float = _PERIOD_S) -> None:
        self._clock = clock
        self._period_s = period_s
        self._changed = threading.Condition()
        self._lying: tuple[PrintedCard, Spoiling] | None = None
        self._plugged = True
        self._open = False
        self._sequence = 0
        self._due = 0.0

    @property
    def name(self) -> str:
        """What diagnostics show."""
        return "simulated surface camera"

    def lay(self, card: PrintedCard, spoiling: Spoiling = CLEAN) -> None:
        """That card is laid on the reader, so."""
        with self._changed:
            self._lying = card, spoiling

    def take(self) -> None:
        """The reader is empty."""
        with self._changed:
            self._lying = None

    def plug(self, *, plugged: bool) -> None:
        """The camera is put back, or pulled out."""
        with self._changed:
            self._plugged = plugged
            self._changed.notify_all()

    def open(self) -> None:
        """Take the camera."""
        with self._changed:
            self._raise_if_unplugged()
            self._open = True
            self._due = self._clock.monotonic()

    def read(self) -> Frame:
        """The next picture, at the camera's own pace."""
        with self._changed:
            wait_s = self._due - self._clock.monotonic()
            if wait_s > 0:
                self._changed.wait_for(lambda: not self._plugged or not self._open, wait_s)
            self._raise_if_unplugged()
            if not self._open:
                raise CameraError(FailureCode.CAMERA_NO_FRAMES, detail=self.name)
            now = self._clock.monotonic()
            self._due = max(self._due + self._period_s, now)
            self._sequence += 1
            lying, sequence = self._lying, self._sequence
        image = empty_reader(sequence) if lying is None else spoil(*lying, moment=sequence)
        return Frame(image, sequence, now)

    def close(self) -> None:
        """Let go of the camera."""
        with self._changed:
            self._open = False
            self._changed.notify_all()

    def _raise_if_unplugged(self) -> None:
        if not self._plugged:
            raise CameraError(FailureCode.CAMERA_MISSING, detail=self.name)
