# SPDX-License-Identifier: Apache-2.0
"""A small painter: anti-aliased shapes, soft shadows and tapered strokes, in units of the drawn face."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

Colour = tuple[int, int, int]  # red, green, blue
Point = tuple[float, float]
Curve = NDArray[np.float64]
Window = tuple[slice, slice]

DARK: Final[Colour] = (14, 10, 14)
LIGHT: Final[Colour] = (255, 240, 222)
SIDES: Final = (-1, 1)
SHADE: Final[Colour] = (120, 62, 48)  # what skin turns towards where no light falls

_FRACTION_BITS: Final = 4
_OVERSAMPLING: Final = 2


def mixed(first: Colour, second: Colour, share: float) -> Colour:
    """A colour between two, `share` of the way to the second."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def mirrored(points: Sequence[Point]) -> list[Point]:
    """The same points on the other side of the face, in the same order."""
    return [(-x, y) for x, y in points]


def spline(points: Sequence[Point], *, closed: bool = False, steps: int = 10) -> Curve:
    """A smooth curve through all points (Catmull-Rom)."""
    anchor = np.asarray(points, dtype=np.float64)
    if closed:
        padded = np.vstack([anchor[-1:], anchor, anchor[:2]])
    else:
        padded = np.vstack([2 * anchor[0] - anchor[1], anchor, 2 * anchor[-1] - anchor[-2]])
    t = np.linspace(0, 1, steps, endpoint=False)[:, np.newaxis]
    pieces = []
    for p0, p1, p2, p3 in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        pieces.append(
            0.5
            * (
                2 * p1
                + (p2 - p0) * t
                + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t**2
                + (3 * p1 - p0 - 3 * p2 + p3) * t**3
            )
        )
    if not closed:
        pieces.append(anchor[-1:])
    return np.vstack(pieces)


def ellipse(
    centre: Point, radii: Point, *, tilt: float = 0.0, start: float = 0.0, end: float = 360.0
) -> Curve:
    """The outline of an ellipse, or an arc of it; `tilt` in degrees."""
    angle = np.radians(np.linspace(start, end, 48))
    turn = np.radians(tilt)
    x, y = radii[0] * np.cos(angle), radii[1] * np.sin(angle)
    return np.column_stack(
        [
            centre[0] + x * np.cos(turn) - y * np.sin(turn),
            centre[1] + x * np.sin(turn) + y * np.cos(turn),
        ]
    )


def ribbon(curve: Curve, width: float, *, start: float = 0.15, end: float = 0.15) -> Curve:
    """The outline of a stroke along the curve, `start` and `end` being the shares of its width there."""
    way = np.linspace(0, 1, len(curve))
    swell = np.sin(np.pi * way) ** 0.6
    ends = start * (1 - way) + end * way
    half = width / 2 * (ends + (1 - ends) * swell)
    tangent = np.gradient(curve, axis=0)
    tangent /= np.maximum(np.linalg.norm(tangent, axis=1, keepdims=True), 1e-9)
    normal = np.column_stack([-tangent[:, 1], tangent[:, 0]])
    return np.vstack([curve + normal * half[:, np.newaxis], (curve - normal * half[:, np.newaxis])[::-1]])


@dataclass(frozen=True, slots=True)
class Sheet:
    """The size of a painting in pixels, where the face's middle is, and how many pixels a unit is long."""

    width: int
    height: int
    middle: Point
    unit: float


@dataclass(frozen=True, slots=True)
class Mask:
    """Which part of the sheet may be painted: cover from 0 to 1, zero outside the window."""

    cover: NDArray[np.float32]
    window: Window

    def without(self, other: Mask) -> Mask:
        """This mask where the other one is not."""
        return Mask(np.asarray(self.cover * (1 - other.cover), dtype=np.float32), self.window)


class Painter:
    """A transparent sheet that is painted on; drawn at twice its size and reduced at the end.

    With `rows` only those of the sheet are painted and come out in the end, in a fraction of the time.
    Not safe to share between threads.
    """

    def __init__(self, sheet: Sheet, rows: slice | None = None) -> None:
        self._sheet = sheet
        self._scale = sheet.unit * _OVERSAMPLING
        self._size = (sheet.width * _OVERSAMPLING, sheet.height * _OVERSAMPLING)
        first, last, _ = (rows or slice(None)).indices(sheet.height)
        self._top, self._bottom = first * _OVERSAMPLING, last * _OVERSAMPLING
        # colour by colour: numbers that lie side by side are mixed several times as quickly
        self._layers = np.zeros((4, self._size[1], self._size[0]), dtype=np.float32)

    def shape(self, outline: Curve, *, soft: float = 0.0) -> Mask:
        """A mask for clipping and washing."""
        cover = np.zeros(self._layers.shape[1:], dtype=np.float32)
        region, window = self._rasterised(outline, soft, (0, self._size[1]))
        cover[window] = region
        return Mask(cover, window)

    def rim(self, mask: Mask, width: float) -> Mask:
        """The inner edge of a mask, fading inwards: the shadow of something round."""
        inside = mask.cover[mask.window]
        margin = int(2 * width * self._scale)
        padded = cv2.copyMakeBorder(inside, margin, margin, margin, margin, cv2.BORDER_CONSTANT, value=0)
        small = cv2.resize(padded, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
        blurred = cv2.GaussianBlur(small, (0, 0), width * self._scale / 4)
        soft = cv2.resize(blurred, (padded.shape[1], padded.shape[0]), interpolation=cv2.INTER_LINEAR)
        cover = np.zeros_like(mask.cover)
        height, length = inside.shape
        cover[mask.window] = inside * (1 - soft[margin : margin + height, margin : margin + length])
        return Mask(cover, mask.window)

    def fill(
        self,
        outline: Curve,
        colour: Colour,
        *,
        alpha: float = 1.0,
        soft: float = 0.0,
        within: Mask | None = None,
    ) -> None:
        """Paint the inside of a closed curve."""
        region, window = self._rasterised(outline, soft, (self._top, self._bottom))
        if within is not None:
            region = np.asarray(region * within.cover[window], dtype=np.float32)
        self._blend(region * alpha, window, colour)

    def wash(self, mask: Mask, colour: Colour, *, alpha: float = 1.0) -> None:
        """Paint a whole mask."""
        down, across = mask.window
        window = slice(max(down.start, self._top), min(down.stop, self._bottom)), across
        self._blend(mask.cover[window] * alpha, window, colour)

    def line(
        self,
        points: Sequence[Point],
        width: float,
        colour: Colour,
        *,
        alpha: float = 1.0,
        soft: float = 0.0,
        ends: Point = (0.15, 0.15),
        within: Mask | None = None,
    ) -> None:
        """Paint a smooth stroke through the points, thinner towards its ends."""
        outline = ribbon(spline(points), width, start=ends[0], end=ends[1])
        self.fill(outline, colour, alpha=alpha, soft=soft, within=within)

    def band(self, path: Curve, width: float, colour: Colour) -> None:
        """Paint a stroke of even width along a path that is dense already, closed or not."""
        pixels = path * self._scale + np.asarray(self._sheet.middle) * _OVERSAMPLING
        thickness = max(1, round(width * self._scale))
        low = np.floor(pixels.min(axis=0)).astype(int) - thickness
        high = np.ceil(pixels.max(axis=0)).astype(int) + thickness
        region = np.zeros((high[1] - low[1], high[0] - low[0]), dtype=np.uint8)
        points = np.rint((pixels - low) * 2**_FRACTION_BITS).astype(np.int32)
        cv2.polylines(region, [points], False, 255, thickness, cv2.LINE_AA, _FRACTION_BITS)  # noqa: FBT003
        cover = np.asarray(region, dtype=np.float32) / np.float32(255)
        self._blend(cover, (slice(low[1], high[1]), slice(low[0], high[0])), colour)

    def finished(self) -> NDArray[np.uint8]:
        """The painting: blue, green, red (each already times alpha) and alpha."""
        size = (self._sheet.width, (self._bottom - self._top) // _OVERSAMPLING)
        painted = [layer[self._top : self._bottom] for layer in self._layers]
        reduced = cv2.merge([cv2.resize(layer, size, interpolation=cv2.INTER_AREA) for layer in painted])
        return np.asarray(np.clip(np.rint(reduced), 0, 255), dtype=np.uint8)

    def _rasterised(
        self, outline: Curve, soft: float, rows: tuple[int, int]
    ) -> tuple[NDArray[np.float32], Window]:
        origin = np.asarray(self._sheet.middle) * _OVERSAMPLING
        pixels = outline * self._scale + origin
        sigma = soft * self._scale
        margin = int(3 * sigma) + 3
        low = np.floor(pixels.min(axis=0)).astype(int) - margin
        high = np.ceil(pixels.max(axis=0)).astype(int) + margin
        left, top = max(0, low[0]), max(rows[0], low[1])
        right, bottom = min(self._size[0], high[0]), min(rows[1], high[1])
        if right <= left or bottom <= top:
            return np.zeros((0, 0), dtype=np.float32), (slice(0, 0), slice(0, 0))
        region = np.zeros((max(1, high[1] - low[1]), max(1, high[0] - low[0])), dtype=np.uint8)
        fixed = np.rint((pixels - low) * 2**_FRACTION_BITS).astype(np.int32)
        cv2.fillPoly(region, [fixed], 255, lineType=cv2.LINE_AA, shift=_FRACTION_BITS)
        mask = np.asarray(region, dtype=np.float32) / np.float32(255)
        if sigma > 0:
            mask = np.asarray(cv2.GaussianBlur(mask, (0, 0), sigma), dtype=np.float32)
        cut = mask[top - low[1] : bottom - low[1], left - low[0] : right - low[0]]
        return cut, (slice(top, bottom), slice(left, right))

    def _blend(self, cover: NDArray[np.float32], window: Window, colour: Colour) -> None:
        for layer, paint in zip(self._layers, (*colour[::-1], 255), strict=True):
            part = layer[window]
            part += (np.float32(paint) - part) * cover
