# SPDX-License-Identifier: Apache-2.0
"""The technician's checks on the screen: a row each, filled in as they end."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Final, cast

from PySide6.QtCore import Property, QObject, Qt, Signal, Slot

from kiosk.clock import Clock
from kiosk.diagnostics.ports import Probe, ProbeOutcome, ProbeStatus
from kiosk.diagnostics.runner import first_problem, in_order, run_probes
from kiosk.diagnostics.words import Words
from kiosk.flow.events import DiagnosisEnded, Event
from kiosk.flow.states import Diagnosing, Starting, State
from kiosk.texts import Catalogue
from kiosk.ui.viewmodels.phrases import laid_out, spoken

_MAP: Final = cast("type", "QVariantMap")  # Qt's own types, which Python has no class for
_LIST: Final = cast("type", "QVariantList")
_WAITING: Final = "waiting"
_RUNNING: Final = "running"
_TOLD: Final = frozenset({ProbeStatus.WARNING, ProbeStatus.PROBLEM})

Launch = Callable[[Callable[[], None]], None]
"""Runs a job off the main thread."""


def on_a_thread(job: Callable[[], None]) -> None:
    """One thread for one run; a daemon, since a check that hangs in a driver must not hold up the end."""
    threading.Thread(target=job, name="diagnosis", daemon=True).start()


class DiagnosticsBridge(QObject):
    """Shown while the flow is in `Diagnosing`.

    Lives on: the main thread; the checks run on another and report by queued signals.
    """

    changed = Signal()
    _started = Signal(int, str)
    _came = Signal(int, object)
    _ended = Signal(int)

    def __init__(
        self,
        probes: Callable[[], Sequence[Probe]],
        emit: Callable[[Event], None],
        words: Words,
        texts: Catalogue,
        clock: Clock,
        launch: Launch = on_a_thread,
    ) -> None:
        """`words` are the checks' sentences, `texts` the staff's, with the failures."""
        super().__init__()
        self._probes = probes
        self._emit = emit
        self._words = words
        self._texts = texts
        self._clock = clock
        self._launch = launch
        self._state: State = Starting()
        self._turn = 0
        self._running = False
        self._order: tuple[str, ...] = ()
        self._current = ""
        self._outcomes: dict[str, ProbeOutcome] = {}
        queued = Qt.ConnectionType.QueuedConnection
        self._started.connect(self._take_start, queued)
        self._came.connect(self._take_outcome, queued)
        self._ended.connect(self._take_end, queued)

    # --- what the controller tells ------------------------------------------------------------------------

    def show(self, state: State) -> None:
        """The flow has come to `state`."""
        before, self._state = self._state, state
        if isinstance(before, Diagnosing) != isinstance(state, Diagnosing):
            if not isinstance(state, Diagnosing):
                self.stop()
            self.changed.emit()

    def stop(self) -> None:
        """Whatever still comes of a run is of no interest any more."""
        self._turn += 1
        self._running = False

    @Slot()
    def run(self) -> None:
        """Check everything, from the most basic on; nothing happens while a run goes on."""
        if self._running:
            return
        probes = in_order(self._probes())
        self._turn += 1
        turn = self._turn
        self._running = True
        self._order = tuple(probe.id for probe in probes)
        self._current = ""
        self._outcomes = {}
        self.changed.emit()

        def job() -> None:
            run_probes(
                probes,
                self._clock,
                on_start=lambda name: self._started.emit(turn, name),
                on_outcome=lambda outcome: self._came.emit(turn, outcome),
            )
            self._ended.emit(turn)

        self._launch(job)

    @Slot(str)
    def press(self, action: str) -> None:
        """A control was used."""
        if action == "diagnostics.again":
            self.run()
        elif action == "diagnostics.close" and isinstance(self._state, Diagnosing):
            self._emit(DiagnosisEnded())

    # --- what the checks tell -----------------------------------------------------------------------------

    @Slot(int, str)
    def _take_start(self, turn: int, probe_id: str) -> None:
        if turn == self._turn:
            self._current = probe_id
            self.changed.emit()

    @Slot(int, object)
    def _take_outcome(self, turn: int, outcome: ProbeOutcome) -> None:
        if turn == self._turn:
            self._outcomes[outcome.id] = outcome
            self.changed.emit()

    @Slot(int)
    def _take_end(self, turn: int) -> None:
        if turn == self._turn:
            self._running = False
            self._current = ""
            self.changed.emit()

    # --- what QML sees ------------------------------------------------------------------------------------

    def _lay(self, key: str, **values: object) -> str:
        return laid_out(self._texts.get(f"diagnostics.{key}", **values), self._texts.language)

    def _row(self, probe_id: str) -> dict[str, object]:
        outcome = self._outcomes.get(probe_id)
        title = self._words.title(probe_id)
        if outcome is None:
            status = _RUNNING if probe_id == self._current else _WAITING
            word = spoken(
                self._texts.get("diagnostics.now" if status == _RUNNING else "diagnostics.waiting"),
                self._texts.language,
            )
            return {
                "id": probe_id,
                "title": title,
                "status": status,
                "word": word,
                "summary": "",
                "code": "",
                "next": "",
                "spoken": f"{title}, {word}",
            }
        result = outcome.result
        code = result.code if result.status in _TOLD else None
        word, summary = self._words.status(result.status), self._words.summary(result)
        step = self._texts.failure(code).technician if code else ""
        return {
            "id": probe_id,
            "title": title,
            "status": result.status.value,
            "word": word,
            "summary": summary,
            "code": code.value if code else "",
            "next": step,
            "spoken": ", ".join(part for part in (title, word, summary, step) if part),
        }

    def _get_rows(self) -> list[dict[str, object]]:
        return [self._row(probe_id) for probe_id in self._order]

    def _get_verdict(self) -> str:
        if self._running or not self._outcomes:
            return "running"
        statuses = {outcome.result.status for outcome in self._outcomes.values()}
        if ProbeStatus.PROBLEM in statuses:
            return "problem"
        return "warning" if ProbeStatus.WARNING in statuses else "ok"

    def _get_verdict_text(self) -> str:
        match self._get_verdict():
            case "running":
                return self._lay("running")
            case "problem":
                problem = first_problem(
                    [self._outcomes[name] for name in self._order if name in self._outcomes]
                )
                return self._lay("first", title=self._words.title(problem.id)) if problem else ""
            case "warning":
                return self._lay("warnings")
            case _:
                return self._lay("all_good")

    def _get_running(self) -> bool:
        return self._running

    def _get_shown(self) -> bool:
        return isinstance(self._state, Diagnosing)

    def _get_texts(self) -> dict[str, str]:
        return {name: self._lay(name) for name in ("heading", "again", "close", "next")}

    rows = Property(_LIST, _get_rows, notify=changed)
    verdict = Property(str, _get_verdict, notify=changed)
    verdictText = Property(str, _get_verdict_text, notify=changed)  # noqa: N815
    running = Property(bool, _get_running, notify=changed)
    shown = Property(bool, _get_shown, notify=changed)
    texts = Property(_MAP, _get_texts, constant=True)
