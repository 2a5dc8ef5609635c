# SPDX-License-Identifier: Apache-2.0
"""Whether an answer is the one to our question, and what it says; pure."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace

from kiosk.eligibility.codec_json import parse, parse_answer
from kiosk.eligibility.decide import is_ours, outcome_of
from kiosk.eligibility.message import MessageUnreadable, strange
from kiosk.eligibility.model import Answer
from kiosk.eligibility.other_messages import ReferenceAnswer
from kiosk.eligibility.outcome import Outcome
from kiosk.eligibility.reference import Registering, reference_standing
from kiosk.errors import FailureCode, KioskError
from kiosk.outbox.retry import Action, Verdict

_REFERENCE_VERDICTS = {
    Registering.DONE: Verdict(Action.DONE),
    Registering.IN_PROCESS: Verdict(Action.ACCEPTED, FailureCode.UPSTREAM_NO_ANSWER),
    Registering.REFUSED: Verdict(Action.REFUSED, FailureCode.REFERENCE_REFUSED),
}
_LONGEST = 200  # whoever sends more unknown codes than that is not to fill a screen


class AnswerReader:
    """Reads answers to qualification checks of one institution, whichever way they came.

    Lives on: any thread; holds no state that changes.
    """

    def __init__(self, institution_code: str) -> None:
        self._institution_code = institution_code

    def outcome(self, key: str, answer: bytes) -> Outcome:
        """What the answer to the check of that key says; `UPSTREAM_ANSWER_WRONG` when it is not one."""
        try:
            message = parse_answer(answer)
        except MessageUnreadable as error:
            raise KioskError(FailureCode.UPSTREAM_ANSWER_WRONG, detail=error.detail) from None
        if not is_ours(message, self._institution_code, key):
            raise KioskError(FailureCode.UPSTREAM_ANSWER_WRONG, detail="the answer to another question")
        outcome = outcome_of(message, self._institution_code, key)
        if outcome.code is FailureCode.CODE_UNKNOWN:
            return replace(outcome, raw=unknown_codes(message))
        return outcome


def unknown_codes(message: Answer) -> str:
    """The codes of an answer that no list has, by the names of their elements; nothing of a person."""
    return ", ".join(str(one) for one in strange(message) if one.is_code)[:_LONGEST]


def read_registration(body: bytes, answer: bytes) -> Verdict:
    """How the registration of the card in `body` stands; what is not about that card decides nothing."""
    told = _object(answer)
    asked = _certificate(body)
    if told is None or (asked is not None and told.get("certificate_sha256") != asked):
        return Verdict(Action.AGAIN, FailureCode.UPSTREAM_ANSWER_WRONG)
    match told.get("registered"):
        case True:
            return Verdict(Action.DONE)
        case False:
            return Verdict(Action.REFUSED, FailureCode.UPSTREAM_REFUSED)
        case _:
            return Verdict(Action.AGAIN, FailureCode.UPSTREAM_ANSWER_WRONG)


def _certificate(body: bytes) -> str | None:
    """The SHA-256 of the certificate in a request, in hex; None where it has none."""
    evidence = (_object(body) or {}).get("evidence")
    text = evidence.get("certificate") if isinstance(evidence, Mapping) else None
    try:
        return hashlib.sha256(base64.b64decode(text, validate=True)).hexdigest() if text else None
    except (TypeError, ValueError):
        return None


def _object(text: bytes) -> Mapping[str, object] | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, Mapping) else None


def read_reference(body: bytes, answer: bytes) -> Verdict:
    """How the registration of a number in `body` stands; what is no answer to it decides nothing."""
    try:
        return _REFERENCE_VERDICTS[reference_standing(json.loads(body), parse(ReferenceAnswer, answer))]
    except MessageUnreadable:
        return Verdict(Action.AGAIN, FailureCode.UPSTREAM_ANSWER_WRONG)
