# SPDX-License-Identifier: Apache-2.0
"""The binding to Qt keeps count: one that loses references ends a kiosk within hours.

PySide6 6.12.0 on Python 3.11 gives back None and True once too often in each call without a result and in
each signal; Python then ends itself ("deallocating None"), in a kiosk after minutes of face preview.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest
from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QPainter

pytestmark = pytest.mark.skipif(sys.version_info >= (3, 12), reason="None and True are never counted there")

CALLS = 50


class Caller(QObject):
    bare = Signal()
    told = Signal(bool)


def lost(call: Callable[[], object]) -> int:
    """How many references to None, True and False a number of calls cost."""
    call()

    before = [sys.getrefcount(value) for value in (None, True, False)]
    for _ in range(CALLS):
        call()
    after = [sys.getrefcount(value) for value in (None, True, False)]
    return max(old - new for old, new in zip(before, after, strict=True))


def test_no_reference_is_lost_in_calls_and_signals(qapp: object) -> None:
    image = QImage(8, 8, QImage.Format.Format_ARGB32_Premultiplied)
    painter, timer, caller = QPainter(image), QTimer(), Caller()
    calls: dict[str, Callable[[], object]] = {
        "a picture is filled": lambda: image.fill(Qt.GlobalColor.transparent),
        "a hint is set": lambda: painter.setRenderHints(QPainter.RenderHint.Antialiasing),
        "a timer starts": lambda: timer.start(1000),
        "a timer stops": timer.stop,
        "a name is set": lambda: caller.setObjectName("x"),
        "a signal": caller.bare.emit,
        "a signal with a value": lambda: caller.told.emit(True),
    }
    found = {name: lost(call) for name, call in calls.items()}
    painter.end()
    assert {name: count for name, count in found.items() if count > CALLS // 2} == {}
