# SPDX-License-Identifier: Apache-2.0
"""Whether a face that turns has depth: the points of a head do not move as those of any flat picture do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.auth.face.engine import FaceBox, Grey

Points = NDArray[np.float32]

_FRAME_WIDTH: Final = 640
"""All frames are followed at this width, so that a jumping box does not look like a jumping face."""
_SIDE: Final = 352
_MOST_POINTS: Final = 120
_LEAST_CORNER: Final = 0.003  # of the strongest: smooth skin, as children have it, shows weak ones only
_APART_PX: Final = 4
FEWEST_POINTS: Final = 20
"""A homography has eight unknowns and takes four points; four times as many again have to contradict it."""
_BACK_AND_FORTH_PX: Final = 0.8
_PERCENTILE: Final = 85
"""Of the distances to the plane: the nose and the cheeks are a good third of the points, lost ones few."""


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """A face and what is round it, cut from the frame at `_FRAME_WIDTH`; `left` and `top` say where.

    `face` is the face's middle, half its width and half its height, in the patch.
    """

    image: Grey = field(repr=False)
    left: int
    top: int
    face: tuple[float, float, float, float]

    def wipe(self) -> None:
        """Overwrite the picture."""
        self.image.fill(0)


def patch_of(grey: Grey, box: FaceBox) -> Patch:
    """Cut a face out; what lies beyond the frame repeats its edge."""
    scale = _FRAME_WIDTH / grey.shape[1]
    x, y = box.centre[0] * scale, box.centre[1] * scale
    left, top = round(x) - _SIDE // 2, round(y) - _SIDE // 2
    cut = np.array([[scale, 0, (scale - 1) / 2 - left], [0, scale, (scale - 1) / 2 - top]])
    soft = cv2.blur(grey, (2, 2)) if scale < 0.75 else grey
    image = cv2.warpAffine(soft, cut, (_SIDE, _SIDE), borderMode=cv2.BORDER_REPLICATE)
    half = box.width * scale / 2, (box.bottom - box.top) * scale / 2
    return Patch(np.array(image, dtype=np.uint8), left, top, (x - left, y - top, *half))


def depth_shown(patches: Sequence[Patch]) -> float | None:
    """How badly a flat picture would explain the movement from the first patch to the last.

    In shares of the face's width; None where too few points could be followed.
    """
    followed = follow(patches)
    apart = None if followed is None else unexplained(*followed)
    return None if apart is None else apart / (2 * patches[0].face[2])


def unexplained(before: Points, after: Points) -> float | None:
    """How far points lie, in pixels, from where the best homography puts them; None for too few points."""
    if len(before) < FEWEST_POINTS:
        return None
    plane = _plane(before, after)
    if plane is None:
        return None
    return float(np.percentile(np.linalg.norm(_put(before, plane) - after, axis=1), _PERCENTILE))


def _plane(before: Points, after: Points) -> NDArray[np.float64] | None:
    plane = np.asarray(cv2.findHomography(before, after, cv2.LMEDS)[0])
    return plane.astype(np.float64) if plane.shape == (3, 3) else None


def _put(points: Points, plane: NDArray[np.float64]) -> Points:
    there = cv2.perspectiveTransform(points.reshape(-1, 1, 2), plane)
    return np.asarray(there, dtype=np.float32).reshape(-1, 2)


def follow(patches: Sequence[Patch]) -> tuple[Points, Points] | None:
    """The points of the face in the first patch, and where they are in the last, through all between."""
    if len(patches) < 2:
        return None
    first = patches[0]
    mask = np.zeros(first.image.shape, dtype=np.uint8)
    x, y, half_width, half_height = first.face
    axes = round(half_width * 0.92), round(half_height * 1.04)
    cv2.ellipse(mask, (round(x), round(y)), axes, 0, 0, 360, 255, cv2.FILLED)
    corners = np.asarray(
        cv2.goodFeaturesToTrack(first.image, _MOST_POINTS, _LEAST_CORNER, _APART_PX, mask=mask, blockSize=5)
    )
    if corners.size < 2 * FEWEST_POINTS:  # also where there are none
        return None
    start = corners.astype(np.float32).reshape(-1, 2)
    here, kept = start, np.ones(len(start), dtype=bool)
    for one, other in pairwise(patches):
        moved, good = _step(one, other, here)
        here, kept = moved, kept & good
    if int(kept.sum()) < FEWEST_POINTS:
        return None
    return _looked_again(first, patches[-1], start[kept], here[kept])


def _looked_again(first: Patch, last: Patch, before: Points, after: Points) -> tuple[Points, Points] | None:
    """The points once more, without the drift of following them step by step.

    The first patch, bent as a flat picture would be, looks so like the last one of a flat picture that each
    point is found again where it really is; a head's are found elsewhere all the same.
    """
    plane = _plane(before, after)
    if plane is None:
        return None
    bent = cv2.warpPerspective(first.image, plane, (_SIDE, _SIDE), borderMode=cv2.BORDER_REPLICATE)
    there = _put(before, plane)
    found_at, found = _flow(np.asarray(bent, dtype=np.uint8), last.image, there, after)
    back, again = _flow(last.image, np.asarray(bent, dtype=np.uint8), found_at, there)
    good = found & again & (np.linalg.norm(back - there, axis=1) < _BACK_AND_FORTH_PX)
    if int(good.sum()) < FEWEST_POINTS:
        return before, after
    return before[good], found_at[good]


def _step(one: Patch, other: Patch, points: Points) -> tuple[Points, NDArray[np.bool_]]:
    shift = np.array([one.left - other.left, one.top - other.top], dtype=np.float32)
    there, found = _flow(one.image, other.image, points, points + shift)
    back, again = _flow(other.image, one.image, there, there - shift)
    near = np.linalg.norm(back - points, axis=1) < _BACK_AND_FORTH_PX
    return there, near & found & again


def _flow(one: Grey, other: Grey, points: Points, guess: Points) -> tuple[Points, NDArray[np.bool_]]:
    moved, found, _ = cv2.calcOpticalFlowPyrLK(
        one,
        other,
        points.reshape(-1, 1, 2),
        np.array(guess, dtype=np.float32).reshape(-1, 1, 2),
        winSize=(17, 17),
        maxLevel=2,
        flags=cv2.OPTFLOW_USE_INITIAL_FLOW,
    )
    return np.asarray(moved, dtype=np.float32).reshape(-1, 2), np.asarray(found).reshape(-1).astype(bool)
