# SPDX-License-Identifier: Apache-2.0
"""Finds the card that lies on the dark reader, and straightens its picture."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.reader.surface.ports import SurfaceHint

Grey = NDArray[np.uint8]
Points = NDArray[np.float32]

CARD_SIZE: Final = (1011, 638)  # ID-1, 85.6 mm by 54 mm, at 300 dpi
_SHRINK: Final = 2
_LEAST_SHARE: Final = 0.08  # of the frame: a smaller card has letters too small to be read
_LEAST_CONTRAST: Final = 35  # between card and reader, in grey levels
_RATIO: Final = CARD_SIZE[0] / CARD_SIZE[1]
_RATIO_OFF: Final = 0.16  # a card lifted by 20 degrees is off by so much
_SIDES_OFF: Final = 0.20  # opposite sides of it differ by so much, seen from near
_FILLED: Final = 0.93  # of its four-cornered outline: rounded corners take little
_SIDE_ENDS: Final = 0.15  # of a side: there the corners are round


@dataclass(frozen=True, slots=True, eq=False)
class FoundCard:
    """The card's face, straight and at 300 dpi, either way up. Whoever asked for it wipes it."""

    image: Grey

    def turned(self) -> FoundCard:
        """The same face the other way up."""
        return FoundCard(np.ascontiguousarray(self.image[::-1, ::-1]))

    def wipe(self) -> None:
        """Overwrite the picture."""
        self.image.fill(0)

    def __repr__(self) -> str:
        return "FoundCard(…)"


def find_card(frame: NDArray[np.uint8]) -> FoundCard | SurfaceHint:
    """The card in that picture (blue, green, red), or why there is none to read."""
    grey = np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY), dtype=np.uint8)
    try:
        corners = _corners(grey)
        if isinstance(corners, SurfaceHint):
            return corners
        width, height = CARD_SIZE
        target = np.array(
            [[0, 0], [width - 1, 0], [width - 1, height - 1], [0, height - 1]], dtype=np.float32
        )
        flat = cv2.getPerspectiveTransform(corners, target)
        image = cv2.warpPerspective(grey, flat, CARD_SIZE, flags=cv2.INTER_CUBIC)
        return FoundCard(np.asarray(image, dtype=np.uint8))
    finally:
        grey.fill(0)


def _corners(grey: Grey) -> Points | SurfaceHint:
    """The card's corners, clockwise from the one left of a long side."""
    small = cv2.resize(grey, None, fx=1 / _SHRINK, fy=1 / _SHRINK, interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (5, 5), 0)
    level, light = cv2.threshold(small, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    bright, dark = small[small > level], small[small <= level]
    try:
        if not bright.size or not dark.size or float(bright.mean()) - float(dark.mean()) < _LEAST_CONTRAST:
            return SurfaceHint.NO_CARD
        # print and photo are dark too: what is inside the outline does not count
        outlines, _ = cv2.findContours(light, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        outline = max(outlines, key=cv2.contourArea)
        area = cv2.contourArea(outline)
        if area < _LEAST_SHARE * small.size:
            return SurfaceHint.NO_CARD
        points = outline[:, 0, :].astype(np.float32)
        height, width = small.shape[:2]
        if points.min() < 1 or points[:, 0].max() > width - 2 or points[:, 1].max() > height - 2:
            return SurfaceHint.TILTED  # it reaches out of the picture
        corners = _quadrilateral(points)
        if corners is None or area < _FILLED * cv2.contourArea(corners):
            return SurfaceHint.TILTED  # a hand on it, or something that is no card
        if not _card_like(corners):
            return SurfaceHint.TILTED
        return np.asarray((corners + 0.5) * _SHRINK - 0.5, dtype=np.float32)
    finally:
        small.fill(0)
        bright.fill(0)
        dark.fill(0)


def _quadrilateral(points: Points) -> Points | None:
    """Where the four sides, drawn on beyond their rounded ends, meet; a long side comes first."""
    box = cv2.boxPoints(cv2.minAreaRect(points)).astype(np.float32)
    if np.linalg.norm(box[1] - box[0]) < np.linalg.norm(box[2] - box[1]):
        box = np.roll(box, -1, axis=0)
    box = _outer_corners(points, box)
    lines = []
    for index in range(4):
        start, end = box[index], box[(index + 1) % 4]
        side = end - start
        length = float(np.linalg.norm(side))
        if length < 20:
            return None
        direction = side / length
        along = (points - start) @ direction / length
        away = np.abs((points - start) @ np.array([-direction[1], direction[0]], dtype=np.float32))
        near = points[(along > _SIDE_ENDS) & (along < 1 - _SIDE_ENDS) & (away < 0.06 * length)]
        if len(near) < 20:
            return None
        vx, vy, x, y = cv2.fitLine(near, cv2.DIST_HUBER, 0, 0.01, 0.01).ravel().tolist()
        lines.append((vx, vy, x, y))
    corners = [_meeting(lines[index - 1], lines[index]) for index in range(4)]
    if any(corner is None for corner in corners):
        return None
    return np.array(corners, dtype=np.float32)


def _outer_corners(points: Points, box: Points) -> Points:
    """The points of the outline furthest out towards the corners of its box, which a lifted card leaves."""
    middle = box.mean(axis=0)
    outward = box - middle
    outward /= np.linalg.norm(outward, axis=1, keepdims=True)
    return np.asarray(points[np.argmax((points - middle) @ outward.T, axis=0)], dtype=np.float32)


def _meeting(
    one: tuple[float, float, float, float], other: tuple[float, float, float, float]
) -> tuple[float, float] | None:
    ax, ay, x1, y1 = one
    bx, by, x2, y2 = other
    cross = ax * by - ay * bx
    if abs(cross) < 0.3:  # sides that meet at less than 17 degrees are no card's
        return None
    step = ((x2 - x1) * by - (y2 - y1) * bx) / cross
    return x1 + step * ax, y1 + step * ay


def _card_like(corners: Points) -> bool:
    """Whether those could be a card's corners, lying flat or a little lifted, with its long side first."""
    sides = [float(np.linalg.norm(corners[(index + 1) % 4] - corners[index])) for index in range(4)]
    ratio = (sides[0] + sides[2]) / (sides[1] + sides[3])
    if not 1 - _RATIO_OFF < ratio / _RATIO < 1 + _RATIO_OFF:
        return False
    return all(abs(math.log(sides[index] / sides[index + 2])) < _SIDES_OFF for index in range(2))
