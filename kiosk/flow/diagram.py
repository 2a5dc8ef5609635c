# SPDX-License-Identifier: Apache-2.0
"""The flow's diagram, found by trying every event in every state: ``python -m kiosk.flow.diagram``."""

from __future__ import annotations

import sys
from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import cast

from kiosk.consent.items import Decision
from kiosk.eligibility.outcome import Outcome, OutcomeKind
from kiosk.errors import FailureCode
from kiosk.flow import events as ev
from kiosk.flow.common import BEFORE_COMMIT
from kiosk.flow.policy import FlowPolicy
from kiosk.flow.session import CardSummary, EndKind, Session, SessionEnd
from kiosk.flow.states import (
    AwaitingStaffCheck,
    ChoosingVerification,
    Clearing,
    Diagnosing,
    FaceCapturing,
    Idle,
    OutOfService,
    PinChecking,
    PinEntry,
    PrintedFieldsEntry,
    Starting,
    State,
    StillThere,
    TakeYourCard,
    Waiting,
)
from kiosk.flow.transition import session_number, transition

_NOW = datetime(2026, 1, 1, tzinfo=UTC)
_END = SessionEnd(EndKind.CLEARED)
_PHOTO_TROUBLE = (
    FailureCode.PHOTO_NOT_OPENED,
    FailureCode.PHOTO_FORGED,
    FailureCode.SURFACE_UNREADABLE,
)
_ANYWHERE = (ev.CardRemoved, ev.CardSwapped, ev.ServiceLost, ev.StaffReset, ev.Cancelled)


def _events(no: int) -> Iterable[ev.Event]:
    """At least one event of each kind, in each shape that leads somewhere else."""
    yield from (ev.ServiceReady(), ev.ServiceLost(FailureCode.NO_READER), ev.CardInserted("S"))
    yield from (
        ev.CardRemoved(),
        ev.CardSwapped(),
        ev.CardTookLong(),
        ev.StartedAgain("S"),
        ev.StaffReset(""),
    )
    yield from (ev.TechnicianSignedIn(""), ev.DiagnosisEnded(), ev.IdleTimedOut(session_no=no))
    yield from (ev.TimedOut(session_no=no, timer=timer) for timer in ev.Timer)
    for grace in (False, True):
        yield ev.CardRead(session_no=no, card=CardSummary(3, in_grace=grace))
    for code in (FailureCode.CARD_NOT_MY_NUMBER, FailureCode.CERTIFICATE_EXPIRED):
        yield ev.CardReadFailed(session_no=no, code=code)
    for registered in (False, True):
        yield ev.RegistrationKnown(session_no=no, registered=registered)
    for tries in (0, 1, 2, 3):
        yield ev.PinAttemptsRead(session_no=no, tries_left=tries)
        yield ev.PinRejected(session_no=no, tries_left=tries)
    for photo_code in _PHOTO_TROUBLE:
        yield ev.PhotoNotOpened(session_no=no, code=photo_code)
    yield from (
        ev.PhotoOpened(session_no=no, age=50),
        ev.FaceProgressed(session_no=no, good_frames=1, frames_wanted=3),
    )
    yield ev.FaceAsked(session_no=no, challenge="turn_left")
    yield ev.FaceHinted(session_no=no, hint="too_far")
    yield ev.FaceUnavailable(session_no=no, code=FailureCode.CAMERA_MISSING)
    yield ev.PinCheckFailed(session_no=no, code=FailureCode.CARD_COMMUNICATION)
    yield ev.StatementNotSigned(session_no=no, code=FailureCode.SIGNATURE_INVALID)
    yield from (ev.StaffConfirmed(session_no=no, by=""), ev.StaffDeclined(session_no=no, by=""))
    yield ev.LastAttemptAllowed(session_no=no, by="")
    yield ev.ConsentDecided(session_no=no, decision=Decision.YES)
    yield ev.LanguageChosen(session_no=no, language="en")
    yield ev.ReceptionCommitted(session_no=no, number="A-001")
    yield ev.CommitFailed(session_no=no, code=FailureCode.STORE_WRITE_FAILED)
    yield ev.QualificationAnswered(session_no=no, outcome=Outcome(OutcomeKind.ELIGIBLE))
    for kind in _BARE:
        yield kind(session_no=no)


_BARE = (
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
)


def _plain(state: State) -> State:
    """The state without what tells apart only states that go on alike, so that there are few of them."""
    if isinstance(state, StillThere):
        return StillThere(cast("Waiting", _plain(state.interrupted)))
    if isinstance(state, Starting | OutOfService | Idle | Diagnosing):
        return replace(state, sessions=0)
    card = state.session.card and replace(state.session.card, pin_tries=3)
    session = Session(
        1,
        "S",
        _NOW,
        card=card,
        face_tries_used=state.session.face_tries_used,
        movements_not_shown=state.session.movements_not_shown,
    )
    match state:
        case ChoosingVerification():
            return ChoosingVerification(session)
        case PinEntry(digits=digits, tries_left=tries):
            return PinEntry(session, 1, tries, digits)
        case PinChecking():
            return PinChecking(session, 1)
        case PrintedFieldsEntry(field=field, digits=digits):
            return PrintedFieldsEntry(session, field, digits)
        case FaceCapturing(photo_open=is_open, asked=asked):  # what is asked for changes nothing
            return FaceCapturing(session, is_open, asked=asked)
        case AwaitingStaffCheck():
            return AwaitingStaffCheck(session)
        case TakeYourCard(cleared=cleared):
            return TakeYourCard(session, _END, cleared)
        case Clearing(card_lies=lies, problem=problem):
            return Clearing(session, _END, lies, problem)
        case _:
            return replace(state, session=session)


def _label(event: ev.Event) -> str:
    if isinstance(event, ev.TimedOut):
        return f"TimedOut({event.timer.value})"
    return type(event).__name__


def edges() -> dict[tuple[str, str], list[str]]:
    """From each state to each other, the events that lead there; the exits of every session are left out."""
    policy = FlowPolicy()
    start: State = Starting()
    seen = {start}
    queue = deque([start])
    found: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    while queue:
        state = queue.popleft()
        for event in _events(session_number(state)):
            after = _plain(transition(state, event, _NOW, policy)[0])
            if isinstance(after, StillThere) and isinstance(state, StillThere):
                continue
            everywhere = isinstance(state, BEFORE_COMMIT) and isinstance(event, _ANYWHERE)
            if type(after) is not type(state) and not everywhere and not _inside_warning(state, event):
                found[type(state).__name__, type(after).__name__].add(_label(event))
            if after not in seen:
                seen.add(after)
                queue.append(after)
    return {pair: sorted(events) for pair, events in sorted(found.items())}


def _inside_warning(state: State, event: ev.Event) -> bool:
    """Behind the question whether anybody is there, the interrupted state goes on as it would."""
    own = isinstance(event, ev.StillHere | ev.Touched) or (
        isinstance(event, ev.TimedOut) and event.timer is ev.Timer.WARNING
    )
    return isinstance(state, StillThere) and not own


def mermaid() -> str:
    """The diagram as it stands in the docs."""
    lines = ["stateDiagram-v2", "    [*] --> Starting"]
    lines += [f"    {a} --> {b} : {', '.join(events)}" for (a, b), events in edges().items()]
    names = sorted(kind.__name__ for kind in BEFORE_COMMIT)
    lines += ["    state BeforeCommit {", *(f"        {name}" for name in names), "    }"]
    anywhere = ", ".join(sorted(kind.__name__ for kind in _ANYWHERE))
    lines.append(f"    BeforeCommit --> Clearing : {anywhere}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(mermaid())
