# SPDX-License-Identifier: Apache-2.0
"""Where a reception can stand; each state holds its own data, so that no impossible mixture exists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from kiosk.auth.evidence import VerificationMethod
from kiosk.consent.items import Question
from kiosk.eligibility.outcome import Outcome
from kiosk.errors import FailureCode
from kiosk.flow.session import PrintedField, Session, SessionEnd


@dataclass(frozen=True, slots=True)
class Starting:
    """The first look at readers and services has not ended; nothing is known to be wrong.

    Here and in the other states without a session, `sessions` counts those that were: the next one's number
    is one more.
    """

    sessions: int = 0


@dataclass(frozen=True, slots=True)
class OutOfService:
    """The kiosk cannot receive anyone, and says so."""

    code: FailureCode
    sessions: int = 0


@dataclass(frozen=True, slots=True)
class Idle:
    """Waiting for the next patient."""

    sessions: int = 0


@dataclass(frozen=True, slots=True)
class Diagnosing:
    """A technician is at work; `problem` is what the kiosk goes back to, if any."""

    by: str
    problem: FailureCode | None = None
    sessions: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """The card is being read. With `asking_registration` the card is known and upstream is asked about it."""

    session: Session
    asking_registration: bool = False


@dataclass(frozen=True, slots=True)
class CardProblem:
    """What lies on the reader cannot be used; the patient is told what to do instead."""

    session: Session
    code: FailureCode


@dataclass(frozen=True, slots=True)
class GraceNotice:
    """The certificate is past its end, but still counts for eligibility; the patient is told."""

    session: Session
    registered: bool = True


@dataclass(frozen=True, slots=True)
class Registering:
    """The card is not registered for insurance use yet; the patient is asked."""

    session: Session


@dataclass(frozen=True, slots=True)
class ChoosingVerification:
    """Face, PIN or staff; `notice` says why the patient is here again."""

    session: Session
    notice: FailureCode | None = None


@dataclass(frozen=True, slots=True)
class PrintedFieldsEntry:
    """What is printed on the card is typed, since no camera reads it. Only its length is known here.

    `again` says that what was typed before cannot stand on a card.
    """

    session: Session
    field: PrintedField = PrintedField.BIRTH_DATE
    digits: int = 0
    again: bool = False


@dataclass(frozen=True, slots=True)
class FaceCapturing:
    """The camera looks; until `photo_open` the card's photo is still being fetched.

    `hint` is the name of the one hint shown; `good_frames` fills the ring. `challenge` is what the person is
    asked to do just now, and `asked` whether there was anything of that kind.
    """

    session: Session
    photo_open: bool = False
    typed: bool = False
    hint: str = ""
    good_frames: int = 0
    frames_wanted: int = 3
    challenge: str = ""
    asked: bool = False


@dataclass(frozen=True, slots=True)
class FaceFailed:
    """The face could not be confirmed; `unmoved` where it was like the photo and did not move as asked."""

    session: Session
    code: FailureCode
    may_retry: bool
    unmoved: bool = False


@dataclass(frozen=True, slots=True)
class PinPreparing:
    """The card is asked how many tries it has left, before the pad is shown."""

    session: Session


@dataclass(frozen=True, slots=True)
class PinEntry:
    """The patient enters the PIN. Only the number of digits is known here."""

    session: Session
    entry: int
    tries_left: int | None
    digits: int = 0


@dataclass(frozen=True, slots=True)
class PinChecking:
    """The digits are before the card; nothing of them is sent twice."""

    session: Session
    entry: int


@dataclass(frozen=True, slots=True)
class PinWrong:
    """The PIN was not right, and may be tried here once more."""

    session: Session
    tries_left: int


@dataclass(frozen=True, slots=True)
class PinUnavailable:
    """The PIN is not used here: its last try is kept, or the card has it blocked."""

    session: Session
    code: FailureCode


@dataclass(frozen=True, slots=True)
class AwaitingStaffCheck:
    """A person of the staff compares the patient with the card's photo."""

    session: Session
    code: FailureCode | None = None


@dataclass(frozen=True, slots=True)
class Matched:
    """The person is the holder; the card signs the statement and is powered off.

    Once `signed`, the patient sees the good news for a moment.
    """

    session: Session
    method: VerificationMethod
    signed: bool = False


@dataclass(frozen=True, slots=True)
class Consenting:
    """One question of `questions`, at `index`."""

    session: Session
    questions: tuple[Question, ...]
    index: int = 0


@dataclass(frozen=True, slots=True)
class LimitChoosing:
    """Whether to hand over the limit."""

    session: Session


@dataclass(frozen=True, slots=True)
class Submitting:
    """The commit is on its way (no `number` yet), or upstream's answer is waited for.

    `ending` is set when the session must end as soon as the commit is known to have happened or failed;
    `answer` is one that came before it was.
    """

    session: Session
    number: str = ""
    card_gone: bool = False
    ending: SessionEnd | None = None
    answer: Outcome | None = None


@dataclass(frozen=True, slots=True)
class Received:
    """The patient is received, with an outcome."""

    session: Session
    outcome: Outcome
    number: str
    card_gone: bool = False


@dataclass(frozen=True, slots=True)
class HandToStaff:
    """Nothing was committed; the desk goes on. `end` is how the session will have ended."""

    session: Session
    end: SessionEnd
    card_gone: bool = False


@dataclass(frozen=True, slots=True)
class StillThere:
    """Nobody has touched anything for a while; `interrupted` is where the patient was."""

    interrupted: Waiting


@dataclass(frozen=True, slots=True)
class TakeYourCard:
    """The card still lies there. `reminders` counts the calls; before `cleared` secrets are still held."""

    session: Session
    end: SessionEnd
    cleared: bool
    reminders: int = 0


@dataclass(frozen=True, slots=True)
class Clearing:
    """Everything of the session is being wiped; `problem` is told afterwards."""

    session: Session
    end: SessionEnd
    card_lies: bool
    problem: FailureCode | None = None


Waiting: TypeAlias = (
    CardProblem
    | GraceNotice
    | Registering
    | ChoosingVerification
    | PrintedFieldsEntry
    | FaceFailed
    | PinEntry
    | PinWrong
    | PinUnavailable
    | Consenting
    | LimitChoosing
)
"""States in which the kiosk waits for a person's decision, and so may ask whether anybody is there."""

BeforeCommit: TypeAlias = (
    Reading | FaceCapturing | PinPreparing | PinChecking | AwaitingStaffCheck | Matched | StillThere | Waiting
)
"""States of a session of which nothing is kept yet."""

State: TypeAlias = (
    Starting
    | OutOfService
    | Idle
    | Diagnosing
    | BeforeCommit
    | HandToStaff
    | Submitting
    | Received
    | TakeYourCard
    | Clearing
)
