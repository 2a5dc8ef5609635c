# SPDX-License-Identifier: Apache-2.0
"""The values of the outbox: what is put in, what is waiting, and how it went."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from kiosk.consent.items import ConsentRecord
from kiosk.eligibility.outcome import Outcome
from kiosk.errors import FailureCode, KioskError
from kiosk.outbox.person_updates import CertificateName


class OutboxKind(StrEnum):
    """What an item asks for (contract: Outbox kinds)."""

    QUALIFICATION_CHECK = "qualification_check"
    USAGE_REGISTRATION = "usage_registration"
    PERSON_UPDATE = "person_update"
    HANDOVER_FACE_FILE = "handover_face_file"
    HANDOVER_ORCA = "handover_orca"
    HANDOVER_FHIR = "handover_fhir"
    REFERENCE_NUMBER = "reference_number"
    UNREADABLE = "unreadable"  # stands for what is damaged: staff can see and settle it, nothing sends it


HAND_OVER_SUFFIX = {
    OutboxKind.HANDOVER_FACE_FILE: "face",
    OutboxKind.HANDOVER_ORCA: "orca",
    OutboxKind.HANDOVER_FHIR: "fhir",
}
"""The kinds made from an answer; the suffix makes their key from the check's (``ULID:face``)."""


class HandOverProblem(KioskError):  # noqa: N818  # what stands in the way, not a fault of the program
    """A hand-over that did not work.

    `status` is what the other side said, as a number: of HTTP three digits, of ORCA fewer. `final` when
    trying again by itself would change nothing; `server_gone` when the others for it need not be tried now.
    """

    def __init__(
        self,
        code: FailureCode,
        *,
        detail: str = "",
        status: int | None = None,
        final: bool = False,
        server_gone: bool = False,
    ) -> None:
        super().__init__(code, detail=detail)
        self.status = status
        self.final = final
        self.server_gone = server_gone


class ItemState(StrEnum):
    """Where an item stands; only `done` is the end, `refused` waits for staff."""

    PENDING = "pending"
    IN_FLIGHT = "in_flight"
    ACCEPTED = "accepted"
    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class DraftItem:
    """One thing to be sent; `depends_on` is the position of an earlier item of the same draft.

    `endpoint` is the name of the place it is meant for, not its address: settings may move the place while
    the item waits, but an item never goes to another place than the one that was meant.
    """

    kind: OutboxKind
    body: bytes = field(repr=False)
    endpoint: str
    depends_on: int | None = None


@dataclass(frozen=True, slots=True)
class ReceptionDraft:
    """Everything one patient did, to be kept in one transaction.

    `occurred_at` keeps its own offset. `person_key` is the certificate's serial; it only goes into the daily
    keyed hash that notices a second visit, and is not stored. `certificate` is kept only where the patient
    agreed to be kept up to date.
    """

    session_id: str
    occurred_at: datetime
    consents: tuple[ConsentRecord, ...]
    items: tuple[DraftItem, ...]
    person_key: bytes = field(repr=False)
    verification: str
    certificate: CertificateName | None = None


@dataclass(frozen=True, slots=True)
class Reception:
    """What the commit gave: the number to call, the check's key, and an earlier visit of today if any."""

    number: str
    check_id: str
    earlier_today: datetime | None = None


@dataclass(frozen=True, slots=True)
class OutboxItem:
    """One row of the queue without its sealed columns."""

    id: str
    kind: OutboxKind
    state: ItemState
    needs_staff: bool
    session_id: str
    occurred_at: datetime
    endpoint: str
    attempts: int
    next_attempt_at: datetime | None
    last_status: int | None
    last_error: FailureCode | None
    depends_on: str | None
    acked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Parcel:
    """An item taken out to be sent, with its body opened.

    A hand-over has no body of its own: its body is the answer of the check it depends on. `checkpoint` is one
    of the audit chain's, which goes along.
    """

    item: OutboxItem
    body: bytes = field(repr=False)
    checkpoint: str = ""


@dataclass(frozen=True, slots=True)
class Finish:
    """How one try ended, as it is to be written down."""

    state: ItemState
    status: int | None = None
    code: FailureCode | None = None
    needs_staff: bool = False
    next_attempt_at: datetime | None = None
    answer: bytes | None = field(default=None, repr=False)
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class QueueStats:
    """What staff and diagnostics see of the queue."""

    pending: int
    in_flight: int
    accepted: int
    done: int
    refused: int
    needs_staff: int
    oldest: datetime | None
    last_success: datetime | None
    last_error: FailureCode | None

    @property
    def waiting(self) -> int:
        """How many have not reached their end yet and need no person for it."""
        return self.pending + self.in_flight + self.accepted


class RetryResult(StrEnum):
    """What became of a wish to send again now."""

    QUEUED = "queued"
    UNKNOWN = "unknown"
    BUSY = "busy"
    FINISHED = "finished"


class SettleResult(StrEnum):
    """What became of a wish to close an item by hand."""

    SETTLED = "settled"
    UNKNOWN = "unknown"
    BUSY = "busy"
    FINISHED = "finished"
