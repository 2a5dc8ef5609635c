# SPDX-License-Identifier: Apache-2.0
"""Paper from the touch to the file: drawn by Qt, one sheet, in the patient's language."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QGuiApplication
from PySide6.QtPdf import QPdfDocument

from kiosk.eligibility.outcome import Outcome, OutcomeKind
from kiosk.errors import FailureCode, KioskError
from kiosk.flow import events as ev
from kiosk.flow.session import Session
from kiosk.flow.states import Idle, Received
from kiosk.jobs import SerialJobRunner
from kiosk.outbox.store import Store
from kiosk.runtime.paper_desk import PaperDesk
from kiosk.settings import Settings, load
from kiosk.texts import Catalogue
from tests.fakes.clock import MORNING, FakeClock
from tests.fakes.executor import AtOnce
from tests.fakes.outbox import draft, open_store

ASSETS = Path(__file__).parents[3] / "assets"


@dataclasses.dataclass
class Bench:
    desk: PaperDesk
    store: Store
    folder: Path


def settings(folder: Path) -> Settings:
    chosen = load(demo=True)
    printing = chosen.printing.model_copy(update={"slip": True, "declaration": True, "folder": str(folder)})
    return chosen.model_copy(update={"printing": printing})


@pytest.fixture
def bench(tmp_path: Path, qapp: QGuiApplication) -> Iterator[Bench]:
    clock = FakeClock()
    store = open_store(tmp_path / "state", clock)
    folder = tmp_path / "paper"
    folder.mkdir()
    runner = SerialJobRunner(AtOnce(), lambda call: call())
    yield Bench(PaperDesk(settings(folder), store, clock, runner, ASSETS / "paper"), store, folder)
    store.close()


def received(kind: OutcomeKind, session_id: str = "S") -> Received:
    code = None if kind is OutcomeKind.ELIGIBLE else FailureCode.UPSTREAM_NO_ANSWER
    return Received(Session(1, session_id, MORNING), Outcome(kind, code), "A-012")


def pages(file: Path) -> tuple[int, str]:
    document = QPdfDocument()
    document.load(str(file))
    found = document.pageCount(), document.getAllText(0).text()
    assert not document.render(0, QSize(200, 280)).isNull()
    document.close()
    return found


def width_of(file: Path, words: str) -> float:
    """How wide some words of the first page are, in points."""
    document = QPdfDocument()
    document.load(str(file))
    start = document.getAllText(0).text().index(words)
    found = document.getSelectionAtIndex(0, start, len(words)).boundingRectangle().width()
    document.close()
    return found


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("kind", [OutcomeKind.ELIGIBLE, OutcomeKind.TO_BE_CONFIRMED])
def test_a_slip_is_one_sheet_and_says_where_something_is_open(
    bench: Bench, language: str, kind: OutcomeKind
) -> None:
    told: list[KioskError | None] = []
    words = Catalogue.load(ASSETS / "i18n", language)
    bench.desk.slip(received(kind), words, told.append)
    count, text = pages(bench.folder / "slip-A-012.pdf")
    assert told == [None]
    assert count == 1
    assert "A-012" in text
    assert "SIMULATION" in text
    unconfirmed = "".join(words.get("paper.unconfirmed").split())
    assert (unconfirmed in "".join(text.split())) is (kind is OutcomeKind.TO_BE_CONFIRMED)


@pytest.mark.expect_log("a page was not printed: HND-012")
def test_a_slip_that_could_not_be_printed_is_told(bench: Bench) -> None:
    bench.folder.rmdir()
    told: list[KioskError | None] = []
    words = Catalogue.load(ASSETS / "i18n", "ja")
    bench.desk.slip(received(OutcomeKind.ELIGIBLE), words, told.append)
    assert told[0] is not None
    assert told[0].code is FailureCode.PRINT_FAILED


def test_a_declaration_is_for_who_could_not_be_confirmed(bench: Bench) -> None:
    bench.store.commit(draft("S", MORNING))
    desk = bench.desk
    desk.on_state(Idle(), ev.StaffReset("desk"), received(OutcomeKind.ELIGIBLE))
    assert desk.number == ""
    desk.on_state(Idle(), ev.StaffReset("desk"), received(OutcomeKind.TO_BE_CONFIRMED))
    assert desk.number == "A-012"
    desk.declaration("desk")
    count, text = pages(bench.folder / "declaration-A-012.pdf")
    assert count == 1
    assert "被保険者資格申立書" in text
    for blank, points in (("年 月 日", 65), ("男 ・ 女", 50)):
        assert width_of(bench.folder / "declaration-A-012.pdf", blank) > points, "there must be room to write"
    assert bench.store.verify_audit().ok
