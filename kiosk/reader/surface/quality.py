# SPDX-License-Identifier: Apache-2.0
"""Why the print on a card could not be read, as far as the picture tells."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.reader.surface.fields import GLARING, FieldLayout, Region, flattened
from kiosk.reader.surface.find import FoundCard
from kiosk.reader.surface.ports import SurfaceHint

Grey = NDArray[np.uint8]

_GLARE_POINTS: Final = 45  # in a field: half a digit
_SOFT: Final = 0.20  # of the contrast from one point to the next, where the print is sharpest
_LEAST_SPECKS: Final = 3


def what_spoils(face: FoundCard, layout: FieldLayout) -> SurfaceHint:
    """The likeliest reason why that face could not be read."""
    fields = [_cut(face.image, region) for region in (layout.birth, layout.expiry, layout.code)]
    if any(_glaring(place) for place in fields):
        return SurfaceHint.GLARE
    flat = [flattened(place) for place in fields]
    try:
        if all(_sharpness(place) < _SOFT for place in flat):
            return SurfaceHint.BLURRED
        if sum(_specks(place) for place in flat) >= _LEAST_SPECKS:
            return SurfaceHint.DIRTY
        return SurfaceHint.DISAGREE
    finally:
        for place in flat:
            place.fill(0)


def _cut(image: Grey, region: Region) -> Grey:
    return image[region.top : region.top + region.height, region.left : region.left + region.width]


def _glaring(place: Grey) -> bool:
    white = (place >= GLARING).astype(np.uint8)
    opened = cv2.morphologyEx(white, cv2.MORPH_OPEN, np.ones((3, 3), dtype=np.uint8))
    return int(np.count_nonzero(opened)) > _GLARE_POINTS


def _sharpness(flat: Grey) -> float:
    """The steepest step from one point to the next, as a share of the whole contrast."""
    smooth = cv2.GaussianBlur(flat, (3, 3), 0).astype(np.float32)
    steps = np.abs(np.diff(smooth, axis=1))
    contrast = float(np.percentile(smooth, 90) - np.percentile(smooth, 0.5))
    return float(np.percentile(steps, 99.5)) / max(contrast, 1.0)


def _specks(flat: Grey) -> int:
    """Dots of ink that are no letters."""
    _, ink = cv2.threshold(flat, 0, 1, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)
    count, _, stats, _ = cv2.connectedComponentsWithStats(np.asarray(ink, dtype=np.uint8), connectivity=8)
    return sum(
        1 for _, _, width, height, area in stats[1:count].tolist() if max(width, height) <= 9 and area >= 6
    )
