# SPDX-License-Identifier: Apache-2.0
"""``kiosk queue reference``: the desk registers the clinic's own number of a patient (照会番号)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from kiosk import settings
from kiosk.commands.console import EXIT_DONE, EXIT_NO, Console
from kiosk.commands.queue import records_exist, visited
from kiosk.commands.staff import known_person
from kiosk.eligibility.codec_json import parse
from kiosk.eligibility.other_messages import ReferenceAnswer
from kiosk.eligibility.reference import is_reference_number
from kiosk.errors import ConfigurationError, FailureCode
from kiosk.outbox.references import ReferenceAct, ReferenceResult

_SAID = {
    ReferenceResult.QUEUED: "It is registered by the queue now; kiosk queue show tells how it went.",
    ReferenceResult.ASKED_ALREADY: "That was asked for already: nothing was changed.",
    ReferenceResult.KNOWN: "The answer has that number already: nothing was changed.",
    ReferenceResult.OTHER_WAITS: "Another number of this patient waits: settle it first.",
    ReferenceResult.NO_CHECK: "There is no answered check of that id, or its answer was erased.",
    ReferenceResult.NOT_ONE_PERSON: "The answer does not find one person insured: nothing was registered.",
}


def register(console: Console, config: Path | None, check_id: str, number: str, staff: str) -> int:
    """Put the registration into the queue; 1 when nothing came of it. The same act again changes nothing."""
    chosen = settings.load(config)
    who = known_person(chosen, staff)
    if not chosen.handover.reference_number.enabled:
        raise ConfigurationError(
            FailureCode.CONFIG_INVALID, detail="[handover.reference_number] is switched off."
        )
    if not is_reference_number(number):
        raise ConfigurationError(
            FailureCode.CONFIG_INVALID, detail="a number has 1 to 50 letters, digits or signs of ASCII"
        )
    act = ReferenceAct(ReferenceResult.NO_CHECK)
    if records_exist(chosen):
        with visited(chosen) as store:
            act = store.references.register(check_id, number, chosen.kiosk.institution_code, who)
    lines = [_SAID[act.result], *([f"item {act.item_id}"] if act.item_id else [])]
    console.answer({"id": check_id, "result": act.result.value, "item": act.item_id}, lines)
    done = (ReferenceResult.QUEUED, ReferenceResult.ASKED_ALREADY, ReferenceResult.KNOWN)
    return EXIT_DONE if act.result in done else EXIT_NO


def document_of(item_id: str, content: bytes) -> Mapping[str, object]:
    """What the terminal answered to a registration, as it came, without whom it is about."""
    found = parse(ReferenceAnswer, content)
    header, body = found.header, found.body
    return {
        "id": item_id,
        "segment": header.segment,
        "error_code": header.error_code,
        "error_message": header.error_message,
        "status": body.status,
        "result_code": body.result_code,
        "result_message": body.result_message,
    }
