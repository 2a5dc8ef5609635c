# SPDX-License-Identifier: Apache-2.0
"""Follows a face from frame to frame, and notices when it is another one or no longer alone."""

from __future__ import annotations

from typing import Final

from kiosk.auth.face.engine import WIDE_SEARCH_WIDTH, FaceBox, Grey
from kiosk.auth.face.view import Eyes, FrameView

WHOLE_EVERY: Final = 4
WIDE_EVERY: Final = 3
LONGEST_GAP_S: Final = 1.2
_LEAST_OVERLAP: Final = 0.3


class FaceTracker:
    """Searches around the last place, and all of the picture every fourth frame at the latest.

    It is the detector itself that looks around the last place, not a tracker of brightness: that would follow
    a wall as gladly as a face. So a face that has gone is missed in the same frame, and a second one is seen
    four frames later at most.

    Lives on: the face process's only thread.
    """

    def __init__(self, eyes: Eyes) -> None:
        self._eyes = eyes
        self._last: FaceBox | None = None
        self._last_at = 0.0
        self._near_only = 0
        self._missed = 0
        self._track = 0

    def forget(self) -> None:
        """The next frame is searched whole, and shows a face of its own."""
        self._last = None
        self._near_only = 0
        self._missed = 0

    def see(self, grey: Grey, taken_at: float) -> FrameView:
        """The frame with its faces."""
        faces = self._near(grey)
        whole = len(faces) != 1
        if whole:
            faces = self._eyes.find(grey)
            self._near_only = 0
        else:
            self._near_only += 1
        wide = not faces and self._missed % WIDE_EVERY == 0
        if wide:  # children, and people in wheelchairs, are small in the picture
            faces = self._eyes.find(grey, width=WIDE_SEARCH_WIDTH)
        self._missed = 0 if faces else self._missed + 1
        view = FrameView(self._eyes, grey, faces, taken_at, track=self._track, whole=whole, wide=wide)
        main = view.face
        if main is not None:
            if self._last is None or not self._follows(main, taken_at):
                self._track += 1
                view.track = self._track
            self._last, self._last_at = main, taken_at
        if len(faces) != 1:
            self._near_only = WHOLE_EVERY  # until it stands alone, all of the picture matters
        return view

    def _near(self, grey: Grey) -> tuple[FaceBox, ...]:
        if self._last is None or self._near_only >= WHOLE_EVERY - 1:
            return ()
        return self._eyes.find_near(grey, self._last)

    def _follows(self, face: FaceBox, taken_at: float) -> bool:
        last = self._last
        if last is None or not 0 <= taken_at - self._last_at <= LONGEST_GAP_S:
            return False
        return overlap(face, last) >= _LEAST_OVERLAP


def overlap(one: FaceBox, other: FaceBox) -> float:
    """What both cover, as a share of what either covers."""
    across = min(one.right, other.right) - max(one.left, other.left)
    down = min(one.bottom, other.bottom) - max(one.top, other.top)
    if across <= 0 or down <= 0:
        return 0.0
    both = across * down
    return both / (_area(one) + _area(other) - both)


def _area(box: FaceBox) -> int:
    return (box.right - box.left) * (box.bottom - box.top)
