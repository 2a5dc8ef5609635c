# SPDX-License-Identifier: Apache-2.0
"""Receptions as they are taken in: one sealed row each, filed in the tables they belong to right afterwards.

What a patient waits for is the sync of that one row (ADR 28). Nothing else is ever seen of it: whoever reads
or writes the records next, the sync thread as a rule, files it first, in one transaction with its removal.
"""

from __future__ import annotations

import json
import logging
import sqlite3
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.exc import IntegrityError

from kiosk.clock import Clock, tokyo_date
from kiosk.consent.items import ConsentItem, ConsentRecord, Decision, Given
from kiosk.errors import FailureCode, KioskError
from kiosk.ids import UlidFactory
from kiosk.outbox.audit import AuditAct, checked_detail
from kiosk.outbox.model import DraftItem, OutboxKind, ReceptionDraft
from kiosk.outbox.person_updates import CertificateName
from kiosk.outbox.repository import audit_rows, items, person_updates, receptions
from kiosk.outbox.repository.engine import Database
from kiosk.outbox.repository.prepared import UNREADABLE, Prepared, Row, driver, param
from kiosk.outbox.schema import IntakeRow, OffsetMoment, UtcMoment
from kiosk.outbox.sealing import Keys

_log = logging.getLogger("kiosk.outbox")

_JSON = json.JSONEncoder(separators=(",", ":"))
_PAGE = 100
_LENGTH_BYTES = 4

_ADD = Prepared(insert(IntakeRow))
_ANY = Prepared(select(IntakeRow.seq).limit(1))
_WHOLE = Prepared(
    select(
        IntakeRow.seq,
        IntakeRow.session_id,
        IntakeRow.day,
        IntakeRow.letter,
        IntakeRow.ordinal,
        IntakeRow.mark,
        IntakeRow.committed_at,
        IntakeRow.record_sealed,
    )
    .order_by(IntakeRow.seq)
    .limit(_PAGE)
)
_REMOVE = Prepared(delete(IntakeRow).where(IntakeRow.seq == param("row")))


@dataclass(slots=True)
class _Today:
    """What the next reception of a day must know of those before it."""

    day: date
    letter: str
    last: int
    sessions: set[str] = field(repr=False)
    visits: dict[bytes, datetime] = field(repr=False)


class Intake:
    """Takes receptions in, and files them.

    Lives on: any thread. Only the owner of the records takes in, so that it remembers the day's numbers and
    visits; they are read anew with the first of a day, and after anything that went wrong.
    """

    def __init__(self, keys: Keys, clock: Clock, ids: UlidFactory) -> None:
        self._keys = keys
        self._clock = clock
        self._ids = ids
        self._turn = threading.Lock()
        self._today: _Today | None = None

    def take_in(
        self,
        database: Database,
        draft: ReceptionDraft,
        item_ids: Sequence[str],
        *,
        letter: str,
        now: datetime,
    ) -> tuple[str, datetime | None]:
        """Keep all of a reception in one row; its number, and the person's first visit of the day, if any.

        When it returns the row is on the disk; when it raises nothing was kept.
        """
        day = tokyo_date(now)
        with self._turn:
            # known again only when all went well
            today, self._today = self._today, None
            if today is None or (today.day, today.letter) != (day, letter):
                with database.writing() as connection:  # what lies there is filed first
                    today = _read_today(connection, day, letter)
            if draft.session_id in today.sessions:
                raise KioskError(FailureCode.INTERNAL, detail="a session is received once")
            number = receptions.number_of(letter, today.last + 1)
            _detail(number, draft)  # what could not be filed is not taken in
            mark = self._keys.visit_mac(day.isoformat(), draft.person_key) if draft.person_key else None
            sealed = self._keys.seal(packed(draft, item_ids), place=_place(draft.session_id))
            moment = UtcMoment.to_text(now)
            database.append(
                _ADD, (None, draft.session_id, day.isoformat(), letter, today.last + 1, mark, moment, sealed)
            )
            today.last += 1
            today.sessions.add(draft.session_id)
            earlier = None if mark is None else today.visits.setdefault(mark, now)
            self._today = today
        return number, earlier if earlier is not now else None

    def waits(self, connection: Connection) -> bool:
        """Whether something was taken in and not filed yet."""
        return _ANY.first(connection) is not None

    def file(self, connection: Connection) -> None:
        """File everything that was taken in, in its order.

        A record that cannot be opened any more becomes an item that only staff can deal with: it holds up
        no other.
        """
        try:
            while self.waits(connection):
                for row in _WHOLE.rows(connection):
                    self._file_one(connection, row)
        except BaseException:
            self._today = None  # the next one is not taken in before these are filed
            raise

    def _file_one(self, connection: Connection, row: Row) -> None:
        opened = self._opened(row)
        if opened is None:
            self._file_unreadable(connection, row)
        elif not self._filed(connection, row, *opened):
            # its number or its session is another's: as unheard of as damage. Under others of its own nothing
            # of it is lost; where the item itself is there already, nothing is told twice
            _, _, day, letter, _, mark, at, sealed = row
            session_id, ordinal = self._ids.new(at), receptions.last_ordinal(connection, day, letter) + 1
            other = (row[0], session_id, day, letter, ordinal, mark, at, sealed)
            draft, item_ids = opened
            if not self._filed(connection, other, replace(draft, session_id=session_id), item_ids):
                self._file_unreadable(connection, row)
        _REMOVE.run(connection, row=row[0])

    def _filed(
        self, connection: Connection, row: Row, draft: ReceptionDraft, item_ids: Sequence[str]
    ) -> bool:
        """File it whole; False where it does not go with what is there, of which nothing has changed then."""
        raw = driver(connection)
        raw.execute("SAVEPOINT filing")
        try:
            self._file_whole(connection, row, draft, item_ids)
        except (IntegrityError, sqlite3.IntegrityError) as error:
            _log.error("a reception could not be filed: %s", type(error).__name__)
            raw.execute("ROLLBACK TO filing")
            raw.execute("RELEASE filing")
            return False
        # a disk that is full undoes all of it, savepoint and all: such an error goes up as it is
        raw.execute("RELEASE filing")
        return True

    def _opened(self, row: Row) -> tuple[ReceptionDraft, list[str]] | None:
        _, session_id, _, letter, ordinal, _, _, sealed = row
        if UNREADABLE in row or not isinstance(letter, str) or not isinstance(ordinal, int):
            _log.error("a reception that was taken in cannot be opened: its columns were damaged")
            return None
        try:
            return unpacked(session_id, self._keys.open(sealed, place=_place(session_id)))
        except (KioskError, ValueError, LookupError, TypeError, AttributeError) as error:
            _log.error("a reception that was taken in cannot be opened: %s", type(error).__name__)
            return None

    def _file_whole(
        self, connection: Connection, row: Row, draft: ReceptionDraft, item_ids: Sequence[str]
    ) -> None:
        _, _, day, letter, ordinal, mark, at, _ = row
        receptions.add(connection, draft, letter=letter, ordinal=ordinal, day=day, committed_at=at)
        items.add_draft(connection, self._keys, draft, item_ids, now=at)
        person_updates.note(connection, self._keys, draft, lambda: self._ids.new(at), now=at)
        if mark is not None:
            receptions.note_visit(connection, mark, day=day, at=at)
        audit_rows.append(
            connection,
            self._keys,
            AuditAct.RECEPTION_COMMITTED,
            at=at,
            session_id=draft.session_id,
            detail=_detail(receptions.number_of(letter, ordinal), draft),
        )

    def _file_unreadable(self, connection: Connection, row: Row) -> None:
        """Show staff that there was somebody: with the number that was given, where that can be read."""
        _, session_id, day, letter, ordinal, _, at, _ = row
        now = self._clock.now()
        at = at if isinstance(at, datetime) else now
        day = day if isinstance(day, date) else tokyo_date(at)
        letter = letter if isinstance(letter, str) else ""
        free = receptions.last_ordinal(connection, day, letter) + 1
        ordinal = ordinal if isinstance(ordinal, int) and ordinal > free else free
        if not isinstance(session_id, str) or receptions.is_there(connection, session_id):
            session_id = self._ids.new(now)
        lost = ReceptionDraft(session_id, at, (), (), b"", OutboxKind.UNREADABLE.value)
        receptions.add(connection, lost, letter=letter, ordinal=ordinal, day=day, committed_at=at)
        items.add_unreadable(connection, self._ids.new(now), session_id, occurred_at=at)
        audit_rows.append(
            connection, self._keys, AuditAct.RECORDS_DAMAGED, at=now, session_id=session_id, detail="intake"
        )


def _read_today(connection: Connection, day: date, letter: str) -> _Today:
    return _Today(
        day,
        letter,
        receptions.last_ordinal(connection, day, letter),
        receptions.sessions_of(connection, day),
        receptions.visits_of(connection, day),
    )


def _detail(number: str, draft: ReceptionDraft) -> str:
    return checked_detail(f"{number}:{draft.verification}")


def _place(session_id: str) -> str:
    return f"intake.record:{session_id}"


def packed(draft: ReceptionDraft, item_ids: Sequence[str]) -> bytes:
    """All that the patient did as one value: facts as JSON behind their length, then the items' bodies."""
    facts = {
        "occurred_at": OffsetMoment.to_text(draft.occurred_at),
        "verification": draft.verification,
        "consents": [
            (
                record.item,
                record.decision,
                record.text_version,
                record.language,
                UtcMoment.to_text(record.decided_at),
                record.given,
            )
            for record in draft.consents
        ],
        "items": [
            (item_id, item.kind, item.endpoint, item.depends_on, len(item.body))
            for item_id, item in zip(item_ids, draft.items, strict=True)
        ],
        "certificate": None if draft.certificate is None else draft.certificate.value(),
    }
    head = _JSON.encode(facts).encode()
    return b"".join((len(head).to_bytes(_LENGTH_BYTES), head, *(item.body for item in draft.items)))


def unpacked(session_id: str, plain: bytes) -> tuple[ReceptionDraft, list[str]]:
    """The reverse. The person's key is not kept; the row has its mark."""
    begin = _LENGTH_BYTES + int.from_bytes(plain[:_LENGTH_BYTES])
    facts = json.loads(plain[_LENGTH_BYTES:begin])
    made: list[DraftItem] = []
    for _, kind, endpoint, depends_on, length in facts["items"]:
        body = plain[begin : begin + length]
        begin += length
        made.append(DraftItem(OutboxKind(kind), body, endpoint, depends_on))
    consents = tuple(
        ConsentRecord(
            ConsentItem(item),
            Decision(decision),
            text_version,
            language,
            datetime.fromisoformat(decided_at),
            Given(given),
        )
        for item, decision, text_version, language, decided_at, given in facts["consents"]
    )
    certificate = facts["certificate"]
    draft = ReceptionDraft(
        session_id=session_id,
        occurred_at=datetime.fromisoformat(facts["occurred_at"]),
        consents=consents,
        items=tuple(made),
        person_key=b"",
        verification=facts["verification"],
        certificate=None if certificate is None else CertificateName.of(certificate),
    )
    return draft, [item_id for item_id, *_ in facts["items"]]
