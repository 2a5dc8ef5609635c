# SPDX-License-Identifier: Apache-2.0
"""What is kept of one frame for the liveness check: a few numbers, and small pieces that are overwritten."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.auth.face.engine import FaceBox, Grey, Landmarks
from kiosk.auth.face.liveness.border import Border, border_of
from kiosk.auth.face.liveness.depth import Patch, patch_of
from kiosk.auth.face.liveness.gaze import gaze_of
from kiosk.auth.face.liveness.ripple import ripple_of
from kiosk.auth.face.measures import turn_of

_THUMB = (48, 27)


@dataclass(frozen=True, slots=True)
class Surround:
    """What is looked for round the face and on it, which is dear, and so not in every frame."""

    border: Border | None
    ripple: float


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """One frame with one face.

    `at` is monotonic seconds of the camera; `eyes` the middle between them and `span` the distance of their
    outer corners, in pixels; `turn` and `gaze` from -1 to 1, positive towards the right of the picture;
    `stamp` is the same only for the same picture, and `thumb` a picture of it in 48 × 27 grey values.
    """

    at: float
    eyes: tuple[float, float]
    span: float
    face_width: float
    turn: float
    gaze: float | None
    surround: Surround | None
    stamp: int
    thumb: NDArray[np.float32] = field(repr=False)
    patch: Patch = field(repr=False)

    def wipe(self) -> None:
        """Overwrite what is a picture."""
        self.thumb.fill(0)
        self.patch.wipe()


def sample_of(at: float, grey: Grey, box: FaceBox, points: Landmarks, *, surround: bool = True) -> Sample:
    """Measure a frame; `surround` has the dear part done, too."""
    left, right = np.array(points.left_eye_outer), np.array(points.right_eye_outer)
    middle = (left + right) / 2
    thumb = cv2.resize(grey, _THUMB, interpolation=cv2.INTER_AREA)
    return Sample(
        at=at,
        eyes=(float(middle[0]), float(middle[1])),
        span=float(np.linalg.norm(right - left)),
        face_width=float(box.width),
        turn=turn_of(points),
        gaze=gaze_of(grey, points),
        surround=Surround(border_of(grey, box), ripple_of(grey, box)) if surround else None,
        stamp=zlib.crc32(grey[::3, ::3].tobytes()),
        thumb=np.array(thumb, dtype=np.float32),
        patch=patch_of(grey, box),
    )
