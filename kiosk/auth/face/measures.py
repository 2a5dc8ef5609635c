# SPDX-License-Identifier: Apache-2.0
"""What can be measured of one face on a grey picture: attitude, light, eyes, and what covers it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.auth.face.engine import FaceBox, Grey, Landmarks

Points = NDArray[np.float64]

# A face set upright: the eyes forty pixels apart, the mouth about as far below them.
_WIDTH: Final = 96
_HEIGHT: Final = 112
_EYES_APART: Final = 40.0
_EYES_MIDDLE: Final = (48.0, 34.0)
_DARKEST_TO_DIVIDE_BY: Final = 8.0
_SAME_SIZE: Final = 128


def turn_of(points: Landmarks) -> float:
    """Where the nose is between the outer corners of the eyes: 0 the middle, -1 and 1 the corners."""
    left, right = np.array(points.left_eye_outer), np.array(points.right_eye_outer)
    axis = right - left
    length = float(np.linalg.norm(axis))
    if length == 0:
        return 1.0
    along = float(np.dot(np.array(points.nose) - (left + right) / 2, axis / length))
    return 2 * along / length


def roll_of(points: Landmarks) -> float:
    """How far the head leans to a side, in degrees."""
    (x0, y0), (x1, y1) = points.left_eye_outer, points.right_eye_outer
    return float(np.degrees(np.arctan2(y1 - y0, x1 - x0)))


def nod_of(points: Landmarks) -> float:
    """How far the nose is below the eyes, in eye distances: about 0.8; less looking up, more looking down."""
    left, right = _eye_centres(points)
    apart = float(np.linalg.norm(right - left))
    if apart == 0:
        return 0.0
    down = np.array([-(right - left)[1], (right - left)[0]]) / apart
    return float(np.dot(np.array(points.nose) - (left + right) / 2, down)) / apart


def away_of(points: Points) -> float:
    """Where the tip of the nose is between the ends of the jaw: 0 the middle, -1 and 1 the ears."""
    left, right = points[0], points[16]
    axis = right - left
    length = float(np.linalg.norm(axis))
    return 1.0 if length == 0 else 2 * float(np.dot(points[30] - (left + right) / 2, axis)) / length**2


def lift_of(points: Points) -> float:
    """How far the tip of the nose is below the ends of the jaw, in jaw widths: below 0 for who looks up."""
    left, right = points[0], points[16]
    axis = right - left
    length = float(np.linalg.norm(axis))
    down = np.array([-axis[1], axis[0]])
    return 0.0 if length == 0 else float(np.dot(points[30] - (left + right) / 2, down)) / length**2


def openness_of(points: Points) -> tuple[float, float]:
    """How open each eye is: its height in its own widths, from the 68 points (the eye aspect ratio)."""
    return _aspect(points[36:42]), _aspect(points[42:48])


@dataclass(frozen=True, slots=True)
class Light:
    """Grey values, 0 to 255: the face's mean, its brightest tenth, and what surrounds the head."""

    face: float
    bright: float
    around: float


def light_of(grey: Grey, face: FaceBox) -> Light:
    """How the light falls on the face, and behind it."""
    patch = patch_of(grey, face)
    height, width = grey.shape
    aside = round(0.45 * face.width)  # hair and ears belong to the head
    above = grey[: face.bottom]
    behind = [above[:, : max(0, face.left - aside)], above[:, min(width, face.right + aside) :]]
    values = np.concatenate([side.ravel()[::7] for side in behind])
    around = float(np.median(values)) if values.size > height else float(np.mean(patch))
    return Light(float(np.mean(patch)), float(np.percentile(patch, 90)), around)


def detail_of(grey: Grey, face: FaceBox) -> float:
    """How much detail there is, at one size for all: a near face is not blurred for being large."""
    patch = patch_of(grey, face)
    same_size = cv2.resize(patch, (_SAME_SIZE, _SAME_SIZE), interpolation=cv2.INTER_AREA)
    detail = float(cv2.Laplacian(same_size, cv2.CV_64F).var())
    same_size.fill(0)
    return detail


@dataclass(frozen=True, slots=True)
class Relief:
    """What there is to see about mouth and eyes, in shares of the brightness there.

    `mouth_line` is the darkest line across the mouth's place, `mouth_spread` how much that place varies;
    `eyes_dark` is how dark the eyes' place is against the cheeks (1 as bright), `eyes_spread` how it varies.
    """

    mouth_line: float
    mouth_spread: float
    eyes_dark: float
    eyes_spread: float


def relief_of(grey: Grey, points: Landmarks) -> Relief:
    """The relief of a face; a mask leaves no line of lips, dark glasses no white of an eye."""
    upright = _upright(grey, points)
    mouth = upright[62:100, 32:64]
    lines = np.mean(upright[60:102, 34:62], axis=1)
    smooth = cv2.blur(lines.reshape(-1, 1), (1, 19)).ravel()
    level = max(_DARKEST_TO_DIVIDE_BY, float(np.median(mouth)))
    line = float(np.max((smooth - lines)[5:-5])) / level
    eyes = np.concatenate([upright[28:40, 17:39].ravel(), upright[28:40, 57:79].ravel()])
    cheeks = np.concatenate([upright[50:64, 20:32].ravel(), upright[50:64, 64:76].ravel()])
    cheek = max(_DARKEST_TO_DIVIDE_BY, float(np.median(cheeks)))
    spread = float(np.std(mouth)) / level
    upright.fill(0)  # nothing of a face outlives its frame
    return Relief(line, spread, float(np.median(eyes)) / cheek, float(np.std(eyes)) / cheek)


def patch_of(grey: Grey, face: FaceBox) -> Grey:
    """The face's own part of the picture."""
    return grey[max(0, face.top) : max(1, face.bottom), max(0, face.left) : max(1, face.right)]


def _upright(grey: Grey, points: Landmarks) -> NDArray[np.float32]:
    left, right = _eye_centres(points)
    axis = right - left
    scale = _EYES_APART / max(1.0, float(np.linalg.norm(axis)))
    angle = float(np.arctan2(axis[1], axis[0]))
    cosine, sine = scale * np.cos(angle), scale * np.sin(angle)
    placing = np.array([[cosine, sine, 0.0], [-sine, cosine, 0.0]])
    placing[:, 2] = np.array(_EYES_MIDDLE) - placing[:, :2] @ ((left + right) / 2)
    seen = cv2.GaussianBlur(grey, (0, 0), 0.5 / scale) if scale < 0.7 else grey
    warped = cv2.warpAffine(
        seen, placing, (_WIDTH, _HEIGHT), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(warped, dtype=np.float32)


def _eye_centres(points: Landmarks) -> tuple[Points, Points]:
    left = (np.array(points.left_eye_outer) + np.array(points.left_eye_inner)) / 2
    right = (np.array(points.right_eye_outer) + np.array(points.right_eye_inner)) / 2
    return left, right


def _aspect(eye: Points) -> float:
    width = float(np.linalg.norm(eye[3] - eye[0]))
    if width == 0:
        return 0.0
    return float(np.linalg.norm(eye[5] - eye[1]) + np.linalg.norm(eye[4] - eye[2])) / (2 * width)
