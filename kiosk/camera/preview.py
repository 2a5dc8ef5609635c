# SPDX-License-Identifier: Apache-2.0
"""The picture that people see of themselves."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.camera.framing import Crop, crop_for
from kiosk.camera.ports import Frame


def preview(frame: Frame, size: tuple[int, int] = (640, 800), crop: Crop | None = None) -> NDArray[np.uint8]:
    """That part of the frame, mirrored, at that width and height: red, green, blue, in one piece of memory.

    It is a copy: the frame's own picture may go away at any time. What does not fit the shape is cut off
    evenly at two sides, never squeezed.
    """
    height, width = frame.image.shape[:2]
    left, top, across, down = (crop or crop_for(None, (width, height))).pixels(width, height)
    wished = size[0] / size[1]
    kept_across, kept_down = min(across, round(down * wished)), min(down, round(across / wished))
    left, top = left + (across - kept_across) // 2, top + (down - kept_down) // 2
    cut = frame.image[top : top + kept_down, left : left + kept_across]
    shrinking = kept_across > size[0]
    scaled = cv2.resize(cut, size, interpolation=cv2.INTER_AREA if shrinking else cv2.INTER_LINEAR)
    mirrored = cv2.flip(scaled, 1)
    return np.ascontiguousarray(cv2.cvtColor(mirrored, cv2.COLOR_BGR2RGB), dtype=np.uint8)
