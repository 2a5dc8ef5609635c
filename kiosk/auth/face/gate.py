# SPDX-License-Identifier: Apache-2.0
"""The quality gate from frame to frame: what one frame alone cannot tell."""

from __future__ import annotations

from typing import Final

import numpy as np

from kiosk.auth.face.engine import FaceBox, Grey, Landmarks
from kiosk.auth.face.quality import FaceHint, Finder, QualityLimits, judge

LOOK_FURTHER_EVERY: Final = 3
EYES_PATIENCE_S: Final = 2.5
_SHORTEST_STEP_S: Final = 0.02
_LONGEST_STEP_S: Final = 0.6


class QualityGate:
    """Judges frame after frame of one try.

    Only every third frame without a face is searched for small and leaning ones. Somebody whose eyes have
    looked closed for so long simply has such eyes, and is asked no more.

    Lives on: the face process's only thread. Of a frame it keeps where the eyes were, and nothing else.
    """

    def __init__(self, limits: QualityLimits) -> None:
        self._limits = limits
        self._without_face = 0
        self._closed_at: float | None = None
        self._eyes: tuple[float, float] | None = None
        self._eyes_at = 0.0

    def begin(self) -> None:
        """A new try: the next frame has none before it."""
        self._without_face = 0
        self._closed_at = None
        self._eyes = None

    def judge(self, finder: Finder, grey: Grey, taken_at: float) -> FaceBox | FaceHint:
        """The face to compare, or the one thing to put right first."""
        patient = self._closed_at is not None and taken_at - self._closed_at >= EYES_PATIENCE_S
        look_wide = self._without_face % LOOK_FURTHER_EVERY == 0
        found = judge(finder, grey, self._limits, look_wide=look_wide, eyes_matter=not patient)
        self._without_face = self._without_face + 1 if found is FaceHint.NO_FACE else 0
        if found is FaceHint.EYES_CLOSED:
            self._closed_at = taken_at if self._closed_at is None else self._closed_at
        elif not patient:
            self._closed_at = None
        if not isinstance(found, FaceBox):
            return found
        return FaceHint.MOVING if self._moving(finder.landmarks(grey, found), found, taken_at) else found

    def _moving(self, points: Landmarks, face: FaceBox, taken_at: float) -> bool:
        """Whether the eyes have gone further since the last good frame than those of somebody who stands."""
        left = (points.left_eye_outer, points.left_eye_inner)
        right = (points.right_eye_inner, points.right_eye_outer)
        x, y = (float(value) for value in np.mean((*left, *right), axis=0))
        before, seconds = self._eyes, taken_at - self._eyes_at
        self._eyes, self._eyes_at = (x, y), taken_at
        if before is None or not _SHORTEST_STEP_S <= seconds <= _LONGEST_STEP_S:
            return False
        way = float(np.hypot(x - before[0], y - before[1]))
        return way / max(1, face.width) / seconds > self._limits.speed
