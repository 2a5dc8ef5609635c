# SPDX-License-Identifier: Apache-2.0
"""The drawn patients as pictures for QML: ``image://faces/KEY``."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage
from PySide6.QtQuick import QQuickImageProvider

from kiosk.simulator.patients.drawing import portrait


class FaceProvider(QQuickImageProvider):
    """Head and shoulders on no ground. Lives on: the main thread."""

    def __init__(self) -> None:
        super().__init__(QQuickImageProvider.ImageType.Image)

    def requestImage(self, identity: str, size: QSize, requested: QSize) -> QImage:  # noqa: N802  # Qt's name
        """That patient; nothing for a stranger."""
        try:
            image = _face(identity)
        except KeyError:
            image = QImage(1, 1, QImage.Format.Format_ARGB32_Premultiplied)
            image.fill(Qt.GlobalColor.transparent)
        size.setWidth(image.width())
        size.setHeight(image.height())
        if requested.width() <= 0 and requested.height() <= 0:
            return image
        wanted = QSize(
            requested.width() if requested.width() > 0 else image.width(),
            requested.height() if requested.height() > 0 else image.height(),
        )
        return image.scaled(
            wanted,
            Qt.AspectRatioMode.KeepAspectRatioByExpanding,
            Qt.TransformationMode.SmoothTransformation,
        )


@lru_cache(maxsize=32)
def _face(key: str) -> QImage:
    drawn = portrait(key)
    height, width = drawn.shape[:2]
    # blue, green, red, alpha in memory is ARGB32 on the little-endian machines this runs on
    image = QImage(drawn.data, width, height, width * 4, QImage.Format.Format_ARGB32_Premultiplied)
    return image.copy()  # the numbers go away with `drawn`
