# SPDX-License-Identifier: Apache-2.0
"""Whether a frame is good enough to compare, and if not, what the person should do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import cv2
import numpy as np

from kiosk.auth.face.engine import DETECTION_WIDTH, WIDE_SEARCH_WIDTH, FaceBox, Grey, Landmarks


class FaceHint(StrEnum):
    """What keeps a frame from being good; one at a time is shown."""

    NO_FACE = "no_face"
    TWO_FACES = "two_faces"
    TOO_FAR = "too_far"
    TOO_NEAR = "too_near"
    OFF_CENTRE = "off_centre"
    TURNED = "turned"
    TOO_DARK = "too_dark"
    TOO_BRIGHT = "too_bright"
    BLURRED = "blurred"


@dataclass(frozen=True, slots=True)
class QualityLimits:
    """From where on a frame is refused; sizes and places in shares of the frame's height or width."""

    smallest_face: float = 0.26
    largest_face: float = 0.72
    off_centre_x: float = 0.17
    off_centre_y: float = 0.2
    turn: float = 0.35
    roll_degrees: float = 16.0
    darkest: float = 62.0
    brightest: float = 232.0
    least_detail: float = 14.0
    second_face: float = 0.5


class Finder(Protocol):
    """The part of the engine that looks for faces."""

    def find(self, grey: Grey, *, width: int = DETECTION_WIDTH, upsample: int = 0) -> tuple[FaceBox, ...]:
        """All faces."""
        ...

    def landmarks(self, grey: Grey, box: FaceBox) -> Landmarks:
        """The five points of one face."""
        ...


def judge(finder: Finder, grey: Grey, limits: QualityLimits, *, look_wide: bool = True) -> FaceBox | FaceHint:
    """The face to compare, or the one thing to put right first.

    `look_wide` spends another tenth of a second on faces too small for the quick search.
    """
    faces = finder.find(grey)
    if not faces:
        return _why_no_face(finder, grey, limits, look_wide=look_wide)
    main = max(faces, key=lambda face: face.width)
    others = [face for face in faces if face is not main and face.width > limits.second_face * main.width]
    if others:
        return FaceHint.TWO_FACES
    return _hint_for_place(main, grey, limits) or _hint_for_picture(finder, main, grey, limits) or main


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


def _why_no_face(finder: Finder, grey: Grey, limits: QualityLimits, *, look_wide: bool) -> FaceHint:
    # in the dark, or in glaring light, nothing is found because nothing can be seen
    middle = _middle(grey)
    if middle < limits.darkest * 0.8:
        return FaceHint.TOO_DARK
    if middle > 250:
        return FaceHint.TOO_BRIGHT
    if look_wide and finder.find(grey, width=WIDE_SEARCH_WIDTH):
        return FaceHint.TOO_FAR
    return FaceHint.NO_FACE


def _middle(grey: Grey) -> float:
    height, width = grey.shape
    return float(np.mean(grey[height // 5 : -height // 5 or None, width // 4 : -width // 4 or None]))


def _hint_for_place(face: FaceBox, grey: Grey, limits: QualityLimits) -> FaceHint | None:
    height, width = grey.shape
    size = face.width / height
    if size < limits.smallest_face:
        return FaceHint.TOO_FAR
    if size > limits.largest_face:
        return FaceHint.TOO_NEAR
    x, y = face.centre
    # both are measured against the height: a wide picture is no reason to stand further away
    if (
        abs(x - width / 2) > 2 * limits.off_centre_x * height
        or abs(y - height / 2) > limits.off_centre_y * height
    ):
        return FaceHint.OFF_CENTRE
    return None


def _hint_for_picture(finder: Finder, face: FaceBox, grey: Grey, limits: QualityLimits) -> FaceHint | None:
    patch = grey[max(0, face.top) : face.bottom, max(0, face.left) : face.right]
    light = float(np.mean(patch))
    if light < limits.darkest:
        return FaceHint.TOO_DARK
    if light > limits.brightest:
        return FaceHint.TOO_BRIGHT
    points = finder.landmarks(grey, face)
    if abs(turn_of(points)) > limits.turn or abs(roll_of(points)) > limits.roll_degrees:
        return FaceHint.TURNED
    # at one size for all, so that a near face is not called blurred for being large
    same_size = cv2.resize(patch, (128, 128), interpolation=cv2.INTER_AREA)
    detail = float(cv2.Laplacian(same_size, cv2.CV_64F).var())
    if detail < limits.least_detail * (light / 128):
        return FaceHint.BLURRED
    return None
