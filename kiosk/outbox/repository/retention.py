# SPDX-License-Identifier: Apache-2.0
"""What is forgotten, and when: the words of a person soon, what was decided and done after years."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Connection, delete, or_, select, update
from sqlalchemy.orm import aliased

from kiosk.outbox.schema import ConsentRow, IntakeRow, OutboxRow, PersonUpdateRow, ReceptionRow


def erase_personal(connection: Connection, before: datetime) -> int:
    """Empty the sealed columns of items that ended before then; how many items there were.

    A check whose answer something still waits for keeps it: a hand-over is made of it.
    """
    waiting = aliased(OutboxRow)
    still_needed = select(waiting.id).where(waiting.depends_on == OutboxRow.id, waiting.state != "done")
    result = connection.execute(
        update(OutboxRow)
        .where(
            OutboxRow.state == "done",
            OutboxRow.acked_at < before,
            or_(OutboxRow.payload_sealed.is_not(None), OutboxRow.answer_sealed.is_not(None)),
            ~still_needed.exists(),
        )
        .values(payload_sealed=None, answer_sealed=None)
    )
    # what could not be filed is kept for as long as the item that stands for it, dealt with or not, is
    settled = select(OutboxRow.id).where(OutboxRow.state == "done", OutboxRow.acked_at < before)
    kept = connection.execute(delete(IntakeRow).where(IntakeRow.item_id.in_(settled)))
    return int(result.rowcount + kept.rowcount)


def erase_records(connection: Connection, before: date) -> int:
    """Remove receptions of days before that with everything below them, where nothing of them is open."""
    open_items = select(OutboxRow.id).where(
        OutboxRow.session_id == ReceptionRow.session_id, OutboxRow.state != "done"
    )
    # a consent that still stands, or news that nobody has read, keeps what it rests on
    standing = select(PersonUpdateRow.id).where(
        or_(
            PersonUpdateRow.session_id == ReceptionRow.session_id,
            PersonUpdateRow.last_session_id == ReceptionRow.session_id,
        ),
        or_(PersonUpdateRow.certificate_sealed.is_not(None), PersonUpdateRow.change_sealed.is_not(None)),
    )
    old = [
        row.session_id
        for row in connection.execute(
            select(ReceptionRow.session_id).where(
                ReceptionRow.day < before, ~open_items.exists(), ~standing.exists()
            )
        )
    ]
    for session_id in old:
        connection.execute(
            delete(PersonUpdateRow).where(
                or_(PersonUpdateRow.session_id == session_id, PersonUpdateRow.last_session_id == session_id)
            )
        )
        items = select(OutboxRow.id).where(OutboxRow.session_id == session_id)
        connection.execute(
            update(PersonUpdateRow).where(PersonUpdateRow.item_id.in_(items)).values(item_id=None)
        )
        connection.execute(delete(IntakeRow).where(IntakeRow.item_id.in_(items)))
        # whatever depends on another item goes first
        connection.execute(
            delete(OutboxRow).where(OutboxRow.session_id == session_id, OutboxRow.depends_on.is_not(None))
        )
        connection.execute(delete(OutboxRow).where(OutboxRow.session_id == session_id))
        connection.execute(delete(ConsentRow).where(ConsentRow.session_id == session_id))
        connection.execute(delete(ReceptionRow).where(ReceptionRow.session_id == session_id))
    return len(old)
