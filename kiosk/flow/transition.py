# SPDX-License-Identifier: Apache-2.0
"""The reception as a function of where one stands, what happened, when, and what the clinic chose."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import assert_never

from kiosk.errors import FailureCode
from kiosk.flow import ending, reading, verification
from kiosk.flow.common import (
    BEFORE_COMMIT,
    WAITING,
    Step,
    clear,
    cleared,
    hand_to_staff,
    session_of,
    with_session,
)
from kiosk.flow.decisions import on_consenting, on_limit_choosing, on_matched
from kiosk.flow.effects import CallDesk, CancelTimer, Effect, StartTimer
from kiosk.flow.events import (
    Cancelled,
    CardRemoved,
    CardSwapped,
    CardTookLong,
    DeskCalled,
    Event,
    IdleTimedOut,
    LanguageChosen,
    MoreTimeChosen,
    PhotoNotOpened,
    PinCheckFailed,
    ServiceLost,
    SessionEvent,
    StaffReset,
    StatementNotSigned,
    StillHere,
    TimedOut,
    Timer,
    Touched,
)
from kiosk.flow.policy import FlowPolicy
from kiosk.flow.session import ClearReason, EndKind, Session, SessionEnd
from kiosk.flow.states import (
    AwaitingStaffCheck,
    BeforeCommit,
    CardProblem,
    ChoosingVerification,
    Clearing,
    Consenting,
    Diagnosing,
    FaceCapturing,
    FaceFailed,
    GraceNotice,
    HandToStaff,
    Idle,
    LimitChoosing,
    Matched,
    OutOfService,
    PinChecking,
    PinEntry,
    PinPreparing,
    PinUnavailable,
    PinWrong,
    PrintedFieldsEntry,
    Reading,
    Received,
    Registering,
    Starting,
    State,
    StillThere,
    Submitting,
    TakeYourCard,
)
from kiosk.flow.timers import waits


def session_number(state: State) -> int:
    """The number of the session that goes on, or of the last one that did."""
    match state:
        case Starting() | Idle() | OutOfService() | Diagnosing():
            return state.sessions
        case StillThere():
            return state.interrupted.session.number
        case _:
            return state.session.number


def transition(
    state: State, event: Event, now: datetime, policy: FlowPolicy
) -> tuple[State, tuple[Effect, ...]]:
    """The next state and what is to be done; `now` is UTC.

    An event that does not fit the state, or belongs to another session, changes nothing.
    """
    if isinstance(event, SessionEvent) and event.session_no != session_number(state):
        return state, ()
    step = _step(state, event, now, policy)
    return step.state, (*_timer_effects(state, step.state, event, policy), *step.effects)


def _timer_effects(before: State, after: State, event: Event, policy: FlowPolicy) -> list[Effect]:
    old, new = waits(before, policy), waits(after, policy)
    touched = isinstance(event, Touched) and Timer.IDLE in new.timers
    if old.key == new.key and not touched:
        return []
    effects: list[Effect] = [
        CancelTimer(session_no=session_number(before), timer=timer)
        for timer in old.timers
        if timer not in new.timers
    ]
    effects += [
        StartTimer(session_no=session_number(after), timer=timer, seconds=seconds)
        for timer, seconds in new.timers.items()
    ]
    return effects


def _step(  # noqa: C901  # one line a state, and the type checker counts them
    state: State, event: Event, now: datetime, policy: FlowPolicy
) -> Step:
    if isinstance(state, BEFORE_COMMIT):
        left = _before_commit(state, event)
        if left is not None:
            return left
    match state:
        case Starting() | OutOfService() | Idle() | Diagnosing():
            return reading.on_no_session(state, event, now, policy)
        case Reading():
            return reading.on_reading(state, event, policy)
        case CardProblem():
            return reading.on_card_problem(state, event)
        case GraceNotice():
            return reading.on_grace_notice(state, event)
        case Registering():
            return reading.on_registering(state, event, now, policy)
        case ChoosingVerification():
            return verification.on_choosing(state, event, policy)
        case PrintedFieldsEntry():
            return verification.on_printed_fields_entry(state, event)
        case FaceCapturing():
            return verification.on_face_capturing(state, event, policy)
        case FaceFailed():
            return verification.on_face_failed(state, event, policy)
        case PinPreparing():
            return verification.on_pin_preparing(state, event, policy)
        case PinEntry():
            return verification.on_pin_entry(state, event, policy)
        case PinChecking():
            return verification.on_pin_checking(state, event, now, policy)
        case PinWrong():
            return verification.on_pin_wrong(state, event, policy)
        case PinUnavailable():
            return verification.on_pin_unavailable(state, event, policy)
        case AwaitingStaffCheck():
            return verification.on_awaiting_staff_check(state, event)
        case Matched():
            return on_matched(state, event, now, policy)
        case Consenting():
            return on_consenting(state, event, now, policy)
        case LimitChoosing():
            return on_limit_choosing(state, event, now, policy)
        case StillThere():
            return _on_still_there(state, event, now, policy)
        case Submitting():
            return ending.on_submitting(state, event)
        case Received():
            return ending.on_received(state, event)
        case HandToStaff():
            return ending.on_hand_to_staff(state, event)
        case TakeYourCard():
            return ending.on_take_your_card(state, event, now, policy)
        case Clearing():
            return ending.on_clearing(state, event)
        case _:
            assert_never(state)


def _before_commit(state: BeforeCommit, event: Event) -> Step | None:
    """What ends or changes any session of which nothing is kept yet; None where the state itself decides."""
    session = session_of(state)
    match event:
        case CardRemoved():
            reason = ClearReason.CARD_REMOVED
            if isinstance(state, CardProblem) and state.code is FailureCode.CARD_NOT_MY_NUMBER:
                reason = ClearReason.OTHER_CARD
            return cleared(session, reason, card_lies=False)
        case CardSwapped():
            # Where no card was known before, the new one is simply the next.
            return cleared(session, ClearReason.CARD_SWAPPED, card_lies=session.card is not None)
        case (
            PinCheckFailed(code=FailureCode.CARD_SWAPPED)
            | PhotoNotOpened(code=FailureCode.CARD_SWAPPED)
            | StatementNotSigned(code=FailureCode.CARD_SWAPPED)
        ):
            return cleared(session, ClearReason.CARD_SWAPPED, card_lies=True)
        case PhotoNotOpened(code=FailureCode.PHOTO_FORGED):
            # Whatever the patient chose meanwhile: a card with a false photo is for people to look at.
            return hand_to_staff(session, FailureCode.PHOTO_FORGED)
        case ServiceLost(code):
            end = SessionEnd(EndKind.CLEARED, reason=ClearReason.READER_LOST, code=code)
            return clear(session, end, card_lies=False, problem=code)
        case StaffReset():
            return cleared(session, ClearReason.STAFF_RESET, card_lies=True)
        case Cancelled():
            return cleared(session, ClearReason.CANCELLED, card_lies=True)
        case DeskCalled():
            if session.desk_called:
                return Step(state)
            called = with_session(state, replace(session, desk_called=True))
            return Step(called, (CallDesk(session_no=session.number),))
        case LanguageChosen() | MoreTimeChosen() | CardTookLong():
            return Step(with_session(state, _noted(session, event)))
        case IdleTimedOut() if isinstance(state, WAITING):
            return Step(StillThere(state))
        case _:
            return None


def _noted(session: Session, event: LanguageChosen | MoreTimeChosen | CardTookLong) -> Session:
    """What is from now on different, wherever the patient is."""
    match event:
        case LanguageChosen(language=language):
            return replace(session, language=language)
        case MoreTimeChosen():
            return replace(session, unhurried=True)
        case CardTookLong():
            # It will be as slow the next time: the patient is told whenever the card is at work.
            return replace(session, card_is_slow=True)


def _on_still_there(state: StillThere, event: Event, now: datetime, policy: FlowPolicy) -> Step:
    match event:
        case StillHere() | Touched():
            return Step(state.interrupted)
        case TimedOut(timer=Timer.WARNING):
            return cleared(state.interrupted.session, ClearReason.TIMED_OUT, card_lies=True)
        case _:
            step = _step(state.interrupted, event, now, policy)
            return Step(state) if step.state == state.interrupted else step
