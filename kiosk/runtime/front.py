# SPDX-License-Identifier: Apache-2.0
"""The parts of a kiosk that are seen and touched, held together."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field

from PIL import Image
from PySide6.QtCore import QCoreApplication, QEvent, QSize
from PySide6.QtGui import QImage
from PySide6.QtQuick import QQuickImageProvider, QQuickView

from kiosk.consent.items import ConsentItem
from kiosk.flow.events import Event
from kiosk.flow.states import State
from kiosk.runtime.core import Core
from kiosk.runtime.news_room import NewsRoom
from kiosk.runtime.preview_pump import PreviewPump
from kiosk.ui.bridge.diagnostics import DiagnosticsBridge
from kiosk.ui.bridge.kiosk import KioskBridge
from kiosk.ui.bridge.news_desk import NewsDesk
from kiosk.ui.bridge.number_desk import NumberDesk
from kiosk.ui.bridge.staff import StaffBridge
from kiosk.ui.bridge.staff_form import StaffForm
from kiosk.ui.sound_player import SoundPlayer


class StaffPhotoProvider(QQuickImageProvider):
    """The card's photo for the person of the staff who compares: ``image://staff/photo/N``.

    Qt asks on the main thread; nothing is kept.
    """

    def __init__(self, photo: Callable[[], bytearray | None]) -> None:
        super().__init__(QQuickImageProvider.ImageType.Image)
        self._photo = photo

    def requestImage(self, _id: str, size: QSize, _requested: QSize) -> QImage:  # noqa: N802  # Qt's name
        """The photo of the session that goes on, or an empty picture."""
        data = self._photo()
        picture = QImage(1, 1, QImage.Format.Format_Grayscale8)
        picture.fill(0)
        if data is not None:
            with Image.open(io.BytesIO(data)) as photo:
                grey = photo.convert("L")
            # QImage only borrows the bytes, so the copy is what is handed on
            picture = QImage(
                grey.tobytes(), grey.width, grey.height, grey.width, QImage.Format.Format_Grayscale8
            ).copy()
        size.setWidth(picture.width())
        size.setHeight(picture.height())
        return picture


@dataclass(slots=True)
class Front:
    """Window, bridges and sounds.

    Lives on: main thread. The window goes before the objects that its QML is bound to.
    """

    bridge: KioskBridge
    staff: StaffBridge
    diagnostics: DiagnosticsBridge
    window: QQuickView
    pump: PreviewPump
    sounds: SoundPlayer
    _ended: bool = field(default=False)

    def on_state(self, before: State, event: Event, after: State) -> None:
        """Put the new state on the screen."""
        self.bridge.show(after)
        self.staff.show(after)
        self.diagnostics.show(after)
        self.pump.on_state(before, event, after)

    def stop(self) -> None:
        """Take everything off the screen; safe to call twice."""
        if self._ended:
            return
        self._ended = True
        self.pump.stop()
        self.sounds.stop()
        self.diagnostics.stop()
        self.staff.stop()
        self.bridge.stop()
        self.window.close()
        self.window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def staff_forms(core: Core, letter: str) -> list[StaffForm]:
    """What staff can do in their corner beside any reception, as far as the clinic has it.

    `letter` begins this kiosk's reception numbers.
    """

    def asked() -> bool:
        return ConsentItem.PERSON_UPDATE in core.controller.policy.consent.items

    news = NewsDesk(NewsRoom(core.store, core.staff_checks), letter, asked)
    return [NumberDesk(core.numbers.check), news] if core.numbers.endpoint else [news]
