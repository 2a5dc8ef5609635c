# SPDX-License-Identifier: Apache-2.0
"""The staff's layers in the kiosk's own window: above the patient's screen, and leaving it out of reach."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
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
from kiosk.errors import FailureCode
from kiosk.flow import states as s
from kiosk.flow.events import Event, TechnicianSignedIn
from kiosk.flow.policy import FlowPolicy
from kiosk.secret import Secret
from kiosk.texts import Catalogue
from kiosk.ui.bridge.diagnostics import DiagnosticsBridge
from kiosk.ui.bridge.kiosk import KioskBridge, UiSettings
from kiosk.ui.bridge.news_desk import NewsDesk
from kiosk.ui.bridge.number_desk import NumberDesk
from kiosk.ui.bridge.pictures import PreviewProvider
from kiosk.ui.bridge.staff import CodeAnswer, StaffBridge
from kiosk.ui.bridge.staff_form import StaffForm
from kiosk.ui.viewmodels.staff import SignedIn
from kiosk.ui.viewmodels.staff_news import NewsFacts, NewsItem, Stopped
from kiosk.ui.window import build_window
from kiosk.ui.words import part_of_catalogue
from tests.fakes.clock import FakeClock

ASSETS = Path(__file__).resolve().parents[2] / "assets"


LONG = NewsFacts(
    "髙橋﨑　花子アレクサンドラマリア",
    "東京都幻想市北町一丁目７番２号　架空台グランドハイツ弐番館１２０４号室",
    "19760327",
    "2",
    "公的個人認証サービス（模擬）",
    "2026-06-01T00:30:00Z",
)


class News:
    """Records with much news, and a long name and address in each."""

    number = "A-004"  # and one patient who could not be confirmed

    def declaration(self, by: str, /) -> None:
        raise AssertionError(by)

    def unread(self, tell: Callable[[tuple[NewsItem, ...] | FailureCode], None]) -> None:
        tell(tuple(NewsItem(f"ID{n}", f"A-{n:03d}", date(2026, 11, n)) for n in range(10, 16)))

    def read(self, item: str, by: str, tell: Callable[[NewsFacts | FailureCode | None], None]) -> None:
        assert (item, by) == ("ID10", "鈴木")
        tell(LONG)

    def stop(self, number: str, by: str, tell: Callable[[Stopped | FailureCode], None]) -> None:
        assert (number, by) == ("A-012", "鈴木")
        tell(Stopped.WITHDRAWN)


class Whole:
    """The window with its layers, and the flow's state shown to all of them."""

    def __init__(self, width: int, height: int, width_mm: float, language: str = "ja") -> None:
        self.events: list[Event] = []
        clock, policy = FakeClock(), FlowPolicy()
        i18n = ASSETS / "i18n"
        catalogues = {language: Catalogue.load(i18n, language) for language in ("ja", "en")}
        texts = part_of_catalogue(i18n, "staff", catalogues[language])
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
        news = News()
        forms: list[StaffForm] = [NumberDesk(lambda *_: None), NewsDesk(news, "A")]
        self.staff = StaffBridge(self.check, self.events.append, texts, forms=forms, declarations=news)
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


SIZES = [(1080, 1920, 268.0), (1280, 800, 217.0)]


@pytest.fixture(params=SIZES, ids=["upright", "across"])
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


def inside(whole: Whole, name: str) -> None:
    """Everything of the staff's sheet that is drawn is in the window, and no text cut off at its edge."""
    (sheet,) = (each for each in everything(whole.view.rootObject()) if each.objectName() == "staffSheet")
    for each in everything(sheet):
        if not each.isVisible() or not each.property("text"):
            continue
        top, bottom = (each.mapToScene(QPointF(0, y)).y() for y in (0, each.height()))
        assert top >= 0, (name, each.property("text"))
        assert bottom <= whole.view.height(), (name, each.property("text"))


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("size", SIZES, ids=["upright", "across"])
def test_news_is_read_and_ended_by_touch(qtbot: QtBot, size: tuple[int, int, float], language: str) -> None:
    whole = Whole(*size, language)
    qtbot.waitUntil(whole.view.isExposed)
    whole.show(s.Idle())
    whole.staff.open()
    for digit in (1, 2, 3, 4):
        whole.press(f"staff.digit.{digit}")
    whole.press("staff.submit")
    qtbot.waitUntil(lambda: whole.staff.property("view")["stage"] == "menu")
    seen = []

    def look() -> None:
        whole.controls()
        seen.append(whole.staff.screen_name)
        inside(whole, whole.staff.screen_name)

    look()  # the longest menu there is
    for action in ("news", "news.0", "news.read", "news.done", "news.stop"):
        whole.press(f"staff.{action}")
        look()
        if action == "news.read":
            told = [
                str(each.property("text"))
                for each in everything(whole.view.rootObject())
                if each.objectName().startswith("staffFact.") and each.isVisible()
            ]
            assert told[:2] == [LONG.name, LONG.address]
    whole.press("staff.digit.1")
    QTest.keyClick(whole.view, Qt.Key.Key_2)  # the keyboard does as well
    whole.press("staff.submit")
    look()
    whole.press("staff.news.stop_yes")
    look()
    assert seen == [
        "",
        *(f"staff-news-{name}" for name in ("list", "ask", "facts", "list", "number", "stop", "withdrawn")),
    ]
    whole.press("staff.close")
    assert not any(str(each.property("text")) == LONG.name for each in everything(whole.view.rootObject()))
    whole.close()


def test_what_is_written_down_stays_longer_and_then_goes_too(qtbot: QtBot) -> None:
    whole = Whole(*SIZES[0])
    whole.show(s.Idle())
    whole.staff.open()
    for digit in (1, 2, 3, 4):
        whole.staff.digit(digit)
    whole.staff.submit()
    qtbot.waitUntil(lambda: whole.staff.property("view")["stage"] == "menu")
    usual = whole.staff._sign_out.interval()
    for action in ("news", "news.0", "news.read"):
        whole.staff.press(f"staff.{action}")
    assert whole.staff._sign_out.interval() == 6 * usual
    whole.staff._sign_out_ms = 20  # nobody waits for three minutes
    whole.staff.touched()
    qtbot.waitUntil(lambda: not whole.staff.property("isOpen"))
    assert whole.staff.property("view")["facts"] == []
    whole.close()


def test_simulation_is_said_over_the_checks_too(whole: Whole) -> None:
    whole.show(s.Diagnosing(by="鈴木"))
    (page,) = (each for each in everything(whole.view.rootObject()) if each.objectName() == "diagnosticsPage")
    (banner,) = (
        each for each in everything(whole.view.rootObject()) if each.objectName() == "simulationBanner"
    )
    assert banner.isVisible()
    assert page.mapToScene(QPointF(0, 0)).y() >= banner.height()
