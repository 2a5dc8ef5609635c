# SPDX-License-Identifier: Apache-2.0
"""A new key for the records: what is sealed is sealed anew, row by row, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, Table, bindparam, select, update

from kiosk.outbox.repository import person_updates, single_values
from kiosk.outbox.schema import OutboxRow
from kiosk.outbox.sealing import Keys

# Notes of the audit chain are bound into it as they are sealed: they stay, and so does what opens them.
SEALED: tuple[tuple[Table, str, str], ...] = (
    (OutboxRow.metadata.tables["outbox"], "payload_sealed", "outbox.payload"),
    (OutboxRow.metadata.tables["outbox"], "answer_sealed", "outbox.answer"),
    (OutboxRow.metadata.tables["person_updates"], "certificate_sealed", "person_updates.certificate"),
    (OutboxRow.metadata.tables["person_updates"], "change_sealed", "person_updates.change"),
)
"""Table, column, and the place its values are sealed for (before the row's id)."""

_PAGE = 500


def change_key(connection: Connection, old: Keys, new: Keys) -> int:
    """Seal everything with the new key and keep of the old what the audit chain needs; how many values."""
    count = sum(_reseal(connection, table, column, place, old, new) for table, column, place in SEALED)
    person_updates.mark_anew(connection, new)
    single_values.change_key(connection, old, new)
    return count


def _reseal(connection: Connection, table: Table, column: str, place: str, old: Keys, new: Keys) -> int:
    (row_id,) = table.primary_key.columns
    sealed = table.c[column]
    change = update(table).where(row_id == bindparam("row")).values({column: bindparam("value")})
    count, last = 0, ""
    while True:
        statement = select(row_id, sealed).where(sealed.is_not(None), row_id > last).order_by(row_id)
        rows: Sequence[tuple[str, bytes]] = [
            (key, value) for key, value in connection.execute(statement.limit(_PAGE))
        ]
        if not rows:
            return count
        sealed_anew = []
        for key, value in rows:
            where = f"{place}:{key}"
            sealed_anew.append({"row": key, "value": new.seal(old.open(value, place=where), place=where)})
        connection.execute(change, sealed_anew)
        count, last = count + len(rows), rows[-1][0]
