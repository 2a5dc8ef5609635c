# SPDX-License-Identifier: Apache-2.0
"""The window in which the patient's screens stand."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QColor, QFontDatabase
from PySide6.QtQml import QQmlError
from PySide6.QtQuick import QQuickView

from kiosk.errors import EnvironmentProblem, FailureCode
from kiosk.ui.bridge.kiosk import KioskBridge, UiSettings
from kiosk.ui.bridge.pictures import DrawingProvider, PreviewProvider

log = logging.getLogger("kiosk.ui")

QML_FOLDER = Path(__file__).parent / "qml"
FONTS = ("BIZ UDPGothic", "Noto Sans CJK JP")


def missing_fonts() -> tuple[str, ...]:
    """Which of the fonts that the screens are made for the machine does not have."""
    families = set(QFontDatabase.families())
    return tuple(font for font in FONTS if font not in families)


def build_window(
    bridge: KioskBridge,
    settings: UiSettings,
    preview: PreviewProvider,
    drawings: Path,
    *,
    staff: QObject | None = None,
    diagnostics: QObject | None = None,
) -> QQuickView:
    """Make the window; whoever asked for it shows it, and lets it go before the bridge.

    `drawings` is the folder of icons and scenes. Warnings of QML go to the log.
    """
    for font in missing_fonts():
        log.warning("the font %s is not installed", font)
    view = QQuickView()
    view.setColor(QColor("#F8F8FB"))
    view.setTitle(settings.clinic or settings.clinic_en or "Uketsuke")
    view.setResizeMode(QQuickView.ResizeMode.SizeRootObjectToView)
    engine = view.engine()
    engine.warnings.connect(_log_warnings)
    engine.addImageProvider("preview", preview)
    engine.addImageProvider("drawing", DrawingProvider(drawings))
    properties: dict[str, object] = {"bridge": bridge}
    if staff is not None:
        properties |= {"staff": staff, "staffLayer": _layer("staff/StaffCorner.qml")}
    if diagnostics is not None:
        properties |= {"diagnostics": diagnostics, "diagnosticsLayer": _layer("staff/Diagnostics.qml")}
    view.setInitialProperties(properties)
    view.resize(settings.width_px, settings.height_px)
    view.setSource(QUrl.fromLocalFile(str(QML_FOLDER / "Main.qml")))
    if view.status() != QQuickView.Status.Ready:
        _log_warnings(view.errors())
        raise EnvironmentProblem(FailureCode.DISPLAY_MISSING, detail="the screens could not be loaded")
    return view


def _layer(name: str) -> QUrl:
    file = QML_FOLDER / name
    return QUrl.fromLocalFile(str(file)) if file.exists() else QUrl()


def _log_warnings(warnings: Sequence[QQmlError]) -> None:
    for warning in warnings:
        log.warning("screens: %s", warning.toString())
