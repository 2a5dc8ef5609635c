# SPDX-License-Identifier: Apache-2.0
"""What has happened to the machine: services, a card laid or taken, time that ran out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kiosk.errors import FailureCode


class Timer(StrEnum):
    """The waits of the flow that have a limit."""

    IDLE = "idle"
    WARNING = "warning"
    CARD = "card"
    PHOTO = "photo"
    FACE = "face"
    CONFIRMED = "confirmed"
    REGISTRATION = "registration"
    STAFF = "staff"
    COMMIT = "commit"
    ANSWER = "answer"
    RESULT = "result"
    REMINDER = "reminder"
    HANDED = "handed"
    CLEARING = "clearing"
    DIAGNOSIS = "diagnosis"


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEvent:
    """Something that belongs to one session."""

    session_no: int


@dataclass(frozen=True, slots=True)
class ServiceReady:
    """Everything that receiving needs is there; a card may already be lying in the reader."""


@dataclass(frozen=True, slots=True)
class ServiceLost:
    """The reader, its service or the store is not usable."""

    code: FailureCode


@dataclass(frozen=True, slots=True)
class CardInserted:
    """A card was laid down; `new_id` is the id a session gets, should one begin."""

    new_id: str


@dataclass(frozen=True, slots=True)
class CardRemoved:
    """The card is gone, and stayed away."""


@dataclass(frozen=True, slots=True)
class CardSwapped:
    """Another card lies where the session's card was."""


@dataclass(frozen=True, slots=True)
class CardTookLong:
    """The card has not answered for longer than people wait in peace; it is still waited for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedOut(SessionEvent):
    """A timer other than the idle timer ran out."""

    timer: Timer


@dataclass(frozen=True, slots=True, kw_only=True)
class IdleTimedOut(SessionEvent):
    """Nobody touched anything for the idle time."""
