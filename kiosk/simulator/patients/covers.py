# SPDX-License-Identifier: Apache-2.0
"""What hides a part of a drawn face: a mask over mouth and nose, dark glasses before the eyes."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from kiosk.simulator.patients.brush import SIDES, Colour, Painter, Sheet, ellipse, spline
from kiosk.simulator.patients.face_spec import FaceSpec

_CLOTH: Final[Colour] = (236, 242, 244)
_FOLD: Final[Colour] = (206, 216, 222)
_GLASS: Final[Colour] = (26, 26, 30)


class Cover(StrEnum):
    """What is worn."""

    MASK = "mask"
    SUNGLASSES = "sunglasses"


def draw_cover(sheet: Sheet, spec: FaceSpec, cover: Cover) -> NDArray[np.uint8]:
    """The mask or the glasses of that face by themselves, on a transparent sheet."""
    painter = Painter(sheet)
    if cover is Cover.MASK:
        _draw_mask(painter, spec)
    else:
        _draw_sunglasses(painter, spec)
    return painter.finished()


def over(below: NDArray[np.uint8], above: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Both sheets, one upon the other."""
    left = 1 - above[:, :, 3:].astype(np.float32) / 255
    return np.asarray(np.clip(above + below * left, 0, 255), dtype=np.uint8)


def _draw_mask(painter: Painter, spec: FaceSpec) -> None:
    top, side = 0.3, 0.9 * spec.width
    low = spec.chin + 0.05
    outline = spline(
        [
            (-side, 0.36), (-0.4, top), (0.0, top - 0.1), (0.4, top), (side, 0.36),
            (0.94 * spec.jaw, 0.66 * spec.chin),
            (spec.chin_width + 0.12, 0.95 * low), (0.0, low), (-spec.chin_width - 0.12, 0.95 * low),
            (-0.94 * spec.jaw, 0.66 * spec.chin),
        ],
        closed=True,
    )  # fmt: skip
    for hand in SIDES:
        painter.line([(hand * side, 0.4), (hand * 1.05 * spec.width, 0.2)], 0.04, _FOLD)
        painter.line(
            [(hand * 0.9 * spec.jaw, 0.62 * spec.chin), (hand * 1.05 * spec.width, 0.4)], 0.04, _FOLD
        )
    painter.fill(outline, _CLOTH)
    within = painter.shape(outline)
    painter.wash(painter.rim(within, 0.16), _FOLD, alpha=0.6)


def _draw_sunglasses(painter: Painter, spec: FaceSpec) -> None:
    for hand in SIDES:
        x = hand * max(spec.eye_spacing, 0.48)
        painter.fill(ellipse((x, 0.04), (0.44, 0.36)), _GLASS)
        painter.line([(x + hand * 0.4, -0.08), (hand * 1.04 * spec.width, -0.1)], 0.07, _GLASS)
    painter.line([(-0.12, -0.06), (0.0, -0.1), (0.12, -0.06)], 0.07, _GLASS, ends=(1, 1))
