# SPDX-License-Identifier: Apache-2.0
"""One patient's reception as far as the flow must know it: no name, no digits, no certificate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from kiosk.auth.evidence import VerificationMethod
from kiosk.consent.items import ConsentRecord
from kiosk.eligibility.outcome import Outcome
from kiosk.errors import FailureCode


@dataclass(frozen=True, slots=True)
class CardSummary:
    """What a card told about itself before any verification.

    `pin_tries` is None where the card keeps its counter to itself, and 0 where the PIN is blocked or absent.
    """

    pin_tries: int | None
    in_grace: bool = False
    has_photo: bool = True


@dataclass(frozen=True, slots=True)
class Verified:
    """That the person was proved to be the holder: how, when (UTC), and the age where that told it."""

    method: VerificationMethod
    at: datetime
    age: int | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """From card laid to card taken. `number` marks every effect and event of this session."""

    number: int
    id: str
    started_at: datetime
    language: str = "ja"
    unhurried: bool = False
    card: CardSummary | None = None
    photo_age: int | None = None
    face_tries_used: int = 0
    movements_not_shown: int = 0
    photo_openings_used: int = 0
    photo_is_open: bool = False
    surface_misread: bool = False
    pin_entries: int = 0
    last_attempt_allowed_by: str = ""
    verified: Verified | None = None
    records: tuple[ConsentRecord, ...] = ()
    desk_called: bool = False
    card_is_slow: bool = False


class EndKind(StrEnum):
    """How a session ended (contract: Codes to outcomes)."""

    ELIGIBLE = "eligible"
    NOT_ELIGIBLE = "not_eligible"
    ASK_STAFF = "ask_staff"
    TO_BE_CONFIRMED = "to_be_confirmed"
    CLEARED = "cleared"
    HANDED_TO_STAFF = "handed_to_staff"


class PrintedField(StrEnum):
    """What is typed off the card's printed face, in this order (照合番号B)."""

    BIRTH_DATE = "birth_date"
    EXPIRY_YEAR = "expiry_year"
    SECURITY_CODE = "security_code"

    @property
    def length(self) -> int:
        """How many digits it has; the birth date's year is counted in its Japanese era."""
        return 6 if self is PrintedField.BIRTH_DATE else 4


class ClearReason(StrEnum):
    """Why a session was cleared before its commit."""

    CANCELLED = "cancelled"
    TIMED_OUT = "timed_out"
    CARD_REMOVED = "card_removed"
    CARD_SWAPPED = "card_swapped"
    OTHER_CARD = "other_card"
    READER_LOST = "reader_lost"
    STAFF_RESET = "staff_reset"


@dataclass(frozen=True, slots=True)
class SessionEnd:
    """The end of one session, for the audit trail and the desk; `number` is the reception number."""

    kind: EndKind
    reason: ClearReason | None = None
    code: FailureCode | None = None
    number: str = ""

    @classmethod
    def of(cls, outcome: Outcome, number: str) -> SessionEnd:
        """The end of a committed reception."""
        return cls(EndKind(outcome.kind.value), code=outcome.code, number=number)
