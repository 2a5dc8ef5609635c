# SPDX-License-Identifier: Apache-2.0
"""From the idle screen to a card that is known: idle, out of service, reading, registration."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from kiosk.consent.items import ConsentItem, ConsentRecord
from kiosk.errors import FailureCode
from kiosk.flow.common import Step, hand_to_staff
from kiosk.flow.effects import LookUpRegistration, PlaySound, ReadCard, RunDiagnosis, Sound
from kiosk.flow.events import (
    CardInserted,
    CardRead,
    CardReadFailed,
    ConsentDecided,
    Continued,
    DiagnosisEnded,
    Event,
    RegistrationKnown,
    SecretsCleared,
    ServiceLost,
    ServiceReady,
    StaffReset,
    TechnicianSignedIn,
    TimedOut,
    Timer,
)
from kiosk.flow.policy import FlowPolicy
from kiosk.flow.session import Session
from kiosk.flow.states import (
    CardProblem,
    ChoosingVerification,
    Diagnosing,
    GraceNotice,
    Idle,
    OutOfService,
    Reading,
    Registering,
    Starting,
)

# What the patient can put right by laying the card down again, or by laying down another.
_LAY_AGAIN = frozenset(
    {FailureCode.CARD_UNREADABLE, FailureCode.CARD_COMMUNICATION, FailureCode.CARD_NOT_MY_NUMBER}
)


def on_no_session(
    state: Starting | OutOfService | Idle | Diagnosing, event: Event, now: datetime, policy: FlowPolicy
) -> Step:
    """No patient is being received."""
    match state, event:
        case (Diagnosing(), ServiceReady()):
            return Step(replace(state, problem=None))
        case (Diagnosing(), ServiceLost(code)):
            return Step(replace(state, problem=code))
        case (Diagnosing(problem=problem), DiagnosisEnded() | StaffReset() | TimedOut(timer=Timer.DIAGNOSIS)):
            return Step(OutOfService(problem, state.sessions) if problem else Idle(state.sessions))
        case (Idle() | OutOfService(), TechnicianSignedIn(by)):
            problem = state.code if isinstance(state, OutOfService) else None
            return Step(Diagnosing(by, problem, state.sessions), (RunDiagnosis(),))
        # What could not be shown to be wiped in time is wiped now: the reason to stand still is gone.
        case (Diagnosing(problem=FailureCode.INTERNAL), SecretsCleared()):
            return Step(replace(state, problem=None))
        case (OutOfService(code=FailureCode.INTERNAL), SecretsCleared()):
            return Step(Idle(state.sessions))
        case (Starting() | OutOfService(), ServiceReady()):
            return Step(Idle(state.sessions))
        case (Starting() | OutOfService() | Idle(), ServiceLost(code)):
            return Step(OutOfService(code, state.sessions))
        case (Idle(), CardInserted(new_id)):
            return begin(state.sessions, new_id, now, policy)
        case _:
            return Step(state)


def begin(sessions: int, new_id: str, now: datetime, policy: FlowPolicy) -> Step:
    """A new session begins with a card to be read."""
    session = Session(number=sessions + 1, id=new_id, started_at=now, language=policy.language)
    return Step(Reading(session), (ReadCard(session_no=session.number),))


def on_reading(state: Reading, event: Event, policy: FlowPolicy) -> Step:
    """The card is being read, or upstream is asked about it."""
    session = state.session
    match event:
        case CardRead(card=card) if not state.asking_registration:
            known = replace(session, card=card)
            sound = PlaySound(Sound.READ)
            if policy.offer_registration:
                return Step(
                    Reading(known, asking_registration=True),
                    (sound, LookUpRegistration(session_no=session.number)),
                )
            return Step(_after_reading(known, registered=True), (sound,))
        case CardReadFailed(code=code) if not state.asking_registration:
            return _card_problem(session, code)
        case TimedOut(timer=Timer.CARD):
            return _card_problem(session, FailureCode.CARD_COMMUNICATION)
        case RegistrationKnown(registered=registered) if state.asking_registration:
            return Step(_after_reading(session, registered=registered))
        case TimedOut(timer=Timer.REGISTRATION):
            # Upstream is slow or away: that is no reason to keep a patient waiting.
            return Step(_after_reading(session, registered=True))
        case _:
            return Step(state)


def _card_problem(session: Session, code: FailureCode) -> Step:
    if code in _LAY_AGAIN:
        return Step(CardProblem(session, code), (PlaySound(Sound.ATTENTION),))
    return hand_to_staff(session, code)


def _after_reading(session: Session, *, registered: bool) -> GraceNotice | Registering | ChoosingVerification:
    if session.card is not None and session.card.in_grace:
        return GraceNotice(session, registered)
    return ChoosingVerification(session) if registered else Registering(session)


def on_card_problem(state: CardProblem, event: Event) -> Step:
    """The patient is asked to lay the card down again; taking it away ends this session."""
    match event:
        case Continued():
            return Step(Reading(state.session), (ReadCard(session_no=state.session.number),))
        case _:
            return Step(state)


def on_grace_notice(state: GraceNotice, event: Event) -> Step:
    """The patient reads that the certificate should be renewed."""
    match event:
        case Continued():
            return Step(
                ChoosingVerification(state.session) if state.registered else Registering(state.session)
            )
        case _:
            return Step(state)


def on_registering(state: Registering, event: Event, now: datetime, policy: FlowPolicy) -> Step:
    """The patient decides whether the card becomes an insurance card."""
    match event:
        case ConsentDecided(decision=decision, given=given):
            record = ConsentRecord(
                ConsentItem.USAGE_REGISTRATION,
                decision,
                policy.consent.text_version,
                state.session.language,
                now,
                given,
            )
            session = replace(state.session, records=(*state.session.records, record))
            return Step(ChoosingVerification(session))
        case _:
            return Step(state)
