# SPDX-License-Identifier: Apache-2.0
"""Outbox items in their table: put in, picked, taken out, finished, and what staff may do with them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, case, select, text, update

from kiosk.errors import FailureCode
from kiosk.outbox.model import (
    HAND_OVER_SUFFIX,
    Finish,
    ItemState,
    OutboxItem,
    OutboxKind,
    Parcel,
    QueueStats,
    ReceptionDraft,
)
from kiosk.outbox.repository import item_rows
from kiosk.outbox.repository.item_rows import code_of, endpoints, item_of, place
from kiosk.outbox.repository.prepared import UNREADABLE, Prepared
from kiosk.outbox.schema import NEEDS_STAFF, OUT, WAITING, OutboxRow
from kiosk.outbox.sealing import Keys


def add_draft(
    connection: Connection, keys: Keys, draft: ReceptionDraft, ids: Sequence[str], *, now: datetime
) -> None:
    """Put in every item of a draft under its id; one that depends on another has no due time yet."""
    item_rows.ADD.run_many(
        connection,
        [
            {
                "id": item_id,
                "kind": item.kind.value,
                "state": ItemState.PENDING.value,
                "needs_staff": False,
                "session_id": draft.session_id,
                "occurred_at": draft.occurred_at,
                "endpoint": item.endpoint,
                "payload_sealed": keys.seal(item.body, place=place("payload", item_id)),
                "answer_sealed": None,
                "attempts": 0,
                "next_attempt_at": now if item.depends_on is None else None,
                "last_status": None,
                "last_error_code": None,
                "acked_at": None,
                "depends_on": None if item.depends_on is None else ids[item.depends_on],
            }
            for item_id, item in zip(ids, draft.items, strict=True)
        ],
    )


def add_unreadable(connection: Connection, item_id: str, session_id: str, *, occurred_at: datetime) -> None:
    """Put in what stands for a record of which nothing can be read any more: staff see it and settle it."""
    item_rows.ADD.run(
        connection,
        id=item_id,
        kind=OutboxKind.UNREADABLE.value,
        state=ItemState.PENDING.value,
        needs_staff=True,
        session_id=session_id,
        occurred_at=occurred_at,
        endpoint="",
        attempts=0,
        last_error_code=FailureCode.STORE_ITEM_DAMAGED.value,
    )


def due(
    connection: Connection, now: datetime, limit: int, *, without: Collection[str] = ()
) -> list[OutboxItem]:
    """What may go out now, items never tried first: somebody may be waiting at the screen for them.

    Items meant for an endpoint in `without` stay where they are.
    """
    found: list[OutboxItem] = []
    for pick in item_rows.PICK:
        rows = pick.rows(connection, due=now, without=endpoints(without), most=limit - len(found))
        found.extend(item_of(row) for row in rows)
        if len(found) >= limit:
            break
    return found


def next_due(connection: Connection, *, without: Collection[str] = ()) -> datetime | None:
    """When the next item falls due; None when nothing waits for time alone."""
    moments = [pick.value(connection, without=endpoints(without)) for pick in item_rows.NEXT]
    return min((moment for moment in moments if isinstance(moment, datetime)), default=None)


def take_out(connection: Connection, keys: Keys, item_id: str) -> Parcel | None:
    """Mark an item as being tried and open its body; None when it is no longer waiting.

    An accepted item stays accepted: asking about it changes nothing upstream.
    """
    row = item_rows.FIND_WITH_BODY.first(connection, key=item_id)
    if row is None:
        return None
    item, sealed = item_of(row[:-1]), row[-1]
    if item.next_attempt_at is None:
        return None
    if item.state is ItemState.PENDING:
        item = replace(item, state=ItemState.IN_FLIGHT)
    elif item.state is not ItemState.ACCEPTED:
        return None
    item = replace(item, attempts=item.attempts + 1)
    if sealed is not None:  # opened first: one that cannot be is left as it was
        body = keys.open(sealed, place=place("payload", item_id))
    else:
        body = (answer(connection, keys, item.depends_on) if item.depends_on else None) or b""
    item_rows.TAKE.run(connection, key=item_id, new_state=item.state.value, new_attempts=item.attempts)
    return Parcel(item, body)


def finish(
    connection: Connection,
    keys: Keys,
    item_id: str,
    result: Finish,
    *,
    now: datetime,
    hand_overs: Sequence[OutboxKind],
) -> OutboxItem | None:
    """Write down how a try ended, and in the same breath make what follows from it.

    None when the item had reached its end already, so that a late answer changes nothing.
    """
    values: dict[str, object] = {
        "key": item_id,
        "new_state": result.state.value,
        "new_needs_staff": result.needs_staff,
        "new_last_status": result.status,
        "new_last_error_code": result.code.value if result.code else None,
        "new_next_attempt_at": result.next_attempt_at,
        "new_acked_at": now if result.state in (ItemState.DONE, ItemState.REFUSED) else None,
    }
    statement = item_rows.FINISH
    if result.answer is not None:
        statement = item_rows.FINISH_WITH_ANSWER
        values["new_answer_sealed"] = keys.seal(result.answer, place=place("answer", item_id))
    if statement.run(connection, **values) != 1:
        return None
    item = find(connection, item_id)
    if item is not None and result.state is ItemState.DONE:
        if item.kind is OutboxKind.QUALIFICATION_CHECK and result.answer is not None:
            _add_hand_overs(connection, item, hand_overs, now)
        _release_dependents(connection, item_id, now)
    elif item is not None and _refused_registration(item):
        # the check asks all the same: its answer tells the desk how the person stands
        _release_dependents(connection, item_id, now)
    return item


def _refused_registration(item: OutboxItem) -> bool:
    return item.kind is OutboxKind.USAGE_REGISTRATION and item.state is ItemState.REFUSED


def set_aside(connection: Connection, item_id: str, code: FailureCode, until: datetime) -> None:
    """Let an item that cannot even be taken out wait, counted and shown to staff; it stays what it was."""
    connection.execute(
        update(OutboxRow)
        .where(OutboxRow.id == item_id, OutboxRow.state.not_in(("done", "refused")))
        .values(
            state=case((OutboxRow.state == "in_flight", "pending"), else_=OutboxRow.state),
            attempts=OutboxRow.attempts + 1,
            needs_staff=True,
            last_status=None,
            last_error_code=code.value,
            next_attempt_at=until,
        )
    )


def _add_hand_overs(
    connection: Connection, check: OutboxItem, kinds: Sequence[OutboxKind], now: datetime
) -> None:
    for kind in kinds:
        item_rows.ADD_ONCE.run(
            connection,
            id=f"{check.id}:{HAND_OVER_SUFFIX[kind]}",
            kind=kind.value,
            state=ItemState.PENDING.value,
            needs_staff=False,
            session_id=check.session_id,
            occurred_at=check.occurred_at,
            endpoint=kind.value,
            attempts=0,
            next_attempt_at=now,
            depends_on=check.id,
        )


def add_following(
    connection: Connection,
    keys: Keys,
    check: OutboxItem,
    item_id: str,
    kind: OutboxKind,
    content: bytes,
    *,
    occurred_at: datetime,
    now: datetime,
) -> None:
    """Put in what staff ask for after a check was answered; it goes to the place of its kind's name."""
    item_rows.ADD.run(
        connection,
        id=item_id,
        kind=kind.value,
        state=ItemState.PENDING.value,
        needs_staff=False,
        session_id=check.session_id,
        occurred_at=occurred_at,
        endpoint=kind.value,
        payload_sealed=keys.seal(content, place=place("payload", item_id)),
        attempts=0,
        next_attempt_at=now,
        depends_on=check.id,
    )


def newest_following(connection: Connection, check_id: str, kind: OutboxKind) -> str | None:
    """The last item of that kind that follows from a check."""
    return connection.scalar(
        select(OutboxRow.id)
        .where(OutboxRow.depends_on == check_id, OutboxRow.kind == kind.value)
        .order_by(OutboxRow.id.desc())
        .limit(1)
    )


def _release_dependents(connection: Connection, item_id: str, now: datetime) -> None:
    item_rows.RELEASE.run(connection, key=item_id, due=now)


def recover(connection: Connection, now: datetime) -> int:
    """Put everything that was being tried back, under the same key; how many there were."""
    result = connection.execute(
        update(OutboxRow).where(text(OUT)).values(state=ItemState.PENDING.value, next_attempt_at=now)
    )
    return int(result.rowcount)


def release_waits(connection: Connection, codes: Collection[FailureCode], now: datetime) -> int:
    """Let everything that last failed with one of these codes, and without a status, go at once."""
    result = connection.execute(
        update(OutboxRow)
        .where(
            text(WAITING),
            OutboxRow.last_status.is_(None),
            OutboxRow.last_error_code.in_([code.value for code in codes]),
            OutboxRow.next_attempt_at > now,
        )
        .values(next_attempt_at=now)
    )
    return int(result.rowcount)


def hold_back(
    connection: Connection, endpoint: str, code: FailureCode, now: datetime, until: datetime
) -> int:
    """An endpoint cannot be reached: what is due and was tried before waits with it."""
    result = connection.execute(
        update(OutboxRow)
        .where(text(WAITING), OutboxRow.endpoint == endpoint, OutboxRow.next_attempt_at <= now)
        .values(
            next_attempt_at=until,
            last_status=None,
            last_error_code=code.value,
        )
    )
    return int(result.rowcount)


def bring_forward(connection: Connection, latest: datetime) -> int:
    """Let nothing wait beyond `latest`; used when the clock was put back, and for "try now"."""
    result = connection.execute(
        update(OutboxRow)
        .where(
            OutboxRow.state.in_((ItemState.PENDING.value, ItemState.ACCEPTED.value)),
            OutboxRow.next_attempt_at > latest,
        )
        .values(next_attempt_at=latest)
    )
    return int(result.rowcount)


def find(connection: Connection, item_id: str) -> OutboxItem | None:
    """One item without its sealed columns."""
    row = item_rows.FIND.first(connection, key=item_id)
    return None if row is None else item_of(row)


def listing(
    connection: Connection, state: ItemState | None, *, needs_staff: bool, limit: int
) -> list[OutboxItem]:
    """Items in the order of their making."""
    statement = select(*item_rows.ITEM).order_by(OutboxRow.id).limit(limit)
    if state is not None:
        statement = statement.where(OutboxRow.state == state.value)
    if needs_staff:
        statement = statement.where(text(NEEDS_STAFF))
    return [item_of(row) for row in Prepared(statement).rows(connection)]


def answer(connection: Connection, keys: Keys, item_id: str) -> bytes | None:
    """The stored answer of an item, opened."""
    sealed = item_rows.FIND_ANSWER.value(connection, key=item_id)
    return None if sealed is None else keys.open(sealed, place=place("answer", item_id))


def body(connection: Connection, keys: Keys, item_id: str) -> bytes | None:
    """What an item sends, opened; None where it has no body of its own any more."""
    row = item_rows.FIND_WITH_BODY.first(connection, key=item_id)
    return None if row is None or row[-1] is None else keys.open(row[-1], place=place("payload", item_id))


def answer_of_session(connection: Connection, keys: Keys, session_id: str) -> bytes | None:
    """The stored answer of a session's check, opened; None where there is none yet."""
    found = connection.scalar(
        select(OutboxRow.id).where(
            OutboxRow.session_id == session_id, OutboxRow.kind == OutboxKind.QUALIFICATION_CHECK.value
        )
    )
    return None if found is None else answer(connection, keys, found)


def send_again(connection: Connection, item_id: str, now: datetime) -> None:
    """Put a waiting or refused item in front, as if never tried."""
    connection.execute(
        update(OutboxRow)
        .where(OutboxRow.id == item_id)
        .values(
            state=ItemState.PENDING.value,
            needs_staff=False,
            attempts=0,
            next_attempt_at=now,
            last_error_code=None,
            last_status=None,
            acked_at=None,
        )
    )


def close_by_hand(connection: Connection, item_id: str, now: datetime) -> None:
    """End an item without upstream; what waited for it may go."""
    connection.execute(
        update(OutboxRow)
        .where(OutboxRow.id == item_id)
        .values(state=ItemState.DONE.value, needs_staff=False, next_attempt_at=None, acked_at=now)
    )
    _release_dependents(connection, item_id, now)


def stats(connection: Connection) -> QueueStats:
    """How many stand where, how old the oldest is, and how it last went."""
    counts = dict.fromkeys(ItemState, 0)
    counts[ItemState.PENDING] += item_rows.COUNT_FRESH.value(connection)
    counts[ItemState.IN_FLIGHT] += item_rows.COUNT_OUT.value(connection)
    for statement in item_rows.COUNT_BY_STATE:
        for state, count in statement.rows(connection):
            counts[ItemState(state)] += count
    staff = item_rows.COUNT_FOR_STAFF.value(connection)
    oldest = item_rows.OLDEST.value(connection)
    last_success = item_rows.LAST_SUCCESS.value(connection)
    last_error = item_rows.LAST_ERROR.value(connection)
    return QueueStats(
        pending=counts[ItemState.PENDING],
        in_flight=counts[ItemState.IN_FLIGHT],
        accepted=counts[ItemState.ACCEPTED],
        done=counts[ItemState.DONE],
        refused=counts[ItemState.REFUSED],
        needs_staff=staff,
        oldest=None if oldest is UNREADABLE else oldest,
        last_success=None if last_success is UNREADABLE else last_success,
        last_error=code_of(last_error),
    )
