# SPDX-License-Identifier: Apache-2.0
"""Pictures of drawn patients that somebody holds before the camera: on paper, and on a screen."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.simulator.patients.drawing import LIVE_SIZE, Pose, Size, person_frame
from kiosk.simulator.patients.scene import as_seen_by_a_camera, waiting_room

Image = NDArray[np.uint8]

_PICTURE: Final[Size] = (520, 640)
_PAPER_MARGIN: Final = 22
_BEZEL: Final = 30
_RIPPLE: Final = 7.0
_RIPPLE_PERIODS: Final = (3.7, 5.3)  # pixels: what is left of two grids that nearly fit
_SKIN: Final = (140, 172, 214)


class Medium(StrEnum):
    """What the picture is on."""

    PRINT = "print"
    SCREEN = "screen"


@dataclass(frozen=True, slots=True)
class Hold:
    """How a picture is held: tilted about its upright and its level middle line and turned, in degrees.

    `dx` and `dy` in shares of the frame, `nearness` 1 as usual; `bare` leaves no edge in the camera's view.
    """

    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 2.0
    dx: float = 0.0
    dy: float = 0.0
    nearness: float = 1.0
    light: float = 1.0
    bare: bool = False
    seed: int = 0


def shown_frame(
    medium: Medium, key: str, hold: Hold, pose: Pose | None = None, size: Size = LIVE_SIZE
) -> Image:
    """What the camera sees of that person's picture; `pose` is what a replayed person does in it."""
    sheet = _sheet(medium, key, pose or Pose())
    placing = _placing(sheet.shape[1], sheet.shape[0], hold, size)
    room = waiting_room(*size).copy()
    if not hold.bare:
        _hand(room, placing, sheet.shape[1], sheet.shape[0])
    layer = cv2.warpPerspective(sheet, placing, size, flags=cv2.INTER_AREA)
    covered = np.full(sheet.shape[:2], 255, dtype=np.uint8)
    mask = cv2.warpPerspective(covered, placing, size, flags=cv2.INTER_LINEAR)
    if medium is Medium.SCREEN:
        layer = cv2.add(layer, _ripple(size[0], size[1]), dtype=cv2.CV_8U)
    seen = np.where(mask[:, :, np.newaxis] > 127, layer, room)
    return as_seen_by_a_camera(np.asarray(seen, dtype=np.uint8), hold.light, hold.seed)


def _sheet(medium: Medium, key: str, pose: Pose) -> Image:
    """The flat thing itself."""
    # in steps: each picture takes its time to draw, and one more than before would stop the camera
    picture = _picture(key, 3 * round(pose.yaw / 3), round(pose.blink), round(pose.gaze))
    if medium is Medium.PRINT:
        faded = cv2.convertScaleAbs(picture, alpha=0.92, beta=14)
        margin, colour = _PAPER_MARGIN, (246, 248, 248)
    else:
        faded = cv2.convertScaleAbs(picture, alpha=1.04, beta=6)
        margin, colour = _BEZEL, (22, 20, 20)
    framed = cv2.copyMakeBorder(
        faded, margin, margin, margin, margin, borderType=cv2.BORDER_CONSTANT, value=colour
    )
    return np.asarray(framed, dtype=np.uint8)


@lru_cache(maxsize=96)
def _picture(key: str, yaw: int, blink: int, gaze: int) -> Image:
    width, height = _PICTURE
    pose = Pose(yaw=yaw, blink=blink, gaze=gaze, distance=1.12)
    wide = person_frame(key, pose, (width * 2, height))
    return np.ascontiguousarray(wide[:, width // 2 : width // 2 + width])


def _placing(width: int, height: int, hold: Hold, size: Size) -> NDArray[np.float64]:
    """Where the camera sees each point of a flat thing that is tilted in the hand."""
    away = 2.2 * height
    yaw, pitch, roll = (np.radians(each) for each in (hold.yaw, hold.pitch, hold.roll))
    about_y = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]])
    about_z = np.array([[np.cos(roll), -np.sin(roll), 0], [np.sin(roll), np.cos(roll), 0], [0, 0, 1]])
    corners = np.array([[-width, -height, 0], [width, -height, 0], [width, height, 0], [-width, height, 0]])
    turned = (corners / 2) @ (about_z @ about_x @ about_y).T
    share = 1.5 if hold.bare else 0.92
    scale = share * size[1] / height * hold.nearness
    seen = turned[:, :2] * (away / (away + turned[:, 2:])) * scale
    seen += np.array([size[0] * (0.5 + hold.dx), size[1] * (0.5 + hold.dy)])
    flat = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    return np.asarray(cv2.getPerspectiveTransform(flat, seen.astype(np.float32)), dtype=np.float64)


def _hand(room: Image, placing: NDArray[np.float64], width: int, height: int) -> None:
    """A thumb and a wrist at the lower edge; changes `room`."""
    grip = np.array([[[width * 0.5, height * 0.99]]], dtype=np.float64)
    x, y = cv2.perspectiveTransform(grip, placing)[0, 0]
    cv2.ellipse(room, (round(x), round(y) + 60), (70, 120), 0, 0, 360, _SKIN, cv2.FILLED, cv2.LINE_AA)


@cache
def _ripple(width: int, height: int) -> NDArray[np.int16]:
    columns, rows = np.meshgrid(np.arange(width), np.arange(height))
    one, other = _RIPPLE_PERIODS
    wave = np.sin(2 * np.pi * (columns + 0.12 * rows) / one) + np.sin(
        2 * np.pi * (rows - 0.1 * columns) / other
    )
    value = np.rint(_RIPPLE * wave).astype(np.int16)
    return np.ascontiguousarray(np.repeat(value[:, :, np.newaxis], 3, axis=2))
