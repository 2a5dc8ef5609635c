# SPDX-License-Identifier: Apache-2.0
"""A camera that is mounted on its side, upside down, or that mirrors: its pictures are set right."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from kiosk.camera.ports import Camera, Frame

_TURNS: Final = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}


class MountedCamera:
    """Another camera's pictures, turned clockwise by `rotation` degrees, and unmirrored where it mirrors.

    Lives on: the camera thread.
    """

    def __init__(self, camera: Camera, rotation: int, *, mirrored: bool) -> None:
        self._camera = camera
        self._rotation = rotation
        self._mirrored = mirrored

    @property
    def name(self) -> str:
        """As the camera itself is called."""
        return self._camera.name

    def open(self) -> None:
        """Take the device."""
        self._camera.open()

    def read(self) -> Frame:
        """The next picture, upright."""
        frame = self._camera.read()
        image = frame.image
        if self._mirrored:
            image = np.asarray(cv2.flip(image, 1), dtype=np.uint8)
        if self._rotation in _TURNS:
            image = np.asarray(cv2.rotate(image, _TURNS[self._rotation]), dtype=np.uint8)
        return Frame(image, frame.sequence, frame.taken_at)

    def close(self) -> None:
        """Let go of the device."""
        self._camera.close()


def mounted(camera: Camera, rotation: int, *, mirrored: bool) -> Camera:
    """The camera as it is where it hangs straight, else one whose pictures are set right."""
    return MountedCamera(camera, rotation, mirrored=mirrored) if rotation or mirrored else camera
