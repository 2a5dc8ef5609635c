# SPDX-License-Identifier: Apache-2.0
"""How somebody may stand before the simulated camera, and what may be wrong with the camera itself."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import cv2
import numpy as np

from kiosk.camera.ports import BgrImage
from kiosk.simulator.patients.drawing import Pose


class Stance(StrEnum):
    """What keeps a picture from being good, but for light, company and what is worn."""

    PLAIN = "plain"
    FAR = "far"
    NEAR = "near"
    ASIDE = "aside"
    LOW = "low"  # a child, or somebody in a wheelchair: small, and low in the picture
    TURNED = "turned"
    EYES_CLOSED = "eyes-closed"
    BACKLIT = "backlit"


class Device(StrEnum):
    """What is the matter with the camera."""

    WELL = "well"
    UNPLUGGED = "unplugged"
    BUSY = "busy"
    SILENT = "silent"
    BLACK = "black"
    UPSIDE_DOWN = "upside-down"
    SLOW = "slow"
    SMALL = "small"


POSES: Final = {
    Stance.PLAIN: Pose(),
    Stance.FAR: Pose(distance=2.6),
    Stance.NEAR: Pose(distance=0.5),
    Stance.ASIDE: Pose(dx=0.28),
    Stance.LOW: Pose(distance=1.35, dy=0.2),
    Stance.TURNED: Pose(yaw=34.0),
    Stance.EYES_CLOSED: Pose(blink=1.0),
    Stance.BACKLIT: Pose(shade=0.42),
}

SLOW_PERIOD_S: Final = 0.2
_SMALL: Final = (320, 240)
_NIGHT: Final = 3


def as_it_comes(image: BgrImage, device: Device) -> BgrImage:
    """The picture as that camera gives it."""
    match device:
        case Device.BLACK:
            return np.full_like(image, _NIGHT)
        case Device.UPSIDE_DOWN:
            return np.asarray(cv2.rotate(image, cv2.ROTATE_180), dtype=np.uint8)
        case Device.SMALL:
            return np.asarray(cv2.resize(image, _SMALL, interpolation=cv2.INTER_AREA), dtype=np.uint8)
        case _:
            return image
