# SPDX-License-Identifier: Apache-2.0
"""The tables. Sealed columns end in ``_sealed``; everything else may be read by whoever has the file."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import lru_cache

from sqlalchemy import (
    CheckConstraint,
    Date,
    Dialect,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def _offset_text(value: datetime) -> str:
    if value.tzinfo is None:
        raise ValueError("a stored moment needs its zone")
    return value.isoformat()


@lru_cache(maxsize=16)  # one commit writes the same moment into half a dozen columns
def _utc_text(value: datetime) -> str:
    if value.tzinfo is None:
        raise ValueError("a stored moment needs its zone")
    # several times as quick as strftime
    return f"{value.astimezone(UTC).isoformat(timespec='microseconds')[:-6]}Z"


class OffsetMoment(TypeDecorator[datetime]):
    """A moment as text that keeps the offset of where it happened."""

    impl = Text
    cache_ok = True
    to_text = staticmethod(_offset_text)
    """The form in which it is stored; a moment without its zone is a mistake of the caller."""

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> str | None:
        """To text, where there is something."""
        return None if value is None else self.to_text(value)

    def process_result_value(self, value: str | None, _dialect: Dialect) -> datetime | None:
        """From text, aware of its offset."""
        return None if value is None else datetime.fromisoformat(value)


class UtcMoment(OffsetMoment):
    """A moment in UTC as text of fixed width, so that text order is time order."""

    cache_ok = True
    to_text = staticmethod(_utc_text)


FRESH = "state = 'pending' AND attempts = 0"
WAITING = "state IN ('pending', 'accepted') AND attempts > 0"
OUT = "state = 'in_flight'"
ENDED = "acked_at IS NOT NULL"
NEEDS_STAFF = "needs_staff = 1"
"""The conditions by which items are picked, put back, counted and shown, each with an index of its own.

They are written out, since SQLite uses a partial index only where the query repeats its condition.
"""


class Base(DeclarativeBase):
    """What the tables have in common: how their constraints are named."""

    metadata = MetaData(naming_convention=_NAMES)


class ReceptionRow(Base):
    """One committed reception; `outcome` is empty until an answer or a refusal is there.

    Its number is made of the kiosk's letter and the ordinal within the day. The last one of a day is found in
    the constraint's index: there is no counter beside it.
    """

    __tablename__ = "receptions"
    __table_args__ = (UniqueConstraint("day", "letter", "ordinal"), {"sqlite_with_rowid": False})

    session_id: Mapped[str] = mapped_column(Text, primary_key=True)
    letter: Mapped[str] = mapped_column(Text)
    ordinal: Mapped[int] = mapped_column()
    day: Mapped[date] = mapped_column(Date)
    occurred_at: Mapped[datetime] = mapped_column(OffsetMoment)
    committed_at: Mapped[datetime] = mapped_column(UtcMoment)
    verification: Mapped[str] = mapped_column(Text)
    outcome: Mapped[str | None] = mapped_column(Text)
    outcome_code: Mapped[str | None] = mapped_column(Text)


class IntakeRow(Base):
    """One reception as it was taken in, until it is filed in the other tables; as a rule there is none.

    All that it says is sealed as one value. One that cannot be filed stays, beside the item that stands for
    it, for as long as that item is open and its time has not come.
    """

    __tablename__ = "intake"

    seq: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[str] = mapped_column(Text)
    committed_at: Mapped[datetime] = mapped_column(UtcMoment)
    item_id: Mapped[str | None] = mapped_column(Text, ForeignKey("outbox.id"))
    record_sealed: Mapped[bytes] = mapped_column(LargeBinary)


class ConsentRow(Base):
    """One decision of a reception."""

    __tablename__ = "consents"
    __table_args__ = ({"sqlite_with_rowid": False},)

    session_id: Mapped[str] = mapped_column(Text, ForeignKey("receptions.session_id"), primary_key=True)
    item: Mapped[str] = mapped_column(Text, primary_key=True)
    decision: Mapped[str] = mapped_column(Text)
    text_version: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(Text)
    decided_at: Mapped[datetime] = mapped_column(UtcMoment)
    given: Mapped[str] = mapped_column(Text)


class OutboxRow(Base):
    """One thing that must reach its place; the id is the idempotency key.

    `next_attempt_at` is empty while the item waits for another one or has ended.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        CheckConstraint("state IN ('pending', 'in_flight', 'accepted', 'done', 'refused')", name="state"),
        Index("ix_outbox_fresh", "next_attempt_at", "id", sqlite_where=text(FRESH)),
        Index("ix_outbox_waiting", "next_attempt_at", "id", "state", sqlite_where=text(WAITING)),
        Index("ix_outbox_out", "id", sqlite_where=text(OUT)),
        Index("ix_outbox_ended", "acked_at", "state", sqlite_where=text(ENDED)),
        Index("ix_outbox_needs_staff", "id", sqlite_where=text(NEEDS_STAFF)),
        Index("ix_outbox_depends_on", "depends_on", sqlite_where=text("depends_on IS NOT NULL")),
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    needs_staff: Mapped[bool] = mapped_column()
    session_id: Mapped[str] = mapped_column(Text, ForeignKey("receptions.session_id"))
    occurred_at: Mapped[datetime] = mapped_column(OffsetMoment)
    endpoint: Mapped[str] = mapped_column(Text)
    payload_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    answer_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    attempts: Mapped[int] = mapped_column()
    next_attempt_at: Mapped[datetime | None] = mapped_column(UtcMoment)
    last_status: Mapped[int | None] = mapped_column()
    last_error_code: Mapped[str | None] = mapped_column(Text)
    depends_on: Mapped[str | None] = mapped_column(Text, ForeignKey("outbox.id"))
    acked_at: Mapped[datetime | None] = mapped_column(UtcMoment)


class AuditRow(Base):
    """One entry of the audit chain."""

    __tablename__ = "audit"

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcMoment)
    who: Mapped[str] = mapped_column(Text)
    what: Mapped[str] = mapped_column(Text)
    session_id: Mapped[str] = mapped_column(Text)
    detail: Mapped[str] = mapped_column(Text)
    note_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    note_digest: Mapped[bytes] = mapped_column(LargeBinary)
    prev_hash: Mapped[bytes] = mapped_column(LargeBinary)
    hash: Mapped[bytes] = mapped_column(LargeBinary)


class VisitRow(Base):
    """The mark of a person on one day; the first reception of a day removes the marks of others."""

    __tablename__ = "visits"
    __table_args__ = ({"sqlite_with_rowid": False},)

    mark: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    day: Mapped[date] = mapped_column(Date)
    first_at: Mapped[datetime] = mapped_column(UtcMoment)


class MetaRow(Base):
    """Single values: the key's fingerprint and the head of the audit chain."""

    __tablename__ = "meta"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[bytes] = mapped_column(LargeBinary)


class PersonUpdateRow(Base):
    """One consent to be told news of a person; without a certificate it has ended.

    `mark` finds the same certificate again at the next visit. `last_session_id` is the reception at which the
    card was seen last, by whose number the desk names the patient.
    """

    __tablename__ = "person_updates"
    __table_args__ = (UniqueConstraint("mark"),)

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    mark: Mapped[bytes | None] = mapped_column(LargeBinary)
    session_id: Mapped[str] = mapped_column(Text, ForeignKey("receptions.session_id"))
    last_session_id: Mapped[str] = mapped_column(Text, ForeignKey("receptions.session_id"))
    agreed_at: Mapped[datetime] = mapped_column(UtcMoment)
    certificate_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    item_id: Mapped[str | None] = mapped_column(Text, ForeignKey("outbox.id"), index=True)
    asked_at: Mapped[datetime | None] = mapped_column(UtcMoment)
    change_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    changed_at: Mapped[datetime | None] = mapped_column(UtcMoment)
    taken_at: Mapped[datetime | None] = mapped_column(UtcMoment)
    taken_by: Mapped[str | None] = mapped_column(Text)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcMoment)
