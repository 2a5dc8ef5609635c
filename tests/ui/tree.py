# SPDX-License-Identifier: Apache-2.0
"""Looking at what stands on a screen."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtQuick import QQuickItem
from PySide6.QtTest import QTest

from kiosk.ui.gallery_stage import Stage
from kiosk.ui.viewmodels.phrases import plain


def items(root: QQuickItem) -> Iterator[QQuickItem]:
    """Everything that is visible, in painting order."""
    if root.isVisible() and root.opacity() > 0:
        yield root
        for child in root.childItems():
            yield from items(child)


def everything(stage: Stage) -> list[QQuickItem]:
    return list(items(stage.view.rootObject()))


def texts(stage: Stage) -> list[QQuickItem]:
    """Every visible text that says something."""
    return [item for item in everything(stage) if item.inherits("QQuickText") and item.property("text")]


def controls(stage: Stage) -> dict[str, QQuickItem]:
    """Every visible control, by its action."""
    return {
        item.objectName().removeprefix("action:"): item
        for item in everything(stage)
        if item.objectName().startswith("action:")
    }


def place(item: QQuickItem) -> QRectF:
    return item.mapRectToScene(QRectF(0, 0, item.width(), item.height()))


def words(item: QQuickItem) -> str:
    return plain(str(item.property("text")))


def named(item: QQuickItem) -> tuple[str, QAccessible.Role]:
    """What a screen reader is told of an item."""
    interface = QAccessible.queryAccessibleInterface(item)
    return interface.text(QAccessible.Text.Name), interface.role()


def tap(stage: Stage, action: str) -> None:
    middle = place(controls(stage)[action]).center()
    QTest.mouseClick(
        stage.view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(*_whole(middle))
    )
    stage.settle()


def _whole(point: QPointF) -> tuple[int, int]:
    return round(point.x()), round(point.y())
