# SPDX-License-Identifier: Apache-2.0
"""What each control means to the flow."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from kiosk.consent.items import Decision
from kiosk.flow.events import (
    Cancelled,
    ConsentDecided,
    Continued,
    DeskCalled,
    Event,
    FaceChosen,
    FieldSubmitted,
    PinChosen,
    PinSubmitted,
    StaffCheckChosen,
    StillHere,
    WentBack,
    WesternYearTold,
)


def _yes(session_no: int) -> Event:
    return ConsentDecided(session_no=session_no, decision=Decision.YES)


def _no(session_no: int) -> Event:
    return ConsentDecided(session_no=session_no, decision=Decision.NO)


_MEANINGS: Final[Mapping[str, Callable[[int], Event]]] = {
    "choose.face": lambda number: FaceChosen(session_no=number),
    "choose.pin": lambda number: PinChosen(session_no=number),
    "choose.staff": lambda number: StaffCheckChosen(session_no=number),
    "face.pin": lambda number: PinChosen(session_no=number),
    "face.retry": lambda number: FaceChosen(session_no=number),
    "pin.submit": lambda number: PinSubmitted(session_no=number),
    "field.submit": lambda number: FieldSubmitted(session_no=number),
    "field.western": lambda number: WesternYearTold(session_no=number),
    "pin.retry": lambda number: PinChosen(session_no=number),
    "consent.yes": _yes,
    "consent.no": _no,
    "limit.yes": _yes,
    "limit.no": _no,
    "registration.yes": _yes,
    "registration.no": _no,
    "continue": lambda number: Continued(session_no=number),
    "card.again": lambda number: Continued(session_no=number),
    "foot.back": lambda number: WentBack(session_no=number),
    "foot.restart": lambda number: Cancelled(session_no=number),
    "foot.call": lambda number: DeskCalled(session_no=number),
    "still.here": lambda number: StillHere(session_no=number),
    "still.end": lambda number: Cancelled(session_no=number),
}


def session_event(action: str, session_no: int) -> Event | None:
    """The event of an action, stamped with its session; None where the action has no meaning to the flow."""
    meaning = _MEANINGS.get(action)
    return meaning(session_no) if meaning else None
