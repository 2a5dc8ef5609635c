# SPDX-License-Identifier: Apache-2.0
"""The button for a paper slip: there where a printer is, one slip a reception, and a failure is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from kiosk.clock import SystemClock
from kiosk.consent.texts import ConsentTexts
from kiosk.eligibility.outcome import Outcome, OutcomeKind
from kiosk.errors import FailureCode
from kiosk.flow.policy import FlowPolicy
from kiosk.flow.session import Session
from kiosk.flow.states import Idle, Received
from kiosk.texts import Catalogue
from kiosk.ui.bridge.kiosk import KioskBridge, UiSettings

ASSETS = Path(__file__).parents[3] / "assets"
RECEIVED = Received(Session(1, "S", datetime(2026, 1, 1, tzinfo=UTC)), Outcome(OutcomeKind.ELIGIBLE), "A-001")


class Printer:
    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.tell: Callable[[object], None] = lambda _: None

    def __call__(self, state: Received, words: Catalogue, tell: Callable[[object], None]) -> None:
        self.asked.append((state.number, words.language))
        self.tell = tell


def bridge(printer: Printer | None) -> KioskBridge:
    return KioskBridge(
        lambda _: None,
        lambda _: None,
        lambda: None,
        lambda: "S",
        {"ja": Catalogue.load(ASSETS / "i18n", "ja")},
        ConsentTexts.load(ASSETS / "consent", "2024-06"),
        FlowPolicy(),
        UiSettings(),
        SystemClock(),
        print_slip=printer,
    )


def label(kiosk: KioskBridge) -> str:
    foot = kiosk._screen["foot"]
    assert isinstance(foot, list)
    found = [one["label"] for one in foot if one["action"] == "foot.slip"]
    return str(found[0]) if found else ""


def test_without_a_printer_there_is_no_button(qapp: object) -> None:
    kiosk = bridge(None)
    kiosk.show(RECEIVED)
    assert label(kiosk) == ""
    kiosk.stop()


def test_one_slip_a_reception_and_another_try_after_a_failure(qapp: object) -> None:
    printer = Printer()
    kiosk = bridge(printer)
    kiosk.show(RECEIVED)
    offered = label(kiosk)
    kiosk.press("foot.slip")
    kiosk.press("foot.slip")
    assert printer.asked == [("A-001", "ja")]
    assert label(kiosk) != offered
    printer.tell(FailureCode.PRINT_FAILED)
    kiosk.press("foot.slip")
    assert len(printer.asked) == 2
    kiosk.show(Idle())
    kiosk.press("foot.slip")
    assert len(printer.asked) == 2, "nobody is received on the first screen"
    kiosk.show(RECEIVED)
    assert label(kiosk) == offered
    kiosk.stop()
