# SPDX-License-Identifier: Apache-2.0
"""Moiré: what a camera sees where a screen's dots and its own do not fit, as single peaks of the spectrum."""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from kiosk.auth.face.engine import FaceBox, Grey

_SIDE: Final = 128
_LOWEST: Final = 0.06
"""Cycles a pixel: below it lie the face's own features, which are no ripple."""
_HIGHEST: Final = 0.48
_BLOCK_GRID: Final = 1 / 8
"""Pictures that came as JPEG have peaks at multiples of this on the axes, screens or not."""
_RING: Final = 5


def ripple_of(grey: Grey, box: FaceBox) -> float:
    """How far the strongest ripple on the face stands out of the other frequencies of about its size.

    About 1 to 3 for skin and noise (a ratio of amplitudes); 0 where the face is too small to tell.
    """
    height, width = grey.shape
    x, y = (round(each) for each in box.centre)
    left, top = min(max(0, x - _SIDE // 2), width - _SIDE), min(max(0, y - _SIDE // 2), height - _SIDE)
    if left < 0 or top < 0 or box.width < _SIDE * 0.75:
        return 0.0
    piece = grey[top : top + _SIDE, left : left + _SIDE].astype(np.float64)
    spectrum = np.abs(np.fft.fft2((piece - piece.mean()) * _window()))
    radius, usable = _frequencies()
    ring = np.minimum((radius * _SIDE / _RING).astype(int), _SIDE // _RING)
    strongest = 0.0
    for number in range(int(_LOWEST * _SIDE / _RING), int(_HIGHEST * _SIDE / _RING) + 1):
        values = spectrum[(ring == number) & usable]
        if len(values) > 16:
            strongest = max(strongest, float(values.max() / (np.quantile(values, 0.9) + 1e-6)))
    return strongest


@cache
def _window() -> NDArray[np.float64]:
    edge = np.hanning(_SIDE)
    return np.asarray(np.outer(edge, edge), dtype=np.float64)


@cache
def _frequencies() -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Each place of the spectrum: how fine it is, and whether it says anything."""
    steps = np.fft.fftfreq(_SIDE)
    across, down = np.meshgrid(steps, steps)
    radius = np.hypot(across, down)

    def on_grid(values: NDArray[np.float64]) -> NDArray[np.bool_]:
        return np.asarray(
            np.abs(values / _BLOCK_GRID - np.rint(values / _BLOCK_GRID)) * _BLOCK_GRID < 1.6 / _SIDE
        )

    near_axis = (np.abs(across) < 1.6 / _SIDE) | (np.abs(down) < 1.6 / _SIDE)
    blocks = near_axis & on_grid(across) & on_grid(down)
    usable = (radius >= _LOWEST) & (radius <= _HIGHEST) & ~blocks
    return radius, np.asarray(usable, dtype=bool)
