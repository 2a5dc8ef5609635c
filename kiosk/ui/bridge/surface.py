# SPDX-License-Identifier: Apache-2.0
"""The properties and signals that QML binds to; what they hold is decided in `KioskBridge`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from PySide6.QtCore import Property, QObject, Signal

from kiosk.clock import TOKYO, Clock

_MAP = cast("type", "QVariantMap")  # Qt knows this type by its name only


@dataclass(frozen=True, slots=True)
class UiSettings:
    """How this kiosk's screen is set up; millimetres are those of the real panel."""

    width_px: int = 1080
    height_px: int = 1920
    width_mm: float = 268.0
    clinic: str = ""
    clinic_en: str = ""
    languages: tuple[str, ...] = ("ja", "en")
    default_language: str = "ja"
    simulated: bool = False
    calm: bool = False
    fullscreen: bool = False


class Surface(QObject):
    """What the patient's screens can read. Lives on: the main thread."""

    screenChanged = Signal()  # noqa: N815  # Qt's own way of naming signals
    liveChanged = Signal()  # noqa: N815
    choicesChanged = Signal()  # noqa: N815
    clockChanged = Signal()  # noqa: N815
    previewChanged = Signal()  # noqa: N815
    longPressedCorner = Signal()  # noqa: N815

    def __init__(self, settings: UiSettings, clock: Clock, languages: tuple[str, ...]) -> None:
        super().__init__()
        self._settings = settings
        self._clock = clock
        self._languages = languages
        self._language = settings.default_language
        self._text_scale = 1.0
        self._high_contrast = False
        self._preview_number = 0
        self._preview_on = False
        self._screen: dict[str, object] = {}
        self._live: dict[str, object] = {}
        self._texts: dict[str, str] = {}

    def _get_screen(self) -> dict[str, object]:
        return self._screen

    def _get_live(self) -> dict[str, object]:
        return self._live

    def _get_texts(self) -> dict[str, str]:
        return self._texts

    def _get_language(self) -> str:
        return self._language

    def _get_next_language(self) -> str:
        """The language that the one language button leads to."""
        languages = list(self._languages)
        return languages[(languages.index(self._language) + 1) % len(languages)]

    def _get_text_scale(self) -> float:
        return self._text_scale

    def _get_high_contrast(self) -> bool:
        return self._high_contrast

    def _get_calm(self) -> bool:
        return self._settings.calm

    def _get_simulated(self) -> bool:
        return self._settings.simulated

    def _get_clinic(self) -> str:
        names = (self._settings.clinic, self._settings.clinic_en)
        return next(filter(None, names if self._language == "ja" else reversed(names)), "")

    def _get_clock(self) -> str:
        moment = self._clock.now().astimezone(TOKYO)
        return f"{moment.hour}:{moment.minute:02}"

    def _get_width_mm(self) -> float:
        return self._settings.width_mm

    def _get_preview(self) -> str:
        """The address of the newest picture; it changes with each, since Qt keeps what it has seen."""
        return f"image://preview/{self._preview_number}" if self._preview_on else ""

    screen = Property(_MAP, _get_screen, notify=screenChanged)
    live = Property(_MAP, _get_live, notify=liveChanged)
    texts = Property(_MAP, _get_texts, notify=choicesChanged)
    language = Property(str, _get_language, notify=choicesChanged)
    nextLanguage = Property(str, _get_next_language, notify=choicesChanged)  # noqa: N815
    textScale = Property(float, _get_text_scale, notify=choicesChanged)  # noqa: N815
    highContrast = Property(bool, _get_high_contrast, notify=choicesChanged)  # noqa: N815
    calm = Property(bool, _get_calm, constant=True)
    simulated = Property(bool, _get_simulated, constant=True)
    clinic = Property(str, _get_clinic, notify=choicesChanged)
    clockText = Property(str, _get_clock, notify=clockChanged)  # noqa: N815
    widthMm = Property(float, _get_width_mm, constant=True)  # noqa: N815
    preview = Property(str, _get_preview, notify=previewChanged)
