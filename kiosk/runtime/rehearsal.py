# SPDX-License-Identifier: Apache-2.0
"""Plays scenarios on a running kiosk with simulated surroundings, by touching what a patient would touch."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

from PySide6.QtCore import QObject, QThreadPool, QTimer, Signal

from kiosk.clock import Clock
from kiosk.errors import EnvironmentProblem, FailureCode
from kiosk.flow.events import Event, StaffReset
from kiosk.flow.policy import FlowPolicy
from kiosk.flow.session import Session, SessionEnd
from kiosk.flow.states import Clearing, FaceCapturing, Idle, OutOfService, State
from kiosk.outbox.model import ItemState, OutboxKind
from kiosk.runtime.core import Core
from kiosk.runtime.front import Front
from kiosk.runtime.number_checks import VERIFICATION
from kiosk.runtime.picture_saver import PictureSaver
from kiosk.runtime.touch import Finger
from kiosk.secret import Secret
from kiosk.simulator.patients.people import patient
from kiosk.simulator.scenario import End, Scenario, Step
from kiosk.simulator.steps import change_world
from kiosk.simulator.world import SimulatedWorld

_LOGGER = logging.getLogger("kiosk.rehearsal")
_TICK_MS = 15
# Only what never comes is to end a story: a busy machine takes twenty times as long as an idle one.
_START_LIMIT_S = 120.0
_STEP_LIMIT_S = 120.0
_LATER_LIMIT_S = 120.0
_RECOVERY_LIMIT_S = 3.0  # a service that is just being started is there by then
_SETTLED_MS = 60
_NO_ANSWER_S = 5.0

Wait: TypeAlias = tuple[Callable[[], bool], str, float]
Play: TypeAlias = Generator[Wait, None, None]


@dataclass(slots=True)
class Played:
    """What came of one scenario."""

    name: str
    expected: str
    outcome: str = ""
    ok: bool = False
    verification: str = ""
    consents: dict[str, str] = field(default_factory=dict)
    limit: str = ""
    qualification: str = ""
    code: str = ""
    screens: list[str] = field(default_factory=list)
    seconds: float = 0.0
    problem: str = ""

    def document(self) -> dict[str, object]:
        """As it stands in the summary."""
        value: dict[str, object] = {
            "name": self.name,
            "expected": self.expected,
            "outcome": self.outcome,
            "ok": self.ok,
            "verification": self.verification or None,
            "consents": self.consents,
            "limit": self.limit or None,
            "qualification": self.qualification or None,
            "code": self.code or None,
            "screens": self.screens,
            "seconds": round(self.seconds, 2),
        }
        return value | ({"problem": self.problem} if self.problem else {})


class _Trouble(Exception):  # noqa: N818  # the end of one scenario, not of the program
    """A scenario did not go on as written."""


class Rehearsal(QObject):
    """Plays one scenario after another, and tells when the last has ended.

    Lives on: main thread, on its event loop; it never blocks. `staff_code` is that of a person who may reset
    and decline; `pin` replaces the patients' own digits where it is given.
    """

    ended = Signal()

    def __init__(
        self,
        core: Core,
        front: Front,
        world: SimulatedWorld,
        scenarios: Sequence[Scenario],
        clock: Clock,
        staff_code: Secret,
        *,
        out: Path | None = None,
        pin: Secret | None = None,
    ) -> None:
        super().__init__()
        self._core = core
        self._front = front
        self._world = world
        self._scenarios = list(scenarios)
        self._clock = clock
        self._staff_code = staff_code
        self._out = out
        self._pin = pin
        self._finger = Finger(front.window)
        self._savers = QThreadPool()
        self._savers.setMaxThreadCount(1)
        self.played: list[Played] = []
        self.failure: FailureCode | None = None
        self._end: SessionEnd | None = None
        self._session: Session | None = None
        self._shown = ""
        self._shown_at = 0.0
        self._captured = ""
        self._play: Play | None = None
        self._wait: Wait | None = None
        self._wait_since = 0.0
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._tick)
        self._policy = core.controller.policy
        core.controller.listen(self._on_state)

    def start(self) -> None:
        """Begin with the first scenario."""
        self._play = self._all()
        self._timer.start()

    def stop(self) -> None:
        """Play no more, and finish writing pictures."""
        self._timer.stop()
        self._savers.waitForDone()

    # --- the loop ----------------------------------------------------------------------------------------

    def _on_state(self, _before: State, _event: Event, after: State) -> None:
        if isinstance(after, Clearing):
            self._end, self._session = after.end, after.session

    def _tick(self) -> None:
        self._look()
        if self._play is None:
            return
        if self._wait is not None and not self._wait[0]():
            if self._clock.monotonic() - self._wait_since < self._wait[2]:
                return
            what = self._wait[1]
            self._advance(lambda play: play.throw(_Trouble(f"waited in vain for {what} at {self._shown}")))
            return
        self._advance(next)

    def _advance(self, how: Callable[[Play], Wait]) -> None:
        play = self._play
        if play is None:
            return
        try:
            self._wait = how(play)
            self._wait_since = self._clock.monotonic()
        except StopIteration:
            self._play = None
            self.stop()
            self.ended.emit()

    def _look(self) -> None:
        """Note each screen once it stands still, and take its picture."""
        name = self._front.staff.screen_name or str(self._front.bridge.screen_name)
        now = self._clock.monotonic()
        if name != self._shown:
            self._shown, self._shown_at = name, now
        elif name != self._captured and (now - self._shown_at) * 1000 >= _SETTLED_MS:
            self._captured = name
            if self.played:
                self._keep(name)

    def _keep(self, name: str) -> None:
        """Note what is seen, and take its picture where pictures are wanted."""
        played = self.played[-1]
        played.screens.append(name)
        if self._out is not None and self._play is not None:
            file = self._out / played.name / f"{len(played.screens):02}-{name}.png"
            self._savers.start(PictureSaver(self._front.window.grabWindow(), file))

    # --- the play ----------------------------------------------------------------------------------------

    def _all(self) -> Play:
        try:
            started = (lambda: isinstance(self._core.controller.state, Idle | OutOfService)), "a start"
            yield *started, _START_LIMIT_S
            yield (lambda: isinstance(self._core.controller.state, Idle)), "a recovery", _RECOVERY_LIMIT_S
        except _Trouble:
            state = self._core.controller.state
            self.failure = state.code if isinstance(state, OutOfService) else FailureCode.INTERNAL
            return
        at_rest = (lambda: isinstance(self._core.controller.state, Idle)), "rest", _STEP_LIMIT_S
        for scenario in self._scenarios:
            self._world.reset()
            yield at_rest
            yield (lambda: self._core.process.ready), "the face process", _START_LIMIT_S
            played = Played(scenario.name, scenario.end.value)
            self.played.append(played)
            self._end = self._session = None
            self._core.numbers.forget()
            self._captured = ""
            begun = self._clock.monotonic()
            self._core.controller.policy = _asking(self._policy, scenario)
            try:
                for step in scenario.steps:
                    yield from self._step(step)
                if scenario.verification == VERIFICATION:
                    yield from self._judge_number_check(scenario, played)
                else:
                    yield (lambda: self._end is not None), "the end of the session", _STEP_LIMIT_S
                    yield from self._judge(scenario, played)
            except (_Trouble, EnvironmentProblem) as trouble:
                played.problem = str(trouble)
                _LOGGER.error("%s: %s", scenario.name, played.problem)  # noqa: TRY400  # its text says it all
                yield from self._recover()
            played.seconds = self._clock.monotonic() - begun

    def _recover(self) -> Play:
        """After a scenario that went wrong: as staff would, so that the next one can begin."""
        self._core.controller.post(StaffReset("rehearsal"))
        self._world.remove()
        yield (lambda: isinstance(self._core.controller.state, Idle)), "rest after trouble", 20.0

    def _step(self, step: Step) -> Play:
        match step:
            case Step(screen=str(name)):
                yield self._screen(name)
            case Step(hint=str(name)):
                yield self._hint(name)
                self._keep(f"face-{name}")
            case Step(tap=str(action)):
                yield from self._tap(action)
            case Step(pin=str(which)):
                yield from self._enter_pin(right=which == "right")
            case Step(fields=str()):
                yield from self._enter_fields()
            case Step(worker=str(blow)):
                yield from self._strike(signal.SIGKILL if blow == "kill" else signal.SIGSTOP)
            case Step(staff=str(action)):
                yield from self._staff(action)
            case Step(number=str(key)):
                yield from self._enter_numbers(key)
            case Step(moves=str(key)):
                self._world.moves(key)
                if self._core.crl_downloads is not None:
                    self._core.crl_downloads.now()
                updates = self._core.store.updates
                yield (lambda: bool(updates.list(news_only=True))), "news for the desk", _STEP_LIMIT_S
            case Step(news=str(key)):
                yield (lambda: patient(key).moves_to in self._facts()), "the new address", _STEP_LIMIT_S
            case _:
                if not change_world(self._world, step):
                    raise _Trouble("a step that nobody can do")

    def _facts(self) -> list[str]:
        """What of a person the staff corner shows."""
        return [fact["text"] for fact in self._front.staff.property("view")["facts"]]

    def _screen(self, name: str) -> Wait:
        return (lambda: self._captured == name), f"the screen {name}", _STEP_LIMIT_S

    def _hint(self, name: str) -> Wait:
        def shown() -> bool:
            state = self._core.controller.state
            return isinstance(state, FaceCapturing) and state.hint == name

        return shown, f"the hint {name}", _STEP_LIMIT_S

    def _strike(self, blow: signal.Signals) -> Play:
        """Hit the face process while it looks at a face that it has begun to like."""
        yield (lambda: _looking(self._core.controller.state)), "a good frame", _STEP_LIMIT_S
        if self._core.process.pid is None:
            raise _Trouble("no face process to strike")
        os.kill(self._core.process.pid, blow)

    def _tap(self, action: str) -> Play:
        yield (lambda: self._finger.can_press(action)), f"the control {action}", _STEP_LIMIT_S
        self._finger.press(action)

    def _enter_pin(self, *, right: bool) -> Play:
        key = self._world.lying()
        if key is None:
            raise _Trouble("a PIN without a card")
        digits = bytes(self._pin.view()) if self._pin is not None else patient(key).pin.encode()
        numbers = [byte - ord("0") for byte in digits]
        if not right:
            numbers[-1] = (numbers[-1] + 1) % 10
        for number in numbers:
            yield from self._tap(f"pin.digit.{number}")
        yield from self._tap("pin.submit")

    def _enter_fields(self) -> Play:
        printed = self._world.printed()
        if printed is None:
            raise _Trouble("printed fields without a card")
        for name, digits in printed.items():
            yield self._screen(f"printed-{name}")
            for digit in digits:
                yield from self._tap(f"field.digit.{digit}")
            yield from self._tap("field.submit")

    def _enter_numbers(self, key: str) -> Play:
        """What a paper certificate of that patient says, typed by whoever of the staff is signed in."""
        for name, digits in _paper_certificate(key).items():
            yield self._screen(f"staff-number-{name}")
            for digit in digits:
                yield from self._tap(f"staff.digit.{digit}")
            yield from self._tap("staff.submit")

    def _staff(self, action: str) -> Play:
        self._finger.hold_corner()
        yield (lambda: self._finger.can_press("staff.digit.0")), "the staff corner", _STEP_LIMIT_S
        self._finger.let_go()
        for byte in bytes(self._staff_code.view()):
            yield from self._tap(f"staff.digit.{byte - ord('0')}")
        yield from self._tap("staff.submit")
        yield from self._tap(f"staff.{action}")

    # --- the verdict -------------------------------------------------------------------------------------

    def _judge(self, scenario: Scenario, played: Played) -> Play:
        end, session = self._end, self._session
        if end is None or session is None:
            raise _Trouble("no end")
        played.outcome = end.kind.value
        played.code = end.code.value if end.code else ""
        played.verification = session.verified.method.value if session.verified else ""
        decisions = {record.item.value: record.decision.value for record in session.records}
        played.limit = decisions.pop("limit", "")
        played.consents = decisions
        if scenario.later:
            yield (lambda: self._check_done(session.id)), "the check to reach upstream", _LATER_LIMIT_S
        outcome = self._core.store.outcome_of(session.id)
        played.qualification = outcome.kind.value if outcome else ""
        wrong = _differences(scenario, played, end)
        if wrong:
            raise _Trouble("; ".join(wrong))
        played.ok = True

    def _judge_number_check(self, scenario: Scenario, played: Played) -> Play:
        """The same for a check by number: the flow saw nothing of it, the records hold it."""
        numbers = self._core.numbers
        yield (lambda: numbers.last is not None), "the check to be kept", _STEP_LIMIT_S
        session_id = numbers.last_session
        if scenario.later:
            yield (lambda: self._check_done(session_id)), "the check to be answered", _LATER_LIMIT_S
        told = numbers.last.outcome if numbers.last is not None else None
        kept = self._core.store.outcome_of(session_id)
        played.verification = VERIFICATION
        played.outcome = told.kind.value if told else ""
        played.code = told.code.value if told and told.code else ""
        played.qualification = kept.kind.value if kept else ""
        if (played.outcome, played.code) != (scenario.end.value, scenario.code):
            msg = f"the check ended as {played.outcome!r} {played.code}"
            raise _Trouble(msg)
        played.ok = True

    def _check_done(self, session_id: str) -> bool:
        return (
            any(
                item.session_id == session_id
                and item.kind is OutboxKind.QUALIFICATION_CHECK
                and item.state is ItemState.DONE
                for item in self._core.store.list(limit=1000)
            )
            and not self._core.store.stats().waiting
        )


def _asking(policy: FlowPolicy, scenario: Scenario) -> FlowPolicy:
    """The clinic's choices, with the questions of one story; no answer is waited for that is not to come."""
    if scenario.end is End.TO_BE_CONFIRMED:
        policy = replace(policy, answer_wait_s=min(policy.answer_wait_s, _NO_ANSWER_S))
    if not scenario.asks:
        return policy
    return replace(policy, consent=replace(policy.consent, items=scenario.asks))


def _paper_certificate(key: str) -> dict[str, str]:
    """What a patient's paper certificate says, field by field as staff type it."""
    person = patient(key)
    insurance = person.insurance
    return {
        "insurer": insurance.insurer_number.strip(),
        "symbol": "".join(digit for digit in insurance.symbol if digit.isdigit()),
        "number": insurance.number,
        "branch": insurance.branch,
        "birth": person.birth.strftime("%Y%m%d"),
    }


def _differences(scenario: Scenario, played: Played, end: SessionEnd) -> list[str]:
    """What came out otherwise than the scenario has it."""
    expected = [
        ("end", end.kind.value, scenario.end.value),
        ("reason", end.reason.value if end.reason else "", scenario.reason),
        ("verification", played.verification, scenario.verification),
        ("consents", played.consents, scenario.consents),
        ("limit", played.limit, scenario.limit),
    ]
    if scenario.code:
        expected.append(("code", played.code, scenario.code))
    return [f"{what} is {found!r}, not {wanted!r}" for what, found, wanted in expected if found != wanted]


def _looking(state: State) -> bool:
    """Whether a face is being compared."""
    return isinstance(state, FaceCapturing) and state.good_frames > 0
