# SPDX-License-Identifier: Apache-2.0
"""Receptions in their tables: number, consents, the second visit of a day, and the outcome."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from kiosk.eligibility.outcome import Outcome, OutcomeKind
from kiosk.errors import FailureCode
from kiosk.outbox.model import ReceptionDraft
from kiosk.outbox.schema import ConsentRow, CounterRow, OutboxRow, ReceptionRow, VisitRow


def add(
    connection: Connection, draft: ReceptionDraft, *, letter: str, day: date, committed_at: datetime
) -> str:
    """Write the reception with its consents; the number it got."""
    number = _next_number(connection, letter, day)
    connection.execute(
        insert(ReceptionRow).values(
            session_id=draft.session_id,
            number=number,
            day=day,
            occurred_at=draft.occurred_at,
            committed_at=committed_at,
            verification=draft.verification,
        )
    )
    if draft.consents:
        connection.execute(
            insert(ConsentRow),
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
    return number


def _next_number(connection: Connection, letter: str, day: date) -> str:
    statement = (
        upsert(CounterRow)
        .values(letter=letter, day=day, last=1)
        .on_conflict_do_update(set_={"last": CounterRow.last + 1})
        .returning(CounterRow.last)
    )
    return f"{letter}-{connection.execute(statement).scalar_one():03d}"


def visited(connection: Connection, mark: bytes, *, day: date, at: datetime) -> datetime | None:
    """Note a visit under its mark; the first visit of the same mark, if this is not it."""
    connection.execute(delete(VisitRow).where(VisitRow.day != day))
    first = connection.execute(select(VisitRow.first_at).where(VisitRow.mark == mark)).scalar_one_or_none()
    if first is None:
        connection.execute(insert(VisitRow).values(mark=mark, day=day, first_at=at))
    return first


def set_outcome(connection: Connection, session_id: str, outcome: Outcome) -> bool:
    """Write down how the reception ended; False where there is none of that session."""
    result = connection.execute(
        update(ReceptionRow)
        .where(ReceptionRow.session_id == session_id)
        .values(outcome=outcome.kind.value, outcome_code=outcome.code.value if outcome.code else None)
    )
    return result.rowcount == 1


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
