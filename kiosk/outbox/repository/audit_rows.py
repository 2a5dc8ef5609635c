# SPDX-License-Identifier: Apache-2.0
"""The audit chain in its table."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime

from sqlalchemy import Connection, delete, func, insert, select, update

from kiosk.errors import FailureCode, KioskError
from kiosk.outbox.audit import (
    START,
    AuditAct,
    AuditEntry,
    AuditProblem,
    AuditReport,
    ChainPoint,
    checked_detail,
    checked_who,
    entry_hash,
    point_value,
    read_point,
    verify,
)
from kiosk.outbox.checkpoint import Checkpoint, parse, sign
from kiosk.outbox.model import OutboxItem
from kiosk.outbox.repository.prepared import Prepared, param
from kiosk.outbox.repository.single_values import read_value, write_value
from kiosk.outbox.schema import AuditRow, MetaRow
from kiosk.outbox.sealing import Keys

KIOSK = "kiosk"
_HEAD = "audit_head"
_BASE = "audit_base"
_CHECKPOINT = "audit_checkpoint"
_HEAD_PURPOSE = b"head"
_BASE_PURPOSE = b"base"
_PAGE = 1000

_ADD = Prepared(insert(AuditRow))
_SET_HEAD = Prepared(update(MetaRow).where(MetaRow.name == param("head")).values(value=param("point")))


def begin(connection: Connection, keys: Keys) -> None:
    """Write the head of the empty chain, so that emptying it later is noticed too."""
    value = point_value(START, _HEAD_PURPOSE, keys.audit_mac)
    connection.execute(insert(MetaRow).values(name=_HEAD, value=value))


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
    head = _whole_head(connection, keys)
    seq = head.seq + 1
    sealed = keys.seal(note.encode(), place=_note_place(seq)) if note else None
    entry = AuditEntry(
        seq=seq,
        at=at.astimezone(UTC),
        who=checked_who(who),
        what=act.value,
        session_id=session_id,
        detail=checked_detail(detail),
        note_digest=_digest(sealed) or b"",
        prev_hash=head.hash,
        hash=b"",
    )
    own_hash = entry_hash(entry, keys.audit_mac)
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
        hash=own_hash,
    )
    point = point_value(ChainPoint(seq, own_hash), _HEAD_PURPOSE, keys.audit_mac)
    _SET_HEAD.run(connection, head=_HEAD, point=point)


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


def check(connection: Connection, keys: Keys, kept: Checkpoint | None = None) -> AuditReport:
    """Walk the whole chain, and see whether it is the one of which `kept` was given away."""
    if kept is not None and not kept.signed_by(keys.checkpoint_key().public_key()):
        return AuditReport(0, AuditProblem.FALSE_CHECKPOINT, kept.seq)
    return verify(
        _entries(connection),
        _head(connection, keys),
        keys.audit_mac,
        base=_base(connection, keys),
        kept=None if kept is None else ChainPoint(kept.seq, kept.head),
    )


def checkpoint(connection: Connection, keys: Keys, at: datetime) -> Checkpoint:
    """The chain as it stands, signed, to be given to others."""
    head = _whole_head(connection, keys)
    return sign(head.seq, head.hash, at, keys.checkpoint_key())


def remember_delivered(connection: Connection, delivered: Checkpoint) -> None:
    """A checkpoint is with somebody else now: what lies before it may be erased one day."""
    known = delivered_checkpoint(connection)
    if known is None or known.seq < delivered.seq:
        write_value(connection, _CHECKPOINT, delivered.text.encode())


def delivered_checkpoint(connection: Connection) -> Checkpoint | None:
    """The last checkpoint that is known to be with somebody else."""
    value = read_value(connection, _CHECKPOINT)
    return None if value is None else parse(value.decode("ascii", "replace"))


def erase(connection: Connection, keys: Keys, before: datetime) -> int:
    """Remove the oldest entries, of before then and behind a delivered checkpoint; how many.

    The chain begins after them from now on, and says so under the kiosk's key.
    """
    known = delivered_checkpoint(connection)
    if known is None or not known.signed_by(keys.checkpoint_key().public_key()):
        return 0
    first_kept = connection.execute(
        select(func.min(AuditRow.seq)).where((AuditRow.at >= before) | (AuditRow.seq > known.seq))
    ).scalar()
    end = known.seq if first_kept is None else first_kept - 1
    last = connection.execute(
        select(AuditRow.seq, AuditRow.hash).where(AuditRow.seq <= end).order_by(AuditRow.seq.desc()).limit(1)
    ).one_or_none()
    if last is None:
        return 0
    value = point_value(ChainPoint(last.seq, last.hash), _BASE_PURPOSE, keys.audit_mac)
    write_value(connection, _BASE, value)
    return int(connection.execute(delete(AuditRow).where(AuditRow.seq <= last.seq)).rowcount)


def _head(connection: Connection, keys: Keys) -> ChainPoint | None:
    value = read_value(connection, _HEAD)
    return None if value is None else read_point(value, _HEAD_PURPOSE, keys.audit_mac)


def _whole_head(connection: Connection, keys: Keys) -> ChainPoint:
    head = _head(connection, keys)
    if head is None:
        raise KioskError(FailureCode.STORE_UNUSABLE, detail="the head of the audit chain was changed")
    return head


def _base(connection: Connection, keys: Keys) -> ChainPoint | None:
    value = read_value(connection, _BASE)
    return START if value is None else read_point(value, _BASE_PURPOSE, keys.audit_mac)


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
