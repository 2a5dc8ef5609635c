# SPDX-License-Identifier: Apache-2.0
"""The tray as a window beside the kiosk's."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from PySide6.QtCore import QPoint, QSize, Qt, QUrl
from PySide6.QtQuick import QQuickView

from kiosk.clock import Clock
from kiosk.simulator.tray.bridge import TrayBridge
from kiosk.simulator.tray.control import DemoControl
from kiosk.simulator.tray.faces import FaceProvider
from kiosk.texts import Catalogue

QML_FILE: Final = Path(__file__).with_name("Tray.qml")
SIZE: Final = QSize(720, 1136)
_SMALLEST: Final = QSize(500, 740)


def tray_words(folder: Path, languages: tuple[str, ...] = ("ja", "en")) -> Mapping[str, Catalogue]:
    """``tray.<language>.toml`` of each language."""
    return {
        language: Catalogue(language, Catalogue.load(folder, f"tray.{language}").texts, {})
        for language in languages
    }


class TrayWindow:
    """The second window of a windowed demo.

    Lives on: the main thread.
    """

    def __init__(
        self, control: DemoControl, catalogues: Mapping[str, Catalogue], clock: Clock, language: str = "ja"
    ) -> None:
        self.bridge = TrayBridge(control, catalogues, clock, language)
        self.view = QQuickView()
        self.view.engine().addImageProvider("faces", FaceProvider())
        self.view.setResizeMode(QQuickView.ResizeMode.SizeRootObjectToView)
        self.view.setInitialProperties({"bridge": self.bridge})
        self.view.setSource(QUrl.fromLocalFile(str(QML_FILE)))
        self.view.setMinimumSize(_SMALLEST)
        self.view.resize(SIZE)
        self.view.setTitle(catalogues[language].get("title"))

    def show(self, beside: QPoint | None = None) -> None:
        """Open it, with its top left corner there, no larger than the screen is high."""
        room = self.view.screen().availableSize()
        if room.height() < SIZE.height():
            self.view.resize(SIZE.scaled(room, Qt.AspectRatioMode.KeepAspectRatio))
        if beside is not None:
            self.view.setPosition(beside)
        self.view.show()

    def close(self) -> None:
        """Take the window down before the bridge that it looks at."""
        self.view.close()
        self.view.setSource(QUrl())
        self.view.deleteLater()
