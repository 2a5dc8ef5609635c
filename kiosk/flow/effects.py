# SPDX-License-Identifier: Apache-2.0
"""What is to be done about it. Each effect of a session carries its number, and its results bring it back."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from kiosk.auth.evidence import VerificationMethod
from kiosk.errors import FailureCode
from kiosk.flow.events import Timer
from kiosk.flow.session import Session, SessionEnd


class Sound(StrEnum):
    """What is heard; each has a twin on the screen."""

    READ = "read"
    DONE = "done"
    ATTENTION = "attention"
    CARD_LEFT = "card_left"


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEffect:
    """Something to do for one session."""

    session_no: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadCard(SessionEffect):
    """Find out what lies there, read its certificate and its counter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookUpRegistration(SessionEffect):
    """Ask upstream whether the card is registered for insurance use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadPinAttempts(SessionEffect):
    """Ask the card for its counter, which costs no try."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitPin(SessionEffect):
    """Present the vault's digits once, and have the statement signed."""

    entry: int
    last_attempt_allowed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasePinDigits(SessionEffect):
    """Empty the vault."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPhoto(SessionEffect):
    """Read the printed fields, or take the typed ones, open the visual application, check the photo."""

    typed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EraseFieldDigits(SessionEffect):
    """Empty the vault's place for printed fields."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StartFace(SessionEffect):
    """Camera on; one try at the face."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StopFace(SessionEffect):
    """Camera off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignStatement(SessionEffect):
    """Have the card's visual application sign, where it can, and power the card off."""

    method: VerificationMethod
    decided_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitReception(SessionEffect):
    """Consents, outbox item, audit row and reception number, in one transaction."""

    session: Session


@dataclass(frozen=True, slots=True, kw_only=True)
class CallDesk(SessionEffect):
    """Tell the desk that somebody needs a person, and why."""

    code: FailureCode | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearSecrets(SessionEffect):
    """Wipe digits, photo, frames and evidence; power the card off; answer with `SecretsCleared`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordSessionEnd(SessionEffect):
    """Write how the session ended into the audit trail."""

    session_id: str
    end: SessionEnd


@dataclass(frozen=True, slots=True, kw_only=True)
class StartTimer(SessionEffect):
    """Begin a wait, or begin it anew."""

    timer: Timer
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelTimer(SessionEffect):
    """End a wait."""

    timer: Timer


@dataclass(frozen=True, slots=True)
class PlaySound:
    """Let it be heard; `step` grows with repetition, for sounds that get louder."""

    sound: Sound
    step: int = 0


@dataclass(frozen=True, slots=True)
class RunDiagnosis:
    """Start the technician's checks."""


Effect: TypeAlias = (
    ReadCard
    | LookUpRegistration
    | ReadPinAttempts
    | SubmitPin
    | ErasePinDigits
    | OpenPhoto
    | EraseFieldDigits
    | StartFace
    | StopFace
    | SignStatement
    | CommitReception
    | CallDesk
    | ClearSecrets
    | RecordSessionEnd
    | StartTimer
    | CancelTimer
    | PlaySound
    | RunDiagnosis
)
