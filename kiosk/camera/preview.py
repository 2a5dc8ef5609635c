# SPDX-License-Identifier: Apache-2.0
"""The picture that people see of themselves."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.camera.ports import Frame


def preview(frame: Frame, size: tuple[int, int] = (720, 720)) -> NDArray[np.uint8]:
    """The middle of the frame, mirrored, at that width and height: red, green, blue, in one piece of memory.

    It is a copy: the frame's own picture may go away at any time.
    """
    image = frame.image
    height, width = image.shape[:2]
    wished = size[0] / size[1]
    crop_width = min(width, round(height * wished))
    crop_height = min(height, round(width / wished))
    left, top = (width - crop_width) // 2, (height - crop_height) // 2
    cut = image[top : top + crop_height, left : left + crop_width]
    shrinking = crop_width > size[0]
    scaled = cv2.resize(cut, size, interpolation=cv2.INTER_AREA if shrinking else cv2.INTER_LINEAR)
    mirrored = cv2.flip(scaled, 1)
    return np.ascontiguousarray(cv2.cvtColor(mirrored, cv2.COLOR_BGR2RGB), dtype=np.uint8)
