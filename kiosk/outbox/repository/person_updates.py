# SPDX-License-Identifier: Apache-2.0
"""Whose certificate is watched, in its table: begun, asked about, answered, read by the desk, ended."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, RowMapping, insert, or_, select, update

from kiosk.consent.items import ConsentItem, ConsentRecord, Decision, Given
from kiosk.outbox.audit import AuditAct
from kiosk.outbox.model import ItemState, OutboxItem, ReceptionDraft
from kiosk.outbox.person_updates import (
    CertificateName,
    PersonChange,
    Subscribed,
    Subscription,
    UpdateState,
    WithdrawResult,
    read_update,
)
from kiosk.outbox.repository import audit_rows
from kiosk.outbox.repository.prepared import Prepared, param
from kiosk.outbox.repository.receptions import number_of
from kiosk.outbox.schema import ConsentRow, OutboxRow, PersonUpdateRow, ReceptionRow
from kiosk.outbox.sealing import Keys

_MARK = "person_update"
_ASKED_AGAIN_AFTER = timedelta(days=7)
"""A card that was given up may be followed by a new one later, so its certificate is asked about again."""
_OPEN = (ItemState.PENDING.value, ItemState.IN_FLIGHT.value, ItemState.ACCEPTED.value)

# of what a patient waits for
_OF_MARK = Prepared(select(PersonUpdateRow.id).where(PersonUpdateRow.mark == param("of_mark")))
_ADD = Prepared(insert(PersonUpdateRow))
_RENEW = Prepared(
    update(PersonUpdateRow)
    .where(PersonUpdateRow.id == param("row"))
    .values(session_id=param("session"), last_session_id=param("seen"), agreed_at=param("agreed"))
)
_SEEN = Prepared(
    update(PersonUpdateRow).where(PersonUpdateRow.id == param("row")).values(last_session_id=param("seen"))
)


def note(
    connection: Connection, keys: Keys, draft: ReceptionDraft, new_id: Callable[[], str], *, now: datetime
) -> str | None:
    """What a reception says about its card's certificate; the id of what was ended by a *no*, if anything.

    A *yes* begins or renews, a *no* ends at once, and who was not asked stays as they are.
    """
    if draft.certificate is None:
        return None
    mark = _mark(keys, draft.certificate)
    known: str | None = _OF_MARK.value(connection, of_mark=mark)
    decisions = [record.decision for record in draft.consents if record.item is ConsentItem.PERSON_UPDATE]
    decision = decisions[-1] if decisions else None
    if known is not None and decision is Decision.NO:
        end(connection, known, now=now)
        return known
    if known is not None and decision is Decision.YES:
        _RENEW.run(connection, row=known, session=draft.session_id, seen=draft.session_id, agreed=now)
    elif known is not None:
        _SEEN.run(connection, row=known, seen=draft.session_id)
    elif decision is Decision.YES:
        row_id = new_id()
        _ADD.run(
            connection,
            id=row_id,
            mark=mark,
            session_id=draft.session_id,
            last_session_id=draft.session_id,
            agreed_at=now,
            certificate_sealed=_sealed(keys, row_id, draft.certificate),
        )
    return None


def subscribed(connection: Connection, keys: Keys, now: datetime) -> list[Subscribed]:
    """Every certificate that is watched and not being asked about."""
    rows = connection.execute(
        select(PersonUpdateRow.id, PersonUpdateRow.certificate_sealed)
        .outerjoin(OutboxRow, OutboxRow.id == PersonUpdateRow.item_id)
        .where(PersonUpdateRow.certificate_sealed.is_not(None))
        .where(or_(OutboxRow.id.is_(None), OutboxRow.state.not_in(_OPEN)))
        .where(or_(PersonUpdateRow.asked_at.is_(None), PersonUpdateRow.asked_at <= now - _ASKED_AGAIN_AFTER))
        .order_by(PersonUpdateRow.id)
    )
    return [Subscribed(row.id, _opened(keys, row.id, row.certificate_sealed)) for row in rows]


def certificate(connection: Connection, keys: Keys, row_id: str) -> CertificateName | None:
    """The certificate that is watched under an id; None once that has ended."""
    sealed = connection.execute(
        select(PersonUpdateRow.certificate_sealed).where(PersonUpdateRow.id == row_id)
    ).scalar_one_or_none()
    return None if sealed is None else _opened(keys, row_id, sealed)


def consent(connection: Connection, row_id: str) -> tuple[str, ConsentRecord]:
    """The session in which the patient agreed, and the decision."""
    row = connection.execute(
        select(*ConsentRow.__table__.columns)
        .join(PersonUpdateRow, PersonUpdateRow.session_id == ConsentRow.session_id)
        .where(PersonUpdateRow.id == row_id, ConsentRow.item == ConsentItem.PERSON_UPDATE.value)
    ).one()
    record = ConsentRecord(
        ConsentItem.PERSON_UPDATE,
        Decision(row.decision),
        row.text_version,
        row.language,
        row.decided_at,
        Given(row.given),
    )
    return row.session_id, record


def asked(connection: Connection, row_id: str, item_id: str, now: datetime) -> None:
    """The provider is being asked, by that item."""
    connection.execute(
        update(PersonUpdateRow).where(PersonUpdateRow.id == row_id).values(item_id=item_id, asked_at=now)
    )


def answered(connection: Connection, keys: Keys, item: OutboxItem, content: bytes, now: datetime) -> None:
    """Keep the news for the desk, and watch the certificate that came after. Nothing where it has ended.

    The news stands in one place only: the item keeps neither question nor answer.
    """
    payload = connection.execute(select(OutboxRow.payload_sealed).where(OutboxRow.id == item.id)).scalar_one()
    connection.execute(
        update(OutboxRow).where(OutboxRow.id == item.id).values(payload_sealed=None, answer_sealed=None)
    )
    row_id = connection.execute(
        select(PersonUpdateRow.id).where(
            PersonUpdateRow.item_id == item.id, PersonUpdateRow.certificate_sealed.is_not(None)
        )
    ).scalar_one_or_none()
    if row_id is None or payload is None:
        return
    told = read_update(keys.open(payload, place=f"outbox.payload:{item.id}"), content)
    if told.successor is not None:
        row_id = _follow(connection, keys, row_id, told.successor)
    if told.change is not None:
        sealed = keys.seal(told.change.sealed_text(), place=_place("change", row_id))
        connection.execute(
            update(PersonUpdateRow)
            .where(PersonUpdateRow.id == row_id)
            .values(change_sealed=sealed, changed_at=now, taken_at=None, taken_by=None)
        )


def _follow(connection: Connection, keys: Keys, row_id: str, successor: CertificateName) -> str:
    """Watch the certificate that came after; the id under which it is watched.

    With the new card the patient may have agreed anew before: that consent goes on, with news that nobody has
    read, and whoever ends it ends them, too. This one is over then.
    """
    mark = _mark(keys, successor)
    other: str | None = connection.execute(
        select(PersonUpdateRow.id).where(PersonUpdateRow.mark == mark, PersonUpdateRow.id != row_id)
    ).scalar_one_or_none()
    this = PersonUpdateRow.id == row_id
    if other is None:
        sealed = _sealed(keys, row_id, successor)
        values = {"mark": mark, "certificate_sealed": sealed, "asked_at": None}
        connection.execute(update(PersonUpdateRow).where(this).values(values))
        return row_id
    news = connection.execute(
        select(PersonUpdateRow.change_sealed, PersonUpdateRow.changed_at).where(this)
    ).one()
    connection.execute(
        update(PersonUpdateRow).where(this).values(mark=None, certificate_sealed=None, change_sealed=None)
    )
    if news.change_sealed is not None:
        text = keys.open(news.change_sealed, place=_place("change", row_id))
        connection.execute(
            update(PersonUpdateRow)
            .where(PersonUpdateRow.id == other, PersonUpdateRow.change_sealed.is_(None))
            .values(
                change_sealed=keys.seal(text, place=_place("change", other)),
                changed_at=news.changed_at,
                taken_at=None,
                taken_by=None,
            )
        )
    return other


def take(connection: Connection, keys: Keys, row_id: str, who: str, now: datetime) -> PersonChange | None:
    """The news, for the one time that it is read; None where there is none."""
    sealed = connection.execute(
        select(PersonUpdateRow.change_sealed).where(PersonUpdateRow.id == row_id)
    ).scalar_one_or_none()
    if sealed is None:
        return None
    connection.execute(
        update(PersonUpdateRow)
        .where(PersonUpdateRow.id == row_id)
        .values(change_sealed=None, taken_at=now, taken_by=who)
    )
    return PersonChange.of(keys.open(sealed, place=_place("change", row_id)))


def withdraw(connection: Connection, row_id: str, *, now: datetime) -> WithdrawResult:
    """End a subscription that still stands."""
    row = connection.execute(
        select(PersonUpdateRow.withdrawn_at, PersonUpdateRow.certificate_sealed).where(
            PersonUpdateRow.id == row_id
        )
    ).one_or_none()
    if row is None:
        return WithdrawResult.UNKNOWN
    if row.withdrawn_at is not None or row.certificate_sealed is None:
        return WithdrawResult.ENDED
    end(connection, row_id, now=now)
    return WithdrawResult.WITHDRAWN


def end(connection: Connection, row_id: str, *, now: datetime) -> None:
    """Erase the certificate and unread news; a question on its way is void, and its answer dropped."""
    item_id = connection.execute(
        select(PersonUpdateRow.item_id).where(PersonUpdateRow.id == row_id)
    ).scalar_one_or_none()
    connection.execute(
        update(PersonUpdateRow)
        .where(PersonUpdateRow.id == row_id)
        .values(mark=None, certificate_sealed=None, change_sealed=None, withdrawn_at=now)
    )
    if item_id is not None:
        connection.execute(
            update(OutboxRow).where(OutboxRow.id == item_id).values(payload_sealed=None, answer_sealed=None)
        )
        connection.execute(
            update(OutboxRow)
            .where(OutboxRow.id == item_id, OutboxRow.state != ItemState.DONE.value)
            .values(state=ItemState.DONE.value, needs_staff=False, next_attempt_at=None, acked_at=now)
        )


def note_act(connection: Connection, keys: Keys, row_id: str, what: str, who: str, at: datetime) -> None:
    """Write down what a person did, with the reception at which the card was seen last."""
    session_id = connection.execute(
        select(PersonUpdateRow.last_session_id).where(PersonUpdateRow.id == row_id)
    ).scalar_one()
    detail = f"{what}:{row_id}"
    audit_rows.append(
        connection, keys, AuditAct.STAFF_ACT, at=at, session_id=session_id, who=who, detail=detail
    )


def of_number(connection: Connection, number: str, on: datetime) -> str | None:
    """The subscription of whoever was received under a number on the day of `on` (a Tokyo time)."""
    letter, _, ordinal = number.partition("-")
    if not (ordinal.isascii() and ordinal.isdecimal()):
        return None
    return connection.execute(
        select(PersonUpdateRow.id)
        .join(ReceptionRow, _received())
        .where(
            ReceptionRow.day == on.date(), ReceptionRow.letter == letter, ReceptionRow.ordinal == int(ordinal)
        )
        .order_by(PersonUpdateRow.certificate_sealed.is_(None), PersonUpdateRow.id.desc())
        .limit(1)
    ).scalar_one_or_none()


def listing(connection: Connection, *, news_only: bool) -> list[Subscription]:
    """Subscriptions in the order of their making, with the reception at which the card was seen last."""
    statement = (
        select(
            *PersonUpdateRow.__table__.columns,
            ReceptionRow.letter,
            ReceptionRow.ordinal,
            ReceptionRow.day,
            OutboxRow.state,
        )
        .select_from(PersonUpdateRow)
        .join(ReceptionRow, _received())
        .outerjoin(OutboxRow, OutboxRow.id == PersonUpdateRow.item_id)
        .order_by(PersonUpdateRow.id)
    )
    if news_only:
        statement = statement.where(PersonUpdateRow.change_sealed.is_not(None))
    return [_subscription(row) for row in connection.execute(statement).mappings()]


def mark_anew(connection: Connection, keys: Keys) -> None:
    """Under a new key every watched certificate has a new mark."""
    rows = connection.execute(
        select(PersonUpdateRow.id, PersonUpdateRow.certificate_sealed).where(
            PersonUpdateRow.certificate_sealed.is_not(None)
        )
    ).all()
    for row in rows:
        mark = _mark(keys, _opened(keys, row.id, row.certificate_sealed))
        connection.execute(update(PersonUpdateRow).where(PersonUpdateRow.id == row.id).values(mark=mark))


def _received() -> ColumnElement[bool]:
    return ReceptionRow.session_id == PersonUpdateRow.last_session_id


def _subscription(row: RowMapping) -> Subscription:
    if row["change_sealed"] is not None:
        state = UpdateState.CHANGED
    elif row["certificate_sealed"] is None:
        state = UpdateState.ENDED
    else:
        state = UpdateState.ASKED if row["state"] in _OPEN else UpdateState.WATCHED
    return Subscription(
        id=row["id"],
        number=number_of(row["letter"], row["ordinal"]),
        day=row["day"],
        agreed_at=row["agreed_at"],
        state=state,
        changed_at=row["changed_at"],
        taken_at=row["taken_at"],
        taken_by=row["taken_by"],
        withdrawn_at=row["withdrawn_at"],
    )


def _mark(keys: Keys, name: CertificateName) -> bytes:
    return keys.visit_mac(_MARK, name.key())


def _sealed(keys: Keys, row_id: str, name: CertificateName) -> bytes:
    return keys.seal(json.dumps(name.value()).encode(), place=_place("certificate", row_id))


def _opened(keys: Keys, row_id: str, sealed: bytes) -> CertificateName:
    return CertificateName.of(json.loads(keys.open(sealed, place=_place("certificate", row_id))))


def _place(column: str, row_id: str) -> str:
    return f"person_updates.{column}:{row_id}"
