# SPDX-License-Identifier: Apache-2.0
"""The technician's screen: rows fill in, the verdict stands large. A QML warning fails the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QAccessible
from PySide6.QtQuick import QQuickItem, QQuickView
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from kiosk.diagnostics.ports import ProbeResult, ProbeStatus
from kiosk.diagnostics.probes import CallableProbe
from kiosk.diagnostics.words import Words
from kiosk.errors import FailureCode
from kiosk.flow import states as s
from kiosk.flow.events import DiagnosisEnded, Event
from kiosk.texts import Catalogue
from kiosk.ui.bridge.diagnostics import DiagnosticsBridge
from kiosk.ui.bridge.pictures import DrawingProvider
from kiosk.ui.window import QML_FOLDER
from kiosk.ui.words import part_of_catalogue
from tests.fakes.clock import FakeClock

ASSETS = Path(__file__).resolve().parents[2] / "assets"


def good() -> ProbeResult:
    return ProbeResult(ProbeStatus.OK, "disk.ok", {"free_gb": "12.0", "total_gb": "50"})


def missing() -> ProbeResult:
    return ProbeResult(ProbeStatus.PROBLEM, "readers.none", {}, FailureCode.NO_READER)


def waiting() -> ProbeResult:
    facts = {"pending": "4", "oldest_min": "90"}
    return ProbeResult(ProbeStatus.WARNING, "outbox.old", facts, FailureCode.UPSTREAM_NO_ANSWER)


class Page:
    """The screen in a window of its own; jobs run when the test says so."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.jobs: list[Callable[[], None]] = []
        self.checks: dict[str, Callable[[], ProbeResult]] = {"disk": good, "configuration": good}
        texts = part_of_catalogue(ASSETS / "i18n", "staff", Catalogue.load(ASSETS / "i18n", "ja"))
        self.bridge = DiagnosticsBridge(
            lambda: [CallableProbe(name, check) for name, check in self.checks.items()],
            self.events.append,
            Words.load(ASSETS / "i18n", "ja"),
            texts,
            FakeClock(),
            launch=self.jobs.append,
        )
        self.bridge.show(s.Diagnosing(by="鈴木"))
        self.view = QQuickView()
        self.view.engine().addImageProvider("drawing", DrawingProvider(ASSETS / "icons"))
        self.view.setResizeMode(QQuickView.ResizeMode.SizeRootObjectToView)
        self.view.setInitialProperties({"bridge": self.bridge})
        self.view.resize(1080, 1920)
        self.view.setSource(QUrl.fromLocalFile(str(QML_FOLDER / "staff" / "Diagnostics.qml")))
        self.view.show()

    def close(self) -> None:
        self.bridge.stop()
        self.view.close()
        self.view.setSource(QUrl())

    def rows(self) -> dict[str, str]:
        return {row["id"]: row["status"] for row in self.bridge.property("rows")}

    def verdict(self) -> str:
        return str(self.bridge.property("verdict"))

    def verdict_text(self) -> str:
        return str(self.bridge.property("verdictText")).replace("\u2060", "").replace("\u200b", "")

    def run(self, qtbot: QtBot) -> None:
        self.bridge.run()
        self.jobs.pop()()
        qtbot.waitUntil(lambda: not self.bridge.property("running"))

    def items(self) -> list[QQuickItem]:
        return list(everything(self.view.rootObject()))

    def press(self, action: str) -> None:
        (control,) = (each for each in self.items() if each.objectName() == "action:" + action)
        middle = control.mapToScene(QPointF(control.width() / 2, control.height() / 2))
        point = QPoint(round(middle.x()), round(middle.y()))
        QTest.mouseClick(self.view, Qt.MouseButton.LeftButton, pos=point)


def everything(start: QQuickItem) -> Iterator[QQuickItem]:
    yield start
    for child in start.childItems():
        yield from everything(child)


@pytest.fixture
def page(qtbot: QtBot) -> Iterator[Page]:
    made = Page()
    qtbot.waitUntil(made.view.isExposed)
    yield made
    made.close()


def test_rows_stand_there_before_they_are_checked(page: Page) -> None:
    page.bridge.run()
    assert page.rows() == {"configuration": "waiting", "disk": "waiting"}
    assert page.verdict() == "running"


def test_all_good_stands_large(page: Page, qtbot: QtBot) -> None:
    page.run(qtbot)
    assert page.rows() == {"configuration": "ok", "disk": "ok"}
    assert (page.verdict(), page.verdict_text()) == ("ok", "すべて良好です")


def test_problem_names_what_to_mend_first_and_the_next_step(page: Page, qtbot: QtBot) -> None:
    page.checks = {"outbox": waiting, "readers": missing, "disk": good}
    page.run(qtbot)
    assert page.verdict() == "problem"
    assert "カードリーダー" in page.verdict_text()
    first = page.bridge.property("rows")[0]
    assert (first["id"], first["code"]) == ("readers", "RDR-002")
    assert "lsusb" in first["next"]


def test_warning_alone_says_that_it_works(page: Page, qtbot: QtBot) -> None:
    page.checks = {"outbox": waiting}
    page.run(qtbot)
    assert page.verdict() == "warning"


def test_again_runs_once_more_but_not_twice_at_a_time(page: Page, qtbot: QtBot) -> None:
    page.run(qtbot)
    page.press("diagnostics.again")
    page.press("diagnostics.again")
    assert len(page.jobs) == 1


def test_close_ends_the_diagnosis(page: Page) -> None:
    page.press("diagnostics.close")
    assert page.events == [DiagnosisEnded()]


def test_what_comes_after_the_end_is_dropped(page: Page, qtbot: QtBot) -> None:
    page.bridge.run()
    page.bridge.show(s.Idle())
    page.jobs.pop()()
    qtbot.wait(1)
    assert set(page.rows().values()) == {"waiting"}
    assert page.bridge.property("running") is False


def test_rows_and_controls_are_read_out(page: Page, qtbot: QtBot) -> None:
    page.checks = {"readers": missing, "disk": good}
    page.run(qtbot)
    rows = [each for each in page.items() if each.objectName().startswith("diagnosticsRow.")]
    names = [QAccessible.queryAccessibleInterface(row).text(QAccessible.Text.Name) for row in rows]
    assert len(names) == 2
    assert names[0].startswith("カードリーダー, 要対応, 1台も見つかりません")
    for action in ("diagnostics.again", "diagnostics.close"):
        (control,) = (each for each in page.items() if each.objectName() == "action:" + action)
        interface = QAccessible.queryAccessibleInterface(control)
        assert interface.role() == QAccessible.Role.Button
        assert interface.text(QAccessible.Text.Name)
