# SPDX-License-Identifier: Apache-2.0
"""The audit chain: who did what and when, each entry bound to the one before; pure."""

from __future__ import annotations

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
    return mac(b"entry" + b"".join(len(part).to_bytes(4, "big") + part for part in parts))


def head_value(seq: int, last_hash: bytes, mac: Mac) -> bytes:
    """What is kept beside the chain to know its end."""
    plain = seq.to_bytes(8, "big") + last_hash
    return plain + mac(b"head" + plain)


def read_head(value: bytes, mac: Mac) -> tuple[int, bytes] | None:
    """The sequence number and hash of the last entry; None when the value was tampered with."""
    plain, tag = value[:40], value[40:]
    if len(plain) != 40 or mac(b"head" + plain) != tag:
        return None
    return int.from_bytes(plain[:8], "big"), plain[8:]


def verify(entries: Iterable[tuple[AuditEntry, bytes | None]], head: bytes | None, mac: Mac) -> AuditReport:
    """Walk the chain; each entry comes with the digest of its note as it lies there (None: there is none)."""
    count, previous = 0, GENESIS
    for entry, note_digest in entries:
        expected = count + 1
        if entry.seq != expected:
            return AuditReport(count, AuditProblem.MISSING, expected)
        if entry.hash != entry_hash(entry, mac):
            return AuditReport(count, AuditProblem.CHANGED, entry.seq)
        if entry.prev_hash != previous:
            return AuditReport(count, AuditProblem.UNLINKED, entry.seq)
        if note_digest is not None and note_digest != entry.note_digest:
            return AuditReport(count, AuditProblem.NOTE_CHANGED, entry.seq)
        count, previous = expected, entry.hash
    if head is None or read_head(head, mac) != (count, previous):
        return AuditReport(count, AuditProblem.CUT, count)
    return AuditReport(count)
