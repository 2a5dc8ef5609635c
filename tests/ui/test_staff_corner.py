# SPDX-License-Identifier: Apache-2.0
"""The staff corner as it is touched: sign-in, what may be done, signing out. A QML warning fails the test."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QAccessible
from PySide6.QtQuick import QQuickItem, QQuickView
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from kiosk.errors import FailureCode
from kiosk.flow import states as s
from kiosk.flow.events import (
    Event,
    LastAttemptAllowed,
    StaffConfirmed,
    StaffDeclined,
    StaffReset,
    TechnicianSignedIn,
)
from kiosk.flow.session import Session
from kiosk.runtime.front import StaffPhotoProvider
from kiosk.secret import Secret
from kiosk.texts import Catalogue
from kiosk.ui.bridge.pictures import DrawingProvider
from kiosk.ui.bridge.staff import CodeAnswer, StaffBridge
from kiosk.ui.viewmodels.staff import SignedIn
from kiosk.ui.window import QML_FOLDER
from kiosk.ui.words import part_of_catalogue

ASSETS = Path(__file__).resolve().parents[2] / "assets"
SESSION = Session(number=7, id="S", started_at=datetime(2026, 6, 1, tzinfo=UTC))
CODES = {b"2468": SignedIn("佐藤"), b"135790": SignedIn("鈴木", technician=True)}


class Corner:
    """The layer in a window of its own, and what came out of it."""

    def __init__(self, sign_out_ms: int = 60_000) -> None:
        self.events: list[Event] = []
        self.held: list[tuple[Secret, Callable[[CodeAnswer], None]]] = []
        self.photo: bytearray | None = None
        self.answer_at_once = True
        self.clicks = 0
        words = part_of_catalogue(ASSETS / "i18n", "staff", Catalogue.load(ASSETS / "i18n", "ja"))
        self.bridge = StaffBridge(
            self.check,
            self.events.append,
            words,
            has_photo=lambda: self.photo is not None,
            click=self.hear,
            sign_out_ms=sign_out_ms,
        )
        self.view = QQuickView()
        self.view.engine().addImageProvider("drawing", DrawingProvider(ASSETS / "icons"))
        self.view.engine().addImageProvider("staff", StaffPhotoProvider(lambda: self.photo))
        self.view.setResizeMode(QQuickView.ResizeMode.SizeRootObjectToView)
        self.view.setInitialProperties({"bridge": self.bridge})
        self.view.resize(1080, 1920)
        self.view.setSource(QUrl.fromLocalFile(str(QML_FOLDER / "staff" / "StaffCorner.qml")))
        self.view.show()

    def check(self, code: Secret, answer: Callable[[CodeAnswer], None]) -> None:
        if not self.answer_at_once:
            self.held.append((code, answer))
            return
        who = CODES.get(bytes(code.view()))
        code.clear()
        answer(CodeAnswer(who) if who else CodeAnswer(code=FailureCode.STAFF_CODE_WRONG))

    def hear(self) -> None:
        self.clicks += 1

    def close(self) -> None:
        self.bridge.stop()
        self.view.close()
        self.view.setSource(QUrl())

    def stage(self) -> str:
        return str(self.bridge.property("view")["stage"])

    def notice(self) -> str:
        return str(self.bridge.property("view")["notice"]).replace("\u2060", "").replace("\u200b", "")

    def items(self) -> list[QQuickItem]:
        return list(everything(self.view.rootObject()))

    def item(self, name: str) -> QQuickItem | None:
        found = [each for each in self.items() if each.objectName() == name and each.isVisible()]
        assert len(found) <= 1, name
        return found[0] if found else None

    def press(self, action: str) -> None:
        self.view.grabWindow()  # has everything laid out first
        control = self.item("action:" + action)
        assert control is not None, action
        middle = control.mapToScene(QPointF(control.width() / 2, control.height() / 2))
        point = QPoint(round(middle.x()), round(middle.y()))
        QTest.mouseClick(self.view, Qt.MouseButton.LeftButton, pos=point)

    def enter(self, code: str) -> None:
        for digit in code:
            self.press(f"staff.digit.{digit}")
        self.press("staff.submit")


def everything(start: QQuickItem) -> Iterator[QQuickItem]:
    yield start
    for child in start.childItems():
        yield from everything(child)


@pytest.fixture
def corner(qtbot: QtBot) -> Iterator[Corner]:
    made = Corner()
    qtbot.waitUntil(made.view.isExposed)
    yield made
    made.close()


def sign_in(corner: Corner, qtbot: QtBot, state: s.State, code: str = "2468") -> None:
    corner.bridge.show(state)
    corner.bridge.open()
    corner.enter(code)
    qtbot.waitUntil(lambda: corner.stage() == "menu")


def test_a_touch_is_heard_where_it_does_something(corner: Corner, qtbot: QtBot) -> None:
    corner.bridge.open()
    corner.bridge.press("staff.erase")  # nothing is there to take back
    assert corner.clicks == 0
    corner.enter("2468")
    qtbot.waitUntil(lambda: corner.stage() == "menu")
    assert corner.clicks == 5
    corner.bridge.press("staff.digit.1")
    corner.bridge.press("staff.confirm")  # not offered while nobody is compared
    assert corner.clicks == 5
    corner.press("staff.close")
    assert corner.clicks == 6


def test_shut_corner_is_not_there(corner: Corner) -> None:
    assert corner.item("staffSheet") is None


@pytest.mark.parametrize(
    ("state", "code", "action", "event"),
    [
        (s.PinChecking(SESSION, 1), "2468", "staff.reset", StaffReset("佐藤")),
        (
            s.AwaitingStaffCheck(SESSION),
            "2468",
            "staff.confirm",
            StaffConfirmed(session_no=7, by="佐藤"),
        ),
        (
            s.AwaitingStaffCheck(SESSION),
            "2468",
            "staff.decline",
            StaffDeclined(session_no=7, by="佐藤"),
        ),
        (
            s.PinUnavailable(SESSION, FailureCode.PIN_LAST_TRY),
            "2468",
            "staff.lasttry",
            LastAttemptAllowed(session_no=7, by="佐藤"),
        ),
        (s.Idle(), "135790", "staff.diagnose", TechnicianSignedIn("鈴木")),
    ],
    ids=["reset", "confirm", "decline", "lasttry", "diagnose"],
)
def test_signed_in_person_acts_by_name_and_the_corner_shuts(
    corner: Corner, qtbot: QtBot, state: s.State, code: str, action: str, event: Event
) -> None:
    sign_in(corner, qtbot, state, code)
    corner.press(action)
    assert corner.events == [event]
    assert corner.stage() == "closed"


def test_wrong_code_is_told_and_from_the_second_on_costs_time(corner: Corner, qtbot: QtBot) -> None:
    corner.bridge.open()
    corner.enter("9999")
    qtbot.waitUntil(lambda: "ちがいます" in corner.notice())
    corner.enter("9998")
    qtbot.waitUntil(lambda: "4秒" in corner.notice())
    corner.press("staff.digit.1")
    assert corner.bridge.property("view")["digits"] == 0


def test_wait_outlasts_shutting_and_opening(corner: Corner, qtbot: QtBot) -> None:
    corner.bridge.open()
    for code in ("9999", "9998"):
        corner.enter(code)
        qtbot.waitUntil(lambda: corner.stage() == "code")
    corner.bridge.close()
    corner.bridge.open()
    assert corner.bridge.property("view")["keysLive"] is False


def test_short_code_is_not_tried(corner: Corner) -> None:
    corner.answer_at_once = False
    corner.bridge.open()
    corner.enter("12")
    assert corner.held == []
    assert "4けた" in corner.notice()


def test_answer_after_shutting_signs_nobody_in(corner: Corner, qtbot: QtBot) -> None:
    corner.answer_at_once = False
    corner.bridge.open()
    corner.enter("2468")
    corner.press("staff.close")
    _, answer = corner.held[0]
    answer(CodeAnswer(SignedIn("佐藤")))
    qtbot.wait(1)
    assert corner.stage() == "closed"


def test_missing_register_is_told(corner: Corner, qtbot: QtBot) -> None:
    corner.answer_at_once = False
    corner.bridge.open()
    corner.enter("2468")
    corner.held[0][1](CodeAnswer(code=FailureCode.STAFF_NONE))
    qtbot.waitUntil(lambda: "まだ登録されていません" in corner.notice())


def test_nobody_touching_signs_out(qtbot: QtBot) -> None:
    corner = Corner(sign_out_ms=30)
    corner.bridge.open()
    qtbot.waitUntil(lambda: corner.stage() == "closed")
    corner.close()


def test_actions_follow_the_state_while_the_menu_is_open(corner: Corner, qtbot: QtBot) -> None:
    sign_in(corner, qtbot, s.AwaitingStaffCheck(SESSION))
    corner.bridge.show(s.ChoosingVerification(SESSION))
    assert corner.item("action:staff.confirm") is None
    corner.bridge.press("staff.confirm")
    assert corner.events == []


def test_photo_is_shown_for_the_check_and_asked_for_anew_next_time(corner: Corner, qtbot: QtBot) -> None:
    drawn = io.BytesIO()
    Image.new("L", (30, 40), 200).save(drawn, "PNG")
    corner.photo = bytearray(drawn.getvalue())
    sign_in(corner, qtbot, s.AwaitingStaffCheck(SESSION))
    shown = corner.item("staffPhoto")
    assert shown is not None
    qtbot.waitUntil(lambda: shown.implicitWidth() == 30)
    first = corner.bridge.property("view")["photo"]
    corner.bridge.show(s.AwaitingStaffCheck(replace(SESSION, number=8)))
    assert corner.bridge.property("view")["photo"] != first


def test_check_without_photo_says_what_to_compare_with(corner: Corner, qtbot: QtBot) -> None:
    sign_in(corner, qtbot, s.AwaitingStaffCheck(SESSION))
    told = [str(each.property("text") or "") for each in corner.items() if each.isVisible()]
    assert any("写真は" in text.replace("\u2060", "") for text in told)


def test_digits_never_reach_the_screen_or_the_log(
    corner: Corner, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    corner.answer_at_once = False
    corner.bridge.open()
    for digit in "73918":
        corner.press(f"staff.digit.{digit}")
    assert corner.bridge.property("view")["digits"] == 5
    assert "73918" not in str(corner.bridge.property("view"))
    for each in corner.items():
        assert "73918" not in str(each.property("text") or "")
    corner.press("staff.submit")
    assert "73918" not in caplog.text


def test_erase_takes_one_digit_back(corner: Corner) -> None:
    corner.bridge.open()
    for digit in "123":
        corner.press(f"staff.digit.{digit}")
    corner.press("staff.erase")
    assert corner.bridge.property("view")["digits"] == 2


def test_keyboard_works_too(corner: Corner, qtbot: QtBot) -> None:
    corner.bridge.open()
    corner.view.requestActivate()
    QTest.keyClick(corner.view, Qt.Key.Key_5)
    QTest.keyClick(corner.view, Qt.Key.Key_6)
    QTest.keyClick(corner.view, Qt.Key.Key_Backspace)
    assert corner.bridge.property("view")["digits"] == 1
    QTest.keyClick(corner.view, Qt.Key.Key_Escape)
    assert corner.stage() == "closed"


def test_each_control_has_role_name_and_size(corner: Corner, qtbot: QtBot) -> None:
    def check() -> int:
        controls = [
            each for each in corner.items() if each.objectName().startswith("action:") and each.isVisible()
        ]
        for each in controls:
            interface = QAccessible.queryAccessibleInterface(each)
            assert interface.role() == QAccessible.Role.Button, each.objectName()
            assert interface.text(QAccessible.Text.Name), each.objectName()
            assert each.height() >= 20 * 4, each.objectName()  # 20 mm on the portrait panel
        return len(controls)

    corner.bridge.open()
    assert check() == 13
    corner.bridge.close()
    sign_in(corner, qtbot, s.AwaitingStaffCheck(SESSION))
    assert check() == 4
