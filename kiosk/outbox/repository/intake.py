# SPDX-License-Identifier: Apache-2.0
"""Receptions as they are taken in: one sealed row each, filed in the tables they belong to right afterwards.

What a patient waits for is the sync of that one row (ADR 28). Nothing else is ever seen of it: whoever reads
or writes the records next, the sync thread as a rule, files it first, in one transaction with its removal.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from kiosk.clock import Clock, tokyo_date
from kiosk.errors import EnvironmentProblem, FailureCode, KioskError
from kiosk.ids import UlidFactory
from kiosk.outbox.audit import AuditAct
from kiosk.outbox.model import OutboxKind, ReceptionDraft
from kiosk.outbox.repository import audit_rows, items, person_updates, receptions
from kiosk.outbox.repository.engine import Database
from kiosk.outbox.repository.prepared import Prepared, driver, param
from kiosk.outbox.schema import IntakeRow, UtcMoment
from kiosk.outbox.sealing import Keys
from kiosk.outbox.taken_in import TakenIn, pack, unpack

_log = logging.getLogger("kiosk.outbox")

_PAGE = 100
_LYING = IntakeRow.item_id.is_(None)

_ADD = Prepared(insert(IntakeRow))
_ANY = Prepared(select(IntakeRow.seq).where(_LYING).limit(1))
_NEXT = Prepared(
    select(IntakeRow.seq, IntakeRow.session_id, IntakeRow.record_sealed)
    .where(_LYING)
    .order_by(IntakeRow.seq)
    .limit(_PAGE)
)
_REMOVE = Prepared(delete(IntakeRow).where(IntakeRow.seq == param("row")))
_SET_ASIDE = Prepared(
    update(IntakeRow).where(IntakeRow.seq == param("row")).values(item_id=param("stands_for_it"))
)


@dataclass(slots=True)
class _Today:
    """What the next reception of a day must know of those before it."""

    day: date
    generation: int  # of what is known: something was filed otherwise than told since, where it is another
    last: int
    sessions: set[str] = field(repr=False)
    visits: dict[bytes, datetime] = field(repr=False)


class Intake:
    """Takes receptions in, and files them.

    Lives on: any thread. Only the owner of the records takes in, so that it remembers the day's numbers and
    visits; they are read anew with the first of a day, and after anything that went wrong.
    """

    def __init__(self, keys: Keys, clock: Clock, ids: UlidFactory, letter: str, *, owner: bool) -> None:
        self._keys = keys
        self._clock = clock
        self._ids = ids
        self._letter = letter
        self._owner = owner
        self._turn = threading.Lock()
        self._today: _Today | None = None
        self._generation = 0

    def take_in(
        self, database: Database, draft: ReceptionDraft, item_ids: Sequence[str], now: datetime
    ) -> tuple[str, datetime | None]:
        """Keep all of a reception in one row; its number, and the person's first visit of the day, if any.

        When it returns the row is on the disk; when it raises nothing was kept.
        """
        day = tokyo_date(now)
        with self._turn:
            # known again only when all went well
            today, self._today = self._today, None
            if today is None or (today.day, today.generation) != (day, self._generation):
                with database.writing(filed=True) as connection:
                    today = self._read_today(connection, day)
            if draft.session_id in today.sessions:
                raise KioskError(FailureCode.INTERNAL, detail="a session is received once")
            mark = self._keys.visit_mac(day.isoformat(), draft.person_key) if draft.person_key else None
            taken = TakenIn(draft, tuple(item_ids), self._letter, today.last + 1, day, now, mark)
            sealed = self._keys.seal(pack(taken), place=_place(draft.session_id))
            database.append(_ADD, (None, draft.session_id, UtcMoment.to_text(now), None, sealed))
            today.last += 1
            today.sessions.add(draft.session_id)
            earlier = None
            if mark is not None:
                earlier = today.visits.get(mark)
                today.visits.setdefault(mark, now)
            self._today = today
        return receptions.number_of(self._letter, taken.ordinal), earlier

    def waits(self, connection: Connection) -> bool:
        """Whether something was taken in and not filed yet."""
        return _ANY.first(connection) is not None

    def file(self, connection: Connection) -> None:
        """File everything that was taken in, in its order.

        A record that cannot be opened, or that goes with nothing, becomes an item that only staff can deal
        with, and is kept as it is beside it: it holds up no other. Everything else that goes wrong is a
        `KioskError` or the database's own error, and nothing is to be kept of the transaction then.
        """
        try:
            while self.waits(connection):
                for seq, session_id, sealed in _NEXT.rows(connection):
                    self._file_one(connection, seq, session_id, sealed)
        except (KioskError, sqlite3.Error, SQLAlchemyError):
            self._generation += 1  # the next one is not taken in before these are filed
            raise
        except Exception as error:
            self._generation += 1
            raise KioskError(FailureCode.INTERNAL, detail=f"filing: {type(error).__name__}") from None

    def _file_one(self, connection: Connection, seq: int, session_id: object, sealed: object) -> None:
        taken = self._opened(session_id, sealed)
        if taken is not None and self._filed(connection, taken):
            done = _REMOVE.run(connection, row=seq)
        elif not self._owner:
            raise EnvironmentProblem(FailureCode.STORE_ITEM_DAMAGED, detail="left to the kiosk itself")
        elif taken is not None and self._renumbered(connection, taken):
            done = _REMOVE.run(connection, row=seq)
        else:
            done = _SET_ASIDE.run(connection, row=seq, stands_for_it=self._file_unreadable(connection))
        if done != 1:
            raise EnvironmentProblem(FailureCode.STORE_DAMAGED, detail="a row that cannot be found again")

    def _opened(self, session_id: object, sealed: object) -> TakenIn | None:
        if not isinstance(sealed, bytes) or not isinstance(session_id, str):
            _log.error("a reception that was taken in is no record any more")
            return None
        if not self._owner and not self._keys.may_open(sealed):
            raise EnvironmentProblem(FailureCode.STORE_KEY_UNUSABLE, detail="the key was changed meanwhile")
        try:
            return unpack(session_id, self._keys.open(sealed, place=_place(session_id)))
        except (KioskError, ValueError) as error:
            _log.error("a reception that was taken in cannot be opened: %s", type(error).__name__)
            return None

    def _filed(self, connection: Connection, taken: TakenIn) -> bool:
        """File it whole; False where it does not go with what is there, of which nothing has changed then."""
        raw = driver(connection)
        raw.execute("SAVEPOINT filing")
        try:
            self._file_whole(connection, taken)
        except Exception as error:
            # a disk that is full undoes all of it, savepoint and all: such an error goes up as it is
            if isinstance(error, KioskError | MemoryError | OSError) or _of_the_disk(error):
                raise
            _log.error("a reception could not be filed: %s", type(error).__name__)
            raw.execute("ROLLBACK TO filing")
            raw.execute("RELEASE filing")
            return False
        raw.execute("RELEASE filing")
        return True

    def _renumbered(self, connection: Connection, taken: TakenIn) -> bool:
        """Its number is another's, as unheard of as damage: under the next one nothing of it is lost."""
        self._generation += 1
        free = receptions.last_ordinal(connection, taken.day, taken.letter) + 1
        if free == taken.ordinal or not self._filed(connection, replace(taken, ordinal=free)):
            return False
        told, now = (receptions.number_of(taken.letter, ordinal) for ordinal in (taken.ordinal, free))
        audit_rows.append(
            connection,
            self._keys,
            AuditAct.RECORDS_DAMAGED,
            at=self._clock.now(),
            session_id=taken.draft.session_id,
            detail=f"{told}:{now}",
        )
        return True

    def _file_whole(self, connection: Connection, taken: TakenIn) -> None:
        draft, at = taken.draft, taken.at
        receptions.add(
            connection, draft, letter=taken.letter, ordinal=taken.ordinal, day=taken.day, committed_at=at
        )
        items.add_draft(connection, self._keys, draft, taken.item_ids, now=at)
        person_updates.note(connection, self._keys, draft, lambda: self._ids.new(at), now=at)
        if taken.mark is not None:
            receptions.note_visit(connection, taken.mark, day=taken.day, at=at)
        audit_rows.append(
            connection,
            self._keys,
            AuditAct.RECEPTION_COMMITTED,
            at=at,
            session_id=draft.session_id,
            detail=f"{receptions.number_of(taken.letter, taken.ordinal)}:{draft.verification}",
        )

    def _file_unreadable(self, connection: Connection) -> str:
        """Show staff that there was somebody, under the next number, which was theirs; the item's id."""
        self._generation += 1
        now = self._clock.now()
        day, session_id, item_id = tokyo_date(now), self._ids.new(now), self._ids.new(now)
        ordinal = receptions.last_ordinal(connection, day, self._letter) + 1
        lost = ReceptionDraft(session_id, now, (), (), b"", OutboxKind.UNREADABLE.value)
        receptions.add(connection, lost, letter=self._letter, ordinal=ordinal, day=day, committed_at=now)
        items.add_unreadable(connection, item_id, session_id, occurred_at=now)
        audit_rows.append(
            connection, self._keys, AuditAct.RECORDS_DAMAGED, at=now, session_id=session_id, detail="intake"
        )
        return item_id

    def _read_today(self, connection: Connection, day: date) -> _Today:
        return _Today(
            day,
            self._generation,
            receptions.last_ordinal(connection, day, self._letter),
            # one that began before midnight is received once as well
            receptions.sessions_of(connection, day - timedelta(days=1), day),
            receptions.visits_of(connection, day),
        )


def _place(session_id: str) -> str:
    return f"intake.record:{session_id}"


def _of_the_disk(error: Exception) -> bool:
    """Whether the database itself is in trouble, and not with what it was given."""
    cause = getattr(error, "orig", None) or error
    given = (sqlite3.IntegrityError, sqlite3.DataError, sqlite3.ProgrammingError)
    return isinstance(cause, sqlite3.DatabaseError) and not isinstance(cause, given)
