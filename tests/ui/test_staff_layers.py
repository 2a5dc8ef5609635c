# SPDX-License-Identifier: Apache-2.0
"""The staff's layers in the kiosk's own window: above the patient's screen, and leaving it out of reach."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt, QUrl
from PySide6.QtQuick import QQuickItem, QQuickView
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from kiosk.consent.texts import ConsentTexts
from kiosk.diagnostics.ports import ProbeResult, ProbeStatus
from kiosk.diagnostics.probes import CallableProbe
from kiosk.diagnostics.words import Words
from kiosk.flow import states as s
from kiosk.flow.events import Event, TechnicianSignedIn
from kiosk.flow.policy import FlowPolicy
from kiosk.secret import Secret
from kiosk.texts import Catalogue
from kiosk.ui.bridge.diagnostics import DiagnosticsBridge
from kiosk.ui.bridge.kiosk import KioskBridge, UiSettings
from kiosk.ui.bridge.pictures import PreviewProvider
from kiosk.ui.bridge.staff import CodeAnswer, StaffBridge
from kiosk.ui.viewmodels.staff import SignedIn
from kiosk.ui.window import build_window
from kiosk.ui.words import part_of_catalogue
from tests.fakes.clock import FakeClock

ASSETS = Path(__file__).resolve().parents[2] / "assets"


class Whole:
    """The window with its layers, and the flow's state shown to all of them."""

    def __init__(self, width: int, height: int, width_mm: float) -> None:
        self.events: list[Event] = []
        clock, policy = FakeClock(), FlowPolicy()
        i18n = ASSETS / "i18n"
        catalogues = {language: Catalogue.load(i18n, language) for language in ("ja", "en")}
        texts = part_of_catalogue(i18n, "staff", catalogues["ja"])
        settings = UiSettings(width, height, width_mm, clinic="試験医院", simulated=True, calm=True)
        self.kiosk = KioskBridge(
            self.events.append,
            lambda _: None,
            lambda: None,
            lambda: "S",
            catalogues,
            ConsentTexts.load(ASSETS / "consent", policy.consent.text_version),
            policy,
            settings,
            clock,
        )
        self.staff = StaffBridge(self.check, self.events.append, texts)
        self.kiosk.longPressedCorner.connect(self.staff.open)
        self.diagnostics = DiagnosticsBridge(
            lambda: [CallableProbe("disk", lambda: ProbeResult(ProbeStatus.OK, "store.ok"))],
            self.events.append,
            Words.load(i18n, "ja"),
            texts,
            clock,
            launch=lambda job: job(),
        )
        self.view: QQuickView = build_window(
            self.kiosk,
            settings,
            PreviewProvider(),
            ASSETS / "icons",
            staff=self.staff,
            diagnostics=self.diagnostics,
        )
        self.view.show()

    def check(self, code: Secret, answer: Callable[[CodeAnswer], None]) -> None:
        code.clear()
        answer(CodeAnswer(SignedIn("鈴木", technician=True)))

    def show(self, state: s.State) -> None:
        for bridge in (self.kiosk, self.staff, self.diagnostics):
            bridge.show(state)
        self.view.grabWindow()

    def controls(self) -> dict[str, QQuickItem]:
        self.view.grabWindow()
        return {
            each.objectName(): each
            for each in everything(self.view.rootObject())
            if each.objectName().startswith("action:") and each.isVisible()
        }

    def press(self, action: str) -> None:
        control = self.controls()["action:" + action]
        middle = control.mapToScene(QPointF(control.width() / 2, control.height() / 2))
        point = QPoint(round(middle.x()), round(middle.y()))
        QTest.mouseClick(self.view, Qt.MouseButton.LeftButton, pos=point)

    def close(self) -> None:
        self.staff.stop()
        self.diagnostics.stop()
        self.kiosk.stop()
        self.view.close()
        self.view.setSource(QUrl())


def everything(start: QQuickItem) -> Iterator[QQuickItem]:
    yield start
    for child in start.childItems():
        yield from everything(child)


@pytest.fixture(params=[(1080, 1920, 268.0), (1280, 800, 217.0)], ids=["upright", "across"])
def whole(request: pytest.FixtureRequest, qtbot: QtBot) -> Iterator[Whole]:
    made = Whole(*request.param)
    qtbot.waitUntil(made.view.isExposed)
    made.show(s.Idle())
    yield made
    made.close()


def test_open_corner_puts_the_patients_controls_out_of_reach(whole: Whole) -> None:
    before = whole.controls()
    assert before
    assert all(control.isEnabled() for control in before.values())
    whole.kiosk.longPressedCorner.emit()
    now = whole.controls()
    assert {name for name, control in now.items() if control.isEnabled()} == {
        *(f"action:staff.digit.{digit}" for digit in range(10)),
        "action:staff.erase",
        "action:staff.submit",
        "action:staff.close",
    }
    whole.press("staff.close")
    assert all(control.isEnabled() for control in whole.controls().values())


def test_technician_gets_from_the_corner_to_the_checks(whole: Whole, qtbot: QtBot) -> None:
    whole.staff.open()
    for digit in (1, 2, 3, 4):
        whole.press(f"staff.digit.{digit}")
    whole.press("staff.submit")
    qtbot.waitUntil(lambda: whole.staff.property("view")["stage"] == "menu")
    whole.press("staff.diagnose")
    assert whole.events[-1] == TechnicianSignedIn("鈴木")
    whole.show(s.Diagnosing(by="鈴木"))
    whole.diagnostics.run()
    qtbot.waitUntil(lambda: whole.diagnostics.property("verdict") == "ok")
    enabled = {name for name, control in whole.controls().items() if control.isEnabled()}
    assert enabled == {"action:diagnostics.again", "action:diagnostics.close"}
    whole.show(s.Idle())
    assert "action:diagnostics.again" not in whole.controls()


def test_everything_of_the_corner_is_inside_the_window(whole: Whole) -> None:
    whole.staff.open()
    for name, control in whole.controls().items():
        if name.startswith("action:staff."):
            corner = control.mapToScene(QPointF(control.width(), control.height()))
            assert 0 < corner.x() <= whole.view.width(), name
            assert 0 < corner.y() <= whole.view.height(), name


def test_simulation_is_said_over_the_checks_too(whole: Whole) -> None:
    whole.show(s.Diagnosing(by="鈴木"))
    (page,) = (each for each in everything(whole.view.rootObject()) if each.objectName() == "diagnosticsPage")
    (banner,) = (
        each for each in everything(whole.view.rootObject()) if each.objectName() == "simulationBanner"
    )
    assert banner.isVisible()
    assert page.mapToScene(QPointF(0, 0)).y() >= banner.height()
