# SPDX-License-Identifier: Apache-2.0
"""A box for the newest picture."""

from __future__ import annotations

import threading

from kiosk.camera.ports import Frame


class LatestFrame:
    """Holds one frame, the newest; whoever is slow misses some and never falls behind.

    Safe to use from any thread.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._frame: Frame | None = None

    def put(self, frame: Frame) -> None:
        """Replace what is in the box."""
        with self._changed:
            self._frame = frame
            self._changed.notify_all()

    def get(self) -> Frame | None:
        """The newest frame; it stays in the box."""
        with self._changed:
            return self._frame

    def wait_newer(self, than: int, timeout_s: float) -> Frame | None:
        """Wait for a frame with a higher sequence number; None when the time is over."""
        with self._changed:
            self._changed.wait_for(lambda: self._frame is not None and self._frame.sequence > than, timeout_s)
            frame = self._frame
        return frame if frame is not None and frame.sequence > than else None

    def clear(self) -> None:
        """Empty the box: nobody's picture outlives their session."""
        with self._changed:
            self._frame = None
