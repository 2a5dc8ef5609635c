# SPDX-License-Identifier: Apache-2.0
"""The real flow and runtime without a screen: real card service, real store, a patient who is a program."""

from __future__ import annotations

import queue
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self, cast

from kiosk.auth.certificate.trust import Trust
from kiosk.consent.items import Decision
from kiosk.flow import effects as ef
from kiosk.flow import events as ev
from kiosk.flow.events import Event, Timer
from kiosk.flow.policy import FlowPolicy
from kiosk.flow.session import SessionEnd
from kiosk.flow.states import (
    ChoosingVerification,
    Clearing,
    Consenting,
    FaceFailed,
    HandToStaff,
    Idle,
    LimitChoosing,
    Matched,
    PinEntry,
    PinWrong,
    Received,
    State,
    Submitting,
    TakeYourCard,
)
from kiosk.jobs import SerialJobRunner
from kiosk.outbox.answers import AnswerReader
from kiosk.outbox.worker import ItemResult, SyncWorker
from kiosk.reader.service import CardService
from kiosk.runtime.card_effects import CardEffects, KioskIdentity, ReaderWatcher
from kiosk.runtime.controller import FlowController
from kiosk.runtime.face_effects import FaceEffects
from kiosk.runtime.house_effects import HouseEffects
from kiosk.runtime.ports import Surfaces
from kiosk.runtime.record_effects import RecordEffects
from kiosk.runtime.vault import SessionVault
from kiosk.simulator.driver import SimulatedDriver
from kiosk.simulator.surface import SimulatedSurface
from tests.fakes.clock import FakeClock
from tests.fakes.outbox import GATEWAY, INSTITUTION, FakeHandOver, FakeUpstream, open_store

STUCK_S = 20.0
DEBOUNCE_S = 0.03


class HeldTimers:
    """Waits that end when the test says so."""

    def __init__(self) -> None:
        self.running: dict[Timer, Callable[[], None]] = {}

    def start(self, timer: Timer, seconds: float, on_end: Callable[[], None]) -> None:
        self.running[timer] = on_end

    def cancel(self, timer: Timer) -> None:
        self.running.pop(timer, None)

    def cancel_all(self) -> None:
        self.running.clear()

    def end(self, timer: Timer) -> None:
        self.running.pop(timer)()


class NoFace:
    """A camera at which the right person stands: each try is a match at once."""

    def __init__(self, post: Callable[[Event], None]) -> None:
        self._post = post

    def perform(self, effect: ef.Effect) -> bool:
        match effect:
            case ef.StartFace(session_no=number):
                self._post(ev.FaceMatched(session_no=number))
            case ef.StopFace():
                pass
            case _:
                return False
        return True

    def forget(self) -> None:
        """There is nothing to forget."""


class InlineExecutor:
    """Runs each call where it is submitted."""

    def submit(self, call: Callable[[], None]) -> None:
        call()

    def close(self, timeout_s: float) -> bool:
        return True


class HeadlessKiosk:
    """One kiosk on simulated readers. Lives on: the thread of the test, which is its main thread.

    `seen` are the states in their order, `ends` how each session ended. Timers never run out by themselves.
    """

    def __init__(
        self,
        folder: Path,
        trust: Trust,
        driver: SimulatedDriver,
        policy: FlowPolicy | None = None,
        *,
        debounce_s: float = DEBOUNCE_S,
        long_reads: bool = True,
    ) -> None:
        self.driver = driver
        self.policy = policy or FlowPolicy(offer_registration=False)
        self.clock = FakeClock()
        self._calls: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self.timers = HeldTimers()
        self.vault = SessionVault()
        self.store = open_store(folder, self.clock)
        self.upstream = FakeUpstream()
        self.seen: list[State] = []
        self.ends: list[SessionEnd] = []
        identity = KioskIdentity(INSTITUTION, "K1")
        self.controller = FlowController(self.policy, self.clock, self.timers, self._calls.put)
        post = self.controller.post
        self._ids = 0
        self.watcher = ReaderWatcher(post, self._new_id)
        self.cards = CardService(driver, self.watcher.hear, debounce_s=debounce_s, extended_reads=long_reads)

        def hear(result: ItemResult) -> None:
            records.hear(result)

        self.sync = SyncWorker(
            self.store,
            {GATEWAY: self.upstream},
            FakeHandOver(),
            AnswerReader(INSTITUTION),
            self.clock,
            on_result=hear,
        )
        face = NoFace(post)
        inline = SerialJobRunner(InlineExecutor(), lambda call: call())
        records = RecordEffects(
            self.store,
            self.sync,
            self.upstream,
            GATEWAY,
            identity,
            self.policy,
            self.vault,
            inline,
            inline,
            self.clock,
            post,
        )
        card_effects = CardEffects(
            self.cards,
            trust,
            None,
            SimulatedSurface(driver.card_in),
            identity,
            self.vault,
            self.clock,
            post,
            self._calls.put,
        )
        surfaces = Surfaces(to_main_thread=self._calls.put, timers=self.timers)
        house = HouseEffects(self.vault, self.cards, cast("FaceEffects", face), post, surfaces)
        self.controller.connect([_Ends(self.ends), card_effects, cast("FaceEffects", face), records, house])
        self.controller.listen(house.on_state)
        self.controller.listen(self._note)

    def _new_id(self) -> str:
        self._ids += 1
        return f"01KAQ{self._ids:021d}"

    def _note(self, _before: State, _event: Event, after: State) -> None:
        self.seen.append(after)

    def __enter__(self) -> Self:
        self.cards.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.controller.close()
        ended = self.cards.stop()
        self.driver.close()
        self.vault.clear()
        self.store.close()
        assert ended

    @property
    def state(self) -> State:
        return self.controller.state

    def pump(self, until: Callable[[], bool], what: str) -> None:
        """Handle what comes, until it is so."""
        while not until():
            try:
                call = self._calls.get(timeout=STUCK_S)
            except queue.Empty:
                msg = f"waiting for {what}, stuck in {type(self.state).__name__}"
                raise AssertionError(msg) from None
            call()

    def wait_for(self, *kinds: type[State]) -> State:
        """Handle what comes, until the state is one of these."""
        self.pump(lambda: isinstance(self.state, kinds), "/".join(kind.__name__ for kind in kinds))
        return self.state

    def settle(self, seconds: float = 0.0) -> None:
        """Handle what has come already, and what comes within so long."""
        while True:
            try:
                call = self._calls.get(timeout=seconds) if seconds else self._calls.get_nowait()
            except queue.Empty:
                return
            call()

    def post(self, event: Event) -> None:
        self.controller.handle(event)

    def enter_pin(self, digits: str) -> None:
        number = self.controller.session_no
        for digit in digits:
            self.vault.pin.append(ord(digit))
            self.post(ev.PinDigitEntered(session_no=number))
        self.post(ev.PinSubmitted(session_no=number))

    def act(self, way: str, pin: Callable[[], str]) -> bool:
        """Do what a patient does on this screen; False where there is nothing to do but wait."""
        number = self.controller.session_no
        match self.state:
            case ChoosingVerification():
                chosen = ev.FaceChosen if way == "face" else ev.PinChosen
                self.post(chosen(session_no=number))
            case FaceFailed() | PinWrong():
                self.post(ev.PinChosen(session_no=number))
            case PinEntry(digits=0):
                self.enter_pin(pin())
            case Matched(signed=True):
                self.timers.end(Timer.CONFIRMED)
            case Consenting() | LimitChoosing():
                self.post(ev.ConsentDecided(session_no=number, decision=Decision.YES))
            case Submitting(number=reception) if reception:
                self.sync.step()
                self.settle()
            case Received():
                self.timers.end(Timer.RESULT)
            case TakeYourCard():
                self.driver.remove()
                self.wait_for(Clearing, Idle)
            case HandToStaff():
                self.driver.remove()
                self.settle(2 * DEBOUNCE_S)
                self.timers.end(Timer.HANDED)
            case _:
                return False
        return True

    def receive(
        self, way: str, pin: Callable[[], str], *, on_state: Callable[[State], None] | None = None
    ) -> None:
        """Go from a card laid down to the idle screen behind it; `on_state` is called in each new state."""
        told = 0
        while True:
            while on_state is not None and told < len(self.seen):
                on_state(self.seen[told])
                told += 1
            if isinstance(self.state, Idle) and self.ends:
                return
            before = self.state
            if not self.act(way, pin):
                self.pump(lambda: self.state != before, "another state")  # noqa: B023  # called at once


class _Ends:
    """Keeps how sessions ended, and leaves the effect to whoever records it."""

    def __init__(self, ends: list[SessionEnd]) -> None:
        self._ends = ends

    def perform(self, effect: ef.Effect) -> bool:
        if isinstance(effect, ef.RecordSessionEnd):
            self._ends.append(effect.end)
        return False
