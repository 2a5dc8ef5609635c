# SPDX-License-Identifier: Apache-2.0
"""A window that nobody sees, on which the gallery and the tests put up screens."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainter

from kiosk.consent.texts import ConsentTexts
from kiosk.flow.events import Event
from kiosk.flow.policy import FlowPolicy
from kiosk.flow.session import PrintedField
from kiosk.flow.states import FaceCapturing, PrintedFieldsEntry, State
from kiosk.texts import Catalogue
from kiosk.ui.bridge.kiosk import KioskBridge, UiSettings
from kiosk.ui.bridge.pictures import PreviewProvider
from kiosk.ui.gallery import Look
from kiosk.ui.window import build_window

PORTRAIT = (1080, 1920, 268.0)
TYPED = "51032720331234"
_HINT = "hint."
LANDSCAPE = (1280, 800, 217.0)


class StoppedClock:
    """A clock that shows what it was told."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment
        self.seconds = 100.0

    def now(self) -> datetime:
        """The moment it was told."""
        return self.moment

    def monotonic(self) -> float:
        """Seconds as they were set."""
        return self.seconds


class Stage:
    """One window in one look. Lives on: the main thread."""

    PAGES: ClassVar[dict[str, str]] = {
        "info-first": "idle.first",
        "info-nocard": "idle.nocard",
        "info-phone": "idle.phone",
    }

    def __init__(self, look: Look, assets: Path, moment: datetime, *, simulated: bool = False) -> None:
        self.application = QGuiApplication.instance() or QGuiApplication([])
        width, height, millimetres = LANDSCAPE if look.landscape else PORTRAIT
        settings = UiSettings(
            width_px=width,
            height_px=height,
            width_mm=millimetres,
            clinic="あおぞら内科クリニック",
            default_language=look.language,
            simulated=simulated,
            calm=True,
        )
        i18n = assets / "i18n"
        policy = FlowPolicy()
        catalogues = {language: Catalogue.load(i18n, language) for language in Catalogue.languages(i18n)}
        self.hints = [key[len(_HINT) :] for key in catalogues[look.language].texts if key.startswith(_HINT)]
        self.events: list[Event] = []
        self.digits: list[int] = []
        self.erased = 0
        self.typed = ""
        self.clicks = 0
        self.clock = StoppedClock(moment)
        self.preview = PreviewProvider()
        self.bridge = KioskBridge(
            self.events.append,
            self.digits.append,
            self._erase,
            lambda: "01JNEW00000000000000000000",
            catalogues,
            ConsentTexts.load(assets / "consent", policy.consent.text_version),
            policy,
            settings,
            self.clock,
            click=self._hear_click,
            field_digit_sink=self._type,
            field_erase_sink=self._untype,
            typed_digits=lambda: self.typed,
        )
        self.look = look
        self.view = build_window(self.bridge, settings, self.preview, assets / "icons")
        self.view.show()

    def _erase(self) -> None:
        self.erased += 1

    def _type(self, digit: int) -> None:
        self.typed += str(digit)

    def _untype(self) -> None:
        self.typed = self.typed[:-1]

    def _hear_click(self) -> None:
        self.clicks += 1

    def show(self, name: str, state: State) -> None:
        """Put a screen up in this stage's look, with what was typed so far where it is shown."""
        if isinstance(state, PrintedFieldsEntry):
            before = list(PrintedField)[: list(PrintedField).index(state.field)]
            self.typed = TYPED[: sum(field.length for field in before) + state.digits]
        self.bridge.show(state)
        self.bridge.choose_text_scale(self.look.text_scale)
        if self.bridge.property("highContrast") != self.look.contrast:
            self.bridge.press("contrast")
        if name in self.PAGES:
            self.bridge.press(self.PAGES[name])
        if isinstance(state, FaceCapturing) and state.photo_open:
            self.preview.put(drawn_face())
            self.bridge.preview_arrived()
        self.settle()

    def settle(self) -> None:
        """Let bindings and layouts come to rest; Qt places rows and columns when it draws."""
        self.application.processEvents()
        self.view.grabWindow()
        self.application.processEvents()

    def picture(self, file: Path) -> None:
        """Keep what is seen."""
        file.parent.mkdir(parents=True, exist_ok=True)
        self.view.grabWindow().save(str(file))

    def close(self) -> None:
        """Take the window down."""
        self.bridge.stop()
        self.view.close()
        self.view.deleteLater()
        self.settle()


def drawn_face(size: tuple[int, int] = (640, 480)) -> NDArray[np.uint8]:
    """Somebody who does not exist, as the camera's picture: enough to judge the screen by."""
    width, height = size
    image = QImage(width, height, QImage.Format.Format_RGB888)
    image.fill(QColor("#B9C4CC"))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QColor("transparent"))
    middle = width // 2
    for colour, x, y, w, h in (
        ("#6C7A8C", middle - 190, 380, 380, 300),
        ("#D9AE8C", middle - 45, 310, 90, 110),
        ("#4A3B32", middle - 118, 60, 236, 250),
        ("#EBC3A2", middle - 100, 90, 200, 270),
        ("#FFFFFF", middle - 62, 205, 44, 24),
        ("#FFFFFF", middle + 18, 205, 44, 24),
        ("#2E2420", middle - 50, 206, 22, 22),
        ("#2E2420", middle + 28, 206, 22, 22),
        ("#C47F6E", middle - 34, 300, 68, 18),
    ):
        painter.setBrush(QColor(colour))
        painter.drawEllipse(x, y, w, h)
    painter.end()
    rows = np.frombuffer(image.constBits(), dtype=np.uint8).reshape(height, image.bytesPerLine())
    return rows[:, : width * 3].reshape(height, width, 3).copy()
