# SPDX-License-Identifier: Apache-2.0
"""A reception as it is taken in: everything about it as one value, to be sealed and filed later. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, datetime

from kiosk.consent.items import ConsentItem, ConsentRecord, Decision, Given
from kiosk.outbox.audit import checked_detail
from kiosk.outbox.model import DraftItem, OutboxKind, ReceptionDraft
from kiosk.outbox.person_updates import CertificateName
from kiosk.outbox.schema import OffsetMoment, UtcMoment

_LENGTH_BYTES = 4
# what is no text that can be stored is refused here, and not when it is filed
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What the patient did, the keys of its items, its number, when it was committed, the mark of the visit.

    The draft's `person_key` is not kept: the mark was made of it.
    """

    draft: ReceptionDraft
    item_ids: tuple[str, ...]
    letter: str
    ordinal: int
    day: date
    at: datetime
    mark: bytes | None = field(repr=False)


def pack(taken: TakenIn) -> bytes:
    """All of it as one value: facts as JSON behind their length, then the items' bodies.

    `ValueError` for what could not be filed later.
    """
    draft = taken.draft
    checked_detail(draft.verification)
    if len({record.item for record in draft.consents}) != len(draft.consents):
        raise ValueError("one decision about each item")
    facts = {
        "letter": taken.letter,
        "ordinal": taken.ordinal,
        "day": taken.day.isoformat(),
        "at": UtcMoment.to_text(taken.at),
        "mark": None if taken.mark is None else taken.mark.hex(),
        "occurred_at": OffsetMoment.to_text(draft.occurred_at),
        "verification": draft.verification,
        "consents": [
            (
                record.item,
                record.decision,
                record.text_version,
                record.language,
                UtcMoment.to_text(record.decided_at),
                record.given,
            )
            for record in draft.consents
        ],
        "items": [
            (item_id, item.kind, item.endpoint, _earlier(item.depends_on, place), len(item.body))
            for place, (item_id, item) in enumerate(zip(taken.item_ids, draft.items, strict=True))
        ],
        "certificate": None if draft.certificate is None else draft.certificate.value(),
    }
    head = _JSON.encode(facts).encode()
    return b"".join((len(head).to_bytes(_LENGTH_BYTES), head, *(item.body for item in draft.items)))


def unpack(session_id: str, plain: bytes) -> TakenIn:
    """The reverse; `ValueError` where it is none."""
    try:
        return _unpacked(session_id, plain)
    except (LookupError, TypeError, AttributeError) as error:
        problem = f"no reception: {type(error).__name__}"
        raise ValueError(problem) from None


def _earlier(depends_on: int | None, place: int) -> int | None:
    if depends_on is not None and not 0 <= depends_on < place:
        raise ValueError("an item depends on an earlier one")
    return depends_on


def _unpacked(session_id: str, plain: bytes) -> TakenIn:
    begin = _LENGTH_BYTES + int.from_bytes(plain[:_LENGTH_BYTES])
    facts = json.loads(plain[_LENGTH_BYTES:begin])
    made: list[DraftItem] = []
    for _, kind, endpoint, depends_on, length in facts["items"]:
        made.append(DraftItem(OutboxKind(kind), plain[begin : begin + length], endpoint, depends_on))
        begin += length
    certificate, mark = facts["certificate"], facts["mark"]
    draft = ReceptionDraft(
        session_id=session_id,
        occurred_at=datetime.fromisoformat(facts["occurred_at"]),
        consents=tuple(_consent(*values) for values in facts["consents"]),
        items=tuple(made),
        person_key=b"",
        verification=facts["verification"],
        certificate=None if certificate is None else CertificateName.of(certificate),
    )
    return TakenIn(
        draft=draft,
        item_ids=tuple(item_id for item_id, *_ in facts["items"]),
        letter=facts["letter"],
        ordinal=facts["ordinal"],
        day=date.fromisoformat(facts["day"]),
        at=datetime.fromisoformat(facts["at"]),
        mark=None if mark is None else bytes.fromhex(mark),
    )


def _consent(
    item: str, decision: str, text_version: str, language: str, decided_at: str, given: str
) -> ConsentRecord:
    return ConsentRecord(
        ConsentItem(item),
        Decision(decision),
        text_version,
        language,
        datetime.fromisoformat(decided_at),
        Given(given),
    )
