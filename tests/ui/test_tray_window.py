# SPDX-License-Identifier: Apache-2.0
"""The tray's window: every control has a name and does what it says. A QML warning fails the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtQuick import QQuickItem
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from kiosk.simulator.patients.people import PATIENTS
from kiosk.simulator.tray.window import TrayWindow, tray_words
from tests.fakes.clock import FakeClock
from tests.fakes.demo_control import RecordingControl

TEXTS = Path(__file__).resolve().parents[2] / "assets" / "i18n"


@pytest.fixture
def control() -> RecordingControl:
    return RecordingControl()


@pytest.fixture
def window(qtbot: QtBot, control: RecordingControl) -> Iterator[TrayWindow]:
    made = TrayWindow(control, tray_words(TEXTS), FakeClock())
    made.show()
    qtbot.waitUntil(made.view.isExposed)
    yield made
    made.close()


def item(window: TrayWindow, name: str) -> QQuickItem:
    found = [each for each in everything(window.view.rootObject()) if each.objectName() == name]
    assert len(found) == 1, name
    return found[0]


def everything(start: QQuickItem) -> Iterator[QQuickItem]:
    yield start
    for child in start.childItems():
        yield from everything(child)


@pytest.fixture
def press(window: TrayWindow) -> Callable[[str], None]:
    def do(name: str) -> None:
        control = item(window, name)
        middle = control.mapToScene(QPointF(control.width() / 2, control.height() / 2))
        QTest.mouseClick(
            window.view, Qt.MouseButton.LeftButton, pos=QPoint(round(middle.x()), round(middle.y()))
        )

    return do


def test_cards_can_be_laid_swapped_and_taken(control: RecordingControl, press: Callable[[str], None]) -> None:
    press("tray:card.tome")
    press("tray:card.licence")
    press("tray:take")
    assert control.done == [
        ("insert", "tome"),
        ("camera", "tome"),
        ("swap", "licence"),
        ("camera", None),
        ("remove",),
    ]


def test_world_around_the_kiosk_can_be_changed(
    control: RecordingControl, press: Callable[[str], None]
) -> None:
    press("tray:camera.yuki")
    press("tray:light.dark")
    press("tray:upstream.down")
    press("tray:card.taro")
    press("tray:tries.1")
    assert control.done == [
        ("camera", "yuki"),
        ("light", "dark"),
        ("upstream", "down"),
        ("insert", "taro"),
        ("tries", "pin", 1),
    ]


def test_every_card_of_the_cast_is_there_and_tells_its_pin(window: TrayWindow) -> None:
    for person in PATIENTS:
        item(window, f"tray:card.{person.key}")
    texts = {each.property("text") for each in everything(window.view.rootObject())}
    assert "暗証番号 2580" in texts
    assert "髙槗　謙一" in texts


def test_other_language(window: TrayWindow, press: Callable[[str], None]) -> None:
    press("tray:language")
    texts = {each.property("text") for each in everything(window.view.rootObject())}
    assert {"Demo tray", "PIN 2580", "Card reader"} <= texts


def test_what_others_do_is_shown(window: TrayWindow, control: RecordingControl) -> None:
    window.bridge.card_is("goro")
    window.bridge.tries_are("goro", 0)
    assert window.bridge.property("tries") == 0
    window.bridge.camera_shows("taro")
    assert window.bridge.property("standing") == "taro"
    assert control.done == []


def test_each_control_has_role_and_name(window: TrayWindow) -> None:
    controls = [
        each for each in everything(window.view.rootObject()) if each.objectName().startswith("tray:")
    ]
    assert len(controls) > 25
    for each in controls:
        interface = QAccessible.queryAccessibleInterface(each)
        assert interface.role() == QAccessible.Role.Button, each.objectName()
        assert interface.text(QAccessible.Text.Name), each.objectName()


def test_window_fits_small_screens(window: TrayWindow, qtbot: QtBot) -> None:
    window.view.resize(500, 740)
    root = window.view.rootObject()
    qtbot.waitUntil(lambda: root.width() == 500)
    for each in everything(root):
        if each.objectName().startswith("tray:") and each.isVisible():
            corner = each.mapToScene(QPointF(each.width(), each.height()))
            assert corner.x() <= 500, each.objectName()
            assert corner.y() <= 740, each.objectName()
