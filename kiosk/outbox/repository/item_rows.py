# SPDX-License-Identifier: Apache-2.0
"""Rows of the outbox as values, and the statements by which they are written and found."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import UTC, datetime

from sqlalchemy import Integer, Text, bindparam, func, insert, select, text, update
from sqlalchemy.dialects.sqlite import insert as upsert

from kiosk.errors import FailureCode
from kiosk.ids import ulid_moment
from kiosk.outbox.model import ItemState, OutboxItem, OutboxKind
from kiosk.outbox.repository.prepared import UNREADABLE, Prepared, Row, Value, param
from kiosk.outbox.schema import ENDED, FRESH, NEEDS_STAFF, OUT, WAITING, OutboxRow

ITEM = (
    OutboxRow.id,
    OutboxRow.kind,
    OutboxRow.state,
    OutboxRow.needs_staff,
    OutboxRow.session_id,
    OutboxRow.occurred_at,
    OutboxRow.endpoint,
    OutboxRow.attempts,
    OutboxRow.next_attempt_at,
    OutboxRow.last_status,
    OutboxRow.last_error_code,
    OutboxRow.depends_on,
    OutboxRow.acked_at,
)
_KINDS = {kind.value: kind for kind in OutboxKind if kind is not OutboxKind.UNREADABLE}
_STATES = {state.value: state for state in ItemState}
_CODES = {code.value: code for code in FailureCode}
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)

_KEY = param("key")
_DUE = param("due")
# endpoints come as one JSON list, so that the statement is the same for any number of them
_BUT = text("endpoint NOT IN (SELECT value FROM json_each(:without))").bindparams(
    bindparam("without", "[]", type_=Text)
)

ADD = Prepared(insert(OutboxRow))
ADD_ONCE = Prepared(upsert(OutboxRow).on_conflict_do_nothing())
PICK = tuple(
    Prepared(
        select(*ITEM)
        .where(text(condition), OutboxRow.next_attempt_at <= _DUE, _BUT)
        .order_by(OutboxRow.next_attempt_at, OutboxRow.id)
        .limit(param("most", Integer()))
    )
    for condition in (FRESH, WAITING)
)
NEXT = tuple(
    Prepared(
        select(OutboxRow.next_attempt_at)
        .where(text(condition), OutboxRow.next_attempt_at.is_not(None), _BUT)
        .order_by(OutboxRow.next_attempt_at, OutboxRow.id)
        .limit(1)
    )
    for condition in (FRESH, WAITING)
)
FIND = Prepared(select(*ITEM).where(OutboxRow.id == _KEY))
FIND_WITH_BODY = Prepared(select(*ITEM, OutboxRow.payload_sealed).where(OutboxRow.id == _KEY))
FIND_ANSWER = Prepared(select(OutboxRow.answer_sealed).where(OutboxRow.id == _KEY))
TAKE = Prepared(
    update(OutboxRow)
    .where(OutboxRow.id == _KEY)
    .values(state=param("new_state"), attempts=param("new_attempts"))
)
_ENDS: dict[str, Value] = {
    name: param(f"new_{name}")
    for name in (
        "state",
        "needs_staff",
        "last_status",
        "last_error_code",
        "next_attempt_at",
        "acked_at",
    )
}
_BEING_TRIED = OutboxRow.state.in_((ItemState.IN_FLIGHT.value, ItemState.ACCEPTED.value))
FINISH = Prepared(update(OutboxRow).where(OutboxRow.id == _KEY, _BEING_TRIED).values(_ENDS))
FINISH_WITH_ANSWER = Prepared(
    update(OutboxRow)
    .where(OutboxRow.id == _KEY, _BEING_TRIED)
    .values({**_ENDS, "answer_sealed": param("new_answer_sealed")})
)
RELEASE = Prepared(
    update(OutboxRow)
    .where(
        OutboxRow.depends_on == _KEY,
        OutboxRow.state == ItemState.PENDING.value,
        OutboxRow.next_attempt_at.is_(None),
    )
    .values(next_attempt_at=param("due"))
)
# each in the index of its condition, with no look at a row: fresh, out, waiting and ended are all there are
COUNT_FRESH, COUNT_OUT, COUNT_FOR_STAFF = (
    Prepared(select(func.count()).select_from(OutboxRow).where(text(condition)))
    for condition in (FRESH, OUT, NEEDS_STAFF)
)
COUNT_BY_STATE = tuple(
    Prepared(select(OutboxRow.state, func.count()).where(text(condition)).group_by(OutboxRow.state))
    for condition in (WAITING, ENDED)
)
OLDEST = Prepared(
    select(OutboxRow.occurred_at)
    .where(OutboxRow.state.in_(("pending", "in_flight", "accepted")))
    .order_by(OutboxRow.id)
    .limit(1)
)
LAST_SUCCESS = Prepared(
    select(OutboxRow.acked_at)
    .where(OutboxRow.state == ItemState.DONE.value, OutboxRow.acked_at.is_not(None))
    .order_by(OutboxRow.acked_at.desc())
    .limit(1)
)
LAST_ERROR = Prepared(
    select(OutboxRow.last_error_code)
    .where(OutboxRow.state != ItemState.DONE.value, OutboxRow.last_error_code.is_not(None))
    .order_by(OutboxRow.id.desc())
    .limit(1)
)


def item_of(row: Row) -> OutboxItem:
    """The values of one row. A damaged row is one too: staff can see and settle it, nothing sends it."""
    (
        item_id,
        kind,
        state,
        needs_staff,
        session_id,
        occurred_at,
        endpoint,
        attempts,
        due,
        status,
        code,
        depends_on,
        acked,
    ) = row
    known = _KINDS.get(kind, OutboxKind.UNREADABLE)
    if UNREADABLE in (occurred_at, due, acked) or not isinstance(attempts, int):
        known = OutboxKind.UNREADABLE
    return OutboxItem(
        id=item_id,
        kind=known,
        state=_STATES.get(state, ItemState.PENDING),
        needs_staff=bool(needs_staff),
        session_id=session_id,
        occurred_at=(ulid_moment(item_id) or _NEVER) if occurred_at is UNREADABLE else occurred_at,
        endpoint=endpoint,
        attempts=attempts if isinstance(attempts, int) else 0,
        next_attempt_at=None if due is UNREADABLE else due,
        last_status=status if isinstance(status, int) else None,
        last_error=code_of(code),
        depends_on=depends_on,
        acked_at=None if acked is UNREADABLE else acked,
    )


def code_of(stored: str | None) -> FailureCode | None:
    """A failure code as it is stored; one this program does not know is shown as its own trouble."""
    return _CODES.get(stored, FailureCode.INTERNAL) if stored else None


def endpoints(without: Collection[str]) -> str:
    """Names of endpoints as the statements take them."""
    return json.dumps(sorted(without))


def place(column: str, item_id: str) -> str:
    """What a sealed value of the outbox is bound to."""
    return f"outbox.{column}:{item_id}"
