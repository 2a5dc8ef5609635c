# SPDX-License-Identifier: Apache-2.0
"""Where the eyes look, sideways: how far the dark of the iris lies from the middle of the eye."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.auth.face.engine import Grey, Landmarks

Point = tuple[float, float]

_WIDE: Final = 48
_HIGH: Final = 20
_SMALLEST_EYE: Final = 14.0
"""Pixels between the corners; below it the iris is some three pixels wide and its middle is guessed."""
_DARK_SHARE: Final = 0.22
"""The iris and the pupil are about a fifth of what lies between the lids and the corners."""


def gaze_of(grey: Grey, points: Landmarks) -> float | None:
    """The mean over both eyes, -1 at the left corner of each, 1 at the right; None where it is not seen."""
    eyes = (
        (points.left_eye_outer, points.left_eye_inner),
        (points.right_eye_inner, points.right_eye_outer),
    )
    found = [_one_eye(grey, left, right) for left, right in eyes]
    seen = [each for each in found if each is not None]
    return sum(seen) / len(seen) if len(seen) == len(eyes) else None


def _one_eye(grey: Grey, left: Point, right: Point) -> float | None:
    axis = np.subtract(right, left)
    length = float(np.hypot(axis[0], axis[1]))
    if length < _SMALLEST_EYE:
        return None
    eye = _upright(grey, left, right, length)
    edge = np.quantile(eye, _DARK_SHARE)
    weight = np.clip(edge - eye.astype(np.float64), 0, None)
    total = float(weight.sum())
    if total <= 0:
        return None
    middle = float((weight.sum(axis=0) * np.arange(_WIDE)).sum()) / total
    return 2 * middle / (_WIDE - 1) - 1


def _upright(grey: Grey, left: Point, right: Point, length: float) -> NDArray[np.uint8]:
    """The eye between its corners, brought to one size and level."""
    scale = _WIDE / length
    cos, sin = (right[0] - left[0]) / length * scale, (right[1] - left[1]) / length * scale
    turn = np.array(
        [
            [cos, sin, -cos * left[0] - sin * left[1]],
            [-sin, cos, sin * left[0] - cos * left[1] + _HIGH / 2],
        ]
    )
    eye = cv2.warpAffine(grey, turn, (_WIDE, _HIGH), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(eye, dtype=np.uint8)
