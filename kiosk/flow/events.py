# SPDX-License-Identifier: Apache-2.0
"""What has happened. An event of a session carries its number; with another number it is dropped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from kiosk.consent.items import Decision, Given
from kiosk.eligibility.outcome import Outcome
from kiosk.errors import FailureCode
from kiosk.flow.machine import (
    CardInserted,
    CardRemoved,
    CardSwapped,
    CardTookLong,
    IdleTimedOut,
    ServiceLost,
    ServiceReady,
    SessionEvent,
    TimedOut,
    Timer,  # noqa: F401  # whoever handles events finds all that belongs to them here
)
from kiosk.flow.session import CardSummary

# --- the card --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class CardRead(SessionEvent):
    """The card is a My Number Card and its certificate counts."""

    card: CardSummary


@dataclass(frozen=True, slots=True, kw_only=True)
class CardReadFailed(SessionEvent):
    """The card could not be read, is no My Number Card, or its certificate does not count."""

    code: FailureCode


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationKnown(SessionEvent):
    """Upstream told whether the card is registered for insurance use."""

    registered: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PinAttemptsRead(SessionEvent):
    """The card's own counter: None unknown, 0 blocked."""

    tries_left: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PinAccepted(SessionEvent):
    """The card took the PIN and signed, and the signature holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PinRejected(SessionEvent):
    """The card refused the PIN; `tries_left` is its counter after that (None unknown, 0 blocked)."""

    tries_left: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PinCheckFailed(SessionEvent):
    """The check did not come to an end, or the card's signature does not hold."""

    code: FailureCode


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoOpened(SessionEvent):
    """The card's photo is open and genuine; `age` is the holder's, as the law counts it."""

    age: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoNotOpened(SessionEvent):
    """The card's photo could not be had, or is not genuine.

    `wrong_number`: the card compared the number and refused it. `closed`: it takes none, whatever it is.
    """

    code: FailureCode
    wrong_number: bool = False
    closed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementSigned(SessionEvent):
    """The card signed, and is powered off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementNotSigned(SessionEvent):
    """The card did not sign, or the signature does not hold."""

    code: FailureCode


# --- the face --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceHinted(SessionEvent):
    """What keeps the face from being seen well; empty when nothing does."""

    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceProgressed(SessionEvent):
    """So many good frames of so many."""

    good_frames: int
    frames_wanted: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceAsked(SessionEvent):
    """What the person is asked to do before the camera; empty when nothing is asked any more."""

    challenge: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceMatched(SessionEvent):
    """The face is the photo's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceNotConfirmed(SessionEvent):
    """One try ended without a match."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MovementNotShown(SessionEvent):
    """One try ended with the photo's face, which did not move as it was asked to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LivenessDoubted(SessionEvent):
    """What the camera saw may not be a person standing there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceUnavailable(SessionEvent):
    """The camera or the face process is not usable just now."""

    code: FailureCode


# --- the patient -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched(SessionEvent):
    """Somebody touched the screen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceChosen(SessionEvent):
    """Face, or face once more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PinChosen(SessionEvent):
    """PIN, or PIN once more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffCheckChosen(SessionEvent):
    """Staff are to confirm who it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PinDigitEntered(SessionEvent):
    """One digit went into the vault."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PinDigitErased(SessionEvent):
    """The last digit was taken out of the vault."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PinSubmitted(SessionEvent):
    """The patient is done with the digits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldDigitEntered(SessionEvent):
    """One digit of a printed field went into the vault."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldDigitErased(SessionEvent):
    """The last digit of the printed field was taken out of the vault."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSubmitted(SessionEvent):
    """The patient is done with one printed field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WesternYearTold(SessionEvent):
    """The patient says that the year of birth on the card is none of an era."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentDecided(SessionEvent):
    """The answer to the question on the screen."""

    decision: Decision
    given: Given = Given.SCREEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Continued(SessionEvent):
    """The patient has read a notice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WentBack(SessionEvent):
    """One step back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled(SessionEvent):
    """The patient ends the session."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StillHere(SessionEvent):
    """The patient answered that somebody is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskCalled(SessionEvent):
    """The patient asks for a person; the session goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageChosen(SessionEvent):
    """The patient reads in another language from here on."""

    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MoreTimeChosen(SessionEvent):
    """The patient wants to go slowly."""


@dataclass(frozen=True, slots=True)
class StartedAgain:
    """A touch asks for the card that was left lying to be read once more."""

    new_id: str


# --- the staff -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StaffReset:
    """A person of the staff ends whatever is going on."""

    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffConfirmed(SessionEvent):
    """A person of the staff saw that patient and photo are one; `has_photo` says what they compared with."""

    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffDeclined(SessionEvent):
    """A person of the staff takes the patient to the desk instead."""

    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LastAttemptAllowed(SessionEvent):
    """A person of the staff allows the card's last try to be used."""

    by: str


@dataclass(frozen=True, slots=True)
class TechnicianSignedIn:
    """A technician wants to see the diagnostics."""

    by: str


@dataclass(frozen=True, slots=True)
class DiagnosisEnded:
    """The technician is done."""


# --- the records -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceptionCommitted(SessionEvent):
    """Consents, outbox item and audit row are on the disk."""

    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitFailed(SessionEvent):
    """They are not, and nothing is pretended."""

    code: FailureCode


@dataclass(frozen=True, slots=True, kw_only=True)
class QualificationAnswered(SessionEvent):
    """Upstream answered, or cannot be reached for now."""

    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretsCleared(SessionEvent):
    """Nothing of the session is left in memory, and the card is without power."""


Event: TypeAlias = (
    ServiceReady
    | ServiceLost
    | CardInserted
    | CardRemoved
    | CardSwapped
    | CardTookLong
    | TimedOut
    | IdleTimedOut
    | CardRead
    | CardReadFailed
    | RegistrationKnown
    | PinAttemptsRead
    | PinAccepted
    | PinRejected
    | PinCheckFailed
    | PhotoOpened
    | PhotoNotOpened
    | StatementSigned
    | StatementNotSigned
    | FaceHinted
    | FaceAsked
    | FaceProgressed
    | FaceMatched
    | FaceNotConfirmed
    | MovementNotShown
    | LivenessDoubted
    | FaceUnavailable
    | Touched
    | FaceChosen
    | PinChosen
    | StaffCheckChosen
    | PinDigitEntered
    | PinDigitErased
    | PinSubmitted
    | FieldDigitEntered
    | FieldDigitErased
    | FieldSubmitted
    | WesternYearTold
    | ConsentDecided
    | Continued
    | WentBack
    | Cancelled
    | StillHere
    | DeskCalled
    | LanguageChosen
    | MoreTimeChosen
    | StartedAgain
    | StaffReset
    | StaffConfirmed
    | StaffDeclined
    | LastAttemptAllowed
    | TechnicianSignedIn
    | DiagnosisEnded
    | ReceptionCommitted
    | CommitFailed
    | QualificationAnswered
    | SecretsCleared
)
