# SPDX-License-Identifier: Apache-2.0
"""What several states share: a step, the ways out of a session, small changes to it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeVar

from kiosk.errors import FailureCode
from kiosk.flow.effects import (
    CallDesk,
    ClearSecrets,
    Effect,
    EraseFieldDigits,
    ErasePinDigits,
    PlaySound,
    RecordSessionEnd,
    Sound,
    StopFace,
)
from kiosk.flow.session import ClearReason, EndKind, Session, SessionEnd
from kiosk.flow.states import (
    AwaitingStaffCheck,
    BeforeCommit,
    CardProblem,
    ChoosingVerification,
    Clearing,
    Consenting,
    FaceCapturing,
    FaceFailed,
    GraceNotice,
    HandToStaff,
    LimitChoosing,
    Matched,
    PinChecking,
    PinEntry,
    PinPreparing,
    PinUnavailable,
    PinWrong,
    PrintedFieldsEntry,
    Reading,
    Registering,
    State,
    StillThere,
)

WAITING = (
    CardProblem,
    GraceNotice,
    Registering,
    ChoosingVerification,
    PrintedFieldsEntry,
    FaceFailed,
    PinEntry,
    PinWrong,
    PinUnavailable,
    Consenting,
    LimitChoosing,
)
BEFORE_COMMIT = (
    Reading,
    FaceCapturing,
    PinPreparing,
    PinChecking,
    AwaitingStaffCheck,
    Matched,
    StillThere,
    *WAITING,
)

# Where the contract has the desk asked although nothing was committed.
_ASK_STAFF = frozenset(
    {FailureCode.CERTIFICATE_EXPIRED, FailureCode.CERTIFICATE_REVOKED, FailureCode.LIVENESS_DOUBTFUL}
)


@dataclass(frozen=True, slots=True)
class Step:
    """Where to, and what to do on the way."""

    state: State
    effects: tuple[Effect, ...] = ()


def session_of(state: BeforeCommit) -> Session:
    """The session of a state before the commit."""
    return state.interrupted.session if isinstance(state, StillThere) else state.session


S = TypeVar("S", bound=BeforeCommit)


def with_session(state: S, session: Session) -> S:
    """The same state with another session in it."""
    if isinstance(state, StillThere):
        return replace(state, interrupted=replace(state.interrupted, session=session))
    return replace(state, session=session)


def clear(session: Session, end: SessionEnd, *, card_lies: bool, problem: FailureCode | None = None) -> Step:
    """Begin to wipe the session."""
    return Step(
        Clearing(session, end, card_lies, problem),
        (
            ClearSecrets(session_no=session.number),
            RecordSessionEnd(session_no=session.number, session_id=session.id, end=end),
        ),
    )


def cleared(session: Session, reason: ClearReason, *, card_lies: bool) -> Step:
    """Wipe a session that comes to nothing."""
    return clear(session, SessionEnd(EndKind.CLEARED, reason=reason), card_lies=card_lies)


def hand_to_staff(session: Session, code: FailureCode, *, card_gone: bool = False) -> Step:
    """The desk goes on; nothing was committed."""
    kind = EndKind.ASK_STAFF if code in _ASK_STAFF else EndKind.HANDED_TO_STAFF
    return Step(
        HandToStaff(session, SessionEnd(kind, code=code), card_gone=card_gone),
        (
            StopFace(session_no=session.number),
            ErasePinDigits(session_no=session.number),
            EraseFieldDigits(session_no=session.number),
            CallDesk(session_no=session.number, code=code),
            PlaySound(Sound.ATTENTION),
        ),
    )
