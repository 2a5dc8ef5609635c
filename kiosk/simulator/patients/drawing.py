# SPDX-License-Identifier: Apache-2.0
"""Drawn patients: the photo on the card, and what a camera in front of them would see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.simulator.patients.cast import CAST
from kiosk.simulator.patients.covers import Cover, draw_cover, over
from kiosk.simulator.patients.face_spec import FaceSpec
from kiosk.simulator.patients.head import SHEET, draw_person
from kiosk.simulator.patients.others import OTHER_FACES
from kiosk.simulator.patients.people import patient
from kiosk.simulator.patients.scene import (
    as_seen_by_a_camera,
    looking,
    placed,
    shaded,
    turned,
    waiting_room,
)

Size = tuple[int, int]

WEARING: Final = "+"
"""Stands between a person's key and what hides a part of the face, as in ``hanako+mask``."""
LIVE_SIZE: Final[Size] = (1280, 720)
_PHOTO_SIZE: Final[Size] = (300, 400)
_PHOTO_GROUND: Final = 232
_HEAD_SHARE: Final = 0.62  # of a frame's height, from crown to chin, at distance 1
_HEAD_UNITS: Final = 3.7
_LID_STEPS: Final = 3
_EYES: Final = slice(250, 380)  # the rows of the sheet on which eyes, lids and lashes are
_YAW_STEP: Final = 1.0
_GAZE_STEPS: Final = 4


@dataclass(frozen=True, slots=True)
class Pose:
    """How somebody stands before the camera.

    `yaw` in degrees, positive towards the right of the picture; `blink` 0 (open) to 1 (closed); `distance` 1
    as wished, 2 twice as far; `light` 1 as wished, 0 none; `dx`, `dy` in shares of the frame; `seed` varies
    the noise; `shade` below 1 leaves the person in the dark before a bright room; `gaze` -1 to the left of
    the picture, 1 to the right.
    """

    yaw: float = 0.0
    blink: float = 0.0
    distance: float = 1.0
    light: float = 1.0
    dx: float = 0.0
    dy: float = 0.0
    seed: int = 0
    shade: float = 1.0
    gaze: float = 0.0


def card_photo(key: str) -> NDArray[np.uint8]:
    """The photo on that person's card: grey, plain ground, 300 wide, 400 high; `KeyError` for strangers."""
    width, height = _PHOTO_SIZE
    photo = np.full((height, width, 3), _PHOTO_GROUND, dtype=np.uint8)
    scale = 0.66 * height / (_HEAD_UNITS * SHEET.unit)
    placed(_drawn(key, _LID_STEPS), photo, SHEET.middle, (width / 2, height * 0.5), scale)
    return np.asarray(cv2.cvtColor(photo, cv2.COLOR_BGR2GRAY), dtype=np.uint8)


def portrait(key: str) -> NDArray[np.uint8]:
    """Head and shoulders as blue, green, red (each times alpha) and alpha, for pictures of the tray."""
    return _drawn(key, _LID_STEPS).copy()


def get_ready(key: str, enough: Callable[[], bool] = lambda: False) -> None:
    """Draw that person with open and closed eyes now, not when the camera waits for it."""
    for lids in range(_LID_STEPS + 1):
        if enough():
            return
        _drawn(key, lids)


def live_frame(key: str, pose: Pose | None = None, size: Size = LIVE_SIZE) -> NDArray[np.uint8]:
    """What the camera sees of that person (blue, green, red)."""
    stance = pose or Pose()
    return as_seen_by_a_camera(person_frame(key, stance, size), stance.light, stance.seed)


def person_frame(key: str, pose: Pose, size: Size) -> NDArray[np.uint8]:
    """The same before any camera: in full light, without noise."""
    frame = waiting_room(*size).copy()
    _stand(frame, key, pose, size)
    return frame


def two_people_frame(
    first: str, second: str, pose: Pose | None = None, size: Size = LIVE_SIZE
) -> NDArray[np.uint8]:
    """What the camera sees when two people stand side by side."""
    stance = pose or Pose()
    frame = waiting_room(*size).copy()
    for key, side in ((second, 0.19), (first, -0.19)):
        beside = replace(stance, distance=stance.distance * 1.15, light=1.0, dx=stance.dx + side)
        _stand(frame, key, beside, size)
    return as_seen_by_a_camera(frame, stance.light, stance.seed)


def empty_frame(pose: Pose | None = None, size: Size = LIVE_SIZE) -> NDArray[np.uint8]:
    """What the camera sees when nobody is there."""
    stance = pose or Pose()
    return as_seen_by_a_camera(waiting_room(*size), stance.light, stance.seed)


def _stand(frame: NDArray[np.uint8], key: str, pose: Pose, size: Size) -> None:
    lids = round((1 - min(1.0, max(0.0, pose.blink))) * _LID_STEPS)
    person = _turned(key, lids, round(pose.yaw / _YAW_STEP), round(pose.gaze * _GAZE_STEPS))
    if pose.shade < 1:
        person = shaded(person, pose.shade)
    scale = _HEAD_SHARE * size[1] / (_HEAD_UNITS * SHEET.unit * max(0.2, pose.distance))
    centre = size[0] * (0.5 + pose.dx), size[1] * (0.5 + pose.dy)
    placed(person, frame, SHEET.middle, centre, scale)


@lru_cache(maxsize=64)
def _drawn(key: str, lids: int) -> NDArray[np.uint8]:
    name, _, cover = key.partition(WEARING)
    spec = _spec(name)
    if cover:
        return over(_drawn(name, lids), draw_cover(SHEET, spec, Cover(cover)))
    if lids == _LID_STEPS:
        return draw_person(spec, 1.0)
    person = _drawn(name, _LID_STEPS).copy()
    person[_EYES] = draw_person(spec, lids / _LID_STEPS, _EYES)  # nothing else is other than before
    return person


def _spec(name: str) -> FaceSpec:
    if name in OTHER_FACES:
        return OTHER_FACES[name]
    return CAST[name if name in CAST else patient(name).face]


@lru_cache(maxsize=96)
def _turned(key: str, lids: int, steps: int, gaze: int) -> NDArray[np.uint8]:
    person = _drawn(key, lids)
    if gaze:
        spec = _spec(key.partition(WEARING)[0])
        person = looking(person, SHEET, spec.eye_spacing, spec.eye_width, gaze / _GAZE_STEPS)
    return turned(person, SHEET, steps * _YAW_STEP)
