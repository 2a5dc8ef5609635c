# SPDX-License-Identifier: Apache-2.0
"""Pictures for QML: the camera's preview, and drawings from files in the colours of the theme."""

from __future__ import annotations

import re
import threading
from functools import lru_cache
from pathlib import Path
from urllib.parse import parse_qs

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QImage, QPainter, QTransform
from PySide6.QtQuick import QQuickImageProvider
from PySide6.QtSvg import QSvgRenderer

# Drawings are drawn in the light theme's colours; with high contrast each gives way to another.
_CONTRAST = {
    "#eef1fb": "#1a2230",
    "#dbe3fb": "#2b3646",
    "#b9c8f5": "#5b6c84",
    "#7f9bea": "#8fb2ff",
    "#0017c1": "#ffd43d",
    "#000f85": "#ffe58a",
    "#ffffff": "#0b0d10",
    "#2b3350": "#e6ebf5",
    "#4a5578": "#aab6cc",
}
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}\b")


class PreviewProvider(QQuickImageProvider):
    """Holds the newest picture of the camera, cut to the oval of the screen, as in a mirror.

    `put` and `clear` may be called on any thread; Qt asks on the main thread. Whoever puts a picture also
    draws it, in the size that was asked for last, so that the main thread only hands it on.
    """

    def __init__(self) -> None:
        super().__init__(QQuickImageProvider.ImageType.Image)
        self._lock = threading.Lock()
        self._frame: NDArray[np.uint8] | None = None
        self._wanted = (480, 640)
        self._ready: QImage | None = None

    def put(self, frame: NDArray[np.uint8]) -> None:
        """Take a new picture: height × width × red, green, blue, mirrored already."""
        copy = np.array(frame[:, :, :3], order="C")
        with self._lock:
            wanted = self._wanted
        ready = self._drawn(copy, wanted)
        with self._lock:
            self._drop()
            self._frame, self._ready = copy, ready

    def clear(self) -> None:
        """Overwrite the picture; nothing of a face stays."""
        with self._lock:
            self._drop()

    def _drop(self) -> None:
        if self._frame is not None:
            self._frame.fill(0)
        self._frame = self._ready = None

    def requestImage(self, _id: str, size: QSize, requested: QSize) -> QImage:  # noqa: N802  # Qt's name
        """The newest picture, filling an oval of the size wanted."""
        width = requested.width() if requested.width() > 0 else 480
        height = requested.height() if requested.height() > 0 else 640
        size.setWidth(width)
        size.setHeight(height)
        with self._lock:
            self._wanted = (width, height)
            if self._ready is not None and (self._ready.width(), self._ready.height()) == self._wanted:
                return self._ready
            return self._drawn(self._frame, self._wanted)

    @classmethod
    def _drawn(cls, frame: NDArray[np.uint8] | None, wanted: tuple[int, int]) -> QImage:
        target = QImage(*wanted, QImage.Format.Format_ARGB32_Premultiplied)
        target.fill(Qt.GlobalColor.transparent)
        if frame is not None:
            cls._draw(frame, target)
        return target

    @staticmethod
    def _draw(frame: NDArray[np.uint8], target: QImage) -> None:
        rows, columns = frame.shape[:2]
        source = QImage(frame.data, columns, rows, columns * 3, QImage.Format.Format_RGB888)
        scale = max(target.width() / columns, target.height() / rows)
        shift = QTransform.fromTranslate(
            (target.width() - columns * scale) / 2, (target.height() - rows * scale) / 2
        ).scale(scale, scale)
        brush = QBrush(source)
        brush.setTransform(shift)
        painter = QPainter(target)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(brush)
        painter.drawEllipse(QRectF(0, 0, target.width(), target.height()))
        painter.end()


class DrawingProvider(QQuickImageProvider):
    """Drawings from a folder of SVG files: ``image://drawing/NAME?ink=COLOUR&contrast=1``.

    Icons are drawn in black and take the colour of `ink`; scenes keep their own colours.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(QQuickImageProvider.ImageType.Image)
        self._folder = folder

    def requestImage(self, identity: str, size: QSize, requested: QSize) -> QImage:  # noqa: N802  # Qt's name
        """The drawing, as large as it fits into the size wanted."""
        name, _, query = identity.partition("?")
        wishes = {key: values[0] for key, values in parse_qs(query).items()}
        source = _source(self._folder / f"{name}.svg")
        if "ink" in wishes:
            source = source.replace("#000000", wishes["ink"])
        elif wishes.get("contrast") == "1":
            source = _COLOUR.sub(lambda found: _CONTRAST.get(found[0].lower(), found[0]), source)
        renderer = QSvgRenderer(QByteArray(source.encode()))
        natural = renderer.defaultSize()
        wanted = QSize(
            requested.width() if requested.width() > 0 else natural.width(),
            requested.height() if requested.height() > 0 else natural.height(),
        )
        fitted = natural.scaled(wanted, Qt.AspectRatioMode.KeepAspectRatio)
        image = QImage(fitted, QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        renderer.render(painter)
        painter.end()
        size.setWidth(fitted.width())
        size.setHeight(fitted.height())
        return image


@lru_cache(maxsize=128)
def _source(file: Path) -> str:
    return file.read_text(encoding="utf-8")
