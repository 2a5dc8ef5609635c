# SPDX-License-Identifier: Apache-2.0
"""The audit chain: who did what and when, each entry bound to the one before; pure."""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

GENESIS = bytes(32)
_DETAIL = re.compile(r"[A-Za-z0-9_.:=/-]{0,120}")
_WHO_LENGTH = 60

Mac = Callable[[bytes], bytes]
"""A keyed hash."""


class AuditAct(StrEnum):
    """What was done."""

    RECEPTION_COMMITTED = "reception_committed"
    SESSION_ENDED = "session_ended"
    OUTCOME_SET = "outcome_set"
    ITEM_RETRIED = "item_retried"
    ITEM_SETTLED = "item_settled"
    STAFF_ACT = "staff_act"
    RECORDS_DAMAGED = "records_damaged"
    KEY_CHANGED = "key_changed"
    OLD_RECORDS_ERASED = "old_records_erased"


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One entry: `detail` is made of codes; free words are sealed and only their digest is chained."""

    seq: int
    at: datetime
    who: str
    what: str
    session_id: str
    detail: str
    note_digest: bytes
    prev_hash: bytes
    hash: bytes


class AuditProblem(StrEnum):
    """How a chain can be broken."""

    MISSING = "missing"
    CHANGED = "changed"
    UNLINKED = "unlinked"
    NOTE_CHANGED = "note_changed"
    CUT = "cut"
    NOT_AS_KEPT = "not_as_kept"
    FALSE_CHECKPOINT = "false_checkpoint"


@dataclass(frozen=True, slots=True)
class ChainPoint:
    """One place of the chain: the sequence number of an entry and its hash."""

    seq: int
    hash: bytes


START = ChainPoint(0, GENESIS)


@dataclass(frozen=True, slots=True)
class AuditReport:
    """Whether the chain holds from its first entry to its last, else where it breaks first."""

    entries: int
    problem: AuditProblem | None = None
    at_seq: int | None = None

    @property
    def ok(self) -> bool:
        """True when nothing was changed, removed, added or reordered."""
        return self.problem is None


def checked_who(who: str) -> str:
    """A name fit for the chain: one line, not empty, not too long."""
    if not who or len(who) > _WHO_LENGTH or not who.isprintable():
        raise ValueError("who must be a short printable name")
    return who


def checked_detail(detail: str) -> str:
    """Codes only; anything in a person's own words is a note, and sealed."""
    if _DETAIL.fullmatch(detail) is None:
        raise ValueError("an audit detail is made of codes")
    return detail


def entry_hash(entry: AuditEntry, mac: Mac) -> bytes:
    """The keyed hash over every field but the hash itself, each preceded by its length."""
    parts = (
        entry.seq.to_bytes(8, "big"),
        entry.at.isoformat().encode(),
        entry.who.encode(),
        entry.what.encode(),
        entry.session_id.encode(),
        entry.detail.encode(),
        entry.note_digest,
        entry.prev_hash,
    )
    return mac(b"entry" + b"".join([len(part).to_bytes(4, "big") + part for part in parts]))


def point_value(point: ChainPoint, purpose: bytes, mac: Mac) -> bytes:
    """What is kept beside the chain to know its end (or, once old entries were erased, its beginning)."""
    plain = point.seq.to_bytes(8, "big") + point.hash
    return plain + mac(purpose + plain)


def read_point(value: bytes, purpose: bytes, mac: Mac) -> ChainPoint | None:
    """The point that was kept; None when the value was tampered with."""
    plain, tag = value[:40], value[40:]
    if len(plain) != 40 or not hmac.compare_digest(mac(purpose + plain), tag):
        return None
    return ChainPoint(int.from_bytes(plain[:8], "big"), plain[8:])


def verify(
    entries: Iterable[tuple[AuditEntry, bytes | None]],
    head: ChainPoint | None,
    mac: Mac,
    *,
    base: ChainPoint | None = START,
    kept: ChainPoint | None = None,
) -> AuditReport:
    """Walk the chain; each entry comes with the digest of its note as it lies there (None: there is none).

    `base` is where it begins since older entries were erased; `head` and `base` are None where what was kept
    of them was tampered with. `kept` is a point of it that somebody else remembers.
    """
    if base is None:
        return AuditReport(0, AuditProblem.MISSING, 1)
    count, last = 0, base
    as_kept = kept is None or kept in {base, START} or kept.seq < base.seq
    for entry, note_digest in entries:
        expected = last.seq + 1
        if entry.seq != expected:
            return AuditReport(count, AuditProblem.MISSING, expected)
        if entry.hash != entry_hash(entry, mac):
            return AuditReport(count, AuditProblem.CHANGED, entry.seq)
        if entry.prev_hash != last.hash:
            return AuditReport(count, AuditProblem.UNLINKED, entry.seq)
        if note_digest is not None and note_digest != entry.note_digest:
            return AuditReport(count, AuditProblem.NOTE_CHANGED, entry.seq)
        count, last = count + 1, ChainPoint(expected, entry.hash)
        as_kept = as_kept or last == kept
    if head != last:
        return AuditReport(count, AuditProblem.CUT, last.seq)
    if not as_kept and kept is not None:
        return AuditReport(count, AuditProblem.NOT_AS_KEPT, kept.seq)
    return AuditReport(count)
