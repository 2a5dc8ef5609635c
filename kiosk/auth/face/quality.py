# SPDX-License-Identifier: Apache-2.0
"""Whether a frame is good enough to compare, and if not, what the person should do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.auth.face.engine import DETECTION_WIDTH, WIDE_SEARCH_WIDTH, FaceBox, Grey, Landmarks
from kiosk.auth.face.measures import (
    Light,
    away_of,
    detail_of,
    lift_of,
    light_of,
    nod_of,
    openness_of,
    relief_of,
    roll_of,
    turn_of,
)
from kiosk.camera.framing import Place, aside

_LEANING_DEGREES: Final = 25.0


class FaceHint(StrEnum):
    """What keeps a frame from being good, in the order in which it is looked for; one is shown at a time."""

    NO_FACE = "no_face"
    HIDDEN = "hidden"  # nobody found for long: see `hints`
    TWO_FACES = "two_faces"
    TOO_FAR = "too_far"
    TOO_NEAR = "too_near"
    OFF_CENTRE = "off_centre"
    BACKLIT = "backlit"
    TOO_DARK = "too_dark"
    TOO_BRIGHT = "too_bright"
    MASK = "mask"
    SUNGLASSES = "sunglasses"
    TURNED = "turned"
    MOVING = "moving"
    BLURRED = "blurred"
    EYES_CLOSED = "eyes_closed"
    UPSIDE_DOWN = "upside_down"  # the camera is, not the person: never shown, see `session`


SHOWN_HINTS: Final = tuple(hint for hint in FaceHint if hint is not FaceHint.UPSIDE_DOWN)
"""Each has a sentence in ``assets/i18n``."""


@dataclass(frozen=True, slots=True)
class QualityLimits:
    """From where on a frame is refused. Where the figures come from: docs/adr/0019-quality-gate.md.

    `smallest_face` and `largest_face` are shares of the picture's shorter side, `off_centre_x` of its height,
    `off_centre_y` of the crop that is shown. `turn` and `nod` are in eye distances, `away` and `lift` in jaw
    widths; grey values go to 255.
    """

    smallest_face: float = 0.2
    largest_face: float = 0.72
    off_centre_x: float = 0.34
    off_centre_y: float = 0.17
    turn: float = 0.35
    nod_up: float = 0.5
    nod_down: float = 1.14
    roll_degrees: float = 16.0
    darkest: float = 62.0
    darkest_bright: float = 120.0  # dark skin in good light has bright places; a dark room has none
    brightest: float = 232.0
    backlit_face: float = 96.0
    backlit_ratio: float = 1.9
    least_detail: float = 14.0
    second_face: float = 0.5
    mouth_line: float = 0.1
    mouth_spread: float = 0.14
    eyes_dark: float = 0.33
    eyes_spread: float = 0.2
    eyes_open: float = 0.115
    away: float = 0.6
    lift: float = 0.0
    speed: float = 0.8  # face widths a second
    upside_down_score: float = 0.3


class Finder(Protocol):
    """The part of the engine that looks for faces."""

    def find(self, grey: Grey, *, width: int = DETECTION_WIDTH, upsample: int = 0) -> tuple[FaceBox, ...]:
        """All faces."""
        ...

    def landmarks(self, grey: Grey, box: FaceBox) -> Landmarks:
        """The five points of one face."""
        ...

    def all_landmarks(self, grey: Grey, box: FaceBox) -> NDArray[np.float64]:
        """The 68 points of one face."""
        ...


def judge(
    finder: Finder, grey: Grey, limits: QualityLimits, *, look_wide: bool = True, eyes_matter: bool = True
) -> FaceBox | FaceHint:
    """The face to compare, or the one thing to put right first.

    `look_wide` spends another fifth of a second on faces that the quick search misses: small or leaning ones.
    Without `eyes_matter` closed eyes are as good as open ones.
    """
    faces = finder.find(grey)
    if not faces and look_wide and _middle(grey) >= limits.darkest * 0.8:
        faces = finder.find(grey, width=WIDE_SEARCH_WIDTH)
    if not faces:
        return _why_no_face(finder, grey, limits, look_wide=look_wide)
    main = max(faces, key=lambda face: face.width)
    others = [face for face in faces if face is not main and face.width > limits.second_face * main.width]
    if others:
        return FaceHint.TWO_FACES
    light = light_of(grey, main)
    return (
        _hint_for_place(main, grey, limits)
        or _hint_for_light(light, limits)
        or _hint_for_face(finder, main, grey, light, limits)
        or _hint_for_eyes(finder, main, grey, limits, matter=eyes_matter)
        or main
    )


def place_of(face: FaceBox, grey: Grey) -> Place:
    """Where that face is on that picture."""
    height, width = grey.shape
    x, y = face.centre
    return Place(x / width, y / height, (face.bottom - face.top) / height)


def _why_no_face(finder: Finder, grey: Grey, limits: QualityLimits, *, look_wide: bool) -> FaceHint:
    # in the dark, or in glaring light, nothing is found because nothing can be seen
    middle = _middle(grey)
    if middle < limits.darkest * 0.8:
        return FaceHint.TOO_DARK
    if middle > 250:
        return FaceHint.TOO_BRIGHT
    if not look_wide:
        return FaceHint.NO_FACE
    for degrees in (-_LEANING_DEGREES, _LEANING_DEGREES, 180.0):
        leaning = _leaning(grey, degrees)
        found = finder.find(leaning)
        leaning.fill(0)
        if found and degrees < 180:
            return FaceHint.TURNED
        if found and found[0].score >= limits.upside_down_score:
            return FaceHint.UPSIDE_DOWN
    return FaceHint.NO_FACE


def _leaning(grey: Grey, degrees: float) -> Grey:
    """The picture as somebody sees it who leans the head by so much."""
    height, width = grey.shape
    scale = min(1.0, DETECTION_WIDTH / width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    placing = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, scale)
    placing[:, 2] += (size[0] - width) / 2, (size[1] - height) / 2
    turned = cv2.warpAffine(grey, placing, size, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(turned, dtype=np.uint8)


def _middle(grey: Grey) -> float:
    height, width = grey.shape
    return float(np.mean(grey[height // 5 : -height // 5 or None, width // 4 : -width // 4 or None]))


def _hint_for_place(face: FaceBox, grey: Grey, limits: QualityLimits) -> FaceHint | None:
    height, width = grey.shape
    size = face.width / min(height, width)
    if size < limits.smallest_face:
        return FaceHint.TOO_FAR
    if size > limits.largest_face:
        return FaceHint.TOO_NEAR
    # sideways against the height: a wide picture is no reason to stand further aside
    _, low = aside(place_of(face, grey), (width, height))
    if abs(face.centre[0] - width / 2) > limits.off_centre_x * height or abs(low) > limits.off_centre_y:
        return FaceHint.OFF_CENTRE
    return None


def _hint_for_light(light: Light, limits: QualityLimits) -> FaceHint | None:
    if light.face < limits.backlit_face and light.around > max(
        limits.backlit_ratio * light.face, 2 * limits.darkest
    ):
        return FaceHint.BACKLIT
    if light.face < limits.darkest and light.bright < limits.darkest_bright:
        return FaceHint.TOO_DARK
    if light.face > limits.brightest:
        return FaceHint.TOO_BRIGHT
    return None


def _hint_for_face(
    finder: Finder, face: FaceBox, grey: Grey, light: Light, limits: QualityLimits
) -> FaceHint | None:
    points = finder.landmarks(grey, face)
    relief = relief_of(grey, points)
    blurred = detail_of(grey, face) < limits.least_detail * (light.face / 128)
    covered = relief.mouth_line < limits.mouth_line and relief.mouth_spread < limits.mouth_spread
    if covered and not blurred:  # what is smeared has no lines either
        return FaceHint.MASK
    if relief.eyes_dark < limits.eyes_dark and relief.eyes_spread < limits.eyes_spread:
        return FaceHint.SUNGLASSES
    leaning = abs(roll_of(points)) > limits.roll_degrees
    nodding = not limits.nod_up <= nod_of(points) <= limits.nod_down
    if leaning or nodding or abs(turn_of(points)) > limits.turn:
        return FaceHint.TURNED
    every_point = finder.all_landmarks(grey, face)
    if abs(away_of(every_point)) > limits.away or lift_of(every_point) < limits.lift:
        return FaceHint.TURNED
    return FaceHint.BLURRED if blurred else None


def _hint_for_eyes(
    finder: Finder, face: FaceBox, grey: Grey, limits: QualityLimits, *, matter: bool
) -> FaceHint | None:
    # either eye will do: who has one eye, or lids that droop on one side, looks like that
    if matter and max(openness_of(finder.all_landmarks(grey, face))) < limits.eyes_open:
        return FaceHint.EYES_CLOSED
    return None
