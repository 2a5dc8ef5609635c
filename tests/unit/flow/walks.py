# SPDX-License-Identifier: Apache-2.0
"""Driving the flow by hand: a walker that carries the state, and every event that could ever come."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import strategies as st

from kiosk.consent.items import Decision, Given
from kiosk.eligibility.outcome import Outcome, OutcomeKind
from kiosk.errors import FailureCode
from kiosk.flow import events as ev
from kiosk.flow.effects import Effect
from kiosk.flow.policy import FlowPolicy
from kiosk.flow.session import CardSummary
from kiosk.flow.states import Starting, State
from kiosk.flow.transition import session_number, transition

NOW = datetime(2026, 11, 23, 3, 10, tzinfo=UTC)
ELIGIBLE = Outcome(OutcomeKind.ELIGIBLE)


class Walker:
    """A flow with its state, and what it asked for on the way."""

    def __init__(self, policy: FlowPolicy | None = None) -> None:
        self.policy = policy or FlowPolicy(offer_registration=False)
        self.state: State = Starting()
        self.effects: list[Effect] = []
        self.last: tuple[Effect, ...] = ()

    @property
    def no(self) -> int:
        return session_number(self.state)

    def on(self, *events: ev.Event) -> State:
        for event in events:
            self.state, self.last = transition(self.state, event, NOW, self.policy)
            self.effects += self.last
        return self.state

    def did(self, kind: type[Effect]) -> bool:
        """Whether the last step asked for that."""
        return any(isinstance(effect, kind) for effect in self.last)

    def begin(self, *, tries: int | None = 3, has_photo: bool = True, grace: bool = False) -> State:
        self.on(ev.ServiceReady(), ev.CardInserted("S1"))
        return self.on(
            ev.CardRead(session_no=self.no, card=CardSummary(tries, has_photo=has_photo, in_grace=grace))
        )

    def enter_pin(self) -> State:
        self.on(*[ev.PinDigitEntered(session_no=self.no) for _ in range(4)])
        return self.on(ev.PinSubmitted(session_no=self.no))

    def verify_by_pin(self, tries: int | None = 3) -> State:
        self.begin(tries=tries)
        self.on(ev.PinChosen(session_no=self.no), ev.PinAttemptsRead(session_no=self.no, tries_left=tries))
        self.enter_pin()
        self.on(ev.PinAccepted(session_no=self.no))
        return self.on(ev.TimedOut(session_no=self.no, timer=ev.Timer.CONFIRMED))

    def verify_by_face(self, age: int | None = 50) -> State:
        self.begin()
        self.on(ev.FaceChosen(session_no=self.no), ev.PhotoOpened(session_no=self.no, age=age))
        self.on(ev.FaceMatched(session_no=self.no), ev.StatementSigned(session_no=self.no))
        return self.on(ev.TimedOut(session_no=self.no, timer=ev.Timer.CONFIRMED))

    def decide(self, *decisions: Decision) -> State:
        for decision in decisions:
            self.on(ev.ConsentDecided(session_no=self.no, decision=decision))
        return self.state

    def commit(self, number: str = "A-001") -> State:
        self.verify_by_pin()
        self.decide(Decision.YES, Decision.NO, Decision.YES)
        return self.on(ev.ReceptionCommitted(session_no=self.no, number=number))


def _events() -> st.SearchStrategy[ev.Event]:
    numbers = st.just(0)
    tries = st.sampled_from([None, 0, 1, 2, 3])
    codes = st.sampled_from(list(FailureCode))
    simple = [
        ev.IdleTimedOut,
        ev.PinAccepted,
        ev.StatementSigned,
        ev.FaceMatched,
        ev.FaceNotConfirmed,
        ev.MovementNotShown,
        ev.LivenessDoubted,
        ev.Touched,
        ev.FaceChosen,
        ev.PinChosen,
        ev.StaffCheckChosen,
        ev.PinDigitEntered,
        ev.PinDigitErased,
        ev.PinSubmitted,
        ev.FieldDigitEntered,
        ev.FieldDigitErased,
        ev.FieldSubmitted,
        ev.WesternYearTold,
        ev.Continued,
        ev.WentBack,
        ev.Cancelled,
        ev.StillHere,
        ev.DeskCalled,
        ev.MoreTimeChosen,
        ev.SecretsCleared,
    ]
    return st.one_of(
        st.just(ev.ServiceReady()),
        st.builds(ev.ServiceLost, codes),
        st.builds(ev.CardInserted, st.just("S")),
        st.builds(ev.StartedAgain, st.just("S")),
        st.just(ev.CardRemoved()),
        st.just(ev.CardSwapped()),
        st.just(ev.CardTookLong()),
        st.just(ev.StaffReset("front desk")),
        st.just(ev.TechnicianSignedIn("technician")),
        st.just(ev.DiagnosisEnded()),
        *[st.builds(kind, session_no=numbers) for kind in simple],
        st.builds(ev.TimedOut, session_no=numbers, timer=st.sampled_from(list(ev.Timer))),
        st.builds(
            ev.CardRead,
            session_no=numbers,
            card=st.builds(CardSummary, tries, st.booleans(), st.booleans()),
        ),
        st.builds(ev.CardReadFailed, session_no=numbers, code=codes),
        st.builds(ev.RegistrationKnown, session_no=numbers, registered=st.booleans()),
        st.builds(ev.PinAttemptsRead, session_no=numbers, tries_left=tries),
        st.builds(ev.PinRejected, session_no=numbers, tries_left=tries),
        st.builds(ev.PinCheckFailed, session_no=numbers, code=codes),
        st.builds(ev.PhotoOpened, session_no=numbers, age=st.none() | st.integers(0, 110)),
        st.builds(ev.PhotoNotOpened, session_no=numbers, code=codes),
        st.builds(ev.StatementNotSigned, session_no=numbers, code=codes),
        st.builds(ev.FaceAsked, session_no=numbers, challenge=st.sampled_from(["", "turn_left"])),
        st.builds(ev.FaceHinted, session_no=numbers, hint=st.sampled_from(["", "too_far"])),
        st.builds(
            ev.FaceProgressed, session_no=numbers, good_frames=st.integers(0, 3), frames_wanted=st.just(3)
        ),
        st.builds(ev.FaceUnavailable, session_no=numbers, code=codes),
        st.builds(
            ev.ConsentDecided,
            session_no=numbers,
            decision=st.sampled_from(list(Decision)),
            given=st.sampled_from(list(Given)),
        ),
        st.builds(ev.LanguageChosen, session_no=numbers, language=st.sampled_from(["ja", "en"])),
        st.builds(ev.StaffConfirmed, session_no=numbers, by=st.just("front desk")),
        st.builds(ev.StaffDeclined, session_no=numbers, by=st.just("front desk")),
        st.builds(ev.LastAttemptAllowed, session_no=numbers, by=st.just("front desk")),
        st.builds(ev.ReceptionCommitted, session_no=numbers, number=st.just("A-001")),
        st.builds(ev.CommitFailed, session_no=numbers, code=codes),
        st.builds(
            ev.QualificationAnswered,
            session_no=numbers,
            outcome=st.builds(Outcome, st.sampled_from(list(OutcomeKind)), codes),
        ),
    )


EVENTS = _events()
"""Any event that could ever come; those of a session carry the number 0."""


def numbered(event: ev.Event, number: int) -> ev.Event:
    """The same event, for the session of that number."""
    return replace(event, session_no=number) if isinstance(event, ev.SessionEvent) else event
