# SPDX-License-Identifier: Apache-2.0
"""Receptions in their tables: number, consents, the second visit of a day, and the outcome."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from kiosk.eligibility.outcome import Outcome, OutcomeKind
from kiosk.errors import FailureCode
from kiosk.outbox.model import ReceptionDraft
from kiosk.outbox.repository.prepared import Prepared, param
from kiosk.outbox.schema import ConsentRow, OutboxRow, ReceptionRow, VisitRow

_ADD = Prepared(insert(ReceptionRow))
_ADD_CONSENT = Prepared(insert(ConsentRow))
_FORGET_VISITS = Prepared(delete(VisitRow).where(VisitRow.day != param("day")))
_ADD_VISIT = Prepared(upsert(VisitRow).on_conflict_do_nothing())
_SET_OUTCOME = Prepared(
    update(ReceptionRow)
    .where(ReceptionRow.session_id == param("session"))
    .values(outcome=param("new_outcome"), outcome_code=param("new_code"))
)


def last_ordinal(connection: Connection, day: date, letter: str) -> int:
    """The last of a day's numbers; 0 where there is none yet."""
    # what is no number (a damaged row) is the highest of all to SQLite
    numbers = func.typeof(ReceptionRow.ordinal) == "integer"
    statement = select(func.max(ReceptionRow.ordinal)).where(
        ReceptionRow.day == day, ReceptionRow.letter == letter, numbers
    )
    return connection.scalar(statement) or 0


def sessions_of(connection: Connection, *days: date) -> set[str]:
    """The sessions of some days' receptions."""
    return set(connection.scalars(select(ReceptionRow.session_id).where(ReceptionRow.day.in_(days))))


def visits_of(connection: Connection, day: date) -> dict[bytes, datetime]:
    """The first visit of a day under each mark."""
    rows = Prepared(select(VisitRow.mark, VisitRow.first_at).where(VisitRow.day == day)).rows(connection)
    return {mark: at for mark, at in rows if isinstance(at, datetime)}


def add(
    connection: Connection,
    draft: ReceptionDraft,
    *,
    letter: str,
    ordinal: int,
    day: date,
    committed_at: datetime,
) -> None:
    """Write the reception with its consents. With a day's first the visits before go."""
    _ADD.run(
        connection,
        session_id=draft.session_id,
        letter=letter,
        ordinal=ordinal,
        day=day,
        occurred_at=draft.occurred_at,
        committed_at=committed_at,
        verification=draft.verification,
        outcome=None,
        outcome_code=None,
    )
    if ordinal == 1:
        _FORGET_VISITS.run(connection, day=day)
    _ADD_CONSENT.run_many(
        connection,
        [
            {
                "session_id": draft.session_id,
                "item": record.item.value,
                "decision": record.decision.value,
                "text_version": record.text_version,
                "language": record.language,
                "decided_at": record.decided_at,
                "given": record.given.value,
            }
            for record in draft.consents
        ],
    )


def number_of(letter: str, ordinal: int) -> str:
    """A reception number as it is called out: ``A-007``."""
    return f"{letter}-{ordinal:03d}"


def note_visit(connection: Connection, mark: bytes, *, day: date, at: datetime) -> None:
    """Note a visit under its mark, if it is the first."""
    _ADD_VISIT.run(connection, mark=mark, day=day, first_at=at)


def set_outcome(connection: Connection, session_id: str, outcome: Outcome) -> bool:
    """Write down how the reception ended; False where there is none of that session."""
    code = outcome.code.value if outcome.code else None
    changed = _SET_OUTCOME.run(connection, session=session_id, new_outcome=outcome.kind.value, new_code=code)
    return changed == 1


def session_of(connection: Connection, reception_or_item: str) -> str | None:
    """The session behind a session id or an item's id."""
    found = connection.execute(
        select(ReceptionRow.session_id).where(ReceptionRow.session_id == reception_or_item)
    ).scalar_one_or_none()
    if found is not None:
        return found
    return connection.execute(
        select(OutboxRow.session_id).where(OutboxRow.id == reception_or_item)
    ).scalar_one_or_none()


def outcome_of(connection: Connection, session_id: str) -> Outcome | None:
    """The outcome written down for a session, if any."""
    row = connection.execute(
        select(ReceptionRow.outcome, ReceptionRow.outcome_code).where(ReceptionRow.session_id == session_id)
    ).one_or_none()
    if row is None or row.outcome is None:
        return None
    return Outcome(OutcomeKind(row.outcome), FailureCode(row.outcome_code) if row.outcome_code else None)
