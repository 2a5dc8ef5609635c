# SPDX-License-Identifier: Apache-2.0
"""The audit chain in its table."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import Connection, insert, select, update

from kiosk.errors import FailureCode, KioskError
from kiosk.outbox.audit import (
    GENESIS,
    AuditAct,
    AuditEntry,
    AuditReport,
    checked_detail,
    checked_who,
    entry_hash,
    head_value,
    read_head,
    verify,
)
from kiosk.outbox.model import OutboxItem
from kiosk.outbox.repository.prepared import Prepared, param
from kiosk.outbox.repository.single_values import read_value
from kiosk.outbox.schema import AuditRow, MetaRow
from kiosk.outbox.sealing import Keys

KIOSK = "kiosk"
_HEAD = "audit_head"
_PAGE = 1000

_ADD = Prepared(insert(AuditRow))
_SET_HEAD = Prepared(update(MetaRow).where(MetaRow.name == _HEAD).values(value=param("head")))


def begin(connection: Connection, keys: Keys) -> None:
    """Write the head of the empty chain, so that emptying it later is noticed too."""
    connection.execute(insert(MetaRow).values(name=_HEAD, value=head_value(0, GENESIS, keys.audit_mac)))


def append(
    connection: Connection,
    keys: Keys,
    act: AuditAct,
    *,
    at: datetime,
    session_id: str = "",
    who: str = KIOSK,
    detail: str = "",
    note: str = "",
) -> None:
    """Add one entry to the chain, in the transaction of what it tells about."""
    stored_head = read_value(connection, _HEAD)
    head = None if stored_head is None else read_head(stored_head, keys.audit_mac)
    if head is None:
        raise KioskError(FailureCode.STORE_UNUSABLE, detail="the head of the audit chain was changed")
    seq = head[0] + 1
    sealed = keys.seal(note.encode(), place=_note_place(seq)) if note else None
    entry = AuditEntry(
        seq=seq,
        at=at.astimezone(UTC),
        who=checked_who(who),
        what=act.value,
        session_id=session_id,
        detail=checked_detail(detail),
        note_digest=_digest(sealed) or b"",
        prev_hash=head[1],
        hash=b"",
    )
    entry = replace(entry, hash=entry_hash(entry, keys.audit_mac))
    _ADD.run(
        connection,
        seq=seq,
        at=entry.at,
        who=entry.who,
        what=entry.what,
        session_id=entry.session_id,
        detail=entry.detail,
        note_sealed=sealed,
        note_digest=entry.note_digest,
        prev_hash=entry.prev_hash,
        hash=entry.hash,
    )
    _SET_HEAD.run(connection, head=head_value(seq, entry.hash, keys.audit_mac))


def append_of_item(
    connection: Connection,
    keys: Keys,
    act: AuditAct,
    item: OutboxItem,
    *,
    at: datetime,
    who: str,
    note: str = "",
) -> None:
    """Add what a person did to an item, with the state it was in."""
    detail = f"{item.id}:{item.state.value}"
    append(connection, keys, act, at=at, session_id=item.session_id, who=who, detail=detail, note=note)


def check(connection: Connection, keys: Keys) -> AuditReport:
    """Walk the whole chain."""
    return verify(_entries(connection), read_value(connection, _HEAD), keys.audit_mac)


def _entries(connection: Connection) -> Iterator[tuple[AuditEntry, bytes | None]]:
    rows = connection.execution_options(yield_per=_PAGE).execute(
        select(AuditRow.__table__).order_by(AuditRow.seq)
    )
    for row in rows:
        yield (
            AuditEntry(
                seq=row.seq,
                at=row.at,
                who=row.who,
                what=row.what,
                session_id=row.session_id,
                detail=row.detail,
                note_digest=row.note_digest,
                prev_hash=row.prev_hash,
                hash=row.hash,
            ),
            _digest(row.note_sealed),
        )


def _digest(sealed: bytes | None) -> bytes | None:
    return None if sealed is None else hashlib.sha256(sealed).digest()


def _note_place(seq: int) -> str:
    return f"audit.note:{seq}"
