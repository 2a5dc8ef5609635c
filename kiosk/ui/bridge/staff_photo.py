# SPDX-License-Identifier: Apache-2.0
"""The card's photo for a check by eye: ``image://staff/photo/…``."""

from __future__ import annotations

import threading

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage
from PySide6.QtQuick import QQuickImageProvider


class StaffPhotoProvider(QQuickImageProvider):
    """Holds the one photo that staff may look at, and overwrites it when the session ends.

    `put` and `clear` may be called on any thread; Qt asks on the main thread.
    """

    def __init__(self) -> None:
        super().__init__(QQuickImageProvider.ImageType.Image)
        self._lock = threading.Lock()
        self._photo: NDArray[np.uint8] | None = None

    @property
    def has_photo(self) -> bool:
        """Whether there is one to look at."""
        with self._lock:
            return self._photo is not None

    def put(self, photo: NDArray[np.uint8]) -> None:
        """Take a photo: height × width of grey, or height × width × red, green, blue."""
        copy = np.array(photo if photo.ndim == 2 else photo[:, :, :3], dtype=np.uint8, order="C")
        with self._lock:
            self._wipe()
            self._photo = copy

    def clear(self) -> None:
        """Overwrite it; nothing of a face stays here."""
        with self._lock:
            self._wipe()

    def requestImage(self, _id: str, size: QSize, requested: QSize) -> QImage:  # noqa: N802  # Qt's name
        """The photo, as large as it fits into the size wanted; one clear dot where there is none."""
        with self._lock:
            if self._photo is None:
                image = QImage(1, 1, QImage.Format.Format_ARGB32_Premultiplied)
                image.fill(Qt.GlobalColor.transparent)
            else:
                rows, columns = self._photo.shape[:2]
                grey = self._photo.ndim == 2
                layout = QImage.Format.Format_Grayscale8 if grey else QImage.Format.Format_RGB888
                image = QImage(self._photo.data, columns, rows, columns * (1 if grey else 3), layout).copy()
        size.setWidth(image.width())
        size.setHeight(image.height())
        if requested.width() > 0 and requested.height() > 0:
            ratio = Qt.AspectRatioMode.KeepAspectRatio
            return image.scaled(requested, ratio, Qt.TransformationMode.SmoothTransformation)
        return image

    def _wipe(self) -> None:
        if self._photo is not None:
            self._photo.fill(0)
        self._photo = None
