# SPDX-License-Identifier: Apache-2.0
"""The store: what a patient did, kept in one transaction, and the queue that carries it on."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
from collections.abc import Collection, Sequence
from datetime import datetime
from enum import Enum, auto
from pathlib import Path
from typing import Self

from kiosk.clock import TOKYO, Clock
from kiosk.eligibility.outcome import Outcome
from kiosk.errors import EnvironmentProblem, FailureCode, KioskError
from kiosk.ids import UlidFactory
from kiosk.outbox import damage
from kiosk.outbox.audit import AuditAct, AuditReport
from kiosk.outbox.checkpoint import Checkpoint
from kiosk.outbox.key_file import find_key
from kiosk.outbox.model import (
    HAND_OVER_SUFFIX,
    Finish,
    ItemState,
    OutboxItem,
    OutboxKind,
    Parcel,
    QueueStats,
    Reception,
    ReceptionDraft,
    RetryResult,
    SettleResult,
)
from kiosk.outbox.references import References
from kiosk.outbox.repository import audit_rows, items, person_updates, receptions, single_values
from kiosk.outbox.repository.audit_rows import KIOSK
from kiosk.outbox.repository.engine import Database
from kiosk.outbox.repository.intake import Intake
from kiosk.outbox.sealing import Keys
from kiosk.outbox.updates import PersonUpdates
from kiosk.outbox.upkeep import Upkeep, master_key

_log = logging.getLogger("kiosk.outbox")

DATABASE_NAME = "outbox.sqlite3"
LOCK_NAME = "outbox.lock"


class Access(Enum):
    """Who opens the store."""

    OWNER = auto()  # the kiosk: one at a time, may change the form of the tables, recovers and sends
    VISITOR = auto()  # a command beside it: looks, retries and settles, each in a transaction of its own


class Store:
    """Receptions, queue and audit chain in one database.

    Lives on: any thread; every call is a transaction of its own. Database trouble is a `KioskError`.
    """

    def __init__(
        self,
        database: Database,
        keys: Keys,
        clock: Clock,
        *,
        kiosk_letter: str,
        hand_overs: Sequence[OutboxKind],
        lock: _Lock | None,
    ) -> None:
        self._database = database
        self._keys = keys
        self._clock = clock
        self._hand_overs = tuple(hand_overs)
        self._lock = lock
        self._ids = UlidFactory()
        self._intake = Intake(keys, clock, self._ids, kiosk_letter, owner=lock is not None)
        database.filing = self._intake
        self.updates = PersonUpdates(database, keys, clock, self._ids.new)
        self.references = References(database, keys, clock, self._ids.new)

    @classmethod
    def open(
        cls,
        folder: Path,
        key_file: Path,
        clock: Clock,
        kiosk_letter: str = "A",
        *,
        access: Access = Access.OWNER,
        hand_overs: Sequence[OutboxKind] = (OutboxKind.HANDOVER_FACE_FILE,),
    ) -> Self:
        """Open the records in `folder`, making them and their key with the first start.

        Raises `EnvironmentProblem` with a code for: opened twice, file unusable, made by a newer program,
        disk full, key missing, readable by others, or not the one of these records. Damaged records are kept
        aside for their owner, and new ones begun.
        """
        unknown = [kind for kind in hand_overs if kind not in HAND_OVER_SUFFIX]
        if unknown:
            raise ValueError("not a hand-over kind")
        owner = access is Access.OWNER
        lock = _Lock.take(folder) if owner else None
        database: Database | None = None
        try:
            database, aside = _open_database(folder / DATABASE_NAME, key_file, clock, owner=owner)
            with database.reading() as connection:
                known = single_values.knows_key(connection)
            if not (owner or known):
                raise EnvironmentProblem(  # noqa: TRY301  # what was opened is closed below
                    FailureCode.STORE_UNUSABLE, detail="the kiosk has not begun these records yet"
                )
            # a key made beside damaged records would never open them again
            master = master_key(
                database,
                key_file,
                os.environ,
                may_make=owner and not known and aside is None,
                may_change=owner,
            )
            if not known:
                with database.writing() as connection:
                    single_values.claim_key(connection, Keys(master))
                    audit_rows.begin(connection, Keys(master))
            with database.reading() as connection:
                keys = single_values.keys_of(connection, master)
            if aside is not None:
                with database.writing() as connection:
                    audit_rows.append(
                        connection, keys, AuditAct.RECORDS_DAMAGED, at=clock.now(), detail=aside.name
                    )
            if owner:
                database.lay_out_log()
        except BaseException:
            if database is not None:
                database.close()
            if lock is not None:
                lock.release()
            raise
        return cls(database, keys, clock, kiosk_letter=kiosk_letter, hand_overs=hand_overs, lock=lock)

    @property
    def upkeep(self) -> Upkeep:
        """What these records need from time to time."""
        return Upkeep(self._database, self._keys, self._clock)

    @property
    def database(self) -> Database:
        """The database below, for tests that stop at its commit boundaries."""
        return self._database

    def close(self) -> None:
        """Give everything back; the store is not used afterwards. Closing twice does nothing more."""
        self._database.close()
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    # what patients and sessions do

    def commit(self, draft: ReceptionDraft) -> Reception:
        """Keep consents, items, audit entry and reception number, all together or not at all.

        When it returns, the reception survives a power cut; when it raises, nothing of it was kept. Only the
        owner of the records does this.
        """
        if self._lock is None:
            raise KioskError(FailureCode.INTERNAL, detail="a visitor receives nobody")
        now = self._clock.now()
        ids = [self._ids.new(now) for _ in draft.items]
        number, earlier = self._intake.take_in(self._database, draft, ids, now)
        checks = (
            item_id
            for item_id, item in zip(ids, draft.items, strict=True)
            if item.kind is OutboxKind.QUALIFICATION_CHECK
        )
        return Reception(number, next(checks, ""), earlier.astimezone(TOKYO) if earlier else None)

    def end_session(self, session_id: str, outcome: str, reason: str, code: str | None = None) -> None:
        """Note that a session ended and why; all that is kept of one that was never committed."""
        detail = ":".join(part for part in (outcome, reason, code) if part)
        self._audit(AuditAct.SESSION_ENDED, session_id=session_id, detail=detail)

    def record_staff_act(self, who: str, what: str, session_id: str, reason: str = "") -> None:
        """Note what a staff person did; `what` is a code, `reason` is in their own words and sealed."""
        self._audit(AuditAct.STAFF_ACT, session_id=session_id, who=who, detail=what, note=reason)

    def set_outcome(self, reception_or_check_id: str, outcome: Outcome) -> bool:
        """Write down how a committed reception ended; False where there is none."""
        with self._database.writing() as connection:
            session_id = receptions.session_of(connection, reception_or_check_id)
            return session_id is not None and receptions.set_outcome(connection, session_id, outcome)

    def outcome_of(self, session_id: str) -> Outcome | None:
        """The outcome written down for a session; None while it is to be confirmed."""
        with self._database.reading() as connection:
            return receptions.outcome_of(connection, session_id)

    # what the sync thread does

    def recover(self) -> int:
        """After a crash: everything that was being sent goes again, under the same key."""
        with self._database.writing() as connection:
            return items.recover(connection, self._clock.now())

    def due(self, now: datetime, limit: int, *, without: Collection[str] = ()) -> list[OutboxItem]:
        """What may go out now, never-tried items first, then the longest due; nothing for `without`."""
        with self._database.reading(patient=True) as connection:
            return items.due(connection, now, limit, without=without)

    def next_due(self, *, without: Collection[str] = ()) -> datetime | None:
        """When the next waiting item falls due."""
        with self._database.reading() as connection:
            return items.next_due(connection, without=without)

    def mark_in_flight(self, item_id: str) -> Parcel | None:
        """Count a try before it is made, and open the body; None when somebody else dealt with the item."""
        with self._database.writing() as connection:
            return items.take_out(connection, self._keys, item_id)

    def finish(self, item_id: str, result: Finish) -> OutboxItem | None:
        """Write down how a try ended, with the outcome and the hand-overs that follow from an answer."""
        return self.finish_and_take(item_id, result, None)[0]

    def finish_and_take(
        self, item_id: str, result: Finish, following: str | None
    ) -> tuple[OutboxItem | None, Parcel | None]:
        """The same, and take out the next one, with one sync for both.

        One that cannot be opened is not taken: whoever tries it by itself is told why.
        """
        now = self._clock.now()
        with self._database.writing() as connection:
            item = items.finish(connection, self._keys, item_id, result, now=now, hand_overs=self._hand_overs)
            if item is not None and result.outcome is not None:
                receptions.set_outcome(connection, item.session_id, result.outcome)
            if item is not None and item.kind is OutboxKind.PERSON_UPDATE and result.answer is not None:
                person_updates.answered(connection, self._keys, item, result.answer, now)
            parcel: Parcel | None = None
            if following is not None:
                with contextlib.suppress(KioskError):
                    parcel = items.take_out(connection, self._keys, following)
            return item, parcel

    def set_aside(self, item_id: str, code: FailureCode, until: datetime) -> None:
        """An item that could not be tried at all: it waits, and staff are shown it."""
        with self._database.writing() as connection:
            items.set_aside(connection, item_id, code, until)

    def hold_back(self, endpoint: str, until: datetime, code: FailureCode) -> int:
        """The endpoint cannot be reached: what is due for it, and not new, waits together."""
        with self._database.writing() as connection:
            return items.hold_back(connection, endpoint, code, self._clock.now(), until)

    def release_waits(self, codes: Collection[FailureCode]) -> int:
        """The network is back: what only waited for it, by the code it failed with, is due now."""
        with self._database.writing() as connection:
            return items.release_waits(connection, codes, self._clock.now())

    def bring_forward(self, latest: datetime) -> int:
        """Let nothing wait beyond `latest`."""
        with self._database.writing() as connection:
            return items.bring_forward(connection, latest)

    # what staff and technicians see and do

    def stats(self) -> QueueStats:
        """The queue in numbers.

        Raises where something that was taken in cannot be filed: it would wait, and nobody would know.
        """
        with self._database.reading(filed=True) as connection:
            return items.stats(connection)

    def list(
        self, state: ItemState | None = None, *, needs_staff: bool = False, limit: int = 100
    ) -> list[OutboxItem]:
        """Items in the order of their making, without anything personal."""
        with self._database.reading() as connection:
            return items.listing(connection, state, needs_staff=needs_staff, limit=limit)

    def show(self, item_id: str) -> OutboxItem | None:
        """One item, without anything personal."""
        with self._database.reading() as connection:
            return items.find(connection, item_id)

    def answer(self, item_id: str) -> bytes | None:
        """The stored answer of an item, opened; for hand-overs, never for a screen."""
        with self._database.reading() as connection:
            return items.answer(connection, self._keys, item_id)

    def answer_of_session(self, session_id: str) -> bytes | None:
        """The stored answer of a session's check, opened; for paper that somebody asked for."""
        with self._database.reading() as connection:
            return items.answer_of_session(connection, self._keys, session_id)

    def retry(self, item_id: str, staff: str) -> RetryResult:
        """Send a waiting or refused item again now."""
        now = self._clock.now()
        with self._database.writing() as connection:
            item = items.find(connection, item_id)
            if item is None:
                return RetryResult.UNKNOWN
            if item.state is ItemState.DONE:
                return RetryResult.FINISHED
            awaits = item.state is ItemState.PENDING and item.next_attempt_at is None
            if item.state is ItemState.IN_FLIGHT or (item.depends_on and awaits):
                return RetryResult.BUSY
            items.send_again(connection, item_id, now)
            audit_rows.append_of_item(connection, self._keys, AuditAct.ITEM_RETRIED, item, at=now, who=staff)
            return RetryResult.QUEUED

    def settle(self, item_id: str, *, reason: str, staff: str) -> SettleResult:
        """Close an item that staff dealt with by other means; the reason is kept sealed."""
        if not reason.strip():
            raise ValueError("settling wants a reason")
        now = self._clock.now()
        with self._database.writing() as connection:
            item = items.find(connection, item_id)
            if item is None:
                return SettleResult.UNKNOWN
            if item.state is ItemState.DONE:
                return SettleResult.FINISHED
            if item.state is ItemState.IN_FLIGHT:
                return SettleResult.BUSY
            items.close_by_hand(connection, item_id, now)
            audit_rows.append_of_item(
                connection, self._keys, AuditAct.ITEM_SETTLED, item, at=now, who=staff, note=reason
            )
            return SettleResult.SETTLED

    def verify_audit(self, kept: Checkpoint | None = None) -> AuditReport:
        """Walk the audit chain from the first entry to the last; `kept` is a checkpoint that others hold."""
        with self._database.reading() as connection:
            return audit_rows.check(connection, self._keys, kept)

    def _audit(
        self, act: AuditAct, *, session_id: str, who: str = KIOSK, detail: str, note: str = ""
    ) -> None:
        now = self._clock.now()
        with self._database.writing() as connection:
            audit_rows.append(
                connection, self._keys, act, at=now, session_id=session_id, who=who, detail=detail, note=note
            )


def _open_database(path: Path, key_file: Path, clock: Clock, *, owner: bool) -> tuple[Database, Path | None]:
    """The database in this program's form, and what of it had to be kept aside because it was damaged."""
    log = damage.read_log(path) if owner else b""
    # a file that was cut to nothing would pass for a first start; but then there is no key yet
    if owner and path.is_file() and not path.stat().st_size and find_key(key_file, os.environ).path.exists():
        return _open_new(path, clock)
    database = Database(path, create=owner)
    try:
        # before anything is written: the log is judged as it was found
        usable = database.check_whole() if owner else 0
        database.prepare(may_upgrade=owner)
    except EnvironmentProblem as error:
        database.close()
        if not owner or error.code is not FailureCode.STORE_DAMAGED:
            raise
        return _open_new(path, clock)
    except BaseException:
        database.close()
        raise
    if not damage.log_was_cut(log, usable):
        return database, None
    aside = damage.keep_log_aside(path, log, clock.now())
    _log.error("the end of the records was damaged: %s is a copy, what was whole goes on", aside)
    return database, aside


def _open_new(path: Path, clock: Clock) -> tuple[Database, Path]:
    """Keep what is damaged aside and begin anew: patients are received, and nothing is written over."""
    aside = damage.keep_aside(path, clock.now())
    _log.error("the records were damaged: kept aside as %s, new ones are begun", aside)
    database = Database(path, create=True)
    database.prepare(may_upgrade=True)
    return database, aside


class _Lock:
    """The mark that a kiosk has these records open; the system takes it away with the process."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor: int | None = descriptor

    @classmethod
    def take(cls, folder: Path) -> Self:
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(folder / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise EnvironmentProblem(
                FailureCode.STORE_UNUSABLE,
                detail=f"the records' folder cannot be used ({type(error).__name__})",
            ) from None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            raise EnvironmentProblem(
                FailureCode.STORE_TAKEN, detail="another kiosk is running on these records"
            ) from None
        return cls(descriptor)

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
