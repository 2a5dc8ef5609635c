# SPDX-License-Identifier: Apache-2.0
"""Proving that the person is the holder: face, PIN and staff, three equal ways."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from kiosk.auth.evidence import VerificationMethod
from kiosk.auth.policy import usable_tries
from kiosk.errors import FailureCode
from kiosk.flow.common import Step, hand_to_staff
from kiosk.flow.effects import (
    CallDesk,
    Effect,
    EraseFieldDigits,
    ErasePinDigits,
    OpenPhoto,
    PlaySound,
    ReadPinAttempts,
    SignStatement,
    Sound,
    StartFace,
    StopFace,
    SubmitPin,
)
from kiosk.flow.events import (
    Event,
    FaceAsked,
    FaceChosen,
    FaceHinted,
    FaceMatched,
    FaceNotConfirmed,
    FaceProgressed,
    FaceUnavailable,
    FieldDigitEntered,
    FieldDigitErased,
    FieldSubmitted,
    LastAttemptAllowed,
    LivenessDoubted,
    MovementNotShown,
    PhotoNotOpened,
    PhotoOpened,
    PinAccepted,
    PinAttemptsRead,
    PinCheckFailed,
    PinChosen,
    PinDigitEntered,
    PinDigitErased,
    PinRejected,
    PinSubmitted,
    StaffCheckChosen,
    StaffConfirmed,
    StaffDeclined,
    TimedOut,
    Timer,
    WentBack,
    WesternYearTold,
)
from kiosk.flow.policy import FlowPolicy
from kiosk.flow.session import PrintedField, Session, Verified
from kiosk.flow.states import (
    AwaitingStaffCheck,
    BeforeCommit,
    ChoosingVerification,
    FaceCapturing,
    FaceFailed,
    Matched,
    PinChecking,
    PinEntry,
    PinPreparing,
    PinUnavailable,
    PinWrong,
    PrintedFieldsEntry,
)

PIN_LENGTH = 4
_UNMOVED_TRIES = 2  # so often may the photo's face not move as asked, before staff have a look


def face_offered(session: Session, policy: FlowPolicy) -> bool:
    """Whether face is a way that is still open."""
    return (
        policy.face_available
        and _photo_offered(session, policy)
        and session.face_tries_used < policy.face_tries
    )


def _photo_offered(session: Session, policy: FlowPolicy) -> bool:
    """Whether the photo is open, or may still be opened."""
    has_photo = session.card is None or session.card.has_photo
    return has_photo and (session.photo_is_open or session.photo_openings_used < policy.photo_openings)


def _camera_reads(session: Session, policy: FlowPolicy) -> bool:
    """Whether the camera over the reader may be asked: what it misread it would read again, at a try each."""
    return policy.surface_camera and not session.surface_misread


def tries_usable(session: Session, tries_left: int | None, policy: FlowPolicy) -> int:
    """How many of the card's tries may be used in this session."""
    allowed = policy.allow_last_pin_attempt or bool(session.last_attempt_allowed_by)
    return usable_tries(tries_left, last_attempt_allowed=allowed)


def _take_way(state: BeforeCommit, session: Session, event: Event, policy: FlowPolicy) -> Step | None:
    """The three ways, as they are offered on several screens."""
    number = session.number
    match event:
        case FaceChosen() if face_offered(session, policy):
            if not (session.photo_is_open or _camera_reads(session, policy)):
                return _typing(session)
            return _capturing(session, typed=False)
        case PinChosen():
            return Step(PinPreparing(session), (ReadPinAttempts(session_no=number),))
        case StaffCheckChosen() if policy.staff_check_available:
            code = getattr(state, "code", None) or getattr(state, "notice", None)
            effects: list[Effect] = [CallDesk(session_no=number, code=code)]
            if _camera_reads(session, policy) and _photo_offered(session, policy):
                session, opening = _opening(session, typed=False)
                effects.append(opening)  # for the person to compare with
            return Step(AwaitingStaffCheck(session, code), tuple(effects))
        case _:
            return None


def _opening(session: Session, *, typed: bool) -> tuple[Session, OpenPhoto]:
    """The photo is to be opened; how often its number may be presented in a session is bounded."""
    if not session.photo_is_open:
        session = replace(session, photo_openings_used=session.photo_openings_used + 1)
    return session, OpenPhoto(session_no=session.number, typed=typed)


def _capturing(session: Session, *, typed: bool) -> Step:
    session, opening = _opening(session, typed=typed)
    return Step(FaceCapturing(session, typed=typed), (opening,))


def _typing(session: Session, *, again: bool = False) -> Step:
    return Step(PrintedFieldsEntry(session, again=again), (EraseFieldDigits(session_no=session.number),))


def on_choosing(state: ChoosingVerification, event: Event, policy: FlowPolicy) -> Step:
    """The patient chooses a way."""
    return _take_way(state, state.session, event, policy) or Step(state)


# --- face ------------------------------------------------------------------------------------------------


def on_printed_fields_entry(state: PrintedFieldsEntry, event: Event) -> Step:
    """Three fields, one after another; what is typed stays in the vault."""
    session = state.session
    match event:
        case FieldDigitEntered() if state.digits < state.field.length:
            return Step(replace(state, digits=state.digits + 1))
        case FieldDigitErased() if state.digits > 0:
            return Step(replace(state, digits=state.digits - 1))
        case FieldSubmitted() if state.digits == state.field.length:
            fields = list(PrintedField)
            following = fields.index(state.field) + 1
            if following < len(fields):
                return Step(PrintedFieldsEntry(session, fields[following]))
            return _capturing(session, typed=True)
        case WesternYearTold() if state.field is PrintedField.BIRTH_DATE:
            return Step(_western(session), (EraseFieldDigits(session_no=session.number),))
        case WentBack():
            return Step(ChoosingVerification(session), (EraseFieldDigits(session_no=session.number),))
        case _:
            return Step(state)


def _western(session: Session) -> FaceFailed:
    """How the number of a card with a Western year is formed is not public, and is not guessed."""
    return FaceFailed(_without_photo(session), FailureCode.BIRTH_DATE_GREGORIAN, may_retry=False)


def _photo_not_opened(state: FaceCapturing, event: PhotoNotOpened) -> Step:
    session = state.session
    stop = StopFace(session_no=session.number)
    match event.code:
        case FailureCode.SURFACE_UNREADABLE:
            # Nothing was presented to the card; what the camera cannot read, the patient can.
            unused = replace(session, photo_openings_used=session.photo_openings_used - 1)
            return _typing(unused, again=state.typed)
        case FailureCode.BIRTH_DATE_GREGORIAN:
            failed = _western(session)
        case code:
            if event.closed:
                session = _without_photo(session)
            elif event.wrong_number and not state.typed:
                session = replace(session, surface_misread=True)
            failed = FaceFailed(session, code, may_retry=False)
    return Step(failed, (stop, PlaySound(Sound.ATTENTION)))


def on_face_capturing(state: FaceCapturing, event: Event, policy: FlowPolicy) -> Step:
    """The photo is fetched, then the camera looks."""
    session, number = state.session, state.session.number
    stop = StopFace(session_no=number)
    match event:
        case PhotoOpened(age=age) if not state.photo_open:
            # The age is kept for the questions, whichever way the verification ends.
            known = replace(session, photo_age=age, photo_is_open=True)
            return Step(replace(state, session=known, photo_open=True), (StartFace(session_no=number),))
        case PhotoNotOpened() if not state.photo_open:
            return _photo_not_opened(state, event)
        case TimedOut(timer=Timer.PHOTO):
            return Step(FaceFailed(session, FailureCode.PHOTO_NOT_OPENED, may_retry=False), (stop,))
        case FaceHinted() | FaceProgressed() | FaceAsked():
            return Step(_watched(state, event))
        case FaceMatched() if state.photo_open:
            return _signing(session, VerificationMethod.FACE, (stop,))
        case FaceNotConfirmed() if state.photo_open:
            return _face_failed(session, FailureCode.FACE_NOT_CONFIRMED, policy)
        case TimedOut(timer=Timer.FACE):
            return _face_failed(session, FailureCode.FACE_NOT_CONFIRMED, policy)
        case MovementNotShown() if state.photo_open:
            return _not_moved(session, policy)
        case LivenessDoubted() if state.photo_open:
            return hand_to_staff(session, FailureCode.LIVENESS_DOUBTFUL)
        case FaceUnavailable(code=code):
            left = _without_photo(session) if code is FailureCode.PHOTO_UNUSABLE else _left(state)
            failed = FaceFailed(left, code, may_retry=face_offered(left, policy))
            return Step(failed, (stop, PlaySound(Sound.ATTENTION)))
        case WentBack():
            return Step(ChoosingVerification(_left(state)), (stop,))
        case PinChosen() | StaffCheckChosen():
            way = _take_way(state, _left(state), event, policy)
            return Step(way.state, (stop, *way.effects)) if way else Step(state)
        case _:
            return Step(state)


def _watched(state: FaceCapturing, event: FaceHinted | FaceProgressed | FaceAsked) -> FaceCapturing:
    """What the screen shows meanwhile."""
    match event:
        case FaceHinted(hint=hint):
            return replace(state, hint=hint)
        case FaceProgressed(good_frames=good, frames_wanted=wanted):
            return replace(state, good_frames=good, frames_wanted=wanted)
        case FaceAsked(challenge=challenge):
            if not state.photo_open:
                return state
            # Whoever took long to stand well has the whole time for what is asked.
            return replace(state, challenge=challenge, asked=state.asked or bool(challenge))


def _without_photo(session: Session) -> Session:
    """The photo does not open, or is of no use to the camera, and will not be at another try."""
    return session if session.card is None else replace(session, card=replace(session.card, has_photo=False))


def _left(state: FaceCapturing) -> Session:
    """The session after a try that nobody waited for the end of.

    Once a movement was asked for it counts: what shows a clip must not look for the question that fits it.
    """
    session = state.session
    return replace(session, face_tries_used=session.face_tries_used + 1) if state.asked else session


def _face_failed(session: Session, code: FailureCode, policy: FlowPolicy, *, unmoved: bool = False) -> Step:
    used = replace(session, face_tries_used=session.face_tries_used + 1)
    return Step(
        FaceFailed(used, code, may_retry=face_offered(used, policy), unmoved=unmoved),
        (StopFace(session_no=session.number), PlaySound(Sound.ATTENTION)),
    )


def _not_moved(session: Session, policy: FlowPolicy) -> Step:
    """Once, and all ways stay open; the second time it may be a picture, and staff are asked."""
    session = replace(session, movements_not_shown=session.movements_not_shown + 1)
    if session.movements_not_shown >= _UNMOVED_TRIES:
        return hand_to_staff(session, FailureCode.LIVENESS_DOUBTFUL)
    return _face_failed(session, FailureCode.FACE_NOT_CONFIRMED, policy, unmoved=True)


def on_face_failed(state: FaceFailed, event: Event, policy: FlowPolicy) -> Step:
    """Once more, PIN, or staff."""
    match event:
        case FaceChosen() if not state.may_retry:
            return Step(state)
        case WentBack():
            return Step(ChoosingVerification(state.session, state.code))
        case _:
            return _take_way(state, state.session, event, policy) or Step(state)


# --- PIN -------------------------------------------------------------------------------------------------


def on_pin_preparing(state: PinPreparing, event: Event, policy: FlowPolicy) -> Step:
    """The card's own counter decides whether the pad is shown."""
    session = state.session
    match event:
        case PinAttemptsRead(tries_left=tries):
            return _pin_possible(session, tries, policy, wrong=False)
        case PinCheckFailed(code=code):
            return hand_to_staff(session, code)
        case TimedOut(timer=Timer.CARD):
            return hand_to_staff(session, FailureCode.CARD_COMMUNICATION)
        case _:
            return Step(state)


def _pin_possible(session: Session, tries: int | None, policy: FlowPolicy, *, wrong: bool) -> Step:
    if session.card is not None:
        session = replace(session, card=replace(session.card, pin_tries=tries))
    attention = PlaySound(Sound.ATTENTION)
    if tries == 0:
        return Step(PinUnavailable(session, FailureCode.PIN_BLOCKED), (attention,))
    if not tries_usable(session, tries, policy):
        # Also where the counter cannot be read: it may stand at one.
        return Step(PinUnavailable(session, FailureCode.PIN_LAST_TRY), (attention,))
    if wrong and tries is not None:
        return Step(PinWrong(session, tries), (attention,))
    entry = session.pin_entries + 1
    return Step(
        PinEntry(replace(session, pin_entries=entry), entry, tries),
        (ErasePinDigits(session_no=session.number),),
    )


def on_pin_entry(state: PinEntry, event: Event, policy: FlowPolicy) -> Step:
    """Digits go into the vault; here only their number changes."""
    session, number = state.session, state.session.number
    match event:
        case PinDigitEntered() if state.digits < PIN_LENGTH:
            return Step(replace(state, digits=state.digits + 1))
        case PinDigitErased() if state.digits > 0:
            return Step(replace(state, digits=state.digits - 1))
        case PinSubmitted() if state.digits == PIN_LENGTH:
            allowed = policy.allow_last_pin_attempt or bool(session.last_attempt_allowed_by)
            return Step(
                # The permission holds for one entry.
                PinChecking(replace(session, last_attempt_allowed_by=""), state.entry),
                (SubmitPin(session_no=number, entry=state.entry, last_attempt_allowed=allowed),),
            )
        case WentBack():
            return Step(ChoosingVerification(session), (ErasePinDigits(session_no=number),))
        case _:
            return Step(state)


def on_pin_checking(state: PinChecking, event: Event, now: datetime, policy: FlowPolicy) -> Step:
    """The card has the digits; whatever it answers, they are not sent again."""
    session, number = state.session, state.session.number
    match event:
        case PinAccepted():
            verified = replace(session, verified=Verified(VerificationMethod.PIN, now, session.photo_age))
            return Step(
                Matched(verified, VerificationMethod.PIN, signed=True),
                (ErasePinDigits(session_no=number), PlaySound(Sound.DONE)),
            )
        case PinRejected(tries_left=tries):
            step = _pin_possible(session, tries, policy, wrong=True)
            return Step(step.state, (ErasePinDigits(session_no=number), *step.effects))
        case PinCheckFailed(code=FailureCode.CARD_REMOVED | FailureCode.CARD_COMMUNICATION):
            # The talk broke off, so nobody knows whether the card counted: it is asked, and nothing re-sent.
            return Step(
                PinPreparing(session),
                (ErasePinDigits(session_no=number), ReadPinAttempts(session_no=number)),
            )
        case PinCheckFailed(code=FailureCode.PIN_LAST_TRY):
            return Step(
                PinUnavailable(session, FailureCode.PIN_LAST_TRY), (ErasePinDigits(session_no=number),)
            )
        case PinCheckFailed(code=code):
            return hand_to_staff(session, code)
        case TimedOut(timer=Timer.CARD):
            return hand_to_staff(session, FailureCode.CARD_COMMUNICATION)
        case _:
            return Step(state)


def on_pin_wrong(state: PinWrong, event: Event, policy: FlowPolicy) -> Step:
    """The PIN was wrong; the patient may try again here, or choose another way."""
    match event:
        case WentBack():
            return Step(ChoosingVerification(state.session))
        case _:
            return _take_way(state, state.session, event, policy) or Step(state)


def on_pin_unavailable(state: PinUnavailable, event: Event, policy: FlowPolicy) -> Step:
    """The PIN is not used; the other ways are open, and staff may allow the last try."""
    session = state.session
    match event:
        case LastAttemptAllowed(by=by) if state.code is FailureCode.PIN_LAST_TRY:
            allowed = replace(session, last_attempt_allowed_by=by)
            return Step(PinPreparing(allowed), (ReadPinAttempts(session_no=session.number),))
        case PinChosen():
            return Step(state)
        case WentBack():
            return Step(ChoosingVerification(session, state.code))
        case _:
            return _take_way(state, session, event, policy) or Step(state)


# --- staff, and the end of every way ---------------------------------------------------------------------


def on_awaiting_staff_check(state: AwaitingStaffCheck, event: Event) -> Step:
    """A person of the staff decides, or nobody comes."""
    session = state.session
    match event:
        case PhotoOpened(age=age):
            return Step(replace(state, session=replace(session, photo_age=age, photo_is_open=True)))
        case StaffConfirmed(by=by):
            return _signing(session, VerificationMethod.STAFF, (), by)
        case StaffDeclined():
            return hand_to_staff(session, state.code or FailureCode.STAFF_CHECK_DECLINED)
        case TimedOut(timer=Timer.STAFF):
            return hand_to_staff(session, state.code or FailureCode.STAFF_CHECK_UNANSWERED)
        case WentBack():
            return Step(ChoosingVerification(session, state.code))
        case _:
            return Step(state)


def _signing(
    session: Session, method: VerificationMethod, effects: tuple[Effect, ...], decided_by: str = ""
) -> Step:
    sign = SignStatement(session_no=session.number, method=method, decided_by=decided_by)
    return Step(Matched(session, method), (*effects, sign))
