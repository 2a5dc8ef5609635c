# SPDX-License-Identifier: Apache-2.0
"""What is printed for whom: slips for patients who ask for one, declarations for the desk."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from kiosk.clock import TOKYO, Clock
from kiosk.diagnostics.ports import Probe
from kiosk.diagnostics.server_probes import server_probe
from kiosk.eligibility.codec_json import parse_answer
from kiosk.eligibility.outcome import OutcomeKind
from kiosk.errors import KioskError
from kiosk.flow.events import Event
from kiosk.flow.states import Received, State
from kiosk.handover.paper import CupsPrinter, Paper, PdfFolder, Slip, declaration_of
from kiosk.jobs import SerialJobRunner
from kiosk.outbox.store import Store
from kiosk.settings import Settings
from kiosk.texts import Catalogue
from kiosk.ui.paper_sheet import draw_sheet

_BANNER = "SIMULATION"
_LOGGER = logging.getLogger("kiosk.handover")


class PaperDesk:
    """Draws pages and has them printed, each only when somebody asks.

    Lives on: main thread; the printer is waited for by `runner`. No page is kept: a declaration that was lost
    is printed again while the check's answer is there, and the check itself stays until it is settled.
    """

    def __init__(
        self, settings: Settings, store: Store, clock: Clock, runner: SerialJobRunner, templates: Path
    ) -> None:
        printing = settings.printing
        self.offers_slips = printing.slip
        self.offers_declarations = printing.declaration
        self._store = store
        self._clock = clock
        self._runner = runner
        self._names = settings.kiosk
        self._banner = _BANNER if settings.is_simulated() else ""
        self._output = PdfFolder(Path(printing.folder)) if printing.folder else CupsPrinter(printing.printer)
        self._paper = Paper(templates, draw_sheet, self._put)
        self._tell: Callable[[KioskError | None], None] = lambda _: None
        self._last = ("", "")  # session and reception number of the last who could not be confirmed

    @property
    def number(self) -> str:
        """The reception number that a declaration could be printed for; empty where there is none."""
        return self._last[1] if self.offers_declarations else ""

    def on_state(self, _before: State, _event: Event, after: State) -> None:
        """Remember who could not be confirmed; a number only, nothing of the person."""
        if isinstance(after, Received) and after.outcome.kind is not OutcomeKind.ELIGIBLE:
            self._last = (after.session.id, after.number)

    def slip(self, state: Received, words: Catalogue, tell: Callable[[KioskError | None], None]) -> None:
        """Print a slip in the patient's language; `tell` hears how it went."""
        names = self._names
        clinic = names.clinic_name_ja if words.language == "ja" else names.clinic_name_en
        confirmed = state.outcome.kind is OutcomeKind.ELIGIBLE
        self._tell = tell
        self._paper.slip(
            Slip(
                clinic=clinic or names.clinic_name_ja,
                title=words.get("paper.number"),
                number=state.number,
                time=self._clock.now().astimezone(TOKYO).strftime("%Y-%m-%d %H:%M"),
                note="" if confirmed else words.get("paper.unconfirmed"),
                banner=self._banner,
            )
        )

    def declaration(self, by: str) -> None:
        """Print the form for the last who could not be confirmed, prefilled with what the answer tells."""
        session_id, number = self._last
        self._tell = lambda _: None

        def look() -> bytes | None:
            self._store.record_staff_act(by, "declaration_printed", session_id)
            return self._store.answer_of_session(session_id)

        def done(answer: bytes | KioskError | None) -> None:
            if isinstance(answer, KioskError):
                _LOGGER.error("a declaration was not printed: %s", answer.code.value)
                return
            known = parse_answer(answer) if answer else None
            now = self._clock.now().astimezone(TOKYO)
            self._paper.declaration(
                declaration_of(known, number, self._names.clinic_name_ja, now, banner=self._banner)
            )

        self._runner.submit(look, done)

    def _put(self, name: str, pdf: bytes) -> None:
        tell = self._tell

        def done(result: KioskError | None) -> None:
            if isinstance(result, KioskError):
                _LOGGER.warning("a page was not printed: %s", result.code.value)
            tell(result)

        self._runner.submit(lambda: self._output(name, pdf), done)


def printer_probes(settings: Settings) -> list[Probe]:
    """The diagnosis of the printer, where pages are printed at all."""
    printing = settings.printing
    if printing.folder or not (printing.slip or printing.declaration):
        return []
    return [server_probe("printer", CupsPrinter(printing.printer).check, 15.0)]
