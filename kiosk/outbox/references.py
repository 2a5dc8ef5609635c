# SPDX-License-Identifier: Apache-2.0
"""Registrations of the clinic's own patient numbers, as the desk asks for them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from kiosk.clock import TOKYO, Clock
from kiosk.eligibility.codec_json import parse_answer
from kiosk.eligibility.codes import plain
from kiosk.eligibility.decide import outcome_of
from kiosk.eligibility.message import MessageUnreadable
from kiosk.eligibility.model import Result
from kiosk.eligibility.outcome import OutcomeKind
from kiosk.eligibility.reference import asked_number, is_reference_number, reference_body
from kiosk.outbox.audit import AuditAct
from kiosk.outbox.model import ItemState, OutboxKind
from kiosk.outbox.repository import audit_rows, items
from kiosk.outbox.repository.engine import Database
from kiosk.outbox.sealing import Keys


class ReferenceResult(StrEnum):
    """What became of a wish to register a number."""

    QUEUED = "queued"
    ASKED_ALREADY = "asked_already"
    KNOWN = "known"
    OTHER_WAITS = "other_waits"
    NO_CHECK = "no_check"
    NOT_ONE_PERSON = "not_one_person"


@dataclass(frozen=True, slots=True)
class ReferenceAct:
    """The result, and the item that registers the number where there is one."""

    result: ReferenceResult
    item_id: str | None = None


class References:
    """Puts registrations into the queue, each once.

    Lives on: any thread; every call is a transaction of its own.
    """

    def __init__(
        self, database: Database, keys: Keys, clock: Clock, new_id: Callable[[datetime], str]
    ) -> None:
        self._database = database
        self._keys = keys
        self._clock = clock
        self._new_id = new_id

    def register(self, check_id: str, number: str, institution_code: str, who: str) -> ReferenceAct:
        """Register the number for the one person whom the answer to that check found insured.

        The same act again finds the first one's item. A number can be corrected once the registration of the
        wrong one has ended; what was settled by hand counts as never sent.
        """
        if not is_reference_number(number):
            raise ValueError("not a number that can be registered")
        now = self._clock.now()
        with self._database.writing() as connection:
            check = items.find(connection, check_id)
            if check is None or check.kind is not OutboxKind.QUALIFICATION_CHECK:
                return ReferenceAct(ReferenceResult.NO_CHECK)
            answer = items.answer(connection, self._keys, check_id)
            if check.state is not ItemState.DONE or answer is None:
                return ReferenceAct(ReferenceResult.NO_CHECK)
            person = _insured(answer, institution_code, check_id)
            if person is None:
                return ReferenceAct(ReferenceResult.NOT_ONE_PERSON)
            last_id = items.newest_following(connection, check_id, OutboxKind.REFERENCE_NUMBER)
            last = None if last_id is None else items.find(connection, last_id)
            if last is not None:
                ended = last.state is ItemState.DONE
                settled = ended and items.answer(connection, self._keys, last.id) is None
                body = items.body(connection, self._keys, last.id)
                same = body is not None and asked_number(json.loads(body)) == number
                if same and not settled:
                    return ReferenceAct(ReferenceResult.ASKED_ALREADY, last.id)
                if not ended:
                    return ReferenceAct(ReferenceResult.OTHER_WAITS, last.id)
            elif plain(person.reference_number) == number:
                return ReferenceAct(ReferenceResult.KNOWN)
            item_id = self._new_id(now)
            content = reference_body(person, number, institution_code)
            items.add_following(
                connection,
                self._keys,
                check,
                item_id,
                OutboxKind.REFERENCE_NUMBER,
                json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode(),
                occurred_at=now.astimezone(TOKYO),
                now=now,
            )
            audit_rows.append(
                connection,
                self._keys,
                AuditAct.STAFF_ACT,
                at=now,
                session_id=check.session_id,
                who=who,
                detail=f"reference_number:{item_id}",
            )
        return ReferenceAct(ReferenceResult.QUEUED, item_id)


def _insured(answer: bytes, institution_code: str, check_id: str) -> Result | None:
    """The one person the answer finds insured, named by insurer and number; None where it does not."""
    try:
        message = parse_answer(answer)
    except MessageUnreadable:
        return None
    if outcome_of(message, institution_code, check_id).kind is not OutcomeKind.ELIGIBLE:
        return None
    person = message.results[0]
    return person if plain(person.insurer_number) and plain(person.number) else None
