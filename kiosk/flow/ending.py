# SPDX-License-Identifier: Apache-2.0
"""From the commit to an empty screen: submitting, received, take your card, clearing."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from kiosk.eligibility.outcome import Outcome, OutcomeKind
from kiosk.errors import FailureCode
from kiosk.flow.common import Step, clear, hand_to_staff
from kiosk.flow.effects import CallDesk, PlaySound, Sound
from kiosk.flow.events import (
    Cancelled,
    CardInserted,
    CardRemoved,
    CardSwapped,
    CommitFailed,
    DeskCalled,
    Event,
    QualificationAnswered,
    ReceptionCommitted,
    SecretsCleared,
    ServiceLost,
    ServiceReady,
    StaffReset,
    StartedAgain,
    TimedOut,
    Timer,
)
from kiosk.flow.policy import FlowPolicy
from kiosk.flow.reading import begin
from kiosk.flow.session import EndKind, SessionEnd
from kiosk.flow.states import (
    Clearing,
    HandToStaff,
    Idle,
    OutOfService,
    Received,
    Submitting,
    TakeYourCard,
)

_SOUNDS = {
    OutcomeKind.ELIGIBLE: Sound.DONE,
    OutcomeKind.TO_BE_CONFIRMED: Sound.DONE,
    OutcomeKind.NOT_ELIGIBLE: Sound.ATTENTION,
    OutcomeKind.ASK_STAFF: Sound.ATTENTION,
}


def on_submitting(state: Submitting, event: Event) -> Step:
    """What the patient did is being kept, and then upstream's answer is waited for.

    Once the commit is under way, only its result decides: a reset waits for it, and taking the card away
    changes nothing.
    """
    session = state.session
    match event:
        case CardRemoved() | CardSwapped() | ServiceLost():
            return Step(replace(state, card_gone=True))
        case CardInserted():
            return Step(replace(state, card_gone=False))
        case ReceptionCommitted(number=number) if not state.number:
            if state.ending is not None:
                return clear(session, replace(state.ending, number=number), card_lies=not state.card_gone)
            kept = replace(state, number=number)
            return Step(kept) if state.answer is None else _received(kept, state.answer)
        case CommitFailed(code=code) if not state.number:
            return hand_to_staff(session, code, card_gone=state.card_gone)
        case TimedOut(timer=Timer.COMMIT):
            return hand_to_staff(session, FailureCode.STORE_WRITE_FAILED, card_gone=state.card_gone)
        case StaffReset() | Cancelled():
            end = SessionEnd(EndKind.TO_BE_CONFIRMED, number=state.number)
            if state.number:
                return clear(session, end, card_lies=not state.card_gone)
            return Step(replace(state, ending=end))
        case QualificationAnswered(outcome=outcome):
            if not state.number:
                return Step(replace(state, answer=outcome))
            return _received(state, outcome)
        case TimedOut(timer=Timer.ANSWER):
            return _received(state, Outcome(OutcomeKind.TO_BE_CONFIRMED, FailureCode.UPSTREAM_NO_ANSWER))
        case DeskCalled():
            return _call_desk(state)
        case _:
            return Step(state)


def _received(state: Submitting, outcome: Outcome) -> Step:
    return Step(
        Received(state.session, outcome, state.number, state.card_gone),
        (PlaySound(_SOUNDS[outcome.kind]),),
    )


def on_received(state: Received, event: Event) -> Step:
    """The result stays for its time, also when the card is taken at once."""
    end = SessionEnd.of(state.outcome, state.number)
    match event:
        case CardRemoved() | CardSwapped() | ServiceLost():
            return Step(replace(state, card_gone=True))
        case TimedOut(timer=Timer.RESULT):
            if state.card_gone:
                return clear(state.session, end, card_lies=False)
            return Step(TakeYourCard(state.session, end, cleared=False), (PlaySound(Sound.CARD_LEFT),))
        case StaffReset():
            return clear(state.session, end, card_lies=not state.card_gone)
        case DeskCalled():
            return _call_desk(state)
        case _:
            return Step(state)


def on_hand_to_staff(state: HandToStaff, event: Event) -> Step:
    """The patient reads what the desk will do; taking the card or some time ends it."""
    match event:
        case CardRemoved() | CardSwapped() | ServiceLost():
            return Step(replace(state, card_gone=True))
        case TimedOut(timer=Timer.HANDED) | StaffReset() | Cancelled():
            return clear(state.session, state.end, card_lies=not state.card_gone)
        case ReceptionCommitted(number=number):
            # It was only slow: the act is real and goes out, so the records must not say that there is none.
            end = replace(state.end, kind=EndKind.TO_BE_CONFIRMED, number=number)
            return Step(replace(state, end=end))
        case DeskCalled():
            return Step(_called(state))  # the desk knows already, with the code
        case _:
            return Step(state)


def on_take_your_card(state: TakeYourCard, event: Event, now: datetime, policy: FlowPolicy) -> Step:
    """The card still lies there. Taking it is the good end."""
    match event:
        case CardRemoved() | ServiceLost():
            return _card_taken(state)
        case CardSwapped() if not state.cleared:
            return clear(state.session, state.end, card_lies=False)
        case CardSwapped():
            return Step(Idle(state.session.number))  # another card: from idle it begins a session of its own
        case TimedOut(timer=Timer.REMINDER):
            reminded = replace(state, reminders=state.reminders + 1)
            return Step(reminded, (PlaySound(Sound.CARD_LEFT, step=reminded.reminders),))
        case StartedAgain(new_id) if state.cleared:
            return begin(state.session.number, new_id, now, policy)
        case StaffReset() if not state.cleared:
            return clear(state.session, state.end, card_lies=True)
        case DeskCalled():
            return _call_desk(state)
        case _:
            return Step(state)


Called = TypeVar("Called", bound=Submitting | Received | HandToStaff | TakeYourCard)


def _called(state: Called) -> Called:
    return replace(state, session=replace(state.session, desk_called=True))


def _call_desk(state: Submitting | Received | TakeYourCard) -> Step:
    """A person is asked for, once; everything goes on as it would."""
    if state.session.desk_called:
        return Step(state)
    return Step(_called(state), (CallDesk(session_no=state.session.number),))


def _card_taken(state: TakeYourCard) -> Step:
    if state.cleared:
        return Step(Idle(state.session.number))
    return clear(state.session, state.end, card_lies=False)


def on_clearing(state: Clearing, event: Event) -> Step:
    """Nothing leaves this state before it is known that everything was wiped."""
    sessions = state.session.number
    match event:
        case CardRemoved():
            return Step(replace(state, card_lies=False))
        case ServiceLost(code):
            return Step(replace(state, card_lies=False, problem=code))
        case ServiceReady():
            return Step(replace(state, problem=None))
        case SecretsCleared():
            if state.problem is not None:
                return Step(OutOfService(state.problem, sessions))
            if state.card_lies:
                return Step(
                    TakeYourCard(state.session, state.end, cleared=True), (PlaySound(Sound.CARD_LEFT),)
                )
            return Step(Idle(sessions))
        case TimedOut(timer=Timer.CLEARING):
            # What cannot be shown to be wiped must not be followed by another patient.
            return Step(OutOfService(FailureCode.INTERNAL, sessions))
        case _:
            return Step(state)
