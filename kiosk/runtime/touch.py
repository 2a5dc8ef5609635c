# SPDX-License-Identifier: Apache-2.0
"""A finger for rehearsals: presses what stands on the screen, where it stands."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtQuick import QQuickItem, QQuickView
from PySide6.QtTest import QTest


class Finger:
    """Finds controls by their action, as the tests do, and presses their middle.

    Lives on: main thread.
    """

    def __init__(self, window: QQuickView) -> None:
        self._window = window
        self._held: QPoint | None = None
        self._aim: tuple[str, QPoint] | None = None

    def can_press(self, action: str) -> bool:
        """Whether that control is there, can be used, and stands where it stood at the last look.

        Layouts take a moment; whoever presses a control that still moves hits its neighbour.
        """
        item = self._find(f"action:{action}")
        aim = None if item is None else (action, self._middle(item))
        steady = aim is not None and aim == self._aim
        self._aim = aim
        return steady

    def press(self, action: str) -> None:
        """Press that control and let go."""
        item = self._find(f"action:{action}")
        if item is not None:
            QTest.mouseClick(
                self._window, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, self._middle(item)
            )

    def hold_corner(self) -> None:
        """Put the finger on the staff's corner, and keep it there."""
        item = self._find("staffCorner")
        if item is not None:
            self._held = self._middle(item)
            QTest.mousePress(
                self._window, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, self._held
            )

    def let_go(self) -> None:
        """Lift the finger."""
        if self._held is not None:
            QTest.mouseRelease(
                self._window, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, self._held
            )
            self._held = None

    def _middle(self, item: QQuickItem) -> QPoint:
        return item.mapToScene(QPointF(item.width() / 2, item.height() / 2)).toPoint()

    def _find(self, name: str) -> QQuickItem | None:
        root = cast("QQuickItem | None", self._window.rootObject())
        found = _named(root, name) if root is not None else None
        if found is None or root is None:
            return None
        middle = self._middle(found)
        inside = 0 <= middle.x() < self._window.width() and 0 <= middle.y() < self._window.height()
        return found if inside and found.isEnabled() else None


def _named(item: QQuickItem, name: str) -> QQuickItem | None:
    """The visible item of that name, the topmost where there are two."""
    if not item.isVisible() or not item.opacity():
        return None
    for child in reversed(item.childItems()):
        found = _named(child, name)
        if found is not None:
            return found
    return item if item.objectName() == name else None
